"""Group statistics of heel strikers' cycles: means, and how runners and their steps vary.

What varies is given as principal variations, one column each, in the quantity's unit for one
standard deviation of its score. Scores of the recorded runners are not kept, and fewer
variations than would be needed to tell one of them from the others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from strikelean.counterfactual.strike import lowest
from strikelean.dynamics.solve import Motion, read_motion
from strikelean.errors import RecordingError
from strikelean.formats.files import write_text
from strikelean.formats.ground import GroundForces, read_ground, write_ground
from strikelean.formats.series import FloatArray
from strikelean.formats.trc import read_trc
from strikelean.lab.forces import ground_forces
from strikelean.lab.strike_classes import REARFOOT_ABOVE_DEG
from strikelean.loads.waveforms import resample
from strikelean.markersets import SIDES, load_markerset
from strikelean.model.forward import place_points, solve_forward
from strikelean.signals import lowpass
from strikelean.stride.cut_strides import sole_points
from strikelean.stride.mean_cycles import (
    CYCLE,
    LEG,
    MIN_STEPS,
    STANCE,
    UNITS,
    CycleInputs,
    FootCycles,
)

# Enough to show the impact of a heel, below the belt's own vibration (project choice).
IMPACT_HZ, IMPACT_ORDER = 50.0, 4
# The centre of pressure is held below this vertical force, as in the recordings.
PRESSURE_FROM_N = 50.0
MIN_RUNNERS = 5
# Variations kept, at most: between runners as many as describe them, within them what 90 % need.
BETWEEN, WITHIN = 5, 8
# The swing before a contact belongs to its step from this phase on, the one after it until there.
SWING_SPLIT = 150
# Beside the quantities of a mean cycle: the soft lowest of heel, fifth metatarsal and toe above
# where they are in the standing trial. A shoe gives, and late in stance a foot rests on its toes.
SOLE_HEIGHT = "sole_height"
QUANTITIES = UNITS | {SOLE_HEIGHT: "m"}
NUMBERS = {"contact_time": "s", "cycle_time": "s", "foot_strike_angle": "deg"}
GROWING = ("contact_time", "cycle_time")
# Swing needs fewer rows than stance.
KEPT = np.concatenate([np.arange(STANCE + 1), np.arange(STANCE + 2, CYCLE + 1, 2)])


@dataclass(frozen=True)
class StepCycles:
    """A runner's cycles, both feet pooled.

    Attributes:
        waves: ``{quantity: (steps, 201)}``.
        numbers: ``{quantity: (steps,)}``.
        follows: (steps,) row of the same foot's cycle before, -1 where it is not known.
        height_m: stature.
    """

    waves: dict[str, FloatArray]
    numbers: dict[str, FloatArray]
    follows: NDArray[np.int64]
    height_m: float


@dataclass(frozen=True)
class GaitInputs:
    """Files of one solved trial beside those of its cycles."""

    cycle: CycleInputs
    ground_unfiltered: Path
    static_trc: Path
    marker_set: Path


def _sole_heights(motion: Motion, inputs: GaitInputs) -> dict[str, FloatArray]:
    """Return how high each sole's soft lowest point is, (T,) by side."""
    tree = motion.tree
    soles = sole_points(tree, load_markerset(inputs.marker_set), read_trc(inputs.static_trc))
    pose = solve_forward(tree, motion.coordinates)
    found = {}
    for sole in soles:
        places = place_points(pose, np.full(len(sole.points_m), sole.body), sole.points_m)
        found[sole.side] = lowest(places[..., 1].T)
    return found


def _sharp_ground(ground: GroundForces) -> GroundForces:
    """Return ground forces and pressure up to 50 Hz."""
    feet = {}
    for side in SIDES:
        own = ground.wrench(side)
        force, moment = (
            lowpass(part, own.rate_hz, IMPACT_HZ, IMPACT_ORDER, own.time_s)
            for part in (own.force_n, own.moment_nm)
        )
        feet[side] = replace(own, force_n=force, moment_nm=moment)
    return ground_forces(feet, PRESSURE_FROM_N)


