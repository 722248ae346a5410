"""Running faster or slower: what goes with the speed in recorded runners, asked of one.

Step rate and contact time go with powers of the speed, posture and ground forces with its
logarithm, each runner against nobody but themselves at another speed. Of all of it there are two
slopes: with the speed as it is, and at the same foot-strike angle, for where the strike is asked
for by itself. Only means, slopes and errors of at least five runners are kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import log
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from strikelean.counterfactual.retiming import Retimed, Retiming
from strikelean.counterfactual.strike import StrikeForces, ask_strike
from strikelean.counterfactual.strike_cycles import NUMBERS, WAVES
from strikelean.counterfactual.templates import ANGLE, MIN_RUNNERS, Choice, Slope, Template
from strikelean.errors import ConfigError, RecordingError
from strikelean.exclusions import usable
from strikelean.formats.files import read_rows, read_statistics, whole_file
from strikelean.formats.series import FloatArray
from strikelean.markersets import SIDES
from strikelean.stride.targets import Targets
from strikelean.techniques import Technique

POWERS = ("contact_time", "cycle_time")
"""Numbers whose logarithm goes with that of the speed."""
COLUMNS = ("mean", "slope", "slope_se", "slope_same_strike", "slope_same_strike_se")
FEWEST_SPEEDS = 2
WIDEST = log(4.5 / 2.5)
"""Logarithm of the widest change of speed that slopes come from."""


@dataclass(frozen=True)
class SpeedChoice:
    """What is chosen, not known, of how a speed is carried out; docs/counterfactual.md.

    Attributes:
        rate, contact: standard deviations over runners by which step rate and contact time go
            more with the speed than their mean.
        posture: whether posture and braking force go with the speed.
        braking: whether the braking force does.
    """

    rate: float = 0.0
    contact: float = 0.0
    posture: bool = True
    braking: bool = True


@dataclass(frozen=True)
class SpeedSlopes(Template):
    """Slopes on the logarithm of the speed; ``within`` are those at the same foot-strike angle.

    ``feet`` counts feet at a speed, each a mean over its steps.
    """

    def power(self, quantity: str, spread: float = 0.0) -> float:
        """Return the power of the speed that contact or cycle time goes with.

        Args:
            quantity: ``contact_time`` or ``cycle_time``.
            spread: standard deviations over runners that are added.
        """
        slope, error = self._both(self.slopes[quantity])
        return slope + spread * error * float(np.sqrt(self.runners))

    def number(self, quantity: str) -> float:
        """Return a number's slope, in its unit."""
        return self._both(self.slopes[quantity])[0]

    def _both(self, own: Slope) -> tuple[float, float]:
        if self.choice.within:
            return float(own.within[0]), float(own.within_se[0])
        return float(own.between[0]), float(own.between_se[0])

    def retiming(self, speed: float, rate_spread: float, contact_spread: float) -> Retiming:
        """Return step rate and contact time that go with a speed over the own.

        Args:
            speed: new over own.
            rate_spread, contact_spread: standard deviations over runners by which step rate and
                contact time go more with it.
        """
        contact = speed ** self.power("contact_time", contact_spread)
        rate = speed ** -self.power("cycle_time", -rate_spread)
        return Retiming(rate, dict.fromkeys(SIDES, contact), speed)


def speed_retiming(
    technique: Technique,
    slopes: SpeedSlopes | None,
    cadence: Callable[[float], Retiming],
    choice: SpeedChoice,
) -> Retiming:
    """Return what a technique's speed, step rate and contact time change in a stride's time.

    Where a step rate is asked with the speed it is the change in all; contact time then goes with
    the speed, and with the part of the step rate that does not.

    Args:
        technique: what is asked.
        slopes: what goes with the speed; None where none is asked for.
        cadence: what goes with a change of step rate (percent) at one speed.
        choice: how a speed is carried out.

    Raises:
        ConfigError: a speed without its table.
    """
    speed = 1.0 + technique.speed_percent / 100.0
    rate = 1.0 + technique.cadence_percent / 100.0
    if speed == 1.0:
        found = cadence(technique.cadence_percent)
    elif technique.cadence_percent and technique.contact_percent:
        found = Retiming(rate, {}, speed)
    else:
        found = _slopes_of(slopes).retiming(speed, choice.rate, choice.contact)
        if technique.cadence_percent:
            found = found.along_with(cadence(rate_beyond(technique, slopes, choice)))
    if technique.contact_percent:
        asked = dict.fromkeys(SIDES, 1.0 + technique.contact_percent / 100.0)
        found = replace(found, contact_time=asked)
    return found


