"""The page's part on other techniques: lean by lean, and predicted strikes beside real ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from strikelean.report.claims import spoken
from strikelean.report.digits import (
    count,
    interval,
    interval_decimals,
    known,
    number,
    rounded,
)
from strikelean.report.parts import read_table

ANGLE, PERCENT, SOLVED = "trunk_lean_change_deg", "%", ("solved", "stretch")
MODEL = "model prediction"
# What a lean does to the knee by every kind of estimate, and what it costs elsewhere.
SHOWN = {
    "knee_extension_moment_peak": "peak knee extension moment",
    "patellofemoral_stress_net_moment_powers_peak": "peak kneecap stress, net moment",
    "patellofemoral_stress_joint_reaction_powers_peak": "peak kneecap stress, joint reaction",
    "hip_extension_moment_peak": "peak hip extension moment",
    "lumbar_extension_moment_peak": "peak lumbar moment",
    "achilles_force_peak": "peak Achilles force",
}
# against the foot-strike angle over a runner's own steps
OVER_STEPS = (
    "knee_extension_moment_peak_per_kg",
    "knee_extension_moment_impulse_per_kg",
    "knee_net_abduction_moment_peak_per_kg",
    "ankle_plantarflexion_moment_peak_per_kg",
    "patellofemoral_stress_net_moment_powers_peak",
    "achilles_force_peak_bw",
    "ground_vertical_force_loading_rate_average_bw",
    "contact_time",
)
SLOPES = {
    **SHOWN,
    "knee_extension_moment_cumulative_per_km_per_kg": "knee extension impulse per kilometre",
    "hip_extension_moment_cumulative_per_km_per_kg": "hip extension impulse per kilometre",
}


def _once(sources: str | float) -> str:
    """Return names in one cell, each once."""
    return "" if pd.isna(sources) else ", ".join(dict.fromkeys(str(sources).split("; ")))


def dose_rows(dose_csv: Path) -> list[dict[str, Any]]:
    """Return the slopes per degree that are shown, as printed."""
    table = read_table(dose_csv, {"published": str, "source": str})
    rows = []
    for metric, name in SLOPES.items():
        per_km = "per_km" in metric
        own = table[(table["metric"] == metric) & ((table["unit"] == PERCENT) != per_km)]
        for row in own.to_dict("records"):
            decimals = interval_decimals(row["band_low"], row["band_high"])
            rows.append(
                {
                    "metric": name,
                    "unit": f"{row['unit']} per deg",
                    "slope": rounded(row["slope_per_deg"], decimals),
                    "band": interval(row["band_low"], row["band_high"], decimals),
                    "interval": interval(row["ci_low"], row["ci_high"], decimals),
                    "n": int(row["n"]),
                    "published": "" if pd.isna(row["published"]) else row["published"],
                    "source": _once(row["source"]),
                }
            )
    return rows


def own_step_rows(slopes_csv: Path) -> list[dict[str, Any]]:
    """Return the slopes over runners' own steps that are shown, beside what is predicted."""
    table = read_table(slopes_csv).set_index("metric")
    rows = []
    for metric in OVER_STEPS:
        if metric not in table.index:
            continue
        row = table.loc[metric]
        if not (known(row["covariation"]) or known(row["predicted_intervention"])):
            continue
        rows.append(
            {
                "metric": spoken(metric),
                "unit": row["unit"],
                "covariation": rounded(row["covariation"], 2),
                "interval": interval(row["ci_low"], row["ci_high"], 2),
                "runners": count(row["runners"]),
                "steps": count(row["steps"]),
                "predicted": rounded(row["predicted_intervention"], 2),
                "band": interval(row["predicted_low"], row["predicted_high"], 2),
                "status": "" if pd.isna(row["prediction"]) else row["prediction"],
            }
        )
    return rows


def pooled_rows(summary_csv: Path) -> list[dict[str, Any]]:
    """Return what several studies say together beside what is computed, as printed."""
    return [
        {
            "contrast": row["contrast"].replace("_", " "),
            "quantity": row["quantity"],
            "metric": spoken(str(row["metric"])),
            "k": count(row["k"]),
            "pooled": rounded(row["pooled"], 1),
            "interval": interval(row["ci_low"], row["ci_high"], 1),
            "computed": rounded(row["computed"], 1),
            "band": interval(row["band_low"], row["band_high"], 1),
            "covered": "" if pd.isna(row["covered"]) else row["covered"],
            "reason": "" if pd.isna(row["reason"]) else row["reason"],
        }
        for row in read_table(summary_csv, {"covered": str, "reason": str}).to_dict("records")
    ]


def strike_rows(strike_csv: Path) -> list[dict[str, Any]]:
    """Return predicted strikes beside real ones, as printed."""
    table = read_table(strike_csv)
    return [
        {
            "metric": spoken(str(row["metric"])),
            "technique": row["technique"],
            "unit": row["unit"],
            "status": row["status"],
            "asked": number(row["asked"]),
            "recorded": number(row["recorded"]),
            "predicted": number(row["predicted"]),
            "others": number(row["others"]),
            "nearer": row["nearer"] if row["nearer"] == row["nearer"] else "",
            "runners": f"{count(row['runners_nearer'])} of {count(row['n'])}",
        }
        for row in table.to_dict("records")
    ]
