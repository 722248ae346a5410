"""A runner's loads among the cohort's: one small strip a load."""

from __future__ import annotations

from typing import Any

import pandas as pd
from markupsafe import Markup

from strikelean.report.digits import number
from strikelean.report.drawing import WIDTH, Axis, Drawing
from strikelean.report.own_view import (
    OwnLoad,
    Runner,
    headings,
    number_rows,
    runners,
    symmetry_rows,
    uneven,
)
from strikelean.report.own_words import in_all
from strikelean.studies.cohort import Cohort

LEFT, RIGHT, ROW = 12.0, WIDTH - 12.0, 52.0


def _strip(drawing: Drawing, load: OwnLoad, top: float) -> None:
    foot, middle, below = top + 12.0, top + 23.0, top + 42.0
    low, high = min(load.others), max(load.others)
    drawing.write(load.load.label, 4.0, foot)
    told = f"{number(load.own)} {load.unit}".removesuffix(" 1")
    drawing.write(told, WIDTH - 2.0, foot, "n b", "end")
    if high <= low:
        return
    axis = Axis(low, high, LEFT, RIGHT)
    drawing.line("grid wide", (LEFT, middle), (RIGHT, middle))
    for value in load.others:
        drawing.mark("circle", "other", axis.at(value), middle, 2.2)
    mean = axis.at(load.mean)
    drawing.line("zero", (mean, middle - 7.0), (mean, middle + 7.0))
    drawing.mark("circle", "dot", axis.at(load.own), middle, 5.0)
    drawing.write(number(low), 4.0, below, "n quiet")
    # between the ends, so that it runs into neither
    place = min(max(mean, 90.0), WIDTH - 90.0)
    drawing.write(f"mean {number(load.mean)}", place, below, "n quiet", "middle")
    drawing.write(number(high), WIDTH - 2.0, below, "n quiet", "end")


def strips(runner: Runner) -> Markup:
    """Return a runner's figure."""
    title = f"Peak loads of {runner.name} among the cohort's runners"
    text = "; ".join(
        f"{load.load.label} {number(load.own)} {load.unit}, cohort {number(min(load.others))} to "
        f"{number(max(load.others))}, mean {number(load.mean)}"
        for load in runner.loads
    )
    drawing = Drawing(runner.key, title, f"{text}.")
    top = 4.0
    for load in runner.loads:
        _strip(drawing, load, top)
        top += ROW
    drawing.height = top + 16.0
    drawing.mark("circle", "dot", 10.0, top + 6.0, 5.0)
    drawing.write("this runner", 20.0, top + 10.0)
    drawing.mark("circle", "other", 112.0, top + 6.0, 2.2)
    drawing.write("the others", 120.0, top + 10.0)
    drawing.line("zero", (204.0, top), (204.0, top + 13.0))
    drawing.write("mean", 211.0, top + 10.0)
    return drawing.finished()


def own_part(cohort: Cohort, judged: pd.DataFrame) -> dict[str, Any]:
    """Return the section: what holds of all trials, and every runner's own view.

    Args:
        cohort: the runners in use.
        judged: quality.csv.
    """
    found = runners(cohort, judged)
    alone = len({runner.name for runner in found if runner.loads}) < 2
    return {
        "in_all": in_all(judged),
        "used": int((judged["included"] == "yes").sum()),
        "alone": alone,
        "headings": headings(),
        "runners": [
            {
                "runner": runner,
                "svg": strips(runner) if runner.loads else None,
                "symmetry": symmetry_rows(runner),
                "uneven": uneven(runner),
                "numbers": number_rows(runner),
            }
            for runner in found
        ],
    }
