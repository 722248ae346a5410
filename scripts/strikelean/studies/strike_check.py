"""Does a heel striker who is made to land otherwise move towards those who do?

The recording itself is the negative control: a prediction that says nothing stays where it was.
The metrics were named before any result was seen: angles at contact and at their peaks, moments,
where the foot is set down, how it lands.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from strikelean.declarations import status_in
from strikelean.formats.files import read_rows, write_table
from strikelean.lab.strike_classes import REARFOOT
from strikelean.markersets import SIDES
from strikelean.studies.cohort import (
    NON_REARFOOT,
    STRIKE_ANGLE,
    Cohort,
    pooled,
    strike_groups,
    trial_classes,
)
from strikelean.techniques import Technique, derived_name, split_name

Asked = Mapping[tuple[str, str], float]

METRICS = (
    "hip_flexion_angle_contact",
    "knee_flexion_angle_contact",
    "ankle_dorsiflexion_angle_contact",
    "knee_flexion_angle_peak",
    "ankle_dorsiflexion_angle_peak",
    "knee_extension_moment_peak_per_kg",
    "knee_extension_moment_impulse_per_kg",
    "ankle_plantarflexion_moment_peak_per_kg",
    "ankle_plantarflexion_moment_impulse_per_kg",
    "heel_hip_distance_contact_per_height",
    "foot_strike_angle_contact",
    "strike_index_contact",
)
FEWEST_OTHERS = 5
COLUMNS = (
    "technique",
    "metric",
    "unit",
    "status",
    "n",
    "asked",
    "recorded",
    "predicted",
    "others",
    "n_others",
    "nearer",
    "runners_nearer",
)


@dataclass(frozen=True)
class _Groups:
    """One row a runner, one column a metric.

    Attributes:
        own: heel strikers as recorded.
        changed: the same, made to land otherwise.
        others: real runners who do not land on the heel.
        asked_deg: mean foot-strike angle that was asked; NaN where it is not known.
    """

    own: pd.DataFrame
    changed: pd.DataFrame
    others: pd.DataFrame
    asked_deg: float


def strikes_of(cohort: Cohort) -> list[Technique]:
    """Return the strikes that were asked for, and nothing with them."""
    every = {split_name(str(trial))[1] for _, trial in cohort.means.index}
    strikes = [one for one in every if one is not None and len(one.parts) == 1 and one.strikes]
    return sorted(strikes, key=lambda one: one.name)


def asked_angles(quality: Path) -> Asked:
    """Return the foot-strike angle that was asked of derived trials, mean of both feet."""
    table = read_rows(quality, {"subject": str, "trial": str})
    columns = [f"strike_asked_{side}_deg" for side in SIDES]
    angles = table.reindex(columns=columns).mean(axis=1)
    return dict(zip(zip(table["subject"], table["trial"], strict=True), angles, strict=True))


def _groups(cohort: Cohort, strike: Technique, asked_deg: Asked) -> _Groups:
    runners = cohort.by_subject
    group = pooled(strike_groups(cohort))
    recorded = trial_classes(cohort.steps)
    recordings = cohort.trials.index[cohort.recorded]
    pairs = {
        (subject, trial): (subject, derived_name(str(trial), strike))
        for subject, trial in recordings
        if recorded.get((subject, trial)) == REARFOOT
        and (subject, derived_name(str(trial), strike)) in cohort.means.index
    }
    asked = pd.Series([asked_deg.get(key, np.nan) for key in pairs.values()], dtype=float)

    def by_runner(keys: list[tuple[str, str]]) -> pd.DataFrame:
        return cohort.means.loc[keys].groupby(level="subject").mean()

    return _Groups(
        by_runner(list(pairs)),
        by_runner(list(pairs.values())),
        runners[group == NON_REARFOOT],
        float(asked.mean()),
    )


def _row(groups: _Groups, metric: str, told: Mapping[str, object]) -> dict[str, object]:
    both = pd.concat([groups.own[metric], groups.changed[metric]], axis=1).dropna()
    others = groups.others[metric].dropna()
    own, changed = both.iloc[:, 0], both.iloc[:, 1]
    aim = others.mean()
    row = {"n": len(both), "recorded": own.mean(), "predicted": changed.mean()} | dict(told)
    if metric == STRIKE_ANGLE:
        row["asked"] = groups.asked_deg
    row |= {"others": aim, "n_others": len(others)}
    if len(both) and len(others) >= FEWEST_OTHERS:
        closer = abs(changed.mean() - aim) < abs(own.mean() - aim)
        row["nearer"] = "yes" if closer else "no"
        row["runners_nearer"] = int(((changed - aim).abs() < (own - aim).abs()).sum())
    return row


def strike_check(cohort: Cohort, asked_deg: Asked) -> pd.DataFrame:
    """Return where heel strikers stand, with and without a strike, beside those farther forward.

    Args:
        cohort: with derived trials ``<trial>~forefoot`` or ``<trial>~strike-08`` of some of its
            heel strikers. What was derived with the help of the others must not have had the judged
            runner's share.
        asked_deg: of :func:`asked_angles`.

    Returns:
        The columns of strike_check.csv, one row a strike and metric: means over runners, the angle
        that was asked beside the foot-strike angle, whether the predicted
        mean is ``nearer`` to the others' than the recorded one (blank with fewer than five
        others), and in how many runners it is. No row without such trials.
    """
    rows = [
        _row(
            groups,
            metric,
            {
                "technique": strike.name,
                "metric": metric,
                "unit": cohort.units[metric],
                "status": status_in(cohort.techniques, strike.condition, metric),
            },
        )
        for strike in strikes_of(cohort)
        for groups in (_groups(cohort, strike, asked_deg),)
        for metric in METRICS
        if not groups.own.empty and metric in groups.own
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def write_strike_check(cohort: Cohort, quality: Path, output: Path) -> None:
    """Write strike_check.csv; quality.csv says what was asked."""
    write_table(strike_check(cohort, asked_angles(quality)), output, digits=6)
