"""Every recorded change beside its prediction: validation.csv."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import fsum, log

import numpy as np
import pandas as pd

from strikelean.config.validation import CHANGE, DIFFERENCE, PAIRED, RUNNERS, STEPS, ValidationRow
from strikelean.declarations import FREE, Declaration
from strikelean.formats.series import FloatArray
from strikelean.studies.cohort import STRIKE_ANGLE
from strikelean.studies.definitions import PERCENT
from strikelean.studies.regressions import SPEED
from strikelean.studies.step_slopes import NO_SHARE_UNITS, OWN
from strikelean.validation.predicted import (
    NOTHING,
    Predicted,
    Prediction,
    predicted_change,
    predicted_slope,
)
from strikelean.validation.recorded import (
    Estimate,
    Feet,
    change,
    less_mean,
    mean_of,
    own_slope,
    slope_over,
)
from strikelean.validation.statuses import status_of

VALIDATION_COLUMNS = (
    *("comparison", "kind", "subject", "from", "to", "side", "asked", "quantity", "unit", "status"),
    *("counted", "predicted_change", "band_low", "band_high"),
    *("recorded_change", "ci_low", "ci_high", "covered", "error"),
    *("error_of_no_change", "error_of_group_mean_difference"),
    *("better_than_no_change", "better_than_group_mean", "built_from", "reason"),
)
FEWEST_OTHERS = 3
"""Other runners whose mean change is a group's (project definition)."""
SMALLEST_SPEED_CHANGE = 0.02
"""Share of a speed below which changes are not scaled with it (project definition)."""
EVERYBODY = "all"
YES, NO = "yes", "no"
Place = tuple[str, str]


@dataclass(frozen=True)
class Steps:
    """Recorded values of steps.

    Attributes:
        table: rows of metrics.csv that were recorded.
        units: of the metrics.
    """

    table: pd.DataFrame
    units: Mapping[str, str]

    @cached_property
    def _groups(self) -> dict[tuple[str, str, str], dict[str, FloatArray]]:
        found: dict[tuple[str, str, str], dict[str, FloatArray]] = {}
        known = self.table.dropna(subset=["value"])
        for (subject, trial, metric, side), own in known.groupby(
            ["subject", "trial", "metric", "side"], sort=True
        )["value"]:
            feet = found.setdefault((str(subject), str(trial), str(metric)), {})
            feet[str(side)] = own.to_numpy(dtype=np.float64)
        return found

    def feet(self, place: Place, metric: str) -> Feet:
        """Return a metric's values of steps by foot; nothing where the recording has none."""
        return self._groups.get((*place, metric), {})

    def wide(self, place: Place) -> pd.DataFrame:
        """Return a recording's steps by subject, trial, side and step, a column a metric."""
        chosen = (self.table["subject"] == place[0]) & (self.table["trial"] == place[1])
        own = self.table[chosen]
        return own.pivot_table(index=[*OWN, "step"], columns="metric", values="value")

    def share(self, metric: str) -> bool:
        """Whether percent of a metric mean anything."""
        return self.units.get(metric, "1") not in NO_SHARE_UNITS

    def unit(self, metric: str, kind: str) -> str:
        """Return the unit of a metric's change."""
        own = PERCENT if self.share(metric) else self.units.get(metric, "1")
        return own if kind in PAIRED else f"{own}/deg"


