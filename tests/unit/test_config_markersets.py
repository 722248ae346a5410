"""Every shape of a marker set that its schema admits works, or is refused before anything runs."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from strikelean.config.checks import markerset_problems
from strikelean.config.schema import schema_problems

TOP = Path(__file__).parents[2]
SCHEMA = TOP / "config" / "schemas" / "markerset.schema.yaml"
RBDS = yaml.safe_load((TOP / "models" / "markersets" / "rbds.yaml").read_text(encoding="utf-8"))
Document = dict[str, Any]
SWAPPED = (("right", "L"), ("left", "R"))


def entry(document: Document, name: str) -> dict[str, Any]:
    return next(marker for marker in document["markers"] if marker["name"] == name)


def told(tmp_path: Path, change: Callable[[Document], object], *, schema: bool = True) -> list[str]:
    document = copy.deepcopy(RBDS)
    change(document)
    path = tmp_path / "own.yaml"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    shape = schema_problems(document, SCHEMA, lambda place: ("own.yaml", str(place)))
    if schema:
        assert not shape, "the schema sees this already"
    return [str(problem) for problem in [*shape, *markerset_problems([path], tmp_path)]]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            lambda d: d["computed"][0].update(markers=["R.ASIS", "L.ASIS"]),
            "one sacrum marker, found 2 markers",
        ),
        (
            lambda d: d["computed"][0].update(
                markers=["R.ASIS", "L.ASIS", "R.PSIS", "L.PSIS", "R.Knee"]
            ),
            "one sacrum marker, found 5 markers",
        ),
        (
            lambda d: d["computed"][0].update(markers=["R.ASIS", "L.ASIS", "R.ASIS"]),
            "one of them twice",
        ),
        (lambda d: d["computed"][0].pop("side"), "side: right, found nothing"),
        (lambda d: d["computed"][3].update(side="right"), "side: left, found right"),
        (
            lambda d: (
                d["computed"].insert(
                    0, {"name": "MID", "method": "midpoint", "markers": ["LATER", "R.Knee"]}
                )
                or d["computed"].append(
                    {"name": "LATER", "method": "midpoint", "markers": ["R.Ankle", "R.Knee"]}
                )
            ),
            "computed above it, found 'LATER'",
        ),
        (lambda d: d["computed"].append(dict(d["computed"][1])), "another above it"),
        (lambda d: d["scaling"][0].pop("pairs"), "pairs of markers, or source: height"),
        (lambda d: d["scaling"][0].update(pairs=[]), "pairs of markers, or source: height"),
        (lambda d: d["scaling"][0].update(pairs=[["R.ASIS", "R.ASIS"]]), "'R.ASIS' twice"),
        (
            lambda d: (
                entry(d, "R.Iliac.Crest").pop("location_m")
                and d["scaling"][0].update(pairs=[["R.ASIS", "R.Iliac.Crest"]])
            ),
            "'R.Iliac.Crest' without at or location_m",
        ),
        (
            lambda d: (
                d["computed"].append(
                    {"name": "MID", "method": "midpoint", "markers": ["R.ASIS", "L.ASIS"]}
                )
                or d["scaling"][0].update(pairs=[["R.PSIS", "MID"]])
            ),
            "'MID', which is only computed",
        ),
        (
            lambda d: d["scaling"].append({"bodies": ["tibia_r"], "source": "height"}),
            "one rule for axis X of tibia_r, found 2 rules",
        ),
        (
            lambda d: d["landmarks"]["right"].update(heel="L.Heel.Bottom"),
            "both sides on body calcn_l",
        ),
        (lambda d: d["landmarks"]["right"].update(toe="R.MT5"), "one role for marker R.MT5"),
        (
            lambda d: (
                d["computed"].append(
                    {"name": "TOE", "method": "midpoint", "markers": ["R.MT1", "R.MT5"]}
                )
                or d["landmarks"]["right"].update(toe="TOE")
            ),
            "'TOE', which the static trial alone has",
        ),
        (lambda d: entry(d, "R.ASIS").update(location_m=[0, 0, 0]), "at or location_m, found both"),
        (
            lambda d: (
                entry(d, "R.ASIS").pop("at")
                and entry(d, "R.ASIS").update(location_m=[10.0, 18.0, 128.0])
            ),
            "in metres, within 1 m of the body's own origin, found [10.0, 18.0, 128.0]",
        ),
        (lambda d: entry(d, "R.Knee").update(body="femur_l"), "a body of the right side"),
        (
            lambda d: [d["landmarks"][s].update(toe=f"{o}.MT1") for s, o in SWAPPED],
            "landmarks.right.toe: expected a marker of the right side, found 'L.MT1'",
        ),
        (
            lambda d: d["trunk"].update(asis_right="L.ASIS", asis_left="R.ASIS"),
            "trunk.asis_right: expected a marker of the right side",
        ),
        (
            lambda d: d["computed"][0].update(markers=["L.ASIS", "R.ASIS", "R.PSIS", "L.PSIS"]),
            "computed R.HJC, marker 1: expected a marker of the right side, found 'L.ASIS'",
        ),
        (lambda d: d["static_ranges_deg"].update(knee_angle_r=[5, -5]), "a lower, then an upper"),
        (
            lambda d: [marker.update(static_weight=0) for marker in d["markers"]],
            "at least 6 with a static_weight above 0, found 0",
        ),
        (
            lambda d: [marker.update(running_weight=0) for marker in d["markers"]],
            "at least 3 with a running_weight above 0, found 0",
        ),
    ],
)
def test_keys_that_contradict_each_other_are_refused(tmp_path, change, words) -> None:
    found = told(tmp_path, change)
    assert [line for line in found if words in line], found


def test_a_sacrum_marker_in_place_of_both_psis_is_accepted(tmp_path) -> None:
    def sacrum(document: Document) -> None:
        document["markers"].append({"name": "SACR", "body": "pelvis", "running_weight": 1})
        for number in (0, 3):
            document["computed"][number]["markers"] = ["R.ASIS", "L.ASIS", "SACR"]

    assert told(tmp_path, sacrum) == []


def test_a_foot_without_a_toe_landmark_is_refused_by_the_schema(tmp_path) -> None:
    found = told(tmp_path, lambda d: d["landmarks"]["left"].pop("toe"), schema=False)
    assert [line for line in found if "toe" in line]


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.pop("markers"),
        lambda d: d.update(computed=[{"name": "A"}]),
        lambda d: d.update(scaling=[{}]),
        lambda d: d.update(static_ranges_deg={"knee_angle_r": 5}),
        lambda d: d.update(landmarks={"right": {}, "left": []}),
        lambda d: d.update(markers=[{"name": 5}, "word", None]),
    ],
)
def test_a_shape_that_is_wrong_is_told_once_and_brings_nothing_down(tmp_path, change) -> None:
    assert told(tmp_path, change, schema=False)
