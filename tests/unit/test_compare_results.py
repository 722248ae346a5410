"""Comparing two result folders finds what differs, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from strikelean.exclusions import write_note
from strikelean.formats.files import Note
from strikelean.formats.hdf5 import Waveform, write_waveforms
from strikelean.verify.compare_results import compare_results

Change = Callable[[pd.DataFrame], pd.DataFrame]


def _metrics() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "subject": ["a", "a", "b"],
            "trial": ["run", "run", "run"],
            "step": [1, 2, 1],
            "metric": "knee_extension_moment_peak",
            "value": [201.5, 198.25, 0.00001],
            "unit": "N m",
        }
    )


def _folders(tmp_path: Path, change: Change, name: str = "metrics.csv") -> tuple[Path, Path]:
    for folder, table in (("a", _metrics()), ("b", change(_metrics()))):
        (tmp_path / folder).mkdir()
        table.to_csv(tmp_path / folder / name, index=False)
    return tmp_path / "a", tmp_path / "b"


def _scaled(factor: float) -> Change:
    return lambda table: table.assign(value=table["value"] * factor)


def test_the_order_of_rows_is_no_difference(tmp_path: Path) -> None:
    assert compare_results(*_folders(tmp_path, lambda table: table[::-1])) == (1, [])


def test_a_number_that_moved_is_named_with_its_row_and_size(tmp_path: Path) -> None:
    _, (difference,) = compare_results(*_folders(tmp_path, _scaled(1.00001)))
    assert "value, 2 of 3" in difference.what and "knee_extension_moment_peak" in difference.what
    # the third stays below the floor of its unit
    assert difference.relative == pytest.approx(1e-5, rel=1e-3)


def test_what_is_iterated_may_differ_by_more(tmp_path: Path) -> None:
    assert compare_results(*_folders(tmp_path, _scaled(1.00001), "sweep.csv"))[1] == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda table: table[1:], "1 only in A"),
        (lambda table: table.assign(value=[201.5, np.nan, 0.00001]), "value, 1 of 3"),
        (lambda table: table.assign(unit="N"), "unit, 3 of 3"),
        (lambda table: table.drop(columns="unit"), "columns: unit"),
    ],
)
def test_rows_blanks_words_and_columns_count(tmp_path: Path, change: Change, told: str) -> None:
    assert any(told in found.what for found in compare_results(*_folders(tmp_path, change))[1])


def test_files_of_one_folder_and_reasons_of_exclusion_count(tmp_path: Path) -> None:
    a, b = _folders(tmp_path, lambda table: table)
    (a / "more.csv").write_text("x\n1\n", encoding="utf-8")
    write_note([b / "metrics.csv"], Note("no plate"))
    told = {found.file: found.what for found in compare_results(a, b)[1]}
    assert told["more.csv"] == "only in A"
    assert "no plate" in told["metrics.csv"]


def test_curves_are_held_against_their_own_size(tmp_path: Path) -> None:
    curve = np.sin(np.linspace(0.0, np.pi, 101))[np.newaxis]
    for folder, added in (("a", 0.0), ("b", 1e-9)):
        waveform = Waveform(curve + added, "N m", "extension positive", "", "measured")
        write_waveforms(tmp_path / folder / "loads.h5", {"right/knee": waveform}, {})
    assert compare_results(tmp_path / "a", tmp_path / "b") == (1, [])
    waveform = Waveform(curve * 1.001, "N m", "extension positive", "", "measured")
    write_waveforms(tmp_path / "b" / "loads.h5", {"right/knee": waveform}, {})
    assert compare_results(tmp_path / "a", tmp_path / "b")[1][0].relative > 9e-4
