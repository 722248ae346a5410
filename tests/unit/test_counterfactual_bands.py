"""The band around a prediction: one choice at a time, the widest counts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from strikelean.counterfactual.bands import variants
from strikelean.counterfactual.propose import Choices
from strikelean.declarations import Declaration
from strikelean.loads.metrics_table import Prediction, add_band, band_of, predicted_table
from strikelean.techniques import Technique, parse_technique

KNEE, HIP = "knee_extension_moment_peak", "hip_extension_moment_peak"


def table(**means: float) -> pd.DataFrame:
    """Return metrics of two steps around each mean."""
    rows = [
        ("right", step, name, mean + shift, np.nan, np.nan)
        for name, mean in means.items()
        for step, shift in ((1, -1.0), (2, 1.0))
    ]
    columns = ["side", "step", "metric", "value", "value_low", "value_high"]
    return pd.DataFrame(rows, columns=columns)


def test_the_widest_shift_either_way_is_the_band() -> None:
    central = table(**{KNEE: 200.0, HIP: 90.0})
    band = band_of(
        central,
        {
            "softer": table(**{KNEE: 193.0, HIP: 91.0}),
            "stiffer": table(**{KNEE: 198.0, HIP: 94.0}),
        },
    ).set_index("metric")
    assert (band.loc[KNEE, "below"], band.loc[KNEE, "above"]) == (-7.0, 0.0)
    assert (band.loc[HIP, "below"], band.loc[HIP, "above"]) == (0.0, 4.0)
    assert band.loc[KNEE, "stiffer"] == -2.0


def test_no_other_choice_leaves_no_band() -> None:
    band = band_of(table(**{KNEE: 200.0}), {})
    assert (band.loc[0, "below"], band.loc[0, "above"]) == (0.0, 0.0)


def test_a_bracket_of_its_own_is_kept_inside() -> None:
    metrics = table(**{KNEE: 200.0})
    metrics.loc[0, ["value_low", "value_high"]] = [150.0, 230.0]
    band = pd.DataFrame({"side": ["right"], "metric": [KNEE], "below": [-5.0], "above": [2.0]})
    wide = add_band(metrics, band)
    assert wide["value_low"].tolist() == [145.0, 196.0]
    assert wide["value_high"].tolist() == [232.0, 203.0]


def test_a_band_without_rows_says_nothing() -> None:
    metrics = table(**{KNEE: 200.0})
    empty = pd.DataFrame(columns=["side", "metric", "below", "above"])
    pd.testing.assert_frame_equal(add_band(metrics, empty), metrics)


def test_a_virtual_runners_recording_is_banded_and_nothing_withheld(tmp_path: Path) -> None:
    band = pd.DataFrame([("right", KNEE, -3.0, 2.0)], columns=["side", "metric", "below", "above"])
    band.to_csv(tmp_path / "band.csv", index=False)
    metrics = table(**{KNEE: 200.0, HIP: 90.0})
    found, note = predicted_table(metrics, Prediction(tmp_path / "band.csv", None))
    found = found.set_index("metric")
    assert note == ""
    assert found["value"].notna().all()
    assert list(found.loc[KNEE, "value_low"]) == [196.0, 198.0]


def test_a_band_that_could_not_be_worked_out_leaves_the_trial_without_one(tmp_path: Path) -> None:
    path = tmp_path / "band.csv"
    path.write_text("strikelean-excluded: [V01] it failed\n", encoding="utf-8")
    metrics = table(**{KNEE: 200.0})
    found, note = predicted_table(metrics, Prediction(path, None))
    pd.testing.assert_frame_equal(found, metrics)
    assert note == "without the model's band: [V01] it failed"


def test_what_is_withheld_is_blank(tmp_path: Path) -> None:
    path = tmp_path / "band.csv"
    names = {"side": ["right"] * 2, "metric": [KNEE, HIP]}
    pd.DataFrame(names | {"below": -1.0, "above": 1.0}).to_csv(path, index=False)
    declaration = Declaration("forefoot_upright", withheld=("hip_*_peak",))
    found, _ = predicted_table(table(**{KNEE: 200.0, HIP: 90.0}), Prediction(path, declaration))
    assert found.loc[found["metric"] == HIP, ["value", "value_low"]].isna().all(axis=None)
    assert found.loc[found["metric"] == KNEE, "value_low"].tolist() == [198.0, 200.0]


def test_every_part_of_a_technique_brings_its_choices() -> None:
    lean = variants(Technique(lean_deg=5), Choices())
    strike = variants(parse_technique("forefoot"), Choices())
    both = variants(parse_technique("forefoot_lean+07"), Choices())
    assert lean["lean from the hips alone"].hip_share == 1.0
    assert set(strike) < set(both)
    # a strike holds the pressure to its template, not to the foot
    assert set(both) - set(strike) == {name for name in lean if "pressure" not in name}
    assert variants(Technique(), Choices()) == {}
