"""What follows from what a technique imposes or keeps, and whether what it keeps was kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from strikelean.declarations import (
    FOLLOWS,
    FREE,
    IMPOSED,
    KEPT,
    Declaration,
    Dependency,
    dependencies_of,
    read_declarations,
)
from strikelean.errors import ConfigError
from strikelean.loads.kept import declare
from strikelean.loads.metrics import Metric
from strikelean.loads.metrics_damage import EXPONENTS, TISSUES, damage_metrics
from strikelean.loads.metrics_list import read_metrics_list
from strikelean.loads.within_runner import within_runner
from unit_runner import METRICS_LIST

TOP = METRICS_LIST.parents[2]
DECLARED = read_declarations(sorted((TOP / "models" / "techniques").glob("*.yaml")), METRICS_LIST)
STRIKE, LEAN, CADENCE = (DECLARED[name] for name in ("forefoot_upright", "lean", "cadence"))


@pytest.mark.parametrize(
    ("declaration", "metric", "status"),
    [
        (STRIKE, "knee_extension_moment_impulse_per_kg", FOLLOWS),
        (STRIKE, "knee_extension_moment_cumulative_per_km_per_kg", FOLLOWS),
        (STRIKE, "patellofemoral_stress_net_moment_powers_loading_rate", FOLLOWS),
        (STRIKE, "ankle_quasi_stiffness", FOLLOWS),
        (STRIKE, "knee_sagittal_work_negative_per_kg", FOLLOWS),
        (STRIKE, "knee_sagittal_power_minimum", FOLLOWS),
        (STRIKE, "heel_hip_distance_contact_per_height", FOLLOWS),
        (STRIKE, "heel_com_distance_contact", FOLLOWS),
        (STRIKE, "knee_extension_moment_peak_per_kg", FREE),
        (STRIKE, "patellofemoral_stress_joint_reaction_powers_peak", FREE),
        (STRIKE, "knee_net_abduction_moment_peak_per_kg", FREE),
        (STRIKE, "foot_strike_angle_contact", IMPOSED),
        (STRIKE, "contact_time", IMPOSED),
        (LEAN, "contact_time", KEPT),
        (LEAN, "ankle_dorsiflexion_angle_contact", FOLLOWS),
        (LEAN, "ankle_dorsiflexion_angle_peak", FREE),
        (LEAN, "hip_sagittal_work_positive_per_kg", FREE),
        (LEAN, "heel_hip_distance_contact", FREE),
        (LEAN, "heel_com_distance_contact", FOLLOWS),
        (CADENCE, "knee_extension_moment_impulse_per_kg", FOLLOWS),
        (CADENCE, "knee_sagittal_power_minimum", IMPOSED),
    ],
)
def test_what_a_metric_is_under_a_technique(
    declaration: Declaration, metric: str, status: str
) -> None:
    assert metric in read_metrics_list(METRICS_LIST)
    assert declaration.status(metric) == status
    assert bool(declaration.follows_from(metric)) or status != FOLLOWS


def test_a_damage_a_kilometre_is_free_in_the_peak_and_kept_in_the_count() -> None:
    for name in (n for n in read_metrics_list(METRICS_LIST) if "_damage_" in n):
        assert STRIKE.status(name) == FREE
        assert LEAN.count_status(name) == KEPT
        assert STRIKE.count_status(name) == IMPOSED
        assert CADENCE.count_status(name) == IMPOSED
    assert STRIKE.count_status("knee_extension_moment_peak") == ""


def test_following_is_passed_on_and_a_circle_ends() -> None:
    depends = (Dependency("a", ("b",)), Dependency("b", ("a", "c")), Dependency("x_*_z", ("c_*",)))
    assert Declaration("k", kept=("c",), depends=depends).follows_from("a") == ("c",)
    assert Declaration("k", depends=depends).status("a") == FREE
    assert Declaration("k", imposed=("c_y",), depends=depends).status("x_y_z") == FOLLOWS


def test_a_strange_key_or_an_unlisted_metric_in_dependencies_is_refused(tmp_path: Path) -> None:
    # YAML reads a bare `on` as true
    with pytest.raises(ConfigError):
        dependencies_of({"depends_on": [{"metrics": "a", True: ["b"]}]})
    entry = "- {name: a, unit: s, sign: s, definition: d., source: s, needs: ''}\n"
    path = tmp_path / "metrics.yaml"
    for row in ("{metrics: a, of: [b]}", "{metrics: 'b*', of: [a]}", "{metrics: a, count: [b]}"):
        path.write_text(f"depends_on: [{row}]\nmetrics:\n{entry}", encoding="utf-8")
        with pytest.raises(ConfigError):
            read_metrics_list(path)


def cohort(change: float, trial: str, condition: str, metric: str, unit: str) -> pd.DataFrame:
    """Return two runners' steps, with a condition in which a metric changes by a share."""
    rows = []
    for subject, level in (("A", 10.0), ("B", 12.0)):
        for name, own, factor in (("run", "heel_strike", 1.0), (trial, condition, 1.0 + change)):
            for side in ("left", "right"):
                for step, wobble in enumerate((-0.1, 0.1)):
                    value = level * factor + wobble
                    rows.append(
                        [subject, name, own, side, step, metric, value, np.nan, np.nan, unit, "x"]
                    )
    names = "subject trial condition side step metric value value_low value_high unit basis"
    return pd.DataFrame(rows, columns=names.split())


