"""Chromium without a window, for the page's tests and the read-me's pictures; ``make browser``."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import make_environment

if TYPE_CHECKING:
    from playwright.sync_api import Browser

VARIABLE = "STRIKELEAN_CHROMIUM"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PACKAGES = ("playwright", "axe_playwright_python", "pypdf")
# no request of the browser's own beside those of the page; fonts alike on every machine
QUIET = ("--disable-background-networking", "--disable-gpu", "--font-render-hinting=none")


def chromium() -> str:
    """Return the browser to drive: the one that is named, else the first installed; '' for none."""
    named = os.environ.get(VARIABLE, "")
    names = (named,) if named else NAMES
    return next((found for name in names if (found := shutil.which(name))), "")


def lacking() -> str:
    """Return in one line what has to be installed before a page can be opened, '' for nothing."""
    absent = [name for name in PACKAGES if importlib.util.find_spec(name) is None]
    if absent:
        return f"expected the package {absent[0]}, found none. Run make browser."
    if not chromium() and os.environ.get(VARIABLE):
        named = os.environ[VARIABLE]
        return f"expected a program in {VARIABLE}, found none at {named}. Mend it or leave it out."
    if not chromium():
        return (
            "expected Chromium, found none. Install it (Debian: apt-get install chromium) or name "
            f"yours in {VARIABLE}."
        )
    return ""


@contextmanager
def browser() -> Iterator[Browser]:
    """Start Chromium, and end it.

    Raises:
        ImportError: playwright is not installed; ask :func:`lacking` first.
    """
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=chromium(), args=list(QUIET))
        try:
            yield opened
        finally:
            opened.close()


def main(environment: Path, requirements: Path) -> int:
    """Put the packages into an environment of this project; return the exit code.

    An environment that somebody else made is used where it holds them, and left as it is.
    """
    missing = make_environment.missing_from(environment, make_environment.read_pins(requirements))
    theirs = make_environment.stranger(environment)
    if missing and theirs:
        sys.stderr.write(make_environment.refusal(environment, requirements, theirs, missing))
        return 2
    if missing and make_environment.install(environment, requirements):
        return 2
    importlib.invalidate_caches()
    wanted = lacking()
    if wanted:
        sys.stderr.write(f"strikelean: {wanted}\n")
    return 2 if wanted else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
