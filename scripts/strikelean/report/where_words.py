"""Where the load goes in words and printed numbers: what clearly changes, and what does not."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from strikelean.report.digits import known, signed
from strikelean.report.where import (
    CLEAR,
    DEPENDS,
    UNSURE,
    WITHHELD,
    WITHIN,
    Change,
    Technique,
)


def percent(value: float) -> str:
    """Return a change as printed: a sign always, no more digits than its band bears."""
    text = signed(value, 1 if abs(value) < 9.95 else 0)
    return f"+{text} %" if value > 0 and float(f"{value:.1f}") else f"{text} %"


def _listed(changes: Sequence[Change]) -> str:
    return ", ".join(f"{c.load.spoken} {percent(c.change)}" for c in changes)


def _by_group(changes: Sequence[Change]) -> str:
    """Return changes of one direction, those of one group of loads as a range."""
    parts = []
    for name, found in groupby(changes, lambda c: c.load.group):
        own = sorted((c.change for c in found), key=abs)
        label = next(c.load.spoken for c in changes if c.load.group == name)
        ends = [percent(own[0])] if len(own) == 1 else [percent(own[0]), percent(own[-1])]
        text = name.lower() if len(own) > 1 else label
        parts.append(f"{text} {' to '.join(dict.fromkeys(ends)).replace(' % to', ' to')}")
    return ", ".join(parts)


def findings(technique: Technique) -> list[str]:
    """Return in words what clearly falls and what clearly rises."""
    clear = technique.having(CLEAR)
    if not clear:
        return ["No load changes clearly."]
    sides = {
        "Less load": [c for c in clear if c.change < 0],
        "More load": [c for c in clear if c.change > 0],
    }
    return [f"{lead}: {_by_group(own)}." for lead, own in sides.items() if own]


def doubts(technique: Technique) -> list[str]:
    """Return in words what may not be said, and why."""
    lines = []
    for status, lead in (
        (WITHIN, "Inside the method's own error, so no finding"),
        (UNSURE, "Not clear, for its range reaches zero or the method's own error"),
        (DEPENDS, "Another muscle model says otherwise, so no finding"),
    ):
        own = technique.having(status)
        if own:
            lines.append(f"{lead}: {_listed(own)}.")
    modelled = [change for change in technique.having(CLEAR) if change.modelled]
    if modelled:
        lead = "Clear only as far as bodies and muscles are like the model's (with others the error"
        lines.append(f"{lead} of one runner's change is as large): {_listed(modelled)}.")
    withheld: dict[str, list[str]] = {}
    for change in technique.having(WITHHELD):
        withheld.setdefault(change.withheld, []).append(change.load.spoken)
    lines += [f"No finding ({why}): {', '.join(names)}." for why, names in withheld.items()]
    if technique.absent:
        lines.append(f"Not known here: {', '.join(technique.absent)}.")
    return lines


HEADER = (
    "technique",
    "against",
    "load",
    "metric",
    "change_percent",
    "band_low",
    "band_high",
    "ci_low",
    "ci_high",
    "muscles_low",
    "muscles_high",
    "method_error_percent",
    "error_of",
    "error_other_bodies_percent",
    "status",
)


def number_rows(technique: Technique) -> list[list[float | str | None]]:
    """Return a technique's numbers as they go into the page's data, None where unknown."""
    rows: list[list[float | str | None]] = []
    for c in technique.changes:
        numbers = (c.change, *c.band, *c.interval, *c.muscles, c.error)
        other = round(c.elsewhere, 4) if known(c.elsewhere) else None
        told = [technique.title, technique.against, c.load.label, c.load.metric]
        whose = "largest of the other loads" if c.stands_in else "this load"
        whose = whose if known(c.error) else ""
        rows.append(
            [*told, *(round(n, 4) if known(n) else None for n in numbers), whose, other, c.words]
        )
    return rows


def cells(change: Change) -> dict[str, str]:
    """Return a change as a row of the table."""

    def ends(pair: tuple[float, float]) -> str:
        return f"{signed(pair[0], 1)} to {signed(pair[1], 1)}" if known(pair[0]) else ""

    return {
        "load": change.load.label,
        "change": percent(change.change),
        "main": ends(change.main),
        "muscles": ends(change.muscles),
        "error": f"± {signed(change.error, 1)}{'*' if change.stands_in else ''}"
        if known(change.error)
        else "",
        "elsewhere": f"± {signed(change.elsewhere, 1)}" if known(change.elsewhere) else "",
        "status": change.words,
    }