def read_step_cycles(inputs: GaitInputs) -> StepCycles:
    """Return the cycles of a solved trial, ground forces up to 50 Hz.

    Raises:
        RecordingError: fewer than three whole cycles.
    """
    motion = read_motion(inputs.cycle.scaled_osim, inputs.cycle.kinematics)
    heights = _sole_heights(motion, inputs)
    parts: list[StepCycles] = []
    with TemporaryDirectory() as scratch:
        sharp = Path(scratch) / "grf.mot"
        write_ground(sharp, _sharp_ground(read_ground(inputs.ground_unfiltered)))
        feet = [FootCycles(replace(inputs.cycle, grf=sharp), motion, side) for side in SIDES]
        every = [foot.waveforms() for foot in feet]
    for foot, waves in zip(feet, every, strict=True):
        waves[SOLE_HEIGHT] = resample(motion.time_s, heights[foot.side], foot.grid)
        known = np.isfinite(np.stack([waves[name] for name in LEG])).all(axis=(0, 2))
        spans = foot.spans[known]
        numbers = {
            "contact_time": spans[:, 1] - spans[:, 0],
            "cycle_time": spans[:, 2] - spans[:, 0],
            "foot_strike_angle": spans[:, 3],
        }
        follows = np.full(len(spans), -1)
        for row in range(1, len(spans)):
            if abs(spans[row - 1, 2] - spans[row, 0]) < 1e-6:
                follows[row] = row - 1
        chosen = {name: wave[known] for name, wave in waves.items()}
        parts.append(StepCycles(chosen, numbers, follows, inputs.cycle.height_m))
    count = len(parts[0].follows)
    second = np.where(parts[1].follows >= 0, parts[1].follows + count, -1)
    cycles = StepCycles(
        {name: np.concatenate([part.waves[name] for part in parts]) for name in QUANTITIES},
        {name: np.concatenate([part.numbers[name] for part in parts]) for name in NUMBERS},
        np.concatenate([parts[0].follows, second]),
        inputs.cycle.height_m,
    )
    if len(cycles.follows) < MIN_STEPS:
        raise RecordingError(
            "build_gait",
            f"{MIN_STEPS} cycles from contact to the same foot's next",
            f"{len(cycles.follows)}",
            "Raise steps.margin_s, so that swings are solved too",
        )
    return cycles


def step_deviations(cycles: StepCycles) -> dict[str, FloatArray]:
    """Return how each step differs from its runner's mean, ``{quantity: (steps, 201 or 1)}``.

    A step is its stance with the half swings on both sides: phases from 150 on are of the swing
    before the contact. Steps whose swing before is not known are left out.
    """
    rows = np.flatnonzero(cycles.follows >= 0)
    before = cycles.follows[rows]
    found = {}
    for name, waves in cycles.waves.items():
        step = waves[rows].copy()
        step[:, SWING_SPLIT:] = waves[before][:, SWING_SPLIT:]
        # where a foot stands on the belt is no style
        if name == "pelvis_height":
            step -= step.mean(axis=1, keepdims=True)
        found[name] = np.nan_to_num(step - step.mean(axis=0))
    for name, numbers in cycles.numbers.items():
        found[name] = (numbers[rows] - numbers[rows].mean())[:, None]
    return found


@dataclass(frozen=True)
class Variations:
    """Principal variations of rows of quantities.

    Attributes:
        waves: ``{quantity: (count, length)}``, per standard deviation of its score.
        share: (count,) of the standardised variance.
    """

    waves: dict[str, FloatArray]
    share: FloatArray


def principal_variations(
    rows: Mapping[str, FloatArray], count: int, freedom: int | None = None
) -> Variations:
    """Return the first principal variations of quantities that vary together.

    Every quantity weighs alike: it is divided by its own spread, root mean square over phases.

    Args:
        rows: ``{quantity: (R, length)}``, differences from a mean.
        count: how many variations.
        freedom: degrees of freedom of the rows; one less than their number by default.
    """
    names = list(rows)
    size = len(rows[names[0]])
    freedom = freedom or size - 1
    spreads = {
        n: float(np.sqrt((rows[n] ** 2).sum() / (freedom * rows[n].shape[1]))) for n in names
    }
    scaled = [
        rows[name] / ((spreads[name] or 1.0) * np.sqrt(rows[name].shape[1])) for name in names
    ]
    _, sizes, right = np.linalg.svd(np.hstack(scaled), full_matrices=False)
    # the largest entry of every variation is positive, whatever the machine's libraries say
    signs = np.sign(right[np.arange(len(right)), np.abs(right).argmax(axis=1)])
    axes = signs[:, None] * right * (sizes / np.sqrt(freedom))[:, None]
    waves, start = {}, 0
    for name in names:
        width = rows[name].shape[1]
        factor = (spreads[name] or 1.0) * np.sqrt(width)
        waves[name] = axes[:count, start : start + width] * factor
        start += width
    return Variations(waves, np.asarray(sizes[:count] ** 2 / (sizes**2).sum()))


@dataclass(frozen=True)
class Growth:
    """How times grow with stature: to a power of stature over a reference.

    Attributes:
        height_m: the reference, geometric mean.
        powers: by time.
    """

    height_m: float
    powers: Mapping[str, float]

    def at_reference(self, name: str, height_m: float) -> float:
        """Return the factor that takes a number of a runner to the reference stature."""
        return float((self.height_m / height_m) ** self.powers.get(name, 0.0))


