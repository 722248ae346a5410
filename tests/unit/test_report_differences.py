"""Waveforms of conditions as differences within runners, and groups that stay apart."""

from __future__ import annotations

import numpy as np
import pytest

from strikelean.formats.hdf5 import Waveform
from strikelean.report.figures import (
    COLOURS,
    DASHES,
    MARKS,
    Panel,
    difference_curves,
    draw_waveforms,
    group_curves,
    mean_and_spread,
)
from strikelean.report.groups import labels_of, reference_of
from strikelean.report.pictures import PLANS, waveform_pictures

BASE = np.sin(np.linspace(0.0, np.pi, 101))
PANEL = Panel("knee_extension_moment", "knee extension", "N m/kg", per="mass")
HEEL, LEAN = "heel strike (n = 3)", "lean (n = 3)"
SUBJECTS = {"A": 50.0, "B": 100.0, "C": 75.0}
GROUPS = {HEEL: [(s, ["heel"]) for s in SUBJECTS], LEAN: [(s, ["lean"]) for s in SUBJECTS]}


def waveforms(change: float = -0.05, quantity: str = PANEL.quantity) -> dict[str, Waveform]:
    """Return runners whose levels differ by half and whose own change is the same share."""
    return {
        f"{subject}/{trial}/{side}/{quantity}": Waveform(
            mass * level * factor * np.array([BASE, BASE]), "N m", "", "", "measured"
        )
        for level, (subject, mass) in zip((2.0, 3.0, 4.0), SUBJECTS.items(), strict=True)
        for trial, factor in (("heel", 1.0), ("lean", 1.0 + change))
        for side in ("right", "left")
    }


def test_a_difference_is_each_runners_own_by_their_own_mass() -> None:
    found = difference_curves(waveforms(), GROUPS, HEEL, PANEL, SUBJECTS)
    assert list(found) == [LEAN]
    assert found[LEAN] == pytest.approx(-0.05 * np.outer([2.0, 3.0, 4.0], BASE))
    # an effect of five percent is as large as a third of what the levels spread
    levels = group_curves(waveforms(), GROUPS, PANEL, SUBJECTS)
    _, between = mean_and_spread(levels[LEAN])
    _, within = mean_and_spread(found[LEAN])
    assert within.max() < 0.06 * between.max()


def test_the_mean_of_differences_is_the_difference_of_means_and_turns_its_sign() -> None:
    levels = group_curves(waveforms(), GROUPS, PANEL, SUBJECTS)
    found = difference_curves(waveforms(), GROUPS, HEEL, PANEL, SUBJECTS)
    expected = levels[LEAN].mean(axis=0) - levels[HEEL].mean(axis=0)
    assert found[LEAN].mean(axis=0) == pytest.approx(expected)
    turned = difference_curves(waveforms(), GROUPS, LEAN, PANEL, SUBJECTS)
    assert turned[HEEL] == pytest.approx(-found[LEAN])


def test_a_runner_without_the_reference_has_no_difference() -> None:
    groups = {HEEL: GROUPS[HEEL][:2], LEAN: GROUPS[LEAN]}
    assert len(difference_curves(waveforms(), groups, HEEL, PANEL, SUBJECTS)[LEAN]) == 2
    nobody = {HEEL: [("D", ["heel"])], LEAN: GROUPS[LEAN]}
    assert difference_curves(waveforms(), nobody, HEEL, PANEL, SUBJECTS) == {}


def test_figures_of_conditions_have_differences_and_of_classes_have_none() -> None:
    plan = next(plan for plan in PLANS if PANEL.quantity in [p.quantity for p in plan.panels])
    (paired,) = waveform_pictures(waveforms(), GROUPS, SUBJECTS, reference=HEEL)
    assert paired.title == plan.title
    assert paired.reference == "heel strike"
    assert paired.differences == ("knee extension: lean \u22120.150 N m/kg (at 50 %)",)
    assert "each condition less heel strike" in paired.difference
    (classes,) = waveform_pictures(waveforms(), GROUPS, SUBJECTS)
    assert not classes.difference and not classes.differences


def test_groups_repeat_no_colour_with_the_same_dashes_or_mark() -> None:
    for others in (DASHES, MARKS):
        looks = [(n % len(COLOURS), n % len(others)) for n in range(20)]
        assert len(set(looks)) == len(looks)
    assert len(set(map(str, DASHES))) == len(DASHES)


def test_a_legend_of_many_conditions_stays_on_the_figure() -> None:
    labels = [f"a condition of a long name, number {n} (n = 12)" for n in range(6)]
    curves = {label: np.array([BASE, BASE]) for label in labels}
    figure = draw_waveforms([(PANEL, curves), (PANEL, curves)], labels)
    figure.canvas.draw()
    (legend,) = figure.legends
    box = legend.get_window_extent()
    assert [text.get_text() for text in legend.get_texts()] == labels
    assert box.x0 >= 0.0 and box.x1 <= figure.bbox.width


def test_conditions_that_would_be_printed_alike_keep_their_own_names() -> None:
    assert labels_of(["heel_strike", ""]) == {"heel_strike": "heel strike", "": "no condition"}
    alike = labels_of(["forefoot_lean", "forefoot lean", "lean"])
    assert len(set(alike.values())) == 3 and alike["lean"] == "lean"


def test_the_reference_is_the_condition_that_nobody_was_asked_for() -> None:
    assert reference_of(["lean", "heel_strike", "cadence (predicted)"]) == "heel_strike"
    assert reference_of(["cadence", "own shoes"]) == "own shoes"
    assert reference_of(["lean", "forefoot_upright"]) == "forefoot_upright"
