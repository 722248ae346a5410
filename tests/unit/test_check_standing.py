"""A standing trial that is nobody's, or not standing, is named before a model is scaled to it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import body_runner as body
from strikelean.formats.axes import Axes
from strikelean.formats.series import Markers
from strikelean.lab.check_standing import RAISED_DOUBTFUL_M, RAISED_WRONG_M, check_standing
from strikelean.lab.findings import Finding

STANDING = body.standing()
SIDES = {name: f"L{name[1:]}" for name in STANDING.names if name.startswith("R")}
MIRROR = np.diag([1.0, 1.0, -1.0])


def odd(standing: Markers) -> list[Finding]:
    found = check_standing(standing, body.MARKERSET, Axes())
    return [finding for finding in found if finding.level != "plausible"]


def raised(by_m: float, letter: str = "R") -> Markers:
    foot = [name for name in STANDING.names if name[2:] in ("Heel", "MT5", "Toe", "Side")]
    standing = STANDING
    for name in foot:
        if name.startswith(letter):
            standing = body.moved(standing, name, (0.0, by_m, 0.0))
    return standing


@settings(max_examples=20, deadline=None)
@given(st.floats(-3.14, 3.14), st.tuples(*[st.floats(-20.0, 20.0)] * 2), st.randoms())
def test_a_runner_may_stand_anywhere_turned_any_way(turn_rad, place, chance) -> None:
    cos, sin = np.cos(turn_rad), np.sin(turn_rad)
    turn = np.array([[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]])
    order = list(range(len(STANDING.names)))
    chance.shuffle(order)
    other = replace(
        STANDING,
        names=tuple(STANDING.names[i] for i in order),
        positions_m=STANDING.positions_m[:, order],
    )
    assert not odd(body.mapped(other, turn, np.array([place[0], 0.0, place[1]])))


@pytest.mark.parametrize(
    ("standing", "words"),
    [
        (body.renamed(STANDING, SIDES), "every right marker on the left"),
        (body.mapped(STANDING, MIRROR), "take the mirror out of the axes"),
        (
            body.renamed(STANDING, {"R.Heel": "R.Toe", "L.Heel": "L.Toe"}),
            "heel and toe markers of the right foot and left foot are exchanged",
        ),
        (body.renamed(STANDING, {"R.Heel": "R.Toe"}), "heel and toe markers of the right foot are"),
        (
            body.renamed(STANDING, {"R.ASIS": "R.PSIS", "L.ASIS": "L.PSIS"}),
            "ASIS and PSIS are exchanged",
        ),
        (body.mapped(STANDING, 1000.0 * np.eye(3)), "look like mm, read as m"),
        (body.mapped(STANDING, np.array([[1, 0, 0], [0, 0, 1], [0, -1, 0]])), "recording.axes"),
        (raised(0.4), "the right foot 400 mm over the other"),
        (raised(0.3, "L"), "the left foot 300 mm over the other"),
        (body.blanked(STANDING, "L.Heel"), "no frame with L.Heel (heel of the left foot)"),
    ],
)
def test_what_is_wrong_is_named(standing: Markers, words: str) -> None:
    found = odd(standing)
    assert [finding.level for finding in found] == ["wrong"]
    assert words in str(found[0]), found[0]


@pytest.mark.parametrize(
    ("by_m", "level"),
    [
        (0.9 * RAISED_DOUBTFUL_M, []),
        (0.5 * (RAISED_DOUBTFUL_M + RAISED_WRONG_M), ["doubtful"]),
        (1.1 * RAISED_WRONG_M, ["wrong"]),
    ],
)
def test_a_foot_that_is_a_little_higher_is_doubted_alone(by_m: float, level: list[str]) -> None:
    assert [finding.level for finding in odd(raised(by_m))] == level
