"""What a marker file of another program gets wrong is repaired and said, or refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lab_runner import markers, shared_data
from strikelean.errors import RecordingError
from strikelean.formats.axes import Axes
from strikelean.formats.mot import read_trc_and_mot
from strikelean.formats.series import Markers
from strikelean.formats.trc import read_trc
from strikelean.lab.static import read_static
from text_files import Trc

BASE = markers(2.0)
COUNT = BASE.time_s.size


@pytest.mark.parametrize("times", [".3f", ".6f"])
def test_absent_frames_are_blank_and_said(tmp_path, times):
    rows = [*range(100), *range(140, COUNT)]
    path = Trc(times=times).write(tmp_path / "m.trc", BASE, rows)
    back = read_trc(path, foreign=True)
    assert back.time_s.size == COUNT
    np.testing.assert_allclose(back.time_s, BASE.time_s, atol=1e-9)
    assert np.isnan(back.positions_m[100:140]).all()
    np.testing.assert_allclose(back.positions_m[rows], BASE.positions_m[rows], atol=1e-9)
    (note,) = back.notes
    assert note == (
        "40 frames absent between 0.660 and 0.933 s, before line 107 (row 101 of the data): "
        "markers are blank there"
    )


def test_many_holes_are_counted(tmp_path):
    rows = [row for row in range(COUNT) if row % 40 != 20]
    notes = read_trc(Trc().write(tmp_path / "m.trc", BASE, rows), foreign=True).notes
    assert len(notes) == 4
    assert notes[-1] == "4 more frames absent in 4 other places"


def test_two_recordings_in_one_file_are_refused(tmp_path):
    time_s = np.concatenate([BASE.time_s[:150], BASE.time_s[150:] + 90.0])
    path = Trc().write(tmp_path / "m.trc", replace(BASE, time_s=time_s))
    with pytest.raises(RecordingError, match=r"one recording .* absent ones, most before line 157"):
        read_trc(path, foreign=True)


@pytest.mark.parametrize(
    ("stated_hz", "factor", "words"),
    [
        (100.0, 1.0, r"times 100 Hz apart \(DataRate\) .* 150 Hz .* Correct DataRate"),
        (150.0, 1000.0, "look like milliseconds"),
        (150.0, 150.0, "look like frame numbers"),
    ],
)
def test_a_rate_that_the_times_contradict_is_refused(tmp_path, stated_hz, factor, words):
    how = Trc(rate_hz=stated_hz)
    path = how.write(tmp_path / "m.trc", replace(BASE, time_s=factor * BASE.time_s))
    with pytest.raises(RecordingError, match=words):
        read_trc(path, foreign=True)


def test_a_rate_that_is_nearly_right_gives_way_to_the_times(tmp_path):
    back = read_trc(Trc(rate_hz=149.0).write(tmp_path / "m.trc", BASE), foreign=True)
    assert back.rate_hz == 150.0
    assert back.notes == ("DataRate says 149 Hz: 150 Hz used, as the times are",)


def test_frame_numbers_that_jump_where_times_do_not_are_said(tmp_path):
    lines = Trc().text(BASE).split("\n")
    for line in range(106, len(lines) - 1):
        number, _, rest = lines[line].partition("\t")
        lines[line] = f"{int(number) + 40}\t{rest}"
    (tmp_path / "m.trc").write_text("\n".join(lines))
    (note,) = read_trc(tmp_path / "m.trc", foreign=True).notes
    assert note.startswith("frame numbers jump from 100 to 141 in line 107")


def test_markers_far_from_a_bodys_size_are_refused(tmp_path):
    lines = Trc(unit="m").text(BASE).split("\n")
    lines[2] = lines[2].replace("\tm\t", "\tmm\t")
    (tmp_path / "m.trc").write_text("\n".join(lines))
    with pytest.raises(RecordingError, match=r"in the stated unit \(Units 'mm'\)"):
        read_trc(tmp_path / "m.trc", foreign=True)


def test_a_label_twice_is_one_marker_where_both_agree(tmp_path):
    twice = replace(
        BASE,
        names=(*BASE.names, "Ann:R.Heel"),
        positions_m=np.concatenate([BASE.positions_m, BASE.positions_m[:, :1]], axis=1),
    )
    back = read_trc(Trc().write(tmp_path / "m.trc", twice), foreign=True)
    assert back.names == BASE.names
    assert "has 2 labels: they agree" in back.notes[0]
    apart = twice.positions_m.copy()
    apart[:, -1] += 0.1
    other = replace(twice, positions_m=apart)
    path = Trc().write(tmp_path / "m.trc", other)
    with pytest.raises(RecordingError, match=r"'R\.Heel' 2 times, at different places"):
        read_trc(path, foreign=True)
    assert "R.Heel" not in read_trc(path, foreign=True, needed=("L.Heel",)).names


def test_unnamed_columns_do_not_shift_the_names_beside_them(tmp_path):
    names = (BASE.names[0], "*17", "", *BASE.names[3:])
    path = Trc().write(tmp_path / "m.trc", replace(BASE, names=names))
    back = read_trc(path, foreign=True)
    assert back.names == (BASE.names[0], *BASE.names[3:])
    np.testing.assert_allclose(
        back.positions_m, BASE.positions_m[:, [0, *range(3, len(names))]], atol=1e-9
    )


def test_a_column_without_a_name_that_holds_a_marker_is_said(tmp_path):
    assert not read_trc(
        Trc().write(tmp_path / "m.trc", replace(BASE, names=("*3", *BASE.names[1:]))), foreign=True
    ).notes
    path = Trc().write(tmp_path / "m.trc", replace(BASE, names=("", *BASE.names[1:])))
    assert read_trc(path, foreign=True).notes == ("no marker name over columns 3 to 5: left out",)


@pytest.mark.parametrize("names", [(*BASE.names, "EXTRA"), BASE.names[:-1]])
def test_more_or_fewer_names_than_columns_are_refused(tmp_path, names):
    lines = Trc().text(BASE).split("\n")
    lines[3] = "Frame#\tTime\t" + "\t\t\t".join(names)
    (tmp_path / "m.trc").write_text("\n".join(lines))
    with pytest.raises(RecordingError, match="columns"):
        read_trc(tmp_path / "m.trc", foreign=True)


def test_a_header_without_a_line_of_names_is_refused(tmp_path):
    lines = Trc().text(BASE).split("\n")
    del lines[3]
    (tmp_path / "m.trc").write_text("\n".join(lines))
    with pytest.raises(RecordingError, match=r"marker names in line 4 .* only axes \(X1, Y1, Z1\)"):
        read_trc(tmp_path / "m.trc", foreign=True)


def unseen_at_the_end() -> Markers:
    positions = BASE.positions_m.copy()
    positions[50:90, -2:] = np.nan
    return replace(BASE, positions_m=positions)


def test_rows_without_their_blank_ends_are_read(tmp_path):
    """An editor drops blanks at the ends of lines when it saves."""
    lines = Trc().text(unseen_at_the_end()).split("\n")
    (tmp_path / "m.trc").write_text("\n".join(line.rstrip() for line in lines))
    back = read_trc(tmp_path / "m.trc", foreign=True)
    np.testing.assert_allclose(
        back.positions_m, unseen_at_the_end().positions_m, atol=1e-9, equal_nan=True
    )


@pytest.mark.parametrize("lost", [slice(5, 8), slice(8, 9), slice(8, 10)])
def test_a_row_that_lost_cells_in_its_middle_is_refused(tmp_path, lost):
    """What follows them would stand under other markers' names."""
    lines = Trc().text(BASE).split("\n")
    cells = lines[100].split("\t")
    del cells[lost]
    lines[100] = "\t".join(cells)
    (tmp_path / "m.trc").write_text("\n".join(lines))
    with pytest.raises(RecordingError, match=r"complete rows .* in line 101"):
        read_trc(tmp_path / "m.trc", foreign=True)


