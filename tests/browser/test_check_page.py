"""What must hold of the page of a check in a browser, as of the page of a cohort."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from looking import BLOCKS, DESKTOP, PHONE, UNREACHABLE, WIDTH, looked_at, squeezed
from strikelean.checking.cohort import judge_cohort
from strikelean.config.problems import Problem
from strikelean.report.check_page import check_page
from test_checking_cohort import CONFIG, FAULT, LIMITS, WARNING, runner, trial

pytestmark = pytest.mark.long

SMALLEST_TEXT_PX = 11.0


@pytest.fixture(scope="module")
def check(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a check that found everything there is to find."""
    few = trial("few", right=1, left=0, told=(WARNING,))
    runners = [
        runner("anna", trial("sound"), trial("broken", told=(FAULT,))),
        runner("bert", few) | {"standing": None, "scaling": {}},
        runner("carla", trial("sound"), told=(FAULT,)),
    ]
    mistake = Problem("subjects.tsv", "line 2 (subject bert), mass_kg", "a number", "nothing")
    page = tmp_path_factory.mktemp("check") / "check.html"
    checked = judge_cohort(runners, LIMITS, [mistake])
    page.write_text(check_page(checked, CONFIG), encoding="utf-8")
    return page


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_axe_finds_no_violation(check: Path, chromium: Any, width: int, dark: bool) -> None:
    with looked_at(chromium, check, width, dark=dark) as opened:
        assert not opened.open_all().violations()
        assert not opened.faults
        assert not opened.requests


def test_text_can_be_read_on_a_phone_and_parts_that_scroll_are_reached_by_keyboard(
    check: Path, chromium: Any
) -> None:
    with looked_at(chromium, check, PHONE) as opened:
        page = opened.open_all().page
        assert not opened.smallest_texts(SMALLEST_TEXT_PX)[:20]
        content, window = page.evaluate(WIDTH)
        assert content <= window
        assert not page.evaluate(UNREACHABLE)


def test_paper_holds_every_heading_and_text(check: Path, chromium: Any) -> None:
    """Runners whose part is collapsed are printed too."""
    with looked_at(chromium, check) as opened:
        opened.page.emulate_media(media="print")
        expected = opened.page.evaluate(BLOCKS)
        paper = opened.paper()
    assert len(expected) > 10
    assert not [text for text in expected if squeezed(text) not in paper]
