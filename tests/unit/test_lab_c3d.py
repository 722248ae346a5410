"""Running trials of C3D files: what plates and labels must not do to a trial."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from c3d_made import Made, MadePlate, laboratory_file, with_parameters
from lab_runner import MARKERSET, MASS_KG, SETTINGS, markers, plate, static
from strikelean.errors import RecordingError
from strikelean.lab.recording import TrialRecording, read_recording

RUNNER, LOAD, STANDING = markers(), plate(), static()
NOTHING = replace(LOAD, force_n=0.0 * LOAD.force_n, moment_nm=0.0 * LOAD.moment_nm)
FAR = MadePlate(2, (3.0, 0.15, 0.0))


def read(made: Made, folder: Path) -> TrialRecording:
    path = made.write(folder / "run.c3d")
    return read_recording([path], STANDING, MARKERSET, MASS_KG, SETTINGS)


def test_an_idle_plate_with_noise_does_not_touch_the_used_one(tmp_path):
    """15 N of noise three metres away is 45 N m about the foot."""
    plain = read(laboratory_file(RUNNER, [(MadePlate(2), LOAD)]), tmp_path)
    made = laboratory_file(RUNNER, [(MadePlate(2), LOAD), (FAR, NOTHING)])
    noise = np.random.default_rng(1).normal(0.0, 15.0, (LOAD.time_s.size, 6))
    made.analog[:, 6:] += noise * np.array([1, 1, 1, 300, 300, 300])
    found = read(made, tmp_path)
    np.testing.assert_array_equal(found.grf.values, plain.grf.values)
    assert found.summary["warnings"][0].startswith("plate 2 left out: nobody touched it")


def test_a_trial_in_which_no_plate_was_used_says_of_each_why(tmp_path):
    made = laboratory_file(RUNNER, [(MadePlate(2), NOTHING), (FAR, NOTHING)])
    made.analog[:, 6:] = np.nan
    with pytest.raises(RecordingError, match=r"plate 1 left out: .*; plate 2 left out: it reads"):
        read(made, tmp_path)


def test_contacts_beyond_the_force_s_end_are_no_valid_ones(tmp_path):
    made = laboratory_file(RUNNER, [(MadePlate(2), LOAD)])
    whole = read(made, tmp_path)
    made.analog[-600:] = np.nan
    found = read(made, tmp_path)
    ends = [step.end_s for step in found.contacts if step.valid]
    assert max(ends) < LOAD.time_s[-600]
    assert len(ends) < sum(step.valid for step in whole.contacts)
    assert "force ends at" in found.summary["warnings"][0]


def test_markers_of_another_runner_matter_only_where_the_set_asks_for_them(tmp_path):
    shifted = replace(RUNNER, positions_m=RUNNER.positions_m + 0.7)
    both = replace(
        RUNNER,
        names=(*RUNNER.names, "Hat", "Hat"),
        positions_m=np.concatenate(
            [RUNNER.positions_m, shifted.positions_m[:, :1], shifted.positions_m[:, 1:2]], axis=1
        ),
    )
    made = laboratory_file(both, [(MadePlate(2), LOAD)])
    assert "marker Hat left out" in read(made, tmp_path).summary["warnings"][0]
    labels = [name.replace("Hat", "R.Heel", 1) for name in both.names]
    with pytest.raises(RecordingError, match=r"'R\.Heel' 3 times"):
        read(with_parameters(made, POINT__LABELS=labels), tmp_path)
