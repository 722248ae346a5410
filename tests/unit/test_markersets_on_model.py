"""What a marker set says and the model has not is named, all at once, with the names that exist."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from strikelean.formats.series import FloatArray
from strikelean.markersets import MarkerSet, load_markerset
from strikelean.markersets_on_model import name_mistakes, order_mistakes

TOP = Path(__file__).parents[2]
OWN = load_markerset(TOP / "models" / "markersets" / "plug_in_gait_lower.yaml")
SACRUM = load_markerset(TOP / "models" / "markersets" / "plug_in_gait_lower_sacrum.yaml")
BODIES = {marker.body for marker in OWN.markers}
BODIES |= {body for rule in OWN.scaling for body in rule.bodies}
MODEL = {str(m.at): m.body for m in OWN.markers if m.at}
PELVIS: dict[str, FloatArray] = {
    "RASI": np.array([0.0, 1.0, 0.13]),
    "LASI": np.array([0.0, 1.0, -0.13]),
    "RPSI": np.array([-0.16, 1.0, 0.05]),
    "LPSI": np.array([-0.16, 1.0, -0.05]),
    "SACR": np.array([-0.16, 1.0, 0.0]),
}


def changed(own: MarkerSet, name: str, **values: Any) -> MarkerSet:
    markers = tuple(
        replace(marker, **values) if marker.name == name else marker for marker in own.markers
    )
    return replace(own, markers=markers)


def ordered(own: MarkerSet, *names: str) -> MarkerSet:
    return replace(own, computed=(replace(own.computed[0], markers=names), *own.computed[1:]))


def test_a_set_that_fits_has_no_mistakes() -> None:
    assert not list(name_mistakes(OWN, BODIES, MODEL))
    assert not list(order_mistakes(OWN, PELVIS))
    assert not list(order_mistakes(SACRUM, PELVIS))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (
            changed(OWN, "RKNE", body="femor_r"),
            "no body femor_r for marker RKNE: Did you mean 'femur_r'",
        ),
        (changed(OWN, "RKNE", body="skull"), "The model has calcn_l, calcn_r"),
        (changed(OWN, "RKNE", at="RLFK"), "no marker RLFK for RKNE to stand at"),
        (
            changed(OWN, "RKNE", at="LLFC"),
            "RKNE on body femur_r at LLFC, which is a place on femur_l",
        ),
    ],
)
def test_names_that_the_model_has_not_are_told(wrong: MarkerSet, words: str) -> None:
    assert [line for line in name_mistakes(wrong, BODIES, MODEL) if words in line]


def test_all_mistakes_are_told_at_once() -> None:
    twice = changed(changed(OWN, "RKNE", body="skull"), "LANK", at="nowhere")
    assert len(list(name_mistakes(twice, BODIES, MODEL))) == 2


@pytest.mark.parametrize(
    "names",
    [
        ("LASI", "RASI", "RPSI", "LPSI"),
        ("RPSI", "LPSI", "RASI", "LASI"),
        ("RASI", "LASI", "LPSI", "RPSI"),
        ("LASI", "RASI", "SACR"),
        ("SACR", "RASI", "LASI"),
    ],
)
def test_a_hip_centre_with_markers_in_a_wrong_order_is_told(names: tuple[str, ...]) -> None:
    found = list(order_mistakes(ordered(OWN, *names), PELVIS))
    assert len(found) == 1
    assert ", ".join(names) in found[0]


def test_front_and_back_of_the_trunk_exchanged_are_told() -> None:
    trunk = OWN.trunk | {"psis_right": OWN.trunk["asis_right"], "asis_right": "RPSI"}
    (line,) = order_mistakes(replace(OWN, trunk=trunk), PELVIS)
    assert line == "trunk asis_right ahead of psis_right; found RPSI and RASI the other way round"


def test_markers_that_the_static_trial_alone_places_are_not_judged() -> None:
    nowhere = {name: np.zeros(3) for name in PELVIS}
    own = OWN
    for name in PELVIS:
        own = changed(own, name, at=None, location_m=None)
    assert not list(order_mistakes(own, nowhere))
