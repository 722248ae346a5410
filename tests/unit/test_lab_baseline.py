"""An unloaded plate's offset, wherever the recording starts and its origin lies."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import force_runner as runner
from strikelean.formats.series import FloatArray, Wrench
from strikelean.lab.baseline import check_baselines, remove_baseline
from strikelean.lab.contacts import ContactRules, find_contacts
from strikelean.lab.forces import centre_of_pressure

RULES = ContactRules()
RUN = runner.running()
PLATE = RUN.recording.wrenches[0]
NOISY = runner.running(noise_n=9.0).recording.wrenches[0]


def moved(wrench: Wrench, by_m) -> Wrench:
    """Return the same wrench about another origin."""
    return replace(wrench, moment_nm=wrench.moment_nm + np.cross(by_m, wrench.force_n))


def starting(wrench: Wrench, sample: int) -> Wrench:
    return replace(
        wrench,
        time_s=wrench.time_s[sample:],
        force_n=wrench.force_n[sample:],
        moment_nm=wrench.moment_nm[sample:],
    )


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 600))
def test_the_start_of_a_recording_changes_no_baseline_and_no_contact(sample):
    whole, baseline = remove_baseline(NOISY, 50.0)
    cut, found = remove_baseline(starting(NOISY, sample), 50.0)
    np.testing.assert_allclose(found.force_n, baseline.force_n, atol=1.0)
    np.testing.assert_allclose(found.moment_nm, baseline.moment_nm, atol=0.5)
    # contacts after the cut, but the one it may have opened
    kept = [c for c in find_contacts(cut, 0, runner.MASS_KG, RULES) if not c.reason]
    true = {
        round(c.start_s, 2): c
        for c in find_contacts(whole, 0, runner.MASS_KG, RULES)
        if c.start_s > cut.time_s[0] + 0.1
    }
    assert {round(c.start_s, 2) for c in kept} >= set(true)
    for contact in kept:
        if round(contact.start_s, 2) in true:
            assert contact.start_s == pytest.approx(
                true[round(contact.start_s, 2)].start_s, abs=1e-3
            )


@settings(max_examples=20, deadline=None)
@given(st.tuples(st.floats(-9, 9), st.just(0.0), st.floats(-9, 9)))
def test_the_place_of_the_origin_changes_nothing(by_m):
    here, baseline = remove_baseline(NOISY, 50.0)
    there, found = remove_baseline(moved(NOISY, by_m), 50.0)
    np.testing.assert_allclose(there.force_n, here.force_n, atol=1e-9)
    np.testing.assert_allclose(there.moment_nm, moved(here, by_m).moment_nm, atol=1e-8)
    np.testing.assert_allclose(found.moment_nm, baseline.moment_nm, atol=1e-8)
    np.testing.assert_allclose(found.point_m, baseline.point_m + by_m, atol=1e-9)


@settings(max_examples=20, deadline=None)
@given(st.tuples(*[st.floats(-150, 150)] * 3), st.tuples(*[st.floats(-99, 99)] * 3))
def test_a_plates_offset_changes_nothing(force, moment):
    clean, _ = remove_baseline(NOISY, 50.0)
    offset = replace(
        NOISY, force_n=NOISY.force_n + force, moment_nm=NOISY.moment_nm + np.array(moment)
    )
    again, baseline = remove_baseline(offset, 50.0)
    assert not baseline.stated_pressure
    np.testing.assert_allclose(again.force_n, clean.force_n, atol=1e-9)
    np.testing.assert_allclose(again.moment_nm, clean.moment_nm, atol=1e-8)


def stated(wrench: Wrench, offset_n: float, held: bool, place_m: FloatArray) -> Wrench:
    """Return what a file says that writes no pressure of its own below 20 N."""
    loaded = wrench.force_n[:, 1] > 20.0
    point = np.nan_to_num(centre_of_pressure(wrench.force_n, wrench.moment_nm, 20.0))
    torque = np.where(
        loaded[:, np.newaxis], wrench.moment_nm - np.cross(point, wrench.force_n), 0.0
    )
    point[loaded] += place_m
    if held:
        last = np.maximum.accumulate(np.where(loaded, np.arange(loaded.size), 0))
        point = point[last]
    else:
        point[~loaded] = 0.0
    force = np.where(loaded[:, np.newaxis], wrench.force_n, 0.0) + np.array([0.0, offset_n, 0.0])
    return replace(wrench, force_n=force, moment_nm=np.cross(point, force) + torque)


@pytest.mark.parametrize("held", [False, True])
@pytest.mark.parametrize("offset_n", [30.0, -30.0])
@pytest.mark.parametrize("place_m", [[0.0, 0.0, 0.0], [1.0, 0.0, -0.7]])
def test_an_offset_is_taken_off_where_the_file_states_the_pressure(held, offset_n, place_m):
    true = stated(PLATE, 0.0, held, np.array(place_m))
    clean, baseline = remove_baseline(stated(PLATE, offset_n, held, np.array(place_m)), 50.0)
    assert baseline.stated_pressure
    assert baseline.force_n[1] == pytest.approx(offset_n)
    np.testing.assert_allclose(clean.force_n, true.force_n, atol=1e-9)
    np.testing.assert_allclose(clean.moment_nm, true.moment_nm, atol=1e-6)


def test_a_file_whose_unloaded_plate_reads_nothing_is_left_as_it_is():
    true = stated(PLATE, 0.0, False, np.zeros(3))
    clean, baseline = remove_baseline(true, 50.0)
    assert not baseline.stated_pressure
    np.testing.assert_allclose(clean.force_n, true.force_n, atol=1e-12)
    np.testing.assert_allclose(clean.moment_nm, true.moment_nm, atol=1e-9)


def test_a_plate_that_was_not_zeroed_is_doubted():
    _, small = remove_baseline(
        replace(NOISY, force_n=NOISY.force_n + np.array([0.0, 40.0, 0.0])), 50.0
    )
    _, large = remove_baseline(
        replace(NOISY, force_n=NOISY.force_n + np.array([0.0, 90.0, 0.0])), 50.0
    )
    assert check_baselines([("plate 1", small)])[0].level == "plausible"
    doubt = check_baselines([("plate 1", small), ("plate 2", large)])[0]
    assert doubt.level == "doubtful"
    assert "90 N on plate 2" in str(doubt)
