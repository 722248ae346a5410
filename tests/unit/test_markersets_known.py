"""A recording's marker set is recognised by its names, whatever their spelling and order."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from strikelean.marker_names import MIRROR, side_of
from strikelean.markersets import MarkerDefinition
from strikelean.markersets_known import (
    KNOWN_SHARE,
    lacks,
    load_known,
    match_names,
    purposes,
    recognise,
    thin_segments,
    worn,
)

TOP = Path(__file__).parents[2]
KNOWN = load_known(TOP / "models" / "markersets")
NAMES = sorted(KNOWN)


def _words(name: str) -> str:
    """Return a name with its side as a word, where it begins with one."""
    first, rest = name[:1], name[1:].lstrip("._")
    mirrored = {"R": "L", "L": "R", "r": "L"}.get(first)
    every = {other for own in KNOWN.values() for other in worn(own)}
    if mirrored is None or mirrored + name[1:] not in every:
        return name
    return {"R": "Right", "L": "Left", "r": "Right"}[first] + " " + rest


@pytest.mark.parametrize("running", [False, True], ids=["standing", "running"])
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "spell",
    [
        str,
        lambda name: f"Subject01:{name}",
        lambda name: f"S01_{name}",
        str.lower,
        str.upper,
        lambda name: name.replace(".", "_"),
        _words,
    ],
    ids=["as spelt", "colon", "prefix", "small", "capitals", "underscores", "words"],
)
def test_every_set_is_recognised_in_any_spelling(
    name: str, running: bool, spell: Callable[[str], str]
) -> None:
    own = worn(KNOWN[name], running=running)
    labels = [spell(marker) for marker in own]
    random.Random(7).shuffle(labels)
    found = recognise(labels, KNOWN)
    # sets that ask for the same markers are one to names
    same = {n for n in NAMES if set(worn(KNOWN[n], running=running)) == set(own)}
    assert found.marker_set in same
    assert dict(found.names) == dict(zip((spell(marker) for marker in own), own, strict=True))
    assert not found.unused


@pytest.mark.parametrize("name", NAMES)
def test_a_whole_set_lacks_nothing_it_can_show(name: str) -> None:
    found = recognise(worn(KNOWN[name]), KNOWN)
    assert found.marker_set == name
    assert dict(found.missing) == {}
    assert found.share == 1.0


def test_what_is_missing_is_told_by_purpose() -> None:
    own = [name for name in worn(KNOWN["ior"]) if name not in ("R_FME", "L_FCC")]
    found = recognise(own, KNOWN)
    assert found.marker_set == "ior"
    assert found.missing["knee axis"] == ("R_FME",)
    assert found.missing["foot angle"] == ("L_FCC",)
    assert set(found.missing["scaling"]) == {"R_FME", "L_FCC"}


def test_markers_beside_the_set_are_named_and_do_no_harm() -> None:
    extra = ["LFHD", "RFHD", "LBHD", "RBHD", "LFIN", "RFIN"]
    found = recognise([*worn(KNOWN["plug_in_gait"]), *extra], KNOWN)
    assert found.marker_set == "plug_in_gait"
    assert found.unused == tuple(extra)


@pytest.mark.parametrize(
    "labels", [[], ["a", "b", "c"], ["Nose", "LEye", "REye", "LHip"], ["RASI", "LASI", "C7"]]
)
def test_names_of_no_set_are_unknown(labels: list[str]) -> None:
    found = recognise(labels, KNOWN)
    assert found.marker_set is None
    assert found.share < KNOWN_SHARE


def test_half_a_set_is_unknown_and_its_nearest_named() -> None:
    own = worn(KNOWN["qualisys_sports"])
    found = recognise(own[: len(own) // 2], KNOWN)
    assert (found.marker_set, found.nearest) == (None, "qualisys_sports")


def test_a_label_is_never_two_markers() -> None:
    for own in KNOWN.values():
        names = match_names(worn(KNOWN["plug_in_gait"]), own)
        assert len(set(names.values())) == len(names)


def _image(marker: MarkerDefinition) -> MarkerDefinition:
    """Return what the other side's marker must be, its name aside."""
    x, y, z = marker.location_m or (0.0, 0.0, 0.0)
    at, body = marker.at, marker.body
    return replace(
        marker,
        name="",
        body=body[:-1] + MIRROR.get(body[-1:], "") if body[-2:-1] == "_" else body,
        at=at and MIRROR.get(at[0].lower(), "").upper() + at[1:],
        location_m=None if marker.location_m is None else (x, y, -z if z else z),
        also=(),
    )


@pytest.mark.parametrize("name", NAMES)
def test_every_set_is_its_own_mirror_image(name: str) -> None:
    own = KNOWN[name]
    names = [marker.name for marker in own.markers]
    sided = [marker for marker in own.markers if side_of(marker.name, names)]
    assert len(sided) >= len(own.markers) - 6
    there = [replace(marker, name="", also=()) for marker in sided]
    assert all(_image(marker) in there for marker in sided)


@pytest.mark.parametrize("name", NAMES)
def test_every_set_scales_every_body_and_says_where_its_markers_sit(name: str) -> None:
    own = KNOWN[name]
    scaled = {(body, axis) for rule in own.scaling for body in rule.bodies for axis in rule.axes}
    bodies = {"pelvis", "torso"} | {
        f"{body}_{side}"
        for body in ("femur", "patella", "tibia", "talus", "calcn", "toes", "humerus", "ulna")
        for side in "rl"
    }
    assert {(body, axis) for body in bodies for axis in "XYZ"} <= scaled
    assert all(marker.at or marker.location_m for marker in own.markers)
    assert own.markers and purposes(own)["scaling"] <= set(worn(own))
    assert {marker.name for marker in own.markers} >= purposes(own)["tracking"]


def test_what_a_set_cannot_show_is_said() -> None:
    assert lacks(KNOWN["virtual"]) == ()
    told = " ".join(lacks(KNOWN["plug_in_gait_lower"]))
    assert "trunk" in told
    assert "inner knee" in told
    assert "fifth metatarsal" in told
    assert set(thin_segments(KNOWN["plug_in_gait_lower"])) == {
        f"{body}_{side}" for body in ("femur", "tibia", "calcn") for side in "rl"
    }


@pytest.mark.parametrize("name", NAMES)
def test_every_set_is_in_the_manual_with_its_landmarks_and_picture(name: str) -> None:
    manual = (TOP / "docs" / "markersets.md").read_text(encoding="utf-8")
    picture = TOP / "docs" / "markersets" / f"{name}.svg"
    assert f"`{name}`" in manual
    assert f"(markersets/{name}.svg)" in manual
    assert picture.stat().st_size < 60_000
    told = set(re.findall(r"[\w.]+", manual))
    own = KNOWN[name]
    names = [marker.name for marker in own.markers]
    shown = [marker for marker in names if side_of(marker, names) != "l"]
    # of a row of numbered markers the first and the last number are told
    lost = [m for m in shown if m not in told and re.sub(r"\d", "1", m) not in told]
    assert not lost
    drawn = picture.read_text(encoding="utf-8")
    assert all(f">{marker}</title>" in drawn for marker in names)
