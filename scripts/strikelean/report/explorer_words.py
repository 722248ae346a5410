"""What the explorer says: the loads at one dose, as printed before a script moves it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from strikelean.report.digits import UNKNOWN, interval, rounded
from strikelean.report.doses import MEAN, Curve
from strikelean.report.explored import dose_text, signed_change
from strikelean.report.explorer import Chart, Explorer

OWN_RUN = "own run"
AVERAGED = (
    "The mean here is that of each runner's own percentages; {there} it is the mean change in "
    "percent of the mean load."
)
STRETCH_WORDS = "a stretch: beyond what was published"


def runner_names(found: Explorer, *, virtual: bool) -> list[tuple[str, str]]:
    """Return keys and names of the runners to choose from, their mean first."""
    names = [key for key in found.runners if key != MEAN]
    kind = "virtual runners" if virtual else "runners"
    mean = (MEAN, f"mean of {len(names)} {kind}")
    return [mean if key == MEAN else (key, key) for key in found.runners]


def direction(change: float, low: float, high: float) -> str:
    """Return a change in a word: less, more, or no clear change where its band holds zero."""
    if change == 0.0:
        return OWN_RUN
    banded = np.isfinite(low) and np.isfinite(high)
    if banded and low <= 0.0 <= high:
        return "no clear change"
    return "less" if change < 0.0 else "more"


def row_at(chart: Chart, curve: Curve, place: int) -> dict[str, Any]:
    """Return one load at one solved dose, as printed."""
    of_value, of_change = chart.decimals
    low, high = curve.change_low[place], curve.change_high[place]
    change = float(curve.change[place])
    moved = change != 0.0
    return {
        "metric": chart.load.metric,
        "label": chart.load.label,
        "change": f"{signed_change(change, of_change)} {chart.change_unit}",
        "band": _band(low, high, of_change, plus=True) if moved else UNKNOWN,
        "word": direction(change, low, high),
        "value": f"{rounded(float(curve.value[place]), of_value)} {chart.unit}",
        "value_band": interval(curve.low[place], curve.high[place], of_value) if moved else UNKNOWN,
        "assumed": chart.assumed > 0,
        "averaged": chart.averaged if MEAN in chart.curves else 0,
        "percent": chart.load.percent,
    }


def _band(low: float, high: float, decimals: int, *, plus: bool) -> str:
    if not (plus and np.isfinite(low) and np.isfinite(high)):
        return interval(low, high, decimals)
    return f"{signed_change(low, decimals)} to {signed_change(high, decimals)}"


def start_rows(found: Explorer) -> list[dict[str, Any]]:
    """Return the findings at the dose shown first, of the runner shown first."""
    place = list(found.doses).index(found.start)
    rows = []
    for chart in found.charts:
        curve = chart.curves.get(found.runners[0])
        if curve is not None and not chart.follows:
            rows.append(row_at(chart, curve, place))
    return rows


def start_words(found: Explorer, rows: Sequence[dict[str, Any]]) -> str:
    """Return the loads in percent at the dose shown first, as one sentence."""
    said = [f"{row['label'].split(',')[0]} {row['change']}" for row in rows if row["percent"]]
    return f"At {dose_text(found.kind, found.start)}: {'; '.join(said)}."


def captions(chart: Chart) -> list[dict[str, Any]]:
    """Return published studies of a chart, each with its numbers."""
    studies: dict[tuple[str, str, bool], list[str]] = {}
    for point in chart.published:
        studies.setdefault((point.study, point.link, point.line), []).append(point.text)
    return [
        {"study": study, "link": link, "line": line, "text": "; ".join(texts)}
        for (study, link, line), texts in studies.items()
    ]


def sources(found: Explorer, *, virtual: bool) -> str:
    """Return which doses were run and which are predicted, as one sentence; empty of all of one."""
    made = [dose for dose in found.doses if dose and dose not in found.recorded]
    if not found.recorded:
        return ""
    run = ", ".join(dose_text(found.kind, dose) for dose in found.recorded)
    told = f"{run}: {'recorded of virtual runners' if virtual else 'recorded'}"
    if not made:
        return f"{told}."
    return f"{told}; {', '.join(dose_text(found.kind, dose) for dose in made)}: predicted."


def why_other(found: Explorer, *, virtual: bool) -> str:
    """Return why the answer's numbers are others at about the same dose, '' where it has none."""
    averaged = MEAN in found.runners
    if not np.isfinite(found.answered):
        own = AVERAGED.format(there="under \u201cWhere the load goes\u201d")
        return own if found.recorded and averaged else ""
    whose = "virtual runner" if virtual else "runner"
    dose = dose_text(found.kind, float(np.rint(found.answered)))
    return (
        f"The answer at the top and the figures under \u201cWhere the load goes\u201d have other "
        f"numbers for about the same {found.kind.name} ({dose}): they compare two recordings of "
        f"each {whose}, one with the {found.kind.name} and one without. The slider takes the "
        f"recording without it, changes the {found.kind.name} alone and leaves all else as it was."
        f"{' ' + AVERAGED.format(there='there') if averaged else ''}"
    )


def explorer_shown(found: Explorer, *, virtual: bool) -> dict[str, Any]:
    """Return what the template needs of an explorer."""
    if found.why_not or not found.charts:
        why = found.why_not or "None of the loads shown here is a finding of this technique."
        return {"kind": found.kind.name, "why_not": why, "doses": list(found.doses)}
    rows = start_rows(found)
    named = runner_names(found, virtual=virtual)
    count = len([key for key, _ in named if key != MEAN])
    assumed = max(chart.assumed for chart in found.charts)
    return {
        "kind": found.kind.name,
        "why_not": "",
        "runners": named,
        "count": count,
        "who": f"{count} {'virtual ' if virtual else ''}runner{'' if count == 1 else 's'}",
        "doses": [dose_text(found.kind, dose) for dose in found.doses],
        "least": f"{found.doses[0]:g}",
        "most": f"{found.doses[-1]:g}",
        "start": f"{found.start:g}",
        "start_text": dose_text(found.kind, found.start),
        "ticks": [f"{dose:g}" for dose in found.doses],
        "rows": rows,
        "sentence": start_words(found, rows),
        "panels": [
            {
                "name": f"{found.kind.name}-{chart.load.metric}",
                "title": chart.load.label,
                "svg": chart.svg,
                "published": captions(chart),
                "assumed": chart.assumed,
                "follows": ", ".join(chart.follows),
            }
            for chart in found.charts
        ],
        "withheld": list(found.withheld),
        "feet": list(found.feet),
        "assumed": assumed,
        "stretch": np.isfinite(found.kind.stretch)
        and max(abs(dose) for dose in found.doses) > found.kind.stretch,
        "stretch_deg": f"{found.kind.stretch:g}" if np.isfinite(found.kind.stretch) else "",
        "stretch_words": STRETCH_WORDS,
        "why_other": why_other(found, virtual=virtual),
        "sources": sources(found, virtual=virtual),
        "ends": " to ".join(dose_text(found.kind, found.doses[end]) for end in (0, -1)),
    }
