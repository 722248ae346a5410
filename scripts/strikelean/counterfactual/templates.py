"""What goes with a foot-strike angle in recorded runners: slopes per degree, with their errors.

Two of each: over runners (feet, clustered within their runner), and over the steps of runners at
the same vertical impulse.
Only means, slopes and errors of at least five runners are kept, never one runner's curve.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from strikelean.counterfactual.strike_cycles import IMPULSE, NUMBERS, WAVES
from strikelean.errors import ConfigError, RecordingError
from strikelean.exclusions import usable
from strikelean.formats.files import read_rows, read_statistics, whole_file
from strikelean.formats.series import FloatArray
from strikelean.lab.strike_classes import FOREFOOT_BELOW_DEG
from strikelean.stride.mean_cycles import CYCLE, PHASE, STANCE

MIN_RUNNERS = 5
# The centre of pressure is a quotient of small numbers near both ends of a contact: it is held.
PRESSURE_HELD = (5, 92)
ANGLE = "foot_strike_angle"
SUMS = ("mean", "with_angle", "with_impulse")
COLUMNS = ("mean", "slope", "slope_se", "slope_within", "slope_within_se")


@dataclass(frozen=True)
class Slope:
    """What one quantity does per degree of foot-strike angle.

    Attributes:
        mean: (K,) over feet; a number is (1,).
        between, between_se: (K,) slope over runners, and its standard error.
        within, within_se: (K,) slope over the steps of runners.
    """

    mean: FloatArray
    between: FloatArray
    between_se: FloatArray
    within: FloatArray
    within_se: FloatArray

    def both(self) -> tuple[float, float]:
        """Return a number's slope from both, each weighted by its error, and its error."""
        weights = np.array([self.between_se[0], self.within_se[0]]) ** -2.0
        slope = weights @ [self.between[0], self.within[0]] / weights.sum()
        return float(slope), float(weights.sum() ** -0.5)


@dataclass(frozen=True)
class Choice:
    """How the slopes are taken; docs/counterfactual.md says what each moves.

    Attributes:
        within: slopes of steps within runners, not over runners.
        hip: the hip changes as the recorded hip angle does, not as the thigh's turn.
        knee_errors: standard errors by which the knee's slope is raised.
        contact_errors, peak_errors, rate_errors: the same of contact time, active peak, step rate.
    """

    within: bool = False
    hip: bool = False
    knee_errors: float = 0.0
    contact_errors: float = 0.0
    peak_errors: float = 0.0
    rate_errors: float = 0.0


def _pressure_at(wave: FloatArray, phase: FloatArray) -> FloatArray:
    held = np.clip(phase, *PRESSURE_HELD)
    return np.asarray(np.interp(held, PHASE[: STANCE + 1], wave[: STANCE + 1]))


