"""The page of a cohort: who, what they did, loads, comparisons, methods, limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from strikelean.formats.files import write_text
from strikelean.formats.hdf5 import Waveform, read_waveforms
from strikelean.report.figures import Panel, Picture, as_png, draw_strikes, draw_waveforms
from strikelean.report.tables import (
    comparison_rows,
    quality_rows,
    regression_rows,
    sign_rows,
    words,
)
from strikelean.studies.compare import by_subject, runner_means, strike_groups

TEMPLATES = Path(__file__).parent / "templates"
METHODS = ("net_moment", "quadriceps_sum", "joint_reaction")
CURVES = ("connolly", "powers")

MOTION_PANELS = (
    Panel("ground_vertical_force", "vertical ground force", 1e-3, "kN"),
    Panel("knee_flexion_angle", "knee flexion", 1.0, "deg"),
    Panel("ankle_dorsiflexion_angle", "ankle dorsiflexion", 1.0, "deg"),
    Panel("knee_extension_moment", "knee extension moment", 1.0, "N m"),
    Panel("ankle_plantarflexion_moment", "ankle plantarflexion moment", 1.0, "N m"),
    Panel("hip_extension_moment", "hip extension moment", 1.0, "N m"),
)
LOAD_PANELS = (
    Panel("tibiofemoral_contact_force", "tibiofemoral force", 1e-3, "kN"),
    Panel("ankle_contact_force", "ankle force", 1e-3, "kN"),
    Panel("achilles_force", "Achilles tendon force", 1e-3, "kN"),
)
STRESS_PANELS = tuple(
    Panel(
        f"patellofemoral_stress_{method}_{curve}",
        f"{method.replace('_', ' ')}, {curve.capitalize()} area",
        1.0,
        "MPa",
    )
    for curve in CURVES
    for method in METHODS
)
FORCE_PANELS = tuple(
    Panel(f"patellofemoral_force_{method}", method.replace("_", " "), 1e-3, "kN")
    for method in METHODS
)

Members = dict[str, list[tuple[str, list[str]]]]


def page_groups(metrics: pd.DataFrame) -> Members:
    """Return ``{label: [(subject, trials)]}``: strike classes, or conditions within runners.

    Conditions are the groups where some runner has several; else runners are grouped by their
    mean foot-strike angle.
    """
    trials = metrics[["subject", "trial", "condition"]].drop_duplicates()
    groups: Members = {}
    several = trials.groupby("subject")["condition"].nunique().gt(1).any()
    if several:
        for (condition, subject), own in trials.groupby(["condition", "subject"]):
            members = groups.setdefault(words(str(condition)), [])
            members.append((str(subject), own["trial"].astype(str).tolist()))
        return groups
    classes = strike_groups(by_subject(runner_means(metrics)))
    for subject, own in trials.groupby("subject"):
        label = str(classes.get(subject, "")) or "strike unknown"
        members = groups.setdefault(words(label), [])
        members.append((str(subject), own["trial"].astype(str).tolist()))
    return dict(sorted(groups.items(), reverse=True))


def _picture(
    title: str,
    see: str,
    waveforms: Mapping[str, Waveform],
    groups: Members,
    panels: Sequence[Panel],
) -> Picture | None:
    figure = draw_waveforms(waveforms, groups, panels)
    if figure is None:
        return None
    names = ", ".join(panel.title for panel in panels)
    sizes = ", ".join(f"{label} n = {len(members)}" for label, members in groups.items())
    alt = f"Mean and standard deviation over stance of {names}; groups: {sizes}."
    return Picture(title, see, alt, as_png(figure))


def _pictures(waveforms: Mapping[str, Waveform], groups: Members) -> list[Picture]:
    made = [
        _picture(
            "Ground force, angles and net moments",
            "A heel striker's vertical force often has an early shoulder; a forefoot striker's "
            "ankle starts in plantarflexion. Net moments need no muscle model.",
            waveforms,
            groups,
            MOTION_PANELS,
        ),
        _picture(
            "Patellofemoral force, three methods",
            "The same steps by three methods, which do not agree on the size: compare within one "
            "panel only.",
            waveforms,
            groups,
            FORCE_PANELS,
        ),
        _picture(
            "Patellofemoral stress, three methods and two contact-area curves",
            "A curve ends where knee flexion leaves the range in which its contact area was "
            "measured (45 deg for Connolly, 75 deg for Powers 1998).",
            waveforms,
            groups,
            STRESS_PANELS,
        ),
        _picture(
            "Loads at knee and ankle",
            "What a technique takes from the knee it may hand to the ankle and the Achilles "
            "tendon. Model estimates from muscle forces.",
            waveforms,
            groups,
            LOAD_PANELS,
        ),
    ]
    return [picture for picture in made if picture is not None]


def _strike_picture(metrics: pd.DataFrame, groups: Members) -> Picture | None:
    runners = by_subject(runner_means(metrics))
    members = {label: [subject for subject, _ in own] for label, own in groups.items()}
    figure = draw_strikes(runners, members)
    if figure is None:
        return None
    return Picture(
        "How the runners land",
        "Foot-strike angle and strike index agree: heel strikers to the lower right.",
        "Strike index against foot-strike angle, one dot a runner.",
        as_png(figure),
    )


def _flat(settings: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for key, value in settings.items():
        if isinstance(value, Mapping):
            rows += _flat(value, f"{prefix}{key}.")
        else:
            rows.append((f"{prefix}{key}", str(value)))
    return rows


def write_report(
    *,
    output: Path,
    quality: Path,
    metrics: Path,
    waveforms: Path,
    comparisons: Path,
    regressions: Path,
    published_signs: Path,
    metrics_list: Path,
    cohort: str,
    settings: Mapping[str, Any],
) -> None:
    """Write the page, whole or not at all.

    Args:
        output: the HTML file.
        quality, metrics, waveforms, comparisons, regressions, published_signs: the cohort's
            files.
        metrics_list: ``metrics.yaml``, named on the page.
        cohort: name of the run.
        settings: the configuration used.
    """
    table = pd.read_csv(metrics)
    judged = pd.read_csv(quality)
    curves, provenance = read_waveforms(waveforms)
    used, excluded = quality_rows(judged)
    groups = page_groups(table) if len(table) else {}
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined
    )
    assumed = (
        sorted(table.loc[table["basis"] == "assumed", "metric"].unique()) if len(table) else []
    )
    text = environment.get_template("page.html").render(
        cohort=cohort,
        used=used,
        excluded=excluded,
        groups={label: len(members) for label, members in groups.items()},
        steps=len(table[["subject", "trial", "side", "step"]].drop_duplicates()),
        strike=_strike_picture(table, groups) if groups else None,
        pictures=_pictures(curves, groups),
        comparisons=comparison_rows(pd.read_csv(comparisons)),
        regressions=regression_rows(pd.read_csv(regressions)),
        signs=sign_rows(pd.read_csv(published_signs)),
        settings=settings,
        all_settings=_flat(settings),
        assumed=[words(str(name)) for name in assumed],
        metrics_list=metrics_list.name,
        provenance=sorted(provenance.items()),
    )
    write_text(output, text)
