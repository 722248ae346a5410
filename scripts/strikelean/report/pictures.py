"""The page's figures: what they show, what to look for, and what this cohort shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from strikelean.formats.files import whole_file
from strikelean.formats.hdf5 import Waveform, read_waveforms
from strikelean.loads.cohort import read_metrics
from strikelean.loads.patellofemoral import METHODS
from strikelean.report.digits import number, signed
from strikelean.report.figures import (
    STANCE,
    Curves,
    Members,
    Panel,
    as_png,
    as_svg,
    draw_strikes,
    draw_waveforms,
    group_curves,
    mean_and_spread,
)
from strikelean.report.groups import page_groups, trial_masses
from strikelean.report.waveforms import bars, waveform_lines
from strikelean.studies.cohort import build_cohort
from strikelean.studies.pools import pool_waveforms

Take = Callable[[str, Callable[[], "Picture | None"], None], "Picture | None"]
CURVES = {"connolly": "Connolly", "powers": "Powers"}
MEASURED, MECHANICS, MODEL = "measured", "from measurements by mechanics", "model estimate"
METHOD_WORDS = {
    "net_moment": "from the net moment",
    "quadriceps_sum": "from quadriceps forces",
    "joint_reaction": "joint reaction",
}
STRESS_PANELS = tuple(
    Panel(
        f"patellofemoral_stress_{method}_{curve}",
        f"{METHOD_WORDS[method]}, {name} area",
        "MPa",
    )
    for curve, name in CURVES.items()
    for method in METHODS
)


@dataclass(frozen=True)
class Plan:
    """One figure of waveforms.

    Attributes:
        title: heading.
        basis: how far from measurement its numbers are.
        see: what a reader should see in it, whatever the cohort.
        panels: what is drawn.
        share_y: one scale for all panels.
    """

    title: str
    basis: str
    see: str
    panels: tuple[Panel, ...]
    share_y: bool = False


@dataclass(frozen=True)
class Picture:
    """A finished figure for the page.

    Attributes:
        title, basis, see: as in its plan.
        here: lines with what this cohort shows.
        svg: the drawing.
        tests: lines with what tests of the whole curves say.
        lead: what the lines of ``here`` are, where they are no largest values of mean lines.
    """

    title: str
    basis: str
    see: str
    here: tuple[str, ...]
    svg: str
    tests: tuple[str, ...] = ()
    lead: str = ""


PLANS = (
    Plan(
        "Ground force and joint angles",
        MEASURED,
        "One hump of vertical force of two to three body weights. After a heel strike there is "
        "often an early shoulder and the ankle starts bent up; after a forefoot strike it starts "
        "pointed down.",
        (
            Panel("ground_vertical_force", "vertical ground force", "body weights", per="weight"),
            Panel("knee_flexion_angle", "knee flexion", "deg"),
            Panel("ankle_dorsiflexion_angle", "ankle dorsiflexion (toe up)", "deg"),
        ),
    ),
    Plan(
        "Knee out of the plane of running",
        MEASURED,
        "Small angles that carry the sliding of skin over bone: trust a difference in shape more "
        "than one in level. From the knee with three rotations; it takes no part in the loads.",
        (
            Panel("knee_adduction_angle", "knee adduction", "deg"),
            Panel("knee_internal_rotation_angle", "knee internal rotation", "deg"),
        ),
    ),
    Plan(
        "Net joint moments",
        MECHANICS,
        "The turning effect that all tissues of a joint must supply together, by Newton's laws "
        "and without any muscle model. What moves from the knee to the ankle shows as one curve "
        "falling and the other rising.",
        (
            Panel("knee_extension_moment", "knee extension", "N m/kg", per="mass"),
            Panel("ankle_plantarflexion_moment", "ankle plantarflexion", "N m/kg", per="mass"),
            Panel("hip_extension_moment", "hip extension", "N m/kg", per="mass"),
        ),
    ),
    Plan(
        "Force behind the kneecap (patellofemoral), by three methods",
        MODEL,
        "The same steps three times. The methods need not agree on the size; ask whether the "
        "groups differ in the same direction in all three.",
        tuple(
            Panel(
                f"patellofemoral_force_{method}",
                METHOD_WORDS[method],
                "body weights",
                per="weight",
            )
            for method in METHODS
        ),
        share_y=True,
    ),
    Plan(
        "Stress behind the kneecap, by three methods and two contact areas",
        MODEL,
        "Force over contact area. The two area curves can disagree on level and trend. A line "
        "stops where the knee of a runner bends beyond the data of the area curve (45 deg for "
        "Connolly, 75 deg for Powers): nothing is drawn there rather than guessed.",
        STRESS_PANELS,
        share_y=True,
    ),
    Plan(
        "Tibiofemoral, ankle and Achilles forces",
        MODEL,
        "What a way of running takes from the knee it may hand to the ankle and the Achilles "
        "tendon: look for curves that part in opposite directions.",
        (
            Panel("tibiofemoral_contact_force", "tibiofemoral", "body weights", per="weight"),
            Panel("ankle_contact_force", "ankle", "body weights", per="weight"),
            Panel("achilles_force", "Achilles tendon", "body weights", per="weight"),
        ),
    ),
)
RESULT_PANELS = (
    Panel("knee_extension_moment", "knee extension moment", "N m/kg", per="mass"),
    Panel(
        "patellofemoral_stress_joint_reaction_powers",
        "patellofemoral stress\n(joint reaction, Powers area)",
        "MPa",
    ),
    Panel("achilles_force", "Achilles tendon force", "body weights", per="weight"),
)


def _peak(curves: Curves, unit: str) -> str:
    """Return in words where each group's mean curve is largest, or that it is broken."""
    parts = []
    for label, own in curves.items():
        mean, _ = mean_and_spread(own)
        name = label.split(" (n = ")[0]
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


