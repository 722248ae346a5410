"""The same runner with another technique, on the full-body recording."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from delivered import CONFIG, TOP
from strikelean.config.settings import Settings
from strikelean.counterfactual import propose
from strikelean.counterfactual.derive import DerivedTrial
from strikelean.counterfactual.recorded_trial import RecordedFiles
from strikelean.counterfactual.retiming import Retiming
from strikelean.counterfactual.solve_techniques import Solved, TechniqueSolver
from strikelean.counterfactual.sweep import SweepPart, collect_sweep, sweep_lean
from strikelean.counterfactual.sweep_poses import POSE_COLUMNS
from strikelean.counterfactual.write import open_runner, solve_counterfactual
from strikelean.declarations import find_declaration
from strikelean.errors import SolverError
from strikelean.formats.contacts import read_contacts
from strikelean.formats.ground import read_ground
from strikelean.formats.sto import read_sto
from strikelean.formats.trc import read_trc
from strikelean.lab.strike_classes import FOREFOOT_BELOW_DEG, REARFOOT_ABOVE_DEG
from strikelean.layout import TrialFiles
from strikelean.loads.trial_loads import TrialFacts
from strikelean.markersets import load_markerset
from strikelean.motion.stance_poses import (
    FRAMES,
    Body,
    knee_arm_m,
    part,
    pose_of_table,
    sole_shapes,
    stance_pose,
)
from strikelean.techniques import Technique, parse_technique
from strikelean.verify.prepare_trial import (
    FULLBODY_HEIGHT_M,
    FULLBODY_MASS_KG,
    markerset_path,
    recorded_files,
)

MARKER_SET = markerset_path(TOP, "rajagopal_fullbody")
LEANS = (-10, 0, 10, 20)
KNEE, HIP = "knee_extension_moment_peak", "hip_extension_moment_impulse"
FACTS = TrialFacts(
    subject="runner",
    trial="run",
    mass_kg=FULLBODY_MASS_KG,
    height_m=FULLBODY_HEIGHT_M,
    belt_speed_m_s=3.7,
    trunk_markers=load_markerset(MARKER_SET).trunk,
)
TEMPLATE = TOP / "models" / "techniques" / "strike.csv"


@pytest.fixture(scope="module")
def settings() -> Settings:
    few = CONFIG["counterfactual"] | {"strides": 2, "band_strides": 1}
    return Settings.from_config(CONFIG | {"counterfactual": few})


@pytest.fixture(scope="module")
def inputs(fullbody: Path) -> RecordedFiles:
    return recorded_files(fullbody, MARKER_SET)


@pytest.fixture(scope="module")
def runner(inputs: RecordedFiles, settings: Settings) -> TechniqueSolver:
    return open_runner(inputs, settings, FACTS, TEMPLATE)


Outcome = tuple[Solved, DerivedTrial, pd.DataFrame]


def carried_out(runner: TechniqueSolver, technique: Technique) -> Outcome:
    """Return what solving, deriving and evaluating a technique gives."""
    solved = runner.solve(technique)
    assert not solved.refused, solved.reasons()
    trial = runner.derive(solved)
    return solved, trial, runner.evaluate(technique, trial)


@pytest.fixture(scope="module")
def leaning(runner: TechniqueSolver) -> dict[int, Outcome]:
    return {lean: carried_out(runner, Technique(lean_deg=lean)) for lean in LEANS}


def means(outcome: Outcome, metric: str) -> float:
    """Return a metric's mean over both feet's steps."""
    table = outcome[2]
    return float(table.loc[table["metric"] == metric, "value"].mean())


def test_no_change_asked_is_the_recording(
    runner: TechniqueSolver, leaning: dict[int, Outcome]
) -> None:
    _, trial, _ = leaning[0]
    recorded = runner.base.motion
    rows = np.searchsorted(recorded.time_s, trial.time_s - 1e-9)
    np.testing.assert_allclose(recorded.time_s[rows], trial.time_s, atol=1e-9)
    apart = np.abs(trial.coordinates - recorded.coordinates[rows]).max()
    assert apart < 1e-6
    for own, derived in (
        (runner.base.grf, trial.grf),
        (runner.base.grf_unfiltered, trial.grf_unfiltered),
    ):
        rows = np.searchsorted(own.time_s, derived.time_s - 1e-9)
        np.testing.assert_allclose(derived.values, own.values[rows], atol=1e-6)


def test_knee_moment_falls_and_hip_impulse_rises_with_lean(leaning: dict[int, Outcome]) -> None:
    knees, hips = ([means(leaning[lean], name) for lean in LEANS] for name in (KNEE, HIP))
    print("knee", knees, "hip", hips)
    assert np.all(np.diff(knees) < 0.0)
    assert np.all(np.diff(hips) > 0.0)


def test_every_lean_keeps_the_rules(leaning: dict[int, Outcome]) -> None:
    for lean, (solved, _, _) in leaning.items():
        found = solved.figures()
        print(lean, found)
        assert float(found["acceleration_ratio"] or 0.0) <= 1.2
        assert float(found["beyond_limit_deg"] or 0.0) <= 0.01
        assert float(found["added_slip_m"] or 0.0) <= 0.005


def test_the_trunk_leans_by_what_is_asked_and_the_feet_stay(leaning: dict[int, Outcome]) -> None:
    trunk = [means(leaning[lean], "trunk_lean_torso_axis_angle_mean") for lean in LEANS]
    np.testing.assert_allclose(np.diff(trunk), np.diff(LEANS), atol=0.3)
    strike = [means(leaning[lean], "foot_strike_angle_contact") for lean in LEANS]
    assert np.ptp(strike) < 1.0


def test_strides_that_follow_one_another_join_smoothly(
    runner: TechniqueSolver, leaning: dict[int, Outcome]
) -> None:
    _, trial, _ = leaning[20]
    recorded = runner.base.motion
    step = 1.0 / recorded.rate_hz

    def turning(values: np.ndarray) -> np.ndarray:
        return np.asarray(np.abs(np.diff(values, n=2, axis=0)).max(axis=0) / step**2)

    rows = np.searchsorted(recorded.time_s, trial.time_s - 1e-9)
    own = turning(recorded.coordinates[rows])
    new = turning(trial.coordinates)
    moving = own > 1.0
    assert np.all(new[moving] <= 1.2 * own.max()), "no jerk where strides join"


def test_a_refused_stride_stands_in_contacts_with_its_reason(
    runner: TechniqueSolver, leaning: dict[int, Outcome]
) -> None:
    solved, _, _ = leaning[10]
    first = solved.strides[0][0]
    partly = replace(
        solved, strides=solved.strides[1:], refused=((first, "slip 6.1 mm over 5 mm"),)
    )
    trial = runner.derive(partly)
    told = [contact for contact in trial.contacts if not contact.valid]
    assert {contact.step for contact in told} == set(first.numbers)
    assert {contact.reason for contact in told} == {"slip 6.1 mm over 5 mm"}
    assert sum(contact.selected for contact in trial.contacts) == 2
    table = runner.evaluate(partly.technique, trial)
    whole = leaning[10][2]
    for side in ("right", "left"):
        values = [
            frame[(frame["metric"] == KNEE) & (frame["side"] == side)]["value"].to_numpy()
            for frame in (table, whole)
        ]
        np.testing.assert_allclose(values[0][-1], values[1][-1], rtol=1e-3)


def test_all_strides_refused_is_an_error_with_reasons(
    runner: TechniqueSolver, leaning: dict[int, Outcome]
) -> None:
    solved, _, _ = leaning[10]
    spans = tuple((span, "residual moment_z 9.1 over 2.0") for span, _ in solved.strides)
    with pytest.raises(SolverError, match=r"all 2 refused: residual moment_z 9.1 over 2.0"):
        runner.derive(replace(solved, strides=(), refused=spans))


@pytest.fixture(scope="module")
def forefoot(runner: TechniqueSolver) -> Outcome:
    return carried_out(runner, parse_technique("forefoot"))


def test_forefoot_lands_off_the_heel_and_unloads_the_knee(
    leaning: dict[int, Outcome], forefoot: Outcome
) -> None:
    own = leaning[0]
    changes = {
        name: means(forefoot, name) - means(own, name)
        for name in (
            "foot_strike_angle_contact",
            "strike_index_contact",
            KNEE,
            "ankle_plantarflexion_moment_impulse",
            "knee_flexion_angle_contact",
            "heel_to_pelvis_contact",
        )
        if name in set(own[2]["metric"])
    }
    print(changes)
    # what it is called
    assert means(forefoot, "foot_strike_angle_contact") < FOREFOOT_BELOW_DEG
    assert means(own, "foot_strike_angle_contact") > REARFOOT_ABOVE_DEG
    assert changes["ankle_plantarflexion_moment_impulse"] > 0.0
    assert changes["knee_flexion_angle_contact"] > 0.0


@pytest.mark.parametrize("name", ["strike-08", "strike+05"])
def test_a_strike_lands_at_the_asked_angle(runner: TechniqueSolver, name: str) -> None:
    landed = carried_out(runner, parse_technique(name))
    asked = float(name.removeprefix("strike"))
    found = landed[0].figures()
    for side in ("left", "right"):
        assert found[f"strike_asked_{side}_deg"] == asked
        assert found[f"strike_reached_{side}_deg"] == pytest.approx(asked, abs=1.0)
    # the markers of the derived trial say so too
    assert means(landed, "foot_strike_angle_contact") == pytest.approx(asked, abs=2.0)


def test_what_is_switched_off_stays_the_runners_own(
    runner: TechniqueSolver, leaning: dict[int, Outcome], forefoot: Outcome
) -> None:
    off = replace(runner.choices, contact_time=False, step_rate=False, vertical=False)
    kept = carried_out(replace(runner, choices=off), parse_technique("forefoot"))
    own, both = leaning[0], (kept, forefoot)
    contact = [means(outcome, "contact_time") / means(own, "contact_time") for outcome in both]
    assert contact[0] == pytest.approx(1.0, abs=1e-6)
    assert 0.93 < contact[1] < 0.99
    assert means(kept, "step_rate") == pytest.approx(means(own, "step_rate"), rel=1e-6)


def test_half_a_strike_changes_half_as_much(
    runner: TechniqueSolver, leaning: dict[int, Outcome], forefoot: Outcome
) -> None:
    half = carried_out(runner, parse_technique("forefoot+050"))
    for name in ("foot_strike_angle_contact", KNEE):
        own, part, whole = (means(outcome, name) for outcome in (leaning[0], half, forefoot))
        assert 0.35 < (part - own) / (whole - own) < 0.65


def test_more_steps_are_shorter_at_the_same_speed(
    runner: TechniqueSolver, leaning: dict[int, Outcome]
) -> None:
    faster = carried_out(runner, parse_technique("cadence+10"))
    own = leaning[0]
    rates = [means(outcome, "step_rate") for outcome in (own, faster)]
    lengths = [means(outcome, "step_length") for outcome in (own, faster)]
    assert rates[1] / rates[0] == pytest.approx(1.1, abs=2e-3)
    assert lengths[1] / lengths[0] == pytest.approx(1 / 1.1, abs=0.01)
    assert means(faster, KNEE) < 0.95 * means(own, KNEE)


def test_more_steps_land_with_the_knee_that_runners_have_then(
    runner: TechniqueSolver, leaning: dict[int, Outcome]
) -> None:
    """Asked: knee at contact and contact time as published; a step rate alone has neither."""
    own, technique = leaning[0], parse_technique("cadence+10")
    knee, contact = "knee_flexion_angle_contact", "contact_time"
    asked = carried_out(runner, technique)
    alone = carried_out(replace(runner, posture=None), technique)
    assert means(asked, knee) - means(own, knee) == pytest.approx(1.8, abs=0.3)
    assert means(asked, contact) / means(own, contact) == pytest.approx(1.1**-0.5, abs=2e-3)
    assert means(alone, knee) < means(own, knee)
    assert means(alone, contact) / means(own, contact) == pytest.approx(1 / 1.1, abs=2e-3)


def test_contacts_take_another_share_of_the_same_stride(
    runner: TechniqueSolver, leaning: dict[int, Outcome], monkeypatch: pytest.MonkeyPatch, agree
) -> None:
    shorter = Retiming(contact_time={"right": 0.95, "left": 0.93})
    monkeypatch.setattr(propose, "retiming_of", lambda asked: shorter)
    solved, trial, metrics = carried_out(runner, Technique(cadence_percent=1))
    own = leaning[0]
    new = (solved, trial, metrics)
    # feet that change by different amounts shift their steps a little
    assert means(new, "step_time") == pytest.approx(means(own, "step_time"), abs=1e-3)
    for side, factor in shorter.contact_time.items():
        times = [
            float(
                table[table["metric"].eq("contact_time") & table["side"].eq(side)]["value"].mean()
            )
            for table in (own[2], metrics)
        ]
        apart = 1e3 * abs(times[1] - factor * times[0])
        agree(f"contact time of a {side} foot that is asked for {factor}", apart, 0.5, "ms")
    # over whole strides the ground carries the body
    for outcome in (own, new):
        force = outcome[1].grf_unfiltered.values[:, :, 0, 1].sum(axis=1)
        inside = outcome[1].grf_unfiltered.time_s
        first, last = (solved.strides[place][0] for place in (0, -1))
        rows = (inside >= first.start_s) & (inside <= last.end_s)
        share = force[rows].mean() / (FULLBODY_MASS_KG * 9.80665)
        agree("mean vertical force over whole strides, from body weight", abs(share - 1), 0.02, "")
    # strides pass into each other as smoothly as they did
    bends = [np.abs(np.diff(one[1].coordinates, 2, axis=0)).max(axis=0) for one in (own, new)]
    assert (bends[1] <= 2.0 * bends[0] + 1e-9).all()


@pytest.fixture(scope="module")
def written(inputs: RecordedFiles, settings: Settings, tmp_path_factory) -> Path:
    """Folder of a derived trial, taken through the later stages as a recording would be."""
    folder = tmp_path_factory.mktemp("forefoot")
    files = TrialFiles(folder)
    technique = parse_technique("forefoot_lean+07")
    lines: list[str] = []
    declarations = sorted((TOP / "models" / "techniques").glob("*.yaml"))
    solve_counterfactual(
        inputs,
        technique,
        settings,
        FACTS,
        files,
        find_declaration(declarations, technique.condition),
        template=TEMPLATE,
        progress=lines.append,
    )
    assert any("stride 2 of 2: solved" in line for line in lines)
    return folder


def test_files_give_the_loads_that_memory_gives(
    runner: TechniqueSolver, written: Path, agree
) -> None:
    technique = parse_technique("forefoot_lean+07")
    memory = carried_out(runner, technique)[2]
    files = pd.read_csv(written / "metrics.csv")
    assert list(memory["metric"]) == list(files["metric"])
    known = memory["value"].notna() & files["value"].notna()
    assert known.mean() > 0.8
    apart = (memory["value"] - files["value"])[known].abs()
    size = memory.groupby(["metric", "side"])["value"].transform(lambda v: v.abs().max())[known]
    worst = (apart / size.clip(lower=1e-3)).max()
    agree("metrics of a derived trial, files against memory, of their size", worst, 1e-4, "")
    assert (apart / size.clip(lower=1e-3)).median() < 1e-5


def test_a_derived_trial_says_what_it_is(written: Path) -> None:
    told = json.loads((written / "recording.json").read_text(encoding="utf-8"))
    assert told["derived_from"] == "run"
    assert told["technique"] == "forefoot_lean+07"
    table = pd.read_csv(written / "metrics.csv")
    assert set(table["basis"]) <= {"predicted", "assumed"}
    knee = table[table["metric"] == KNEE]
    assert (knee["value_low"] <= knee["value"]).all()
    assert (knee["value"] <= knee["value_high"]).all()
    assert (knee["value_high"] - knee["value_low"] > 0.0).all()
    hip = table[table["metric"] == "hip_extension_moment_peak"]
    assert hip["value"].isna().all(), "withheld: not reliable in a strike"
    quality = json.loads((written / "quality.json").read_text(encoding="utf-8"))
    assert quality["strides_refused"] == 0.0
    assert quality["acceleration_ratio"] <= 1.2


def test_a_sweep_is_one_table_and_a_manifest(
    inputs: RecordedFiles, settings: Settings, tmp_path: Path
) -> None:
    one = settings.with_strides(1)
    path = tmp_path / "runner.csv"
    sweep_lean(inputs, (0, 5), one, FACTS, path)
    parts = [SweepPart("runner", "run", (0, 5), path)]
    collect_sweep(parts, tmp_path / "sweep.csv", tmp_path / "manifest.csv")
    sweep = pd.read_csv(tmp_path / "sweep.csv")
    knee = sweep[(sweep["metric"] == KNEE) & (sweep["side"] == "right")]
    assert list(knee["trunk_lean_change_deg"]) == [0, 5]
    assert knee["value"].is_monotonic_decreasing
    assert knee["value_low"].isna().tolist() == [True, False]
    # an angle comes out as it does alone
    sweep_lean(inputs, (5,), one, FACTS, tmp_path / "alone.csv")
    alone = pd.read_csv(tmp_path / "alone.csv")
    own = sweep[sweep["trunk_lean_change_deg"] == 5].reset_index(drop=True)
    pd.testing.assert_frame_equal(own, alone[own.columns], rtol=1e-5)
    manifest = pd.read_csv(tmp_path / "manifest.csv")
    assert list(manifest["status"]) == ["solved", "solved"]
    assert list(manifest["strides"]) == [1, 1]


def test_a_sweep_keeps_one_stance_of_every_angle(
    inputs: RecordedFiles, settings: Settings, tmp_path: Path
) -> None:
    path = tmp_path / "sweep_poses.csv"
    one = settings.with_strides(1)
    sweep_lean(inputs, (10, 0), one, FACTS, tmp_path / "sweep.csv", poses=path)
    table = pd.read_csv(path)
    assert list(table.columns) == list(POSE_COLUMNS)
    assert list(table.groupby("trunk_lean_change_deg").size()) == [FRAMES, FRAMES]
    # the same step of each
    assert len(table[["side", "step"]].drop_duplicates()) == 1
    upright, leaning = (
        pose_of_table(table[table["trunk_lean_change_deg"] == lean]) for lean in (0, 10)
    )
    # nothing changed: the recording's own stance
    step = int(table["step"].iloc[0])
    own = next(row for row in read_contacts(inputs.trial.contacts) if row.step == step)
    soles = sole_shapes(read_trc(inputs.runner.static), load_markerset(MARKER_SET))
    recorded = stance_pose(
        read_sto(inputs.trial.body_points),
        read_ground(inputs.trial.grf),
        str(own.side),
        (own.start_s, own.end_s),
        Body(FACTS.mass_kg, FACTS.height_m, soles),
    )
    np.testing.assert_allclose(upright, recorded, atol=2e-4)
    # the trunk leans by what was asked
    trunk = (
        part(pose, "trunk_top") - 0.5 * (part(pose, "stance_hip") + part(pose, "other_hip"))
        for pose in (upright, leaning)
    )
    lean = [np.degrees(np.arctan2(line[:, 0], line[:, 1])).mean() for line in trunk]
    assert lean[1] - lean[0] == pytest.approx(10.0, abs=1.0)
    assert knee_arm_m(leaning).max() < knee_arm_m(upright).max()
