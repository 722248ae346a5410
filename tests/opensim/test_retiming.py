"""A made-up stride in another time: its motion and forces are known by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import simpson

import figures
from strikelean.counterfactual.retiming import Retimed, Retiming, Retimings, retime_stride
from strikelean.stride.stride import FootForce, Stride
from strikelean.stride.targets import own_targets

PERIOD_S, START_S, RATE_HZ = 0.72, 3.0, 400.0
# on the stride's own clock: flights of 0.06, 0.08 and 0.04 s
CONTACTS = ((0.06, 0.33), (0.41, 0.68))
SPEED_M_S, DRIFT_M_S = 3.0, 0.4
SLOWER_CONTACT = Retiming(1.1, {"right": 0.96, "left": 0.96})
CASES = (
    SLOWER_CONTACT,
    Retiming(0.9, {"right": 1.05, "left": 1.03}),
    Retiming(1.0, {"right": 0.95, "left": 0.95}),
    Retiming(1.05, {"right": 0.9, "left": 0.9}, speed=1.2),
)


def motion(time_s: np.ndarray, width: int, order: int = 0) -> np.ndarray:
    """Return made-up coordinates (K, width) at times since the stride's start, or derivatives."""
    turn = 2.0 * np.pi / PERIOD_S
    number = np.arange(width)
    phase = turn * time_s[:, None] + number + 0.5 * np.pi * order
    return 0.1 * (1.0 + number / width) * turn**order * np.sin(phase)


@pytest.fixture(scope="module")
def stride(tmp_path_factory: pytest.TempPathFactory) -> Stride:
    """A stride that drifts forward on a belt, pushed by half sines that brake, then push."""
    still = figures.hopping_stride(tmp_path_factory.mktemp("retiming") / "hopper.osim")
    since = np.arange(0.0, PERIOD_S - 1e-9, 1.0 / RATE_HZ)
    width = len(still.tree.names)
    parts = [motion(since, width, order) for order in range(3)]
    forward = still.tree.names.index("pelvis_tx")
    parts[0][:, forward] += DRIFT_M_S * since
    parts[1][:, forward] += DRIFT_M_S
    feet = []
    for side, (start, end) in zip(("right", "left"), CONTACTS, strict=True):
        phase = np.clip((since - start) / (end - start), 0.0, 1.0)
        force = np.zeros((len(since), 3))
        force[:, 1] = 1500.0 * np.sin(np.pi * phase) ** 2
        force[:, 0] = -200.0 * np.sin(2.0 * np.pi * phase) * np.sin(np.pi * phase)
        force[:, 0] += 30.0 * np.sin(np.pi * phase) ** 2
        point = np.zeros((len(since), 3))
        point[:, 0] = (DRIFT_M_S - SPEED_M_S) * since
        torque = np.zeros((len(since), 3))
        torque[:, 1] = 5.0 * np.sin(np.pi * phase) ** 2
        feet.append(FootForce(side, START_S + start, START_S + end, force, point, torque))
    return replace(
        still,
        time_s=START_S + since,
        start_s=START_S,
        period_s=PERIOD_S,
        coordinates=parts[0],
        speeds=parts[1],
        accelerations=parts[2],
        feet=tuple(feet),
        drift_m_s=DRIFT_M_S,
        ground_m_s=DRIFT_M_S - SPEED_M_S,
    )


def test_techniques_that_take_the_same_time_share_a_stride_in_it(stride: Stride) -> None:
    known = Retimings()
    first = known.of(stride, SLOWER_CONTACT, {})
    assert known.of(stride, replace(SLOWER_CONTACT), {}) is first
    assert known.of(replace(stride), SLOWER_CONTACT, {}) is not first
    for retiming, duty in ((CASES[1], {}), (SLOWER_CONTACT, {"right": 0.3, "left": 0.3})):
        expected = retime_stride(stride, retiming, duty).stride
        found = known.of(stride, retiming, duty).stride
        np.testing.assert_array_equal(found.coordinates, expected.coordinates)


def impulse(stride: Stride, foot: FootForce, axis: int) -> float:
    """Return a foot's impulse over the stride, N s."""
    return float(simpson(foot.force_n[:, axis], x=stride.time_s))


def test_nothing_asked_is_the_stride_itself(stride: Stride) -> None:
    found = retime_stride(stride, Retiming(contact_time={"left": 1.0}))
    assert found.stride is stride
    assert found.clock.same
    np.testing.assert_array_equal(found.targets.soles_m, own_targets(stride).soles_m)


