"""A whole running trial, made up and real."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import lab_runner as runner
from strikelean.errors import RecordingError
from strikelean.formats.axes import Axes
from strikelean.formats.c3d_write import write_c3d
from strikelean.formats.contacts import CONTACT_COLUMNS
from strikelean.formats.ground import read_ground
from strikelean.formats.sto import read_sto, write_sto
from strikelean.formats.trc import read_trc, write_trc
from strikelean.lab.recording import TrialRecording, read_recording
from strikelean.lab.static import read_static
from strikelean.lab.strike_classes import strike_class
from strikelean.lab.summary import write_recording
from strikelean.layout import TrialFiles
from strikelean.markersets import MarkerDefinition, MarkerSet


@pytest.fixture
def files(tmp_path):
    write_trc(tmp_path / "run.trc", runner.markers())
    write_sto(tmp_path / "run.mot", runner.foot_table())
    return [tmp_path / "run.trc", tmp_path / "run.mot"]


def read(files, settings=runner.SETTINGS, **window) -> TrialRecording:
    return read_recording(
        files, runner.static(), runner.MARKERSET, runner.MASS_KG, settings, **window
    )


def plates(name: str) -> str:
    """Name the columns of the two feet as those of two plates."""
    number = "1" if name[0] == "R" else "2"
    return name[2:].replace("force_", f"force_{number}_").replace("torque_", f"torque_{number}_")


def test_feet_told_by_the_file_and_by_the_markers_agree(files):
    named = read(files)
    table = runner.foot_table()
    write_sto(files[1], replace(table, columns=tuple(map(plates, table.columns))))
    told = read(files)
    assert [s.side for s in named.contacts] == [s.side for s in told.contacts]
    np.testing.assert_allclose(named.grf.values, told.grf.values, atol=1.0)


def test_the_first_valid_contacts_are_selected_and_the_rest_listed(files):
    recording = read(files)
    chosen = [i for i, step in enumerate(recording.contacts) if step.selected]
    assert chosen == [0, 1, 2, 3, 4, 5]
    assert len(recording.contacts) == runner.starts_s().size
    span = recording.markers.time_s[[0, -1]]
    assert span[0] == pytest.approx(runner.starts_s()[0] - 0.15, abs=0.01)
    assert span[1] == pytest.approx(runner.starts_s()[5] + runner.CONTACT_S + 0.15, abs=0.01)
    assert recording.grf.time_s[0] == pytest.approx(span[0], abs=0.01)


def test_body_weight_over_whole_strides_is_one(files):
    summary = read(files).summary
    assert summary["body_weight_ratio"] == pytest.approx(1.0, abs=0.005)
    assert summary["plate_weight_error"] == pytest.approx(0.0, abs=0.005)
    assert summary["body_weight_strides"] >= 5


def test_a_time_window_leaves_the_other_contacts_out(files):
    starts = runner.starts_s()
    recording = read(files, start_s=starts[4] - 0.01, end_s=starts[8] + 0.3)
    chosen = [i for i, step in enumerate(recording.contacts) if step.selected]
    assert chosen == [4, 5, 6, 7, 8]
    assert "time window" in recording.contacts.rows[0].reason


def test_a_contact_with_an_unseen_foot_is_passed_over(files):
    markers = runner.markers()
    start = runner.starts_s()[2]
    holed = markers.positions_m.copy()
    gap = (markers.time_s > start) & (markers.time_s < start + 0.15)
    holed[np.ix_(gap, [2, 3])] = np.nan
    write_trc(files[0], replace(markers, positions_m=holed))
    recording = read(files)
    assert "too few markers on calcn_r" in recording.contacts.rows[2].reason
    assert [i for i, step in enumerate(recording.contacts) if step.selected] == [0, 1, 3, 4, 5, 6]
    shares = recording.summary["missing_segment_share"]
    assert max(max(body.values()) for body in shares.values()) == 0.0


def test_exchanged_labels_are_put_right_and_reported(files):
    markers = runner.markers()
    order = [1, 0, *range(2, 8)]
    write_trc(files[0], replace(markers, positions_m=markers.positions_m[:, order]))
    recording = read(files)
    assert recording.summary["labels_exchanged"] == [["R.Heel", "R.MT5"]]
    assert any("R.Heel and R.MT5" in line for line in recording.summary["warnings"])
    assert recording.contacts.rows[0].strike_class == "rearfoot"


def test_a_runner_who_faces_backwards_is_refused(files):
    backwards = replace(runner.SETTINGS, axes=Axes("-X", "+Y", "-Z"))
    with pytest.raises(
        RecordingError, match=r"turned by 180 deg .*forward: \+X, up: \+Y, right: \+Z"
    ):
        read(files, backwards)


def test_walking_is_refused_whoever_told_the_feet(files):
    table = runner.foot_table()
    values = table.values.copy()
    # the left foot lands while the right one is still loaded
    shift = round((runner.STEP_S - 0.16) * runner.FORCE_HZ)
    left = [i for i, name in enumerate(table.columns) if name.startswith("L_")]
    values[:-shift, left] = values[shift:, left]
    write_sto(files[1], replace(table, values=values))
    steps = read(files).contacts.rows
    # all but the last, which no other foot follows
    assert [step.valid for step in steps].count(True) == 1
    assert all("both feet on the ground" in step.reason for step in steps[:-2])


def test_missing_forces_and_wrong_files_are_named(files, tmp_path):
    with pytest.raises(RecordingError, match=r"absent\.mot"):
        read([files[0], tmp_path / "absent.mot"])
    with pytest.raises(RecordingError, match="separated by ';'"):
        read([files[1], files[0]])


@pytest.mark.parametrize("frames", [1, 2, 20])
def test_a_recording_of_some_frames_is_called_too_short(tmp_path, frames):
    markers, plate = runner.markers(), runner.plate()
    cut = replace(markers, time_s=markers.time_s[:frames], positions_m=markers.positions_m[:frames])
    samples = frames * round(plate.rate_hz / markers.rate_hz)
    part = slice(None, samples)
    write_c3d(
        tmp_path / "run.c3d",
        cut,
        replace(
            plate,
            time_s=plate.time_s[part],
            force_n=plate.force_n[part],
            moment_nm=plate.moment_nm[part],
        ),
    )
    with pytest.raises(RecordingError, match=f"0.2 s of running in run.c3d, found {frames} frames"):
        read([tmp_path / "run.c3d"])


def test_what_is_written_is_what_was_found(files, tmp_path):
    recording = read(files)
    written_files = TrialFiles(tmp_path / "out")
    write_recording(recording, written_files)
    np.testing.assert_allclose(
        read_trc(written_files.markers).positions_m, recording.markers.positions_m, rtol=1e-9
    )
    columns = read_sto(written_files.grf).columns
    assert columns[:3] == ("ground_force_r_vx", "ground_force_r_vy", "ground_force_r_vz")
    assert columns[9] == "ground_force_l_vx"
    back = read_ground(written_files.grf)
    np.testing.assert_allclose(back.values, recording.grf.values, atol=1e-6)
    for side in ("right", "left"):
        written, meant = back.wrench(side).moment_nm, recording.grf.wrench(side).moment_nm
        np.testing.assert_allclose(written, meant, atol=1e-5)
    with written_files.contacts.open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert tuple(rows[0]) == CONTACT_COLUMNS
    assert [row["selected"] for row in rows].count("yes") == 6
    assert {row["valid"] for row in rows} <= {"yes", "no"}
    summary = json.loads(written_files.recording.read_text(encoding="utf-8"))
    assert summary["steps"]["right"]["selected"] == 3
    assert summary["steps"]["left"]["strike_class"] == "rearfoot"


def rbds_markerset() -> MarkerSet:
    """Return the feet of the public data set."""
    names = ("Heel.Bottom", "Heel.Lateral", "Heel.Top", "MT1", "MT5")
    return MarkerSet(
        "rbds",
        tuple(
            MarkerDefinition(f"{s}.{name}", f"calcn_{s.lower()}", None, None, 1.0, 1.0)
            for s in "RL"
            for name in names
        ),
        (),
        (),
        {
            side: {"heel": f"{s}.Heel.Bottom", "fifth_metatarsal": f"{s}.MT5", "toe": f"{s}.MT1"}
            for side, s in (("right", "R"), ("left", "L"))
        },
        {},
        1.7,
    )


def rbds(prefix: str, mass_kg: float) -> TrialRecording:
    return read_recording(
        [runner.shared_data("rbds", f"{prefix}runT35.c3d")],
        read_static(runner.shared_data("rbds", f"{prefix}static.c3d"), Axes()),
        rbds_markerset(),
        mass_kg,
        replace(runner.SETTINGS, contacts_per_foot=10),
    )


@pytest.mark.long
def test_strike_class_agrees_with_the_authors_label_for_12_of_14_right_feet():
    table = pd.read_csv(runner.shared_data("rbds", "participants.csv"))
    agreed, runners = 0, 0
    for row in table.itertuples():
        if not Path(runner.shared_data("rbds"), f"{row.file_prefix}runT35.c3d").exists():
            continue
        summary = rbds(row.file_prefix, row.mass_kg).summary
        runners += 1
        right = summary["steps"]["right"]
        label = table.loc[row.Index, "strike_right_3.5"]
        rearfoot = strike_class(right["foot_strike_angle_deg"]) == "rearfoot"
        agreed += rearfoot == (label == "Rearfoot")
        for side in ("right", "left"):
            assert summary["steps"][side]["valid"] >= 35
            assert summary["steps"][side]["selected"] == 10
            assert 0.17 < summary["steps"][side]["contact_time_s"] < 0.28
        assert 0.92 < summary["body_weight_ratio"] < 1.03
        exchanged = [["R.MT1", "R.MT5"]] if row.file_prefix == "RBDS001" else []
        assert summary["labels_exchanged"] == exchanged
    assert runners == 14
    assert agreed >= 12


def test_first_right_stance_of_the_full_body_runner():
    markerset = replace(
        rbds_markerset(),
        markers=(),
        landmarks={
            side: {"heel": f"{s}CAL", "fifth_metatarsal": f"{s}MT5", "toe": f"{s}TOE"}
            for side, s in (("right", "R"), ("left", "L"))
        },
    )
    recording = read_recording(
        [
            runner.shared_data("fullbody", "motion_capture_run.trc"),
            runner.shared_data("fullbody", "grf_run.mot"),
        ],
        read_static(runner.shared_data("fullbody", "static_run.trc"), Axes()),
        markerset,
        72.84,
        runner.SETTINGS,
    )
    first = next(s for s in recording.contacts if s.selected and s.side == "right")
    assert first.start_s == pytest.approx(0.874, abs=0.005)
    assert first.end_s == pytest.approx(1.098, abs=0.005)
    assert recording.summary["body_weight_ratio"] == pytest.approx(1.0, abs=0.02)
