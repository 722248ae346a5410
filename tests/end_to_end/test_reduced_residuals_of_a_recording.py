"""The full-body recording with its residuals at the root reduced, and what later stages see."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from shutil import copytree

import numpy as np
import pytest

from delivered import CONFIG, TOP
from strikelean.config.settings import Settings
from strikelean.counterfactual.recorded_trial import read_recorded
from strikelean.formats.contacts import Contacts
from strikelean.lab.recording import TrialRecording
from strikelean.layout import RunnerFiles, TrialFiles
from strikelean.pipeline import Trial, solve_moments
from strikelean.runners import (
    Running,
    ScaledRunner,
    read_runner,
    record_trial,
    solve_recorded,
)
from strikelean.standing import Sizes
from strikelean.verify.prepare_trial import (
    FULLBODY_HEIGHT_M,
    FULLBODY_MASS_KG,
    fullbody_recording,
    markerset_path,
    recorded_files,
)

OFF = Settings.from_config(CONFIG).with_contacts(2)
ON = replace(OFF, reduce_residuals=True)
MARKERS = markerset_path(TOP, "rajagopal_fullbody")


@dataclass(frozen=True)
class Both:
    """The recording solved as delivered and with reduced residuals."""

    runner: ScaledRunner
    recording: TrialRecording
    files: TrialFiles
    own: Trial
    reduced: Trial

    @property
    def told(self) -> dict[str, object]:
        report = json.loads(self.files.kinematics_report.read_text(encoding="utf-8"))
        return dict(report)


@pytest.fixture(scope="module")
def both(
    fullbody: Path, data_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Both]:
    folder = copytree(fullbody, tmp_path_factory.mktemp("reduced") / "trial")
    sizes = Sizes("runner", FULLBODY_MASS_KG, FULLBODY_HEIGHT_M)
    runner = read_runner(sizes, MARKERS, RunnerFiles(folder))
    recording = record_trial(Running(fullbody_recording(data_folder).files), runner, OFF)
    own = solve_recorded(recording, runner, OFF)
    files = TrialFiles(folder)
    reduced = solve_recorded(recording, runner, ON, files=files)
    yield Both(runner, recording, files, solve_moments(own), solve_moments(reduced))


def test_what_is_left_over_is_within_what_is_held_good(both: Both, agree) -> None:
    told = both.told["residual_reduction"]
    assert isinstance(told, dict)
    after, before = told["residual_after"], told["residual_before"]
    assert before["force_peak_share"] > 0.15
    agree("peak residual force after the reduction", after["force_peak_share"], 0.05, "")
    agree("peak residual moment after the reduction", after["moment_peak_share"], 0.01, "")
    # the same by the stage that reports it of every trial
    found = both.reduced.dynamics_report["residual_force_peak_share_of_peak_grf"]
    assert isinstance(found, float) and found < 0.05


def test_moves_stay_within_the_markers_error(both: Both) -> None:
    told = both.told["residual_reduction"]
    assert isinstance(told, dict)
    assert told["marker_error_after_rms_m"] < 1.15 * told["marker_error_before_rms_m"]
    assert max(row["rms"] for row in told["moved_deg"].values()) < 2.0
    assert max(row["rms"] for row in told["moved_m"].values()) < 0.02


def test_the_bodys_mass_and_the_grounds_forces_are_kept(both: Both) -> None:
    own, reduced = both.own, both.reduced
    masses = [trial.model.tree.masses_kg.sum() for trial in (own, reduced)]
    assert masses[0] == pytest.approx(masses[1], rel=1e-13)
    np.testing.assert_array_equal(own.grf.values, reduced.grf.values)


def test_later_stages_read_the_reduced_motion_and_its_masses(both: Both) -> None:
    base = read_recorded(recorded_files(both.files.folder, MARKERS), 1, 50.0)
    tree = both.reduced.model.tree
    np.testing.assert_allclose(base.motion.tree.masses_kg, tree.masses_kg, rtol=1e-9)
    np.testing.assert_allclose(base.motion.coordinates, both.reduced.motion.coordinates, atol=1e-7)


def test_without_the_option_nothing_of_it_is_left(both: Both, tmp_path: Path) -> None:
    folder = TrialFiles(copytree(both.files.folder, tmp_path / "again"))
    assert folder.reduced_model.is_file()
    again = solve_recorded(both.recording, both.runner, OFF, files=folder)
    assert not folder.reduced_model.exists()
    assert "residual_reduction" not in folder.kinematics_report.read_text(encoding="utf-8")
    np.testing.assert_array_equal(again.motion.coordinates, both.own.motion.coordinates)


def test_stances_alone_stay_as_recorded_and_say_so(both: Both, tmp_path: Path) -> None:
    first = next(row for row in both.recording.contacts if row.selected)
    alone = Contacts([replace(row, selected=row is first) for row in both.recording.contacts])
    lone = replace(both.recording, contacts=alone)
    files = TrialFiles(tmp_path)
    reduced = solve_recorded(lone, both.runner, ON, files=files)
    own = solve_recorded(lone, both.runner, OFF)
    np.testing.assert_array_equal(reduced.motion.coordinates, own.motion.coordinates)
    told = json.loads(files.kinematics_report.read_text(encoding="utf-8"))
    assert "left as recorded" in told["warnings"][0]
