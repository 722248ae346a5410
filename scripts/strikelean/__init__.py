"""strikelean: what forefoot striking and forward trunk lean do to the knee.

From Python, ``import strikelean as sl`` gives what ``__all__`` names; docs/python.md shows each
with an example.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = [
    "Results",
    "Runner",
    "Settings",
    "SolvedTrial",
    "StrikeleanError",
    "change_technique",
    "generic_model",
    "read_results",
    "scale_runner",
    "solve_trial",
]

if TYPE_CHECKING:
    from strikelean.api import (
        Runner,
        SolvedTrial,
        change_technique,
        generic_model,
        scale_runner,
        solve_trial,
    )
    from strikelean.config.settings import Settings
    from strikelean.errors import StrikeleanError
    from strikelean.results import Results, read_results

_ELSEWHERE = {
    "Results": "strikelean.results",
    "Settings": "strikelean.config.settings",
    "StrikeleanError": "strikelean.errors",
    "read_results": "strikelean.results",
}


def __getattr__(name: str) -> Any:
    """Return what the package exports; loaded when asked for, as every job imports the package."""
    if name not in __all__:
        raise AttributeError(f"module 'strikelean' has no attribute '{name}'")
    return getattr(import_module(_ELSEWHERE.get(name, "strikelean.api")), name)


def __dir__() -> list[str]:
    """Return the names that are exported."""
    return sorted([*globals(), *__all__])
