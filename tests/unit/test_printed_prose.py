"""Every number in the page's sentences and figures is the rounding of one in the cohort's files.

The two answers, the heads of claims, where the load goes, published beside computed, each
runner's own view, and what the slider over lean is made of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import made_page
import page_figures
import page_prose
import page_prose_answers
from page_cohort import Sources
from page_prose import Number
from page_reading import Node, read
from study_cohorts import CLAIMS_FILE
from test_printed_numbers import GIVEN, MADE

PARTS: tuple[Callable[[Sources, Node], Iterator[Number]], ...] = (
    page_prose_answers.answers,
    page_prose.claims,
    page_prose.beside,
    *page_figures.ALL,
)


def told(page: str, results: Path) -> list[Number]:
    """Return every number of a page's sentences and figures."""
    sources, tree = Sources(results, made_page.settings(), CLAIMS_FILE), read(page)
    return [number for part in PARTS for number in part(sources, tree)]


def check(found: list[Number], at_least: int) -> None:
    """Check that all are right, and that there are as many as a page of its kind has."""
    assert [number for number in found if not number.right] == []
    assert len(found) >= at_least


@pytest.fixture(scope="module")
def conditions(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """The page of runners in three conditions, and its folder."""
    folder = tmp_path_factory.mktemp("conditions")
    return MADE["conditions"](folder).page(), folder


@pytest.mark.parametrize("name", ["classes", "virtual", "alone"])
def test_sentences_and_figures_of_made_up_cohorts_say_what_the_files_say(
    name: str, tmp_path: Path
) -> None:
    check(told(MADE[name](tmp_path).page(), tmp_path), 200)


def test_sentences_and_figures_of_three_conditions_say_what_the_files_say(
    conditions: tuple[str, Path],
) -> None:
    check(told(*conditions), 200)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("5 runners who did both", "6 runners who did both"),
        ("raises the knee extension moment by 11", "raises the knee extension moment by 12"),
        ("raises the knee extension moment", "lowers the knee extension moment"),
        ("(with 6 of 10 feet)", "(with 7 of 10 feet)"),
        ("5 real runners, recorded", "4 real runners, recorded"),
        ("5 real runners, recorded", "5 virtual runners. Nobody ran"),
        (
            "rise is not ruled out: Achilles tendon (\u221222",
            "rise is not ruled out: calf (\u221222",
        ),
        ("calf (\u221221 to +10\u00a0%)", "calf (\u221221 to +11\u00a0%)"),
        ("all (18)", "all (17)"),
        ("3 can be tested here", "4 can be tested here"),
        ("15 trials in use", "14 trials in use"),
        ("Nothing here is medical advice", "Nothing of these 3 is medical advice"),
    ],
)
def test_a_wrong_number_in_a_sentence_is_found(
    right: str, wrong: str, conditions: tuple[str, Path]
) -> None:
    text, folder = conditions
    assert right in text
    sources = Sources(folder, made_page.settings(), CLAIMS_FILE)
    tree = read(text.replace(right, wrong))
    parts = (page_prose_answers.answers, page_prose.claims)
    assert [one for part in parts for one in part(sources, tree) if not one.right]


@pytest.mark.long
def test_sentences_and_figures_of_a_virtual_cohort_say_what_the_files_say(
    virtual_cohort: Any, agree: Any
) -> None:
    found = told(
        (virtual_cohort.results / "report.html").read_text(encoding="utf-8"), virtual_cohort.results
    )
    wrong = sum(not number.right for number in found)
    agree(f"{len(found)} numbers in sentences and figures of a virtual page; wrong", wrong, 0, "")
    check(found, 300)


@pytest.mark.long
def test_sentences_and_figures_of_the_public_cohort_say_what_the_files_say(
    public_results: Path, agree: Any
) -> None:
    found = told((public_results / "report.html").read_text(encoding="utf-8"), public_results)
    wrong = sum(not number.right for number in found)
    agree(f"{len(found)} numbers in sentences and figures of the public page; wrong", wrong, 0, "")
    check(found, 1000)


@pytest.mark.long
@pytest.mark.parametrize("results", sorted(Path(GIVEN).glob("*/cohort.h5")) if GIVEN else [])
def test_sentences_and_figures_of_given_results_say_what_the_files_say(
    results: Path, tmp_path: Path, agree: Any
) -> None:
    from pages_made import render

    page = render(results.parent, tmp_path / "report.html")
    found = told(page.read_text(encoding="utf-8"), results.parent)
    wrong = sum(not number.right for number in found)
    name = results.parent.name
    agree(f"{len(found)} numbers in sentences and figures of {name}; wrong", wrong, 0, "")
    check(found, 100)
