"""Drawing: stance waveforms by group, and the strike pattern of every runner.

Figures become SVG inside the page: they print sharply, and axes and letters take the page's
own colour, so that one drawing serves light and dark.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from strikelean.formats.hdf5 import Waveform
from strikelean.formats.series import FloatArray
from strikelean.lab.strike_classes import FOREFOOT_BELOW_DEG, REARFOOT_ABOVE_DEG
from strikelean.report.waveforms import Bar
from strikelean.studies.curves import divisor, runner_curve

# A stand-in that becomes the page's colour of text when the SVG is put into it.
INK = "#010203"
# Okabe & Ito 2008, those with a contrast of 3 or more on white and on the dark page, then the
# text's own; the dashes and marks tell groups apart without colour.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", INK)
# More dashes and marks than colours, and no number that divides theirs: groups repeat neither
# together.
DASHES: tuple[Any, ...] = (
    "-", "--", "-.", ":", (0, (6, 1, 1, 1, 1, 1)), (0, (5, 4)), (0, (1, 3)),
)  # fmt: skip
MARKS = ("o", "^", "s", "D", "v", "P", "X")
SMALLEST = 8.5
"""Points of the smallest letters: 11 px where a figure has its own width."""
STANCE = np.linspace(0.0, 100.0, 101)
MOST_NAMES = 30
"""Runners above which dots go without names."""

_STYLE: Any = {
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 9.0,
    "text.color": INK,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
}

Members = Mapping[str, Sequence[tuple[str, Sequence[str]]]]
Curves = dict[str, FloatArray]


@dataclass(frozen=True)
class Panel:
    """One set of axes: a quantity of ``cohort.h5`` and how it is printed.

    Attributes:
        quantity: dataset name.
        title: above the axes.
        unit: printed unit.
        scale: factor from the stored unit to the printed one.
        per: ``mass`` or ``weight`` where every runner's curve is divided by it, else empty.
    """

    quantity: str
    title: str
    unit: str
    scale: float = 1.0
    per: str = ""


def group_curves(
    waveforms: Mapping[str, Waveform],
    groups: Members,
    panel: Panel,
    masses_kg: Mapping[str, float],
) -> Curves:
    """Return every group's runners' curves, ``{label: (runners, 101)}``; empty groups left out.

    Args:
        waveforms: of ``cohort.h5``.
        groups: ``{label: [(subject, trials), ...]}``.
        panel: what is wanted; ``per`` divides by the runner's mass or weight.
        masses_kg: by subject; a runner without one is left out of divided panels.
    """
    result: Curves = {}
    for label, members in groups.items():
        own = []
        for subject, trials in members:
            curve = runner_curve(waveforms, subject, trials, panel.quantity)
            share = divisor(panel.per, masses_kg.get(subject, np.nan))
            if curve is not None and np.isfinite(share):
                own.append(panel.scale * curve / share)
        if own:
            result[label] = np.array(own)
    return result


def difference_curves(
    waveforms: Mapping[str, Waveform],
    groups: Members,
    reference: str,
    panel: Panel,
    masses_kg: Mapping[str, float],
) -> Curves:
    """Return how each group's runners differ from themselves in the reference group.

    What a technique changes by a few percent is lost between runners who differ by twenty; each
    runner's own difference shows it.

    Args:
        waveforms: of ``cohort.h5``.
        groups: ``{label: [(subject, trials), ...]}``, conditions of the same runners.
        reference: label of the condition taken off.
        panel: what is wanted.
        masses_kg: by subject.

    Returns:
        ``{label: (runners, 101)}`` of the runners who have both, without the reference itself.
    """
    before = dict(groups[reference])
    result: Curves = {}
    for label, members in groups.items():
        both = {subject: trials for subject, trials in members if subject in before}
        if label == reference or not both:
            continue
        own = []
        for subject, trials in both.items():
            arms = {"after": [(subject, trials)], "before": [(subject, before[subject])]}
            curves = group_curves(waveforms, arms, panel, masses_kg)
            if len(curves) == len(arms):
                own.append(curves["after"][0] - curves["before"][0])
        if own:
            result[label] = np.array(own)
    return result


def mean_and_spread(curves: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return mean and standard deviation over runners, (101,) each.

    Blank where any runner is: a mean over changing runners would jump. The deviation of one
    runner alone is blank.
    """
    complete = np.isfinite(curves).all(axis=0)
    mean = np.where(complete, curves.mean(axis=0), np.nan)
    if len(curves) < 2:
        return mean, np.full_like(mean, np.nan)
    return mean, np.where(complete, curves.std(axis=0, ddof=1), np.nan)


def draw_waveforms(
    drawn: Sequence[tuple[Panel, Curves]],
    order: Sequence[str],
    columns: int = 3,
    share_y: bool = False,
    bars: Mapping[str, Sequence[Bar]] | None = None,
    spread: bool = True,
) -> Figure:
    """Draw mean and standard deviation over runners of each group, one panel a quantity.

    Args:
        drawn: panels with their groups' curves.
        order: labels of all groups; a group keeps its colour in every figure.
        columns: panels in a row.
        share_y: one scale for all panels, where their sizes are to be compared.
        bars: by quantity, stretches of stance in which the groups differ; drawn along the
            bottom of its panel.
        spread: whether the standard deviation is drawn.
    """
    columns = min(columns, len(drawn))
    rows = -(-len(drawn) // columns)
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(3.4 * columns, 2.5 * rows + 0.4), layout="constrained")
        places = figure.subplots(rows, columns, squeeze=False, sharey=share_y).ravel()
        for axes, (panel, curves) in zip(places, drawn, strict=False):
            _draw_panel(axes, panel, curves, order, spread=spread)
            for bar in (bars or {}).get(panel.quantity, ()):
                axes.axvspan(bar.start, bar.end, ymax=0.035, color=INK, linewidth=0, zorder=4)
        for axes in places[max(0, len(drawn) - columns) : len(drawn)]:
            axes.set_xlabel("stance, %")
        for axes in places[len(drawn) :]:
            axes.set_visible(False)
        handles = {
            text: handle
            for axes in places
            for handle, text in zip(*axes.get_legend_handles_labels(), strict=True)
        }
        figure.legend(
            list(handles.values()), list(handles), ncols=legend_columns(figure, handles),
            frameon=False, loc="outside upper left", handlelength=3.0,
        )  # fmt: skip
    return figure


