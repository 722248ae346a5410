"""What must hold of every page in a browser: quiet, readable, reachable, whole on paper, quick."""

from __future__ import annotations

from typing import Any

import pytest

from conftest import Cohort
from looking import BLOCKS, DESKTOP, PAINTED, PHONE, UNREACHABLE, WIDTH, looked_at, squeezed

pytestmark = pytest.mark.long

SMALLEST_TEXT_PX = 11.0
FIRST_PAINT_MS = 1000.0
LARGEST_BYTES = 8_000_000


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_nothing_is_asked_for_and_nothing_complained_of(
    cohort: Cohort, chromium: Any, width: int
) -> None:
    with looked_at(chromium, cohort.page, width) as opened:
        opened.page.screenshot(path=f"{cohort.screenshots}_{width}.png")
        opened.open_all().page.wait_for_timeout(300)
        opened.page.screenshot(path=f"{cohort.screenshots}_{width}_whole.png", full_page=True)
        assert not opened.faults
        assert not opened.requests


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_axe_finds_no_violation(cohort: Cohort, chromium: Any, width: int, dark: bool) -> None:
    with looked_at(chromium, cohort.page, width, dark=dark) as opened:
        assert not opened.open_all().violations()


def test_text_can_be_read_on_a_phone(cohort: Cohort, chromium: Any) -> None:
    with looked_at(chromium, cohort.page, PHONE) as opened:
        assert not opened.open_all().smallest_texts(SMALLEST_TEXT_PX)[:20]


def test_a_phone_scrolls_down_alone_and_parts_that_scroll_are_reached_by_keyboard(
    cohort: Cohort, chromium: Any
) -> None:
    with looked_at(chromium, cohort.page, PHONE) as opened:
        page = opened.open_all().page
        content, window = page.evaluate(WIDTH)
        assert content <= window
        assert not page.evaluate(UNREACHABLE)


def test_paper_holds_every_heading_and_text_of_the_page(cohort: Cohort, chromium: Any) -> None:
    """Collapsed parts are printed too."""
    with looked_at(chromium, cohort.page) as opened:
        opened.page.emulate_media(media="print")
        expected = opened.page.evaluate(BLOCKS)
        paper = opened.paper()
    assert len(expected) > 10
    assert not [text for text in expected if squeezed(text) not in paper]


def test_the_first_paint_comes_within_a_second(cohort: Cohort, chromium: Any) -> None:
    """The best of three: other programs may be at work."""
    assert cohort.page.stat().st_size < LARGEST_BYTES
    times = []
    for _ in range(3):
        with looked_at(chromium, cohort.page) as opened:
            opened.page.wait_for_function(
                "() => performance.getEntriesByName('first-contentful-paint').length"
            )
            times.append(opened.page.evaluate(PAINTED))
    assert min(times) < FIRST_PAINT_MS
