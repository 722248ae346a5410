"""The page's figures: what they show, what to look for, and what this cohort shows."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pandas as pd

from strikelean.formats.hdf5 import Waveform
from strikelean.report.digits import number, signed
from strikelean.report.figures import (
    STANCE,
    Curves,
    Members,
    Panel,
    as_svg,
    difference_curves,
    draw_strikes,
    draw_waveforms,
    group_curves,
    mean_and_spread,
)
from strikelean.report.plans import MEASURED, PLANS, Plan
from strikelean.report.waveforms import bars, waveform_lines

Take = Callable[[str, Callable[[], "Picture | None"], None], "Picture | None"]


@dataclass(frozen=True)
class Picture:
    """A finished figure for the page.

    Attributes:
        title, basis, see: as in its plan.
        here: lines with what this cohort shows.
        svg: the drawing.
        tests: lines with what tests of the whole curves say.
        lead: what the lines of ``here`` are, where they are no largest values of mean lines.
        table: the numbers drawn, a header first.
        difference: drawing of each condition less the reference; empty without conditions.
        differences: lines with where each is largest.
        reference: what was taken off.
        difference_table: the numbers of that drawing, a header first.
    """

    title: str
    basis: str
    see: str
    here: tuple[str, ...]
    svg: str
    tests: tuple[str, ...] = ()
    lead: str = ""
    table: tuple[tuple[str | float | None, ...], ...] = ()
    difference: str = ""
    differences: tuple[str, ...] = ()
    reference: str = ""
    difference_table: tuple[tuple[str | float | None, ...], ...] = ()

    @property
    def tables(self) -> dict[str, list[list[str | float | None]]]:
        """The numbers of its drawings, by their names."""
        found = {self.name: self.table, f"{self.name}-differences": self.difference_table}
        return {name: [list(row) for row in rows] for name, rows in found.items() if rows}

    @property
    def name(self) -> str:
        """Its name in addresses and of its files."""
        return re.sub(r"[^a-z0-9]+", "-", self.title.lower()).strip("-")


def _peak(curves: Curves, unit: str) -> str:
    """Return in words where each group's mean curve is largest, or that it is broken."""
    parts = []
    for label, own in curves.items():
        mean, _ = mean_and_spread(own)
        name = _short(label)
        known = np.isfinite(mean)
        if not known.any():
            parts.append(f"{name} nowhere known for all runners")
            continue
        place = int(np.nanargmax(mean))
        beside = mean[max(place - 1, 0) : place + 2]
        broken = not np.isfinite(beside).all()
        value = f"{number(float(mean[place]))} {unit}"
        text = f"{name} {value} (at {STANCE[place]:.0f} %)"
        parts.append(f"{name} line breaks off at {value}" if broken else text)
    return "; ".join(parts)


def rounded_cell(value: float) -> float | None:
    """Return a number with four significant digits as a file has it, None where unknown."""
    return float(f"{value:.4g}") if np.isfinite(value) else None


def _table(drawn: Sequence[tuple[Panel, Curves]]) -> tuple[tuple[str | float | None, ...], ...]:
    """Return the lines and bands of a figure, a column each, a row a percent of stance."""
    header, columns = ["stance_percent"], [STANCE]
    for panel, curves in drawn:
        for label, own in curves.items():
            for name, values in zip(("mean", "sd"), mean_and_spread(own), strict=True):
                header.append(f"{panel.title}, {panel.unit}: {label} {name}")
                columns.append(values)
    rows = (tuple(rounded_cell(float(v)) for v in row) for row in zip(*columns, strict=True))
    return (tuple(header), *rows)


def _finished(
    plan: Plan,
    drawn: Sequence[tuple[Panel, Curves]],
    order: Sequence[str],
    tests: pd.DataFrame | None,
    *,
    with_differences: bool,
) -> Picture:
    here = tuple(f"{panel.title}: {_peak(curves, panel.unit)}" for panel, curves in drawn)
    names = ", ".join(panel.title for panel, _ in drawn)
    drawn_as = "mean" if with_differences else "mean and standard deviation"
    alt = f"{plan.title}. Curves over stance, {drawn_as}: {names}. "
    alt += f"Largest values: {'. '.join(here)}."
    found = {} if tests is None else bars(tests)
    named = [(panel.quantity, panel.title) for panel, _ in drawn]
    lines = () if tests is None else tuple(waveform_lines(tests, named))
    # where differences are drawn beside, the spread between runners only hides the lines
    figure = draw_waveforms(
        drawn, order, share_y=plan.share_y, bars=found, spread=not with_differences
    )
    svg = as_svg(figure, plan.title, alt)
    return Picture(plan.title, plan.basis, plan.see, here, svg, lines, table=_table(drawn))


