"""Names of techniques, both ways, and what they may ask."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strikelean.errors import ConfigError
from strikelean.techniques import (
    Technique,
    derived_name,
    parse_technique,
    split_name,
)


@given(
    lean=st.integers(-30, 30),
    strike=st.integers(0, 150),
    cadence=st.integers(-20, 20),
)
def test_a_name_gives_back_its_technique(lean, strike, cadence):
    technique = Technique(lean, strike, cadence)
    assert parse_technique(technique.name) == technique
    trial, found = split_name(derived_name("run1", technique))
    assert (trial, found) == ("run1", technique)


@pytest.mark.parametrize(
    ("name", "technique", "condition", "dose"),
    [
        ("lean+05", Technique(lean_deg=5), "lean", 5.0),
        ("lean-10", Technique(lean_deg=-10), "lean", -10.0),
        ("lean+00", Technique(), "unchanged", 0.0),
        ("forefoot", Technique(strike_percent=100), "forefoot_upright", None),
        ("forefoot+050", Technique(strike_percent=50), "forefoot_upright", 50.0),
        ("forefoot_lean+07", Technique(7, 100), "forefoot_lean", 7.0),
        ("cadence+10", Technique(cadence_percent=10), "cadence", 10.0),
    ],
)
def test_names_of_the_conventions(name, technique, condition, dose):
    assert parse_technique(name) == technique
    assert technique.name == name
    assert technique.condition == condition
    assert technique.dose == dose or (dose is None and math.isnan(technique.dose))


@pytest.mark.parametrize(
    "name",
    ["lean", "lean5", "lean+5", "lean+31", "forefoot+200", "cadence+25", "heel", "lean+05_lean+06",
     "lean+07_forefoot", "forefoot+100", "lean+2.5", ""],
)  # fmt: skip
def test_what_is_no_technique_is_refused(name):
    with pytest.raises(ConfigError, match="technique"):
        parse_technique(name)


def test_a_recording_has_no_technique():
    assert split_name("run1") == ("run1", None)
