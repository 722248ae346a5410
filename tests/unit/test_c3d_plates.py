"""Force plates of C3D files: what must not change a wrench, and what must be said or refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from c3d_made import Made, MadePlate, laboratory_file, with_parameters
from lab_runner import FORCE_HZ, MARKER_HZ, markers, plate
from strikelean.errors import RecordingError
from strikelean.formats.axes import Axes
from strikelean.formats.c3d import read_c3d
from strikelean.formats.series import FloatArray, Recording, Wrench
from strikelean.lab.forces import centre_of_pressure

DURATION_S = 1.6
RUNNER = markers(DURATION_S)
LOAD = plate(DURATION_S)
# 32-bit numbers keep seven digits; a wrench is a sum of products of a few of them.
STORED = 1e-6
AXES = [("+X", "+Y", "+Z"), ("-Y", "+Z", "-X"), ("+Z", "+Y", "-X"), ("+Y", "-X", "+Z")]
# type 9287C, Kistler's instruction manual, section 8.4.3
KISTLER_X = [1.72454e-16, -4.82275e-11, 3.30016e-07, -9.46569e-12, 2.78736e-06, -8.20399e-03]
KISTLER_Y = [2.20428e-16, -1.80864e-11, -7.30249e-07, -3.03080e-11, 2.64974e-06, 5.41166e-02]
KISTLER = np.array([*KISTLER_X, *KISTLER_Y])


def read(made: Made, folder: Path, axes: Axes | None = None) -> Recording:
    return read_c3d(made.write(folder / "run.c3d"), axes or Axes())


def one(kind: int = 2, wrench: Wrench = LOAD, **changes: object) -> Made:
    keys = {"unit", "moment_unit", "turn", "blank_units"}
    options = {key: changes.pop(key) for key in keys & set(changes)}
    return laboratory_file(RUNNER, [(MadePlate(kind, **changes), wrench)], **options)


def of_plate(recording: Recording) -> Wrench:
    (wrench,) = recording.wrenches
    return wrench


def assert_same(found: Wrench, expected: Wrench, share: float = STORED) -> None:
    """Assert two wrenches about one point to be equal, to a share of their peaks."""
    np.testing.assert_allclose(
        found.force_n, expected.force_n, atol=share * np.abs(expected.force_n).max()
    )
    np.testing.assert_allclose(
        found.moment_nm, expected.moment_nm, atol=share * np.abs(expected.moment_nm).max()
    )


def held(wrench: Wrench, samples: int) -> Wrench:
    """Return a wrench sampled so many times a frame of the runner's markers."""
    rate_hz = samples * MARKER_HZ
    time_s = np.arange(RUNNER.time_s.size * samples) / rate_hz
    parts = [
        np.column_stack([np.interp(time_s, wrench.time_s, column) for column in values.T])
        for values in (wrench.force_n, wrench.moment_nm)
    ]
    return Wrench(time_s, *parts, rate_hz, wrench.label)


def moved(wrench: Wrench, by_m: FloatArray) -> Wrench:
    """Return what the same push at a place farther along would be about the origin."""
    return replace(wrench, moment_nm=wrench.moment_nm + np.cross(by_m, wrench.force_n))


