"""A stride's clock: contacts in another time, flights in the rest, smooth throughout."""

from __future__ import annotations

import numpy as np
import pytest

from strikelean.errors import SolverError
from strikelean.stride.clock import FASTEST, SLOWEST, Clock, contact_clock

PERIOD_S = 0.72
CONTACTS = ((0.05, 0.32), (0.41, 0.67))
ENDS = np.array([0.0, *CONTACTS[0], *CONTACTS[1], PERIOD_S])


def test_contacts_that_follow_the_step_rate_leave_one_rate() -> None:
    clock = contact_clock(PERIOD_S, CONTACTS, 1.1, (1 / 1.1, 1 / 1.1))
    assert clock == Clock(1.1, PERIOD_S)
    times = np.linspace(-1.0, 2.0, 50)
    np.testing.assert_array_equal(clock.source_s(times), times * 1.1)
    np.testing.assert_array_equal(clock.new_s(times), times / 1.1)
    assert not np.any(clock.source_s(times, 2))
    assert contact_clock(PERIOD_S, CONTACTS, 1.0, (1.0, 1.0)).same


@pytest.mark.parametrize(
    ("rate", "times"),
    [(1.1, (0.96, 0.96)), (0.9, (1.05, 1.03)), (1.0, (0.95, 0.95)), (1.19, (0.92, 0.9))],
)
def test_contacts_end_exactly_when_they_should(agree, rate, times) -> None:
    clock = contact_clock(PERIOD_S, CONTACTS, rate, times)
    new = clock.new_s(ENDS)
    lasts = np.diff(new)
    np.testing.assert_allclose(lasts[1::2], np.diff(ENDS)[1::2] * times, atol=1e-10)
    # all flights by the same factor, together the rest
    shares = lasts[::2] / np.diff(ENDS)[::2]
    np.testing.assert_allclose(shares, shares[0], atol=1e-9)
    assert new[-1] == pytest.approx(PERIOD_S / rate, abs=1e-10)
    agree(
        "ends of contacts on a changed clock",
        1e3 * float(np.abs(clock.source_s(new) - ENDS).max()),
        1e-7,
        "ms",
    )


def test_the_clock_runs_forward_at_nearly_one_rate_in_a_contact() -> None:
    clock = contact_clock(PERIOD_S, CONTACTS, 1.1, (0.96, 0.96))
    rates = clock.source_s(np.linspace(0.0, clock.period_s, 400), 1)
    assert SLOWEST < rates.min() <= rates.max() < FASTEST
    for start, end in CONTACTS:
        inner = np.linspace(start + 0.04, end - 0.04, 50)
        middle = clock.source_s(clock.new_s(inner), 1)
        np.testing.assert_allclose(middle, 1 / 0.96, rtol=0.05)


def test_derivatives_against_differences_and_across_the_strides_end(agree) -> None:
    clock = contact_clock(PERIOD_S, CONTACTS, 1.1, (0.96, 0.94))
    step = 1e-5
    times = np.linspace(-0.5, 1.5, 1000)
    for order, allowed in ((1, 1e-6), (2, 1e-3)):
        ahead, behind = (clock.source_s(times + h, order - 1) for h in (step, -step))
        apart = np.abs((ahead - behind) / (2 * step) - clock.source_s(times, order)).max()
        agree(f"derivative {order} of a stride's clock", float(apart), allowed, "")
    np.testing.assert_allclose(
        clock.source_s(times + clock.period_s), clock.source_s(times) + PERIOD_S, atol=1e-9
    )
    np.testing.assert_allclose(clock.source_s(clock.new_s(times)), times, atol=1e-9)


def test_strides_that_follow_one_another_share_their_rate_in_mid_flight() -> None:
    other = ((0.04, 0.32), (0.41, 0.655))
    clocks = [contact_clock(PERIOD_S, own, 1.1, (0.96, 0.96), 1.31) for own in (CONTACTS, other)]
    for clock in clocks:
        ends = np.array([0.0, clock.period_s - 1e-12])
        np.testing.assert_allclose(clock.source_s(ends, 1), 1.31, atol=1e-6)
        np.testing.assert_allclose(clock.source_s(ends, 2), 0.0, atol=1e-4)


def test_a_mirrored_stride_has_the_mirrored_clock() -> None:
    """The same stride run through backwards: nothing prefers one direction of time."""
    there = contact_clock(PERIOD_S, CONTACTS, 1.1, (0.96, 0.94))
    turned = tuple((PERIOD_S - end, PERIOD_S - start) for start, end in reversed(CONTACTS))
    back = contact_clock(PERIOD_S, turned, 1.1, (0.94, 0.96))
    times = np.linspace(0.0, there.period_s, 100)
    np.testing.assert_allclose(
        PERIOD_S - there.source_s(there.period_s - times), back.source_s(times), atol=1e-9
    )


@pytest.mark.parametrize(
    "contacts",
    [((0.01, 0.37), (0.36, 0.71)), ((0.001, 0.35), (0.36, 0.71))],
    ids=["double support", "no flight to speak of"],
)
def test_without_flights_contacts_cannot_take_another_share(contacts) -> None:
    with pytest.raises(SolverError, match="ms of flight"):
        contact_clock(PERIOD_S, contacts, 1.1, (0.97, 0.97))
    assert contact_clock(PERIOD_S, contacts, 1.1, (1 / 1.1, 1 / 1.1)).curve is None
