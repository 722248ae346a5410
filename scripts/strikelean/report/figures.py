"""Figures of the page: stance waveforms by group, and the strike pattern of every runner."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import matplotlib

matplotlib.use("Agg")

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from strikelean.formats.hdf5 import Waveform
from strikelean.formats.series import FloatArray

# Distinguishable for colour-blind readers and in grey (Okabe & Ito 2008).
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
STANCE = np.linspace(0.0, 100.0, 101)


@dataclass(frozen=True)
class Panel:
    """One set of axes: a quantity of ``cohort.h5`` and its title.

    Attributes:
        quantity: dataset name.
        title: above the axes.
        scale: factor from the stored unit to the printed one.
        unit: printed unit.
    """

    quantity: str
    title: str
    scale: float
    unit: str


@dataclass(frozen=True)
class Picture:
    """A finished figure for the page.

    Attributes:
        title: heading.
        see: what a reader should see in it.
        alt: text for those who cannot see it.
        png: base64 PNG.
    """

    title: str
    see: str
    alt: str
    png: str


def runner_curve(
    waveforms: Mapping[str, Waveform], subject: str, trials: Sequence[str], quantity: str
) -> FloatArray | None:
    """Return a runner's mean curve (101,) over steps, sides and trials, or None."""
    curves = []
    for trial in trials:
        for side in ("right", "left"):
            found = waveforms.get(f"{subject}/{trial}/{side}/{quantity}")
            if found is None:
                continue
            known = np.isfinite(found.values)
            counted = known.sum(axis=0)
            # a curve known in fewer than half of the steps is not the runner's usual one
            if not (counted * 2 >= len(found.values)).any():
                continue
            total = np.where(known, found.values, 0.0).sum(axis=0)
            mean = np.full(len(total), np.nan)
            usual = counted * 2 >= len(found.values)
            mean[usual] = total[usual] / counted[usual]
            curves.append(mean)
    return np.mean(curves, axis=0) if curves else None


def as_png(figure: Figure, dpi: int = 110) -> str:
    """Return a figure as base64 PNG."""
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=dpi, bbox_inches="tight", facecolor="white")
    return base64.b64encode(stream.getvalue()).decode("ascii")


def _draw_group(axes: Axes, curves: list[FloatArray], colour: str, label: str) -> None:
    stacked = np.array(curves)
    complete = np.isfinite(stacked).all(axis=0)
    mean = np.where(complete, stacked.mean(axis=0), np.nan)
    axes.plot(STANCE, mean, color=colour, linewidth=2, label=f"{label} (n = {len(curves)})")
    if len(curves) > 1:
        spread = np.where(complete, stacked.std(axis=0, ddof=1), np.nan)
        axes.fill_between(STANCE, mean - spread, mean + spread, color=colour, alpha=0.15, lw=0)


def draw_waveforms(
    waveforms: Mapping[str, Waveform],
    groups: Mapping[str, Sequence[tuple[str, Sequence[str]]]],
    panels: Sequence[Panel],
    columns: int = 3,
) -> Figure | None:
    """Draw mean and standard deviation over runners of each group, one panel a quantity.

    Args:
        waveforms: of ``cohort.h5``.
        groups: ``{label: [(subject, trials), ...]}``.
        panels: what to draw; panels without data are left out.
        columns: panels in a row.

    Returns:
        The figure, or None where no panel has data.
    """
    drawn = []
    for panel in panels:
        curves = {}
        for label, members in groups.items():
            found = [runner_curve(waveforms, s, trials, panel.quantity) for s, trials in members]
            own = [panel.scale * curve for curve in found if curve is not None]
            if own:
                curves[label] = own
        if curves:
            drawn.append((panel, curves))
    if not drawn:
        return None
    rows = -(-len(drawn) // columns)
    figure = Figure(figsize=(3.6 * columns, 2.7 * rows), layout="constrained")
    places = np.atleast_1d(figure.subplots(rows, columns, squeeze=False)).ravel()
    order = list(groups)
    for axes, (panel, curves) in zip(places, drawn, strict=False):
        for label, own in curves.items():
            _draw_group(axes, own, COLOURS[order.index(label) % len(COLOURS)], label)
        axes.set_title(panel.title, fontsize=10)
        axes.set_ylabel(panel.unit)
        axes.set_xlim(0, 100)
        axes.axhline(0.0, color="0.7", linewidth=0.8, zorder=0)
        axes.spines[["top", "right"]].set_visible(False)
    for axes in places[max(0, len(drawn) - columns) : len(drawn)]:
        axes.set_xlabel("stance, %")
    for axes in places[len(drawn) :]:
        axes.set_visible(False)
    places[0].legend(fontsize=8, frameon=False)
    return figure


def draw_strikes(means: pd.DataFrame, groups: Mapping[str, Sequence[str]]) -> Figure | None:
    """Draw foot-strike angle against strike index, one dot a runner.

    Args:
        means: one row per runner with ``foot_strike_angle_contact`` and
            ``strike_index_contact``.
        groups: ``{label: subjects}``.
    """
    wanted = ["foot_strike_angle_contact", "strike_index_contact"]
    if means.empty or not set(wanted) <= set(means.columns):
        return None
    figure = Figure(figsize=(5.2, 3.6), layout="constrained")
    axes = figure.subplots()
    for number, (label, subjects) in enumerate(groups.items()):
        own = means.loc[means.index.isin(list(subjects)), wanted]
        colour = COLOURS[number % len(COLOURS)]
        axes.scatter(own[wanted[0]], own[wanted[1]], color=colour, label=label, zorder=3)
        for subject, row in own.iterrows():
            axes.annotate(
                str(subject), (row[wanted[0]], row[wanted[1]]), fontsize=6, xytext=(4, 2),
                textcoords="offset points", color="0.35",
            )  # fmt: skip
    for limit, name in ((7.4, "rearfoot above"), (-0.8, "forefoot below")):
        axes.axvline(limit, color="0.6", linewidth=0.8, linestyle="--", zorder=0)
        axes.annotate(name, (limit, axes.get_ylim()[1]), fontsize=7, color="0.4", rotation=90,
                      ha="right", va="top")  # fmt: skip
    axes.set_xlabel("foot-strike angle less standing, deg")
    axes.set_ylabel("strike index, % heel to toe landmark")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(fontsize=8, frameon=False)
    return figure