@settings(max_examples=40, deadline=None)
@given(
    kind=st.sampled_from([1, 2, 3, 4]),
    names=st.sampled_from(AXES),
    units=st.sampled_from([("mm", "Nmm"), ("mm", "Nm"), ("m", "Nm"), ("m", "Nmm"), ("cm", "Ncm")]),
    turned=st.integers(0, 3),
    depth_m=st.floats(0.0, 0.2),
    aside_m=st.tuples(st.floats(-0.3, 0.3), st.floats(-0.3, 0.3)),
    by_m=st.tuples(st.floats(-4, 4), st.just(0.0), st.floats(-4, 4)),
    samples=st.integers(1, 10),
)
def test_the_same_push_is_the_same_wrench_however_it_is_stored(
    tmp_path_factory, kind, names, units, turned, depth_m, aside_m, by_m, samples
):
    """Type of plate, unit, axes, place of the origin, order of corners, sampling rate."""
    axes = Axes(*names)
    wrench = moved(held(LOAD, samples), np.array(by_m))
    # with no depth at all nothing says which end of ORIGIN is which: then the plate's place does
    aside_m = aside_m if depth_m > 0.0 else (0.0, 0.0)
    chosen = MadePlate(
        kind, by_m, (1.0, 0.5) if turned % 2 == 0 else (0.5, 1.0), turned, depth_m, aside_m
    )
    runner = replace(RUNNER, positions_m=RUNNER.positions_m + np.array(by_m))
    made = laboratory_file(runner, [(chosen, wrench)], units[0], units[1], axes.rotation().T)
    recording = read(made, tmp_path_factory.mktemp("made"), axes)
    # a matrix states no unit: that its moments are no newtons times the file's length is said
    notes = [note for note in recording.notes if "below its surface" not in note]
    assert all(kind == 4 and "plate 1 read with moments in N" in note for note in notes)
    assert bool(notes) == (kind == 4 and units[1] != f"N{units[0]}")
    # sensors that deep are rare, and a wrong depth shows nowhere else
    if abs(depth_m - 0.1) > 1e-3:
        assert (len(notes) < len(recording.notes)) == (depth_m > 0.1 and kind != 1)
    found = of_plate(recording)
    assert found.rate_hz == samples * MARKER_HZ
    assert_same(found, wrench, 4.0 * STORED)
    np.testing.assert_allclose(recording.markers.positions_m, runner.positions_m, atol=1e-6)
    assert found.surface_m == pytest.approx(0.0, abs=1e-6)


@settings(max_examples=20, deadline=None)
@given(
    kinds=st.tuples(st.sampled_from([1, 2, 3, 4]), st.sampled_from([2, 3, 4])),
    share=st.floats(0.2, 0.8),
    swapped=st.booleans(),
)
def test_one_push_over_two_plates_adds_up(tmp_path_factory, kinds, share, swapped):
    parts = [
        replace(LOAD, force_n=part * LOAD.force_n, moment_nm=part * LOAD.moment_nm)
        for part in (share, 1.0 - share)
    ]
    loads = [
        (MadePlate(kind, centre), part)
        for kind, centre, part in zip(kinds, ((0.1, 0, 0), (-0.2, 0, 0)), parts, strict=True)
    ]
    made = laboratory_file(RUNNER, loads[::-1] if swapped else loads)
    first, second = read(made, tmp_path_factory.mktemp("two")).wrenches
    total = replace(
        LOAD,
        force_n=first.force_n + second.force_n,
        moment_nm=first.moment_nm + second.moment_nm,
    )
    assert_same(total, LOAD, 4.0 * STORED)


@pytest.mark.parametrize("kind", [1, 2, 3, 4])
def test_a_positive_origin_says_the_same_as_a_negative_one(tmp_path, kind):
    """Distances of sensors have no sign; a vector may be stated from its other end."""
    made = one(kind, aside_m=(0.1, -0.2))
    origin = made.parameters["FORCE_PLATFORM:ORIGIN"]
    turned = origin * np.array([[1.0], [1.0], [-1.0]]) if kind == 3 else -origin
    assert_same(
        of_plate(read(with_parameters(made, FORCE_PLATFORM__ORIGIN=turned), tmp_path)), LOAD
    )


def test_an_origin_without_depth_is_told_from_where_the_pressure_lies(tmp_path):
    """Treadmills with their sensors' origin at a corner state it from either end."""
    made = one(2, depth_m=0.0, aside_m=(0.9, -0.45))
    assert_same(of_plate(read(made, tmp_path)), LOAD)
    origin = made.parameters["FORCE_PLATFORM:ORIGIN"]
    recording = read(with_parameters(made, FORCE_PLATFORM__ORIGIN=-origin), tmp_path)
    assert_same(of_plate(recording), LOAD)
    assert "plate 1 read with ORIGIN turned round" in recording.notes[0]


