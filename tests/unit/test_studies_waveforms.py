"""Whole curves: planted differences are found where they are, noise passes in one of twenty."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import spm1d
from scipy import stats
from scipy.ndimage import gaussian_filter1d

from strikelean.formats.hdf5 import Waveform, read_waveforms, write_waveforms
from strikelean.formats.series import FloatArray
from strikelean.lab.strike_classes import FOREFOOT, REARFOOT
from strikelean.loads.runner_size import RunnerSize
from strikelean.studies import waveform_tests
from strikelean.studies.cohort import STRIKE_ANGLE
from strikelean.studies.waveform_files import WAVEFORM_COLUMNS, write_waveform_tests
from strikelean.studies.waveform_tests import (
    PAIRED,
    REGRESSION,
    TWO_SAMPLE,
    CurveTest,
    Question,
    compare_curves,
    questions,
    waveform_results,
)
from study_cohorts import KNEE, cohort, pairs, predicted, strikers

STANCE = np.arange(101.0)
BUMP = np.exp(-(((STANCE - 40.0) / 10.0) ** 2))
ANGLES = [15.0, 12.0, 14.0, 10.0, 11.0, 13.0, -3.0, -5.0, -6.0, -4.0, -2.0, -1.0]
HALF = len(ANGLES) // 2


def smooth_noise(rng: np.random.Generator, count: int) -> FloatArray:
    noise = gaussian_filter1d(rng.standard_normal((count, 161)), 8.0, axis=1)[:, 30:131]
    return np.asarray(noise / noise.std(), dtype=np.float64)


def members(count: int, first: int = 0) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((f"P{n}", ("run1",)) for n in range(first, first + count))


GROUPS = Question(TWO_SAMPLE, (REARFOOT, FOREFOOT), members(6), members(6, 6))
PAIRS = Question(PAIRED, ("a", "b"), members(8), members(8))


def test_a_planted_bump_is_found_where_it_is_with_its_sign() -> None:
    y = smooth_noise(np.random.default_rng(1), 12)
    y[6:] -= 6.0 * BUMP
    found = compare_curves(GROUPS, y, "curve", "N")
    (cluster,) = found.clusters
    assert cluster.start < 40.0 < cluster.end
    assert cluster.start > 15.0
    assert cluster.end < 65.0
    assert cluster.sign == -1
    assert cluster.p < 0.001
    assert found.p < 0.001
    assert np.nanargmin(found.t) == pytest.approx(40, abs=8)
    turned = compare_curves(GROUPS, -y, "curve", "N")
    assert turned.clusters[0].sign == 1
    assert turned.p == pytest.approx(found.p)


def test_t_at_every_point_is_the_paired_t_and_the_means_are_kept() -> None:
    y = smooth_noise(np.random.default_rng(2), 16)
    found = compare_curves(PAIRS, y, "curve", "N")
    expected = stats.ttest_rel(y[8:], y[:8]).statistic
    np.testing.assert_allclose(found.t, expected, rtol=1e-6)
    np.testing.assert_allclose(found.mean_b - found.mean_a, (y[8:] - y[:8]).mean(axis=0))


def test_thresholds_and_clusters_are_those_of_spm1d() -> None:
    data = spm1d.data.uv1d.t2.PlantarArchAngle()
    first, second = data.get_data()
    own = spm1d.stats.ttest2(second, first, equal_var=False).inference(0.05, two_tailed=True)
    question = Question(
        TWO_SAMPLE, ("a", "b"), members(len(first)), members(len(second), len(first))
    )
    found = compare_curves(question, np.vstack([first, second]), "angle", "deg")
    assert found.threshold == pytest.approx(own.zstar)
    assert [c.p for c in found.clusters] == pytest.approx([c.P for c in own.clusters])


@pytest.mark.long
def test_noise_passes_the_threshold_in_one_of_twenty_cohorts() -> None:
    rng = np.random.default_rng(3)
    cohorts = 200
    passed = sum(
        bool(compare_curves(GROUPS, smooth_noise(rng, 12), "curve", "N").clusters)
        for _ in range(cohorts)
    )
    assert abs(passed / cohorts - 0.05) < 3.0 * np.sqrt(0.05 * 0.95 / cohorts)


def test_a_line_has_a_slope_and_the_sign_of_its_predictor() -> None:
    rng = np.random.default_rng(4)
    x = np.linspace(-6.0, 18.0, 12)
    y = smooth_noise(rng, 12) + 0.5 * x[:, None] * BUMP
    question = Question(REGRESSION, (STRIKE_ANGLE, ""), members(12), x=x)
    found = compare_curves(question, y, "curve", "N")
    assert found.clusters[0].sign == 1
    assert found.mean_b[40] == pytest.approx(0.5, abs=0.2)


def test_a_runner_with_an_incomplete_curve_is_left_out_and_told() -> None:
    y = smooth_noise(np.random.default_rng(5), 12)
    y[2, 50] = np.nan
    found = compare_curves(GROUPS, y, "curve", "N")
    assert found.n == (5, 6)
    assert found.status == "tested; 1 of 12 runners left out, their curve is incomplete"
    both = smooth_noise(np.random.default_rng(6), 16)
    both[3, 7] = np.nan
    assert compare_curves(PAIRS, both, "curve", "N").n == (7, 7)


def test_too_many_incomplete_curves_leave_a_biased_rest_that_is_not_tested() -> None:
    y = smooth_noise(np.random.default_rng(7), 12)
    y[:3, 50:] = np.nan
    found = compare_curves(GROUPS, y, "curve", "N")
    assert found.status == "not tested: 3 of 12 runners have no complete curve"
    assert np.isnan(found.p)
    assert not found.clusters


def test_stretches_in_which_nothing_varies_are_left_out() -> None:
    y = smooth_noise(np.random.default_rng(8), 12)
    y[6:] -= 6.0 * BUMP
    y[:, :10] = 0.0
    found = compare_curves(GROUPS, y, "curve", "N")
    assert "from 10 to 100 % of stance" in found.status
    assert np.isnan(found.t[:10]).all()
    assert found.clusters[0].start > 15.0
    y[:, :60] = 0.0
    assert "do not vary" in compare_curves(GROUPS, y, "curve", "N").status


def test_few_runners_are_not_tested() -> None:
    few = Question(TWO_SAMPLE, ("a", "b"), members(2), members(4, 2))
    assert compare_curves(few, smooth_noise(np.random.default_rng(9), 6), "c", "N").status == (
        "not tested: 2 and 4 runners"
    )


CONSTANT = {
    "a node in one condition": lambda y, b: np.where(~b[:, None] & (STANCE < 2), 0.0, y),
    "a node in both": lambda y, b: np.where(STANCE < 2, 0.0, y),
    "a node in the middle": lambda y, b: np.where(STANCE == 30, 7.0, y),
    "every runner's over stance": lambda y, b: np.repeat(y[:, :1], 101, axis=1),
    "all alike": lambda y, b: np.full_like(y, 7.0),
    "alike but for rounding": lambda y, b: 1e3 + 1e-14 * y,
    "nothing": lambda y, b: np.zeros_like(y),
    "unknown": lambda y, b: np.full_like(y, np.nan),
    "infinite at a node": lambda y, b: np.where(STANCE == 30, np.inf, y),
}


@pytest.mark.parametrize("name", CONSTANT)
@pytest.mark.parametrize("test", [PAIRED, TWO_SAMPLE, REGRESSION])
def test_nodes_without_variance_are_left_out_and_said(name: str, test: str) -> None:
    half = 8
    if test == REGRESSION:
        x = np.linspace(-6.0, 18.0, 2 * half)
        question = Question(test, (STRIKE_ANGLE, ""), members(2 * half), x=x)
    else:
        own = members(half, 0 if test == PAIRED else half)
        question = Question(test, ("a", "b"), members(half), own)
    second = np.arange(2 * half) >= half
    y = CONSTANT[name](smooth_noise(np.random.default_rng(5), 2 * half), second)
    found = compare_curves(question, y, "curve", "N")
    tested = np.isfinite(found.t)
    if name in ("all alike", "alike but for rounding", "nothing", "unknown", "infinite at a node"):
        assert found.status.startswith("not tested: ")
        assert not tested.any()
        return
    assert found.status.startswith("tested")
    assert 0.0 <= found.p <= 1.0
    if test == PAIRED and name == "a node in one condition":
        assert tested.all()  # the changes do vary there
    if name == "a node in both":
        assert found.status == "tested; from 2 to 100 % of stance, where the curves vary"
        assert not tested[:2].any()
        assert tested[2:].all()
    if name == "a node in the middle":
        assert found.status == "tested; from 31 to 100 % of stance, where the curves vary"


def test_a_line_on_a_predictor_that_does_not_vary_is_not_tested() -> None:
    y = smooth_noise(np.random.default_rng(6), 8)
    question = Question(REGRESSION, (STRIKE_ANGLE, ""), members(8), x=np.full(8, 12.0))
    found = compare_curves(question, y, "curve", "N")
    assert found.status == f"not tested: {STRIKE_ANGLE} does not vary"


def test_a_quantity_that_breaks_down_costs_itself_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    store = curves(planted()) | {
        place.replace("knee_extension", "hip_extension"): waveform
        for place, waveform in curves(planted()).items()
    }
    whole = waveform_results(STRIKERS, store)
    real = waveform_tests.compare_curves

    def broken(question: Question, y: FloatArray, quantity: str, unit: str) -> CurveTest:
        if quantity.startswith("hip"):
            raise np.linalg.LinAlgError("no\nanswer")
        return real(question, y, quantity, unit)

    monkeypatch.setattr(waveform_tests, "compare_curves", broken)
    found = waveform_results(STRIKERS, store)
    for one, before in zip(found, whole, strict=True):
        if one.quantity.startswith("hip"):
            assert one.status == "not tested, not computed: LinAlgError: no answer"
        else:
            assert (one.p, one.status) == (before.p, before.status)


def curves(values: FloatArray, unit: str = "N m", basis: str = "measured") -> dict[str, Waveform]:
    """Return two steps a side of each runner's curve."""
    store = {}
    for number, curve in enumerate(values):
        for side in ("right", "left"):
            own = np.array([curve + 0.1, curve - 0.1])
            store[f"P{number}/run1/{side}/knee_extension_moment"] = Waveform(
                own, unit, "", "", basis
            )
            store[f"P{number}/run1/{side}/steps"] = Waveform(
                np.arange(2.0), "1", "", "", "measured"
            )
    return store


