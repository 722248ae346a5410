"""STO, MOT and TRC files: what is written is read back, what is broken is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from lab_runner import shared_data
from strikelean.errors import ExcludedError, RecordingError
from strikelean.formats.files import whole_file, write_text
from strikelean.formats.series import Markers, TimeSeries
from strikelean.formats.sto import read_sto, write_sto
from strikelean.formats.trc import read_trc, write_trc

NUMBERS = st.floats(-1e6, 1e6, allow_subnormal=False) | st.just(float("nan"))


@settings(max_examples=30, deadline=None)
@given(
    arrays(float, st.tuples(st.integers(1, 6), st.integers(1, 5)), elements=NUMBERS), st.booleans()
)
def test_a_table_survives_being_written_and_read(tmp_path_factory, values, in_degrees):
    path = tmp_path_factory.mktemp("sto") / "table.sto"
    columns = tuple(f"c{index}" for index in range(values.shape[1]))
    times = 0.25 + np.arange(values.shape[0]) / 300.0
    write_sto(path, TimeSeries(times, columns, values, in_degrees, {"torso_observed": "no"}))
    back = read_sto(path)
    assert back.columns == columns
    assert back.in_degrees is in_degrees
    assert back.header == {"torso_observed": "no"}
    np.testing.assert_allclose(back.time_s, times, rtol=1e-9)
    np.testing.assert_allclose(back.values, values, rtol=1e-9, equal_nan=True)


@settings(max_examples=30, deadline=None)
@given(
    arrays(
        float,
        st.tuples(st.integers(2, 5), st.integers(1, 4), st.just(3)),
        elements=st.floats(-20, 20).map(lambda x: x + 30.0),
    ),
    st.data(),
)
def test_markers_survive_being_written_and_read(tmp_path_factory, positions, data):
    path = tmp_path_factory.mktemp("trc") / "markers.trc"
    frame = data.draw(st.integers(0, positions.shape[0] - 1))
    marker = data.draw(st.integers(0, positions.shape[1] - 1))
    positions[frame, marker] = np.nan
    names = tuple(f"M.{index}" for index in range(positions.shape[1]))
    times = 1.5 + np.arange(positions.shape[0]) / 150.0
    write_trc(path, Markers(times, names, positions, 150.0))
    back = read_trc(path)
    assert back.names == names
    assert back.rate_hz == 150.0
    np.testing.assert_allclose(back.time_s, times, rtol=1e-9)
    np.testing.assert_allclose(back.positions_m, positions, rtol=1e-9, equal_nan=True)


def trc_text(unit: str = "mm", count: int = 2, frames: int = 2, rows: str | None = None) -> str:
    default = "1\t0.00\t1000\t2000\t3000\t0\t0\t0\t\n2\t0.01\t1001\t2001\t3001\t\t\t\t\t\n"
    return (
        "PathFileType\t4\t(X/Y/Z)\tx.trc\n"
        "DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\tOrigDataRate\n"
        f"100\t100\t{frames}\t{count}\t {unit}\t100\t\t\t\n"
        "Frame#\tTime\tA\t\t\tB\t\t\n\t\tX1\tY1\tZ1\tX2\tY2\tZ2\n\n" + (rows or default)
    )


@pytest.mark.parametrize(("unit", "scale"), [("mm", 1e-3), ("cm", 1e-2), ("m", 1.0)])
def test_marker_units_become_metres_and_unseen_samples_nan(tmp_path, unit, scale):
    path = tmp_path / "x.trc"
    path.write_text(trc_text(unit))
    markers = read_trc(path)
    np.testing.assert_allclose(markers.position("A")[0], np.array([1000, 2000, 3000]) * scale)
    assert np.isnan(markers.position("B")).all()


def test_a_wrong_marker_count_in_the_header_does_no_harm(tmp_path):
    path = tmp_path / "x.trc"
    path.write_text(trc_text(count=42))
    assert read_trc(path).names == ("A", "B")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hello\nworld\n", "TRC header"),
        (trc_text("cubits"), "Units"),
        (trc_text(frames=500), "500 rows"),
        (
            trc_text(rows="1\t0.0\t1\t2\t3\t4\t5\tsix\n2\t0.01\t1\t2\t3\t4\t5\t6\n"),
            r"'six' in line 7 \(row 1 of the data\), column B Z",
        ),
        (trc_text(rows="1\t0.0\t1\t2\t3\t4\t5\t6\n2\t0.01\t1\t2\n"), "complete last row"),
        (trc_text(rows="1\t0.0\t1\t2\t3\t4\t5\t6\n2\t0.02\t1\t2\t3\t4\t5\t6\n"), "100 Hz"),
        (trc_text(rows="1\t0.1\t1\t2\t3\t4\t5\t6\n2\t0.0\t1\t2\t3\t4\t5\t6\n"), "increase"),
    ],
)
def test_a_broken_marker_file_gives_one_clear_line(tmp_path, text, expected):
    path = tmp_path / "x.trc"
    path.write_text(text)
    with pytest.raises(RecordingError, match=expected) as caught:
        read_trc(path)
    assert "x.trc" in str(caught.value)
    assert "\n" not in str(caught.value)


STO = "t\nversion=1\nnRows=2\nnColumns=2\ninDegrees=no\nendheader\ntime\ta\n0\t1\n0.1\t2\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("no header at all\n1 2 3\n", "endheader"),
        (STO.replace("nRows=2", "nRows=3"), "3 rows"),
        (STO.replace("0.1\t2", "0.1"), "2 numbers in the last row"),
        (STO.replace("0.1\t2", "0.1\ttwo"), r"'two' in line 9 \(row 2 of the data\), column a"),
        (STO.replace("0.1\t2", "-0.1\t2"), "increase"),
        (
            STO.replace("time\ta\n0\t1\n0.1\t2", "time\ta\ta\n0\t1\t1\n0.1\t2\t2"),
            "'a' more than once",
        ),
    ],
)
def test_a_broken_table_gives_one_clear_line(tmp_path, text, expected):
    path = tmp_path / "x.sto"
    path.write_text(text)
    with pytest.raises(RecordingError, match=expected) as caught:
        read_sto(path)
    assert "\n" not in str(caught.value)


def test_older_headers_are_read(tmp_path):
    path = tmp_path / "x.mot"
    path.write_text(
        "name x\ndatacolumns 2\ndatarows 2\nrange 0 0.1\nendheader\n  time\t  a\n0\t1\n0.1\t2\n"
    )
    np.testing.assert_array_equal(read_sto(path).column("a"), [1.0, 2.0])


@pytest.mark.parametrize("reader", [read_sto, read_trc])
def test_an_exclusion_note_is_never_taken_for_data(tmp_path, reader):
    path = tmp_path / "x"
    write_text(path, "strikelean-excluded: [S1 run] find_contacts: expected a, found b. Do c.\n")
    with pytest.raises(ExcludedError, match="find_contacts"):
        reader(path)


@pytest.mark.parametrize("reader", [read_sto, read_trc])
def test_an_absent_or_empty_file_is_named(tmp_path, reader):
    with pytest.raises(RecordingError, match="no such file"):
        reader(tmp_path / "absent")
    (tmp_path / "empty").touch()
    with pytest.raises(RecordingError, match="an empty file"):
        reader(tmp_path / "empty")


def test_an_interrupted_writer_leaves_neither_half_a_file_nor_the_old_one_harmed(tmp_path):
    path = tmp_path / "x.sto"
    path.write_text("old")
    with pytest.raises(KeyboardInterrupt), whole_file(path) as sibling:
        sibling.write_text("half")
        raise KeyboardInterrupt
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_table_with_times_that_do_not_increase_is_not_written(tmp_path):
    with pytest.raises(ValueError, match="increase"):
        write_sto(tmp_path / "x.sto", TimeSeries(np.zeros(2), ("a",), np.ones((2, 1))))
    assert not list(tmp_path.iterdir())


def test_opensim_opens_what_is_written(tmp_path: Path):
    osim = pytest.importorskip("opensim")
    osim.Logger.setLevelString("Off")
    positions = np.arange(18.0).reshape(3, 2, 3) + 1.0
    positions[1, 1] = np.nan
    times = 2.0 + np.arange(3) / 150.0
    write_trc(tmp_path / "m.trc", Markers(times, ("R.Heel", "L.Heel"), positions, 150.0))
    table = osim.TimeSeriesTableVec3(str(tmp_path / "m.trc"))
    assert list(table.getColumnLabels()) == ["R.Heel", "L.Heel"]
    assert table.getTableMetaDataString("Units") == "m"
    np.testing.assert_allclose(table.getRowAtIndex(2).getElt(0, 0).to_numpy(), positions[2, 0])
    assert np.isnan(table.getRowAtIndex(1).getElt(0, 1).to_numpy()).all()
    series = TimeSeries(times, ("knee_angle_r",), np.array([[1.0], [np.nan], [3.0]]), True)
    for name in ("k.mot", "k.sto"):
        write_sto(tmp_path / name, series)
        read = osim.TimeSeriesTable(str(tmp_path / name))
        assert read.getTableMetaDataString("inDegrees") == "yes"
        np.testing.assert_allclose(
            read.getDependentColumn("knee_angle_r").to_numpy(), [1, np.nan, 3]
        )
        assert osim.Storage(str(tmp_path / name)).isInDegrees()


def test_the_full_body_files_are_read_whole():
    markers = read_trc(shared_data("fullbody", "motion_capture_run.trc"))
    assert markers.positions_m.shape == (510, 42, 3)
    assert 0.0 < np.nanmean(markers.position("C7")[:, 1]) < 2.0
    assert read_trc(shared_data("fullbody", "static_run.trc")).positions_m.shape == (397, 64, 3)
    assert read_sto(shared_data("fullbody", "grf_run.mot")).values.shape == (5091, 18)