@pytest.mark.parametrize("blank", ["", "V", "units"])
@pytest.mark.parametrize(("unit", "moment"), [("mm", "Nmm"), ("mm", "Nm"), ("m", "Nm")])
def test_a_moment_unit_that_says_nothing_is_told_from_where_the_pressure_lies(
    tmp_path, blank, unit, moment
):
    made = with_parameters(one(2, unit=unit, moment_unit=moment), ANALOG__UNITS=[blank] * 6)
    recording = read(made, tmp_path)
    assert_same(of_plate(recording), LOAD)
    assert any("plate 1" in note for note in recording.notes)


def test_a_stated_moment_unit_that_cannot_be_gives_way_and_is_named(tmp_path):
    made = with_parameters(one(2), ANALOG__UNITS=["N"] * 3 + ["Nm"] * 3)
    recording = read(made, tmp_path)
    assert_same(of_plate(recording), LOAD)
    assert "plate 1 read with moments in N mm" in recording.notes[0]


def test_moments_of_no_unit_at_all_are_refused(tmp_path):
    made = one(2, blank_units=True)
    shifted = made.analog + np.array([0, 0, 0, 0, 4e6, 0]) * (made.analog[:, 2:3] < -1.0)
    with pytest.raises(RecordingError, match="ANALOG:UNITS"):
        read(replace(made, analog=shifted), tmp_path)


def test_pressure_beside_the_plate_in_the_stated_unit_is_said(tmp_path):
    made = one(2)
    corners = made.parameters["FORCE_PLATFORM:CORNERS"] + np.array([3000.0, 0, 0])[:, None, None]
    recording = read(with_parameters(made, FORCE_PLATFORM__CORNERS=corners), tmp_path)
    assert recording.notes == ()
    narrow = one(2, half_m=(0.11, 0.5))
    assert "m beside it: look at" in read(narrow, tmp_path).notes[0]


def correction(x: FloatArray, y: FloatArray, p: FloatArray) -> FloatArray:
    return ((p[0] * y**4 + p[1] * y**2 + p[2]) * x**3) + ((p[3] * y**4 + p[4] * y**2 + p[5]) * x)


@pytest.mark.parametrize("layout", ["6 by 2", "12", "2 by 6"])
@pytest.mark.parametrize("unit", ["mm", "m"])
def test_a_kistler_plate_presses_where_its_file_corrects_it_to(tmp_path, layout, unit):
    """Centre of pressure as stated: measured, less the polynomial of FPCOPPOLY."""
    made = one(3, unit=unit, half_m=(0.45, 0.3))
    stored = {
        "6 by 2": KISTLER.reshape(2, 6).T[:, :, None],
        "12": KISTLER[:, None],
        "2 by 6": KISTLER.reshape(2, 6)[:, :, None],
    }[layout]
    recording = read(with_parameters(made, FORCE_PLATFORM__FPCOPPOLY=stored), tmp_path)
    assert "FPCOPPOLY" in recording.notes[0]
    wrench = of_plate(recording)
    measured = 1000.0 * centre_of_pressure(LOAD.force_n, LOAD.moment_nm, 60.0)
    # the plate's x is forward, its y to the right
    x, y = measured[:, 0], measured[:, 2]
    expected = np.column_stack(
        [x - correction(x, y, KISTLER[:6]), y - correction(y, x, KISTLER[6:])]
    )
    found = 1000.0 * centre_of_pressure(wrench.force_n, wrench.moment_nm, 60.0)
    known = np.isfinite(x)
    np.testing.assert_allclose(found[known][:, [0, 2]], expected[known], atol=0.02)
    assert np.abs(expected - measured[:, [0, 2]])[known].max() > 3.0
    # the force and the turning about the vertical are as measured
    np.testing.assert_allclose(wrench.force_n, LOAD.force_n, atol=1e-3)
    np.testing.assert_allclose(wrench.moment_nm[:, 1], LOAD.moment_nm[:, 1], atol=1e-3)


