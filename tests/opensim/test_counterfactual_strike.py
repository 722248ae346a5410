"""Landing at another angle: what is asked of a made-up stride, known by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import figures
from strikelean.counterfactual import propose
from strikelean.counterfactual.propose import Asked, Proposal, Task, propose_strides
from strikelean.counterfactual.strike import StrikeForces, ask_strike, strike_retiming
from strikelean.counterfactual.strike_cycles import NUMBERS, WAVES
from strikelean.counterfactual.templates import Choice, Slope, Template
from strikelean.errors import RecordingError, SolverError
from strikelean.model.walk import walk_tree
from strikelean.stride.mean_cycles import PHASE
from strikelean.stride.stride import Stride
from strikelean.stride.targets import Targets, own_targets, sole_places
from strikelean.techniques import parse_technique

FORCES = StrikeForces(braking=True, vertical=True, sizes=(1.0, 1.0))
# per degree: at contact, gone at a quarter of stance
AT_CONTACT = np.clip(1.0 - PHASE / 25.0, 0.0, None) + np.clip((PHASE - 190.0) / 10.0, 0.0, None)
SIZES = {"thigh": -0.15, "knee_angle": -0.35, "foot_pitch": 0.8, "cop_along": -0.02}
PER_DEGREE = {"contact_time": 0.0005, "cycle_time": 0.0002, "active_peak": 0.002}
OWN_DEG = {"right": 16.0, "left": 12.0}


def slope(between: np.ndarray, mean: float = 0.0) -> Slope:
    error = 0.1 * np.abs(between) + 1e-3
    return Slope(np.full(len(between), mean), between, error, 1.2 * between, error)


@pytest.fixture(scope="module")
def template() -> Template:
    slopes = {name: slope(SIZES.get(name, 0.0) * AT_CONTACT) for name in WAVES}
    slopes["ground_vertical_force"] = slope(0.004 * np.sin(2.0 * np.pi * PHASE / 100.0))
    slopes |= {
        name: slope(np.array([PER_DEGREE.get(name, 1.0)]), {"contact_time": 0.25}.get(name, 0.7))
        for name in NUMBERS
    }
    return Template(14, 28, 250, "made up", -4.0, slopes)


@pytest.fixture(scope="module")
def stride(tmp_path_factory: pytest.TempPathFactory) -> Stride:
    return figures.striding_stride(tmp_path_factory.mktemp("strike") / "jointed.osim")


def asked_of(
    stride: Stride, template: Template, right: float, left: float, more: float = 0.0
) -> Targets:
    change = {"right": right, "left": left}
    return ask_strike(stride, own_targets(stride), template, change, {"right": more}, FORCES)


def test_the_own_angle_asks_for_nothing(stride: Stride, template: Template) -> None:
    own, found = own_targets(stride), asked_of(stride, template, 0.0, 0.0)
    for name in ("coordinates", "soles_m", "force_n", "pressure_m", "pressure_free_m"):
        np.testing.assert_allclose(getattr(found, name), getattr(own, name), atol=1e-9)
    assert strike_retiming(
        template, {"right": 0.0, "left": 0.0}, contact_time=True, step_rate=True
    ).same


def test_pressure_is_held_as_well_as_its_slopes_are_known(
    stride: Stride, template: Template
) -> None:
    own = own_targets(stride)

    def free(right_deg: float, errors: float = 1.0) -> np.ndarray:
        change = {"right": right_deg, "left": 0.0}
        forces = replace(FORCES, pressure_errors=errors)
        return ask_strike(stride, own, template, change, {}, forces).pressure_free_m

    once = free(-10.0)
    foot, sole = stride.feet[0], own.soles_m[0]
    planted = np.median(np.hypot(*(sole[[0, 2], 1] - sole[[0, 2], 0]))[foot.load == 1.0])
    at = int(np.argmin(np.abs(stride.time_s - foot.start_s)))
    # the standard errors of the made-up slopes along and across the foot at 5 % of stance
    along, across = 0.1 * 0.02 * (1.0 - 5.0 / 25.0) + 1e-3, 1e-3
    both = np.hypot(once[0, 0, at], once[0, 1, at])
    assert both == pytest.approx(10.0 * planted * np.hypot(along, across), rel=1e-3)
    # in proportion to what is asked, whichever way, and to the errors; nothing where nothing is
    np.testing.assert_allclose(free(10.0), once, rtol=0.02)
    np.testing.assert_allclose(free(-5.0), 0.5 * once, rtol=0.02)
    np.testing.assert_allclose(free(-10.0, 2.0), 2.0 * once)
    assert not free(-10.0, 0.0).any() and not once[1].any()
    # what two parts do not know adds up as variances do
    change = {"right": -10.0, "left": 0.0}
    asked = ask_strike(stride, own, template, change, {}, FORCES)
    twice = ask_strike(stride, asked, template, change, {}, FORCES).pressure_free_m
    np.testing.assert_allclose(twice[0], np.sqrt(2.0) * once[0], rtol=0.02)


@pytest.mark.parametrize("change", [-20.0, 8.0])
def test_the_foot_pitches_as_asked_at_contact(agree, stride, template, change) -> None:
    found = asked_of(stride, template, change, 0.0)
    pose = walk_tree(stride.tree, stride.coordinates + found.coordinates)
    foot = stride.feet[0]
    at = int(np.argmin(np.abs(stride.time_s - foot.start_s)))
    for places in (sole_places(stride, pose), found.soles_m):
        line = places[0, :2, 1, at] - places[0, :2, 0, at]
        pitch = float(np.degrees(np.arctan2(line[1], line[0])))
        agree("pitch of a foot at contact, asked by joint angles and by the sole",
              abs(pitch - change), 0.05, "deg")  # fmt: skip
    # the other foot stays
    np.testing.assert_allclose(found.soles_m[1], own_targets(stride).soles_m[1], atol=1e-9)


def test_more_is_asked_of_the_foot_alone(stride: Stride, template: Template) -> None:
    own, more = (asked_of(stride, template, -20.0, -20.0, extra) for extra in (0.0, -4.0))
    moved = np.degrees(np.abs(more.coordinates - own.coordinates).max(axis=0))
    names = stride.tree.names
    assert moved[names.index("ankle_angle_r")] == pytest.approx(4.0, abs=0.4)
    assert moved[names.index("knee_angle_r")] == 0.0
    assert moved[names.index("hip_flexion_r")] < 0.5


def test_vertical_force_keeps_its_impulse_and_takes_the_asked_peak(agree, stride, template) -> None:
    change = -15.0
    for size in (1.0, 1.06):
        pushed = tuple(replace(foot, force_n=size * foot.force_n) for foot in stride.feet)
        found = ask_strike(
            replace(stride, feet=pushed),
            own_targets(stride),
            template,
            dict.fromkeys(OWN_DEG, change),
            {},
            replace(FORCES, sizes=(size, size)),
        )
        for own, foot, moved in zip(stride.feet, pushed, found.force_n[:, 1], strict=True):
            agree("vertical impulse under a strike", abs(moved.sum() / moved.size), 1e-6, "N")
            wanted = (
                own.force_n[:, 1].max() + change * template.number("active_peak") * stride.weight_n
            )
            peak = (foot.force_n[:, 1] + moved).max()
            agree("active peak under a strike", abs(peak - wanted), 0.5, "N")


def test_left_and_right_are_mirror_images(stride: Stride, template: Template) -> None:
    names = stride.tree.names
    one = asked_of(stride, template, -20.0, -5.0)
    other = asked_of(stride, template, -5.0, -20.0)
    half = round(0.5 * len(stride.time_s))
    for name in ("hip_flexion", "knee_angle", "ankle_angle"):
        right, left = (names.index(f"{name}_{letter}") for letter in "rl")
        np.testing.assert_allclose(
            one.coordinates[:, right], np.roll(other.coordinates[:, left], -half), atol=1e-9
        )
    np.testing.assert_allclose(
        one.pressure_m[0, 0], np.roll(other.pressure_m[1, 0], -half), atol=1e-9
    )


def test_feet_that_stand_shorter_still_travel_with_the_ground(stride, template) -> None:
    """Soles that should move more slowly than the pose moves them turn the hip about its mean."""
    targets = own_targets(stride)
    soles = targets.soles_m.copy()
    foot = stride.feet[0]
    phase = (stride.time_s - foot.start_s) / (foot.end_s - foot.start_s)
    soles[0, 0] += 0.04 * (np.clip(phase, 0.0, 1.0) - 0.5)
    found = ask_strike(
        stride, replace(targets, soles_m=soles), template, dict.fromkeys(OWN_DEG, 0.0), {}, FORCES
    )
    names, inside = stride.tree.names, foot.inside(stride.time_s) > 0.0
    hip = found.coordinates[inside, names.index("hip_flexion_r")]
    assert np.ptp(hip) == pytest.approx(0.04 / figures.LEG_M, rel=0.03)
    np.testing.assert_allclose(hip, -found.coordinates[inside, names.index("ankle_angle_r")])


def test_contact_time_and_step_rate_go_with_the_angle_unless_switched_off(template) -> None:
    change = {"right": -20.0, "left": -10.0}
    both = strike_retiming(template, change, contact_time=True, step_rate=True)
    contact, cycle = (template.number(name) for name in ("contact_time", "cycle_time"))
    assert both.of_contact("right") == pytest.approx(1.0 - 20.0 * contact)
    assert both.of_contact("left") == pytest.approx(1.0 - 10.0 * contact)
    assert both.rate == pytest.approx(1.0 / (1.0 - 15.0 * cycle))
    kept = strike_retiming(template, change, contact_time=False, step_rate=False)
    assert kept.same
    higher = replace(template, choice=Choice(rate_errors=1.0))
    assert strike_retiming(higher, change, contact_time=True, step_rate=True).rate < both.rate


class _Landed:
    """In place of a solve: a foot lands after three quarters of what is asked of it."""

    def __init__(self, share: float) -> None:
        self.share, self.rounds = share, 0

    def __call__(self, tasks: list[Task], _: object) -> list[Proposal | Exception]:
        self.rounds += bool(tasks)
        return [self.one(task.asked) for task in tasks]

    def one(self, asked: Asked) -> Proposal:
        found = object.__new__(Proposal)
        wanted = asked.strike_change_deg()
        landed = {s: self.share * (wanted[s] + asked.more_deg.get(s, 0.0)) for s in wanted}
        for name, value in (("asked", asked), ("solution", None)):
            object.__setattr__(found, name, value)
        object.__setattr__(found, "landed_deg", landed)
        return found


@pytest.mark.parametrize("name", ["strike-08", "strike+05", "forefoot", "forefoot+050"])
def test_a_strike_is_asked_again_until_it_lands_where_asked(monkeypatch, stride, template, name):
    solve = _Landed(0.75)
    monkeypatch.setattr(propose, "_propose", solve)
    asked = Asked(parse_technique(name), template=template, strike_angle_deg=OWN_DEG)
    found = propose_strides([Task(stride, asked), Task(stride, asked)])
    for proposal in found:
        assert isinstance(proposal, Proposal)
        for side, wanted in asked.strike_change_deg().items():
            assert proposal.landed_deg[side] == pytest.approx(wanted, abs=propose.AGAIN_DEG)
    assert 1 < solve.rounds <= 1 + propose.ROUNDS


def test_a_strike_that_is_not_reached_is_refused(monkeypatch, stride, template) -> None:
    monkeypatch.setattr(propose, "_propose", _Landed(0.1))
    asked = Asked(parse_technique("strike-08"), template=template, strike_angle_deg=OWN_DEG)
    (found,) = propose_strides([Task(stride, asked)])
    assert isinstance(found, SolverError)
    assert "within 2 deg of what is asked" in str(found)
    assert "-8.0 asked" in str(found)


def test_a_foot_that_nobody_saw_land_cannot_be_asked(stride, template) -> None:
    angles = {"right": 16.0, "left": np.nan}
    asked = Asked(parse_technique("strike-08"), template=template, strike_angle_deg=angles)
    (found,) = propose_strides([Task(stride, asked)])
    assert isinstance(found, RecordingError)
    assert "left foot" in str(found)
