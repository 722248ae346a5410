"""Whether a recording is a virtual runner's is told by the file, not by its marker set."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from strikelean.formats.c3d_write import write_c3d
from strikelean.formats.series import Markers
from strikelean.virtual.laboratory import NOTES, is_virtual

SEEN = Markers(np.arange(10) / 100.0, ("A",), np.ones((10, 1, 3)), 100.0)


def test_a_file_that_says_that_a_model_made_it_is_virtual(tmp_path: Path) -> None:
    write_c3d(tmp_path / "made.c3d", SEEN, notes=NOTES | {"LABORATORY": "matched"})
    assert is_virtual(tmp_path / "made.c3d")


def test_whatever_else_is_recorded_is_not(tmp_path: Path) -> None:
    write_c3d(tmp_path / "run.c3d", SEEN, notes={"LABORATORY": "ours"})
    assert not is_virtual(tmp_path / "run.c3d")
    assert not is_virtual(tmp_path / "run.trc")
