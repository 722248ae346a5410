"""What virtual runners' plates felt, as text that the project reads back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from strikelean.formats.axes import Axes
from strikelean.formats.mot import read_forces
from strikelean.formats.series import Wrench
from strikelean.formats.sto import write_sto
from strikelean.verify.compare_markersets import COLUMNS, NO_TRUNK, QUANTITIES, table_lines
from strikelean.virtual.drawn_runners import write_tables
from strikelean.virtual.export import FileKind, plate_table


def pressed(at_m: float) -> Wrench:
    """Return a push at a place ahead of the origin, with a free torque."""
    time_s = np.arange(0.0, 1.0, 0.001)
    push = np.clip(np.sin(2.0 * np.pi * time_s), 0.0, None)
    force = push[:, None] * np.array([100.0, 1200.0, -30.0])
    place = np.array([at_m, 0.0, 0.05])
    moment = np.cross(place, force) + push[:, None] * np.array([0.0, 5.0, 0.0])
    return Wrench(time_s, force, moment, 1000.0, "plate")


def test_what_plates_felt_is_read_back_from_text(tmp_path: Path) -> None:
    plates = [pressed(0.1), pressed(1.3)]
    path = tmp_path / "run.mot"
    write_sto(path, plate_table(plates), "plates")
    found = read_forces(path, Axes()).wrenches
    assert len(found) == 2
    for own, true in zip(found, plates, strict=True):
        assert own.force_n == pytest.approx(true.force_n, abs=1e-6)
        # below some newtons the pressure is not told, and the moment about it is
        assert own.moment_nm == pytest.approx(true.moment_nm, abs=1e-6)


@pytest.mark.parametrize(
    ("kind", "files"),
    [
        (FileKind(), ["a.c3d"]),
        (FileKind(text=True), ["a.trc", "a.mot"]),
        (FileKind(text=True, forces=False), ["a.trc"]),
    ],
)
def test_a_recording_is_one_file_or_two(kind: FileKind, files: list[str]) -> None:
    assert kind.names("a") == files


def test_a_speed_that_no_belt_has_is_blank_in_the_table(tmp_path: Path) -> None:
    row = {"subject": "V01", "trial": "a", "belt_speed_m_s": None}
    tables = tmp_path / "subjects.tsv", tmp_path / "trials.tsv"
    write_tables([{"subject": "V01"}], [row], *tables, "this file")
    lines = tables[1].read_text(encoding="utf-8").splitlines()
    assert lines[0].endswith("the folder of this file.")
    assert lines[2] == "V01\ta\t"


def test_a_set_that_cannot_show_a_quantity_has_a_blank_cell() -> None:
    rows = [
        ("one", "matched", runner, quantity.name, error, "%", "")
        for quantity in QUANTITIES
        for runner, error in (("V01", 1.26), ("V04", -2.0))
        if not quantity.trunk
    ]
    lean = next(quantity for quantity in QUANTITIES if quantity.trunk)
    rows.append(("one", "matched", "V01", lean.name, np.nan, "deg", NO_TRUNK))
    lines = table_lines(pd.DataFrame(rows, columns=list(COLUMNS)))
    cells = [cell.strip() for cell in lines[-1].strip("|").split("|")]
    assert cells[:3] == ["`one`", "+1.3, -2.0", "+1.3, -2.0"]
    assert cells[1 + QUANTITIES.index(lean)] == ""
    assert len({line.count("|") for line in lines}) == 1
