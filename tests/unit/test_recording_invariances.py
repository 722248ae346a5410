"""A recording read from elsewhere, later, in another order or mirrored is the same recording."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lab_runner as runner
from strikelean.formats.series import Markers, Recording, Wrench
from strikelean.lab import recording as stage
from strikelean.lab.recording import TrialRecording

RECORDING = Recording(runner.markers(), (runner.plate(),), (None,), ("run.c3d",))
STATIC = runner.static()


def read(recording: Recording, static: Markers = STATIC) -> TrialRecording:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stage, "load_files", lambda files, axes, needed: recording)
        return stage.read_recording(
            [Path("run.c3d")], static, runner.MARKERSET, runner.MASS_KG, runner.SETTINGS
        )


USUAL = read(RECORDING)


def same(found: TrialRecording, later_s: float = 0.0, mirrored: bool = False) -> None:
    """Check that the steps are those of the usual recording."""
    other = {"right": "left", "left": "right"}
    assert len(found.contacts) == len(USUAL.contacts)
    for one, usual in zip(found.contacts, USUAL.contacts, strict=True):
        side = usual.side
        assert one.side == (other[str(side)] if mirrored else side)
        assert (one.selected, one.reason) == (usual.selected, usual.reason)
        assert one.start_s - later_s == pytest.approx(usual.start_s, abs=1e-9)
        assert one.end_s - later_s == pytest.approx(usual.end_s, abs=1e-9)
        for name in ("foot_strike_angle_deg", "strike_index_percent"):
            assert getattr(one, name) == pytest.approx(getattr(usual, name), abs=1e-6, nan_ok=True)


def moved(recording: Recording, by_m: np.ndarray) -> Recording:
    markers = replace(recording.markers, positions_m=recording.markers.positions_m + by_m)
    wrenches = [replace(w, moment_nm=w.moment_nm + np.cross(by_m, w.force_n))
                for w in recording.wrenches]  # fmt: skip
    return replace(recording, markers=markers, wrenches=tuple(wrenches))


@settings(max_examples=8, deadline=None)
@given(st.tuples(st.floats(-30.0, 30.0), st.just(0.0), st.floats(-10.0, 10.0)))
def test_where_the_origin_lies_changes_no_step(by_m) -> None:
    found = read(moved(RECORDING, np.array(by_m)))
    same(found)
    # a foot in the air has no centre of pressure
    loaded = USUAL.grf.values[:, :, 0, 1] > 100.0
    apart = found.grf.values - USUAL.grf.values
    apart[:, :, 1] -= np.array(by_m)
    assert np.abs(apart[loaded]).max() < 1e-6


@settings(max_examples=8, deadline=None)
@given(st.floats(-100.0, 100000.0))
def test_when_the_clock_started_changes_no_step(later_s) -> None:
    markers = replace(RECORDING.markers, time_s=RECORDING.markers.time_s + later_s)
    wrenches = tuple(replace(w, time_s=w.time_s + later_s) for w in RECORDING.wrenches)
    same(read(replace(RECORDING, markers=markers, wrenches=wrenches)), later_s)


@settings(max_examples=8, deadline=None)
@given(st.permutations(range(len(RECORDING.markers.names))))
def test_the_order_of_the_markers_changes_no_step(order) -> None:
    markers = RECORDING.markers
    names = tuple(markers.names[i] for i in order)
    other = replace(markers, names=names, positions_m=markers.positions_m[:, order])
    found = read(replace(RECORDING, markers=other))
    same(found)
    np.testing.assert_array_equal(found.grf.values, USUAL.grf.values)


def test_a_mirror_image_has_the_same_steps_on_the_other_foot() -> None:
    mirror = np.array([1.0, 1.0, -1.0])

    def markers(own: Markers) -> Markers:
        names = tuple({"R": "L", "L": "R"}[name[0]] + name[1:] for name in own.names)
        return replace(own, names=names, positions_m=own.positions_m * mirror)

    def wrench(own: Wrench) -> Wrench:
        return replace(own, force_n=own.force_n * mirror, moment_nm=-own.moment_nm * mirror)

    found = read(
        replace(
            RECORDING,
            markers=markers(RECORDING.markers),
            wrenches=tuple(wrench(w) for w in RECORDING.wrenches),
        ),
        markers(STATIC),
    )
    same(found, mirrored=True)


def test_markers_at_twice_the_rate_have_the_same_steps() -> None:
    markers = RECORDING.markers
    time_s = np.arange(2 * markers.time_s.size - 1) / (2.0 * markers.rate_hz)
    paths = [
        np.interp(time_s, markers.time_s, path)
        for path in markers.positions_m.reshape(markers.time_s.size, -1).T
    ]
    positions = np.array(paths).T.reshape(time_s.size, -1, 3)
    found = read(replace(RECORDING, markers=Markers(time_s, markers.names, positions, 300.0)))
    for one, usual in zip(found.contacts, USUAL.contacts, strict=True):
        assert one.side == usual.side
        assert one.foot_strike_angle_deg == pytest.approx(
            usual.foot_strike_angle_deg, abs=1e-6, nan_ok=True
        )
