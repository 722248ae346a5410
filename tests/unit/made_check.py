"""A made-up runner's files for a check: a standing trial, recordings of running, a marker set."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

import lab_runner as runner
from strikelean.config.settings import Settings
from strikelean.formats.sto import write_sto
from strikelean.formats.trc import write_trc

TOP = Path(__file__).parents[2]


def settings() -> Settings:
    """Return the delivered settings, with the made-up runner's axes."""
    own = Settings.read(TOP / "config" / "config.yaml")
    return replace(own, recording=runner.SETTINGS)


def write_marker_set(path: Path) -> Path:
    """Write the made-up marker set as its file."""
    own = runner.MARKERSET
    document: dict[str, Any] = {
        "markers": [
            {"name": m.name, "body": m.body, "static_weight": 1.0, "running_weight": 1.0}
            for m in own.markers
        ],
        "scaling": [],
        "landmarks": own.landmarks,
        "model_height_m": own.model_height_m,
    }
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    return path


def write_static(folder: Path) -> Path:
    """Write the standing trial."""
    write_trc(folder / "static.trc", runner.static())
    return folder / "static.trc"


def write_run(
    folder: Path,
    name: str,
    trc: Callable[[str], str] = str,
    mot: Callable[[str], str] = str,
) -> tuple[Path, Path]:
    """Write a recording of running; return markers and forces.

    Args:
        folder: where to.
        name: of both files.
        trc, mot: what is done to the text of each.
    """
    files = folder / f"{name}.trc", folder / f"{name}.mot"
    write_trc(files[0], runner.markers())
    write_sto(files[1], runner.foot_table())
    for path, change in zip(files, (trc, mot), strict=True):
        path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")
    return files


def spoilt(line: int) -> Callable[[str], str]:
    """Return a change of a text: a letter in the first number of a line."""

    def change(text: str) -> str:
        lines = text.split("\n")
        lines[line] = f"x{lines[line]}"
        return "\n".join(lines)

    return change
