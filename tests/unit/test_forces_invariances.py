"""What must not change what is read of the forces, nor what is said of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.interpolate import CubicSpline

import force_runner as runner
from strikelean.formats.series import Wrench
from strikelean.lab.recording import TrialRecording
from strikelean.markersets import SIDES
from strikelean.signals import at_times

RUN = runner.running(noise_n=5.0)
USUAL = RUN.read()
# A force is compared where it says where it acts.
LOADED_N = 100.0


def with_wrenches(*wrenches: Wrench) -> runner.Running:
    recording = replace(RUN.recording, wrenches=wrenches, feet=(None,) * len(wrenches))
    return replace(RUN, recording=recording)


def differences(found: TrialRecording, by_m=(0.0, 0.0, 0.0)) -> dict[str, float]:
    """Return the largest differences of force (N), point (m) and torque (N m)."""
    largest = dict.fromkeys("vpt", 0.0)
    usual = USUAL.grf
    inside = np.clip(usual.time_s, found.grf.time_s[0], found.grf.time_s[-1])
    mine = at_times(found.grf.time_s, found.grf.values, inside)
    for foot, side in enumerate(SIDES):
        loaded = usual.foot(side).force_n[:, 1] > LOADED_N
        for place, kind in enumerate("vpt"):
            apart = mine[:, foot, place] - usual.values[:, foot, place]
            apart -= np.array(by_m) if kind == "p" else 0.0
            largest[kind] = max(largest[kind], float(np.max(np.abs(apart[loaded]))))
    return largest


def figures(trial: TrialRecording) -> dict[str, float]:
    return {k: v for k, v in trial.summary["plausibility"].items() if v is not None}


@settings(max_examples=6, deadline=None)
@given(st.tuples(st.floats(-9, 9), st.just(0.0), st.floats(-9, 9)))
def test_the_place_of_the_origin(by_m):
    moved = RUN.changed(lambda w: replace(w, moment_nm=w.moment_nm + np.cross(by_m, w.force_n)))
    markers = replace(
        RUN.recording.markers, positions_m=RUN.recording.markers.positions_m + np.array(by_m)
    )
    found = replace(moved, recording=replace(moved.recording, markers=markers)).read()
    assert max(differences(found, by_m).values()) < 1e-6
    assert figures(found) == pytest.approx(figures(USUAL), abs=2e-6)


@settings(max_examples=6, deadline=None)
@given(st.tuples(*[st.floats(-50, 50)] * 3), st.tuples(*[st.floats(-50, 50)] * 3))
def test_a_plates_offset(force, moment):
    found = RUN.changed(
        lambda w: replace(
            w, force_n=w.force_n + np.array(force), moment_nm=w.moment_nm + np.array(moment)
        )
    ).read()
    assert max(differences(found).values()) < 1e-6
    said = {name: value for name, value in figures(found).items() if name != "plate_offset_n"}
    usual = {name: value for name, value in figures(USUAL).items() if name in said}
    assert said == pytest.approx(usual, abs=2e-6)


def test_one_plate_or_two_that_share_every_step():
    whole = RUN.recording.wrenches[0]
    share = (0.5 + 0.5 * np.sin(7.0 * whole.time_s))[:, np.newaxis]
    front = replace(whole, force_n=share * whole.force_n, moment_nm=share * whole.moment_nm)
    back = replace(
        whole,
        force_n=(1.0 - share) * whole.force_n,
        moment_nm=(1.0 - share) * whole.moment_nm,
        label="plate 2",
    )
    apart = differences(with_wrenches(front, back).read())
    # two medians of noise are not the median of their sum: up to a newton of 5 N of noise
    assert apart["v"] < 1.0
    assert apart["p"] < 0.003


def test_forces_sampled_at_a_higher_rate():
    clean = runner.running()
    whole = clean.recording.wrenches[0]
    time_s = np.arange(int(whole.time_s[-1] * 2000.0)) / 2000.0
    finer = Wrench(
        time_s,
        CubicSpline(whole.time_s, whole.force_n)(time_s),
        CubicSpline(whole.time_s, whole.moment_nm)(time_s),
        2000.0,
        "plate 1",
    )
    usual = clean.read()
    found = replace(clean, recording=replace(clean.recording, wrenches=(finer,))).read()
    for one, other in zip(usual.contacts, found.contacts, strict=True):
        # filter and threshold between other samples
        assert one.start_s == pytest.approx(other.start_s, abs=1e-3)
        assert one.side == other.side
    said, expected = figures(found), figures(usual)
    # how far a single sample leaves its neighbours is a matter of how near they are
    assert said.pop("force_spike_n") < expected.pop("force_spike_n") + 0.5
    assert said == pytest.approx(expected, abs=2e-3)


def test_a_mirror_image():
    mirror = np.array([1.0, 1.0, -1.0])

    def markers(own):
        letters = {"R": "L", "L": "R"}
        names = tuple(letters.get(n[0], n[0]) + n[1:] for n in own.names)
        return replace(own, names=names, positions_m=own.positions_m * mirror)

    turned = RUN.changed(
        lambda w: replace(w, force_n=w.force_n * mirror, moment_nm=-w.moment_nm * mirror)
    )
    recording = replace(turned.recording, markers=markers(RUN.recording.markers))
    found = replace(turned, recording=recording, static=markers(RUN.static)).read()
    expected = figures(USUAL)
    for name in (
        "pressure_shift_right_m",
        "unexplained_impulse_right_share",
        "pressure_ahead_right_less_left_m",
        "clock_error_right_less_left_s",
    ):
        expected[name] *= -1.0
    expected["newton_slope_up_right_over_left"] **= -1.0
    assert figures(found) == pytest.approx(expected, abs=2e-6)
