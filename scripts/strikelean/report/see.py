"""What the section of the moving runner shows and says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from strikelean.report.page_data import Rows
from strikelean.report.poses import ASSUMED, DrawnPose, Figures
from strikelean.report.strobe import PERCENT, strobe, strobe_rows

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
NOTHING = "No runner can be drawn: no trial in use has a step with its motion and its ground force."


def _shown(figures: Figures) -> tuple[DrawnPose, ...]:
    """Return the first conditions of the runner who has most of them, the first of such."""
    runners: dict[str, list[DrawnPose]] = {}
    for one in figures.trials:
        runners.setdefault(one.runner, []).append(one)
    most = max(runners.values(), key=lambda own: min(len(own), FIRST), default=[])
    return tuple(most[:FIRST])


def _caption(shown: Sequence[DrawnPose]) -> str:
    """Return what stands under the figure that does not move."""
    first = shown[0]
    landed = ", ".join(f"{one.label} {one.strike or 'unknown'}" for one in shown)
    said = f"{first.runner} at {', '.join(map(str, PERCENT[:-1]))} and {PERCENT[-1]} % of stance, "
    said += "each centred on the centre of mass. Below each: how far the ground force passes "
    said += "behind the knee, in front of it with a minus. "
    said += f"Landed: {landed}."
    if any(one.trunk == ASSUMED for one in shown):
        said += " The dashed trunk is assumed: no marker showed it."
    return said


def see_parts(figures: Figures) -> dict[str, Any]:
    """Return what the section's template shows."""
    shown = _shown(figures)
    of_runner: dict[str, int] = {}
    for one in figures.trials:
        of_runner[one.runner] = of_runner.get(one.runner, 0) + 1
    keys = {one.key for one in figures.trials}
    return {
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