def test_a_correction_does_not_see_an_unloaded_plate_s_offset(tmp_path):
    offset = replace(
        LOAD,
        force_n=LOAD.force_n + np.array([3.0, 40.0, -2.0]),
        moment_nm=LOAD.moment_nm + np.array([5.0, 0.0, 12.0]),
    )
    stored = KISTLER[:, None]
    wrenches = [
        of_plate(read(with_parameters(one(3, load), FORCE_PLATFORM__FPCOPPOLY=stored), tmp_path))
        for load in (LOAD, offset)
    ]
    apart = wrenches[1].moment_nm - wrenches[0].moment_nm
    np.testing.assert_allclose(apart, np.broadcast_to([5.0, 0.0, 12.0], apart.shape), atol=0.05)


def test_a_polynomial_that_fits_no_unit_is_not_used(tmp_path):
    made = with_parameters(one(3), FORCE_PLATFORM__FPCOPPOLY=np.full((12, 1), 3.0))
    recording = read(made, tmp_path)
    assert "not used" in recording.notes[0]
    assert_same(of_plate(recording), LOAD)


FAR = MadePlate(2, (3.0, 0.0, 0.0))
NOTHING = replace(LOAD, force_n=0.0 * LOAD.force_n, moment_nm=0.0 * LOAD.moment_nm)


def beside(change: FloatArray, **parameters: object) -> Made:
    """Return a file of a used plate and an idle one whose six channels read what is given."""
    made = laboratory_file(RUNNER, [(MadePlate(2), LOAD), (FAR, NOTHING)])
    analog = made.analog.copy()
    analog[:, 6:] = change
    return with_parameters(replace(made, analog=analog), **parameters)


def idle_plates() -> dict[str, tuple[Made, str]]:
    rng = np.random.default_rng(1)
    size = (LOAD.time_s.size, 6)
    level = np.array([0, 0, 1, 0, 0, 0])
    drift = np.linspace(0.0, 300.0, size[0])[:, None] * level
    noise = rng.normal(0.0, 15.0, size) * np.array([1, 1, 1, 300, 300, 300])
    spike = np.zeros(size)
    spike[700, 2] = 5000.0
    corners = beside(np.zeros(6)).parameters["FORCE_PLATFORM:CORNERS"].copy()
    unset, stair, broken = corners.copy(), corners.copy(), corners.copy()
    unset[:, :, 1] = 0.0
    stair[1, :, 1] += 150.0
    broken[:, :, 1] = np.nan
    channel = np.array([[*range(1, 7), 0, 0], [0] * 8]).T
    return {
        "not-a-number": (beside(np.full(6, np.nan)), "not-a-number"),
        "saturated": (beside(-5000.0 * level), "-5000 N all the time"),
        "noisy": (beside(noise), "nobody touched it"),
        "drifting": (beside(drift), "nobody touched it"),
        "switched": (beside(spike), "nobody touched it"),
        "without corners": (beside(noise, FORCE_PLATFORM__CORNERS=unset), "nobody"),
        "corners not-a-number": (beside(noise, FORCE_PLATFORM__CORNERS=broken), "nobody"),
        "on a stair": (beside(noise, FORCE_PLATFORM__CORNERS=stair), "nobody"),
        "without channels": (beside(noise, FORCE_PLATFORM__CHANNEL=channel), "no analog channels"),
        "of another type": (
            beside(np.zeros(6), FORCE_PLATFORM__TYPE=np.array([2, 21])),
            "of type 21",
        ),
        "of no type": (beside(noise, FORCE_PLATFORM__TYPE=np.array([2])), "of what type"),
    }


@pytest.mark.parametrize("name", idle_plates())
def test_a_plate_that_nobody_touched_is_left_out_and_named(tmp_path, name):
    made, reason = idle_plates()[name]
    recording = read(made, tmp_path)
    assert_same(of_plate(recording), LOAD)
    assert [note for note in recording.notes if note.startswith("plate 2 left out")]
    assert reason in recording.notes[0]


def test_plates_beyond_the_used_ones_do_not_exist(tmp_path):
    made = beside(np.full(6, np.nan), FORCE_PLATFORM__USED=np.array(1))
    assert read(made, tmp_path).notes == ()
    none = with_parameters(one(2), FORCE_PLATFORM__USED=np.array(0))
    assert read(none, tmp_path).wrenches == ()


