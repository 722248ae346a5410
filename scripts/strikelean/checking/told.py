"""What a check has to say of one file: what was found, what to do, how bad it is."""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from strikelean.errors import StrikeleanError
from strikelean.lab.findings import Finding, ImplausibleError

Kind = Literal["fault", "warning", "note"]
_LINE = re.compile(r"expected (?P<expected>.+), found (?P<found>.+?)\. (?P<action>[A-Z].*)", re.S)


@dataclass(frozen=True)
class Told:
    """One thing that was found.

    Attributes:
        kind: ``fault`` excludes, ``warning`` goes with the results, ``note`` was repaired or
            left out by the reader.
        found: what was found, and what was expected.
        action: what to do about it; empty where nothing has to be done.
        file: which file it is about, by its name; empty for all of the trial.
    """

    kind: Kind
    found: str
    action: str = ""
    file: str = ""

    def document(self) -> dict[str, str]:
        """Return what is written of it."""
        return asdict(self)


def _words(expected: str, found: str) -> str:
    return f"{found.rstrip('.')}; expected {expected}"


def _sentence(action: str) -> str:
    return f"{action.rstrip('.')}." if action else ""


def of_finding(finding: Finding) -> Told:
    """Return what a check of an input found."""
    kind: Kind = "fault" if finding.level == "wrong" else "warning"
    return Told(kind, _words(finding.expected, finding.found), _sentence(finding.action))


def of_line(line: str, kind: Kind = "warning") -> Told:
    """Return a line of a report's warnings in its parts, where it has any."""
    match = _LINE.fullmatch(line.strip())
    if match is None:
        return Told(kind, line.strip().rstrip("."))
    return Told(kind, _words(match["expected"], match["found"]), _sentence(match["action"]))


def of_error(error: Exception, job: str) -> list[Told]:
    """Return what stopped a step, each finding on its own.

    A defect of the program is told as one, with its traceback in the log: the other files go on.

    Args:
        error: that was raised.
        job: what was being done.

    Raises:
        MemoryError: that is the machine's fault, not the recording's.
    """
    if isinstance(error, MemoryError):
        raise error
    if isinstance(error, ImplausibleError):
        return [of_finding(finding) for finding in error.findings]
    if isinstance(error, StrikeleanError):
        return [Told("fault", _words(error.expected, error.found), _sentence(error.action))]
    traceback.print_exception(error)
    what = f"a bug in {job}: {' '.join(repr(error).split())[:300]}"
    return [Told("fault", what, "Report it with the log.")]


def about(files: Sequence[Path], told: Iterable[Told]) -> list[Told]:
    """Return what was told with the file that it speaks of, where it names one alone."""
    placed = []
    for one in told:
        named = [path.name for path in files if path.name in one.found]
        file = one.file or (named[0] if len(named) == 1 else "")
        placed.append(Told(one.kind, one.found, one.action, file))
    return placed