@dataclass(frozen=True)
class Validation:
    """All that is compared.

    Attributes:
        rows: of the table of validations.
        steps: what was recorded.
        predictions: by subject, recording and what is asked (``asked_key``).
        quantities: metrics that are compared.
        built_from: by row, what its prediction was built from.
        not_independent: by row, why its runner may not judge it.
        reasons: by subject and recording, why it does not count.
    """

    rows: Sequence[ValidationRow]
    steps: Steps
    predictions: Mapping[tuple[str, str, str], Prediction]
    quantities: Sequence[str]
    built_from: Mapping[ValidationRow, str]
    not_independent: Mapping[ValidationRow, str]
    reasons: Mapping[Place, str]

    def change(self, row: ValidationRow, metric: str) -> Estimate:
        """Return the recorded change of one row."""
        before, after = ((row.subject, name) for name in (row.recorded, row.to))
        feet = (self.steps.feet(place, metric) for place in (before, after))
        return change(*feet, share=self.steps.share(metric))

    def sides(self, row: ValidationRow, metric: str) -> list[str]:
        """Return the feet that the recordings of a row know a metric of."""
        names = [row.recorded, *([row.to] if row.to else [])]
        known = [set(self.steps.feet((row.subject, name), metric)) for name in names]
        return sorted(set.intersection(*known))

    def members(self, row: ValidationRow, *, of_group: bool = False) -> list[ValidationRow]:
        """Return the rows of a row's comparison, or of that which its group names."""
        name = row.group if of_group and row.group else row.comparison
        return [one for one in self.rows if one.comparison == name]

    def recorded(self, row: ValidationRow, metric: str) -> Estimate:
        """Return what was recorded of a row's change, slope or difference."""
        if row.kind == CHANGE:
            return self.change(row, metric)
        if row.kind == DIFFERENCE:
            others = [self.change(one, metric) for one in self.members(row) if not one.ask]
            known = [one for one in others if np.isfinite(one.value)]
            return less_mean(self.change(row, metric), known) if known else Estimate(NOTHING)
        share = self.steps.share(metric)
        if row.kind == STEPS:
            return own_slope(self.steps.wide((row.subject, row.recorded)), metric, share=share)
        return self._over_runners(self.members(row), metric)

    def _over_runners(self, rows: Sequence[ValidationRow], metric: str) -> Estimate:
        """Return the slope over runners, of a value for their size where there is one."""
        sized = [f"{metric}{ending}" for ending in ("_per_kg", "_bw")]
        name = next((one for one in sized if one in self.steps.units), metric)
        places = [(row.subject, row.recorded) for row in rows]
        means = [
            np.array([mean_of(self.steps.feet(place, one)).value for place in places])
            for one in (STRIKE_ANGLE, name)
        ]
        return slope_over(*means, share=self.steps.share(metric))

    def predicted(self, row: ValidationRow, metric: str) -> Predicted:
        """Return what was predicted of a row's change, slope or difference."""
        rows = self.members(row) if row.kind == RUNNERS else [row]
        keys = [(one.subject, one.recorded, asked_key(one)) for one in rows]
        own = [self.predictions[key] for key in keys if key in self.predictions]
        if not own:
            return Predicted(NOTHING, reason=self.reasons.get(keys[0][:2], "not predicted"))
        share = self.steps.share(metric)
        if row.kind in PAIRED:
            return predicted_change(own[0], metric, self.sides(row, metric), share=share)
        sides = ("left", "right") if row.kind == RUNNERS else self.sides(row, metric)
        return predicted_slope(own, metric, sides, share=share)

    def of_group(self, row: ValidationRow, metric: str) -> float:
        """Return what the group's mean says of a row: the judged runner is never in it."""
        others = [one for one in self.members(row, of_group=True) if one.subject != row.subject]
        if row.kind == DIFFERENCE:
            if not others or others[0].kind != RUNNERS:
                return NOTHING
            turn = self.recorded(row, STRIKE_ANGLE).value
            return turn * self._over_runners(others, metric).value
        if row.kind == RUNNERS:
            return NOTHING
        found = [self.recorded(one, metric).value for one in others]
        if row.kind == CHANGE:
            scales = [self._speed_ratio(row) / self._speed_ratio(one) for one in others]
            found = [own * scale for own, scale in zip(found, scales, strict=True)]
        known = [own for own in found if np.isfinite(own)]
        return fsum(known) / len(known) if len(known) >= FEWEST_OTHERS else NOTHING

    def _speed_ratio(self, row: ValidationRow) -> float:
        """Return the logarithm of a row's change of speed, 1 where it keeps its speed."""
        speeds = [
            mean_of(self.steps.feet((row.subject, name), SPEED)).value
            for name in (row.recorded, row.to)
        ]
        if not all(speed > 0.0 for speed in speeds):
            return 1.0
        turned = log(speeds[1] / speeds[0])
        return turned if abs(turned) > SMALLEST_SPEED_CHANGE else 1.0


