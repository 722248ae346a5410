"""The statistics of heel strikers' cycles, and the stride and contact that they give a runner.

The stride is not in balance with its ground force yet (:mod:`strikelean.virtual.gait`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.interpolate import CubicSpline

from strikelean.errors import ConfigError
from strikelean.formats.files import read_statistics
from strikelean.formats.series import FloatArray
from strikelean.markersets import SIDES
from strikelean.stride.mean_cycles import CYCLE, LEG, PELVIS, STANCE
from strikelean.stride.splines import PeriodicBasis

NOTES = {"source", "runners", "stature_m"}
COLUMNS = ("quantity", "unit", "phase_percent", "mean", "sd_runners", "sd_steps")


@dataclass(frozen=True)
class GaitTable:
    """Group statistics of heel strikers' cycles.

    Attributes:
        source: where the recordings come from, with DOI.
        runners: how many.
        height_m, powers: times are those of a runner of this stature; with another stature they
            grow with these powers of it.
        phases: ``{quantity: (K,)}`` percent; single numbers have one phase, -1.
        means: ``{quantity: (K,)}``.
        between, within: principal variations of runners and of steps,
            ``{quantity: (count, K)}``, per standard deviation of their scores.
    """

    source: str
    runners: int
    height_m: float
    powers: Mapping[str, float]
    phases: dict[str, FloatArray]
    means: dict[str, FloatArray]
    between: dict[str, FloatArray]
    within: dict[str, FloatArray]

    def counts(self) -> tuple[int, int]:
        """Return the numbers of variations of runners and of steps."""
        return len(self.between["contact_time"]), len(self.within["contact_time"])

    def runner(self, scores: FloatArray, height_m: float) -> dict[str, FloatArray]:
        """Return a runner's mean cycle, ``{quantity: (K,)}``, for (count,) scores."""
        cycle = {name: self.means[name] + scores @ self.between[name] for name in self.means}
        for name, power in self.powers.items():
            cycle[name] = cycle[name] * (height_m / self.height_m) ** power
        return cycle

    def at(self, name: str, values: FloatArray, phase: FloatArray) -> FloatArray:
        """Return a quantity of the cycle at phases 0 to 200; the ground gives nothing in swing."""
        known = self.phases[name]
        if name.startswith(("ground_", "cop_")):
            stance = known <= STANCE
            found = np.interp(phase, known[stance], values[stance])
            return np.asarray(np.where(phase <= STANCE, found, 0.0))
        return np.asarray(np.interp(phase, known, values, period=CYCLE))


def read_gait_table(path: Path) -> GaitTable:
    """Read a table of :func:`strikelean.virtual.gait_statistics.build_gait`.

    Raises:
        ConfigError: no such file, or not such a table.
    """
    notes, table = read_statistics(
        path, "read_gait_table", "a table of heel strikers' cycles", "virtual.gait"
    )
    runner = [name for name in table.columns if name.startswith("runner_")]
    step = [name for name in table.columns if name.startswith("step_")]
    if not set(COLUMNS) <= set(table.columns) or not runner or not step or not set(notes) >= NOTES:
        raise ConfigError(
            "read_gait_table",
            f"columns {', '.join(COLUMNS)} and a header in {path.name}",
            "others",
            "Build it anew: make templates DATA=...",
        )
    grown = next(text for name, text in notes.items() if name.startswith("powers of stature"))
    parts: Mapping[str, pd.DataFrame] = {
        str(name): part for name, part in table.groupby("quantity", sort=False)
    }
    return GaitTable(
        notes["source"],
        int(notes["runners"]),
        float(notes["stature_m"]),
        {name: float(power) for name, power in (part.split() for part in grown.split(", "))},
        {name: part["phase_percent"].to_numpy(dtype=np.float64) for name, part in parts.items()},
        {name: part["mean"].to_numpy(dtype=np.float64) for name, part in parts.items()},
        {name: part[runner].to_numpy(dtype=np.float64).T for name, part in parts.items()},
        {name: part[step].to_numpy(dtype=np.float64).T for name, part in parts.items()},
    )


FORCES = ("ground_forward_force", "ground_vertical_force", "ground_outward_force")
# Recorded contacts begin and end at 50 N; from there to nothing at most so many percent of stance.
LONGEST_TAIL = 4.0
# The centre of pressure is a quotient of small numbers near both ends of a contact: it is held.
PRESSURE_HELD = (1.0, 95.0)
STEP_PERCENT = 0.25
QUANTITIES = ("forward", "vertical", "outward", "turn", "along", "across", "height")
# Where the foot is in a contact, known outside it too.
PLACES = QUANTITIES[4:]


