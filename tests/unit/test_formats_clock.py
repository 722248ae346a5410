"""Even times are told from uneven ones, however they were rounded, and holes are found exactly."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from strikelean.formats.clock import UnevenError, even_clock

USUAL_HZ = (50.0, 60.0, 75.0, 100.0, 120.0, 125.0, 150.0, 180.0, 200.0, 240.0, 250.0, 300.0)
FAST_HZ = (360.0, 400.0, 500.0, 600.0, 960.0, 1000.0, 1080.0, 1200.0, 1500.0, 2000.0)
RATES = (*USUAL_HZ, 59.94, 119.88, *FAST_HZ)


def written(time_s: np.ndarray, how: str) -> np.ndarray:
    """Return times as a file gives them back: '.4f' four decimals, '.7g' seven digits."""
    return np.array([float(format(value, how)) for value in time_s])


def unit_s(how: str) -> float:
    """Return the coarsest unit of a way to write times below 1000 s."""
    digits = int(how[1:-1])
    return 10.0 ** (-digits if how.endswith("f") else 3 - digits)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(RATES),
    st.sampled_from([".2f", ".3f", ".4f", ".5f", ".6f", ".6g", ".7g", ".8g", ".17g"]),
    st.floats(0.6, 12.0),
    st.integers(0, 5000),
)
def test_rounded_times_give_back_the_rate_and_the_grid(rate_hz, how, length_s, first):
    true_s = (first + np.arange(int(length_s * rate_hz))) / rate_hz
    assume(true_s[-1] < 1000.0)
    clock = even_clock(written(true_s, how))
    unit = unit_s(how)
    assert clock.holes() == []
    assert np.max(np.abs(clock.time_s - true_s)) <= 1.01 * unit + 1e-9
    # the rate is known as well as its length allows, and a round one is met
    assert abs(clock.rate_hz / rate_hz - 1.0) <= 2.0 * unit / length_s + 1e-9
    if unit * rate_hz < 0.5 and length_s > 2.0 and rate_hz % 10.0 == 0.0:
        assert clock.rate_hz == pytest.approx(rate_hz, rel=1e-12)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from([60.0, 100.0, 120.0, 150.0, 200.0, 300.0, 500.0, 600.0, 1000.0, 1200.0]),
    st.sampled_from([".3f", ".4f", ".5f", ".6f", ".7g", ".17g"]),
    st.integers(0, 500),
    st.lists(st.tuples(st.floats(0.02, 0.98), st.integers(1, 40)), min_size=1, max_size=3),
    st.booleans(),
)
def test_absent_samples_are_found_where_they_are(rate_hz, how, first, holes, is_stated):
    # a hole shorter than the unit that times are written in cannot be seen
    assume(unit_s(how) * rate_hz < 0.9)
    count = int(3.0 * rate_hz)
    kept = np.ones(count, dtype=bool)
    for place, length in holes:
        start = min(1 + int(place * count), count - length - 1)
        kept[start : start + length] = False
    assume(np.count_nonzero(kept) > 0.7 * count)
    true_s = ((first + np.arange(count)) / rate_hz)[kept]
    clock = even_clock(written(true_s, how), rate_hz if is_stated else None)
    np.testing.assert_array_equal(clock.frames, np.flatnonzero(kept) - np.flatnonzero(kept)[0])
    assert np.max(np.abs(clock.time_s - true_s)) <= 1.01 * unit_s(how) + 1e-9
    assert clock.grid_s().size == clock.frames[-1] + 1


@pytest.mark.parametrize("how", [".3f", ".4f", ".6f"])
@pytest.mark.parametrize("offset_s", [0.0, 100.0])
def test_the_start_of_the_clock_changes_no_rate(how, offset_s):
    time_s = np.arange(900) / 150.0
    clock = even_clock(written(time_s + offset_s, how), 150.0)
    assert clock.rate_hz == 150.0
    np.testing.assert_allclose(clock.time_s, time_s + offset_s, atol=1e-9)


def test_a_stated_rate_decides_where_rounding_leaves_a_choice():
    time_s = np.arange(60) / 119.88
    assert even_clock(written(time_s, ".3f"), 119.88).rate_hz == pytest.approx(119.88)
    assert even_clock(written(time_s, ".3f"), 120.0).rate_hz == pytest.approx(120.0)


def test_a_clock_added_up_in_single_precision_keeps_its_times():
    time_s = np.cumsum(np.full(30000, 0.001, dtype=np.float32), dtype=np.float32).astype(float)
    clock = even_clock(time_s)
    assert clock.holes() == []
    assert clock.rate_hz == pytest.approx(1000.0, rel=1e-3)
    assert np.max(np.abs(clock.time_s - time_s)) < 1e-4


def test_uneven_times_are_refused_by_the_first_row_that_is_off():
    time_s = np.arange(300) / 100.0
    time_s[200] += 0.004
    with pytest.raises(UnevenError, match="ms beside 100 Hz") as caught:
        even_clock(time_s)
    assert caught.value.row == 200


def test_a_little_unevenness_is_measured():
    time_s = np.arange(300) / 100.0
    time_s[200] += 0.0008
    clock = even_clock(time_s)
    assert 2e-4 < clock.off_s < 8e-4
    assert clock.rate_hz == pytest.approx(100.0)


def test_times_that_stand_still_are_refused():
    with pytest.raises(UnevenError, match="again"):
        even_clock(np.ones(5))


def test_one_sample_has_the_rate_that_is_stated():
    assert even_clock(np.array([2.5]), 100.0).rate_hz == 100.0
    assert np.isnan(even_clock(np.array([2.5])).rate_hz)
