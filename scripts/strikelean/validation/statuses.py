"""What a metric is under several techniques at once: imposed, kept, or left to mechanics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from strikelean.config.validation import ValidationRow
from strikelean.declarations import (
    FREE,
    UNDECLARED,
    Declaration,
)
from strikelean.validation.built import asked_parts

# the condition whose technique declares a part's metrics
CONDITIONS = {
    "speed": "speed",
    "cadence": "cadence",
    "contact": "cadence",
    "forefoot": "forefoot_upright",
    "lean": "lean",
}


def together(declared: Sequence[Declaration]) -> Declaration:
    """Return what several techniques asked at once say of metrics.

    What one imposes or withholds is imposed or withheld; what is kept must be kept by all.
    """
    first, *others = declared
    kept = tuple(name for name in first.kept if all(name in one.kept for one in others))
    return Declaration(
        condition="_".join(one.condition for one in declared),
        imposed=tuple(name for one in declared for name in one.imposed),
        kept=kept,
        withheld=tuple(name for one in declared for name in one.withheld),
        depends=first.depends,
    )


def status_of(row: ValidationRow, metric: str, declared: Mapping[str, Declaration]) -> str:
    """Return ``imposed``, ``kept``, ``withheld``, ``follows`` or ``free`` of a row's technique."""
    parts = asked_parts(row)
    conditions = [CONDITIONS.get(part, part) for part in parts]
    if not all(condition in declared for condition in conditions):
        return UNDECLARED
    found = [declared[name] for name in dict.fromkeys(conditions)]
    return together(found).status(metric) if found else FREE
