"""The examples of docs/python.md."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "python.md"


def examples(kind: str) -> list[str]:
    """Return the page's examples of a kind (``example``, ``example: results``), in order."""
    found = re.findall(r"<!-- ([^\n]*) -->\n```python\n(.*?)```", PAGE.read_text("utf-8"), re.S)
    return [code for name, code in found if name == kind]
