"""Moments of a plate beside a centre of pressure, and other ways to write forces."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import lab_runner as runner
from strikelean.errors import RecordingError
from strikelean.formats.axes import Axes
from strikelean.formats.force_columns import find_groups, read_name
from strikelean.formats.mot import Forces, read_forces
from strikelean.formats.series import FloatArray, TimeSeries
from strikelean.formats.sto import write_sto

PARTS = ("ground_force_v", "ground_force_p", "ground_torque_")
PLATE_M = np.array([0.4, -0.03, 0.2])


def own() -> TimeSeries:
    return runner.foot_table()


def changed(change: Callable[[FloatArray, FloatArray, FloatArray], FloatArray]) -> TimeSeries:
    """Return the forces of two feet with other torques, from force, place and torque."""
    table, values = own(), own().values.copy()
    for side in "RL":
        places = [[table.index(f"{side}_{part}{axis}") for axis in "xyz"] for part in PARTS]
        values[:, places[2]] = change(*(values[:, place] for place in places))
    return replace(table, values=values)


def read(folder: Path, table: TimeSeries) -> Forces:
    write_sto(folder / "run.mot", table)
    return read_forces(folder / "run.mot", Axes())


def same(one: Forces, other: Forces) -> None:
    for a, b in zip(one.wrenches, other.wrenches, strict=True):
        loaded = np.linalg.norm(a.force_n, axis=1) > 50.0
        np.testing.assert_allclose(a.force_n, b.force_n, atol=1e-6)
        np.testing.assert_allclose(a.moment_nm[loaded], b.moment_nm[loaded], atol=1e-3)


@pytest.mark.parametrize("middle", [PLATE_M, np.zeros(3), -5.0 * PLATE_M])
def test_moments_about_a_plates_middle_are_the_same_force(tmp_path, middle):
    told = read(tmp_path, changed(lambda f, p, t: t + np.cross(p - middle, f)))
    same(read(tmp_path, own()), told)
    assert sum("moments are the plate's" in note for note in told.notes) == 2


def test_free_torques_stay_as_they_are_and_nothing_is_said(tmp_path):
    assert not any("moments" in note for note in read(tmp_path, own()).notes)


def test_moments_of_neither_kind_are_refused_with_their_columns(tmp_path):
    rng = np.random.default_rng(5)
    table = changed(lambda f, p, t: t + rng.normal(0.0, 80.0, t.shape))
    with pytest.raises(RecordingError, match=r"free torque.*run\.mot.*about x and z with a lever"):
        read(tmp_path, table)


def test_a_whole_moment_about_a_point_that_stands_still_is_taken(tmp_path):
    """Force at the plate's middle with the moment about it: no centre of pressure at all."""
    table, values = own(), own().values.copy()
    for side in "RL":
        force, place, torque = (
            [table.index(f"{side}_{part}{axis}") for axis in "xyz"] for part in PARTS
        )
        values[:, torque] += np.cross(values[:, place] - PLATE_M, values[:, force])
        values[:, place] = PLATE_M
    same(read(tmp_path, own()), read(tmp_path, replace(table, values=values)))


def test_what_names_no_foot_is_the_other_one(tmp_path):
    names = tuple(
        name.replace("R_", "", 1) if name[0] == "R" else name.lower() for name in own().columns
    )
    told = read(tmp_path, replace(own(), columns=names))
    assert set(told.feet) == {"right", "left"}
    assert any("taken for the right foot" in note for note in told.notes)
    by_side = dict(zip(told.feet, told.wrenches, strict=True))
    true = read(tmp_path, own())
    for side, wrench in zip(true.feet, true.wrenches, strict=True):
        np.testing.assert_allclose(by_side[side].force_n, wrench.force_n, atol=1e-6)


def test_a_numbered_plate_beside_a_foot_stays_refused():
    names = ["1_ground_force_vx", "l_ground_force_vx"]
    with pytest.raises(RecordingError, match="of feet or of plates"):
        find_groups("f.mot", names)


@pytest.mark.parametrize(
    ("name", "side", "owner", "part"),
    [
        ("RFx", "right", "", "v"),
        ("LCOPx", "left", "", "p"),
        ("Kistler1_Fx", None, "1", "v"),
        ("AMTI2_Mz", None, "2", "t"),
    ],
)
def test_further_names(name, side, owner, part):
    column = read_name(name)
    assert column is not None
    assert (column.side, column.owner, column.part) == (side, owner, part)


def test_quotes_around_names_are_no_part_of_them(tmp_path):
    write_sto(tmp_path / "run.mot", own())
    lines = (tmp_path / "run.mot").read_text("utf-8").split("\n")
    row = next(n for n, line in enumerate(lines) if line.startswith("time"))
    lines[row] = "\t".join(f'"{name}"' for name in lines[row].split("\t"))
    (tmp_path / "quoted.mot").write_text("\n".join(lines), "utf-8")
    same(read(tmp_path, own()), read_forces(tmp_path / "quoted.mot", Axes()))
