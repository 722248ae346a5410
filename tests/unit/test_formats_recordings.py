"""Axes, MOT recordings and HDF5."""

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
    scale = [1.0 if name[-2] == "v" else 1000.0 for name in table.columns]
    write_sto(path, replace(table, values=table.values * scale))
    with pytest.raises(RecordingError, match="metres"):
        read_forces(path, Axes())
    write_sto(path, TimeSeries(table.time_s, table.columns[:15], table.values[:, :15]))
    with pytest.raises(RecordingError, match="no tx, ty, tz"):
        read_forces(path, Axes())


def test_markers_and_forces_on_different_clocks_are_refused(tmp_path):
    table = foot_table()
    write_trc(tmp_path / "m.trc", markers())
    write_sto(tmp_path / "f.mot", replace(table, time_s=table.time_s + 100.0))
    with pytest.raises(RecordingError, match=r"m\.trc and f\.mot share, found none"):
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
