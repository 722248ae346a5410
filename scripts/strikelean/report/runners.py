"""Who is in, who is out and why, and what the runners did."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd

from strikelean.report.digits import UNKNOWN, count, known, number, rounded
from strikelean.report.groups import strike_class, words
from strikelean.studies.cohort import STRIKE_ANGLE, condition_key

_NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?")

RESERVE_USUAL = 0.10
"""Share of a joint's peak moment that helpers may carry, by OpenSim's best-practice page."""
# metric, heading, decimals, factor
DID = (
    ("running_speed", "speed, m/s", 2, 1.0),
    ("step_rate", "step rate, 1/min", 0, 1.0),
    ("contact_time", "contact, ms", 0, 1000.0),
    (STRIKE_ANGLE, "foot-strike angle, deg", 1, 1.0),
    ("strike_index_contact", "strike index, %", 0, 1.0),
    ("ground_impact_peak_present", "impact peak, % of steps", 0, 100.0),
)


def _cell(value: object) -> str:
    return value if isinstance(value, str) and value else UNKNOWN


def used_rows(quality: pd.DataFrame) -> list[dict[str, str]]:
    """Return the trials in use as printed cells."""
    rows = []
    for _, row in quality[quality["included"] == "yes"].iterrows():
        figures = row.to_dict()

        def scaled(name: str, factor: float, have: dict[Any, Any] = figures) -> object:
            return factor * have[name] if known(have.get(name)) else None

        right, left = (
            f"{count(figures.get(f'reported_steps_{side}'))} of "
            f"{count(figures.get(f'valid_steps_{side}'))}"
            for side in ("right", "left")
        )
        rows.append(
            {
                "subject": str(row["subject"]),
                "trial": str(row["trial"]),
                "right": right,
                "left": left,
                "strike": f"{_cell(figures.get('strike_class_right'))} / "
                f"{_cell(figures.get('strike_class_left'))}",
                "marker_mm": rounded(scaled("marker_rms_m", 1000.0), 0),
                "lag_ms": rounded(scaled("lag_s", 1000.0), 0),
                "residual_n": count(figures.get("residual_force_rms_n")),
                "reserves": rounded(scaled("reserves_carry_share", 100.0), 0),
            }
        )
    return rows


def excluded_rows(quality: pd.DataFrame) -> list[dict[str, str]]:
    """Return the excluded trials with their reasons."""
    return [
        {"subject": str(row["subject"]), "trial": str(row["trial"]), "reason": _cell(row["reason"])}
        for _, row in quality[quality["included"] != "yes"].iterrows()
    ]


def warning_rows(quality: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the warnings of the trials in use, each once, with its range and its trials.

    Warnings that differ only in their numbers are one; a number that varies becomes a range.
    """
    found: dict[str, list[tuple[str, list[str]]]] = {}
    for _, row in quality[quality["included"] == "yes"].iterrows():
        text = row["warnings"] if isinstance(row["warnings"], str) else ""
        for warning in (part.strip() for part in text.split(";")):
            if warning:
                numbers = _NUMBER.findall(warning)
                where = f"{row['subject']} {row['trial']}"
                found.setdefault(_NUMBER.sub("\0", warning), []).append((where, numbers))
    rows = []
    for pattern, cases in sorted(found.items(), key=lambda item: (-len(item[1]), item[0])):
        text = pattern
        for values in zip(*(numbers for _, numbers in cases), strict=True):
            low, high = min(values, key=float), max(values, key=float)
            text = text.replace("\0", low if float(low) == float(high) else f"{low} to {high}", 1)
        rows.append({"text": text, "trials": list(dict.fromkeys(where for where, _ in cases))})
    return rows


def weak_muscles_words(quality: pd.DataFrame) -> str:
    """Return as a sentence in how many trials the model's muscles were too weak, '' where in none.

    Args:
        quality: quality.csv; ``reserve_peak_share`` is the largest share of a joint's peak moment
            that helper actuators carried.
    """
    used = quality[quality["included"] == "yes"]
    if "reserve_peak_share" not in used:
        return ""
    weak = used.loc[used["reserve_peak_share"] > RESERVE_USUAL, "reserve_peak_share"]
    if weak.empty:
        return ""
    low, high = (f"{100.0 * share:.0f}" for share in (weak.min(), weak.max()))
    return (
        f"In {len(weak)} of {len(used)} trials the model's muscles were too weak somewhere, so "
        "take muscle forces with care: at their largest, "
        f"{low if low == high else f'{low} to {high}'} % of a joint's peak moment had to be added "
        f"(usual: {100.0 * RESERVE_USUAL:.0f} %). Moments, and the kneecap stress worked out from "
        "the knee's moment, use no muscle forces and are not affected."
    )


def did_rows(runs: pd.DataFrame) -> list[dict[str, Any]]:
    """Return what every runner did, both feet averaged.

    Args:
        runs: one row per runner, or per runner and condition, one column per metric.
    """
    rows = []
    order = list(runs.index)
    if runs.index.nlevels > 1:
        order.sort(key=lambda place: (place[0], condition_key(str(place[1]))))
    for place, row in runs.loc[order].iterrows():
        subject, condition = place if isinstance(place, tuple) else (place, "")
        cells = [
            rounded(factor * row[name], decimals) if name in runs and known(row[name]) else UNKNOWN
            for name, _, decimals, factor in DID
        ]
        angle = float(row[STRIKE_ANGLE]) if STRIKE_ANGLE in runs else float("nan")
        rows.append(
            {
                "subject": str(subject),
                "condition": words(str(condition)),
                "cells": cells,
                "strike": strike_class(angle),
            }
        )
    return rows


def speed_words(runners: pd.DataFrame) -> str:
    """Return the runners' speeds in words."""
    if "running_speed" not in runners or runners["running_speed"].dropna().empty:
        return "The running speed is not known."
    speeds = runners["running_speed"].dropna()
    low, high = number(float(speeds.min())), number(float(speeds.max()))
    if low == high:
        return f"Running speed {low} m/s."
    return f"Running speed {number(float(np.mean(speeds)))} m/s on average, {low} to {high} m/s."