@pytest.mark.parametrize("virtual", [False, True])
@pytest.mark.parametrize(("change", "blank"), [(0.02, False), (0.03, True), (-0.03, True)])
def test_what_was_not_kept_is_blank_and_says_so(change: float, blank: bool, virtual: bool) -> None:
    trial = "lean" if virtual else "run~lean+05"
    table = cohort(change, trial, "lean", "ground_vertical_force_loading_rate_average_bw", "BW/s")
    found = declare(table, DECLARED, virtual=virtual, habitual="heel_strike")
    changed = found["trial"] == trial
    assert set(found.loc[changed, "class"]) == {KEPT}
    assert found.loc[changed, "value"].isna().all() == blank
    assert found.loc[changed, "reason"].str.contains("not kept").all() == blank
    pd.testing.assert_frame_equal(found[~changed][table.columns], table[~changed])
    assert set(found.loc[~changed, "class"]) == {""}


def test_angles_are_held_to_a_degree_and_people_s_own_conditions_to_nothing() -> None:
    table = cohort(0.09, "run~lean+05", "lean", "hip_adduction_angle_peak", "deg")
    kept = declare(table, DECLARED, virtual=False, habitual="heel_strike")
    assert kept["value"].notna().all()
    table = cohort(0.12, "run~lean+05", "lean", "hip_adduction_angle_peak", "deg")
    moved = declare(table, DECLARED, virtual=False, habitual="heel_strike")
    assert moved["value"].isna().sum() == 8
    asked = cohort(0.5, "run2", "lean", "hip_adduction_angle_peak", "deg")
    people = declare(asked, DECLARED, virtual=False, habitual="heel_strike")
    assert people["value"].notna().all()
    assert set(people["class"]) == {""}


def test_a_damage_says_in_the_table_that_its_count_is_the_recordings_own() -> None:
    name = next(n for n in read_metrics_list(METRICS_LIST) if "_damage_" in n)
    table = cohort(0.5, "run~lean+05", "lean", name, "1/km")
    found = declare(table, DECLARED, virtual=False, habitual="heel_strike")
    changed = found["trial"] == "run~lean+05"
    assert set(found.loc[changed, "class"]) == {FREE}
    assert set(found.loc[changed, "reason"]) == {"how often it comes is kept"}
    assert found["value"].notna().all()
    assert set(found.loc[~changed, "reason"]) == {""}


def test_scatter_of_steps_gives_the_smallest_detectable_change() -> None:
    rng = np.random.default_rng(1)
    rows = [
        [f"S{subject}", "run", "heel_strike", side, step, "m", 5.0 * subject + rng.normal(0, 2.0)]
        for subject in range(40)
        for side in ("left", "right")
        for step in range(10)
    ]
    table = pd.DataFrame(
        rows, columns=["subject", "trial", "condition", "side", "step", "metric", "value"]
    ).assign(unit="N")
    (row,) = within_runner(table).to_dict("records")
    assert row["sd_within_runner"] == pytest.approx(2.0, rel=0.06)
    assert row["sem"] == pytest.approx(row["sd_within_runner"] / np.sqrt(20.0))
    assert row["smallest_detectable_change"] == pytest.approx(1.96 * np.sqrt(2.0) * row["sem"])
    derived = within_runner(table.assign(trial="run~lean+05"))
    assert derived.empty


def test_short_steps_pay_more_the_higher_the_exponent() -> None:
    """A tenth less load on a ninth more contacts: neutral as an impulse, far less as damage."""

    def damage(load: float, per_km: float) -> dict[str, float]:
        metrics = {name: Metric(np.array([load]), "measured") for name, _ in TISSUES.values()}
        found = damage_metrics(metrics, np.array([per_km]))
        return {name: float(metric.values[0]) for name, metric in found.items()}

    long, short = damage(5.0, 400.0), damage(4.5, 400.0 / 0.9)
    for tissue in TISSUES:
        for exponent in EXPONENTS:
            name = f"{tissue}_damage_exponent_{exponent}_per_km"
            assert short[name] / long[name] == pytest.approx(0.9 ** (exponent - 1))
