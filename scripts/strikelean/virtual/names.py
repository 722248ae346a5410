"""Names of laboratories and trials."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from strikelean.techniques import parse_technique

LABORATORIES = ("matched_noise_free", "matched", "mismatched")
MATCHED_NOISE_FREE, MATCHED, MISMATCHED = LABORATORIES
# The condition, and the trial, that virtual runners are used to.
HABITUAL = "heel_strike"
MARKER_SET = "virtual"
# The cohort of virtual runners where none is named, and no name for real ones.
COHORT = "virtual"
# Said wherever results of virtual runners are kept.
VIRTUAL_RUNNERS = (
    "virtual: made by a model, recorded of nobody; differences between their conditions are model "
    "predictions"
)


def trial_names(section: Mapping[str, Any]) -> dict[str, str]:
    """Return ``{trial: technique}``, the habitual one first, with an empty technique."""
    techniques = [parse_technique(name) for name in section["techniques"]]
    return {HABITUAL: ""} | {technique.condition: technique.name for technique in techniques}
