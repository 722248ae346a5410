"""The page's part on virtual runners' truth: what recordings give back of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from strikelean.report.digits import count, number
from strikelean.report.parts import read_table
from strikelean.virtual.settings import trial_of

# As a reader looks for them: angles, moments, forces within, then what a contact is judged by.
SHOWN = {
    "hip_flexion_angle": "hip flexion",
    "knee_flexion_angle": "knee flexion",
    "ankle_dorsiflexion_angle": "ankle dorsiflexion",
    "trunk_lean_torso_axis_angle": "trunk lean",
    "hip_extension_moment": "hip extension moment",
    "knee_extension_moment": "knee extension moment",
    "ankle_plantarflexion_moment": "ankle plantarflexion moment",
    "knee_extension_moment_peak": "peak knee extension moment",
    "patellofemoral_force_joint_reaction_peak": "peak patellofemoral force",
    "patellofemoral_stress_joint_reaction_powers_peak": "peak patellofemoral stress",
    "tibiofemoral_contact_force_peak": "peak tibiofemoral force",
    "achilles_force_peak": "peak Achilles force",
    "contact_time": "contact time",
    "foot_strike_angle_contact": "foot-strike angle",
}
LABORATORIES = {
    "matched_noise_free": "no flaws",
    "matched": "realistic flaws",
    "mismatched": "realistic flaws, another body",
}


def recovery_rows(recovery_csv: Path, trial: str = "heel_strike") -> list[dict[str, Any]]:
    """Return errors of the habitual trial by laboratory, as printed.

    Args:
        recovery_csv: the cohort's recovery.csv.
        trial: which trial, one that every laboratory records.

    Returns:
        One row a quantity: its name and unit, and a cell a laboratory with the RMS error, mean
        over runners, and the same in percent of the truth's peak for the worst runner.
    """
    table = read_table(recovery_csv)
    table = table[table["trial"].map(trial_of) == trial]
    rows = []
    for quantity, name in SHOWN.items():
        own = table[table["quantity"] == quantity]
        if own.empty:
            continue
        cells = []
        for laboratory in LABORATORIES:
            part = own[own["laboratory"] == laboratory]
            worst = 100.0 * part["relative_error"].max()
            rms = part["rms"].mean()
            # what the programs alone lose is nothing beside what a laboratory loses
            small = part.empty or worst < 0.01
            cells.append("below 0.01 %" if small else f"{number(rms, 2)} ({number(worst, 2)} %)")
        rows.append({"quantity": name, "unit": own["unit"].iloc[0], "cells": cells})
    return rows


def contrast_rows(recovery_csv: Path) -> list[dict[str, str]]:
    """Return what recordings give back of the differences between conditions, as printed.

    Rows ``a less b`` of recovery.csv: the true difference, what came back of it over all runners,
    and how far off a single runner's is.
    """
    table = read_table(recovery_csv)
    peaks = {name for name in SHOWN if name.endswith("_peak")}
    own = table[table["trial"].str.contains(" less ") & table["quantity"].isin(peaks)]
    rows = []
    key = ["trial", "quantity", "unit", "laboratory"]
    for (trial, quantity, unit, laboratory), part in own.groupby(key, sort=False):
        true, back = part["true_mean"].mean(), part["recovered_mean"].mean()
        share = 100.0 * part["rms"].mean() / abs(true) if true else float("nan")
        rows.append(
            {
                "contrast": str(trial).replace("_", " "),
                "quantity": SHOWN[str(quantity)],
                "unit": str(unit),
                "laboratory": LABORATORIES[str(laboratory)],
                "true": number(true, 3),
                "recovered": number(back, 3),
                "one": f"{number(part['rms'].mean(), 2)} ({number(share, 2)} %)",
                "n": count(len(part)),
            }
        )
    return rows


def plausibility_line(plausibility_csv: Path) -> str:
    """Return in one sentence how virtual heel strikers compare with recorded ones."""
    table = read_table(plausibility_csv)
    outside, pairs = int(table["virtual_outside"].sum()), int(table["virtual_runners"].sum())
    spread = (table["virtual_sd"] / table["recorded_sd"]).median()
    return (
        f"Of {pairs} pairs of a virtual runner and a quantity ({len(table)} angles, moments and "
        f"forces at contact and peak), {outside} lie outside the 5th to 95th percentile of "
        f"recorded heel strikers; virtual runners differ from each other {number(spread, 2)} "
        "times as much as recorded ones do (median over quantities)."
    )
