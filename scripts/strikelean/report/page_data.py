"""The page's script, and the one block of data that it reads."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

Rows = Sequence[Sequence[object]]
"""The numbers behind a figure, a header first."""
SCRIPTS = Path(__file__).parent / "script"
# in the order in which they need one another
SCRIPT_NAMES = (
    "core.js",
    "sections.js",
    "doses.js",
    "figure.js",
    "see.js",
    "explorer.js",
    "claims.js",
    "own.js",
    "download.js",
)


def script_text() -> Markup:
    """Return the page's script, its files one after the other."""
    return Markup("\n".join((SCRIPTS / name).read_text(encoding="utf-8") for name in SCRIPT_NAMES))


def data_block(data: Mapping[str, Any]) -> Markup:
    """Return the block as an element of the page.

    Args:
        data: what the script reads, by part; NaN is not allowed, as JSON has none.

    Raises:
        ValueError: a number is not finite.
    """
    text = json.dumps(data, allow_nan=False, separators=(",", ":"), ensure_ascii=False)
    # "</script>" in a runner's name would end the element
    safe = text.replace("<", "\\u003c")
    return Markup(f'<script type="application/json" id="page-data">{safe}</script>')
