"""One number that cannot be had costs that number alone, not the table it stands in."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Failure:
    """Why something could not be computed, in one line."""

    reason: str


def attempt(make: Callable[[], T]) -> T | Failure:
    """Return what is made, or why it cannot be; the log takes the traceback."""
    try:
        return make()
    except Exception as error:  # noqa: BLE001 - no single number may take the others with it
        traceback.print_exc(file=sys.stdout)
        told = " ".join(str(error).split())
        return Failure(f"not computed: {type(error).__name__}: {told}"[:200])
