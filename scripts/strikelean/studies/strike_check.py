"""Does a heel striker who is made to land farther forward move towards those who do?

The recording itself is the negative control: a prediction that says nothing stays where it was.
The metrics were named before any result was seen: angles at contact and at their peaks, moments,
where the foot is set down, how it lands.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from strikelean.declarations import status_in
from strikelean.formats.files import write_table
from strikelean.lab.strike import REARFOOT
from strikelean.studies.cohort import NON_REARFOOT, Cohort, pooled, strike_groups, trial_classes
from strikelean.techniques import Technique, derived_name

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
    "metric",
    "unit",
    "status",
    "n",
    "recorded",
    "predicted",
    "others",
    "n_others",
    "nearer",
    "runners_nearer",
)
STRIKE = Technique(strike_percent=100)


@dataclass(frozen=True)
class _Groups:
    """One row a runner, one column a metric.

    Attributes:
        own: heel strikers as recorded.
        changed: the same, made to land farther forward.
        others: real runners who do.
    """

    own: pd.DataFrame
    changed: pd.DataFrame
    others: pd.DataFrame


def _groups(cohort: Cohort) -> _Groups:
    runners = cohort.by_subject
    group = pooled(strike_groups(cohort))
    recorded = trial_classes(cohort.steps)
    recordings = cohort.trials.index[cohort.recorded]
    pairs = {
        (subject, trial): (subject, derived_name(str(trial), STRIKE))
        for subject, trial in recordings
        if recorded.get((subject, trial)) == REARFOOT
        and (subject, derived_name(str(trial), STRIKE)) in cohort.means.index
    }

    def by_runner(keys: list[tuple[str, str]]) -> pd.DataFrame:
        return cohort.means.loc[keys].groupby(level="subject").mean()

    return _Groups(
        by_runner(list(pairs)), by_runner(list(pairs.values())), runners[group == NON_REARFOOT]
    )


def _row(groups: _Groups, metric: str, told: Mapping[str, object]) -> dict[str, object]:
    both = pd.concat([groups.own[metric], groups.changed[metric]], axis=1).dropna()
    others = groups.others[metric].dropna()
    own, changed = both.iloc[:, 0], both.iloc[:, 1]
    aim = others.mean()
    row = {"n": len(both), "recorded": own.mean(), "predicted": changed.mean()} | dict(told)
    row |= {"others": aim, "n_others": len(others)}
    if len(both) and len(others) >= FEWEST_OTHERS:
        closer = abs(changed.mean() - aim) < abs(own.mean() - aim)
        row["nearer"] = "yes" if closer else "no"
        row["runners_nearer"] = int(((changed - aim).abs() < (own - aim).abs()).sum())
    return row


def strike_check(cohort: Cohort) -> pd.DataFrame:
    """Return where heel strikers stand, with and without the strike, beside those farther forward.

    Args:
        cohort: with derived trials ``<trial>~forefoot`` of some of its heel strikers. What was
            derived with the help of the others must not have had the judged runner's share.

    Returns:
        The columns of strike_check.csv, one row a metric: means over runners, whether the predicted
        mean is ``nearer`` to the others' than the recorded one (blank with fewer than five
        others), and in how many runners it is. No row without such trials.
    """
    groups = _groups(cohort)
    rows = [
        _row(
            groups,
            metric,
            {
                "metric": metric,
                "unit": cohort.units[metric],
                "status": status_in(cohort.techniques, STRIKE.condition, metric),
            },
        )
        for metric in METRICS
        if not groups.own.empty and metric in groups.own
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def write_strike_check(cohort: Cohort, output: Path) -> None:
    """Write strike_check.csv."""
    write_table(strike_check(cohort), output, digits=6)
