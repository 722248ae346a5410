"""Every number printed in a table of the page is the rounding of one in the cohort's files.

The page is read back and each cell regenerated from the CSV files, by code that shares nothing
with what wrote the page. How many numbers that covers is printed at the end of a long run.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import made_page
from page_cohort import Sources
from page_reading import Said, count_numbers, fits, is_rounding, read, said, tables
from page_sources_all import source_of
from small_cohorts import run_settings
from study_cohorts import CLAIMS_FILE

GIVEN = os.environ.get("STRIKELEAN_RESULTS", "")
# cells whose numbers are not a file's: why
OF_THE_PAGE: dict[tuple[str, str], str] = {}


@dataclass
class Told:
    """What reading a page back gave.

    Attributes:
        right: numbers in cells that say what they must.
        wrong: cells that do not.
        unknown: cells with numbers, and tables, that nothing regenerates.
        unknown_numbers: how many numbers those hold.
    """

    right: int = 0
    wrong: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    unknown_numbers: int = 0

    def cell(self, place: str, text: str, expected: Said | None) -> None:
        """Judge one cell."""
        if expected is None:
            if count_numbers(text):
                self.unknown.append(f"{place}: {text}")
                self.unknown_numbers += count_numbers(text)
        elif fits(text, expected):
            self.right += count_numbers(text)
        else:
            self.wrong.append(f"{place}: printed {text!r}, expected {expected}")


def read_back(page: str, results: Path, settings: Mapping[str, Any] | None = None) -> Told:
    """Return what a page's tables say against the files of its cohort."""
    sources, told = Sources(results, settings or made_page.settings(), CLAIMS_FILE), Told()
    for table in tables(read(page)):
        source = source_of(table)
        rows = [{}] * len(table.rows) if source is None else list(source(sources, table))
        where = f"{table.place}, {table.heading or table.caption}"
        if len(rows) != len(table.rows):
            told.wrong.append(f"{where}: {len(table.rows)} rows, the files have {len(rows)}")
        for printed, row in zip(table.rows, rows, strict=False):
            for heading, text in zip(table.header, printed, strict=True):
                if (table.place, heading) not in OF_THE_PAGE:
                    told.cell(f"{where}, {heading}", text, row.get(heading))
    return told


PAIRED = [
    (subject, name, name, angle + place)
    for place, subject in enumerate("ABCDE")
    for name, angle in {"heel_strike": 15.0, "forefoot_upright": -3.0, "lean": 14.0}.items()
]
MADE = {
    "classes": lambda folder: made_page.Cohort(folder, made_page.classes(4)),
    "conditions": lambda folder: made_page.Cohort(folder, PAIRED),
    "virtual": lambda folder: made_page.Cohort(folder, PAIRED, virtual=True),
    "alone": made_page.alone,
}


def check(told: Told, at_least: int) -> None:
    """Check that nothing is wrong and nothing has no source."""
    assert told.wrong == []
    assert told.unknown == []
    assert told.right >= at_least


def covered(agree: Any, name: str, told: Told) -> None:
    """Print how many numbers were regenerated."""
    of = f"numbers without a source beside {told.right} with one: tables of {name}"
    agree(of, told.unknown_numbers, 0, "")


@pytest.mark.parametrize("name", MADE)
def test_tables_of_made_up_cohorts_are_roundings_of_the_files(name: str, tmp_path: Path) -> None:
    check(read_back(MADE[name](tmp_path).page(), tmp_path), 100)


def test_a_number_that_no_file_holds_is_found(tmp_path: Path) -> None:
    text = MADE["classes"](tmp_path).page()
    table = next(table for table in tables(read(text)) if table.header[:2] == ("metric", "unit"))
    cell = table.rows[3][table.header.index("difference")]
    wrong = cell[:-1] + str((int(cell[-1]) + 2) % 10)
    told = read_back(
        text.replace(f'<td class="n">{cell}</td>', f'<td class="n">{wrong}</td>'), tmp_path
    )
    assert any(wrong in line for line in told.wrong)


@pytest.mark.long
def test_tables_of_a_virtual_cohort_are_roundings_of_the_files(
    virtual_cohort: Any, agree: Any
) -> None:
    page = (virtual_cohort.results / "report.html").read_text(encoding="utf-8")
    told = read_back(page, virtual_cohort.results, run_settings(virtual_cohort.results))
    agree(
        f"{told.right} numbers in tables of a virtual page; without a source",
        told.unknown_numbers,
        0,
        "",
    )
    check(told, 450)  # one runner, one technique: 489 when this was written


@pytest.mark.long
def test_tables_of_the_public_cohort_are_roundings_of_the_files(
    public_results: Path, agree: Any
) -> None:
    page = (public_results / "report.html").read_text(encoding="utf-8")
    told = read_back(page, public_results, run_settings(public_results))
    agree(
        f"{told.right} numbers in tables of the public page; without a source",
        told.unknown_numbers,
        0,
        "",
    )
    check(told, 1000)


@pytest.mark.long
@pytest.mark.parametrize("results", sorted(Path(GIVEN).glob("*/cohort.h5")) if GIVEN else [])
def test_tables_of_given_results_are_roundings_of_the_files(
    results: Path, tmp_path: Path, agree: Any
) -> None:
    from pages_made import render

    page = render(results.parent, tmp_path / "report.html")
    told = read_back(page.read_text(encoding="utf-8"), results.parent)
    agree(
        f"{told.right} numbers in tables of {results.parent.name}; without a source",
        told.unknown_numbers,
        0,
        "",
    )
    check(told, 100)


@pytest.mark.parametrize(
    ("printed", "value", "right"),
    [
        ("3.1", 3.14, True),
        ("3.1", 3.16, False),
        ("\u22120.5", -0.5, True),
        ("-0", -0.2, False),
        ("0", 0.2, True),
        ("\u2013", math.nan, True),
        ("\u2013", 1.0, False),
        ("1.0", math.nan, False),
        ("< 0.001", 0.0004, True),
        ("1234", 1234.5, True),
    ],
)
def test_what_counts_as_a_rounding(printed: str, value: float, right: bool) -> None:
    assert is_rounding(printed, value) is right


def test_a_cell_is_its_words_and_its_numbers() -> None:
    assert fits("\u22121.5 to 2 (band)", said("{} to {} (band)", -1.48, 2.3))
    assert not fits("\u22121.5 to 2 (95 %)", said("{} to {} (band)", -1.48, 2.3))
    assert fits("\u2013", said("{} to {}", None, 2.0))
    assert not fits("\u2013", said("{} to {}", 1.0, 2.0))
    assert count_numbers("V01 landed at 3.5 deg, p < 0.001 (10.1249/JES)") == 2
