"""A sweep over trunk lean: all angles of one trial at a time, then all trials in one table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from strikelean.config.settings import Settings
from strikelean.counterfactual.recorded_trial import RecordedFiles
from strikelean.counterfactual.shown_step import ANGLE
from strikelean.counterfactual.solve_techniques import Solved
from strikelean.counterfactual.sweep_poses import sweep_poses
from strikelean.counterfactual.write import open_runner
from strikelean.errors import SolverError, StrikeleanError
from strikelean.formats.files import excluded_reason, read_rows, write_table
from strikelean.loads.choices import choice_columns, named_shifts
from strikelean.loads.metrics_table import BAND_KEY, add_band
from strikelean.loads.trial_loads import TrialFacts
from strikelean.techniques import LEAN_WARNS_DEG, Technique

Progress = Callable[[str], None]
SWEEP_COLUMNS = (
    "subject",
    "trial",
    "side",
    ANGLE,
    "metric",
    "value",
    "value_low",
    "value_high",
    "unit",
    "status",
)
MANIFEST_COLUMNS = ("subject", "trial", ANGLE, "status", "strides", "reason")
SOLVED, STRETCH, REFUSED, EXCLUDED = "solved", "stretch", "refused", "excluded"


def sweep_lean(
    recorded: RecordedFiles,
    angles_deg: Sequence[int],
    settings: Settings,
    facts: TrialFacts,
    output: Path,
    progress: Progress = lambda line: None,
    poses: Path | None = None,
) -> None:
    """Write the metrics of one trial at every lean, means over its steps, and one step's poses.

    An angle that every stride refuses leaves one row with the status ``refused`` and the reason;
    the sweep goes on.

    Args:
        recorded: files of the recording.
        angles_deg: changes of the trunk's lean, forward positive.
        settings: how a technique is worked out, and how a trial is solved.
        facts: of the recording.
        output: table written, the columns of sweep.csv and ``strides``, ``reason``; then one a
            choice, how far the mean moves under it.
        progress: called with a line of text now and then.
        poses: table written of one stance at every angle, for drawing; None for none.

    Raises:
        RecordingError, ConfigError: unusable inputs.
    """
    runner = open_runner(recorded, settings, facts)
    solved = runner.solve_all([Technique(lean_deg=angle) for angle in angles_deg], progress)
    metrics = runner.evaluate_all(solved)
    if poses is not None:
        write_table(sweep_poses(runner, recorded, solved, metrics), poses)
    leaning = [n for n, one in enumerate(solved) if one.strides and one.technique.lean_deg]
    bands = runner.bands([solved[n] for n in leaning], settings.techniques().band_strides, progress)
    banded = dict(zip(leaning, bands, strict=True))
    tables = []
    for number, (one, table) in enumerate(zip(solved, metrics, strict=True)):
        if isinstance(table, SolverError):
            progress(str(table))
        if isinstance(table, StrikeleanError):
            if one.strides:
                raise table
            told = {"status": REFUSED, "strides": 0, "reason": one.reasons()}
            means = pd.DataFrame([told])
        else:
            if number in banded:
                means = _means(one, add_band(table, banded[number]))
                means = means.merge(named_shifts(banded[number]), on=BAND_KEY, how="left")
            else:
                means = _means(one, table)
        means["subject"], means["trial"] = facts.subject, facts.trial
        means[ANGLE] = one.technique.lean_deg
        tables.append(means)
    table = pd.concat(tables)
    columns = [*SWEEP_COLUMNS, "strides", "reason", *choice_columns(table)]
    write_table(table.reindex(columns=columns), output)


def _means(solved: Solved, metrics: pd.DataFrame) -> pd.DataFrame:
    """Return the means over steps of one angle's metrics, and what became of it."""
    by = ["side", "metric", "unit"]
    table = metrics.groupby(by, sort=False)[["value", "value_low", "value_high"]].mean()
    table = table.reset_index()
    stretched = abs(solved.technique.lean_deg) > LEAN_WARNS_DEG
    table["status"] = STRETCH if stretched else SOLVED
    table["strides"], table["reason"] = len(solved.strides), solved.reasons()
    return table


@dataclass(frozen=True)
class SweepPart:
    """All angles of one trial, and their file."""

    subject: str
    trial: str
    angles_deg: tuple[int, ...]
    path: Path


def collect_sweep(parts: Sequence[SweepPart], sweep_csv: Path, manifest_csv: Path) -> None:
    """Write the sweep's table, and what became of every angle of every trial.

    Args:
        parts: of every trial.
        sweep_csv: table written, its choices' columns last; refused angles are only in the
            manifest.
        manifest_csv: subject, trial, angle, status, strides, reason.
    """
    tables = [pd.DataFrame(columns=list(SWEEP_COLUMNS))]
    rows: list[dict[str, object]] = []
    for part in parts:
        reason = excluded_reason(part.path)
        every = None
        if reason is None:
            every = read_rows(part.path, {"subject": str, "trial": str})
        for angle in part.angles_deg:
            row: dict[str, object] = {"subject": part.subject, "trial": part.trial, ANGLE: angle}
            if every is None:
                rows.append(row | {"status": EXCLUDED, "strides": 0, "reason": reason})
                continue
            table = every[every[ANGLE] == angle]
            first = table.iloc[0]
            rows.append(row | {name: first[name] for name in ("status", "strides", "reason")})
            if first["status"] != REFUSED:
                tables.append(table.drop(columns=["strides", "reason"]))
    sweep = pd.concat(tables[1:]) if tables[1:] else tables[0]
    write_table(sweep[[*SWEEP_COLUMNS, *choice_columns(sweep)]], sweep_csv)
    write_table(pd.DataFrame(rows, columns=list(MANIFEST_COLUMNS)), manifest_csv)
