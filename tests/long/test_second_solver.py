"""OpenSim Moco is asked for what the own solver solves: its problem can be put together."""

from __future__ import annotations

from pathlib import Path

import pytest

from delivered import CONFIG, TOP
from strikelean.counterfactual.recorded_trial import read_recorded
from strikelean.errors import ConfigError
from strikelean.verify import compare_moco, moco_problem
from strikelean.verify.prepare_trial import markerset_path, recorded_files
from strikelean.verify.virtual_trial import prepare_trial

pytestmark = pytest.mark.long


class Built(Exception):  # noqa: N818 - no error: the solve itself takes ten minutes
    """The problem stands."""


def test_a_problem_is_put_together_after_a_c3d_file_was_read(
    generic_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, runner = prepare_trial(tmp_path, TOP, None)
    assert runner.files[0].suffix == ".c3d"
    markers = markerset_path(TOP, runner.marker_set)
    files = recorded_files(tmp_path, markers)
    base = read_recorded(files, 1, CONFIG["recording"]["cop_min_force_n"])

    def build(case: compare_moco.MocoCase, folder: Path) -> None:
        problem = moco_problem._Problem(case, folder)
        assert len(problem.names) > 20
        raise Built

    monkeypatch.setattr(compare_moco, "solve_with_moco", build)
    with pytest.raises(Built):
        compare_moco.compare_moco(tmp_path, base, 10.0, 0.5, 1.0)


def test_a_folder_without_the_recording_is_no_virtual_runner(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="expected a folder fullbody/"):
        prepare_trial(tmp_path, TOP, tmp_path / "nowhere")
