"""A page is always written: what cannot be had of it is told at its top, the rest is there."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

import pandas as pd

from strikelean.errors import ExcludedError, StrikeleanError
from strikelean.formats.files import read_rows, require_data

T = TypeVar("T")
MISSING = 'id="missing"'
"""Stands in a page that lacks a part."""


def read_table(path: Path, kinds: Mapping[str, type] | None = None) -> pd.DataFrame:
    """Read a table of the cohort.

    Args:
        path: CSV.
        kinds: of columns, where they are not to be guessed.

    Raises:
        ExcludedError: it could not be made, and says why.
        DamagedError: it is not as it was written.
    """
    require_data(path, "write_report")
    return read_rows(path, kinds)


class Parts:
    """The parts of a page as they are made.

    Attributes:
        missing: one line for each part that could not be had.
    """

    def __init__(self) -> None:
        self.missing: list[str] = []

    def take(self, name: str, make: Callable[[], T], instead: T) -> T:
        """Return a part, or something instead where it cannot be made, whatever the reason."""
        try:
            return make()
        except ExcludedError as error:
            self.missing.append(f"{name}: {error.reason}")
        except StrikeleanError as error:
            self.missing.append(f"{name}: {error}")
        except Exception as error:  # noqa: BLE001 - one part less, not no page
            traceback.print_exc(file=sys.stdout)
            self.missing.append(f"{name}: a bug in write_report: {error!r}")
        return instead

    def of(self, path: Path | None, make: Callable[[Path], T], instead: T, name: str = "") -> T:
        """Return the part made of one file, or something instead where there is no such file."""
        if path is None:
            return instead
        return self.take(name or path.name, lambda: make(path), instead)

    def rows_of(
        self, path: Path | None, make: Callable[[Path], list[T]], name: str = ""
    ) -> list[T]:
        """Return the rows made of one file, none where there is no such file."""
        nothing: list[T] = []
        return self.of(path, make, nothing, name)

    def rows(self, name: str, make: Callable[[], list[T]]) -> list[T]:
        """Return the rows of a part, none where they cannot be made."""
        nothing: list[T] = []
        return self.take(name, make, nothing)


def is_whole(page: Path) -> bool:
    """Whether a page lacks no part."""
    return MISSING not in page.read_text(encoding="utf-8")