@dataclass(frozen=True)
class Template:
    """Slopes on foot-strike angle.

    Attributes:
        runners, feet, steps: how many of them there are.
        source: where the recordings come from, with DOI.
        forefoot_deg: mean foot-strike angle of the feet that land on the forefoot; None where
            they are of too few runners.
        slopes: by quantity.
        choice: how they are taken.
    """

    runners: int
    feet: int
    steps: int
    source: str
    forefoot_deg: float | None
    slopes: Mapping[str, Slope]
    choice: Choice = field(default_factory=Choice)

    def at(self, quantity: str, phase: FloatArray) -> FloatArray:
        """Return a quantity's slope at phases 0 to 200, (K,) per degree.

        Angles repeat with the cycle. What the ground does is zero in swing; its centre of
        pressure is held where the force is too small to tell.
        """
        own = self.slopes[quantity]
        wave = own.within if self.choice.within else own.between
        if quantity == "knee_angle":
            wave = wave + self.choice.knee_errors * own.between_se
        if quantity.startswith("cop_"):
            return _pressure_at(wave, phase)
        if quantity.startswith("ground_"):
            inside = np.interp(phase, PHASE[: STANCE + 1], wave[: STANCE + 1])
            return np.asarray(np.where(phase <= STANCE, inside, 0.0))
        return np.asarray(np.interp(phase, PHASE, wave, period=CYCLE))

    def pressure_error(self, quantity: str, phase: FloatArray) -> FloatArray:
        """Return the standard error of a slope of the centre of pressure, (K,) per degree."""
        own = self.slopes[quantity]
        return _pressure_at(own.within_se if self.choice.within else own.between_se, phase)

    def thigh_at(self, phase: FloatArray) -> FloatArray:
        """Return the slope of what the hip turns the thigh by, (K,) deg per degree."""
        return self.at("hip_flexion" if self.choice.hip else "thigh", phase)

    def number(self, quantity: str) -> float:
        """Return a number's slope: contact and cycle time in shares of them, active peak in BW."""
        own = self.slopes[quantity]
        slope, error = self._both(own)
        errors = {
            "contact_time": self.choice.contact_errors,
            "active_peak": self.choice.peak_errors,
            "cycle_time": -self.choice.rate_errors,
        }[quantity]
        slope += errors * error
        return slope if quantity == "active_peak" else slope / float(own.mean[0])

    def _both(self, own: Slope) -> tuple[float, float]:
        if self.choice.within:
            return float(own.within[0]), float(own.within_se[0])
        return own.both()


@dataclass(frozen=True)
class _Feet:
    """Feet of runners, and one quantity of them.

    Attributes:
        runners: (F,) whose feet, by number.
        angle: (F,) mean foot-strike angle.
        spread: (F, 2, 2) sums of products of its steps' deviations of angle and vertical impulse.
        mean: (F, K) mean of the quantity.
        moved: (F, 2, K) sum of products of its steps' deviations with those of angle and impulse.
    """

    runners: NDArray[np.int64]
    angle: FloatArray
    spread: FloatArray
    mean: FloatArray
    moved: FloatArray

    def slopes(self, kept: NDArray[np.bool_]) -> FloatArray:
        """Return the slopes of some feet (F,), (2, K): over runners, and over their steps.

        Those of steps are at the same vertical impulse: one step may push off harder than the next,
        a technique at one step rate carries the body's weight as before.
        """
        angle, mean = self.angle[kept], self.mean[kept]
        away = angle - angle.mean()
        between = away @ (mean - mean.mean(axis=0)) / (away @ away)
        within = np.linalg.solve(self.spread[kept].sum(axis=0), self.moved[kept].sum(axis=0))[0]
        return np.stack([between, within])

    def slope(self) -> Slope:
        """Return the slopes and their errors, leaving out one runner after the other.

        This jackknife of whole clusters holds for few of them, whatever goes with what within
        one (CV3 of Bell & McCaffrey 2002 and Cameron & Miller 2015, doi 10.3368/jhr.50.2.317).
        """
        every = np.ones(len(self.angle), dtype=bool)
        found = self.slopes(every)
        without = np.stack([self.slopes(self.runners != r) for r in np.unique(self.runners)])
        count = len(without)
        errors = np.sqrt((count - 1) / count * ((without - without.mean(axis=0)) ** 2).sum(axis=0))
        return Slope(self.mean.mean(axis=0), found[0], errors[0], found[1], errors[1])


