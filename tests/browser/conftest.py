"""Chromium, and pages of cohorts of every kind; without a browser these tests skip and say why."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import headless
from pages_made import MADE, render

TOP = Path(__file__).parents[2]
# finished results that are looked at too: STRIKELEAN_RESULTS=results
GIVEN = os.environ.get("STRIKELEAN_RESULTS", "")
SCREENSHOTS = Path(os.environ.get("STRIKELEAN_SCREENSHOTS", TOP / "debug" / "pages"))


def given_cohorts() -> list[str]:
    """Return the cohorts of the folder of finished results."""
    if not GIVEN:
        return []
    return sorted(f"given {path.parent.name}" for path in Path(GIVEN).glob("*/cohort.h5"))


@dataclass(frozen=True)
class Cohort:
    """A cohort with its page.

    Attributes:
        name: what it stands for.
        results: folder of its tables.
        page: the page's file.
    """

    name: str
    results: Path
    page: Path

    @property
    def screenshots(self) -> Path:
        """The folder of pictures that a person looks at, beginning with the cohort's name."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        return SCREENSHOTS / re.sub(r"\W+", "_", self.name)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """The browser."""
    reason = headless.lacking()
    if reason:
        pytest.skip(reason)
    with headless.browser() as opened:
        yield opened


@pytest.fixture(scope="session", params=["virtual", "public", *MADE, *given_cohorts()])
def cohort(
    request: pytest.FixtureRequest, chromium: Any, tmp_path_factory: pytest.TempPathFactory
) -> Cohort:
    """A cohort of each kind: run, made up, or given."""
    name: str = request.param
    if name == "virtual":
        results = request.getfixturevalue("virtual_cohort").results
        return Cohort(name, results, results / "report.html")
    if name == "public":
        results = request.getfixturevalue("public_results")
        return Cohort(name, results, results / "report.html")
    folder = tmp_path_factory.mktemp("page")
    if name in MADE:
        MADE[name](folder).page()
        return Cohort(name, folder, folder / "report.html")
    results = Path(GIVEN) / name.removeprefix("given ")
    return Cohort(name, results, render(results, folder / "report.html"))