def test_a_plate_listed_twice_presses_once(tmp_path):
    made = laboratory_file(RUNNER, [(MadePlate(2), LOAD), (MadePlate(2), LOAD)])
    same = np.array([[*range(1, 7), 0, 0]] * 2).T
    recording = read(with_parameters(made, FORCE_PLATFORM__CHANNEL=same), tmp_path)
    assert_same(of_plate(recording), LOAD)
    assert "plate 1 once more" in recording.notes[0]


def test_a_used_plate_of_another_type_is_refused(tmp_path):
    made = with_parameters(one(2), FORCE_PLATFORM__TYPE=np.array([5]))
    with pytest.raises(RecordingError, match="type 1 to 4"):
        read(made, tmp_path)


def test_a_plate_without_a_matrix_or_with_its_transpose_is_read(tmp_path):
    made = one(4)
    matrix = made.parameters["FORCE_PLATFORM:CAL_MATRIX"]
    by_row = with_parameters(
        made,
        FORCE_PLATFORM__CAL_MATRIX=matrix.transpose(1, 0, 2),
        FORCE_PLATFORM__MATRIX_STORE=["BYROW"],
    )
    assert_same(of_plate(read(by_row, tmp_path)), LOAD)
    plain = with_parameters(
        one(2), FORCE_PLATFORM__TYPE=np.array([4]), FORCE_PLATFORM__CAL_MATRIX=None
    )
    assert_same(of_plate(read(plain, tmp_path)), LOAD)


def blank(made: Made, samples: slice, columns: slice = slice(None)) -> Made:
    analog = made.analog.copy()
    analog[samples, columns] = np.nan
    return replace(made, analog=analog)


@pytest.mark.parametrize("kind", [1, 2, 3, 4])
def test_the_recording_ends_where_the_force_does(tmp_path, kind):
    recording = read(blank(one(kind), slice(-40, None)), tmp_path)
    wrench = of_plate(recording)
    assert wrench.time_s[-1] == pytest.approx(LOAD.time_s[-41])
    assert f"force ends at {LOAD.time_s[-41]:.3f} s: plate 1" in recording.notes[0]
    recording = read(blank(one(kind), slice(0, 20)), tmp_path)
    wrench = of_plate(recording)
    assert wrench.time_s[0] == pytest.approx(LOAD.time_s[20])
    np.testing.assert_allclose(wrench.force_n, LOAD.force_n[20:], atol=2e-3)
    assert "force begins at" in recording.notes[0]


def test_two_plates_end_together(tmp_path):
    made = laboratory_file(RUNNER, [(MadePlate(2), LOAD), (MadePlate(3), LOAD)])
    recording = read(blank(made, slice(-40, None), slice(6, 14)), tmp_path)
    first, second = recording.wrenches
    np.testing.assert_array_equal(first.time_s, second.time_s)
    assert "plate 2 blank after" in recording.notes[0]


def test_blank_samples_are_bridged_only_where_no_foot_can_have_been(tmp_path):
    vertical = LOAD.force_n[:, 1]
    free = np.flatnonzero(vertical[300:] == 0.0)[10] + 300
    loaded = int(np.argmax(vertical))
    recording = read(blank(one(2), slice(free, free + 6)), tmp_path)
    assert_same(of_plate(recording), LOAD)
    assert "6 samples" in recording.notes[0]
    with pytest.raises(RecordingError, match=f"plate 1 .* at {loaded / FORCE_HZ:.3f} s for 2 ms"):
        read(blank(one(2), slice(loaded, loaded + 1)), tmp_path)
    # long enough for a foot to have come and gone
    with pytest.raises(RecordingError, match="wherever it may be loaded"):
        read(blank(one(2), slice(free, free + 60)), tmp_path)


def test_a_stored_pressure_may_be_anything_while_nothing_is_loaded(tmp_path):
    made = one(1)
    unloaded = np.abs(made.analog[:, 2]) < 1e-6
    for rubbish in (np.nan, 1e6, -7e4):
        analog = made.analog.copy()
        analog[np.ix_(unloaded, [3, 4])] = rubbish
        recording = read(replace(made, analog=analog), tmp_path)
        assert_same(of_plate(recording), LOAD)


