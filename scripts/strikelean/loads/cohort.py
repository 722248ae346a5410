"""One table and one file of waveforms for all runners of a cohort."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from strikelean.declarations import Declaration
from strikelean.errors import RecordingError, StrikeleanError
from strikelean.formats.files import read_rows, require_data, write_table
from strikelean.formats.hdf5 import collected_waveforms
from strikelean.loads.kept import declare
from strikelean.loads.metrics_table import METRIC_COLUMNS, TRIAL_COLUMNS
from strikelean.loads.within_runner import within_runner

if TYPE_CHECKING:  # what only reads the tables does without the checks of recordings
    from strikelean.quality import TrialResult


def included_trials(quality: Path) -> dict[tuple[str, str], set[str]]:
    """Return the feet that count of the trials that quality.csv includes, by (subject, trial).

    Raises:
        RecordingError: quality.csv is absent or lacks its columns.
    """
    require_data(quality, "collect_cohort")
    text = ("subject", "trial", "included", "sides")
    table = read_rows(quality, dict.fromkeys(text, str))
    missing = set(text) - set(table.columns)
    if missing:
        raise RecordingError(
            "collect_cohort",
            f"columns {', '.join(text)} in {quality.name}",
            f"no {', '.join(sorted(missing))}",
            "Run judge_quality again",
        )
    chosen = table[table["included"] == "yes"]
    places = zip(chosen["subject"], chosen["trial"], strict=True)
    return dict(zip(places, chosen["sides"].str.split().map(set), strict=True))


def read_metrics(path: Path, columns: Sequence[str] = METRIC_COLUMNS) -> pd.DataFrame:
    """Read a cohort's metrics.csv.

    Args:
        path: the file.
        columns: that it must have; a trial's own are ``TRIAL_COLUMNS``.

    Raises:
        RecordingError: the file is absent or lacks columns.
        ExcludedError: an earlier step excluded the trial.
    """
    require_data(path, "read_metrics")
    table = read_rows(path, dict.fromkeys(("subject", "trial", "condition", "side", "metric"), str))
    missing = [name for name in columns if name not in table.columns]
    if missing:
        raise RecordingError(
            "read_metrics",
            f"columns {', '.join(columns)} in {path.name}",
            f"no {', '.join(missing)}",
            "Run solve_trial again",
        )
    if "condition" in table.columns:
        table["condition"] = table["condition"].fillna("")
    return table


@dataclass(frozen=True)
class CohortOutputs:
    """What is written of a cohort.

    Attributes:
        metrics: table, a header alone when every trial is excluded.
        within_runner: how much steps scatter.
        waveforms: cohort.h5, ``/<subject>/<trial>/<side>/<quantity>``.
    """

    metrics: Path
    within_runner: Path
    waveforms: Path


@dataclass(frozen=True)
class Techniques:
    """What techniques say of a cohort's trials.

    Attributes:
        declared: by condition.
        virtual: whether the runners are virtual.
        habitual: condition of virtual runners' own way of running.
    """

    declared: Mapping[str, Declaration]
    virtual: bool
    habitual: str


def collect_cohort(
    trials: Sequence[TrialResult],
    quality: Path,
    outputs: CohortOutputs,
    provenance: Mapping[str, str],
    techniques: Techniques,
) -> None:
    """Write the cohort's metrics.csv, within_runner.csv and cohort.h5 from its included trials.

    Args:
        trials: where each trial's results lie.
        quality: quality.csv; only the trials it includes are collected, of the feet it names.
        outputs: where they go.
        provenance: text for ``/provenance``.
        techniques: what they declare of metrics.

    Raises:
        RecordingError: a trial's file is absent or broken.
    """
    chosen = included_trials(quality)
    tables = [pd.DataFrame(columns=list(METRIC_COLUMNS))]
    with collected_waveforms(outputs.waveforms, provenance) as collect:
        for trial in trials:
            sides = chosen.get((trial.subject, trial.trial))
            if sides is None:
                continue
            try:
                own_table = read_metrics(trial.metrics, TRIAL_COLUMNS)
                own_table = own_table[own_table["side"].isin(sides)]
                tables.append(own_table.assign(condition=trial.condition))
                collect(trial.waveforms, f"{trial.subject}/{trial.trial}", sides)
            except StrikeleanError as error:
                raise error.located(trial.subject, trial.trial) from None
    table = pd.concat(tables[1:], ignore_index=True) if tables[1:] else tables[0]
    table = declare(
        table[list(METRIC_COLUMNS)],
        techniques.declared,
        virtual=techniques.virtual,
        habitual=techniques.habitual,
    )
    write_table(table, outputs.metrics)
    write_table(within_runner(table), outputs.within_runner, digits=6)
