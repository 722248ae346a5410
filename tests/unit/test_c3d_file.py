"""The bytes of C3D files: processors, integers, counts, damage; and what its labels say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import ezc3d
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from c3d_made import DEC, INTEL, MIPS, Made, MadePlate, laboratory_file, with_parameters
from lab_runner import markers, plate, shared_data
from strikelean.errors import RecordingError
from strikelean.formats.axes import Axes
from strikelean.formats.c3d import read_c3d, read_standing
from strikelean.formats.c3d_file import read_file

RUNNER = markers(0.8)
LOAD = plate(0.8)
MADE = laboratory_file(RUNNER, [(MadePlate(2), LOAD)])


def few(count: int = 3, frames: int = 20, labels: tuple[str, ...] = ()) -> Made:
    """Return a small file of markers alone, half a metre apart."""
    points = np.zeros((frames, count, 3))
    points[..., 0] = 500.0 * np.arange(1, count + 1)
    points[..., 1] = np.arange(1, frames + 1)[:, None]
    names = labels or tuple(f"M{number}" for number in range(count))
    return Made(points, 100.0, names, np.zeros((0, 0)))


@pytest.mark.parametrize("processor", [INTEL, DEC, MIPS])
@pytest.mark.parametrize("integers", [False, True])
def test_every_processor_s_numbers_are_read(tmp_path, processor, integers):
    scale, steps = (0.05, 0.1) if integers else (-0.05, 1.0)
    made = replace(MADE, processor=processor, scale=scale)
    if integers:
        stored = np.round(MADE.analog / np.array([steps] * 3 + [100.0] * 3)) + 7
        factors = np.array([steps] * 3 + [100.0] * 3)
        made = with_parameters(
            replace(made, analog=stored),
            ANALOG__SCALE=factors / 2.0,
            ANALOG__GEN_SCALE=np.array(2.0),
            ANALOG__OFFSET=np.full(6, 7),
        )
    recording = read_c3d(made.write(tmp_path / "run.c3d"), Axes())
    rounding = (0.03e-3, 0.06, 0.2) if integers else (1e-6, 1e-3, 1e-3)
    np.testing.assert_allclose(recording.markers.positions_m, RUNNER.positions_m, atol=rounding[0])
    np.testing.assert_allclose(recording.wrenches[0].force_n, LOAD.force_n, atol=rounding[1])
    np.testing.assert_allclose(recording.wrenches[0].moment_nm, LOAD.moment_nm, atol=rounding[2])


def test_unsigned_samples_and_offsets_reach_65535(tmp_path):
    stored = np.array([[0.0], [32768.0], [65535.0], [40000.0]])
    made = replace(few(frames=4), analog=stored, scale=0.1)
    made = with_parameters(
        made,
        ANALOG__FORMAT=["UNSIGNED"],
        ANALOG__OFFSET=np.array([32768]),
        ANALOG__BITS=np.array(16),
    )
    analog = read_file(made.write(tmp_path / "u.c3d")).analog
    np.testing.assert_allclose(analog, stored - 32768.0)


def test_another_library_reads_the_same(tmp_path):
    path = MADE.write(tmp_path / "run.c3d")
    ours, theirs = read_file(path), ezc3d.c3d(str(path), extract_forceplat_data=True)
    np.testing.assert_array_equal(ours.points, theirs["data"]["points"][:3].transpose(2, 1, 0))
    np.testing.assert_array_equal(ours.analog, theirs["data"]["analogs"][0].T)
    assert ours.texts("POINT:LABELS") == theirs["parameters"]["POINT"]["LABELS"]["value"]


@pytest.mark.parametrize("kind", [2, 3, 4])
def test_another_library_reads_the_same_plates(tmp_path, kind):
    """Where it is right: type 1 and a positive depth of type 3 it reads otherwise."""
    made = laboratory_file(RUNNER, [(MadePlate(kind, turned=1, half_m=(0.5, 1.0)), LOAD)])
    path = made.write(tmp_path / "run.c3d")
    (theirs,) = ezc3d.c3d(str(path), extract_forceplat_data=True)["data"]["platform"]
    wrench = read_c3d(path, Axes()).wrenches[0]
    middle = theirs["corners"].mean(axis=1) / 1000.0
    moment = theirs["moment"].T / 1000.0 + np.cross(middle, theirs["force"].T)
    np.testing.assert_allclose(wrench.force_n, theirs["force"].T, atol=1e-9)
    np.testing.assert_allclose(wrench.moment_nm, moment, atol=1e-9)


def test_another_library_reads_real_plates_the_same():
    path = shared_data("rbds", "RBDS001runT35.c3d")
    theirs = ezc3d.c3d(str(path), extract_forceplat_data=True)
    (platform,) = theirs["data"]["platform"]
    wrench = read_c3d(path, Axes()).wrenches[0]
    middle = platform["corners"].mean(axis=1) / 1000.0
    moment = platform["moment"].T / 1000.0 + np.cross(middle, platform["force"].T)
    np.testing.assert_allclose(wrench.force_n, platform["force"].T, atol=1e-9)
    np.testing.assert_allclose(wrench.moment_nm, moment, atol=1e-9)
    ours = np.nan_to_num(read_file(path).points)
    np.testing.assert_array_equal(ours, theirs["data"]["points"][:3].transpose(2, 1, 0))


def test_frames_not_measured_are_blank_and_a_trimmed_file_keeps_its_clock(tmp_path):
    made = replace(few(), first=201)
    made.points[5, 1] = np.nan
    found = read_c3d(made.write(tmp_path / "m.c3d"), Axes()).markers
    assert found.time_s[0] == pytest.approx(2.0)
    assert np.isnan(found.positions_m[5, 1]).all()
    assert np.isfinite(found.positions_m).sum() == found.positions_m.size - 3


@pytest.mark.parametrize(
    "stated",
    [
        {"POINT:LONG_FRAMES": np.array(70000.0)},
        {
            "TRIAL:ACTUAL_START_FIELD": np.array([1, 0]),
            "TRIAL:ACTUAL_END_FIELD": np.array([70000 - 65536, 1]),
        },
        {"POINT:FRAMES": np.array(70000.0)},
    ],
)
def test_more_frames_than_16_bits_count(tmp_path, stated):
    made = few(count=2, frames=70000)
    path = replace(made, parameters=stated).write(tmp_path / "long.c3d")
    assert read_file(path).points.shape == (70000, 2, 3)
    path.write_bytes(path.read_bytes()[:-4096])
    with pytest.raises(RecordingError, match=r"70000 frames .* cut short"):
        read_file(path)


def test_the_clock_of_a_long_capture_goes_on_beyond_16_bits(tmp_path):
    stated = {
        "TRIAL:ACTUAL_START_FIELD": np.array([70001 - 65536, 1]),
        "TRIAL:ACTUAL_END_FIELD": np.array([70020 - 65536, 1]),
    }
    made = replace(few(), first=65535, header_frames=1, parameters=stated)
    found = read_c3d(made.write(tmp_path / "late.c3d"), Axes()).markers
    assert found.time_s[0] == pytest.approx(700.0)


def test_a_header_that_kept_the_capture_s_frames_does_not_matter(tmp_path):
    """The header may state the capture that a shorter file was cut from (c3d.org)."""
    path = replace(few(), header_frames=500).write(tmp_path / "cut.c3d")
    assert read_file(path).points.shape[0] == 20


def test_labels_beyond_the_255th_follow_in_their_order(tmp_path):
    labels = [f"L{number}" for number in range(30)]
    made = few(count=30)
    made = replace(made, points=made.points / 20.0)
    parts = {
        "POINT:LABELS": labels[:10],
        "POINT:LABELS10": labels[25:],
        "POINT:LABELS2": labels[10:25],
    }
    path = replace(made, parameters=parts).write(tmp_path / "many.c3d")
    assert read_c3d(path, Axes()).markers.names == tuple(labels)


def test_points_without_a_label_and_computed_quantities_are_no_markers(tmp_path):
    made = few(count=5, labels=("Ann:HEEL", "*12", "", "LKneeAngles", "MT5"))
    made.points[:, 3] = 1e5
    path = with_parameters(made, POINT__ANGLES=["LKneeAngles"]).write(tmp_path / "m.c3d")
    assert read_c3d(path, Axes()).markers.names == ("HEEL", "MT5")
    with pytest.raises(RecordingError, match="labelled markers"):
        read_c3d(few(count=2, labels=("", "*3")).write(tmp_path / "n.c3d"), Axes())


def twins() -> Made:
    return few(count=4, labels=("Ann:HEEL", "Bob:HEEL", "Ann:MT5", "Ann:TOE"))


def test_a_label_twice_is_refused_only_where_it_is_needed_and_differs(tmp_path):
    path = twins().write(tmp_path / "two.c3d")
    for needed in (None, {"HEEL", "MT5"}):
        with pytest.raises(RecordingError, match="'HEEL' 2 times"):
            read_c3d(path, Axes(), needed=needed)
    recording = read_c3d(path, Axes(), needed={"MT5"})
    assert recording.markers.names == ("MT5", "TOE")
    assert "HEEL left out" in recording.notes[0]


@pytest.mark.parametrize("copy", ["never seen", "identical", "the rest of the path"])
def test_a_label_twice_that_is_one_marker_is_read(tmp_path, copy):
    made = twins()
    whole = made.points[:, 0].copy()
    if copy == "never seen":
        made.points[:, 1] = np.nan
    elif copy == "identical":
        made.points[:, 1] = whole
    else:
        made.points[8:, 0], made.points[:8, 1] = np.nan, np.nan
        made.points[8:, 1] = whole[8:]
    recording = read_c3d(made.write(tmp_path / "two.c3d"), Axes(), needed={"HEEL"})
    np.testing.assert_allclose(1000.0 * recording.markers.position("HEEL"), whole)
    assert "HEEL has 2 labels" in recording.notes[0]


@pytest.mark.parametrize(
    ("stated", "worth"),
    [("mm", 1e-3), ("MM", 1e-3), ("cm", 1e-2), ("m", 1.0), ("in", 0.0254), ("um", 1e-6)],
)
def test_stated_units_are_read(tmp_path, stated, worth):
    made = few()
    path = with_parameters(
        replace(made, points=made.points * 1e-3 / worth), POINT__UNITS=[stated]
    ).write(tmp_path / "m.c3d")
    found = read_c3d(path, Axes()).markers.positions_m
    np.testing.assert_allclose(found, made.points / 1000.0, rtol=1e-6)


@pytest.mark.parametrize("worth", [1e-3, 1e-2, 1.0])
@pytest.mark.parametrize("stated", [[""], ["furlong"], None])
def test_an_unstated_unit_is_told_from_the_runner_s_size(tmp_path, stated, worth):
    made = few()
    path = with_parameters(
        replace(made, points=made.points * 1e-3 / worth), POINT__UNITS=stated
    ).write(tmp_path / "m.c3d")
    recording = read_c3d(path, Axes())
    np.testing.assert_allclose(recording.markers.positions_m, made.points / 1000.0, rtol=1e-6)
    assert "POINT:UNITS" in recording.notes[0]


@pytest.mark.parametrize("wrong", ["m", "um"])
def test_a_stated_unit_in_which_nobody_fits_is_refused(tmp_path, wrong):
    path = with_parameters(few(), POINT__UNITS=[wrong]).write(tmp_path / "m.c3d")
    with pytest.raises(RecordingError, match=f"POINT:UNITS '{wrong}'"):
        read_c3d(path, Axes())


@pytest.fixture(scope="module")
def whole_file(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("whole") / "run.c3d"
    return MADE.write(path).read_bytes()


def read_damaged(folder: Path, whole: bytes, data: st.DataObject) -> None:
    """Read a file with some bytes drawn anew, perhaps cut short."""
    damaged = bytearray(whole)
    end = data.draw(st.sampled_from([24, 512, 4096, len(damaged)]))
    for place in data.draw(st.lists(st.integers(0, end - 1), min_size=1, max_size=40)):
        damaged[place] = data.draw(st.integers(0, 255))
    length = data.draw(st.sampled_from([len(damaged), len(damaged), 511, 1500, 20000]))
    path = folder / "damaged.c3d"
    path.write_bytes(damaged[:length])
    for reader in (read_c3d, read_standing):
        try:
            reader(path, Axes())
        except RecordingError as error:
            assert "damaged.c3d" in str(error)
            assert "\n" not in str(error)


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_damaged_bytes_give_one_clear_line_or_a_recording(tmp_path_factory, whole_file, data):
    read_damaged(tmp_path_factory.getbasetemp(), whole_file, data)


@pytest.mark.long
@settings(max_examples=3000, deadline=None)
@given(data=st.data())
def test_any_damage_gives_one_clear_line_or_a_recording(tmp_path_factory, whole_file, data):
    read_damaged(tmp_path_factory.getbasetemp(), whole_file, data)


@pytest.mark.parametrize("content", [b"\x02", b"hello " * 999, b"\0" * 4000, b"\x02\x50" * 900])
def test_what_is_no_c3d_file_is_refused(tmp_path: Path, content: bytes):
    path = tmp_path / "text.c3d"
    path.write_bytes(content)
    with pytest.raises(RecordingError, match=r"text\.c3d"):
        read_c3d(path, Axes())
