"""Loads of a made-up runner, worked out by hand, and what must not change them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pandas as pd
import pytest
from scipy.interpolate import CubicSpline

from strikelean import runners
from strikelean.constants import GRAVITY_M_S2
from strikelean.errors import ConfigError, RecordingError, SolverError
from strikelean.formats.contacts import Contacts, read_contacts
from strikelean.formats.ground import GroundForces
from strikelean.formats.hdf5 import read_waveforms
from strikelean.formats.series import Markers, TimeSeries
from strikelean.layout import RunnerFiles, TrialFiles
from strikelean.loads import patellofemoral as pfj
from strikelean.loads.metrics_list import read_metrics_list
from strikelean.loads.metrics_waveforms import TrialTables
from strikelean.loads.steps import steps_of
from strikelean.loads.trial_loads import low_passed_ground, slow_ground, trial_loads
from strikelean.loads.write_loads import write_loads
from strikelean.pipeline import Trial
from unit_runner import (
    BELT_M_S,
    CONTACT_S,
    FLEXION_DEG,
    HEIGHT_M,
    MASS_KG,
    METRICS_LIST,
    MOMENT_NM,
    PRESSURE_M,
    STEP_S,
    contacts,
    ground,
    made_up_settings,
    made_up_tables,
)

WEIGHT_N = MASS_KG * GRAVITY_M_S2
PULSE_IMPULSE = 2.0 * CONTACT_S / np.pi
STEP_LENGTH = {"right": BELT_M_S * STEP_S + 0.02, "left": BELT_M_S * STEP_S - 0.02}
PER_KM = 1000.0 / (2.0 * BELT_M_S * STEP_S)


@pytest.fixture(scope="module")
def values() -> dict[str, dict[str, np.ndarray]]:
    loads = trial_loads(made_up_tables(), made_up_settings())
    return {side: {n: m.values for n, m in own.metrics.items()} for side, own in loads.items()}


BOTH_SIDES = {
    "contact_time": CONTACT_S,
    "step_rate": 60.0 / STEP_S,
    "step_width": 0.10,
    "ankle_hip_distance_contact": 0.30,
    "ankle_com_distance_contact": 0.28,
    "ankle_hip_distance_contact_per_height": 0.30 / HEIGHT_M,
    "foot_strike_angle_contact": 13.0,
    "strike_index_contact": 20.0,
    "centre_of_pressure_lateral_contact": PRESSURE_M[1],
    "centre_of_pressure_hip_distance_contact": PRESSURE_M[0],
    "centre_of_pressure_com_distance_contact": PRESSURE_M[0] - 0.02,
    "centre_of_pressure_hip_distance_contact_per_height": PRESSURE_M[0] / HEIGHT_M,
    "cross_over_index_contact": 1.0 - 0.05 / 0.08,
    "subtalar_inversion_angle_range": 0.0,
    "subtalar_eversion_duration": 100.0,
    "hip_flexion_angle_excursion": 20.0,
    "hip_internal_rotation_angle_contact": -6.0,
    "knee_flexion_angle_mean": FLEXION_DEG,
    "knee_adduction_angle_contact": 1.5,
    "knee_internal_rotation_angle_minimum": -4.0,
    "ankle_dorsiflexion_angle_peak": 12.0,
    "pelvis_anterior_tilt_angle_mean": 8.0,
    "trunk_lean_torso_axis_angle_mean": 10.0,
    "hip_extension_moment_peak": 60.0,
    "hip_adduction_moment_minimum": -30.0,
    "knee_extension_moment_peak": MOMENT_NM,
    "knee_extension_moment_impulse": MOMENT_NM * PULSE_IMPULSE,
    "knee_extension_moment_cumulative_per_km": MOMENT_NM * PULSE_IMPULSE * PER_KM,
    "knee_extension_moment_peak_per_kg": MOMENT_NM / MASS_KG,
    "ankle_plantarflexion_moment_peak": 250.0,
    "lumbar_extension_moment_peak": 50.0,
    # 60 N m of extension while the hip flexes at 100 deg/s: absorbed
    "hip_sagittal_work_negative": -60.0 * np.radians(100.0) * CONTACT_S,
    "hip_sagittal_work_positive": 0.0,
    "knee_sagittal_power_peak": 0.0,
    "hip_contact_force_peak": 5000.0,
    "tibiofemoral_compression_force_peak": 6000.0,
    "tibiofemoral_contact_force_peak": np.hypot(6000.0, 300.0),
    "tibiofemoral_contact_force_peak_bw": np.hypot(6000.0, 300.0) / WEIGHT_N,
    "tibiofemoral_anterior_shear_force_peak": 300.0,
    "ankle_contact_force_impulse": 10000.0 * PULSE_IMPULSE,
    "knee_axial_hinge_reaction_peak": 25.0,
    "knee_frontal_hinge_reaction_peak": 40.0,
    "knee_net_extension_moment_peak": 140.0,
    "knee_net_abduction_moment_peak": 90.0,
    "knee_net_abduction_moment_peak_per_kg": 90.0 / MASS_KG,
    "knee_net_abduction_moment_impulse": 90.0 * PULSE_IMPULSE,
    "knee_net_internal_rotation_moment_minimum": -12.0,
    # 4000, 3000 and 6000 N, and 5000 N over Powers' area, over their references
    "patellar_tendon_damage_exponent_4_per_km": (4000.0 / (10.0 * WEIGHT_N)) ** 4 * PER_KM,
    "achilles_tendon_damage_exponent_12_per_km": (3000.0 / (7.0 * WEIGHT_N)) ** 12 * PER_KM,
    "tibia_damage_exponent_4_per_km": (6000.0 / (14.0 * WEIGHT_N)) ** 4 * PER_KM,
    "patellofemoral_cartilage_damage_exponent_4_per_km": (
        (5000.0 / float(pfj.POWERS.area(40.0)) / 25.0) ** 4 * PER_KM
    ),
    "patellofemoral_q_angle_shift_mean": -1.5,
    # 5000 N over 238 mm^2 at 40 deg, times 1 + 0.50 x 0.15 for a Q-angle smaller by 1.5 deg
    "patellofemoral_stress_frontal_powers_peak": 5000.0 / float(pfj.POWERS.area(40.0)) * 1.075,
    "achilles_force_peak": 3000.0,
    "quadriceps_force_peak": 4000.0,
    "patellofemoral_force_joint_reaction_peak": 5000.0,
    "patellofemoral_force_quadriceps_sum_peak": 4000.0 * float(pfj.force_ratio(FLEXION_DEG)),
    # 6.50 and 8.30 MPa per 100 N m at 40 deg (evidence table)
    "patellofemoral_stress_net_moment_connolly_peak": 13.00,
    "patellofemoral_stress_net_moment_powers_peak": 16.60,
    "patellofemoral_area_connolly_beyond_data_share": 0.0,
}


@pytest.mark.parametrize("metric", BOTH_SIDES)
@pytest.mark.parametrize("side", ["right", "left"])
def test_metric_worked_out_by_hand(
    values: dict[str, dict[str, np.ndarray]], side: str, metric: str
) -> None:
    expected = BOTH_SIDES[metric]
    own = values[side][metric]
    own = own[np.isfinite(own)]
    assert own.size
    assert np.median(own) == pytest.approx(expected, rel=2e-3, abs=1e-6)


def test_a_knee_beyond_the_area_data_is_flagged_by_a_bracket_and_a_share() -> None:
    tables = made_up_tables()
    values = tables.kinematics.values.copy()
    values[:, tables.kinematics.index("knee_angle_r")] = 50.0
    bent = replace(tables, kinematics=replace(tables.kinematics, values=values))
    loads = trial_loads(bent, made_up_settings())
    stem = "patellofemoral_stress_joint_reaction"
    for statistic in ("peak", "impulse", "loading_rate", "cumulative_per_km"):
        flagged = loads["right"].metrics[f"{stem}_connolly_{statistic}"]
        assert flagged.high == pytest.approx(flagged.values), statistic
        assert (flagged.low < flagged.values).all(), statistic
        for free in (
            loads["left"].metrics[f"{stem}_connolly_{statistic}"],
            loads["right"].metrics[f"{stem}_powers_{statistic}"],
        ):
            assert np.isnan(free.low).all(), statistic
            assert np.isnan(free.high).all(), statistic
    share = loads["right"].metrics["patellofemoral_area_connolly_beyond_data_share"]
    assert share.values.tolist() == [1.0, 1.0]
    assert np.isnan(loads["right"].waveforms[f"{stem}_connolly"].values).all()


def test_step_length_is_belt_travel_plus_the_feet_s_own(
    values: dict[str, dict[str, np.ndarray]],
) -> None:
    for side, expected in STEP_LENGTH.items():
        own = values[side]["step_length"]
        assert own[np.isfinite(own)] == pytest.approx(expected)
    assert values["right"]["running_speed"] == pytest.approx(STEP_LENGTH["right"] / STEP_S)


def test_overground_step_length_is_displacement_alone() -> None:
    loads = trial_loads(made_up_tables(), made_up_settings(belt_speed_m_s=None))
    own = loads["right"].metrics
    assert own["step_length"].values == pytest.approx(0.02)
    # a treadmill whose belt speed was forgotten: no distance, so nothing per kilometre
    assert np.isnan(own["knee_extension_moment_cumulative_per_km"].values).all()


def test_a_step_after_an_invalid_contact_has_no_length() -> None:
    steps = steps_of(contacts(), "left")
    # contact 1 is invalid, so contact 2 has no known contact before it
    assert steps.number.tolist() == [2, 4, 6]
    assert np.isnan(steps.before_s).tolist() == [True, False, False]


def test_pelvis_angles_are_told_from_the_stance_side(
    values: dict[str, dict[str, np.ndarray]],
) -> None:
    # list +5 lowers the right side: the swing side in left stance
    assert values["left"]["pelvis_contralateral_drop_angle_mean"] == pytest.approx(5.0)
    assert values["right"]["pelvis_contralateral_drop_angle_mean"] == pytest.approx(-5.0)
    # rotation +3 brings the right side forward
    assert values["right"]["pelvis_forward_rotation_angle_mean"] == pytest.approx(3.0)
    assert values["left"]["pelvis_forward_rotation_angle_mean"] == pytest.approx(-3.0)


def test_loads_scale_with_force_and_bodyweight_variants_with_mass() -> None:
    one = trial_loads(made_up_tables(), made_up_settings())["right"].metrics
    two = trial_loads(made_up_tables(scale=2.0), made_up_settings(mass_kg=2 * MASS_KG))["right"]
    for name in ("knee_extension_moment_impulse", "tibiofemoral_contact_force_loading_rate"):
        ending = "_per_kg" if "moment" in name else "_bw"
        assert two.metrics[name].values == pytest.approx(2 * one[name].values)
        assert two.metrics[name + ending].values == pytest.approx(one[name + ending].values)


def test_reversed_moments_reverse_the_sign_and_unload_the_quadriceps() -> None:
    tables = made_up_tables()
    turned = replace(tables, moments=replace(tables.moments, values=-tables.moments.values))
    own = trial_loads(turned, made_up_settings())["right"].metrics
    assert own["knee_extension_moment_minimum"].values == pytest.approx(-MOMENT_NM, rel=1e-3)
    assert own["knee_extension_moment_peak"].values == pytest.approx(0.0, abs=1.0)
    assert own["hip_sagittal_work_negative"].values == pytest.approx(0.0)
    force = own["patellofemoral_force_net_moment_peak"].values
    assert force == pytest.approx(0.0, abs=20.0)


def test_the_coupled_patella_counts_with_the_knee() -> None:
    tables = made_up_tables()
    beta = np.full(tables.moments.time_s.size, -7.0)
    moments = TimeSeries(
        tables.moments.time_s,
        (*tables.moments.columns, "knee_angle_r_beta_force"),
        np.column_stack([tables.moments.values, beta]),
    )
    own = trial_loads(replace(tables, moments=moments), made_up_settings())
    peak = own["right"].metrics["knee_extension_moment_peak"].values
    assert peak == pytest.approx(MOMENT_NM + 7.0, rel=1e-3)
    assert own["left"].metrics["knee_extension_moment_peak"].values == pytest.approx(MOMENT_NM)


def test_an_unobserved_trunk_is_missing_or_assumed_never_measured() -> None:
    own = trial_loads(made_up_tables(torso_observed=False), made_up_settings())["right"].metrics
    assert np.isnan(own["trunk_lean_torso_axis_angle_mean"].values).all()
    listed = read_metrics_list(METRICS_LIST)
    for name, metric in own.items():
        depends = listed[name].needs
        known = bool(np.isfinite(metric.values).any())
        assert (metric.basis == "assumed" or not known) == bool(depends) or not known, name
        if depends and known:
            assert metric.basis == "assumed", name


def test_a_derived_trial_is_predicted() -> None:
    own = trial_loads(made_up_tables(), made_up_settings(trial="run1~lean+05"))["right"].metrics
    assert {metric.basis for metric in own.values()} == {"predicted"}


def test_lean_from_markers_is_the_line_from_mid_psis_to_c7() -> None:
    time = np.arange(300) / 100.0
    names = ("C7", "RPS", "LPS")
    places = np.array([[0.5 * np.tan(np.radians(12.0)), 1.5, 0.0], [0, 1.0, 0.1], [0, 1.0, -0.1]])
    markers = Markers(time, names, np.repeat(places[None], time.size, axis=0), 100.0)
    roles = {"c7": "C7", "psis_right": "RPS", "psis_left": "LPS"}
    tables = replace(made_up_tables(), markers=markers)
    own = trial_loads(tables, made_up_settings(trunk_markers=roles))["right"].metrics
    assert own["trunk_lean_marker_line_angle_mean"].values == pytest.approx(12.0)


def _without(table: TimeSeries, *parts: str) -> TimeSeries:
    keep = [i for i, name in enumerate(table.columns) if not any(p in name for p in parts)]
    columns = tuple(table.columns[i] for i in keep)
    return replace(table, columns=columns, values=table.values[:, keep])


def test_what_a_model_lacks_is_missing_and_the_rest_unharmed() -> None:
    tables = made_up_tables()
    poor: TrialTables = replace(
        tables,
        kinematics=_without(tables.kinematics, "subtalar"),
        moments=_without(tables.moments, "subtalar", "lumbar"),
        muscle_forces=_without(tables.muscle_forces, "soleus"),
        joint_reactions=_without(tables.joint_reactions, "patella"),
        knee3=None,
    )
    own = trial_loads(poor, made_up_settings())["right"].metrics
    assert set(own) == set(read_metrics_list(METRICS_LIST))
    for name in (
        "subtalar_inversion_angle_mean",
        "subtalar_frontal_work_positive",
        "lumbar_extension_moment_peak",
        "achilles_force_peak",
        "patellofemoral_stress_joint_reaction_powers_peak",
        "knee_adduction_angle_contact",
    ):
        assert np.isnan(own[name].values).all(), name
    assert own["knee_extension_moment_peak"].values == pytest.approx(MOMENT_NM, rel=1e-3)
    assert np.isfinite(own["patellofemoral_stress_net_moment_powers_peak"].values).all()


def test_every_metric_computed_is_listed_and_every_listed_one_is_computed() -> None:
    loads = trial_loads(made_up_tables(), made_up_settings())
    listed = read_metrics_list(METRICS_LIST)
    for own in loads.values():
        assert set(own.metrics) == set(listed)


def test_no_study_and_no_claim_rests_on_what_the_hinge_carries() -> None:
    for path in sorted((METRICS_LIST.parents[1] / "studies").glob("*.yaml")):
        assert "hinge_reaction" not in path.read_text(encoding="utf-8"), path.name


def test_units_of_the_list_fit_the_endings_of_names() -> None:
    for name, metric in read_metrics_list(METRICS_LIST).items():
        assert ("BW" in metric.unit) == name.endswith("_bw"), name
        assert ("kg" in metric.unit) == name.endswith("_per_kg"), name
        if "_angle_" in name:
            assert metric.unit == "deg", name
        assert metric.definition.endswith("."), name
        assert metric.source, name


def test_a_list_with_a_repeated_or_strange_entry_is_refused(tmp_path: Path) -> None:
    entry = "- {name: a, unit: s, sign: s, definition: d., source: s, needs: ''}\n"
    for text in (entry * 2, entry.replace("unit", "units")):
        path = tmp_path / "metrics.yaml"
        path.write_text("metrics:\n" + text, encoding="utf-8")
        with pytest.raises(ConfigError):
            read_metrics_list(path)


def _selecting(sides: tuple[str, ...]) -> Contacts:
    """Return the runner's contacts, those of some sides selected."""
    rows = contacts()
    return Contacts([replace(row, selected=row.selected and row.side in sides) for row in rows])


