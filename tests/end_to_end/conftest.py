"""One run of the full-body recording for all tests of this folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from road import TOP
from strikelean.verify.prepare_trial import fullbody_recording, solve_recording


@pytest.fixture(scope="session")
def fullbody(
    tmp_path_factory: pytest.TempPathFactory, data_folder: Path, generic_model: Path
) -> Path:
    """Folder with every file of the full-body trial."""
    folder = tmp_path_factory.mktemp("fullbody")
    return solve_recording(folder, TOP, generic_model, fullbody_recording(data_folder))
