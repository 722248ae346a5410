"""One recording written in many ways reads to the same arrays, or is refused by the true cause."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab_runner import foot_force, markers
from strikelean.errors import RecordingError
from strikelean.formats.axes import Axes
from strikelean.formats.mot import read_forces
from strikelean.formats.series import FloatArray, Markers
from strikelean.formats.trc import read_trc
from text_files import FOOT_NAMES, PLATE_NAMES, Mot, Naming, Trc

LENGTH_S = 1.0
NOT_A_NUMBER = ("NaN", "nan", "-nan(ind)", "-nan", "NAN", "nan(ind)", "1.#QNAN", "-1.#IND", "NA")
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252")
NEWLINES = ("\n", "\r\n", "\r")


def gappy(source: Markers) -> Markers:
    """Return markers of which one is unseen for a while, the last one at the end."""
    positions = source.positions_m.copy()
    positions[20:30, 2] = np.nan
    positions[-3:, -1] = np.nan
    return replace(source, positions_m=positions)


BASE = gappy(markers(LENGTH_S))
FEET = {
    letter: dict(zip("tvp", foot_force(side, LENGTH_S), strict=True))
    for letter, side in (("r", "right"), ("l", "left"))
}
TIME_S: FloatArray = FEET["r"]["t"]


def quantities(letter: str) -> dict[str, FloatArray]:
    """Return force, place and a vertical free moment of a foot, (T, 3) each."""
    force, place = FEET[letter]["v"], FEET[letter]["p"]
    torque = np.zeros_like(force)
    torque[:, 1] = 0.003 * force[:, 1]
    return {"v": force, "p": place, "t": torque}


def columns(naming: Naming, owners: tuple[str, str] = ("r", "l")) -> dict[str, FloatArray]:
    """Return the columns of both feet under a way of naming."""
    return {
        naming(owner, part, axis): values[:, "xyz".index(axis)]
        for owner, letter in zip(owners, "rl", strict=True)
        for part, values in quantities(letter).items()
        for axis in "xyz"
    }


def moment_nm(letter: str) -> FloatArray:
    parts = quantities(letter)
    return np.cross(parts["p"], parts["v"]) + parts["t"]


@settings(max_examples=40, deadline=None)
@given(
    st.builds(
        Trc,
        unit=st.sampled_from(["mm", "m", "cm", "meters", "MM"]),
        times=st.sampled_from([".3f", ".4f", ".6f", ".9f", ".7g", ".16g"]),
        blank=st.sampled_from(["", " ", *NOT_A_NUMBER]),
        spacing=st.sampled_from([3, 2, 1, 6]),
        between=st.sampled_from(["\t", "\t\t", "\t  ", "  ", " \t\t "]),
        trailing=st.sampled_from(["", "\t", "\t\t\t", " "]),
        prefix=st.sampled_from(["", "Ann:", "Trial 1:", "a:b:"]),
        gap=st.sampled_from([0, 1, 2]),
        extra_frames=st.sampled_from([0, 300, -20]),
        axes_row=st.booleans(),
        encoding=st.sampled_from(ENCODINGS),
        newline=st.sampled_from(NEWLINES),
    ),
    st.permutations(range(len(BASE.names))),
    st.sampled_from([0.0, 12.0, 240.0]),
)
def test_markers_read_the_same_however_they_are_written(tmp_path_factory, how, order, start_s):
    shuffled = replace(
        BASE,
        time_s=BASE.time_s + start_s,
        names=tuple(BASE.names[index] for index in order),
        positions_m=BASE.positions_m[:, list(order)],
    )
    path = how.write(tmp_path_factory.mktemp("trc") / "run.trc", shuffled)
    back = read_trc(path, foreign=True)
    assert back.names == shuffled.names
    assert back.rate_hz == pytest.approx(BASE.rate_hz, rel=1e-9)
    np.testing.assert_allclose(back.time_s, shuffled.time_s, rtol=0.0, atol=1e-9)
    np.testing.assert_allclose(
        back.positions_m, shuffled.positions_m, rtol=0.0, atol=1e-9, equal_nan=True
    )
    assert len(back.notes) == (how.extra_frames != 0)


@settings(max_examples=25, deadline=None)
@given(
    st.builds(
        Trc,
        blank=st.sampled_from(NOT_A_NUMBER),
        separator=st.sampled_from([" ", "  ", "      "]),
        between=st.sampled_from([" ", "\t"]),
        newline=st.sampled_from(NEWLINES),
    )
)
def test_markers_between_blanks_read_the_same(tmp_path_factory, how):
    path = how.write(tmp_path_factory.mktemp("trc") / "run.trc", BASE)
    back = read_trc(path, foreign=True)
    assert back.names == BASE.names
    np.testing.assert_allclose(back.positions_m, BASE.positions_m, atol=1e-9, equal_nan=True)


@settings(max_examples=50, deadline=None)
@given(
    st.builds(
        Mot,
        times=st.sampled_from([".3f", ".4f", ".6f", ".9f", ".7g", ".16g"]),
        separator=st.sampled_from(["\t", " ", "   ", " \t "]),
        trailing=st.sampled_from(["", "\t", " "]),
        lead=st.sampled_from(["", "\t", "   "]),
        extra_rows=st.sampled_from([0, 1000, -20]),
        old_header=st.booleans(),
        header=st.sampled_from([(), ("DataType=double", "OpenSimVersion=4.5"), ("", "Note=mm")]),
        encoding=st.sampled_from(ENCODINGS),
        newline=st.sampled_from(NEWLINES),
    ),
    st.sampled_from([*((naming, "rl") for naming in FOOT_NAMES.values())])
    | st.sampled_from([*((naming, "12") for naming in PLATE_NAMES.values())]),
    st.randoms(use_true_random=False),
    st.booleans(),
)
def test_forces_read_the_same_however_they_are_written(
    tmp_path_factory, how, named, random, is_blank
):
    naming, owners = named
    table = columns(naming, (owners[0], owners[1]))
    if is_blank:
        # nothing is loaded: no place, in other programs' words
        for owner, letter in zip(owners, "rl", strict=True):
            idle = FEET[letter]["v"][:, 1] == 0.0
            for axis in "xyz":
                name = naming(owner, "p", axis)
                table[name] = np.where(idle, np.nan, table[name])
    shuffled = list(table)
    random.shuffle(shuffled)
    path = how.write(
        tmp_path_factory.mktemp("mot") / "f.mot", TIME_S, {name: table[name] for name in shuffled}
    )
    read = read_forces(path, Axes())
    assert len(read.wrenches) == 2
    labels = {wrench.label: wrench for wrench in read.wrenches}
    if owners == "rl":
        assert set(read.feet) == {"right", "left"}
        first, second = labels["right"], labels["left"]
    else:
        assert read.feet == (None, None)
        first, second = labels.get("plate 1", labels.get("plate")), labels["plate 2"]
    for wrench, letter in ((first, "r"), (second, "l")):
        assert wrench.rate_hz == pytest.approx(600.0, rel=1e-9)
        np.testing.assert_allclose(wrench.time_s, TIME_S, rtol=0.0, atol=1e-9)
        np.testing.assert_allclose(wrench.force_n, FEET[letter]["v"], rtol=0.0, atol=1e-6)
        np.testing.assert_allclose(wrench.moment_nm, moment_nm(letter), rtol=0.0, atol=1e-6)
    assert len(read.notes) == (how.extra_rows != 0)


@pytest.mark.parametrize(
    ("header", "scales"),
    [
        (("Units=mm",), (1.0, 1e3, 1e3)),
        (("units=m",), (1.0, 1.0, 1.0)),
        (("position_units=mm", "moment_units=Nmm"), (1.0, 1e3, 1e3)),
        (("positionUnits=mm",), (1.0, 1e3, 1.0)),
        (("ForceUnits=kN", "Torque Units=N mm"), (1e-3, 1.0, 1e3)),
    ],
)
def test_units_that_a_header_states_are_used(tmp_path, header, scales):
    table = columns(FOOT_NAMES["opensim"])
    for name in table:
        part = "t" if "torque" in name else name[-2]
        table[name] = table[name] * scales["vpt".index(part)]
    read = read_forces(Mot(header=header).write(tmp_path / "f.mot", TIME_S, table), Axes())
    np.testing.assert_allclose(read.wrenches[0].force_n, FEET["r"]["v"], atol=1e-6)
    np.testing.assert_allclose(read.wrenches[0].moment_nm, moment_nm("r"), atol=1e-6)


def test_units_behind_the_names_are_used(tmp_path):
    units = {"v": "[N]", "p": " (mm)", "t": "[N mm]"}
    named = columns(lambda o, p, x: FOOT_NAMES["opensim"](o, p, x) + units[p])
    table = {name: values * (1.0 if "[N]" in name else 1000.0) for name, values in named.items()}
    read = read_forces(Mot().write(tmp_path / "f.mot", TIME_S, table), Axes())
    np.testing.assert_allclose(read.wrenches[1].moment_nm, moment_nm("l"), atol=1e-6)


def test_a_unit_that_nobody_knows_is_refused(tmp_path):
    path = Mot(header=("moment_units=furlong",)).write(
        tmp_path / "f.mot", TIME_S, columns(FOOT_NAMES["opensim"])
    )
    with pytest.raises(RecordingError, match=r"one known unit of moment .* 'furlong'"):
        read_forces(path, Axes())


def refused(path: Path, words: str) -> None:
    with pytest.raises(RecordingError, match=words) as caught:
        if path.suffix == ".trc":
            read_trc(path, foreign=True)
        else:
            read_forces(path, Axes())
    assert path.name in str(caught.value)
    assert "\n" not in str(caught.value)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 4000), st.sampled_from(["trc", "mot"]))
def test_a_file_that_was_cut_off_is_never_taken(tmp_path_factory, cut, kind):
    path = tmp_path_factory.mktemp("cut") / f"run.{kind}"
    if kind == "trc":
        Trc(number=".3f").write(path, markers(LENGTH_S))
    else:
        Mot(number=".5f").write(path, TIME_S, columns(FOOT_NAMES["opensim"]))
    whole = path.read_text()
    short = whole[:-1][: -cut or None]
    # a cut at a row's end cannot be told from a count that was not brought up to date
    path.write_text(short.rstrip("\n") if short.endswith("\n") else short)
    refused(path, "cut off|complete|numbers in")


@pytest.mark.parametrize(
    ("line", "change", "words"),
    [
        (40, lambda row: row.replace(".", ".x", 1), r"'0\.x2\d+' in line 41 \(row 35"),
        (50, lambda row: row.replace("\t0.", "\t0.O", 1), r"line 51 .*column Time"),
        (60, lambda row: row.replace(".", ","), "Write a point, not a comma"),
        (70, lambda row: row.rpartition("\t")[0], r"of 26 columns in line 71"),
        (80, lambda row: row + "\t7", r"26 columns .* 27 in line 81"),
        (90, lambda row: row.replace("\t", " "), r"1 of 26 columns in line 91"),
    ],
)
def test_a_broken_row_of_markers_is_named(tmp_path, line, change, words):
    lines = Trc(number=".6g", blank="NaN").text(BASE).split("\n")
    lines[line] = change(lines[line])
    path = tmp_path / "run.trc"
    path.write_text("\n".join(lines))
    refused(path, words)


@pytest.mark.parametrize(
    ("line", "change", "words"),
    [
        (60, lambda row: "0.0" + row[row.index("\t") :], r"0 s after .* in line 61 \(row 54"),
        (80, lambda row: row.replace("\t", "\tx", 1), r"'x.*' in line 81 .*ground_force_r_vx"),
        (90, lambda row: row.rpartition("\t")[0], r"19 numbers in a row .* 18 in line 91"),
        (95, lambda row: row + "\t1", r"19 columns .* 20 in line 96"),
        (99, lambda row: "\t" + row.partition("\t")[2], r"18 in line 100"),
    ],
)
def test_a_broken_row_of_forces_is_named(tmp_path, line, change, words):
    lines = Mot(number=".6g").text(TIME_S, columns(FOOT_NAMES["opensim"])).split("\n")
    lines[line] = change(lines[line])
    path = tmp_path / "f.mot"
    path.write_text("\n".join(lines))
    refused(path, words)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"PK\x03\x04" + bytes(300), "spreadsheet"),
        (b"\xd0\xcf\x11\xe0" + bytes(300), "spreadsheet"),
        (bytes(range(256)) * 4, "bytes that are no"),
        (b"\xff\xfeP", "UTF-16|no text"),
        (b"hello\n", "TRC header|endheader"),
        (b"\n\n\n", "TRC header|endheader"),
        (b"PathFileType\t4\n\n\n\n\n\n", "below the header|endheader"),
    ],
)
@pytest.mark.parametrize("name", ["run.trc", "f.mot"])
def test_what_is_no_such_file_is_refused(tmp_path, content, words, name):
    (tmp_path / name).write_bytes(content)
    refused(tmp_path / name, words)