def _tail(value: float, slope: float) -> float:
    """Return the length of a parabola from nothing to a value with a slope, percent."""
    return min(2.0 * value / slope, LONGEST_TAIL) if slope > 0.0 else LONGEST_TAIL


@dataclass(frozen=True)
class ContactShape:
    """A contact of a right foot over its percent of stance, from nothing to nothing.

    Attributes:
        percent: (K,) from before 0 (rising through 50 N) to beyond 100 (falling through it).
        values: ``{quantity: (K,)}``: forward, vertical and outward force (body weights), turn
            (free moment about the vertical, body weight metres, as it acts on a right foot),
            along and across (centre of pressure, heel to fifth metatarsal lengths), height (of the
            sole's lowest point above its lowest in the contact, m).
    """

    percent: FloatArray
    values: Mapping[str, FloatArray]

    @property
    def span(self) -> tuple[float, float]:
        """Percent at which the force begins and ends."""
        return float(self.percent[0]), float(self.percent[-1])

    def at(self, quantity: str, percent: FloatArray) -> FloatArray:
        """Return a quantity at percents of stance; no force outside the contact."""
        first, last = self.span
        inner = np.clip(percent, first, last)
        found = CubicSpline(self.percent, self.values[quantity])(inner)
        if quantity in PLACES:
            return np.asarray(found)
        return np.asarray(np.where((percent > first) & (percent < last), found, 0.0))


def contact_shape(table: GaitTable, cycle: Mapping[str, FloatArray]) -> ContactShape:
    """Return a runner's contact.

    Args:
        table: knows the cycle's phases.
        cycle: a runner's, of :meth:`GaitTable.runner`.
    """
    stance = table.phases["ground_vertical_force"] <= STANCE
    known = table.phases["ground_vertical_force"][stance]
    vertical = cycle["ground_vertical_force"][stance]
    curve = CubicSpline(known, vertical)
    slopes = float(curve(0.0, 1)), float(-curve(100.0, 1))
    tails = _tail(vertical[0], slopes[0]), _tail(vertical[-1], slopes[1])
    percent: FloatArray = np.arange(-tails[0], 100.0 + tails[1] + 1e-9, STEP_PERCENT, np.float64)
    inner = np.clip(percent, 0.0, 100.0)
    # between 50 N and nothing the force keeps its direction
    early = np.clip(1.0 + percent / tails[0], 0.0, 1.0) ** 2
    late = np.clip(1.0 - (percent - 100.0) / tails[1], 0.0, 1.0) ** 2
    fade = np.where(percent < 0.0, early, np.where(percent > 100.0, late, 1.0))
    found = {
        short: CubicSpline(known, cycle[name][stance])(inner) * fade
        for short, name in zip(QUANTITIES[:3], FORCES, strict=True)
    }
    found["vertical"] = np.maximum(found["vertical"], 0.0)
    found["turn"] = -CubicSpline(known, cycle["ground_free_moment"][stance])(inner) * fade
    held = np.clip(percent, *PRESSURE_HELD)
    for short in ("along", "across"):
        values = CubicSpline(known, cycle[f"cop_{short}"][stance])(held)
        found[short] = np.clip(values, 0.0, 1.0) if short == "along" else values
    height = CubicSpline(known, cycle["sole_height"][stance])(inner)
    found["height"] = height - height.min()
    return ContactShape(percent, found)


# Recorded angles were filtered at 15 Hz; what a mean over cycles adds above is no motion.
SMOOTH_HZ = 16.0
SAMPLES = 512
# Knots of the motion; 12 ms follow a ground force of 50 Hz.
KNOT_S = 0.012
# The forearm is close to perpendicular to the upper arm (Yegian 2019, doi 10.1242/jeb.197228).
# How far arms swing is worked out: they balance the legs' turning about the vertical (Hinrichs
# 1987, Arellano & Kram 2014, doi 10.1242/jeb.100420). The other figures are this project's start.
ELBOW_DEG = 95.0
ARM_DEG: Mapping[str, float] = {"arm_flex": -10.0, "arm_add": -15.0, "pro_sup": 45.0}
ARM_SWING_DEG, ARM_LAG = 20.0, 0.1


@dataclass(frozen=True)
class RunnerStyle:
    """How a runner runs.

    Attributes:
        cycle: mean cycle of :meth:`GaitTable.runner`.
        lean_rad: trunk lean, forward positive.
    """

    cycle: Mapping[str, FloatArray]
    lean_rad: float