def rate_beyond(technique: Technique, slopes: SpeedSlopes | None, choice: SpeedChoice) -> float:
    """Return the change of step rate that does not go with the speed, percent.

    Args and errors as of :func:`speed_retiming`.
    """
    if not technique.speed_percent or not technique.cadence_percent:
        return technique.cadence_percent
    with_speed = _slopes_of(slopes).retiming(
        1.0 + technique.speed_percent / 100.0, choice.rate, choice.contact
    )
    return 100.0 * ((1.0 + technique.cadence_percent / 100.0) / with_speed.rate - 1.0)


def _slopes_of(slopes: SpeedSlopes | None) -> SpeedSlopes:
    if slopes is None:
        raise ConfigError(
            "solve_counterfactual",
            "a table of what goes with running speed",
            "none",
            "Set counterfactual.speed_template",
        )
    return slopes


def ask_speed(
    retimed: Retimed,
    targets: Targets,
    slopes: SpeedSlopes | None,
    choice: SpeedChoice,
    strike_asked: bool,
    pressure_errors: float = 1.0,
) -> Targets:
    """Return the targets with the posture and braking force that go with another speed.

    The vertical force follows from contact time and step rate. Joint angles are held as
    those of a strike are.

    Args:
        retimed: the stride in its new time, at its new speed.
        targets: to add to.
        slopes: what goes with the speed.
        choice: how a speed is carried out.
        strike_asked: whether the foot strike is asked for by itself.
        pressure_errors: standard errors by which the centre of pressure may leave the slopes.

    Raises:
        ConfigError: no table.
    """
    known = _slopes_of(slopes)
    known = replace(known, choice=replace(known.choice, within=strike_asked))
    change = dict.fromkeys(SIDES, log(retimed.speed))
    sizes = tuple(force.size for force in retimed.forces)
    shapes = StrikeForces(
        choice.braking, vertical=False, sizes=sizes, pressure_errors=pressure_errors
    )
    # the foot turns as the slopes say, and no farther: it is no strike that is to be reached
    short = log(retimed.speed) * (1.0 - float(known.at("foot_pitch", np.zeros(1))[0]))
    whole = dict.fromkeys(SIDES, -short)
    return ask_strike(retimed.stride, targets, known, change, whole, shapes)


@dataclass(frozen=True)
class SpeedCycle:
    """One recording's mean cycles.

    Attributes:
        subject: runner.
        speed_m_s: running speed.
        cycle: cycle.csv.
    """

    subject: str
    speed_m_s: float
    cycle: Path


def _slopes(x: FloatArray, angle: FloatArray, y: FloatArray) -> FloatArray:
    """Return slopes of (N, K) values, (2, K): with the speed, and at the same angle."""
    alone = x @ y / (x @ x)
    both = np.linalg.lstsq(np.stack([x, angle], axis=1), y, rcond=None)[0][0]
    return np.stack([alone, both])


def _within(values: FloatArray, feet: NDArray[np.integer[Any]]) -> FloatArray:
    """Return values (N, K) less the mean of their foot."""
    count = np.bincount(feet)
    sums = np.stack([np.bincount(feet, weights=column) for column in values.T], axis=1)
    return np.asarray(values - (sums / count[:, None])[feet])


