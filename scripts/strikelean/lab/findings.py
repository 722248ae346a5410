"""What a check of an input found: the figure it looked at, and whether that can be true.

Every input that can silently scale or turn a result (unit, axis, sign, foot, clock, plate,
runner) is checked against something independent of it. What cannot be true excludes the trial;
what is only doubtful warns; both say the figure and the likely cause.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from strikelean.errors import RecordingError

Level = Literal["plausible", "doubtful", "wrong"]
Range = tuple[float, float]


@dataclass(frozen=True)
class Finding:
    """What one check found.

    Attributes:
        figure: name of the figure, unit included; its key in ``recording.json``.
        value: what was measured; NaN where it could not be.
        level: ``wrong`` excludes the trial, ``doubtful`` warns, ``plausible`` is only reported.
        expected: what should have been there, with the bound; blank where plausible.
        found: what was there, with the figure; blank where plausible.
        action: the likely cause and what to do, an imperative sentence; blank where plausible.
    """

    figure: str
    value: float
    level: Level = "plausible"
    expected: str = ""
    found: str = ""
    action: str = ""

    def __str__(self) -> str:
        return f"expected {self.expected}, found {self.found}. {self.action.rstrip('.')}"


class ImplausibleError(RecordingError):
    """Something of a recording cannot be true.

    Attributes:
        findings: everything that is wrong.
    """

    def __init__(self, step: str, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        first, *others = self.findings
        action = first.action.rstrip(".")
        action += "".join(f". Also: {finding}" for finding in others)
        super().__init__(step, first.expected, first.found, action)


def level_of(value: float, usual: Range, possible: Range | None = None) -> Level:
    """Return ``wrong`` outside what is possible, ``doubtful`` outside what is usual."""
    if possible is not None and not possible[0] <= value <= possible[1]:
        return "wrong"
    return "plausible" if usual[0] <= value <= usual[1] else "doubtful"


def require_plausible(findings: Sequence[Finding], step: str) -> None:
    """Refuse a recording of which something cannot be true.

    Raises:
        ImplausibleError: names everything that is wrong, not the first alone.
    """
    wrong = [finding for finding in findings if finding.level == "wrong"]
    if wrong:
        raise ImplausibleError(step, wrong)


def doubts(findings: Sequence[Finding]) -> list[str]:
    """Return one line for each doubtful finding."""
    return [str(finding) for finding in findings if finding.level == "doubtful"]


def figures(findings: Sequence[Finding]) -> dict[str, float | None]:
    """Return every figure by its name, None where it could not be measured."""
    return {
        finding.figure: round(finding.value, 6) if math.isfinite(finding.value) else None
        for finding in findings
    }
