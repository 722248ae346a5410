"""Published changes with a dose, of the same quantity and in the same unit as a chart shows."""

from __future__ import annotations

import math
from collections.abc import Sequence

from strikelean.report.digits import signed
from strikelean.report.dose_drawing import Point
from strikelean.studies.definitions import PERCENT, Dose, Effect, Study
from strikelean.studies.published import published_ci

WITHIN = "within_runners"
PLACES = {
    "10.": "https://doi.org/10.",
    "PMID ": "https://pubmed.ncbi.nlm.nih.gov/",
    "PMC": "https://pmc.ncbi.nlm.nih.gov/articles/PMC",
}
"""Addresses by how a study's number begins."""


def study_link(source: str) -> str:
    """Return the address of a study by where it stands, empty where none is known."""
    for mark, place in PLACES.items():
        if source.startswith(mark):
            return place + source.removeprefix(mark)
    return ""


def _kind(dose: Dose) -> str:
    """Return which technique a dose is of, empty of one that is not explored."""
    if dose.metric.startswith("trunk_lean"):
        return "" if dose.relative else "lean"
    return "cadence" if dose.metric == "step_rate" and dose.relative else ""


def _fits(study: Study, effect: Effect, kind: str, metric: str, unit: str) -> bool:
    contrast = effect.contrast
    return (
        contrast.dose is not None
        and _kind(contrast.dose) == kind
        # runners against others, or on a line over runners, have no baseline of their own
        and study.design == WITHIN
        and not (contrast.between or contrast.predictor)
        and metric in effect.metrics
        and effect.unit == unit
        and math.isfinite(effect.effect)
        # a slope in percent repeats the points that it was drawn through
        and not (unit == PERCENT and contrast.dose.change == 1.0)
    )


def published_points(
    studies: Sequence[Study], kind: str, metric: str, unit: str, reach: tuple[float, float]
) -> list[Point]:
    """Return what was published of a metric against a dose.

    Args:
        studies: as their files state them.
        kind: ``lean`` (degrees) or ``cadence`` (percent); of others nothing has a dose.
        metric: its name.
        unit: of the change, % or the metric's own.
        reach: first and last dose that is drawn; what lies outside is left out, and a line ends
            at the last.
    """
    points = []
    for study in studies:
        for effect in study.effects:
            dose = effect.contrast.dose
            if dose is None or not _fits(study, effect, kind, metric, unit):
                continue
            line = dose.change == 1.0
            size = reach[1] if line else 1.0
            if not line and not reach[0] <= dose.change <= reach[1]:
                continue
            low, high = (size * end for end in published_ci(effect))
            points.append(
                Point(
                    dose=size if line else dose.change,
                    change=size * effect.effect,
                    low=low,
                    high=high,
                    line=line,
                    study=study.citation.split(",")[0],
                    link=study_link(study.source),
                    text=_text(effect, dose, kind, line=line),
                )
            )
    return points


def _text(effect: Effect, dose: Dose, kind: str, *, line: bool) -> str:
    """Return the number as it was published, with its dose."""
    decimals = 2 if line else 1
    size = f"{'+' if effect.effect > 0 else ''}{signed(effect.effect, decimals)} {effect.unit}"
    if line:
        return f"{size} a degree"
    at = f"{'+' if dose.change > 0 else ''}{signed(dose.change, 1).removesuffix('.0')}"
    return f"{size} at {at} {'deg' if kind == 'lean' else '%'}"