def test_no_selected_contact_is_one_clear_error() -> None:
    tables = made_up_tables()
    none = replace(tables, contacts=_selecting(()))
    with pytest.raises(RecordingError, match="none among 8"):
        trial_loads(none, made_up_settings())


def test_one_side_alone_is_evaluated() -> None:
    tables = made_up_tables()
    one = replace(tables, contacts=_selecting(("right",)))
    assert list(trial_loads(one, made_up_settings())) == ["right"]


def _written(folder: Path, tables: TrialTables) -> TrialFiles:
    """Evaluate tables and write what compute_loads writes of them."""
    loads = trial_loads(tables, made_up_settings())
    files = TrialFiles(folder)
    write_loads(
        tables, loads, made_up_settings(), files, {"recording": {"body_weight_ratio": 1.03}}
    )
    return files


def test_loads_are_written_as_waveforms_metrics_and_figures(tmp_path: Path) -> None:
    files = _written(tmp_path, made_up_tables())
    waveforms, provenance = read_waveforms(files.loads)
    knee = waveforms["right/knee_extension_moment"]
    assert knee.values.shape == (2, 101)
    assert (knee.unit, knee.basis) == ("N m", "measured")
    assert knee.values.max() == pytest.approx(MOMENT_NM, rel=1e-3)
    assert waveforms["left/steps"].values.tolist() == [2, 4, 6]
    assert provenance["subject"] == "P1"
    table = pd.read_csv(files.metrics)
    assert len(table) == 5 * len(read_metrics_list(METRICS_LIST))
    assert set(table["basis"]) == {"measured"}
    figures = json.loads(files.quality.read_text())
    assert figures["valid_steps_right"] == 3
    assert figures["plate_weight_error"] == pytest.approx(0.03)
    assert figures["strike_class_right"] == "rearfoot"


