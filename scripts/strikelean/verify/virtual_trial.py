"""A virtual runner's recording, for measuring what the engines cost where there is no other."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from strikelean.errors import ConfigError
from strikelean.model.generic import build_generic_model
from strikelean.verify.prepare_trial import (
    Recorded,
    fullbody_recording,
    markerset_path,
    read_config,
    solve_recording,
)
from strikelean.virtual.laboratory import record_running, record_standing
from strikelean.virtual.runner import (
    StudyInputs,
    compile_body,
    laboratory_of,
    make_body,
    read_study,
    run_habitual,
)
from strikelean.virtual.settings import HABITUAL, MATCHED, VirtualSettings


def virtual_runner(folder: Path, top: Path, generic: Path, config: Mapping[str, Any]) -> Recorded:
    """Record the first virtual runner of a configuration into a folder.

    Args:
        folder: written to.
        top: the project's folder.
        generic: edited generic model.
        config: the configuration.
    """
    section = config["virtual"]
    worn = str(section["marker_set"])
    marker_set = markerset_path(top, worn)
    inputs = StudyInputs(generic, marker_set, top / section["gait"], top / section["strike"])
    study = read_study(inputs, VirtualSettings.from_config(section), config["scaling"]["strength"])
    drawn = study.runners[0]
    model, static, run = (folder / name for name in ("true.osim", "static.c3d", "run.c3d"))
    make_body(study, drawn, MATCHED, model)
    tree = compile_body(study, model)
    laboratory = laboratory_of(study, drawn, tree, MATCHED)
    record_standing(laboratory, static)
    record_running(laboratory, run_habitual(study, drawn, tree).trial, HABITUAL, run)
    sizes = drawn.sizes
    return Recorded((run,), static, worn, sizes.mass_kg, sizes.height_m)


def prepare_trial(folder: Path, top: Path, data: Path | None) -> tuple[str, Recorded]:
    """Solve the full-body recording, or a virtual runner's where there is none.

    Returns:
        What was prepared, and whose recording it is.

    Raises:
        ConfigError: a folder is named that holds no full-body recording.
    """
    if data is not None and not (data / "fullbody").is_dir():
        raise ConfigError(
            "prepare_trial",
            "a folder fullbody/ with the full-body recording in DATA",
            f"none in {data}",
            "Correct DATA, or leave it out and take a virtual runner",
        )
    generic = folder / "generic.osim"
    build_generic_model(top / "models" / "rajagopal2016.yaml", generic, folder / "generic.json")
    if data is not None:
        name, runner = "full-body recording", fullbody_recording(data)
    else:
        name = "a virtual runner's recording"
        runner = virtual_runner(folder, top, generic, read_config(top))
    solve_recording(folder, top, generic, runner)
    return name, runner
