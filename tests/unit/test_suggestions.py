"""A suggestion never turns the meaning round: sign, side, number, unit and opposite words stay."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strikelean.config.checks import axis_vector
from strikelean.config.problems import did_you_mean
from strikelean.suggestions import suggest, what_differs

AXES = ["+X", "-X", "+Y", "-Y", "+Z", "-Z"]


@pytest.mark.parametrize(
    ("word", "known", "meant"),
    [
        ("+x", AXES, "+X"),
        ("cutof_hz", ["cutoff_hz", "order"], "cutoff_hz"),
        ("mass", ["mass_kg", "height_m"], "mass_kg"),
        ("heelstrike", ["heel_strike", "forefoot_lean"], "heel_strike"),
        ("forefoot-lean", ["forefoot_lean", "heel_strike"], "forefoot_lean"),
        ("R.Heel.Botom", ["R.Heel.Bottom", "L.Heel.Bottom"], "R.Heel.Bottom"),
        ("set_fiber_damping", ["set_fibre_damping"], "set_fibre_damping"),
        ("knee_adducton_angle", ["knee_adduction_angle", "knee_abduction_angle"],
         "knee_adduction_angle"),
        ("anna_Static.TRC", ["anna_static.trc", "bert_static.trc"], "anna_static.trc"),
        ("lean+5", ["lean+05", "lean-05"], "lean+05"),
        ("RBDS003", ["RBDS03", "RBDS013"], "RBDS03"),
        ("LASSI", ["LASI", "RASI"], "LASI"),
        ("matchd", ["matched", "mismatched"], "matched"),
    ],
)  # fmt: skip
def test_a_misspelling_is_recognised(word: str, known: list[str], meant: str) -> None:
    assert suggest(word, known) == f"Did you mean '{meant}'?"


@pytest.mark.parametrize(
    ("word", "known"),
    [
        ("X", AXES),
        ("lean05", ["lean+05", "lean-05"]),
        ("lean+05", ["lean-05", "lean+10"]),
        ("Heel.Bottom", ["R.Heel.Bottom", "L.Heel.Bottom"]),
        ("R.Heel.Bottom", ["L.Heel.Bottom"]),
        ("RASI", ["LASI"]),
        ("left_static.c3d", ["right_static.c3d"]),
        ("knee_aduction", ["knee_adduction", "knee_abduction"]),
        ("knee_flexion_angle_min", ["knee_flexion_angle_max"]),
        ("hip_flexion_angle", ["knee_flexion_angle"]),
        ("height_cm", ["height_m"]),
        ("max_gap_ms", ["max_gap_s"]),
        ("speed_kmh", ["speed_m_s", "belt_speed_m_s"]),
        ("contact_s", ["min_contact_s", "max_contact_s"]),
        ("RBDS002runT35.c3d", ["RBDS002runT25.c3d", "RBDS002static.c3d"]),
        ("RBDS001static.c3d", ["RBDS010static.c3d"]),
        ("anna_run.trc", ["anna_run.mot"]),
        ("forefoot_upright", ["forefoot_lean"]),
        ("Santos2017", ["Santos2016"]),
    ],
)
def test_what_would_change_the_meaning_is_named_and_never_guessed(
    word: str, known: list[str]
) -> None:
    hint = did_you_mean(word, known)
    assert "Did you mean" not in hint
    if hint.startswith(("Say", "Near")):
        assert any(f"'{name}'" in hint for name in known)


def test_an_axis_without_a_sign_is_answered_with_both() -> None:
    hint = suggest("X", AXES)
    assert "'+X'" in hint
    assert "'-X'" in hint


@given(st.sampled_from(AXES), st.sampled_from(AXES))
def test_no_axis_is_suggested_for_one_that_points_elsewhere(one: str, other: str) -> None:
    same = axis_vector(one) == axis_vector(other)
    assert same or what_differs(one, other) or one[1] != other[1]
    assert "Did you mean" not in suggest(one[1], [other])


@given(
    st.text(string.ascii_letters + "._", min_size=1, max_size=8),
    st.integers(0, 999),
    st.integers(0, 999),
)
def test_names_that_differ_in_a_number_are_never_exchanged(stem: str, one: int, other: int) -> None:
    hint = suggest(f"{stem}{one}", [f"{stem}{other}"])
    assert ("Did you mean" not in hint) or one == other


@given(st.text(string.ascii_lowercase, min_size=1, max_size=6))
def test_the_two_sides_of_a_label_are_never_exchanged(label: str) -> None:
    for left, right in (("L", "R"), ("L.", "R."), ("left_", "right_"), ("l_", "r_")):
        assert "Did you mean" not in suggest(left + label, [right + label])
    assert "Did you mean" not in suggest(f"{label}_l", [f"{label}_r"])
    assert "Did you mean" not in suggest("L" + label.upper(), ["R" + label.upper()])