def _finished(
    plan: Plan,
    drawn: Sequence[tuple[Panel, Curves]],
    order: Sequence[str],
    tests: pd.DataFrame | None,
) -> Picture:
    here = tuple(f"{panel.title}: {_peak(curves, panel.unit)}" for panel, curves in drawn)
    names = ", ".join(panel.title for panel, _ in drawn)
    alt = f"{plan.title}. Curves over stance, mean and standard deviation: {names}. "
    alt += f"Largest values: {'. '.join(here)}."
    found = {} if tests is None else bars(tests)
    named = [(panel.quantity, panel.title) for panel, _ in drawn]
    lines = () if tests is None else tuple(waveform_lines(tests, named))
    figure = draw_waveforms(drawn, order, share_y=plan.share_y, bars=found)
    return Picture(plan.title, plan.basis, plan.see, here, as_svg(figure, plan.title, alt), lines)


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
) -> list[Picture]:
    """Return the figures of waveforms that have data.

    Args:
        waveforms: of ``cohort.h5``.
        groups: ``{label: [(subject, trials), ...]}``.
        masses_kg: by subject.
        tests: waveform_tests.csv, for bars where groups differ; None draws none.
        take: makes each figure under its title, or gives None instead.
    """

    def finished(plan: Plan) -> Picture | None:
        drawn = _drawn(plan.panels, waveforms, groups, masses_kg)
        return _finished(plan, drawn, list(groups), tests) if drawn else None

    pictures = (take(plan.title, partial(finished, plan), None) for plan in PLANS)
    return [picture for picture in pictures if picture is not None]


def strike_picture(runners: pd.DataFrame, groups: Members) -> Picture | None:
    """Return foot-strike angle against strike index, or None where neither is known.

    Args:
        runners: one row per runner, one column per metric.
        groups: ``{label: [(subject, trials), ...]}``.
    """
    members = {label: [subject for subject, _ in own] for label, own in groups.items()}
    figure = draw_strikes(runners, members)
    if figure is None:
        return None
    known = runners[["foot_strike_angle_contact", "strike_index_contact"]].dropna()
    angle, index = known["foot_strike_angle_contact"], known["strike_index_contact"]
    here = (
        f"{len(known)} runner{'' if len(known) == 1 else 's'}, angles from "
        f"{signed(angle.min(), 0)} to {signed(angle.max(), 0)} deg, strike index "
        f"from {signed(index.min(), 0)} to {signed(index.max(), 0)} %"
    )
    if len(known) > 2 and angle.std() > 0 and index.std() > 0:
        here += f", correlation {signed(float(np.corrcoef(angle, index)[0, 1]), 2)}"
    title = "Foot-strike angle and strike index"
    see = (
        "Two independent views of one landing, from markers and from forces: heel strikers at the "
        "lower right, forefoot strikers at the upper left. A runner off that diagonal deserves a "
        "look at the recording."
    )
    alt = f"{title}, one mark a runner. {here}."
    return Picture(title, MEASURED, see, (here,), as_svg(figure, title, alt))


def write_result_figure(metrics: Path, waveforms: Path, quality: Path, output: Path) -> None:
    """Write the figure of the read-me: knee moment, kneecap stress, Achilles force by group.

    Args:
        metrics, waveforms, quality: the cohort's metrics.csv, cohort.h5 and quality.csv.
        output: PNG.
    """
    cohort = build_cohort(read_metrics(metrics))
    groups = page_groups(cohort).members
    curves = pool_waveforms(read_waveforms(waveforms)[0], cohort.pools)
    masses = trial_masses(pd.read_csv(quality, dtype={"subject": str, "trial": str}))
    drawn = _drawn(RESULT_PANELS, curves, groups, masses)
    with whole_file(output) as sibling:
        sibling.write_bytes(as_png(draw_waveforms(drawn, list(groups))))