def legend_columns(figure: Figure, labels: Iterable[str]) -> int:
    """Return how many entries of a legend stand side by side without running off the figure."""
    names = list(labels)
    # a letter is about half a size of type wide; handle and gaps take five sizes
    size = _STYLE["font.size"] / 72.0
    wide = size * (0.55 * max(map(len, names), default=0) + 5.0)
    return max(1, min(len(names), int(figure.get_figwidth() / wide)))


def _draw_panel(
    axes: Axes, panel: Panel, curves: Curves, order: Sequence[str], *, spread: bool
) -> None:
    for label, own in curves.items():
        place = list(order).index(label)
        colour = COLOURS[place % len(COLOURS)]
        mean, deviation = mean_and_spread(own)
        dashes = DASHES[place % len(DASHES)]
        axes.plot(STANCE, mean, linestyle=dashes, color=colour, lw=2, label=label)
        if spread:
            ends = mean - deviation, mean + deviation
            axes.fill_between(STANCE, *ends, color=colour, alpha=0.18, lw=0)
    axes.set_title(panel.title, fontsize=9.5, loc="left")
    axes.set_ylabel(panel.unit)
    axes.set_xlim(0, 100)
    axes.axhline(0.0, color=INK, alpha=0.35, linewidth=0.7, zorder=0)


def draw_strikes(groups: Mapping[str, pd.DataFrame]) -> Figure | None:
    """Draw foot-strike angle against strike index, one mark a runner and group.

    Args:
        groups: by label, one row per runner with ``foot_strike_angle_contact`` and
            ``strike_index_contact``, both known.

    Returns:
        The figure, or None where no runner has both.
    """
    known = pd.concat(groups.values()) if groups else pd.DataFrame()
    if known.empty:
        return None
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(7.2, 3.9), layout="constrained")
        axes = figure.subplots()
        for place, (label, own) in enumerate(groups.items()):
            axes.scatter(
                own.iloc[:, 0], own.iloc[:, 1], s=34, label=label, zorder=3,
                color=COLOURS[place % len(COLOURS)], marker=MARKS[place % len(MARKS)],
            )  # fmt: skip
        if len(known) <= MOST_NAMES:
            _name_marks(axes, known)
        axes.margins(0.1, 0.14)
        top = axes.get_ylim()[1]
        for limit, side, name in (
            (REARFOOT_ABOVE_DEG, "left", " rearfoot →"),
            (FOREFOOT_BELOW_DEG, "right", "← forefoot "),
        ):
            axes.axvline(limit, color=INK, alpha=0.45, linewidth=0.8, linestyle="--", zorder=0)
            axes.annotate(name, (limit, top), fontsize=SMALLEST, ha=side, va="top")
        axes.set_xlabel("foot-strike angle less standing, deg (toe up positive)")
        axes.set_ylabel("strike index, % of foot length\n(0 heel, 100 toe)")
        columns = legend_columns(figure, groups)
        figure.legend(loc="outside upper left", ncols=columns, frameon=False)
    return figure


def _name_marks(axes: Axes, places: pd.DataFrame) -> None:
    """Write the runners' names beside their marks, below where one stands above already."""
    # about the width and the height of a name, as shares of the axes
    reach = np.ptp(places.to_numpy(dtype=np.float64), axis=0) * (0.1, 0.05)
    named: list[FloatArray] = []
    for subject, row in places.sort_values(places.columns[1], ascending=False).iterrows():
        here = row.to_numpy(dtype=np.float64)
        crowded = any(bool((np.abs(here - other) < reach).all()) for other in named)
        named.append(here)
        axes.annotate(
            str(subject), (here[0], here[1]), fontsize=SMALLEST, alpha=0.75,
            xytext=(5, -8 if crowded else 3), textcoords="offset points",
        )  # fmt: skip


def as_svg(figure: Figure, salt: str, alt: str) -> str:
    """Return a figure as an SVG element for HTML.

    Args:
        figure: what to draw.
        salt: makes the names inside unlike those of the page's other figures, and the same
            on every run.
        alt: text for those who cannot see it.
    """
    stream = io.StringIO()
    with mpl.rc_context({**_STYLE, "svg.hashsalt": salt}):
        figure.savefig(stream, format="svg", transparent=True, metadata={"Date": None})
    text = stream.getvalue()
    text = text[text.index("<svg") :].replace(INK, "currentColor")
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    used = set(re.findall(r'(?:url\(#|href="#)([^")]+)', text))
    text = re.sub(
        r' id="([^"]+)"', lambda found: found.group(0) if found.group(1) in used else "", text
    )
    width = re.search(r'width="([\d.]+)pt"', text)
    opening = f'<svg role="img" aria-label="{_escaped(alt)}" '
    if width:  # as wide as drawn, so that letters can be read: what holds it scrolls
        opening += f'style="width: {float(width.group(1)) * 4 / 3:.0f}px" '
    text = re.sub(r' (?:width|height)="[\d.]+pt"', "", text, count=2)
    return text.replace("<svg ", opening, 1)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
