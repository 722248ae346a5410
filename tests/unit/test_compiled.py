"""Compiled functions: kept for the next process where that can be, and never out of date."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path
from typing import Any

import numba
import numpy as np
import pytest
from numba.core.dispatcher import Dispatcher

from strikelean.compiled import compiled

SCRIPTS = Path(__file__).parents[2] / "scripts"
KERNELS = [
    ".".join(path.relative_to(SCRIPTS).with_suffix("").parts)
    for path in sorted((SCRIPTS / "strikelean").rglob("*_kernel.py"))
]


@pytest.mark.parametrize("name", KERNELS)
def test_a_kernel_calls_no_compiled_function_of_another_file(name: str) -> None:
    """Numba would go on with what it kept when that one changes."""
    module = importlib.import_module(name)
    functions = [one for one in vars(module).values() if isinstance(one, Dispatcher)]
    assert functions
    assert {one.py_func.__module__ for one in functions} == {name}


def test_every_compiled_function_stands_in_a_kernel() -> None:
    users = {
        ".".join(path.relative_to(SCRIPTS).with_suffix("").parts)
        for path in (SCRIPTS / "strikelean").rglob("*.py")
        if "@compiled" in path.read_text(encoding="utf-8")
    }
    assert users == set(KERNELS)


def test_a_number_over_zero_is_infinite_and_zero_over_zero_is_no_number() -> None:
    @compiled
    def over(a: float, b: float) -> float:
        return a / b

    assert over(1.0, 0.0) == np.inf
    assert np.isnan(over(0.0, 0.0))


def test_where_nothing_can_be_kept_it_is_compiled_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    njit = numba.njit

    def without_a_place(*args: Any, **options: Any) -> Any:
        if options.get("cache"):
            raise RuntimeError("cannot cache function: no locator available")
        return njit(*args, **options)

    monkeypatch.setattr(numba, "njit", without_a_place)

    @compiled
    def twice(a: float) -> float:
        return 2.0 * a

    assert twice(1.5) == 3.0


KEPT = """
import sys
sys.path[:0] = [{scripts!r}, {folder!r}]
from own import twice
print(twice(1.5), len(twice.stats.cache_hits))
"""


def test_the_next_process_takes_what_was_compiled_and_an_edit_compiles_anew(
    tmp_path: Path,
) -> None:
    source = tmp_path / "own.py"
    told = KEPT.format(scripts=str(SCRIPTS), folder=str(tmp_path))

    def said() -> str:
        ended = subprocess.run(
            [sys.executable, "-c", told], capture_output=True, text=True, check=True
        )
        return ended.stdout.strip()

    text = "from strikelean.compiled import compiled\n\n\n@compiled\ndef twice(a):\n"
    source.write_text(f"{text}    return 2.0 * a\n", encoding="utf-8")
    assert [said(), said()] == ["3.0 0", "3.0 1"]
    source.write_text(f"{text}    return 2.0 * a + 10.0\n", encoding="utf-8")
    assert said() == "13.0 0"
