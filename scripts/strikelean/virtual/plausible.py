"""Whether virtual heel strikers run as recorded ones do: plausibility.csv.

Recorded heel strikers are kept as group statistics alone: mean and spread of runners, and the 5th
and 95th percentile of all their steps. Percentiles of so few runners' means would be hardly more
than the two outermost runners, and leave out most of a group that they were taken from.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from strikelean.errors import ConfigError, RecordingError
from strikelean.formats.files import write_table, write_text
from strikelean.lab.strike_classes import REARFOOT_ABOVE_DEG
from strikelean.loads.cohort import read_metrics
from strikelean.virtual.gait_statistics import MIN_RUNNERS
from strikelean.virtual.settings import HABITUAL

STRIKE_ANGLE = "foot_strike_angle_contact"
# Angles at contact and at their peak, moments and ground forces at their peak: at contact, 50 N of
# vertical force, moments and forces are nothing by definition.
ANGLES = (
    "hip_flexion",
    "hip_adduction",
    "hip_internal_rotation",
    "knee_flexion",
    "ankle_dorsiflexion",
    "subtalar_inversion",
    "pelvis_anterior_tilt",
    "pelvis_contralateral_drop",
)
MOMENTS = (
    "hip_extension_moment_peak_per_kg",
    "hip_adduction_moment_minimum_per_kg",
    "hip_internal_rotation_moment_peak_per_kg",
    "knee_extension_moment_peak_per_kg",
    "ankle_plantarflexion_moment_peak_per_kg",
    "subtalar_inversion_moment_peak_per_kg",
)
GROUND = (
    "ground_vertical_force_peak_bw",
    "ground_impact_force_peak_bw",
    "ground_braking_force_peak_bw",
    "ground_propulsive_force_peak_bw",
)
QUANTITIES = (
    STRIKE_ANGLE,
    *(f"{name}_angle_{at}" for name in ANGLES for at in ("contact", "peak")),
    *MOMENTS,
    *GROUND,
)
RANGE_COLUMNS = ("metric", "unit", "runners", "steps", "mean", "sd_runners", "p05", "p95")
COLUMNS = (
    "metric",
    "unit",
    "recorded_runners",
    "recorded_mean",
    "recorded_sd",
    "recorded_p05",
    "recorded_p95",
    "virtual_runners",
    "virtual_mean",
    "virtual_sd",
    "virtual_outside",
)


def _means(steps: pd.DataFrame) -> pd.DataFrame:
    """Return the mean of each runner's steps, both feet, runners by metrics."""
    return steps.pivot_table("value", "subject", "metric", "mean")


def build_ranges(metrics_csv: Path, source: str, output: Path) -> None:
    """Write how recorded heel strikers run, as group statistics.

    Args:
        metrics_csv: of a cohort of recorded runners; heel strikers are those whose mean
            foot-strike angle says so.
        source: where the recordings come from, for the header.
        output: table written, the columns ``RANGE_COLUMNS``.

    Raises:
        RecordingError: fewer than five heel strikers, or a quantity is missing.
    """
    table = read_metrics(metrics_csv)
    table = table[table["metric"].isin(QUANTITIES) & ~table["trial"].str.contains("~")]
    means = _means(table)
    heel = means.index[means[STRIKE_ANGLE] > REARFOOT_ABOVE_DEG]
    missing = [name for name in QUANTITIES if name not in means or means[name][heel].isna().any()]
    if len(heel) < MIN_RUNNERS or missing:
        raise RecordingError(
            "build_ranges",
            f"at least {MIN_RUNNERS} heel strikers with every quantity",
            f"{len(heel)}, without {', '.join(missing) or 'none'}",
            "Add runners: statistics of fewer would show a single runner",
        )
    own = table[table["subject"].isin(heel)].dropna(subset="value")
    rows = []
    for name in QUANTITIES:
        steps = own[own["metric"] == name]
        values = steps["value"].to_numpy(dtype=np.float64)
        low, high = np.percentile(values, [5.0, 95.0])
        spread = float(means[name][heel].std())
        told = (name, steps["unit"].iloc[0], len(heel), len(values), means[name][heel].mean())
        rows.append((*told, spread, low, high))
    frame = pd.DataFrame(rows, columns=list(RANGE_COLUMNS))
    header = (
        "# Recorded heel strikers: runners' mean and spread, 5th and 95th percentile of steps.\n"
        f"# source: {source}\n"
    )
    text = frame.to_csv(index=False, float_format="%.4g", lineterminator="\n")
    write_text(output, header + text)


def read_ranges(path: Path) -> pd.DataFrame:
    """Read a table of :func:`build_ranges`, indexed by metric.

    Raises:
        ConfigError: no such file, or not such a table.
    """
    table = pd.read_csv(path, comment="#") if path.is_file() else pd.DataFrame()
    if list(table.columns) != list(RANGE_COLUMNS):
        raise ConfigError(
            "read_ranges",
            f"a table of recorded heel strikers {path}, columns {', '.join(RANGE_COLUMNS)}",
            "another" if path.is_file() else "no such file",
            "Set virtual.ranges to a delivered one, or build it: make templates DATA=...",
        )
    return table.set_index("metric")


def plausibility(metrics: pd.DataFrame, ranges: pd.DataFrame) -> pd.DataFrame:
    """Return each quantity of virtual heel strikers beside the recorded ones'.

    Args:
        metrics: metrics.csv of virtual runners.
        ranges: of :func:`read_ranges`.

    Returns:
        The columns ``COLUMNS``; ``virtual_outside`` counts runners whose mean lies outside the
        5th to 95th percentile of recorded steps.
    """
    own = metrics[(metrics["condition"] == HABITUAL) & metrics["metric"].isin(ranges.index)]
    means = _means(own).reindex(columns=ranges.index)
    rows = []
    for name, recorded in ranges.iterrows():
        values = means[name].dropna().to_numpy(dtype=np.float64)
        outside = (values < recorded["p05"]) | (values > recorded["p95"])
        spread = float(np.std(values, ddof=1)) if len(values) > 1 else np.nan
        mean = float(values.mean()) if len(values) else np.nan
        known = [recorded[key] for key in ("unit", "runners", "mean", "sd_runners", "p05", "p95")]
        rows.append((name, *known, len(values), mean, spread, int(outside.sum())))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def outside_share(table: pd.DataFrame) -> float:
    """Return the share of runner-quantity pairs outside the recorded percentiles."""
    return float(table["virtual_outside"].sum() / max(int(table["virtual_runners"].sum()), 1))


def spread_ratio(table: pd.DataFrame) -> float:
    """Return the virtual runners' spread over the recorded ones', geometric mean of quantities."""
    ratio = (table["virtual_sd"] / table["recorded_sd"]).to_numpy(dtype=np.float64)
    known = ratio[np.isfinite(ratio) & (ratio > 0.0)]
    return float(np.exp(np.log(known).mean())) if known.size else float("nan")


def check_plausibility(metrics_csv: Path, ranges_csv: Path, output: Path) -> str:
    """Write plausibility.csv and return its sum in a sentence."""
    table = plausibility(read_metrics(metrics_csv), read_ranges(ranges_csv))
    write_table(table, output)
    return (
        f"{100.0 * outside_share(table):.0f} % of runner-quantity pairs outside the recorded 5th "
        f"to 95th percentile, spread {spread_ratio(table):.2f} of the recorded runners'"
    )
