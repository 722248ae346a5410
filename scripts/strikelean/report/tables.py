"""Tables of the page, from the cohort's own CSV files; every number is read, none is worked out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

UNKNOWN = "\u2013"

# The metrics a reader looks for first; everything else is in the CSV files.
KEY_METRICS = (
    "foot_strike_angle_contact",
    "contact_time",
    "step_rate",
    "heel_hip_distance_contact",
    "knee_flexion_angle_contact",
    "knee_flexion_angle_peak",
    "knee_extension_moment_peak_per_kg",
    "patellofemoral_stress_net_moment_connolly_peak",
    "patellofemoral_stress_net_moment_powers_peak",
    "patellofemoral_stress_quadriceps_sum_connolly_peak",
    "patellofemoral_stress_quadriceps_sum_powers_peak",
    "patellofemoral_stress_joint_reaction_connolly_peak",
    "patellofemoral_stress_joint_reaction_powers_peak",
    "tibiofemoral_contact_force_peak_bw",
    "ankle_plantarflexion_moment_peak_per_kg",
    "achilles_force_peak_bw",
    "achilles_force_cumulative_per_km_bw",
    "hip_contact_force_peak_bw",
    "ground_vertical_loading_rate_average_bw",
    "ground_vertical_force_peak_bw",
)


def number(value: object, digits: int = 3) -> str:
    """Return a number with so many significant digits, a dash where it is unknown."""
    if value is None or not isinstance(value, (int, float, np.floating, np.integer)):
        return UNKNOWN
    if not np.isfinite(value):
        return UNKNOWN
    if value == 0:
        return "0"
    size = abs(float(value))
    if size >= 10**digits:
        return f"{float(value):.0f}"
    return f"{float(value):.{digits}g}"


def probability(value: object) -> str:
    """Return a p-value."""
    if not isinstance(value, (float, np.floating)) or not np.isfinite(value):
        return UNKNOWN
    return "< 0.001" if value < 0.001 else f"{float(value):.3f}"


def words(metric: str) -> str:
    """Return a metric's name as words."""
    return metric.replace("_", " ")


def interval(low: object, high: object) -> str:
    """Return a confidence interval."""
    return f"{number(low)} to {number(high)}"


def key_rows(table: pd.DataFrame, metrics: Sequence[str] = KEY_METRICS) -> pd.DataFrame:
    """Return the rows of the key metrics, in their order."""
    known = table[table["metric"].isin(list(metrics))]
    order = {name: place for place, name in enumerate(metrics)}
    return known.sort_values("metric", key=lambda names: names.map(order), kind="stable")


def comparison_rows(comparisons: pd.DataFrame) -> list[dict[str, str]]:
    """Return the key comparisons as printed cells."""
    return [
        {
            "metric": words(row["metric"]),
            "unit": str(row["unit"]),
            "contrast": f"{words(row['condition_b'])} less {words(row['condition_a'])}",
            "n": f"{row['n_a']} / {row['n_b']}",
            "difference": number(row["difference"]),
            "interval": interval(row["ci_low"], row["ci_high"]),
            "effect": number(row["effect_size"], 2),
            "p_raw": probability(row["p_raw"]),
            "p_holm": probability(row["p_holm"]),
        }
        for _, row in key_rows(comparisons).iterrows()
    ]


def regression_rows(regressions: pd.DataFrame) -> list[dict[str, str]]:
    """Return the key regressions as printed cells."""
    return [
        {
            "metric": words(row["metric"]),
            "unit": str(row["unit"]),
            "slope": number(row["slope"]),
            "interval": interval(row["ci_low"], row["ci_high"]),
            "n": str(row["n"]),
            "p_raw": probability(row["p_raw"]),
            "p_holm": probability(row["p_holm"]),
        }
        for _, row in key_rows(regressions).iterrows()
    ]


def sign_rows(signs: pd.DataFrame) -> list[dict[str, str]]:
    """Return published against computed effects as printed cells."""
    rows = []
    for _, row in signs.iterrows():
        effect = number(row["published_effect"])
        unit = row["published_unit"] if isinstance(row["published_unit"], str) else ""
        rows.append(
            {
                "study": str(row["study"]),
                "citation": f"{row['citation']} ({row['doi']})",
                "metric": words(str(row["metric"])),
                "published": f"{row['published_direction']}"
                + (f" ({effect} {unit})" if effect != UNKNOWN else ""),
                "level": words(str(row["evidence_level"])),
                "computed": number(row["difference"]),
                "effect": number(row["effect_size"], 2),
                "n": f"{number(row['n_a'])} / {number(row['n_b'])}",
                "same": str(row["same_sign"]),
            }
        )
    return rows


def quality_rows(quality: pd.DataFrame) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """Return used and excluded trials as printed cells."""
    used, excluded = [], []
    for _, row in quality.iterrows():
        cells = {"subject": str(row["subject"]), "trial": str(row["trial"])}
        if row["included"] == "yes":
            right = row.get("valid_steps_right", np.nan)
            left = row.get("valid_steps_left", np.nan)
            cells |= {
                "steps": f"{number(right)} / {number(left)}",
                "strike": f"{row.get('strike_class_right', UNKNOWN)} / "
                f"{row.get('strike_class_left', UNKNOWN)}",
                "marker_mm": number(1000.0 * row.get("marker_rms_m", np.nan)),
                "residual_n": number(row.get("residual_force_rms_n", np.nan)),
                "lag_ms": number(1000.0 * row.get("lag_s", np.nan), 2),
                "warnings": row["warnings"] if isinstance(row["warnings"], str) else "",
            }
            used.append(cells)
        else:
            excluded.append(cells | {"reason": str(row["reason"])})
    return used, excluded