def _table(every: pd.DataFrame, name: str, unit: str) -> pd.DataFrame:
    """Return a quantity's rows, errors by leaving out one runner after the other."""
    keys = ["runner", "side", "log_speed"]
    own = every[every["quantity"] == name].pivot_table(
        index=keys, columns="phase_percent", values="mean"
    )
    angles = every[every["quantity"] == ANGLE].set_index(keys)["mean"].reindex(own.index)
    own, angles = own[angles.notna().to_numpy()], angles.dropna()
    runners = own.index.get_level_values("runner").to_numpy()
    feet = own.groupby(level=["runner", "side"]).ngroup().to_numpy(dtype=np.int64)
    values = own.to_numpy(dtype=np.float64)
    moved = _within(np.log(values) if name in POWERS else values, feet)
    x, angle = (
        _within(np.asarray(one, dtype=np.float64)[:, None], feet)[:, 0]
        for one in (own.index.get_level_values("log_speed"), angles)
    )
    found = _slopes(x, angle, moved)
    without = np.stack(
        [
            _slopes(*(one[runners != left] for one in (x, angle, moved)))
            for left in np.unique(runners)
        ]
    )
    count = len(without)
    errors = np.sqrt((count - 1) / count * ((without - without.mean(axis=0)) ** 2).sum(axis=0))
    columns = (values.mean(axis=0), found[0], errors[0], found[1], errors[1])
    head = {"quantity": name, "unit": unit, "phase_percent": own.columns.to_numpy()}
    return pd.DataFrame(head | dict(zip(COLUMNS, columns, strict=True)))


def build_speed(
    cycles: Sequence[SpeedCycle], source: str, output: Path, excluded: Sequence[str] = ()
) -> None:
    """Write what goes with the speed within runners.

    Args:
        cycles: of every recording; runners recorded at one speed alone say nothing.
        source: where the recordings come from, for the header.
        output: table written: quantity, unit, phase_percent, mean, slopes with their errors.
        excluded: runners left out, those that are to be judged.

    Raises:
        RecordingError: fewer than five runners at several speeds.
        FailedError: a cycle could not be made, for no fault of its recording.
    """
    there = set(usable([one.cycle for one in cycles]))
    kept = [one for one in cycles if one.cycle in there and one.subject not in excluded]
    speeds: dict[str, set[float]] = {}
    for one in kept:
        speeds.setdefault(one.subject, set()).add(one.speed_m_s)
    several = {subject for subject, own in speeds.items() if len(own) >= FEWEST_SPEEDS}
    if len(several) < MIN_RUNNERS:
        raise RecordingError(
            "build_speed",
            f"at least {MIN_RUNNERS} runners recorded at several speeds",
            f"{len(several)}",
            "Add runners: statistics of fewer would show a single runner",
        )
    kept = [one for one in kept if one.subject in several]
    every = pd.concat(
        [
            read_rows(one.cycle).assign(runner=one.subject, log_speed=log(one.speed_m_s))
            for one in kept
        ]
    )
    numbers = every[every["quantity"] == ANGLE]
    lines = [
        "# Slopes on the logarithm of running speed within runners: as it is, and at the same",
        "# foot-strike angle; of times the logarithm too. Errors by leaving out one runner each.",
        f"# source: {source}",
        f"# runners: {len(several)}",
        f"# feet: {len(numbers)}",
        f"# steps: {int(numbers['steps'].sum())}",
        f"# speeds_m_s: {min(o.speed_m_s for o in kept):g} to {max(o.speed_m_s for o in kept):g}",
        "# phase: 0 contact, 100 toe-off, 200 the same foot's next contact; -1 a single number.",
    ]
    frames = [_table(every, name, unit) for name, unit in {**NUMBERS, **WAVES}.items()]
    text = pd.concat(frames).to_csv(index=False, float_format="%.5g", lineterminator="\n")
    with whole_file(output) as sibling:
        sibling.write_text("\n".join(lines) + "\n" + text, encoding="utf-8")


def read_speed(path: Path) -> SpeedSlopes:
    """Read a table of :func:`build_speed`.

    Raises:
        ConfigError: no such file, or not such a table.
    """
    notes, table = read_statistics(
        path, "read_speed", "a table of slopes on running speed", "counterfactual.speed_template"
    )
    counts = {"runners", "feet", "steps", "source"}
    if not {"quantity", *COLUMNS} <= set(table.columns) or not counts <= set(notes):
        raise ConfigError(
            "read_speed",
            f"columns {', '.join(COLUMNS)} and a header in {path.name}",
            "others",
            "Build it anew: make templates DATA=...",
        )
    slopes: Mapping[str, Slope] = {
        str(name): Slope(*(part[column].to_numpy(dtype=np.float64) for column in COLUMNS))
        for name, part in table.groupby("quantity", sort=False)
    }
    return SpeedSlopes(
        runners=int(notes["runners"]),
        feet=int(notes["feet"]),
        steps=int(notes["steps"]),
        source=notes["source"],
        forefoot_deg=None,
        slopes=slopes,
        choice=Choice(),
    )