def test_contacts_without_their_columns_are_one_clear_error(tmp_path: Path) -> None:
    path = tmp_path / "contacts.csv"
    path.write_text("step,side\n1,right\n", encoding="utf-8")
    with pytest.raises(RecordingError, match="start_s"):
        read_contacts(path)


def test_low_pass_leaves_slow_force_and_removes_fast_force() -> None:
    slow = ground()
    fast = slow.values + 100.0 * np.sin(2 * np.pi * 300.0 * slow.time_s)[:, None, None, None]
    with_fast, alone = (
        low_passed_ground(given, 50.0, 4) for given in (replace(slow, values=fast), slow)
    )
    for side in ("right", "left"):
        found, meant = (one.foot(side).force_n[200:-200] for one in (with_fast, alone))
        assert found == pytest.approx(meant, abs=2.0)


IMPACTS = (
    "ground_impact_peak_present",
    "ground_impact_force_peak",
    "ground_vertical_force_loading_rate_average",
    "ground_vertical_force_loading_rate_instantaneous",
)


def _sampled(source: GroundForces, rate_hz: float) -> GroundForces:
    time = np.arange(source.time_s[0], source.time_s[-1], 1.0 / rate_hz)
    return replace(source, time_s=time, values=CubicSpline(source.time_s, source.values)(time))


