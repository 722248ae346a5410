"""What a reader does with the page: play, slide, filter, follow a link, take figures away."""

from __future__ import annotations

import csv
import io
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import parts
from conftest import Cohort, given_cohorts
from looking import DESKTOP, Opened, looked_at
from page_reading import NUMBER, is_rounding

pytestmark = [
    pytest.mark.long,
    pytest.mark.parametrize(
        "cohort", ["virtual", *given_cohorts()], indirect=True, scope="session"
    ),
]

PNG = b"\x89PNG\r\n\x1a\n"
ANGLE = "trunk_lean_change_deg"


def needed(opened: Opened, *selectors: str) -> Any:
    """Return playwright's page; skip where it lacks a part."""
    for selector in selectors:
        if not opened.page.locator(selector).count():
            pytest.skip(f"this page has no {selector}")
    return opened.page


def drawn(page: Any, selector: str) -> str:
    """Return what is drawn there now."""
    return "".join(one.inner_html() for one in page.locator(selector).all())


@pytest.fixture
def opened(cohort: Cohort, chromium: Any) -> Iterator[Opened]:
    """The page, every part of it open; whatever a test does must be quiet."""
    with looked_at(chromium, cohort.page, DESKTOP) as page:
        yield page.open_all()
        assert not page.faults
        assert not page.requests


def test_play_moves_the_runner_and_pause_stops_them(opened: Opened) -> None:
    page = needed(opened, parts.PLAY)
    before = drawn(page, parts.FIGURES)
    page.locator(parts.PLAY).click()
    page.wait_for_timeout(600)
    moving = drawn(page, parts.FIGURES)
    page.locator(parts.PLAY).click()
    page.wait_for_timeout(300)
    still = drawn(page, parts.FIGURES)
    page.wait_for_timeout(300)
    assert before != moving
    assert drawn(page, parts.FIGURES) == still


def test_the_slider_over_stance_moves_the_runner(opened: Opened) -> None:
    page = needed(opened, parts.SCRUB)
    views = {}
    for phase in ("10", "50", "90"):
        page.locator(parts.SCRUB).fill(phase)
        page.wait_for_timeout(300)
        views[phase] = drawn(page, parts.FIGURES)
        assert phase in page.locator(parts.PHASE_SAID).text_content()
    assert len(set(views.values())) == 3


def test_the_keyboard_moves_the_runner(opened: Opened) -> None:
    page = needed(opened, parts.STAGE)
    page.locator(parts.STAGE).focus()
    before = drawn(page, parts.FIGURES)
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(100)
    assert drawn(page, parts.FIGURES) != before


def test_the_slider_of_lean_moves_loads_curves_and_figure(opened: Opened, cohort: Cohort) -> None:
    page = needed(opened, parts.LEAN_SLIDER)
    page.locator(parts.LEAN_RUNNER).select_option(index=page_runners(page) - 1)
    # sweeps of before poses were kept have no figure that leans
    leans = any(cohort.results.glob("*/*/sweep_poses.csv"))
    watched = (parts.LEAN_ROWS, parts.LEAN_MARKS, *([parts.LEAN_FIGURE] if leans else []))
    views: dict[str, set[str]] = {selector: set() for selector in watched}
    for dose in ("0", "20"):
        page.locator(parts.LEAN_SLIDER).fill(dose)
        page.wait_for_timeout(400)
        for selector in watched:
            views[selector].add(drawn(page, selector))
    assert {selector: len(seen) for selector, seen in views.items()} == dict.fromkeys(watched, 2)


def page_runners(page: Any) -> int:
    """Return how many runners the explorer lets one choose."""
    return int(page.locator(f"{parts.LEAN_RUNNER} option").count())


def own_sweep(results: Path, subject: str) -> pd.DataFrame:
    """Return sweep.csv of a runner: a row an angle, a column a metric, both feet averaged."""
    table = pd.read_csv(results / "sweep.csv", dtype={"subject": str})
    own = table[(table["subject"] == subject) & table["status"].isin(["solved", "stretch"])]
    return own.pivot_table(index=ANGLE, columns="metric", values="value", aggfunc="mean")


@pytest.mark.parametrize("dose", [0, 5, 20])
def test_at_a_solved_angle_the_number_shown_is_the_one_in_the_file(
    opened: Opened, cohort: Cohort, dose: int
) -> None:
    page = needed(opened, parts.LEAN_SLIDER)
    runners = [
        str(one.get_attribute("value")) for one in page.locator("#explore-lean option").all()
    ]
    subjects = pd.read_csv(cohort.results / "sweep.csv", dtype={"subject": str})["subject"]
    subject = next(name for name in runners if name in set(subjects))
    values = own_sweep(cohort.results, subject)
    page.locator(parts.LEAN_RUNNER).select_option(subject)
    page.locator(parts.LEAN_SLIDER).fill(str(dose))
    page.wait_for_timeout(400)
    standing = page.locator(parts.LEAN_SAID).text_content()
    assert ("own run" if dose == 0 else "solved") in standing
    checked = 0
    for row in page.locator(parts.LEAN_ROWS).all():
        metric = str(row.get_attribute("data-metric"))
        value = NUMBER.findall(row.locator("[data-cell=value]").text_content())
        if not value:
            continue
        # foot by foot where only one of them is known: what is averaged is said on the page
        assert is_rounding(value[0], values.loc[dose, metric]), (metric, value)
        change = row.locator("[data-cell=change]").text_content()
        if "%" in change:
            percent = 100.0 * (values.loc[dose, metric] / values.loc[0, metric] - 1.0)
            assert is_rounding(NUMBER.findall(change)[0].lstrip("+"), percent), (metric, change)
        checked += 1
    assert checked >= 4