def growth_of(runners: Sequence[StepCycles]) -> Growth:
    """Return the powers of stature that times of all runners go with, by least squares of logs."""
    heights = np.log([runner.height_m for runner in runners])
    powers = {}
    for name in GROWING:
        times = np.log([runner.numbers[name].mean() for runner in runners])
        powers[name] = round(float(np.polyfit(heights, times, 1)[0]), 2)
    return Growth(round(float(np.exp(heights.mean())), 3), powers)


def _mean_cycles(cycles: StepCycles, growth: Growth) -> dict[str, FloatArray]:
    means = {name: waves.mean(axis=0) for name, waves in cycles.waves.items()}
    for name, values in cycles.numbers.items():
        means[name] = np.array([values.mean() * growth.at_reference(name, cycles.height_m)])
    return means


def _require(count: int) -> None:
    if count < MIN_RUNNERS:
        raise RecordingError(
            "build_gait",
            f"at least {MIN_RUNNERS} heel strikers",
            f"{count}",
            "Add runners: statistics of fewer would show a single runner",
        )


def variations_between(runners: int) -> int:
    """Return how many variations between some runners are kept.

    Differences of ``n`` runners from their mean have ``n - 1`` directions. With all of them every
    recorded runner could be drawn again; one fewer shows none.
    """
    return min(BETWEEN, runners - 2)


def build_gait(runners: Sequence[StepCycles], source: str, output: Path) -> None:
    """Write the statistics of the heel strikers among some runners.

    Args:
        runners: cycles of every runner.
        source: where the recordings come from, for the header.
        output: table written; quantity, unit, phase_percent, mean, sd between runners, sd of
            steps, ``runner_1`` ... and ``step_1`` ... principal variations.

    Raises:
        RecordingError: fewer than five heel strikers.
    """
    heel = [
        runner
        for runner in runners
        if float(runner.numbers["foot_strike_angle"].mean()) > REARFOOT_ABOVE_DEG
    ]
    _require(len(heel))
    growth = growth_of(runners)
    means = [_mean_cycles(runner, growth) for runner in heel]
    names = list(means[0])
    stacked = {name: np.nan_to_num(np.stack([mean[name] for mean in means])) for name in names}
    centre = {name: values.mean(axis=0) for name, values in stacked.items()}
    between = {name: stacked[name] - centre[name] for name in names}
    runner = principal_variations(between, variations_between(len(heel)))
    pooled = [step_deviations(one) for one in heel]
    steps = {name: np.concatenate([one[name] for one in pooled]) for name in names}
    freedom = sum(len(one["contact_time"]) - 1 for one in pooled)
    step = principal_variations(steps, WITHIN, freedom)
    frames = []
    for name in names:
        single = centre[name].size == 1
        rows = np.zeros(1, dtype=int) if single else KEPT
        columns = {
            "quantity": name,
            "unit": (NUMBERS | QUANTITIES)[name],
            "phase_percent": np.array([-1]) if single else KEPT,
            "mean": centre[name][rows],
            "sd_runners": between[name].std(axis=0, ddof=1)[rows],
            "sd_steps": np.sqrt((steps[name] ** 2).sum(axis=0) / freedom)[rows],
        }
        columns |= {
            f"runner_{k + 1}": runner.waves[name][k][rows] for k in range(len(runner.share))
        }
        columns |= {f"step_{k + 1}": step.waves[name][k][rows] for k in range(len(step.share))}
        frames.append(pd.DataFrame(columns))
    counts = len(runners), len(heel), freedom + len(heel)
    _write(frames, source, counts, growth, (runner.share, step.share), output)


def _write(
    frames: list[pd.DataFrame],
    source: str,
    counts: tuple[int, int, int],
    growth: Growth,
    shares: tuple[FloatArray, FloatArray],
    output: Path,
) -> None:
    grown = ", ".join(f"{name} {power:g}" for name, power in growth.powers.items())
    told = [", ".join(f"{value:.2f}" for value in share) for share in shares]
    header = (
        "# Heel strikers' cycles: mean, spread and principal variations of runners and of steps.\n"
        f"# source: {source}\n# runners: {counts[1]}\n# steps: {counts[2]}\n"
        f"# stature_m: {growth.height_m:g}\n# powers of stature, {counts[0]} runners: {grown}\n"
        f"# shares of variance, runners: {told[0]}\n# shares of variance, steps: {told[1]}\n"
        "# phase: 0 contact, 100 toe-off, 200 the same foot's next contact; -1 a single number.\n"
        f"# step_*: phases from {SWING_SPLIT} on are of the swing before the contact.\n"
        f"# ground forces up to {IMPACT_HZ:g} Hz; the foot is a right one.\n"
    )
    text = pd.concat(frames).to_csv(index=False, float_format="%.4g", lineterminator="\n")
    write_text(output, header + text)
