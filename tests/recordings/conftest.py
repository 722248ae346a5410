"""One virtual runner, and another one's standing, for every case of this folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from written import Made

from strikelean.formats.axes import Axes
from strikelean.formats.c3d import read_c3d
from strikelean.formats.files import read_yaml
from strikelean.formats.series import Markers
from strikelean.lab.recording import RecordingSettings, read_recording
from strikelean.lab.static import read_static
from strikelean.markersets import SIDES, load_markerset
from strikelean.verify.prepare_trial import markerset_path
from strikelean.verify.virtual_trial import virtual_runner
from strikelean.virtual.laboratory import record_standing
from strikelean.virtual.runner import (
    StudyInputs,
    compile_body,
    laboratory_of,
    make_body,
    read_study,
)
from strikelean.virtual.settings import MARKER_SET, MATCHED, VirtualSettings

TOP = Path(__file__).parents[2]
CONFIG: dict[str, Any] = read_yaml(TOP / "config" / "config.yaml")


def recording_settings() -> RecordingSettings:
    """Return the delivered settings of the reader."""
    return RecordingSettings.from_config(
        CONFIG["recording"],
        CONFIG["steps"],
        CONFIG["filter"],
        CONFIG["quality"]["max_missing_segment_share"],
    )


def few_strides() -> Mapping[str, Any]:
    """Return the delivered configuration with few strides."""
    return {**CONFIG, "virtual": {**CONFIG["virtual"], "strides": 4}}


def _another_standing(generic: Path, folder: Path) -> Markers:
    """Return the static trial of the sixth virtual runner."""
    section, marker_set = CONFIG["virtual"], markerset_path(TOP, MARKER_SET)
    inputs = StudyInputs(generic, marker_set, TOP / section["gait"], TOP / section["strike"])
    study = read_study(inputs, VirtualSettings.from_config(section), CONFIG["scaling"]["strength"])
    drawn = study.runners[-1]
    make_body(study, drawn, MATCHED, folder / "true.osim")
    laboratory = laboratory_of(study, drawn, compile_body(study, folder / "true.osim"), MATCHED)
    record_standing(laboratory, folder / "static.c3d")
    return read_static(folder / "static.c3d", Axes())


@pytest.fixture(scope="session")
def made(generic_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A runner as recorded, with the feet told apart by the project's own reader."""
    folder = tmp_path_factory.mktemp("made")
    runner = virtual_runner(folder, TOP, generic_model, few_strides())
    recording = read_c3d(runner.files[0], Axes())
    standing = read_static(runner.static, Axes())
    marker_set = load_markerset(markerset_path(TOP, runner.marker_set))
    trial = read_recording(runner.files, standing, marker_set, runner.mass_kg, recording_settings())
    feet = {side: trial.grf_unfiltered.wrench(side) for side in SIDES}
    stranger = _another_standing(generic_model, tmp_path_factory.mktemp("other"))
    return Made(
        running=recording.markers,
        standing=standing,
        plate=recording.wrenches[0],
        feet=feet,
        other_standing=stranger,
        marker_set=marker_set,
        mass_kg=runner.mass_kg,
        height_m=runner.height_m,
        belt_speed_m_s=CONFIG["virtual"]["speed_m_s"],
    )
