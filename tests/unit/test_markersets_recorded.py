"""A marker that no recording has is named with what it is for and what may be meant."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from strikelean.errors import RecordingError
from strikelean.markersets import load_markerset
from strikelean.markersets_known import load_known, worn
from strikelean.markersets_recorded import require_recorded, unrecorded, unrecorded_needed

FOLDER = Path(__file__).parents[2] / "models" / "markersets"
KNOWN = load_known(FOLDER)


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_what_wears_a_set_whole_lacks_nothing(name: str) -> None:
    labels = list(worn(KNOWN[name]))
    random.Random(name).shuffle(labels)
    assert not unrecorded(KNOWN[name], labels)
    require_recorded(KNOWN[name], labels, FOLDER)


@pytest.mark.parametrize("name", ["rbds", "helen_hayes"])
def test_a_needed_marker_that_is_misspelt_is_told_with_what_it_is_for(name: str) -> None:
    own = KNOWN[name]
    for marker in sorted(unrecorded_needed(own, ()))[::5]:
        labels = [f"{marker}x" if label == marker else label for label in worn(own)]
        with pytest.raises(RecordingError) as told:
            require_recorded(own, labels, FOLDER)
        assert f"{marker} " in told.value.found
        assert f"{marker}x" in str(told.value)
        assert "(for " in told.value.found


def test_all_are_told_at_once() -> None:
    own = load_markerset(FOLDER / "rbds.yaml")
    gone = {"R.ASIS", "L.Knee", "R.Heel.Bottom"}
    with pytest.raises(RecordingError) as told:
        require_recorded(own, [name for name in worn(own) if name not in gone], FOLDER)
    assert all(name in told.value.found for name in gone)


def test_another_known_set_is_named() -> None:
    with pytest.raises(RecordingError) as told:
        require_recorded(KNOWN["plug_in_gait"], worn(KNOWN["rbds"]), FOLDER)
    assert told.value.action.startswith("Write rbds under marker_set")


def test_markers_that_only_track_do_not_refuse_a_static_trial() -> None:
    own = KNOWN["rbds"]
    labels = [name for name in worn(own) if name != "R.Thigh.Top.Lateral"]
    assert unrecorded(own, labels) == {"R.Thigh.Top.Lateral": ("tracking",)}
    require_recorded(own, labels, FOLDER)
