"""Real recordings without their labels: parts and landmarks are found by place and motion."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from strikelean.drafting.draft import draft_study
from strikelean.drafting.landmarks import propose
from strikelean.drafting.marker_set import body_of
from strikelean.drafting.pairs import OWN_M
from strikelean.drafting.recordings import read_folder
from strikelean.drafting.segments import Division, divide
from strikelean.formats.axes import Axes
from strikelean.formats.c3d import read_c3d
from strikelean.formats.series import Markers
from strikelean.formats.trc import read_trc
from strikelean.lab.static import read_static
from strikelean.markersets import MarkerSet
from strikelean.markersets_known import load_known

KNOWN = load_known(Path(__file__).parents[2] / "models" / "markersets")
FOOT_BODIES = {f"{body}_{side}": f"calcn_{side}" for body in ("talus", "toes") for side in "rl"}


def _wrong(division: Division, own: MarkerSet) -> list[str]:
    """Return the worn markers of pelvis, trunk and legs that are on another body."""
    computed = own.computed_names()
    bodies = {
        m.name: FOOT_BODIES.get(m.body, m.body) for m in own.markers if m.name not in computed
    }
    named = dict(zip(division.names, division.parts, strict=True))
    arms = ("humerus", "ulna", "radius", "hand")
    return [
        name
        for name, body in bodies.items()
        if name in named and not body.startswith(arms) and body_of(named[name]) != body
    ]


def _public(folder: Path, runner: str) -> tuple[Markers, Markers]:
    running = read_c3d(folder / f"{runner}runT35.c3d", Axes(), forces=False, needed=()).markers
    return read_static(folder / f"{runner}static.c3d", Axes(), 0.0, ()), running


@pytest.mark.parametrize("runner", ["RBDS002", "RBDS014", "RBDS028"])
def test_public_runners_keep_every_part_and_landmark(data_folder: Path, runner: str) -> None:
    standing, running = _public(data_folder / "rbds", runner)
    division = divide(standing, [running], None)
    assert not _wrong(division, KNOWN["rbds"])
    found = {(one.role, one.side): division.names[one.marker] for one in propose(division)}
    for letter, side in (("R", "right"), ("L", "left")):
        assert found["asis", side] == f"{letter}.ASIS"
        assert found["psis", side] == f"{letter}.PSIS"
        assert found["knee_lateral", side] == f"{letter}.Knee"
        assert found["knee_medial", side] == f"{letter}.Knee.Medial"
        assert found["ankle_lateral", side] == f"{letter}.Ankle"
        assert found["heel", side] == f"{letter}.Heel.Bottom"
        assert found["fifth_metatarsal", side] == f"{letter}.MT5"
        assert found["toe", side] == f"{letter}.MT1"


def test_a_whole_body_that_stands_another_way_than_it_runs(
    data_folder: Path, agree: Callable[[str, float, float, str], None]
) -> None:
    folder, own = data_folder / "fullbody", KNOWN["rajagopal_fullbody"]
    running = read_trc(folder / "motion_capture_run.trc", True, ())
    division = divide(read_static(folder / "static_run.trc", Axes(), 0.0, ()), [running], None)
    wrong = [name for name in _wrong(division, own) if not name.endswith("JC")]
    agree("markers of the full-body recording on a wrong part", len(wrong), 1, "")


def test_a_folder_of_real_recordings(data_folder: Path) -> None:
    draft = draft_study(read_folder(data_folder / "fullbody"), KNOWN)
    assert draft.way == ("+X", "+Y", "+Z")
    assert not draft.mirrored
    runner, trial = draft.runners[0], draft.trials[0]
    assert runner.marker_set == "rajagopal_fullbody"
    assert runner.mismatch_m < OWN_M
    assert not runner.person.values
    assert [place.name for place in trial.files] == ["motion_capture_run.trc", "grf_run.mot"]
    assert trial.belt_m_s == pytest.approx(3.7, rel=0.06)