def test_a_step_rate_alone_runs_the_stride_faster(stride: Stride) -> None:
    found = retime_stride(stride, Retiming(1.25))
    new = found.stride
    assert new.period_s == PERIOD_S / 1.25
    since = 1.25 * (new.time_s - START_S)
    width = stride.coordinates.shape[1]
    forward = stride.tree.names.index("pelvis_tx")
    for order, part in enumerate((new.coordinates, new.speeds, new.accelerations)):
        expected = 1.25**order * motion(since, width, order)
        # at the same mean speed in the laboratory
        expected[:, forward] += [DRIFT_M_S * (new.time_s - START_S), DRIFT_M_S, 0.0][order]
        np.testing.assert_allclose(part, expected, atol=1e-4 * 10.0**order)
    for foot, own in zip(new.feet, stride.feet, strict=True):
        assert foot.end_s - foot.start_s == pytest.approx((own.end_s - own.start_s) / 1.25)
        assert foot.force_n.max() == pytest.approx(own.force_n.max(), rel=1e-3)


@pytest.mark.parametrize("retiming", CASES, ids=lambda one: f"{one.rate:g}-{one.speed:g}")
def test_contacts_last_as_asked_and_carry_the_weight(agree, stride, retiming) -> None:
    found = retime_stride(stride, retiming)
    new = found.stride
    for foot, own, change in zip(new.feet, stride.feet, found.forces, strict=True):
        lasts = (own.end_s - own.start_s) * retiming.of_contact(own.side)
        assert foot.end_s - foot.start_s == pytest.approx(lasts, abs=1e-9)
        for axis, name in enumerate(("forward", "upward")):
            wanted = impulse(stride, own, axis) / retiming.rate
            apart = abs(impulse(new, foot, axis) - wanted)
            agree(f"{name} impulse over a stride in another time", apart, 0.05, "N s")
        # the same force all along the contact, but for the tilt
        up = foot.force_n[:, 1] / own.force_n[:, 1].max()
        assert up.max() == pytest.approx(change.size, rel=0.005)


@pytest.mark.parametrize("retiming", CASES, ids=lambda one: f"{one.rate:g}-{one.speed:g}")
def test_speeds_and_accelerations_are_derivatives(agree, stride, retiming) -> None:
    new = retime_stride(stride, retiming).stride
    step = np.diff(new.time_s)[0]
    for values, rate, unit in (
        (new.coordinates, new.speeds, "rad/s"),
        (new.speeds, new.accelerations, "rad/s²"),
    ):
        # fourth-order differences
        slopes = (values[:-4] - 8 * values[1:-3] + 8 * values[3:-1] - values[4:]) / (12 * step)
        apart = float(np.abs(slopes - rate[2:-2]).max() / np.abs(rate).max())
        agree(f"a retimed stride's {unit} against differences", apart, 2e-3, "of the largest")


def test_speed_moves_ground_and_runner(stride: Stride) -> None:
    faster = Retiming(1.05, {"right": 0.9, "left": 0.9}, speed=1.2)
    new = retime_stride(stride, faster).stride
    assert new.ground_m_s - new.drift_m_s == pytest.approx(-1.2 * SPEED_M_S)
    forward = stride.tree.names.index("pelvis_tx")
    gone = np.polyfit(new.time_s, new.coordinates[:, forward], 1)[0]
    was = np.polyfit(stride.time_s, stride.coordinates[:, forward], 1)[0]
    # a stride's own swing to and fro adds the same
    assert gone == pytest.approx(1.2 * DRIFT_M_S + (was - DRIFT_M_S) * 1.05, abs=0.02)


def test_planted_soles_travel_with_the_ground(agree, stride) -> None:
    """Soles that travelled with the ground are asked to do so at its new speed and time."""
    forward = stride.tree.names.index("pelvis_tx")
    rolled = stride.coordinates.copy()
    rolled[:, forward] = stride.ground_m_s * (stride.time_s - START_S)
    # nothing but the root moves: soles go with it
    rolled[:, [place for place in range(rolled.shape[1]) if place != forward]] = 0.0
    planted = replace(stride, coordinates=rolled)
    for retiming in CASES:
        found = retime_stride(planted, retiming)
        new = found.stride
        for index, foot in enumerate(new.feet):
            rows = foot.load == 1.0
            path = found.targets.soles_m[index, 0, 0, rows]
            line = new.ground_m_s * new.time_s[rows]
            apart = 1e3 * float(np.ptp(path - line))
            agree("a planted sole's path over the ground in another time", apart, 1e-3, "mm")


def test_retimings_add_up() -> None:
    both = Retiming(1.1).along_with(Retiming(contact_time={"right": 0.95}))
    assert both.rate == 1.1
    assert both.of_contact("right") == pytest.approx(0.95 / 1.1)
    assert both.of_contact("left") == pytest.approx(1 / 1.1)
    assert Retiming().along_with(Retiming()).same


def test_each_foot_takes_its_own_time(stride: Stride) -> None:
    found: Retimed = retime_stride(stride, Retiming(1.0, {"right": 0.93}))
    lasts = [foot.end_s - foot.start_s for foot in found.stride.feet]
    assert lasts == pytest.approx([0.27 * 0.93, 0.27])
    assert found.forces[0].size > 1.03
    # what flight gained the other foot's passages share
    assert found.forces[1].size == pytest.approx(1.0, abs=0.02)
