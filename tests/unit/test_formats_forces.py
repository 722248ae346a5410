"""What a table of ground forces may leave out, what it may not, and what time it shares."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lab_runner import foot_force, markers
from strikelean.errors import RecordingError
from strikelean.formats.axes import Axes
from strikelean.formats.c3d_write import write_c3d
from strikelean.formats.force_columns import find_groups, read_name
from strikelean.formats.mot import Forces, read_forces, read_trc_and_mot
from strikelean.formats.series import FloatArray, Wrench
from strikelean.lab.recording import load_files
from text_files import FOOT_NAMES, Mot, Trc

LENGTH_S = 3.0
TIME_S, FORCE_N, PLACE_M = foot_force("right", LENGTH_S)
LOADED = FORCE_N[:, 1] > 50.0


def foot(owner: str = "r") -> dict[str, FloatArray]:
    """Return the columns of the right foot, with a vertical free moment."""
    torque = np.zeros_like(FORCE_N)
    torque[:, 1] = 0.003 * FORCE_N[:, 1]
    name = FOOT_NAMES["opensim"]
    return {
        name(owner, part, axis): values[:, "xyz".index(axis)].copy()
        for part, values in (("v", FORCE_N), ("p", PLACE_M), ("t", torque))
        for axis in "xyz"
    }


def moment_nm() -> FloatArray:
    moment = np.cross(PLACE_M, FORCE_N)
    moment[:, 1] += 0.003 * FORCE_N[:, 1]
    return moment


def read(folder: Path, table: dict[str, FloatArray], axes: Axes | None = None, **how) -> Forces:
    return read_forces(Mot(**how).write(folder / "f.mot", TIME_S, table), axes or Axes())


@pytest.mark.parametrize(
    ("name", "side", "owner", "part"),
    [
        ("ground_force_vx", None, "", "vx"),
        ("1_ground_force_px", None, "1", "px"),
        ("ground_force_1_mx", None, "1", "tx"),
        ("ground_moment_1_mx", None, "1", "tx"),
        ("ground_force_calcn_r_vx", "right", "calcn", "vx"),
        ("ground_torque_calcn_l_vx", "left", "calcn", "tx"),
        ("right_foot_torque_x", "right", "foot", "tx"),
        ("FP1_tx", None, "1", "tx"),
        ("FP2_moment_y", None, "2", "ty"),
        ("X1_ground_force_vx", None, "1", "vx"),
        ("ground_torque4_z", None, "4", "tz"),
        ("f1_1", None, "1", "vx"),
        ("p2_3", None, "2", "pz"),
        ("Force.Fx1", None, "1", "vx"),
        ("Left_Force:X", "left", "", "vx"),
        ("center_of_pressure_r_x", "right", "", "px"),
        ("force_plate_2_COPy", None, "2", "py"),
        ("grf_l_z", "left", "", "vz"),
        ("RightFootForceVx", "right", "foot", "vx"),
        # a belt on the left is not a left foot
        ("left_belt_force_vx", None, "left", "vx"),
    ],
)
def test_a_name_says_whose_force_it_is_and_what(name, side, owner, part):
    column = read_name(name)
    assert column is not None
    assert (column.side, column.owner, column.part + column.axis) == (side, owner, part)


@pytest.mark.parametrize(
    "name",
    [
        "pelvis_tx",
        "hip_flexion_r",
        "tibia_r_force_vx",
        "hand_l_force_vx",
        "FP1_x",
        "ground_torque_px",
        "cop_r_vx",
        "r_vx",
        "ground_force_r_l_vx",
        "ground_force_totaly",
        "forceset/soleus_r/activation",
    ],
)
def test_a_name_that_says_something_else_is_no_ground_force(name):
    assert read_name(name) is None


@pytest.mark.parametrize(
    "names",
    [
        ("ground_force_r_vx", "R_ground_force_vx"),
        ("ground_torque_1_x", "ground_force_1_mx"),
        ("ground_force_r_vx", "ground_force_r_1_vx"),
        ("ground_force_r_vx", "1_ground_force_vx"),
    ],
)
def test_two_columns_for_one_thing_are_refused_by_name(names):
    with pytest.raises(RecordingError, match=f"{names[0]} and {names[1]}"):
        find_groups("f.mot", names)


def test_one_side_under_two_names_is_one_foot(tmp_path):
    table = {name.replace("force_r", "force_calcn_r"): values for name, values in foot().items()}
    (wrench,) = read(tmp_path, table).wrenches
    np.testing.assert_allclose(wrench.moment_nm, moment_nm(), atol=1e-6)


def test_heel_and_toes_are_added_up_to_one_foot(tmp_path):
    names = dict.fromkeys(("calcn", "toes"), FOOT_NAMES["body"])
    table = {}
    for body, name in names.items():
        for column, values in foot().items():
            part = "t" if "torque" in column else column[-2]
            half = values if part == "p" else 0.5 * values
            table[name("r", part, column[-1]).replace("calcn", body)] = half
    forces = read(tmp_path, table)
    assert forces.feet == ("right",)
    np.testing.assert_allclose(forces.wrenches[0].force_n, FORCE_N, atol=1e-6)
    np.testing.assert_allclose(forces.wrenches[0].moment_nm, moment_nm(), atol=1e-6)
    assert "right calcn, right toes: forces of one foot are added up" in forces.notes[0]


def test_columns_that_say_nothing_are_named(tmp_path):
    forces = read(tmp_path, foot() | {"emg_1": np.zeros_like(TIME_S)})
    assert forces.notes == ("f.mot: columns left out: emg_1",)


@pytest.mark.parametrize(
    ("axes", "kept"), [(Axes(), "y"), (Axes("+X", "+Z", "-Y"), "z"), (Axes("+Y", "+X", "-Z"), "x")]
)
def test_a_vertical_moment_may_come_alone(tmp_path, axes, kept):
    table = {
        name: values
        for name, values in foot().items()
        if "torque" not in name or name.endswith(kept)
    }
    (wrench,) = read(tmp_path, table, axes).wrenches
    whole = foot()
    for axis in "xyz":
        if axis != kept:
            whole[f"ground_torque_r_{axis}"][:] = 0.0
    (same,) = read(tmp_path, whole, axes).wrenches
    np.testing.assert_array_equal(wrench.moment_nm, same.moment_nm)


@pytest.mark.parametrize(
    ("absent", "words"),
    [
        (("ground_force_r_vy",), "no vy"),
        (("ground_force_r_px", "ground_force_r_pz"), "no px, pz"),
        (("ground_torque_r_y",), "no ty"),
        (("ground_torque_r_x",), "no tx"),
        (("ground_torque_r_x", "ground_torque_r_y", "ground_torque_r_z"), "no tx, ty, tz"),
    ],
)
def test_a_missing_column_is_named(tmp_path, absent, words):
    table = {name: values for name, values in foot().items() if name not in absent}
    with pytest.raises(RecordingError, match=rf"f\.mot \('right'\), found {words}\."):
        read(tmp_path, table)


@pytest.mark.parametrize("value", [np.nan, 1e4, -123456.0, np.inf])
def test_the_place_of_no_force_does_not_matter(tmp_path, value):
    table = foot()
    for axis in "xyz":
        table[f"ground_force_r_p{axis}"][FORCE_N[:, 1] == 0.0] = value
    (wrench,) = read(tmp_path, table).wrenches
    np.testing.assert_allclose(wrench.moment_nm, moment_nm(), atol=1e-6)


def test_noise_without_a_place_makes_no_large_moment(tmp_path):
    table = foot()
    idle = FORCE_N[:, 1] == 0.0
    table["ground_force_r_vy"][idle] = 4.0
    table["ground_force_r_px"][idle] = np.nan
    (wrench,) = read(tmp_path, table).wrenches
    assert np.max(np.abs(wrench.moment_nm[idle])) < 4.0


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("ground_force_r_px", np.nan, "a centre of pressure wherever"),
        ("ground_torque_r_y", np.nan, "a moment wherever"),
        ("ground_force_r_px", 560.0, "centre of pressure in metres"),
        ("ground_force_r_vy", np.nan, "a force wherever"),
    ],
)
def test_a_blank_under_load_is_refused_by_its_first_time(tmp_path, column, value, words):
    table = foot()
    row = int(np.argmax(FORCE_N[:, 1]))
    table[column][row] = value
    with pytest.raises(RecordingError, match=rf"{words}.*at {TIME_S[row]:g} s"):
        read(tmp_path, table)


def test_a_force_left_blank_in_the_air_is_no_force(tmp_path):
    table = foot()
    for values in table.values():
        values[FORCE_N[:, 1] < 20.0] = np.nan
    forces = read(tmp_path, table)
    np.testing.assert_allclose(forces.wrenches[0].force_n[LOADED], FORCE_N[LOADED], atol=1e-6)
    assert np.all(forces.wrenches[0].force_n[FORCE_N[:, 1] < 20.0] == 0.0)
    assert "samples blank in the air" in forces.notes[0]


def test_a_hole_in_the_forces_is_refused_where_it_is(tmp_path):
    lines = Mot().text(TIME_S, foot()).split("\n")
    del lines[500:560]
    (tmp_path / "f.mot").write_text("\n".join(lines))
    before, after = TIME_S[500 - 7 - 1], TIME_S[560 - 7]
    words = rf"found 60 absent between {before:g} and {after:g} s \(before row 494\)"
    with pytest.raises(RecordingError, match=words):
        read_forces(tmp_path / "f.mot", Axes())


@pytest.mark.parametrize("value", [-3917121.0, 1.4e6])
def test_a_force_that_no_runner_makes_is_refused(tmp_path, value):
    table = foot()
    table["ground_force_r_vx"][700] = value
    with pytest.raises(RecordingError, match=rf"forces in newtons.*at {TIME_S[700]:g} s \(row 701"):
        read(tmp_path, table)


@pytest.mark.parametrize(
    ("factor", "found"), [(1e-3, r"1\.76 N at most"), (1.0 / 686.0, r"2\.\d+ N"), (0.0, "zeros")]
)
def test_forces_in_another_unit_are_refused_as_that(tmp_path, factor, found):
    table = {name: values * (factor if name[-2] == "v" else 1.0) for name, values in foot().items()}
    with pytest.raises(RecordingError, match=f"found {found}.* Convert kilonewtons"):
        read(tmp_path, table)


def test_a_row_of_forces_that_stands_twice_is_refused(tmp_path):
    time_s = np.arange(TIME_S.size) / 1000.0
    time_s[500:] -= 0.001
    path = Mot(times=".3f").write(tmp_path / "f.mot", time_s, foot())
    with pytest.raises(RecordingError, match=r"found 0\.499 s again in row 501"):
        read_forces(path, Axes())


def test_a_rate_that_the_times_of_forces_contradict_is_said(tmp_path):
    assert read(tmp_path, foot(), header=("DataRate=600.0",)).notes == ()
    forces = read(tmp_path, foot(), header=("DataRate=1000.000000",))
    assert forces.wrenches[0].rate_hz == 600.0
    assert forces.notes == ("f.mot: DataRate says 1000.000000 Hz, the times 600 Hz",)


@pytest.mark.parametrize(("scale", "words"), [(1000.0, "not milliseconds"), (600.0, "row numbers")])
def test_times_that_are_no_seconds_are_refused(tmp_path, scale, words):
    with pytest.raises(RecordingError, match=words):
        read_forces(Mot().write(tmp_path / "f.mot", scale * TIME_S, foot()), Axes())


def both(folder: Path, marker_start_s: float, force_start_s: float, length_s: float = LENGTH_S):
    """Write markers and forces that start at those times, of one length or cut to another."""
    seen = markers(LENGTH_S)
    kept = int(length_s * seen.rate_hz)
    seen = type(seen)(
        seen.time_s[:kept] + marker_start_s, seen.names, seen.positions_m[:kept], seen.rate_hz
    )
    forces = Mot().write(folder / "f.mot", TIME_S + force_start_s, foot())
    return seen, Trc().write(folder / "m.trc", seen), forces


@pytest.mark.parametrize("kind", ["trc", "c3d"])
@pytest.mark.parametrize(
    ("starts", "length_s", "found", "cause"),
    [
        ((0.0, 0.0), 0.25, r"0\.24 s \(m\.\w+ 0\.00 to 0\.24 s", None),
        ((0.0, 100.0), LENGTH_S, "none", "set to zero"),
        ((50.0, 0.0), LENGTH_S, "none", "set to zero"),
        ((20.0, 80.0), LENGTH_S, "none", None),
    ],
)
def test_too_little_shared_time_is_called_that(tmp_path, kind, starts, length_s, found, cause):
    seen, trc, forces = both(tmp_path, *starts, length_s)
    path = trc
    if kind == "c3d":
        path = tmp_path / "m.c3d"
        idle = Wrench(seen.time_s, np.zeros((seen.time_s.size, 3)), np.zeros((1, 3)), 150.0, "")
        write_markers_c3d(path, seen, idle)
    with pytest.raises(RecordingError, match=r"at least 0\.3 s that") as caught:
        load_files((path, forces), Axes())
    assert caught.match(f"found {found}")
    assert (cause is None) == ("set to zero" not in str(caught.value))


def write_markers_c3d(path: Path, seen, wrench: Wrench) -> None:
    """Write markers to a C3D that keeps their start as its first frame."""
    import ezc3d

    write_c3d(path, seen, Wrench(seen.time_s, wrench.force_n, wrench.force_n, 150.0, ""))
    file = ezc3d.c3d(str(path))
    first = round(seen.time_s[0] * seen.rate_hz)
    file["header"]["points"]["first_frame"] = first
    file.write(str(path))


@pytest.mark.parametrize(
    ("starts", "noted"), [((0.0, 0.0), False), ((0.5, 0.0), True), ((0.0, 1.2), True)]
)
def test_a_clock_set_to_zero_is_suspected_where_the_lengths_agree(tmp_path, starts, noted):
    _, trc, forces = both(tmp_path, *starts)
    recording = read_trc_and_mot(trc, forces, Axes())
    assert ("only one starts at 0 s" in " ".join(recording.notes)) == noted