def test_a_used_plate_with_a_blank_channel_is_refused_by_name(tmp_path):
    with pytest.raises(RecordingError, match=r"numbers from plate 1 in run\.c3d"):
        read(blank(one(2), slice(None), slice(3, 4)), tmp_path)


@pytest.mark.parametrize("fault", ["none", "not-a-number", "crossed", "in metres"])
def test_a_used_plate_needs_a_rectangle_of_corners(tmp_path, fault):
    made = one(2)
    corners = made.parameters["FORCE_PLATFORM:CORNERS"].copy()
    wrong = {
        "none": 0.0 * corners,
        "not-a-number": np.nan * corners,
        "crossed": corners[:, [0, 2, 1, 3]],
        "in metres": corners / 1000.0,
    }[fault]
    with pytest.raises(RecordingError, match=r"corners of plate 1 .* to make a rectangle"):
        read(with_parameters(made, FORCE_PLATFORM__CORNERS=wrong), tmp_path)


def test_a_plate_that_pulls_is_refused_with_its_cause(tmp_path):
    made = one(2)
    corners = made.parameters["FORCE_PLATFORM:CORNERS"]
    with pytest.raises(RecordingError, match=r"-\d+ N under load\. Turn the sign"):
        read(replace(made, analog=-made.analog), tmp_path)
    back = with_parameters(made, FORCE_PLATFORM__CORNERS=corners[:, [0, 3, 2, 1]])
    with pytest.raises(RecordingError, match=r"z axis that points up\. List FORCE_PLATFORM"):
        read(back, tmp_path)


@pytest.mark.parametrize(("tilt_deg", "fine"), [(1.5, True), (3.0, False), (90.0, False)])
def test_a_surface_must_be_level(tmp_path, tilt_deg, fine):
    made = one(2)
    corners = made.parameters["FORCE_PLATFORM:CORNERS"].copy()
    turn = np.radians(tilt_deg)
    x = corners[0].copy()
    corners[0], corners[1] = np.cos(turn) * x, np.sin(turn) * x
    tilted = with_parameters(made, FORCE_PLATFORM__CORNERS=corners)
    if fine:
        assert of_plate(read(tilted, tmp_path)).surface_m == pytest.approx(0.0, abs=1e-6)
        return
    with pytest.raises(RecordingError, match=f"level .* {tilt_deg:.1f} deg off"):
        read(tilted, tmp_path)


def test_rounded_rates_follow_the_frames_and_contradicting_ones_are_refused(tmp_path):
    made = one(2)
    rate_hz = of_plate(read(made, tmp_path)).rate_hz
    recording = read(with_parameters(made, ANALOG__RATE=np.array(rate_hz * 1.0005)), tmp_path)
    assert of_plate(recording).rate_hz == rate_hz
    assert "ANALOG:RATE" in recording.notes[0]
    with pytest.raises(RecordingError, match="ANALOG:RATE 1200"):
        read(with_parameters(made, ANALOG__RATE=np.array(2.0 * rate_hz)), tmp_path)


def test_a_force_unit_nobody_knows_is_said(tmp_path):
    made = with_parameters(one(3), ANALOG__UNITS=["V"] * 8)
    recording = read(made, tmp_path)
    assert_same(of_plate(recording), LOAD)
    assert recording.notes == ("plate 1: ANALOG:UNITS say 'V': taken as N",)
    kilo = with_parameters(replace(one(3), analog=one(3).analog / 1000.0), ANALOG__UNITS=["kN"] * 8)
    assert_same(of_plate(read(kilo, tmp_path)), LOAD)


def test_matrices_of_eight_rows_beside_kistler_plates_are_read(tmp_path):
    """Files that mix plates of six and eight channels may pad every matrix to eight by eight."""
    made = one(4)
    padded = np.zeros((8, 8, 1))
    padded[:6, :6] = made.parameters["FORCE_PLATFORM:CAL_MATRIX"]
    found = read(with_parameters(made, FORCE_PLATFORM__CAL_MATRIX=padded), tmp_path)
    assert_same(of_plate(found), LOAD)
