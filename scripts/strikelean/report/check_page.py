"""The page of a check: what was found of every file, and a picture of every runner."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from strikelean.checking.cohort import EXCLUDED, CohortChecked, Document, worst_first
from strikelean.lab.floor import FROM_CORNERS
from strikelean.markersets import SIDES
from strikelean.motion.marker_errors import FRAMES
from strikelean.report.check_picture import FAR_MM, draw_force, draw_standing
from strikelean.report.digits import UNKNOWN, number, signed
from strikelean.step_pools import KEY

TEMPLATES = Path(__file__).parent / "templates"
RUNNING_FAR_MM = 40.0
"""A marker further from the model while running is warned of in quality.csv."""


def _errors(runner: Document) -> list[dict[str, Any]]:
    """Return the marker errors, one row a marker, the largest first."""
    standing = _standing_errors(runner)
    running: list[dict[str, float]] = [trial["errors_mm"] for trial in runner["trials"]]
    names = {*standing, *(name for own in running for name in own)}
    bodies = runner["standing"]["bodies"] if runner["standing"] else {}

    def size(name: str) -> float:
        return max([standing.get(name, 0.0), *(own.get(name, 0.0) for own in running)])

    return [
        {
            "name": name,
            "body": bodies.get(name, UNKNOWN),
            "cells": [
                _error_cell(standing.get(name), FAR_MM),
                *(_error_cell(own.get(name), RUNNING_FAR_MM) for own in running),
            ],
        }
        for name in sorted(names, key=lambda name: (-size(name), name))
    ]


def _error_cell(error_mm: float | None, far_mm: float) -> dict[str, Any]:
    text = UNKNOWN if error_mm is None else f"{error_mm:.0f}"
    return {"text": text, "far": error_mm is not None and error_mm > far_mm}


def _standing_errors(runner: Document) -> dict[str, float]:
    errors = runner["scaling"].get("static_marker_errors_m", {})
    return {name: 1000.0 * float(error) for name, error in errors.items()}


def _foot(side: str, own: Mapping[str, Any]) -> dict[str, str]:
    angle = own["foot_strike_angle_deg"]
    return {
        "side": side,
        "found": str(own["found"]),
        "valid": str(own["valid"]),
        "selected": str(own["selected"]),
        "angle": UNKNOWN if angle is None else f"{signed(angle, 1)}°",
        "class": own["strike_class"] or UNKNOWN,
        "time": UNKNOWN if own["contact_time_s"] is None else f"{own['contact_time_s']:.3f}",
    }


def _trial(key: str, trial: Document, fate: str) -> dict[str, Any]:
    """Return what the page shows of one trial."""
    refused = Counter(c["reason"] for c in trial["contacts"] if not c["valid"] and c["reason"])
    times = trial["force"].get("recorded_s") if trial["force"] else None
    return {
        "name": trial["trial"],
        "condition": trial["condition"],
        "files": ", ".join(trial["files"]),
        "fate": fate,
        "out": fate == EXCLUDED,
        "force": draw_force(f"{key}-force", trial),
        "recorded": f"{times[0]:.2f} to {times[1]:.2f} s" if times else "",
        "feet": [_foot(side, trial["steps"][side]) for side in SIDES if side in trial["steps"]],
        "refused": [f"{count} \u00d7 {reason}" for reason, count in refused.most_common()],
    }


def _sizes(runner: Document) -> str:
    parts = []
    if runner["mass_kg"]:
        parts.append(f"{number(runner['mass_kg'])} kg")
    if runner["height_m"]:
        parts.append(f"{number(runner['height_m'])} m")
    return ", ".join(
        [*parts, f"marker set {runner['marker_set']}"] if runner["marker_set"] else parts
    )


def _runner(
    place: int, runner: Document, checked: CohortChecked, axes: Mapping[str, str]
) -> dict[str, Any]:
    """Return what the page shows of one runner."""
    key, subject = f"r{place}", str(runner["subject"])
    standing = runner["standing"]
    errors = _standing_errors(runner)
    rows = checked.own_rows(subject)
    trials = [
        _trial(f"{key}t{number}", trial, checked.fates[subject, trial["trial"]])
        for number, trial in enumerate(runner["trials"])
    ]
    return {
        "key": key,
        "name": subject,
        "sizes": _sizes(runner),
        "rows": worst_first(rows),
        "faults": any(row.kind in ("fault", "mistake") for row in rows),
        "warned": any(row.kind == "warning" for row in rows),
        "used": f"{sum(not t['out'] for t in trials)} of {len(trials)}",
        "front": draw_standing(f"{key}-front", standing, errors, "front", axes)
        if standing
        else None,
        "side": draw_standing(f"{key}-side", standing, errors, "side", axes) if standing else None,
        "scaled": bool(standing and standing["lines"]),
        "errors": _errors(runner),
        "trials": trials,
        "pools": [pool for pool in checked.pools if pool.subject == subject],
    }


def _floor(height: object) -> str:
    of_plates = "that of the corners of the plates trodden on"
    return of_plates if height == FROM_CORNERS else f"{height} m over the laboratory's zero"


def check_page(checked: CohortChecked, settings: Mapping[str, Any]) -> str:
    """Return the page; it needs nothing beside it and no network.

    Args:
        checked: the whole check.
        settings: ``cohort``, and ``recording`` with ``axes`` and ``floor_height``.
    """
    axes = settings["recording"]["axes"]
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    runners = [
        _runner(place, runner, checked, axes) for place, runner in enumerate(checked.runners, 1)
    ]
    return environment.get_template("check.html").render(
        cohort=settings["cohort"],
        last_words=checked.last_words(),
        rows=worst_first(checked.rows),
        stopped=checked.stopped,
        clean=sum(not row.kind for row in checked.rows),
        runners=runners,
        axes=axes,
        floor=_floor(settings["recording"]["floor_height"]),
        frames=FRAMES,
        key=KEY,
    )