RUNNERS = {f"P{n}": RunnerSize(50.0, 1.7) for n in range(12)}
STRIKERS = cohort(strikers({KNEE: [200.0] * 12}, ANGLES), runners=RUNNERS)


def planted() -> FloatArray:
    values = 100.0 + smooth_noise(np.random.default_rng(10), 12)
    values[HALF:] -= 8.0 * BUMP
    return values


def test_strike_classes_and_a_line_are_asked_of_recordings_divided_by_mass() -> None:
    found = waveform_results(STRIKERS, curves(planted()))
    assert [one.test for one in found] == [TWO_SAMPLE, REGRESSION]
    groups = found[0]
    assert groups.unit == "N m/kg"
    assert groups.mean_a[0] == pytest.approx(100.0 / 50.0, abs=0.05)
    assert groups.clusters[0].sign == -1
    assert groups.p_holm == pytest.approx(groups.p)


def test_recorded_conditions_are_asked_in_pairs() -> None:
    own = cohort(pairs(KNEE, [200.0] * 4, [190.0] * 4, ("heel_strike", "forefoot_upright")))
    (question,) = questions(own)
    assert question.test == PAIRED
    assert question.a[0] == ("P0", ("run1",))
    assert question.b[0] == ("P0", ("run2",))


def test_what_a_model_predicts_is_not_tested() -> None:
    base = [200.0, 210.0, 190.0, 205.0]
    assert questions(cohort(predicted(KNEE, base, -5.0), virtual=True)) == []
    tests = {question.test for question in questions(cohort(predicted(KNEE, base, -5.0)))}
    assert PAIRED not in tests