@pytest.mark.parametrize("rate_hz", [60.0, 101.0, 199.0, 200.0, 250.0])
def test_force_too_slow_for_impacts_blanks_those_alone_and_says_so(
    tmp_path: Path, rate_hz: float
) -> None:
    tables = made_up_tables()
    whole = trial_loads(tables, made_up_settings())
    sampled = _sampled(ground(), rate_hz)
    note = slow_ground(sampled, made_up_settings().loading_rate_cutoff_hz)
    notes = (note,) if note else ()
    files = _written(tmp_path, replace(tables, ground=sampled, notes=notes))
    table = pd.read_csv(files.metrics)
    slow = rate_hz < 200.0
    said = json.loads(files.quality.read_text())["stage_warnings"]
    assert (f"force at {rate_hz:g} Hz, 200 Hz needed" in said) == slow
    for metric in IMPACTS:
        known = table.loc[table["metric"] == metric, "value"].notna()
        # a half sine has no impact peak whatever the rate
        assert known.any() == (not slow and metric != "ground_impact_force_peak")
    for metric in ("ground_vertical_force_peak", "ground_braking_force_impulse", "step_length"):
        values = table.loc[(table["metric"] == metric) & (table["side"] == "right"), "value"]
        expected = whole["right"].metrics[metric].values
        np.testing.assert_allclose(values, expected, rtol=0.03)


