"""A sweep over trunk lean: one angle of one trial at a time, then all in one table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from strikelean.counterfactual.write import (
    CounterfactualInputs,
    CounterfactualSettings,
    open_runner,
)
from strikelean.errors import SolverError
from strikelean.formats.files import excluded_reason, read_rows, write_table
from strikelean.loads.trial_loads import LoadSettings
from strikelean.techniques import LEAN_WARNS_DEG, Technique

Progress = Callable[[str], None]
ANGLE = "trunk_lean_change_deg"
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
    inputs: CounterfactualInputs,
    lean_deg: int,
    settings: CounterfactualSettings,
    loads: LoadSettings,
    output: Path,
    progress: Progress = lambda line: None,
) -> None:
    """Write the metrics of one trial at one lean, means over its steps.

    An angle that every stride refuses leaves one row with the status ``refused`` and the reason;
    the sweep goes on.

    Args:
        inputs: the recording's files.
        lean_deg: change of the trunk's lean, forward positive.
        settings: strides and choices.
        loads: what metrics need, of the recording.
        output: table written, the columns of sweep.csv and ``strides``, ``reason``.
        progress: called with a line of text now and then.
    """
    runner = open_runner(inputs, settings, loads)
    technique = Technique(lean_deg=lean_deg)
    solved = runner.solve(technique, progress=progress)
    who = {"subject": loads.subject, "trial": loads.trial, ANGLE: lean_deg}
    try:
        trial = runner.derive(solved)
    except SolverError as error:
        progress(str(error))
        told = {"status": REFUSED, "strides": 0, "reason": solved.reasons()}
        table = pd.DataFrame([who | told])
    else:
        metrics = runner.evaluate(technique, trial)
        if lean_deg:
            metrics = runner.banded(solved, metrics, settings.band_strides, progress)
        by = ["side", "metric", "unit"]
        table = metrics.groupby(by, sort=False)[["value", "value_low", "value_high"]].mean()
        table = table.reset_index()
        table["subject"], table["trial"], table[ANGLE] = loads.subject, loads.trial, lean_deg
        table["status"] = STRETCH if abs(lean_deg) > LEAN_WARNS_DEG else SOLVED
        table["strides"], table["reason"] = len(solved.strides), solved.reasons()
    table = table.reindex(columns=[*SWEEP_COLUMNS, "strides", "reason"])
    write_table(table, output)


@dataclass(frozen=True)
class SweepPart:
    """One angle of one trial, and its file."""

    subject: str
    trial: str
    lean_deg: int
    path: Path


def collect_sweep(parts: Sequence[SweepPart], sweep_csv: Path, manifest_csv: Path) -> None:
    """Write the sweep's table, and what became of every angle of every trial.

    Args:
        parts: every angle of every trial.
        sweep_csv: table written; refused angles are only in the manifest.
        manifest_csv: subject, trial, angle, status, strides, reason.
    """
    tables = [pd.DataFrame(columns=list(SWEEP_COLUMNS))]
    rows: list[dict[str, object]] = []
    for part in parts:
        row: dict[str, object] = {"subject": part.subject, "trial": part.trial}
        row[ANGLE] = part.lean_deg
        reason = excluded_reason(part.path)
        if reason is not None:
            rows.append(row | {"status": EXCLUDED, "strides": 0, "reason": reason})
            continue
        table = read_rows(part.path, {"subject": str, "trial": str})
        first = table.iloc[0]
        rows.append(row | {name: first[name] for name in ("status", "strides", "reason")})
        if first["status"] != REFUSED:
            tables.append(table[list(SWEEP_COLUMNS)])
    sweep = pd.concat(tables[1:]) if tables[1:] else tables[0]
    write_table(sweep, sweep_csv)
    write_table(pd.DataFrame(rows, columns=list(MANIFEST_COLUMNS)), manifest_csv)
