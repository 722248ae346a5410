"""C3D and MOT recordings: axes, units, gaps, plates; and HDF5."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations, product

import ezc3d
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from lab_runner import foot_table, markers, shared_data
from strikelean.errors import ConfigError, RecordingError
from strikelean.formats.axes import Axes
from strikelean.formats.c3d import read_c3d
from strikelean.formats.hdf5 import Waveform, read_waveforms, write_waveforms
from strikelean.formats.mot import read_forces, read_trc_and_mot
from strikelean.formats.series import TimeSeries
from strikelean.formats.sto import write_sto
from strikelean.formats.trc import write_trc
from strikelean.lab.forces import centre_of_pressure

NAMES = [sign + axis for axis in "XYZ" for sign in "+-"]
ALL_AXES = [
    (forward, up, right)
    for forward, up, right in product(NAMES, repeat=3)
    if len({forward[1], up[1], right[1]}) == 3
]


@pytest.mark.parametrize("names", ALL_AXES)
def test_axes_are_a_rotation_or_are_refused(names):
    signs = [1.0 if name[0] == "+" else -1.0 for name in names]
    order = tuple("XYZ".index(name[1]) for name in names)
    even = order in [(0, 1, 2), (1, 2, 0), (2, 0, 1)]
    right_handed = np.prod(signs) * (1.0 if even else -1.0) > 0
    if not right_handed:
        with pytest.raises(ConfigError, match="right-handed"):
            Axes(*names)
        return
    rotation = Axes(*names).rotation()
    np.testing.assert_allclose(rotation @ rotation.T, np.eye(3))
    assert np.linalg.det(rotation) == pytest.approx(1.0)
    # the file's forward axis must come out as X
    forward = signs[0] * np.eye(3)[order[0]]
    np.testing.assert_allclose(Axes(*names).turn(forward), [1.0, 0.0, 0.0])


def test_repeated_or_unknown_axes_are_refused():
    assert len(ALL_AXES) == len(list(permutations("XYZ"))) * 8
    for names in (("+X", "+X", "+Z"), ("X", "+Y", "+Z")):
        with pytest.raises(ConfigError):
            Axes(*names)


@settings(max_examples=40, deadline=None)
@given(
    arrays(float, (4, 3), elements=st.floats(-3, 3)),
    arrays(float, (4, 3), elements=st.floats(-900, 900)),
)
def test_turning_a_wrench_turns_its_centre_of_pressure(place, force):
    """A frame change commutes with the cross product only when it is right-handed."""
    axes = Axes("-Y", "+Z", "-X")
    moment = np.cross(place, force)
    np.testing.assert_allclose(
        axes.turn(moment), np.cross(axes.turn(place), axes.turn(force)), atol=1e-9
    )


def write_made_up_c3d(path, plate_type=2, labels=("Ann:HEEL", "Ann:MT5", "*17"), frames=20):
    """Write a Z-up laboratory whose runner faces -Y, with one plate pressed at a known place."""
    file = ezc3d.c3d()
    file["parameters"]["POINT"]["UNITS"]["value"] = ["mm"]
    file["parameters"]["POINT"]["RATE"]["value"] = [100.0]
    file["parameters"]["POINT"]["LABELS"]["value"] = list(labels)
    points = np.ones((4, len(labels), frames))
    points[0], points[1], points[2] = 100.0, -2000.0, 50.0
    points[:3, 0, 5] = 0.0
    points[:3, 1, 6] = np.nan
    file["data"]["points"] = points
    names = ["Fx", "Fy", "Fz", "Mx", "My", "Mz"]
    file["parameters"]["ANALOG"]["RATE"]["value"] = [200.0]
    file["parameters"]["ANALOG"]["LABELS"]["value"] = names
    # Plate frame of these corners: x along the laboratory's +Y, y along +X, z down. A type 2
    # plate stores the reaction (up is -z) and its moment about a point 40 mm under the
    # surface. The runner presses at (0.10, 0.05) m of the plate's frame.
    origin = np.array([0.0, 0.0, -40.0])
    force = np.array([20.0, -30.0, -800.0])
    moment = np.cross(origin + np.array([100.0, 50.0, 0.0]), force)
    file["data"]["analogs"] = np.repeat(
        np.concatenate([force, moment])[np.newaxis, :, np.newaxis], 2 * frames, axis=2
    )
    corners = np.array([[600, -1800, 0], [600, -2400, 0], [0, -2400, 0], [0, -1800, 0]], float)
    for name, value in {
        "USED": [1],
        "TYPE": [plate_type],
        "ZERO": [1, 0],
        "CORNERS": corners.T[:, :, np.newaxis],
        "ORIGIN": origin[:, np.newaxis],
        "CHANNEL": np.arange(1, 7)[:, np.newaxis],
        "CAL_MATRIX": np.eye(6)[:, :, np.newaxis],
    }.items():
        if name in file["parameters"]["FORCE_PLATFORM"]:
            file["parameters"]["FORCE_PLATFORM"][name]["value"] = value
        else:
            file.add_parameter("FORCE_PLATFORM", name, value)
    file.add_parameter("FORCE_PLATFORM", "UNITS", ["N", "Nmm"])
    file.write(str(path))


def test_a_c3d_file_comes_out_in_laboratory_axes_and_si_units(tmp_path):
    path = tmp_path / "run.c3d"
    write_made_up_c3d(path)
    recording = read_c3d(path, Axes("-Y", "+Z", "-X"))
    assert recording.markers.names == ("HEEL", "MT5")
    np.testing.assert_allclose(recording.markers.positions_m[0, 0], [2.0, 0.05, -0.1])
    assert np.isnan(recording.markers.positions_m[5, 0]).all()
    assert np.isnan(recording.markers.positions_m[6, 1]).all()
    wrench = recording.wrenches[0]
    assert wrench.rate_hz == 200.0
    np.testing.assert_allclose(wrench.force_n[0], [-20.0, 800.0, 30.0])
    # the plate's middle is 2.1 m forward and -0.3 m to the right
    pressure = centre_of_pressure(wrench.force_n, wrench.moment_nm, 50.0)
    np.testing.assert_allclose(pressure[0], [2.1 - 0.10, 0.0, -0.3 - 0.05], atol=1e-6)


def test_a_plate_away_from_the_floor_is_refused_with_its_height(tmp_path):
    path = tmp_path / "run.c3d"
    write_made_up_c3d(path)
    with pytest.raises(RecordingError, match="height 0"):
        read_c3d(path, Axes("+X", "+Y", "+Z"))


def test_an_unknown_plate_type_is_refused_but_a_static_trial_does_not_care(tmp_path):
    path = tmp_path / "run.c3d"
    write_made_up_c3d(path, plate_type=9)
    with pytest.raises(RecordingError, match="force plates") as caught:
        read_c3d(path, Axes("-Y", "+Z", "-X"))
    assert "\n" not in str(caught.value)
    assert not read_c3d(path, Axes("-Y", "+Z", "-X"), forces=False).wrenches


def test_two_markers_of_one_name_are_refused(tmp_path):
    path = tmp_path / "run.c3d"
    write_made_up_c3d(path, labels=("Ann:HEEL", "Bob:HEEL", "Ann:MT5"))
    with pytest.raises(RecordingError, match="'HEEL' twice"):
        read_c3d(path, Axes("-Y", "+Z", "-X"))


@pytest.mark.parametrize("damage", ["half", "header", "text"])
def test_a_damaged_c3d_file_gives_one_clear_line(tmp_path, damage):
    path = tmp_path / "run.c3d"
    write_made_up_c3d(path, frames=200)
    whole = path.read_bytes()
    path.write_bytes(
        {"half": whole[: len(whole) * 2 // 3], "header": whole[:300], "text": b"hello " * 999}[
            damage
        ]
    )
    with pytest.raises(RecordingError) as caught:
        read_c3d(path, Axes("-Y", "+Z", "-X"))
    assert "run.c3d" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_centre_of_pressure_of_a_real_plate_is_the_one_the_library_states():
    path = shared_data("rbds", "RBDS001runT35.c3d")
    wrench = read_c3d(path, Axes()).wrenches[0]
    stated = ezc3d.c3d(str(path), extract_forceplat_data=True)["data"]["platform"][0]
    loaded = wrench.force_n[:, 1] > 200.0
    ours = centre_of_pressure(wrench.force_n, wrench.moment_nm, 50.0)
    difference = ours[loaded] - stated["center_of_pressure"].T[loaded] / 1000.0
    assert np.count_nonzero(loaded) > 1000
    assert np.abs(difference).max() < 1e-4


@pytest.mark.parametrize(
    ("rename", "feet"),
    [
        (lambda name: name, ("right", "left")),
        (
            lambda name: (
                name[2:]
                .replace("force_", f"force_{name[0].lower()}_")
                .replace("torque_", f"torque_{name[0].lower()}_")
            ),
            ("right", "left"),
        ),
        (lambda name: ("1_" if name[0] == "L" else "") + name[2:], (None, None)),
    ],
)
def test_feet_and_plates_are_told_from_column_names(tmp_path, rename, feet):
    table = foot_table()
    write_sto(tmp_path / "f.mot", replace(table, columns=tuple(map(rename, table.columns))))
    wrenches, sides, notes = read_forces(tmp_path / "f.mot", Axes())
    assert sides == feet
    assert notes == ()
    force, place = table.vector("R_ground_force_v"), table.vector("R_ground_force_p")
    np.testing.assert_allclose(wrenches[0].force_n, force, atol=1e-6)
    moment = np.cross(place, force) + table.vector("R_ground_torque_")
    np.testing.assert_allclose(wrenches[0].moment_nm, moment, atol=1e-6)


def test_unknown_force_columns_and_millimetres_are_refused(tmp_path):
    table = foot_table()
    path = tmp_path / "f.mot"
    write_sto(path, replace(table, columns=tuple(f"ch{i}" for i in range(18))))
    with pytest.raises(RecordingError, match="ground_force_r_vx"):
        read_forces(path, Axes())
    write_sto(path, replace(table, values=table.values * 1000.0))
    with pytest.raises(RecordingError, match="metres"):
        read_forces(path, Axes())
    write_sto(path, TimeSeries(table.time_s, table.columns[:15], table.values[:, :15]))
    with pytest.raises(RecordingError, match="no tx, ty, tz"):
        read_forces(path, Axes())


def test_markers_and_forces_on_different_clocks_are_refused(tmp_path):
    table = foot_table()
    write_trc(tmp_path / "m.trc", markers())
    write_sto(tmp_path / "f.mot", replace(table, time_s=table.time_s + 100.0))
    with pytest.raises(RecordingError, match="that m.trc and f.mot share, found none"):
        read_trc_and_mot(tmp_path / "m.trc", tmp_path / "f.mot", Axes())
    with pytest.raises(RecordingError, match="no such file"):
        read_trc_and_mot(tmp_path / "m.trc", tmp_path / "absent.mot", Axes())


def test_waveforms_survive_being_written_and_read(tmp_path):
    values = np.arange(202.0).reshape(2, 101)
    values[1, 3] = np.nan
    waveforms = {"right/knee": Waveform(values, "N m", "extension positive", "", "measured")}
    write_waveforms(tmp_path / "loads.h5", waveforms, {"engine": "OpenSim 4.6"})
    back, provenance = read_waveforms(tmp_path / "loads.h5")
    np.testing.assert_array_equal(back["right/knee"].values, values)
    assert back["right/knee"].unit == "N m"
    assert back["right/knee"].basis == "measured"
    assert provenance == {"engine": "OpenSim 4.6"}


def test_a_file_that_is_not_hdf5_is_refused(tmp_path):
    (tmp_path / "loads.h5").write_text("no")
    with pytest.raises(RecordingError, match=r"loads\.h5"):
        read_waveforms(tmp_path / "loads.h5")