@dataclass(frozen=True)
class StrideTemplate:
    """One periodic stride; time 0 is the right foot's contact (50 N).

    Attributes:
        basis: splines of the motion over a stride that begins in the middle of a flight.
        coefficients: (count, Q), rad and m.
        contact: of a right foot.
        contact_s: from 50 N to 50 N.
    """

    basis: PeriodicBasis
    coefficients: FloatArray
    contact: ContactShape
    contact_s: float

    @property
    def period_s(self) -> float:
        """Duration of the stride."""
        return self.basis.period_s

    def motion(self, time_s: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return coordinates, speeds and accelerations at (K,) times, (K, Q) each."""
        found = [self.basis.matrix(time_s, order) @ self.coefficients for order in range(3)]
        return found[0], found[1], found[2]


def foot_phase(time_s: FloatArray, start_s: float, contact_s: float, period_s: float) -> FloatArray:
    """Return a foot's phase, 0 contact, 100 toe-off, 200 its next contact, at (K,) times."""
    since = np.mod(time_s - start_s, period_s)
    swing = (since - contact_s) / (period_s - contact_s)
    return np.asarray(100.0 * np.where(since <= contact_s, since / contact_s, 1.0 + swing))


def _smooth(values: FloatArray, period_s: float) -> FloatArray:
    waves = np.fft.rfft(values, axis=0)
    waves[np.arange(len(waves)) / period_s > SMOOTH_HZ] = 0.0
    return np.asarray(np.fft.irfft(waves, len(values), axis=0))


def stride_template(
    table: GaitTable, style: RunnerStyle, names: tuple[str, ...], height_m: float
) -> StrideTemplate:
    """Return a runner's stride as the templates have it.

    Both feet do the same, half a stride apart; the pelvis does what suits both.

    Args:
        table: group statistics.
        style: of the runner.
        names: coordinates of the model.
        height_m: stature.
    """
    cycle = style.cycle
    period, contact = float(cycle["cycle_time"][0]), float(cycle["contact_time"][0])
    time_s = np.arange(SAMPLES) / SAMPLES * period
    phases = {
        side: foot_phase(time_s, start, contact, period)
        for side, start in zip(SIDES, (0.0, 0.5 * period), strict=True)
    }
    values = np.zeros((SAMPLES, len(names)))

    def put(name: str, found: FloatArray) -> None:
        values[:, names.index(name)] = found

    def both(name: str, sign: float) -> FloatArray:
        right, left = (table.at(name, cycle[name], phases[side]) for side in SIDES)
        return np.asarray(0.5 * (right + sign * left))

    for side in SIDES:
        for name in LEG:
            put(f"{name}_{side[0]}", np.radians(table.at(name, cycle[name], phases[side])))
    for name, sign in PELVIS.items():
        put(name, np.radians(both(name, sign)))
    put("pelvis_ty", height_m * both("pelvis_height", 1.0))
    put("pelvis_tz", height_m * both("pelvis_sideways", -1.0))
    # the thorax leans and otherwise faces where the runner runs
    put("lumbar_extension", -style.lean_rad - values[:, names.index("pelvis_tilt")])
    put("lumbar_bending", -values[:, names.index("pelvis_list")])
    put("lumbar_rotation", -values[:, names.index("pelvis_rotation")])
    _put_arms(put, time_s / period)
    count = round(period / KNOT_S)
    basis = PeriodicBasis(-0.5 * (0.5 * period - contact), period, count)
    smooth = _smooth(values, period)
    coefficients = np.asarray(np.linalg.lstsq(basis.matrix(time_s), smooth, rcond=None)[0], float)
    return StrideTemplate(basis, coefficients, contact_shape(table, cycle), contact)


def _put_arms(put: Callable[[str, FloatArray], None], share: FloatArray) -> None:
    """Set the angles of both arms at shares (K,) of the stride."""
    swing = np.radians(ARM_SWING_DEG) * np.cos(2.0 * np.pi * (share - ARM_LAG))
    for side, sign in (("r", -1.0), ("l", 1.0)):
        for name, angle in ARM_DEG.items():
            rest = np.full(len(share), np.radians(angle))
            # an arm is back when its own leg is in front
            put(f"{name}_{side}", rest + (sign * swing if name == "arm_flex" else 0.0))
        put(f"elbow_flex_{side}", np.full(len(share), np.radians(ELBOW_DEG)))
