"""What speaks for and against a trial: its figures, what excludes it, what only warns.

The stages report what they saw in JSON files; here those figures get one name each,
with its unit, and are held against the limits. A figure that is not there is never
taken as good: it warns.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from strikelean.constants import UPPER_BODY
from strikelean.errors import RecordingError, StrikeleanError
from strikelean.exclusions import first_note
from strikelean.formats.contacts import Contacts
from strikelean.formats.files import require_data, write_table
from strikelean.formats.series import TimeSeries
from strikelean.judging import Limits, judge
from strikelean.lab.check_forces import FORCE_FIGURES
from strikelean.lab.strike_classes import strike_class
from strikelean.markersets import SIDES
from strikelean.step_pools import Enough, TrialSteps, enough_steps

Figures = dict[str, float | str | None]


@dataclass(frozen=True)
class ReportedFigure:
    """One figure out of the stages' reports.

    Attributes:
        name: column of quality.csv, unit included.
        stages: reports it may stand in, the first that has it counts.
        key: its key, at any depth; of a mapping or list below it the largest size counts.
        offset: taken from the value (1 turns a ratio into an error).
    """

    name: str
    stages: tuple[str, ...]
    key: str
    offset: float = 0.0


REPORTED = (
    ReportedFigure("missing_segment_share", ("recording",), "missing_segment_share"),
    ReportedFigure("plate_weight_error", ("recording",), "body_weight_ratio", offset=1.0),
    *(ReportedFigure(name, ("recording",), name) for name in FORCE_FIGURES),
    ReportedFigure("lag_s", ("recording", "kinematics", "dynamics"), "lag_s"),
    ReportedFigure("static_marker_rms_m", ("scaling",), "static_marker_rms_m"),
    ReportedFigure("static_marker_max_m", ("scaling",), "static_marker_max_m"),
    ReportedFigure("marker_rms_m", ("kinematics",), "marker_rms_m"),
    ReportedFigure("marker_max_m", ("kinematics",), "marker_max_m"),
    ReportedFigure("unconverged_share", ("kinematics",), "unconverged_share"),
    ReportedFigure("joint_limit_share", ("kinematics",), "limit_share"),
    ReportedFigure("residual_force_rms_n", ("dynamics",), "residual_force_rms_n"),
    ReportedFigure("residual_force_peak_n", ("dynamics",), "residual_force_peak_n"),
    ReportedFigure("residual_moment_rms_nm", ("dynamics",), "residual_moment_rms_nm"),
    ReportedFigure("residual_moment_peak_nm", ("dynamics",), "residual_moment_peak_nm"),
    ReportedFigure(
        "residual_force_peak_share_of_peak_grf",
        ("dynamics",),
        "residual_force_peak_share_of_peak_grf",
    ),
    ReportedFigure("solver_failure_share", ("muscles",), "failed_share"),
    ReportedFigure("reserves_carry_share", ("muscles",), "carried_by_reserves_share"),
    ReportedFigure("reserve_peak_nm", ("muscles",), "reserve_peak_nm"),
    ReportedFigure("reserve_peak_share", ("muscles",), "reserve_peak_share"),
    ReportedFigure("saturated_share", ("muscles",), "saturated_share"),
    ReportedFigure("tendon_residual_n", ("muscles",), "tendon_residual_n"),
    ReportedFigure("hip_strength_needed", ("muscles",), "hip_strength_needed"),
    ReportedFigure("strength_by_mass", ("scaling",), "mass_two_thirds"),
    ReportedFigure("strength_by_volume", ("scaling",), "handsfield2014"),
    ReportedFigure("strides_refused", ("counterfactual",), "strides_refused"),
    ReportedFigure("added_residual_force_rms_n", ("counterfactual",), "added_residual_force_rms_n"),
    ReportedFigure(
        "added_residual_moment_rms_nm", ("counterfactual",), "added_residual_moment_rms_nm"
    ),
    ReportedFigure("added_slip_m", ("counterfactual",), "added_slip_m"),
    ReportedFigure("acceleration_ratio", ("counterfactual",), "acceleration_ratio"),
    *(
        ReportedFigure(name, ("counterfactual",), name)
        for what in ("asked", "reached")
        for name in (f"strike_{what}_{side}_deg" for side in SIDES)
    ),
)


LIMIT_SHARES = {"hip_": 0.2, "knee_": 0.2, "ankle_": 0.2, "subtalar_": 0.5}
"""Share of frames in which a joint of the leg may rest on a limit of its range.