@pytest.mark.parametrize("code", ["0", "9999", "-9999", "999999", "-3.697314e28", "1e30"])
def test_numbers_that_stand_for_unseen_are_blank(tmp_path, code):
    path = Trc(blank=code).write(tmp_path / "m.trc", unseen_at_the_end())
    back = read_trc(path, foreign=True)
    np.testing.assert_allclose(
        back.positions_m, unseen_at_the_end().positions_m, atol=1e-9, equal_nan=True
    )
    assert len(back.notes) == (code != "0")


def test_a_lost_decimal_point_is_no_place(tmp_path):
    lines = Trc(number=".5f").text(BASE).split("\n")
    cells = lines[100].split("\t")
    cells[4] = "102465771"
    lines[100] = "\t".join(cells)
    (tmp_path / "m.trc").write_text("\n".join(lines))
    back = read_trc(tmp_path / "m.trc", foreign=True)
    assert np.isnan(back.positions_m[94, 0]).all()
    assert "1 samples lie over 1000 m away, first in row 95 of the data" in back.notes[0]


@pytest.mark.parametrize("stated", ["0", "-150", "", "fast", "150,00", "nan", "inf"])
def test_a_rate_that_is_none_gives_way_to_the_times(tmp_path, stated):
    lines = Trc().text(BASE).split("\n")
    lines[2] = stated + lines[2][3:]
    (tmp_path / "m.trc").write_text("\n".join(lines))
    back = read_trc(tmp_path / "m.trc", foreign=True)
    assert back.rate_hz == 150.0
    assert back.notes == ("no DataRate that is a rate: 150 Hz from the times",)


