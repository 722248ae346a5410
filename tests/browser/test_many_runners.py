"""A page of 28 runners in five conditions and nine angles is built and painted quickly."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conftest import Cohort, given_cohorts
from looking import PAINTED, looked_at
from many_runners import repeat
from pages_made import render

# of a finished run where one is given: it has all conditions and angles itself
GIVEN = [name for name in given_cohorts() if name == "given virtual"]
pytestmark = [
    pytest.mark.long,
    pytest.mark.parametrize("cohort", GIVEN or ["virtual"], indirect=True, scope="session"),
]
Agree = Callable[[str, float, float, str], None]
RUNNERS, BUILT_S, LARGEST_MB, FIRST_PAINT_MS = 28, 60.0, 8.0, 1000.0


def test_a_page_of_28_runners_is_small_and_quick(
    cohort: Cohort, chromium: Any, tmp_path: Path, agree: Agree
) -> None:
    results = repeat(cohort.results, tmp_path / "virtual", RUNNERS)
    # of the processor, as other programs may be at work
    before = time.process_time()
    page = render(results, tmp_path / "report.html")
    built = time.process_time() - before
    times = []
    for _ in range(3):
        with looked_at(chromium, page) as opened:
            opened.page.wait_for_function(
                "() => performance.getEntriesByName('first-contentful-paint').length"
            )
            times.append(opened.page.evaluate(PAINTED))
            assert not opened.faults
    assert "X27" in page.read_text(encoding="utf-8")
    agree(f"page of {RUNNERS} runners: built in", built, BUILT_S, "s of a processor")
    agree(f"page of {RUNNERS} runners: size", page.stat().st_size / 1e6, LARGEST_MB, "MB")
    agree(f"page of {RUNNERS} runners: first paint", min(times), FIRST_PAINT_MS, "ms")