Hip, knee and ankle: up to 0.144 in 26 running trials of the public dataset (doi
10.7717/peerj.3298), 0.057 in whole-body ones (doi 10.1016/j.jbiomech.2012.11.024), 0.003 in
virtual runners; 0.33 to 0.49 with static trials on tiptoe. Subtalar: up to 0.428, 0.26, 0.056."""


ANY_JOINT = {"": 0.0}


def _numbers(node: Any) -> Iterator[float]:
    """Yield every finite number below a node, upper-body entries left out."""
    if isinstance(node, Mapping):
        for key, value in node.items():
            if not str(key).startswith(UPPER_BODY):
                yield from _numbers(value)
    elif isinstance(node, list):
        for value in node:
            yield from _numbers(value)
    elif isinstance(node, int | float) and not isinstance(node, bool) and np.isfinite(node):
        yield float(node)


def _found(node: Any, key: str) -> Iterator[Any]:
    """Yield what stands under a key, at any depth."""
    if isinstance(node, Mapping):
        for name, value in node.items():
            if name == key:
                yield value
            else:
                yield from _found(value, key)


def reported_figure(reports: Mapping[str, Any], figure: ReportedFigure) -> float | None:
    """Return one figure from the stages' reports, None where it is not there."""
    for stage in figure.stages:
        for node in _found(reports.get(stage, {}), figure.key):
            values = [value - figure.offset for value in _numbers(node)]
            if values:
                return max(values, key=abs)
            if isinstance(node, Mapping):  # nothing to report: no joint at its limit
                return 0.0
    return None


def read_report(path: Path) -> Any:
    """Read a stage's JSON report; RecordingError where it is absent or broken."""
    require_data(path, "compute_loads")
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as problem:
        raise RecordingError(
            "compute_loads", f"a report in {path}", str(problem), "Delete it and run again"
        ) from None


def stage_figures(documents: Mapping[str, Any], activations: TimeSeries | None = None) -> Figures:
    """Return the stages' figures under this project's names.

    Args:
        documents: report of each stage; stages may be absent.
        activations: table of activations.sto; gives the reserves and, where no report states it,
            the share of stance frames without a muscle solution.
    """
    figures: Figures = {row.name: reported_figure(documents, row) for row in REPORTED}
    if activations is not None:
        counted = activation_figures(activations)
        figures = counted | {name: value for name, value in figures.items() if value is not None}
        figures = {row.name: None for row in REPORTED} | figures
    reports_with_notes = [d for d in documents.values() if isinstance(d, dict)]
    notes = [str(line) for d in reports_with_notes for line in d.get("warnings", [])]
    # semicolons part the notes from each other, so there is none within one
    figures["stage_warnings"] = "; ".join(note.replace(";", ",") for note in notes)
    assumed = next(_found(documents.get("kinematics", {}), "trunk_assumed_lean_deg"), None)
    figures["trunk_assumed"] = "yes" if assumed is not None else None
    no_forces = next(_found(documents.get("recording", {}), "forces_recorded"), None) is False
    figures["angles_only"] = "yes" if no_forces else None
    kinematics = documents.get("kinematics", {})
    figures["joints_at_limit"] = _joints_at_limit(kinematics)
    figures["leg_joints_at_limit"] = _joints_at_limit(kinematics, LIMIT_SHARES)
    return figures


def _joints_at_limit(kinematics: Any, usual: Mapping[str, float] = ANY_JOINT) -> str:
    """Return the coordinates that rest on a limit with their share of frames, worst first.

    Args:
        kinematics: report of that stage.
        usual: by the start of a coordinate's name, the share of frames that is not told of.
    """
    shares = next(_found(kinematics, "limit_share"), None)
    known = shares if isinstance(shares, Mapping) else {}
    worst = sorted(
        (-float(share), str(name))
        for name, share in known.items()
        if any(str(name).startswith(start) and share > least for start, least in usual.items())
    )
    return ", ".join(f"{name} {-share:.1%}" for share, name in worst)


def activation_figures(table: TimeSeries) -> Figures:
    """Return solver failures and reserves from the table of activations.sto.

    Status 0 is solved, 1 solved with reserves carrying what muscles cannot, 2 failed,
    NaN no stance. Only 2 is a failure; 1 has its own share, which warns.
    """
    status = [table.column(name) for name in ("status_r", "status_l") if name in table.columns]
    frames = np.concatenate(status) if status else np.empty(0)
    frames = frames[np.isfinite(frames)]
    failed = float(np.mean(frames == 2)) if frames.size else None
    carried = float(np.mean(frames == 1)) if frames.size else None
    reserves = [i for i, name in enumerate(table.columns) if name.startswith("reserve_")]
    sizes = np.abs(table.values[:, reserves]) if reserves else np.empty(0)
    sizes = sizes[np.isfinite(sizes)]
    return {
        "solver_failure_share": failed,
        "reserves_carry_share": carried,
        "reserve_peak_nm": float(sizes.max()) if sizes.size else None,
    }


