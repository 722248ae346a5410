"""What the section of the moving runner shows and says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from markupsafe import Markup

from strikelean.formats.hdf5 import Waveform
from strikelean.markersets import SIDES
from strikelean.report.page_data import Rows
from strikelean.report.poses import ASSUMED, CLASS_WORDS, DrawnPose, Figures
from strikelean.report.strobe import PERCENT, strobe, strobe_rows
from strikelean.studies.cohort import Cohort, strike_groups

FIRST = 3
"""Conditions shown until a reader chooses others."""

WATCH = (
    "Watch the blue bar: the farther the ground force passes behind the knee, the more the muscles "
    "of the knee have to hold. Each figure is one step, and all stand at the same share of stance."
)
DRAWN = (
    "Of a trial's steps the figure is the one whose peak knee extension moment lies nearest their "
    "mean, of the right foot where it has any. "
    "Joint centres are the scaled model's, soles are the foot's landmarks lowered by their height "
    "over the floor in standing, and everything moves with the centre of mass. The trunk has its "
    "recorded direction, its length and the head's place are published shares of stature "
    "(Drillis & Contini 1966). Limbs are drawn as wide as looks well; arms are not drawn. "
    "The lever arm is that in the side view; force times arm is, but for the leg's own mass, what "
    "the muscles of the knee work against."
)
GROUPED = (
    "These are different people, each recorded as they run of their own accord. They are grouped "
    "by how both of their feet land over all steps; the one step drawn may differ."
)
NOTHING = "No runner can be drawn: no trial in use has a step with its motion and its ground force."


def habitual_classes(cohort: Cohort) -> dict[str, str]:
    """Return every runner's strike class where what was recorded is habit alone, else nothing.

    The conditions of such a cohort are labels of its table, whatever the feet did.
    """
    recorded = cohort.trials[cohort.recorded]
    names = recorded.groupby(level="subject")["condition"].nunique()
    if names.empty or (names > 1).any() or not cohort.unasked[cohort.recorded].all():
        return {}
    return {str(subject): str(name) for subject, name in strike_groups(cohort).items()}


PEAKING = "knee_extension_moment"
"""Quantity of ``cohort.h5`` whose largest value says where in stance runners are first shown."""


def peak_share(curves: Mapping[str, Waveform], figures: Figures) -> int | None:
    """Return at which share of stance the knee extension moment is highest, %, if it is known.

    Of the mean over runners, each in the condition that is drawn first, over both feet's steps.
    """
    first: dict[str, DrawnPose] = {}
    for one in figures.trials:
        first.setdefault(one.runner, one)
    own = []
    for one in first.values():
        feet = [curves.get(f"{one.runner}/{one.trial}/{s}/{PEAKING}") for s in SIDES]
        own += [foot.values.mean(axis=0) for foot in feet if foot is not None]
    mean = np.mean(own, axis=0) if own else np.array([np.nan])
    return int(np.argmax(mean)) if np.isfinite(mean).all() else None


def _shown(figures: Figures) -> tuple[DrawnPose, ...]:
    """Return the first conditions of the runner who has most of them, the first of such.

    Of runners who are grouped by how they land the first of each group.
    """
    groups = {one.condition: one for one in reversed(figures.trials) if one.grouped}
    if groups:
        own = (groups[name] for name in CLASS_WORDS if name in groups)
        return tuple(replace(one, label=f"{one.runner} {one.label}") for one in own)[:FIRST]
    runners: dict[str, list[DrawnPose]] = {}
    for one in figures.trials:
        runners.setdefault(one.runner, []).append(one)
    most = max(runners.values(), key=lambda own: min(len(own), FIRST), default=[])
    return tuple(most[:FIRST])


def _caption(shown: Sequence[DrawnPose]) -> str:
    """Return what stands under the figure that does not move."""
    first = shown[0]
    who = "One runner of each landing" if first.grouped else first.runner
    landed = ", ".join(f"{one.label} {one.strike or 'unknown'}" for one in shown)
    said = f"{who} at {', '.join(map(str, PERCENT[:-1]))} and {PERCENT[-1]} % of stance, "
    said += "each centred on the centre of mass. Below each: how far the ground force passes "
    said += "behind the knee, in front of it with a minus. "
    said += "" if first.grouped else f"Landed: {landed}."
    if any(one.trunk == ASSUMED for one in shown):
        said += " The dashed trunk is assumed: no marker showed it."
    return said


def see_parts(figures: Figures, peak: int | None = None) -> dict[str, Any]:
    """Return what the section's template shows.

    Args:
        figures: what there is to draw.
        peak: share of stance at which the knee is loaded most, %, where that is known.
    """
    shown = _shown(figures)
    of_runner: dict[str, int] = {}
    for one in figures.trials:
        of_runner[one.runner] = of_runner.get(one.runner, 0) + 1
    keys = {one.key for one in figures.trials}
    grouped = any(one.grouped for one in figures.trials)
    return {
        "grouped": GROUPED if grouped else "",
        "peak": peak,
        "slots": len(keys),
        "runners": list(of_runner),
        "watch": WATCH,
        "drawn": DRAWN,
        "nothing": NOTHING,
        "left_out": figures.left_out,
        "strobe": Markup(strobe(shown)) if shown else "",
        "strobe_caption": _caption(shown) if shown else "",
    }


def see_tables(figures: Figures) -> dict[str, Rows]:
    """Return the numbers behind the figure that does not move, by its name."""
    shown = _shown(figures)
    return {"strobe": strobe_rows(shown)} if shown else {}