def test_assumed_curves_are_named_and_not_tested() -> None:
    found = waveform_results(STRIKERS, curves(planted(), basis="assumed"))
    assert {one.status for one in found} == {"not tested: assumed, not observed"}


def test_table_and_store_hold_the_same_numbers(tmp_path: Path) -> None:
    write_waveforms(tmp_path / "cohort.h5", curves(planted()), {"code": "abc"})
    table, store = tmp_path / "w.csv", tmp_path / "w.h5"
    write_waveform_tests(STRIKERS, tmp_path / "cohort.h5", table, store)
    rows = pd.read_csv(table)
    assert list(rows.columns) == list(WAVEFORM_COLUMNS)
    places, provenance = read_waveforms(store)
    assert provenance["code"] == "abc"
    own = rows[rows["test"] == TWO_SAMPLE]
    stem = f"two_sample/{REARFOOT}_against_{FOREFOOT}/knee_extension_moment"
    clusters = places[f"{stem}/clusters"].values
    np.testing.assert_allclose(
        clusters[:, :3], own[["start_percent", "end_percent", "cluster_p"]], rtol=1e-5
    )
    first = own.iloc[0]
    np.testing.assert_allclose(
        places[f"{stem}/p"].values, [first["p_raw"], first["p_holm"]], rtol=1e-5
    )
    t = places[f"{stem}/t"].values
    assert t[int(first["t_largest_percent"])] == pytest.approx(first["t_largest"], rel=1e-5)
    assert places[f"{stem}/threshold"].values[0] == pytest.approx(first["threshold"], rel=1e-5)
    assert "regression/knee_extension_moment/slope_per_deg" in places


def test_an_empty_cohort_gives_a_header_and_an_empty_store(tmp_path: Path) -> None:
    write_waveforms(tmp_path / "cohort.h5", {}, {"code": "abc"})
    empty = cohort(strikers({KNEE: [1.0]}, [3.0]).iloc[:0])
    write_waveform_tests(empty, tmp_path / "cohort.h5", tmp_path / "w.csv", tmp_path / "w.h5")
    assert pd.read_csv(tmp_path / "w.csv").empty
    assert read_waveforms(tmp_path / "w.h5")[0] == {}