def test_a_knee_that_could_not_be_solved_costs_its_own_metrics_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables, files = made_up_tables(), TrialFiles(tmp_path)
    whole = pd.read_csv(_written(tmp_path, tables).metrics)

    def fail(*args: object) -> TimeSeries:
        raise SolverError("solve_kinematics", "a knee", "none", "Look")

    monkeypatch.setattr(runners, "solve_kinematics_knee3", fail)
    who: Any = SimpleNamespace(
        files=RunnerFiles(tmp_path), marker_set=None, sizes=SimpleNamespace(name="P1")
    )
    how: Any = SimpleNamespace(kinematics=None)
    unused: Any = None
    solved = Trial(*[unused] * 7, markers=cast(Any, "as seen"))
    solved = runners._with_knee3(solved, who, how, files, print)
    assert files.kinematics_knee3.read_text("utf-8").startswith("strikelean-excluded: [P1 ")
    without = replace(tables, knee3=solved.knee3, notes=solved.notes)
    table = pd.read_csv(_written(tmp_path, without).metrics)
    lost = table["value"].isna() & whole["value"].notna()
    assert set(table.loc[lost, "metric"].str.split("_angle|_stress|_q_").str[0]) <= {
        "knee_adduction",
        "knee_internal_rotation",
        "patellofemoral",
    }
    assert lost.any()
    pd.testing.assert_series_equal(table.loc[~lost, "value"], whole.loc[~lost, "value"])
    said = json.loads(files.quality.read_text())["stage_warnings"]
    assert said.startswith("knee with three rotations left blank: [P1 ")
    assert "solve_kinematics: expected a knee" in said
