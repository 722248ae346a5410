"""What the page says of other techniques."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from strikelean.report.predictions import (
    dose_rows,
    own_step_rows,
    pooled_rows,
    strike_rows,
)
from strikelean.studies.dose import DOSE_COLUMNS

KNEE = "knee_extension_moment_peak"


def test_slopes_are_shown_in_percent_and_per_kilometre_in_the_studys_unit(tmp_path: Path) -> None:
    path = tmp_path / "dose_response.csv"
    per_km = f"{KNEE.removesuffix('_peak')}_cumulative_per_km_per_kg"
    rows = [
        (KNEE, "N m", -2.0, -2.4, -1.6, -3.0, -1.0, 8, "", ""),
        (KNEE, "%", -1.0, -1.2, -0.8, -1.5, -0.5, 8, "", ""),
        (per_km, "N m s/(kg km)", -1.4, -1.5, -1.3, -1.8, -1.1, 8, "-1.08", "Braun2024"),
        (per_km, "%", -1.3, -1.4, -1.2, -1.7, -1.0, 8, "", ""),
    ]
    pd.DataFrame(rows, columns=list(DOSE_COLUMNS)).to_csv(path, index=False)
    first, second = dose_rows(path)
    assert (first["unit"], first["slope"]) == ("% per deg", "\u22121.00")
    assert first["band"] == "\u22121.50 to \u22120.50"
    assert second["unit"] == "N m s/(kg km) per deg"
    assert (second["published"], second["source"]) == ("-1.08", "Braun2024")


def test_predicted_strikes_stand_beside_real_ones(tmp_path: Path) -> None:
    path = tmp_path / "strike_check.csv"
    pd.DataFrame(
        [
            {
                "technique": "forefoot",
                "metric": "foot_strike_angle_contact",
                "unit": "deg",
                "status": "imposed",
                "n": 7,
                "asked": -3.7,
                "recorded": 16.31,
                "predicted": 2.94,
                "others": -2.09,
                "n_others": 7,
                "nearer": "yes",
                "runners_nearer": 7,
            }
        ]
    ).to_csv(path, index=False)
    (row,) = strike_rows(path)
    assert (row["recorded"], row["predicted"], row["others"]) == ("16.3", "2.94", "\u22122.09")
    assert (row["technique"], row["asked"]) == ("forefoot", "\u22123.70")
    assert row["runners"] == "7 of 7"


def test_slopes_over_own_steps_stand_beside_what_is_predicted(tmp_path: Path) -> None:
    columns = [
        *("metric", "unit", "covariation", "ci_low", "ci_high", "runners", "steps"),
        *("predicted_intervention", "predicted_low", "predicted_high", "prediction"),
    ]
    rows = [
        ["contact_time", "%/deg", 0.274, 0.07, 0.472, 14, 280, None, None, None, None],
        # neither seen nor predicted: not shown
        ["achilles_force_peak_bw", "%/deg", *[None] * 9],
        ["knee_extension_moment_peak_per_kg", "%/deg", *[None] * 5, 0.789, -0.1, 1.0, "free"],
        ["step_width", "%/deg", 1.0, 0.5, 1.5, 14, 280, None, None, None, None],
    ]
    pd.DataFrame(rows, columns=columns).to_csv(tmp_path / "slopes.csv", index=False)
    first, second = own_step_rows(tmp_path / "slopes.csv")
    assert first["metric"] == "knee extension moment peak"
    assert (first["predicted"], first["band"]) == ("0.79", "\u22120.10 to 1.00")
    assert (first["covariation"], first["runners"], first["status"]) == ("\u2013", "\u2013", "free")
    assert (second["covariation"], second["interval"]) == ("0.27", "0.07 to 0.47")
    assert (second["runners"], second["steps"], second["predicted"]) == ("14", "280", "\u2013")


def test_pooled_effects_say_whether_the_band_holds_the_mean_or_why_nothing_can(
    tmp_path: Path,
) -> None:
    row = {
        "contrast": "cadence against heel_strike",
        "quantity": "peak load",
        "metric": "knee_extension_moment_peak_per_kg",
        "k": 4,
        "pooled": -12.86,
        "ci_low": -21.34,
        "ci_high": -4.37,
    }
    here = {"computed": -11.56, "band_low": -13.74, "band_high": -7.79, "covered": "yes"}
    table = pd.DataFrame([row | here, row | {"reason": "not testable here (why)"}])
    table.to_csv(tmp_path / "summary.csv", index=False)
    answered, unanswered = pooled_rows(tmp_path / "summary.csv")
    assert (answered["k"], answered["pooled"]) == ("4", "\u221212.9")
    assert (answered["computed"], answered["band"]) == ("\u221211.6", "\u221213.7 to \u22127.8")
    assert (answered["covered"], answered["reason"]) == ("yes", "")
    assert (unanswered["computed"], unanswered["covered"]) == ("\u2013", "")
    assert unanswered["reason"] == "not testable here (why)"