def _largest(curves: Curves, unit: str) -> str:
    """Return in words where each group's mean difference is largest, either way."""
    parts = []
    for label, own in curves.items():
        mean, _ = mean_and_spread(own)
        if not np.isfinite(mean).any():
            continue
        place = int(np.nanargmax(np.abs(mean)))
        value = number(float(mean[place]))
        parts.append(f"{_short(label)} {value} {unit} (at {STANCE[place]:.0f} %)")
    return "; ".join(parts) or "nowhere known for all runners"


def _short(label: str) -> str:
    """Return a group's name without what it reached and how many they are."""
    return label.split(" (n = ")[0].split(", ")[0]


def _with_differences(
    picture: Picture,
    plan: Plan,
    drawn: Sequence[tuple[Panel, Curves]],
    order: Sequence[str],
    reference: str,
) -> Picture:
    """Return a picture with the figure of differences beside that of levels."""
    lines = tuple(f"{panel.title}: {_largest(curves, panel.unit)}" for panel, curves in drawn)
    taken = _short(reference)
    title = f"{plan.title}, each condition less {taken}"
    alt = f"{title}. Mean and standard deviation over the runners' own differences. Largest: "
    figure = draw_waveforms(drawn, order, share_y=plan.share_y)
    svg = as_svg(figure, title, f"{alt}{'. '.join(lines)}.")
    return replace(
        picture,
        difference=svg,
        differences=lines,
        reference=taken,
        difference_table=_table(drawn),
    )


def _drawn(
    panels: Sequence[Panel],
    waveforms: Mapping[str, Waveform],
    groups: Members,
    masses_kg: Mapping[str, float],
) -> list[tuple[Panel, Curves]]:
    found = [(panel, group_curves(waveforms, groups, panel, masses_kg)) for panel in panels]
    return [(panel, curves) for panel, curves in found if curves]


def waveform_pictures(
    waveforms: Mapping[str, Waveform],
    groups: Members,
    masses_kg: Mapping[str, float],
    tests: pd.DataFrame | None = None,
    take: Take = lambda name, make, instead: make(),
    reference: str = "",
) -> list[Picture]:
    """Return the figures of waveforms that have data.

    Args:
        waveforms: of ``cohort.h5``.
        groups: ``{label: [(subject, trials), ...]}``.
        masses_kg: by subject.
        tests: waveform_tests.csv, for bars where groups differ; None draws none.
        take: makes each figure under its title, or gives None instead.
        reference: label of the condition that is taken off the others in a second drawing;
            empty where groups are no conditions of the same runners.
    """

    def finished(plan: Plan) -> Picture | None:
        drawn = _drawn(plan.panels, waveforms, groups, masses_kg)
        if not drawn:
            return None
        own = [
            (panel, difference_curves(waveforms, groups, reference, panel, masses_kg))
            for panel in (plan.panels if reference else ())
        ]
        own = [(panel, curves) for panel, curves in own if curves]
        picture = _finished(plan, drawn, list(groups), tests, with_differences=bool(own))
        return _with_differences(picture, plan, own, list(groups), reference) if own else picture

    pictures = (take(plan.title, partial(finished, plan), None) for plan in PLANS)
    return [picture for picture in pictures if picture is not None]


def _strike_line(label: str, known: pd.DataFrame) -> str:
    """Return in words how a group lands."""
    angle, index = known["foot_strike_angle_contact"], known["strike_index_contact"]
    here = (
        f"{label}: angles from {signed(angle.min(), 0)} to {signed(angle.max(), 0)} deg, strike "
        f"index from {signed(index.min(), 0)} to {signed(index.max(), 0)} %"
    )
    if len(known) > 2 and angle.std() > 0 and index.std() > 0:
        here += f", correlation {signed(float(np.corrcoef(angle, index)[0, 1]), 2)}"
    return here


def strike_picture(groups: Mapping[str, pd.DataFrame]) -> Picture | None:
    """Return foot-strike angle against strike index, or None where neither is known.

    Args:
        groups: by label, one row per runner, one column per metric.
    """
    wanted = ["foot_strike_angle_contact", "strike_index_contact"]
    having = {label: own for label, own in groups.items() if set(wanted) <= set(own.columns)}
    known = {label: own[wanted].dropna() for label, own in having.items()}
    figure = draw_strikes(known)
    if figure is None:
        return None
    here = tuple(_strike_line(label, own) for label, own in known.items() if len(own))
    title = "Foot-strike angle and strike index"
    see = (
        "Two independent views of one landing, from markers and from forces: heel strikers at the "
        "lower right, forefoot strikers at the upper left. A runner off that diagonal deserves a "
        "look at the recording."
    )
    alt = f"{title}, one mark a runner. {'; '.join(here)}."
    svg = as_svg(figure, title, alt)
    rows = tuple(
        (str(subject), label, *(rounded_cell(float(value)) for value in row))
        for label, own in known.items()
        for subject, row in zip(own.index, own.to_numpy(), strict=True)
    )
    table = (("runner", "group", "foot_strike_angle_deg", "strike_index_percent"), *rows)
    return Picture(title, MEASURED, see, here, svg, lead="by group", table=table)