def build_template(
    cycles: Sequence[Path], source: str, output: Path, excluded: Sequence[str] = ()
) -> None:
    """Write what goes with the foot-strike angle over runners, and over their steps.

    Args:
        cycles: ``cycle.csv`` of every runner; the folder two above names the runner.
        source: where the recordings come from, for the header.
        output: table written: quantity, unit, phase_percent, mean, and both slopes with errors.
        excluded: runners left out, those that are to be judged.

    Raises:
        RecordingError: fewer than five runners.
        FailedError: a cycle could not be made, for no fault of its recording.
    """
    tables = {path.parents[1].name: read_rows(path) for path in usable(cycles)}
    kept = {name: table for name, table in tables.items() if name not in excluded}
    if len(kept) < MIN_RUNNERS:
        raise RecordingError(
            "build_template",
            f"at least {MIN_RUNNERS} runners",
            f"{len(kept)}",
            "Add runners: statistics of fewer would show a single runner",
        )
    every = pd.concat([table.assign(runner=name) for name, table in kept.items()])
    every = every.sort_values(["runner", "side", "quantity", "phase_percent"])
    numbers = every[every["quantity"] == ANGLE].set_index(["runner", "side"])
    lines = [
        "# Slopes on the foot-strike angle, over runners (feet, clustered within their runner) and",
        "# over the steps of runners at the same vertical impulse; standard errors by leaving out",
        "# one runner after the other.",
        f"# source: {source}",
        f"# runners: {len(kept)}",
        f"# feet: {len(numbers)}",
        f"# steps: {int(numbers['steps'].sum())}",
        *_forefoot(numbers),
        "# phase: 0 contact, 100 toe-off, 200 the same foot's next contact; -1 a single number.",
    ]
    frames = [_rows(every, numbers, name, unit) for name, unit in {**NUMBERS, **WAVES}.items()]
    text = pd.concat(frames).to_csv(index=False, float_format="%.5g", lineterminator="\n")
    with whole_file(output) as sibling:
        sibling.write_text("\n".join(lines) + "\n" + text, encoding="utf-8")


def _forefoot(numbers: pd.DataFrame) -> list[str]:
    """Return the mean angle of the feet that land on the forefoot, a line of the header."""
    angles = numbers["mean"][numbers["mean"] < FOREFOOT_BELOW_DEG]
    runners = angles.index.get_level_values("runner").nunique()
    if runners < MIN_RUNNERS:
        return []
    return [
        f"# forefoot_deg: {angles.mean():.2f} (mean of {len(angles)} feet of {runners} runners)"
    ]


def _rows(every: pd.DataFrame, numbers: pd.DataFrame, name: str, unit: str) -> pd.DataFrame:
    """Return a quantity's rows of the table."""

    def of_feet(quantity: str) -> FloatArray:
        own = every.loc[every["quantity"] == quantity, list(SUMS)].to_numpy()
        return own.reshape(len(numbers), -1, len(SUMS)).transpose(0, 2, 1)

    found = of_feet(name)
    spread = np.concatenate([of_feet(part)[:, 1:] for part in (ANGLE, IMPULSE)], axis=2)
    runners = np.unique(numbers.index.get_level_values("runner"), return_inverse=True)[1]
    slope = _Feet(runners, numbers["mean"].to_numpy(), spread, found[:, 0], found[:, 1:]).slope()
    values = (slope.mean, slope.between, slope.between_se, slope.within, slope.within_se)
    phase = -1 if name in NUMBERS else PHASE
    columns = {"quantity": name, "unit": unit, "phase_percent": phase}
    return pd.DataFrame(columns | dict(zip(COLUMNS, values, strict=True)))


def read_template(path: Path) -> Template:
    """Read a table of :func:`build_template`.

    Raises:
        ConfigError: no such file, or not such a table.
    """
    notes, table = read_statistics(
        path, "read_template", "a table of slopes on foot-strike angle", "counterfactual.template"
    )
    counts = {"runners", "feet", "steps", "source"}
    if not {"quantity", "phase_percent", *COLUMNS} <= set(table.columns) or not counts <= set(
        notes
    ):
        raise ConfigError(
            "read_template",
            f"columns {', '.join(COLUMNS)} and a header in {path.name}",
            "others",
            "Build it anew: make templates DATA=...",
        )
    forefoot = notes.get("forefoot_deg")
    slopes = {
        str(name): Slope(*(part[column].to_numpy(dtype=np.float64) for column in COLUMNS))
        for name, part in table.groupby("quantity")
    }
    return Template(
        int(notes["runners"]),
        int(notes["feet"]),
        int(notes["steps"]),
        notes["source"],
        float(forefoot.split()[0]) if forefoot else None,
        slopes,
    )