def asked_key(row: ValidationRow) -> str:
    """Return the name of what a row asks of its recording."""
    return f"{row.comparison} {row.to}" if row.to else row.ask


def _better(error: float, other: float) -> str:
    if not (np.isfinite(error) and np.isfinite(other)):
        return ""
    return YES if abs(error) < abs(other) else NO


def _covered(predicted: Predicted, ends: tuple[float, float]) -> str:
    """Return whether the band and the recording's interval meet, '' where either is not known."""
    if not np.isfinite([predicted.low, predicted.high, *ends]).all():
        return ""
    return YES if predicted.low <= ends[1] and ends[0] <= predicted.high else NO


def _line(
    validation: Validation, row: ValidationRow, metric: str, status: str
) -> dict[str, object]:
    recorded, predicted = validation.recorded(row, metric), validation.predicted(row, metric)
    ends, group = recorded.interval, validation.of_group(row, metric)
    error = predicted.value - recorded.value
    key = (row.subject, row.recorded, asked_key(row))
    own = validation.predictions.get(key)
    reason = predicted.reason
    if not np.isfinite(recorded.value):
        places = [(row.subject, name) for name in (row.recorded, row.to) if name]
        told = [validation.reasons[place] for place in places if place in validation.reasons]
        reason = "; ".join([*told, reason] if told else ["not known of the recording"])
    elif not reason and not np.isfinite(ends).all():
        reason = "one step a foot: no interval"
    barred = validation.not_independent.get(row, "")
    sides = validation.sides(row, metric) if row.kind != RUNNERS else ["left", "right"]
    covered = _covered(predicted, ends)
    free = status == FREE and bool(covered) and not barred
    return {
        "comparison": row.comparison,
        "kind": row.kind,
        "subject": EVERYBODY if row.kind == RUNNERS else row.subject,
        "from": row.recorded,
        "to": row.to,
        "side": "both" if len(sides) > 1 else "".join(sides),
        "asked": "" if own is None else own.technique,
        "quantity": metric,
        "unit": validation.steps.unit(metric, row.kind),
        "status": status,
        "counted": YES if free else NO,
        "predicted_change": predicted.value,
        "band_low": predicted.low,
        "band_high": predicted.high,
        "recorded_change": recorded.value,
        "ci_low": ends[0],
        "ci_high": ends[1],
        "covered": covered,
        "error": error,
        "error_of_no_change": -recorded.value,
        "error_of_group_mean_difference": group - recorded.value,
        "better_than_no_change": _better(error, recorded.value),
        "better_than_group_mean": _better(error, group - recorded.value),
        "built_from": validation.built_from.get(row, ""),
        "reason": "; ".join(part for part in (barred, reason) if part),
    }


def _lines(
    validation: Validation, declared: Mapping[str, Declaration]
) -> Iterator[dict[str, object]]:
    seen: set[str] = set()
    for row in validation.rows:
        if not row.ask or (row.kind == RUNNERS and row.comparison in seen):
            continue
        seen.add(row.comparison)
        # the angle itself has no slope on the angle
        skipped = () if row.kind in PAIRED else (STRIKE_ANGLE,)
        for metric in validation.quantities:
            if metric in validation.steps.units and metric not in skipped:
                yield _line(validation, row, metric, status_of(row, metric, declared))


def validation_table(validation: Validation, declared: Mapping[str, Declaration]) -> pd.DataFrame:
    """Return every recorded change beside its prediction.

    Args:
        validation: all that is compared.
        declared: what techniques declare of metrics, by condition.

    Returns:
        The columns of validation.csv. ``counted`` are changes that the technique leaves free and
        of which both sides have their range; all others are shown and count in no share.
    """
    return pd.DataFrame(list(_lines(validation, declared)), columns=list(VALIDATION_COLUMNS))