@pytest.mark.parametrize("times", [".3f", ".6f"])
def test_a_row_that_stands_twice_is_refused(tmp_path, times):
    rows = [*range(100), 99, *range(100, COUNT)]
    path = Trc(times=times).write(tmp_path / "m.trc", BASE, rows)
    with pytest.raises(RecordingError, match=r"found 0\.66 s again in line 107"):
        read_trc(path, foreign=True)


def test_coordinates_in_another_order_are_refused(tmp_path):
    text = Trc().text(BASE).replace("X1\tY1\tZ1", "X1\tZ1\tY1")
    (tmp_path / "m.trc").write_text(text)
    with pytest.raises(RecordingError, match="order X, Y, Z"):
        read_trc(tmp_path / "m.trc", foreign=True)


def test_what_a_static_file_gets_wrong_is_said(tmp_path):
    still = replace(BASE, positions_m=np.broadcast_to(BASE.positions_m[:1], BASE.positions_m.shape))
    path = Trc(extra_frames=7, prefix="Ann:").write(tmp_path / "s.trc", still)
    static = read_static(path, Axes())
    assert static.names == BASE.names
    assert static.notes == (f"NumFrames says {COUNT + 7}, {COUNT} frames are there",)


def test_this_projects_own_files_are_not_repaired(tmp_path):
    path = Trc(extra_frames=7).write(tmp_path / "m.trc", BASE)
    with pytest.raises(RecordingError, match="NumFrames"):
        read_trc(path)


@pytest.mark.parametrize(
    ("trc", "mot", "feet", "notes"),
    [
        ("subject01/run200.trc", "subject01/run200_grf.mot", (None, None), 0),
        ("subject01/run300.trc", "subject01/run300_grf.mot", (None, None), 0),
        ("subject04/run200_markers.trc", "subject04/run200_grf.mot", ("right", "left"), 1),
        ("subject04/run400_markers.trc", "subject04/run400_grf.mot", ("right", "left"), 1),
    ],
)
def test_public_runs_of_two_naming_styles_are_read(trc, mot, feet, notes):
    recording = read_trc_and_mot(shared_data("hamner", trc), shared_data("hamner", mot), Axes())
    assert recording.feet == feet
    assert recording.markers.rate_hz == 100.0
    assert len(recording.notes) == notes
    peak_n = max(float(np.max(wrench.force_n[:, 1])) for wrench in recording.wrenches)
    assert 1500.0 < peak_n < 2600.0