def load_figures(
    contacts: Contacts, metrics: Mapping[str, Mapping[str, Any]], mass_kg: float
) -> Figures:
    """Return the figures that come from steps and loads.

    Args:
        contacts: of both feet.
        metrics: by side and name, objects with ``values`` (S,).
        mass_kg: body mass.
    """
    figures: Figures = {"mass_kg": mass_kg}
    for side in ("right", "left"):
        chosen = contacts.selected(side)
        valid = sum(contact.valid for contact in contacts if contact.side == side)
        figures[f"valid_steps_{side}"] = float(valid)
        figures[f"reported_steps_{side}"] = float(len(chosen))
        angles = np.array([contact.foot_strike_angle_deg for contact in chosen])
        known = angles[np.isfinite(angles)]
        median = float(np.median(known)) if known.size else None
        figures[f"foot_strike_angle_median_{side}_deg"] = median
        figures[f"strike_class_{side}"] = strike_class(median) if median is not None else None
    for name, metric in (
        ("connolly_beyond_data_share", "patellofemoral_area_connolly_beyond_data_share"),
        ("powers_beyond_data_share", "patellofemoral_area_powers_beyond_data_share"),
        ("peak_vertical_force_n", "ground_vertical_force_peak"),
    ):
        values = [own[metric].values for own in metrics.values() if metric in own]
        known = np.concatenate(values) if values else np.empty(0)
        known = known[np.isfinite(known)]
        figures[name] = float(known.max()) if known.size else None
    lengths = [own["step_length"].values for own in metrics.values() if "step_length" in own]
    known = np.concatenate(lengths) if lengths else np.empty(0)
    known = known[np.isfinite(known)]
    figures["step_length_mean_m"] = float(known.mean()) if known.size else None
    return figures


@dataclass(frozen=True)
class TrialResult:
    """Where one trial's results lie.

    Attributes:
        subject, trial: names.
        condition: label of the technique.
        quality: quality.json, or its note of exclusion.
        metrics: the trial's metrics.csv, or its note of exclusion.
        waveforms: loads.h5, or its note of exclusion.
    """

    subject: str
    trial: str
    condition: str
    quality: Path
    metrics: Path
    waveforms: Path


def _read(trial: TrialResult) -> tuple[str, Figures]:
    """Return why a trial has no results, empty where it has, and its figures."""
    note = first_note([trial.quality, trial.metrics, trial.waveforms])
    if note is not None:
        return note.reason, {}
    try:
        return "", read_report(trial.quality)
    except StrikeleanError as error:
        return str(error.located(trial.subject, trial.trial)), {}


def judge_quality(trials: Sequence[TrialResult], limits: Limits, output: Path) -> int:
    """Write quality.csv, one row a trial, excluded ones with their reason; return how many count.

    Columns: subject, trial, included (yes/no), reason, warnings, sides (the feet by which it is
    compared), then the figures. A trial of which a result is missing, or not as it was written, is
    excluded for that.
    """
    found = [_read(trial) for trial in trials]
    steps = [
        TrialSteps.of(
            (trial.subject, trial.trial, trial.condition),
            figures,
            reason or judge(figures, limits, Enough()).reason,
        )
        for trial, (reason, figures) in zip(trials, found, strict=True)
    ]
    enough = enough_steps(steps, limits.min_valid_steps)
    rows: list[dict[str, Any]] = []
    for trial, (reason, figures) in zip(trials, found, strict=True):
        row: dict[str, Any] = {"subject": trial.subject, "trial": trial.trial}
        if reason:
            rows.append(row | {"included": "no", "reason": reason, "warnings": "", "sides": ""})
            continue
        own = enough.get((trial.subject, trial.trial), Enough())
        verdict = judge(figures, limits, own)
        row |= {
            "included": "yes" if verdict.included else "no",
            "reason": verdict.reason,
            "warnings": verdict.warnings,
            "sides": " ".join(own.sides) if verdict.included else "",
        }
        rows.append(row | {k: v for k, v in figures.items() if k != "stage_warnings"})
    columns = ["subject", "trial", "included", "reason", "warnings", "sides"]
    columns += sorted({key for row in rows for key in row} - set(columns))
    write_table(pd.DataFrame(rows, columns=columns), output, digits=6)
    return sum(row["included"] == "yes" for row in rows)
