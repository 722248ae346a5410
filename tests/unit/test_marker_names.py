"""A marker is known however a laboratory spells its name, and never mistaken for another."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from strikelean.formats.marker_files import gather_markers
from strikelean.marker_names import common_prefix, respelled, side_of, spelling_key

PAIRS = ["RASI", "LASI", "R.Heel", "L.Heel", "HipRTop", "HipLTop"]


@pytest.mark.parametrize(
    "label",
    [
        "R.Knee.Medial",
        "R_Knee_Medial",
        "r knee medial",
        "Right Knee Medial",
        "RightKneeMedial",
        "KNEE_MEDIAL_R",
        "KneeMedialRight",
        "Knee_R_Medial",
        "RKneeMedial",
        "RKNEEMEDIAL",
    ],
)
def test_spellings_of_one_name_share_a_key(label: str) -> None:
    assert spelling_key(label) == "rkneemedial"


@pytest.mark.parametrize(
    ("one", "other"),
    [("R_TH1", "R_TH2"), ("LASI", "RASI"), ("C7", "T10"), ("R.MT1", "R.MT5"), ("LKNE", "LKNM")],
)
def test_other_markers_have_other_keys(one: str, other: str) -> None:
    assert spelling_key(one) != spelling_key(other)


@pytest.mark.parametrize(
    ("labels", "prefix"),
    [
        (["S01_RASI", "S01_LASI", "S01_C7", "*12"], "S01_"),
        (["run 1.R_ASI", "run 1.L_ASI", "run 1.SACR"], "run 1."),
        (["Q_RKneeOut", "Q_LKneeOut"], "Q_"),
        (["R_IAS", "R_IPS", "R_FLE"], ""),
        (["R.ASIS", "L.ASIS"], ""),
        (["RASI", "LASI"], ""),
    ],
)
def test_a_prefix_is_what_most_labels_share_and_no_side(labels: list[str], prefix: str) -> None:
    assert common_prefix(labels) == prefix


def test_a_name_that_is_spelt_as_asked_stays() -> None:
    assert respelled(["RASI", "R_ASI"], {"RASI": ()}) == {}


def test_two_labels_that_could_be_one_marker_are_left_alone() -> None:
    assert respelled(["R.ASI", "R_ASI"], {"RASI": ()}) == {}


def test_other_names_of_a_marker_count_where_its_own_is_absent() -> None:
    wanted = {"V.Sacral": ("SACR", "Sacrum"), "R.Heel": ()}
    assert respelled(["sacrum", "RHEEL"], wanted) == {"sacrum": "V.Sacral", "RHEEL": "R.Heel"}


@pytest.mark.parametrize(
    ("name", "side"),
    [("RASI", "r"), ("L.Heel", "l"), ("HipLTop", "l"), ("RBAK", ""), ("C7", ""), ("STRN", "")],
)
def test_a_side_is_told_by_the_mirror_image(name: str, side: str) -> None:
    assert side_of(name, [*PAIRS, "RBAK", "C7", "STRN"]) == side


def test_a_file_of_markers_is_read_under_the_names_asked_for_and_says_so() -> None:
    positions = np.arange(18.0).reshape(2, 3, 3)
    labels = ["S01_RightAsis", "S01_LeftAsis", "S01_Extra"]
    names, paths, notes = gather_markers("a.trc", labels, positions, "read", ["R.ASIS", "L.ASIS"])
    assert names == ("R.ASIS", "L.ASIS", "S01_Extra")
    assert np.array_equal(paths, positions)
    assert [note for note in notes if "S01_RightAsis as R.ASIS" in note]


@pytest.mark.parametrize("spell", [str.lower, str.upper, str.title])
def test_the_order_of_labels_means_nothing(spell: Callable[[str], str]) -> None:
    wanted = {"R.Heel": (), "L.Heel": (), "C7": ()}
    labels = [f"run_{spell(name)}" for name in wanted]
    assert respelled(labels, wanted) == respelled(labels[::-1], wanted)
    assert sorted(respelled(labels, wanted).values()) == sorted(wanted)
