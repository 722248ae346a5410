"""One run of the full-body recording for all tests of this folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from delivered import CONFIG, TOP
from strikelean.config.settings import Settings
from strikelean.formats.contacts import read_contacts
from strikelean.formats.trc import read_trc
from strikelean.layout import RunnerFiles, TrialFiles
from strikelean.markersets import load_markerset
from strikelean.motion.coordinates_io import write_coordinates
from strikelean.motion.solve import solve_kinematics
from strikelean.verify.prepare_trial import fullbody_recording, markerset_path, solve_recording


@pytest.fixture(scope="session")
def fullbody(
    tmp_path_factory: pytest.TempPathFactory, data_folder: Path, generic_model: Path
) -> Path:
    """Folder with every file of the full-body trial, and its angles before the filter."""
    folder = tmp_path_factory.mktemp("fullbody")
    recorded = fullbody_recording(data_folder)
    solve_recording(folder, TOP, generic_model, recorded)
    files = TrialFiles(folder)
    found = solve_kinematics(
        RunnerFiles(folder).model,
        read_trc(files.markers),
        read_contacts(files.contacts),
        load_markerset(markerset_path(TOP, recorded.marker_set)),
        Settings.from_config(CONFIG).kinematics,
    )
    unfiltered = folder / "kinematics_unfiltered.mot"
    write_coordinates(unfiltered, found.tree, found.time_s, found.unfiltered)
    return folder