def test_between_two_solved_angles_the_page_says_interpolated(opened: Opened) -> None:
    page = needed(opened, parts.LEAN_SLIDER)
    page.locator(parts.LEAN_SLIDER).fill("13")
    page.wait_for_timeout(400)
    assert "interpolated" in page.locator(parts.LEAN_SAID).text_content()


def test_a_deep_link_restores_what_was_chosen(cohort: Cohort, chromium: Any) -> None:
    with looked_at(chromium, cohort.page) as first:
        page = needed(first, parts.SCRUB, parts.LEAN_SLIDER)
        runner = page.locator(f"{parts.RUNNER} option").first.get_attribute("value")
        page.locator(parts.RUNNER).select_option(runner)
        page.locator(parts.SCRUB).fill("63")
        page.wait_for_timeout(500)
        page.locator(parts.LEAN_SLIDER).fill("20")
        page.wait_for_timeout(500)
        state, address = page.evaluate(parts.STATE), page.url.partition("#")[2]
        seen = drawn(page, parts.FIGURES)
    assert state.items() >= {"phase": "63", "lean": "20"}.items()
    with looked_at(chromium, cohort.page, address=f"#{address}") as second:
        page = second.page
        page.wait_for_timeout(300)
        assert page.evaluate(parts.STATE) == state
        assert page.locator(parts.SCRUB).input_value() == "63"
        assert page.locator(parts.LEAN_SLIDER).input_value() == "20"
        assert drawn(page, parts.FIGURES) == seen


def test_a_slider_that_is_dragged_moves_the_state_at_once_and_the_address_when_it_rests(
    opened: Opened,
) -> None:
    """Browsers allow few changes of the address: 100 in half a minute."""
    page = needed(opened, parts.LEAN_SLIDER)
    page.evaluate(
        """() => { window.written = 0; const own = history.replaceState.bind(history);
        history.replaceState = (...all) => { window.written += 1; own(...all); }; }"""
    )
    state = page.locator(parts.LEAN_SLIDER).evaluate(
        """slider => { for (let n = 0; n < 200; n += 1) {
        slider.value = String(n % 10); slider.dispatchEvent(new Event("input")); }
        return page.state.lean; }"""
    )
    assert state == "9"
    page.wait_for_timeout(400)
    assert page.evaluate("window.written") == 1
    assert "lean=9" in page.url


@pytest.mark.parametrize("place", ["compare", "published", "claim-13"])
def test_a_link_opens_the_part_it_names(cohort: Cohort, chromium: Any, place: str) -> None:
    with looked_at(chromium, cohort.page, address=f"#{place}") as opened:
        page = needed(opened, f"[id='{place}']")
        page.wait_for_timeout(300)
        found = page.locator(f"[id='{place}']").first
        assert found.is_visible()
        assert found.bounding_box()["y"] < 900
        assert not opened.faults


def test_a_filter_shows_the_claims_of_one_verdict(opened: Opened, cohort: Cohort) -> None:
    page = needed(opened, parts.CLAIM_FILTERS, parts.CLAIM)
    total = page.locator(parts.CLAIM).count()
    assert total == len(pd.read_csv(cohort.results / "claims.csv"))
    shown = []
    for button in page.locator(parts.CLAIM_FILTERS).all():
        button.click()
        page.wait_for_timeout(100)
        visible = page.locator(f"{parts.CLAIM}:visible").count()
        told = re.findall(r"\((\d+)\)", button.text_content())
        assert [str(visible)] == told
        assert button.get_attribute("aria-pressed") == "true"
        shown.append(visible)
    assert shown[0] == total == sum(shown[1:])


def taken(page: Any, button: Any) -> bytes:
    """Return the file that a button gives."""
    with page.expect_download(timeout=20_000) as waiting:
        button.click()
    path = waiting.value.path()
    return Path(path).read_bytes()


def test_every_figure_is_taken_away_as_drawing_picture_and_numbers(opened: Opened) -> None:
    page = needed(opened, f"{parts.TAKEN} {parts.TAKE_BUTTONS}")
    found = {"SVG": 0, "PNG": 0, "CSV": 0}
    for figure in page.locator(f"{parts.TAKEN}:visible").all():
        name = figure.get_attribute("data-figure")
        for button in figure.locator(parts.TAKE_BUTTONS).all():
            kind = button.text_content().strip()
            if kind not in found:
                continue
            got = taken(page, button)
            found[kind] += 1
            if kind == "SVG":
                root = ET.fromstring(got)
                assert root.tag.endswith("}svg") and len(list(root.iter())) > 5, name
                assert b"var(--" not in got, f"{name} is not whole without the page's style"
            elif kind == "PNG":
                assert got.startswith(PNG) and len(got) > 2000, name
            else:
                rows = list(csv.reader(io.StringIO(got.decode("utf-8-sig"))))
                assert len(rows) > 1 and len({len(row) for row in rows}) == 1, name
    assert found["SVG"] == found["PNG"] > 0
    assert found["CSV"] > 0
