"""What excludes a trial, what only warns, and how the cohort's files come together."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from strikelean.formats.hdf5 import Waveform, read_waveforms, write_waveforms
from strikelean.formats.series import TimeSeries
from strikelean.judging import Limits, judge
from strikelean.loads.cohort import CohortOutputs, Techniques, collect_cohort
from strikelean.loads.metrics_table import METRIC_COLUMNS
from strikelean.quality import (
    TrialResult,
    activation_figures,
    judge_quality,
    stage_figures,
)

LIMITS = Limits(
    min_valid_steps=3,
    max_missing_segment_share=0.10,
    max_marker_rms_m=0.04,
    max_solver_failure_share=0.05,
    max_lag_s=0.020,
    max_plate_weight_error=0.10,
    max_residual_share=0.5,
)
GOOD: dict[str, Any] = {
    "valid_steps_right": 10,
    "valid_steps_left": 10,
    "missing_segment_share": 0.02,
    "marker_rms_m": 0.012,
    "solver_failure_share": 0.0,
    "lag_s": 0.004,
    "plate_weight_error": 0.01,
    "residual_force_peak_share_of_peak_grf": 0.2,
}


NO_TECHNIQUES = Techniques({}, virtual=False, habitual="heel_strike")


def _outputs(folder: Path) -> CohortOutputs:
    return CohortOutputs(folder / "metrics.csv", folder / "within_runner.csv", folder / "cohort.h5")


def test_a_good_trial_is_included_without_a_word() -> None:
    verdict = judge(GOOD, LIMITS)
    assert (verdict.included, verdict.reason, verdict.warnings) == (True, "", "")


@pytest.mark.parametrize(
    ("figure", "value", "words"),
    [
        ("valid_steps_left", 2, "2 valid steps on the left"),
        ("missing_segment_share", 0.11, "under 3 markers"),
        ("marker_rms_m", 0.041, "marker RMS"),
        ("solver_failure_share", 0.06, "no muscle solution"),
        ("lag_s", -0.021, "lag"),
        ("plate_weight_error", -0.12, "plate"),
        ("residual_force_peak_share_of_peak_grf", 0.51, "axes, signs and units of the forces"),
    ],
)
def test_each_rule_excludes_by_itself_with_its_figure(
    figure: str, value: float, words: str
) -> None:
    verdict = judge(GOOD | {figure: value}, LIMITS)
    assert not verdict.included
    assert words in verdict.reason


def test_at_the_limit_a_trial_still_counts() -> None:
    edge = {"valid_steps_left": 3, "marker_rms_m": 0.04, "lag_s": 0.02, "plate_weight_error": 0.1}
    assert judge(GOOD | edge, LIMITS).included


def test_a_plate_a_little_off_warns_with_the_figure() -> None:
    assert "plate is off by 8.0%" in judge(GOOD | {"plate_weight_error": -0.08}, LIMITS).warnings
    assert "plate" not in judge(GOOD | {"plate_weight_error": -0.065}, LIMITS).warnings


def test_forces_some_milliseconds_beside_the_markers_warn_with_the_figure() -> None:
    late = judge(GOOD | {"lag_s": 0.012}, LIMITS)
    assert late.included
    assert "forces and markers are 0.012 s apart" in late.warnings
    assert "apart" in judge(GOOD | {"lag_s": -0.0065}, LIMITS).warnings
    # the public dataset's once corrected: -1.5 to 3.4 ms
    assert "apart" not in judge(GOOD | {"lag_s": 0.0034}, LIMITS).warnings


@pytest.mark.parametrize(
    ("figure", "usual", "unusual", "words"),
    [
        ("static_marker_rms_m", 0.0213, 0.03, "static marker RMS 0.030 m"),
        ("static_marker_max_m", 0.0438, 0.06, "static marker error 0.060 m"),
        ("marker_rms_m", 0.0151, 0.03, "marker RMS 0.030 m"),
        ("marker_max_m", 0.0616, 0.07, "marker error 0.070 m"),
        ("connolly_beyond_data_share", 0.416, 0.5, "leaves Connolly's area data in up to 50%"),
    ],
)
def test_what_every_sound_recording_shows_is_no_warning(
    figure: str, usual: float, unusual: float, words: str
) -> None:
    """The largest of public running trials stays quiet; what lies well beyond does not."""
    quiet = judge(GOOD | {figure: usual}, LIMITS)
    assert quiet.included and quiet.warnings == judge(GOOD, LIMITS).warnings
    told = judge(GOOD | {figure: unusual}, LIMITS)
    assert told.included and words in told.warnings


def test_joint_limits_and_residuals_below_theirs_only_warn() -> None:
    joints = stage_figures({"kinematics": {"limit_share": {"ankle_angle_r": 0.4}}})
    joints = {name: value for name, value in joints.items() if "limit" in name}
    residual = {"residual_force_peak_n": 5000.0, "residual_force_peak_share_of_peak_grf": 0.45}
    verdict = judge(GOOD | joints | residual, LIMITS)
    assert verdict.included
    assert "in more frames than usual" in verdict.warnings
    assert "ankle_angle_r 40.0%. Look at static_file" in verdict.warnings
    assert "45% of the largest ground force" in verdict.warnings


def test_a_joint_of_the_leg_that_rests_on_its_limit_is_named_with_what_to_do() -> None:
    shares = {"hip_flexion_l": 0.11, "ankle_angle_r": 0.45, "subtalar_angle_r": 0.42}
    figures = stage_figures({"kinematics": {"limit_share": shares}})
    assert figures["leg_joints_at_limit"] == "ankle_angle_r 45.0%"
    assert figures["joints_at_limit"] == (
        "ankle_angle_r 45.0%, subtalar_angle_r 42.0%, hip_flexion_l 11.0%"
    )
    verdict = judge(GOOD | figures, LIMITS)
    assert "against a limit of its range" in verdict.warnings
    assert "ankle_angle_r 45.0%. Look at static_file" in verdict.warnings


def test_an_unseen_trunk_may_leave_more_at_the_root() -> None:
    residual = {"residual_force_peak_share_of_peak_grf": 0.7, "trunk_assumed": "yes"}
    assert judge(GOOD | residual, LIMITS).included
    residual["residual_force_peak_share_of_peak_grf"] = 0.86
    assert not judge(GOOD | residual, LIMITS).included


def test_a_figure_that_is_not_known_warns_and_is_not_taken_as_good() -> None:
    verdict = judge({k: v for k, v in GOOD.items() if k != "lag_s"}, LIMITS)
    assert verdict.included
    assert "lag_s is not known" in verdict.warnings


def test_figures_are_found_in_the_stages_reports() -> None:
    reports: dict[str, Any] = {
        "recording": {
            "body_weight_ratio": 0.93,
            "missing_segment_share": {
                "1": {"tibia_r": 0.02, "torso": 1.0},
                "2": {"tibia_r": 0.05, "torso": 1.0},
            },
        },
        "kinematics": {"marker_rms_m": 0.011, "limit_share": {"ankle_angle_r": 0.2, "knee": 0.1}},
        "dynamics": {"lag": {"lag_s": -0.003, "at_limit": False}, "warnings": ["odd"]},
    }
    figures = stage_figures(reports)
    assert figures["plate_weight_error"] == pytest.approx(-0.07)
    # trunk markers are not needed for any load of the leg
    assert figures["missing_segment_share"] == 0.05
    assert figures["joint_limit_share"] == 0.2
    assert figures["joints_at_limit"] == "ankle_angle_r 20.0%, knee 10.0%"
    assert figures["lag_s"] == -0.003
    assert figures["solver_failure_share"] is None
    assert figures["stage_warnings"] == "odd"


def test_only_failed_frames_count_as_failures() -> None:
    time = np.arange(10) / 100.0
    status = np.array([np.nan, np.nan, 0, 0, 0, 1, 2, 0, 0, 0])
    reserve = np.where(np.isnan(status), np.nan, -4.0)
    values = np.column_stack([status, np.full(10, np.nan), reserve])
    names = ("status_r", "status_l", "reserve_knee_angle_r")
    figures = activation_figures(TimeSeries(time, names, values))
    assert figures["solver_failure_share"] == pytest.approx(1 / 8)
    assert figures["reserves_carry_share"] == pytest.approx(1 / 8)
    assert figures["reserve_peak_nm"] == 4.0


def _trial(folder: Path, name: str, figures: dict[str, Any] | None) -> TrialResult:
    own = folder / name
    own.mkdir()
    places = (own / "quality.json", own / "metrics.csv", own / "loads.h5")
    trial = TrialResult(name, "run1", "heel_strike", *places)
    note = "strikelean-excluded: [P2 run1] read_recording: no force\n"
    if figures is None:
        for path in (trial.quality, trial.metrics, trial.waveforms):
            path.write_text(note)
        return trial
    trial.quality.write_text(json.dumps(figures))
    row = [name, "run1", "habitual", "right", 1, "contact_time", 0.2, None, None, "s", "measured"]
    pd.DataFrame([row], columns=list(METRIC_COLUMNS)).to_csv(trial.metrics, index=False)
    wave = Waveform(np.ones((1, 101)), "N m", "extension positive", "", "measured")
    write_waveforms(trial.waveforms, {"right/knee_extension_moment": wave}, {"subject": name})
    return trial


def test_excluded_trials_are_listed_and_left_out_of_the_cohort(tmp_path: Path) -> None:
    trials = [
        _trial(tmp_path, "P1", GOOD),
        _trial(tmp_path, "P2", None),
        _trial(tmp_path, "P3", GOOD | {"marker_rms_m": 0.05}),
    ]
    quality = tmp_path / "quality.csv"
    judge_quality(trials, LIMITS, quality)
    table = pd.read_csv(quality).set_index("subject")
    assert table["included"].to_dict() == {"P1": "yes", "P2": "no", "P3": "no"}
    assert "no force" in table.loc["P2", "reason"]
    assert "marker RMS" in table.loc["P3", "reason"]
    assert list(pd.read_csv(quality).columns[:4]) == ["subject", "trial", "included", "reason"]
    collect_cohort(trials, quality, _outputs(tmp_path), {"version": "x"}, NO_TECHNIQUES)
    assert pd.read_csv(tmp_path / "metrics.csv")["subject"].tolist() == ["P1"]
    waveforms, provenance = read_waveforms(tmp_path / "cohort.h5")
    assert list(waveforms) == ["P1/run1/right/knee_extension_moment"]
    assert provenance == {"version": "x"}


def test_a_cohort_of_excluded_trials_is_empty_not_an_error(tmp_path: Path) -> None:
    trials = [_trial(tmp_path, "P2", None)]
    judge_quality(trials, LIMITS, tmp_path / "quality.csv")
    collect_cohort(trials, tmp_path / "quality.csv", _outputs(tmp_path), {}, NO_TECHNIQUES)
    table = pd.read_csv(tmp_path / "metrics.csv")
    assert table.empty
    assert list(table.columns) == [*METRIC_COLUMNS, "class", "reason"]
    assert pd.read_csv(tmp_path / "within_runner.csv").empty


@pytest.mark.parametrize("report", [None, "", '{"mass_kg": 7', "strikelean-failed: a bug in x"])
def test_a_result_that_is_none_costs_its_own_trial_alone(
    tmp_path: Path, report: str | None
) -> None:
    if report is not None:
        (tmp_path / "q").write_text(report, encoding="utf-8")
    (tmp_path / "good").write_text('{"mass_kg": 70.0}\n', encoding="utf-8")
    trials = [
        TrialResult("P9", name, "heel_strike", tmp_path / quality, tmp_path / "m", tmp_path / "l")
        for name, quality in (("run1", "q"), ("run2", "good"))
    ]
    judge_quality(trials, LIMITS, tmp_path / "quality.csv")
    bad, good = pd.read_csv(tmp_path / "quality.csv").to_dict("records")
    assert (bad["included"], good["included"]) == ("no", "yes")
    assert "P9 run1" in bad["reason"] or bad["reason"] == "a bug in x"
