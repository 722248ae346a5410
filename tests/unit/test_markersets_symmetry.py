"""A mistake in one entry of a marker set shows beside the other side's entry."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from strikelean.markersets import MarkerSet
from strikelean.markersets_known import load_known
from strikelean.markersets_symmetry import asymmetries

KNOWN = load_known(Path(__file__).parents[2] / "models" / "markersets")
RBDS, VIRTUAL = KNOWN["rbds"], KNOWN["virtual"]
PLACED = [marker.name for marker in RBDS.markers if marker.location_m]
AT = [m.name for m in RBDS.markers if m.at and m.name.startswith(("R", "L"))]


def changed(own: MarkerSet, name: str, **values: Any) -> MarkerSet:
    markers = (replace(m, **values) if m.name == name else m for m in own.markers)
    return replace(own, markers=tuple(markers))


def place(own: MarkerSet, name: str) -> tuple[float, float, float]:
    found = next(marker.location_m for marker in own.markers if marker.name == name)
    assert found is not None
    return found


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_a_delivered_set_says_the_same_of_both_sides(name: str) -> None:
    assert asymmetries(KNOWN[name]) == []


@pytest.mark.parametrize(
    ("name", "axis"),
    # a sign changes nothing of a place that is as good as on the plane
    [(n, axis) for n in PLACED for axis in range(3) if abs(place(RBDS, n)[axis]) >= 0.016],
)
def test_a_sign_of_one_place_is_told_with_its_marker(name: str, axis: int) -> None:
    old = place(RBDS, name)
    new = tuple(-value if number == axis else value for number, value in enumerate(old))
    (line,) = asymmetries(changed(RBDS, name, location_m=new))
    assert name in line
    assert "location_m" in line


@pytest.mark.parametrize("name", AT)
@pytest.mark.parametrize(
    "values",
    [
        {"at": None},
        {"at": "RASI"},
        {"at": "LASI"},
        {"running_weight": 1000.0},
        {"static_weight": 1e4},
        {"body": "torso"},
    ],
)
def test_one_entry_that_differs_is_told_with_its_marker(name: str, values: dict[str, Any]) -> None:
    wrong = changed(RBDS, name, **values)
    old = next(marker for marker in RBDS.markers if marker.name == name)
    if next(marker for marker in wrong.markers if marker.name == name) == old:
        return
    assert [line for line in asymmetries(wrong) if name in line]


def test_a_marker_that_is_lost_on_one_leg_is_told() -> None:
    for lost in RBDS.markers:
        if lost.body[-2:] in ("_r", "_l"):
            kept = tuple(marker for marker in RBDS.markers if marker is not lost)
            assert asymmetries(replace(RBDS, markers=kept)), lost.name


def test_a_pair_or_a_rule_of_one_side_is_told() -> None:
    for number, rule in enumerate(RBDS.scaling):
        without = RBDS.scaling[:number] + RBDS.scaling[number + 1 :]
        first = rule.bodies[0]
        mirrored = first[:-2] + {"_r": "_l", "_l": "_r"}.get(first[-2:], first[-2:])
        sided = mirrored not in rule.bodies
        assert bool(asymmetries(replace(RBDS, scaling=without))) == sided
        for pair in rule.pairs if len(rule.pairs) > 1 and sided else ():
            fewer = replace(rule, pairs=tuple(other for other in rule.pairs if other != pair))
            scaling = (*RBDS.scaling[:number], fewer, *RBDS.scaling[number + 1 :])
            assert asymmetries(replace(RBDS, scaling=scaling))


def test_a_landmark_of_one_side_is_told() -> None:
    right = dict(RBDS.landmarks["right"])
    right["heel"], right["toe"] = right["toe"], right["heel"]
    assert len(asymmetries(replace(RBDS, landmarks=RBDS.landmarks | {"right": right}))) == 2


def test_names_that_do_not_say_their_side_are_not_compared() -> None:
    names = {marker.name: f"m{number}" for number, marker in enumerate(VIRTUAL.markers)}
    plain = tuple(replace(marker, name=names[marker.name]) for marker in VIRTUAL.markers)
    own = replace(VIRTUAL, markers=plain, scaling=(), computed=(), trunk={})
    own = replace(own, landmarks={side: {} for side in own.landmarks})
    assert asymmetries(own) == []
