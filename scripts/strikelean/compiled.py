"""Functions of plain loops, compiled by numba where they are first called.

For what is done frame by frame, where numpy would take thousands of calls on small arrays. The
compiled code is kept beside the module, or in the user's cache where that cannot be written. Numba
looks for changes in the file of a compiled function alone: what it calls stands in the same file.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., object])


def compiled(function: Function) -> Function:
    """Return a function that is compiled when it is first called, and kept for the next process.

    A number divided by zero is infinite or no number, as with numpy.
    """
    try:
        made = numba.njit(cache=True, error_model="numpy")(function)
    except RuntimeError:  # nowhere to keep it: compiled in every process
        made = numba.njit(error_model="numpy")(function)
    return cast(Function, made)
