"""The page's explorer: what a lean, a step rate or a strike does to the loads, dose by dose."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from strikelean.declarations import FOLLOWS, FREE, Declaration, status_in
from strikelean.formats.series import FloatArray
from strikelean.report.dose_drawing import Axes, Panel, Point, axes_of, draw_panel, frame
from strikelean.report.dose_studies import published_points
from strikelean.report.doses import (
    MEAN,
    Curve,
    Rung,
    cadence_rungs,
    dose_curves,
    ladder_doses,
    lean_rungs,
    recorded_lean_deg,
    strike_rungs,
    sweep_cohort,
)
from strikelean.report.explored import (
    KINDS,
    LOADS,
    METRICS,
    Kind,
    Load,
    described,
    dose_text,
    printed_decimals,
)
from strikelean.studies.cohort import Cohort
from strikelean.studies.definitions import PERCENT, Study

FEW_DOSES = 2
"""Doses, beside no change, from which there is something to slide over."""


@dataclass(frozen=True)
class Chart:
    """One load over the doses, ready for template and script.

    Attributes:
        load, unit: what it is.
        change_unit: of its change.
        decimals: of a value and of a change, as printed.
        axes: of the chart.
        curves: by runner.
        published: of the same quantity.
        assumed: how many runners' values are only assumed.
        follows: what it follows from, where the technique keeps or sets that.
        svg: the chart of the first curve.
    """

    load: Load
    unit: str
    change_unit: str
    decimals: tuple[int, int]
    axes: Axes
    curves: Mapping[str, Curve]
    published: Sequence[Point]
    assumed: int
    follows: Sequence[str]
    svg: str

    @property
    def runners(self) -> list[str]:
        """Runners who have the load at some dose."""
        return [key for key in self.curves if key != MEAN]

    @property
    def averaged(self) -> int:
        """How many of them are known at every dose, and so are in the mean."""
        return sum(bool(np.isfinite(self.curves[key].change).all()) for key in self.runners)


@dataclass(frozen=True)
class Explorer:
    """One technique's slider and charts, or why there is none.

    Attributes:
        kind: which.
        why_not: a sentence where there is nothing to slide over, else empty.
        doses: (D,), no change among them.
        start: dose shown first.
        charts: the loads.
        withheld: loads that are no finding of the technique, and why.
        feet: runners of whom one foot alone is known, in words.
        recorded: doses that were run, and not worked out by the model.
        answered: dose of the recordings that the page's answer compares, where the slider has
            none of them; else NaN.
    """

    kind: Kind
    why_not: str = ""
    doses: Sequence[float] = ()
    start: float = 0.0
    charts: Sequence[Chart] = ()
    withheld: Sequence[str] = ()
    feet: Sequence[str] = field(default_factory=tuple)
    recorded: Sequence[float] = ()
    answered: float = np.nan

    @property
    def runners(self) -> list[str]:
        """Keys of the curves, ``mean`` first where there is one."""
        every = dict.fromkeys(key for chart in self.charts for key in chart.curves)
        return sorted(every, key=lambda key: (key != MEAN, key))


def none_of(kind: Kind, doses: Sequence[float] = ()) -> Explorer:
    """Return an explorer without a slider, and the sentence that says why."""
    if not doses:
        return Explorer(kind, f"No other {kind.noun} is compared here.")
    said = dose_text(kind, doses[0]).removesuffix(kind.unit)
    found = f"One other {kind.noun} was run or predicted ({said}{kind.of_dose})"
    return Explorer(kind, f"{found}: too little to slide over.", list(doses))


def explore(
    kind: Kind,
    cohort: Cohort,
    rungs: Sequence[Rung],
    techniques: Mapping[str, Declaration],
    studies: Sequence[Study],
    assumed: Mapping[str, Collection[str]],
    answered: float = np.nan,
) -> Explorer:
    """Return one technique's explorer.

    Args:
        kind: which technique.
        cohort: holds the trials of the rungs.
        rungs: its doses.
        techniques: declarations, by condition.
        studies: for what was published.
        assumed: by metric, runners of whom it is only assumed.
        answered: dose of recordings that the page's answer compares, NaN where there are none.
    """
    if len(rungs) < FEW_DOSES:
        return none_of(kind, [rung.dose for rung in rungs])
    doses = ladder_doses(rungs)
    inside = [dose for dose in doses if 0.0 < dose <= kind.stretch] or list(doses)
    wanted = answered if np.isfinite(answered) else kind.start
    start = float(min(inside, key=lambda dose: abs(dose - wanted)))
    charts, withheld = [], []
    for load in LOADS:
        curves = dose_curves(cohort, load.metric, rungs, percent=load.percent)
        if not curves:
            continue
        status = status_in(techniques, kind.condition, load.metric)
        unit = cohort.units[load.metric]
        change_unit = PERCENT if load.percent else unit
        reach = (float(doses[0]), float(min(doses[-1], kind.stretch)))
        published = published_points(studies, kind.name, load.metric, change_unit, reach)
        # what follows from a kept time or count is drawn only to stand beside what was published
        if not (status == FREE or (status == FOLLOWS and published)):
            if load.percent or status != FOLLOWS:
                withheld.append(f"{load.label} ({status})")
            continue
        follows = techniques[kind.condition].follows_from(load.metric) if status == FOLLOWS else ()
        charts.append(
            _chart(
                kind, load, unit, doses, start, curves, published, follows,
                len(set(assumed.get(load.metric, ())) & set(curves)),
            )
        )  # fmt: skip
    return Explorer(
        kind, "", [float(d) for d in doses], start, charts, withheld, _feet(cohort, rungs),
        [rung.dose for rung in rungs if rung.recorded], answered,
    )  # fmt: skip


def _chart(
    kind: Kind,
    load: Load,
    unit: str,
    doses: FloatArray,
    start: float,
    curves: Mapping[str, Curve],
    published: Sequence[Point],
    follows: Sequence[str],
    assumed: int,
) -> Chart:
    shown = next(iter(curves.values()))
    change_unit = PERCENT if load.percent else unit
    ends = [point.change for point in published]
    ends += [end for p in published for end in (p.low, p.high)]
    drawn = [part for c in curves.values() for part in (c.change, c.change_low, c.change_high)]
    axes = axes_of(doses, [*drawn, np.array(ends)])
    at = int(np.flatnonzero(doses == start)[0])
    decimals = printed_decimals(shown, at, percent=load.percent)
    words = described(kind, shown, doses, decimals[1], change_unit)
    panel = Panel(
        name=f"{kind.name}-{load.metric}",
        title=f"{load.label}, {kind.axis}: {words}",
        dose_label=kind.axis,
        change_label=f"change, {change_unit}",
        doses=doses,
        stretch=kind.stretch,
        axes=axes,
        shown=shown,
        others=[curve.change for key, curve in curves.items() if key != MEAN],
        published=published,
        start=start,
    )
    follow = [name.replace("_", " ") for name in follows]
    return Chart(
        load, unit, change_unit, decimals, axes, curves, published, assumed, follow,
        draw_panel(panel),
    )  # fmt: skip


def _feet(cohort: Cohort, rungs: Sequence[Rung]) -> list[str]:
    """Return which runners stand on one foot."""
    trials = cohort.means.index[sorted({int(n) for g in rungs for r in g.runners for n in r.b})]
    own = cohort.steps[pd.MultiIndex.from_frame(cohort.steps[["subject", "trial"]]).isin(trials)]
    sides = own[own["metric"].isin(METRICS)].groupby("subject")["side"].unique()
    return [f"{who}: {s[0]} foot only" for who, s in sides.items() if len(s) == 1]


def explorers(
    sweep: pd.DataFrame | None,
    cohort: Cohort,
    techniques: Mapping[str, Declaration],
    studies: Sequence[Study],
    assumed: Mapping[str, Collection[str]],
) -> list[Explorer]:
    """Return the explorers of all techniques.

    Args:
        sweep: columns of sweep.csv, None where there is none.
        cohort: of metrics.csv, with its choices.
        techniques, studies, assumed: as in :func:`explore`.
    """
    found = []
    for kind in KINDS.values():
        if kind.name != "lean":
            rungs = cadence_rungs(cohort) if kind.name == "cadence" else strike_rungs(cohort)
            found.append(explore(kind, cohort, rungs, techniques, studies, assumed))
        elif sweep is None:
            found.append(none_of(kind))
        else:
            swept = sweep_cohort(sweep, METRICS)
            given = (techniques, studies, assumed, recorded_lean_deg(cohort))
            found.append(explore(kind, swept, lean_rungs(swept), *given))
    return found


def _numbers(values: Sequence[float]) -> list[float | None]:
    """Return numbers with the seven digits that tables have; None where one is not known."""
    return [float(f"{value:.7g}") if np.isfinite(value) else None for value in values]


def _published(point: Point) -> dict[str, Any]:
    """Return a published point for the script; of a line its slope."""
    size = point.dose if point.line else 1.0
    change, low, high = _numbers([n / size for n in (point.change, point.low, point.high)])
    return {
        "study": point.study,
        "link": point.link,
        "line": point.line,
        "dose": 1.0 if point.line else point.dose,
        "change": change,
        "low": low,
        "high": high,
    }


def explorer_data(found: Explorer) -> dict[str, Any]:
    """Return what the script needs of an explorer."""
    stretch = found.kind.stretch
    return {
        "unit": found.kind.unit,
        "signed": found.kind.name != "strike",
        "axis": found.kind.axis,
        "doses": list(found.doses),
        "stretch": stretch if np.isfinite(stretch) else None,
        "start": found.start,
        "frame": frame(),
        "loads": [
            {
                "metric": chart.load.metric,
                "label": chart.load.label,
                "unit": chart.unit,
                "change_unit": chart.change_unit,
                "decimals": list(chart.decimals),
                "x": list(chart.axes.x),
                "y": list(chart.axes.y),
                "published": [_published(point) for point in chart.published],
                "curves": {
                    runner: {name: _numbers(list(values)) for name, values in vars(curve).items()}
                    for runner, curve in chart.curves.items()
                },
            }
            for chart in found.charts
        ],
    }
