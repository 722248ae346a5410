"""Studies, claims and curve tests on the page: the same numbers as in the CSV and HDF5 files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from made_page import BASE, Cohort, classes
from strikelean.formats.hdf5 import read_waveforms
from strikelean.report.claims import QUANTITIES, claim_filters, claim_rows, spoken
from strikelean.report.digits import interval, interval_decimals, probability, rounded
from strikelean.report.studies import kind, study_groups, tally
from strikelean.report.tables import mixed_words, regression_rows
from strikelean.report.waveforms import bars, waveform_lines
from strikelean.studies.claims import TEST_COLUMNS
from strikelean.studies.definitions import metric_units
from strikelean.studies.reading import read_claims, read_studies
from study_cohorts import CLAIMS_FILE, SCHEMAS, STUDY_FILES
from test_report import INVISIBLE, check_form

STUDIES = read_studies(STUDY_FILES, SCHEMAS)
CLAIMS = read_claims(CLAIMS_FILE, SCHEMAS, [study.name for study in STUDIES]).claims
UNITS = metric_units(SCHEMAS)
MINUS = "\u2212"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """Give the files and the page of four heel strikers and four others."""
    folder = tmp_path_factory.mktemp("page")
    cohort = Cohort(folder, classes(4))
    rng = np.random.default_rng(1)
    for place, waveform in list(cohort.waveforms.items()):
        scale = 1.0 + 0.05 * rng.standard_normal() + 0.5 * place.startswith("1")
        values = 1000.0 * scale * np.array([BASE, BASE]) + rng.normal(0.0, 1.0, (2, 1))
        cohort.waveforms[place] = type(waveform)(values, "N", "", "", "measured")
    yield folder, cohort.page()


def plain(text: str) -> str:
    """Return a page's visible text."""
    bare = INVISIBLE.sub("", text)
    return " ".join(re.sub(r"<[^>]+>", " ", bare).split())


def test_every_claim_stands_on_the_page_with_its_verdict_and_its_reason(
    made: tuple[Path, str],
) -> None:
    folder, page = made
    check_form(page)
    text = unescape(plain(page))
    table = pd.read_csv(folder / "claims.csv")
    assert len(table) == 18
    for _, row in table.iterrows():
        for cell in ("claim", "verdict", "reason", "because", "source_check"):
            if isinstance(row[cell], str):
                assert spoken(row[cell]) in text or row[cell] in text, (row["id"], cell)


def test_every_number_behind_a_claim_is_the_tables_own(made: tuple[Path, str]) -> None:
    folder, page = made
    claims, tests = (pd.read_csv(folder / f"{name}.csv") for name in ("claims", "claim_tests"))
    text = unescape(plain(page))
    printed = claim_rows(claims, tests, CLAIMS)
    assert sum(len(row["tests"]) for row in printed) == tests["estimate"].notna().sum() > 20
    for row in printed:
        own = tests[(tests["claim"] == row["id"]) & tests["estimate"].notna()]
        for cells, (_, test) in zip(row["tests"], own.iterrows(), strict=True):
            line = " ".join(str(cell) for cell in cells.values())
            decimals = interval_decimals(test["ci_low"], test["ci_high"])
            assert cells["estimate"].startswith(rounded(test["estimate"], decimals))
            assert cells["interval"] == interval(test["ci_low"], test["ci_high"], decimals)
            assert cells["p"] == probability(test["p"])
            assert cells["answer"] == test["answer"]
            for cell in ("metric", "estimate", "interval", "p", "asked", "n", "answer", "reason"):
                assert cells[cell] in text, (line, cell)
        gone = tests[(tests["claim"] == row["id"]) & tests["estimate"].isna()]
        for reason in gone["reason"].unique():
            assert any(line["reason"] == spoken(reason) for line in row["unanswered"])


def test_every_answered_study_row_has_the_tables_numbers(made: tuple[Path, str]) -> None:
    folder, page = made
    text = plain(page)
    table = pd.read_csv(folder / "studies.csv")
    answered = table[table["computed"].notna()]
    assert len(answered) > 10
    for _, row in answered.iterrows():
        decimals = interval_decimals(row["ci_low"], row["ci_high"])
        printed = interval(row["ci_low"], row["ci_high"], decimals)
        assert f"{rounded(row['computed'], decimals)}" in text
        assert printed in text
        assert row["verdict"] in text


def test_comparisons_and_claims_give_the_same_difference(made: tuple[Path, str]) -> None:
    folder, _ = made
    compared = pd.read_csv(folder / "comparisons.csv").set_index("metric")
    tests = pd.read_csv(folder / "claim_tests.csv")
    own = tests[tests["design"] == "between_runners"].drop_duplicates("metric").set_index("metric")
    shared = [metric for metric in compared.index if metric in own.index]
    assert shared
    row = compared.loc["contact_time"]
    for metric in shared:
        percent = own.loc[metric, "unit"] == "%"
        # a load is tested in percent, what has no zero in its own unit, as it is compared
        assert np.sign(own.loc[metric, "estimate"]) == np.sign(compared.loc[metric, "difference"])
        if not percent:
            values = own.loc[metric, ["estimate", "ci_low", "ci_high"]].astype(float)
            other = compared.loc[metric, ["difference", "ci_low", "ci_high"]].astype(float)
            assert list(values) == pytest.approx(list(other), rel=1e-5)
    studies = pd.read_csv(folder / "studies.csv")
    beside = studies[
        (studies["study"] == "Santos2016") & (studies["metric"] == "knee_flexion_angle_contact")
    ].iloc[0]
    row = compared.loc["knee_flexion_angle_contact"]
    assert beside["computed"] == pytest.approx(row["difference"], rel=1e-6)


def test_clusters_on_the_page_are_those_of_table_and_store(made: tuple[Path, str]) -> None:
    folder, page = made
    table = pd.read_csv(folder / "waveform_tests.csv")
    places, _ = read_waveforms(folder / "waveform_tests.h5")
    own = table[(table["test"] == "two_sample") & table["cluster"].notna()]
    assert len(own)
    text = plain(page).replace("&lt;", "<")
    for _, row in own.iterrows():
        stem = f"two_sample/rearfoot_against_forefoot/{row['quantity']}"
        clusters = places[f"{stem}/clusters"].values
        stored = clusters[int(row["cluster"]) - 1]
        np.testing.assert_allclose(
            stored[:3], row[["start_percent", "end_percent", "cluster_p"]].astype(float), rtol=1e-5
        )
        words = f"{row['start_percent']:.0f} to {row['end_percent']:.0f} %"
        assert f"{words} (p {probability(row['cluster_p'])})" in text
    assert "Where whole curves differ" in text


def test_the_smallest_effect_the_cohort_could_have_seen_is_printed(made: tuple[Path, str]) -> None:
    text = plain(made[1])
    assert "differences of 2.4 standard deviations" in text
    assert "4 against 4 runners would show a change of" in text


def test_a_virtual_cohort_says_so_everywhere_and_tests_nothing(tmp_path: Path) -> None:
    runs = [
        (subject, name, name, angle + place)
        for place, subject in enumerate("ABC")
        for name, angle in (("heel_strike", 15.0), ("forefoot_lean", -4.0))
    ]
    page = Cohort(tmp_path, runs, virtual=True).page()
    check_form(page)
    text = plain(page)
    assert "3 virtual runners. Nobody ran." in text
    assert "virtual recording, " in text
    assert "nothing was tested" in text
    assert "paired t-tests" not in text
    assert "the model predicts" in text
    compared = pd.read_csv(tmp_path / "comparisons.csv")
    assert compared["p_raw"].isna().all()
    assert pd.read_csv(tmp_path / "waveform_tests.csv").empty


def test_verdicts_have_a_tone_and_are_counted() -> None:
    table = pd.DataFrame(
        {
            "id": [1, 2, 3, 4],
            "claim": ["one", "two", "three", "four"],
            "verdict": ["undecided", "not testable here (kept)", "supported", "not testable here"],
            "answer": ["undecided", "not testable here", "supported", "not testable here"],
            "predicted": "no",
            "reason": ["a_b: -1", "why", "because", "why"],
            "because": np.nan,
            "p": [0.2, np.nan, 0.001, np.nan],
            "p_claims": [0.2, np.nan, 0.002, np.nan],
            "source_check": "s",
        }
    )
    rows = claim_rows(table, pd.DataFrame(columns=list(TEST_COLUMNS)), CLAIMS)
    assert [row["tone"] for row in rows] == ["open", "none", "yes", "none"]
    assert rows[0]["reason"] == f"a b: {MINUS}1"
    assert rows[0]["mechanism"] == CLAIMS[0].mechanism
    found = [(one["slug"], one["n"]) for one in claim_filters(rows)]
    assert found == [("supported", 1), ("undecided", 1), ("not-testable-here", 2)]
    assert [row["short"] for row in rows][1] == "not testable here"
    assert rows[1]["plain"] == "The technique leaves this as it was recorded."


def test_every_quantity_that_decides_a_claim_has_a_runners_words() -> None:
    decide = {metric for claim in CLAIMS for test in claim.primary for metric in test.metrics}
    assert decide == set(QUANTITIES)


def test_study_verdicts_are_counted_by_kind() -> None:
    verdicts = [
        "agrees (other runners, not the same ones changed)",
        "agrees in sign, not in size",
        "not testable here (kept)",
        "the model's band covers the published size (the published direction, band 1 to 2)",
        "the model's band leaves the published size out: the published direction (band 1 to 2)",
        "the model predicts the published direction (band 1 to 2)",
        "the model predicts no clear sign (band -1 to 2)",
    ]
    assert [kind(verdict) for verdict in verdicts] == [
        "agree",
        "agree in sign only",
        "not testable here",
        "model: size in the band",
        "model: size outside the band",
        "model: published direction",
        "model: no clear sign",
    ]
    assert tally(verdicts)[0] == ("agree", 1)


def test_what_a_study_cannot_answer_is_one_line_a_reason(made: tuple[Path, str]) -> None:
    table = pd.read_csv(made[0] / "studies.csv")
    groups = {group["study"]: group for group in study_groups(table, STUDIES, UNITS)}
    assert not groups["Braun2024"]["rows"]
    assert len(groups["Braun2024"]["unanswered"]) <= 2
    # beside a direction stands the metric's own unit
    contact = groups["Santos2016"]["rows"][0]
    assert contact["computed"].endswith(" deg")
    # nobody here strikes with the midfoot, and forefoot strikers do not stand for them
    assert not groups["OguetaAlday2014"]["rows"]


def test_slopes_stand_alone_and_with_covariates_held() -> None:
    rows = []
    for predictor, slope in (("angle", 0.5), ("angle, mass_kg held", 0.2)):
        rows.append(
            {"metric": "contact_time", "unit": "s/deg", "predictor": predictor, "slope": slope,
             "ci_low": slope - 0.1, "ci_high": slope + 0.1, "n": 14, "p_raw": 0.01, "p_holm": 0.1}
        )  # fmt: skip
    (row,) = regression_rows(pd.DataFrame(rows))
    assert (row["slope"], row["held"]) == ("5.0", "mass kg")
    assert row["slope_held"] == "2.0 (1.0 to 3.0)"


def test_mixed_model_is_told_in_one_sentence() -> None:
    paired = pd.DataFrame(
        {"metric": ["a", "b", "c"], "difference": [1.0, -1.0, 2.0], "p_raw": [0.01, 0.5, 0.02]}
    )
    mixed = pd.DataFrame({"metric": ["a", "b"], "difference": [1.1, 0.1], "p_raw": [0.04, 0.9]})
    assert "fitted for 2 metrics" in mixed_words(paired, mixed)
    assert "same sign in 1 and falls on the same side of p = 0.05 in 2" in mixed_words(
        paired, mixed
    )
    assert mixed_words(paired, mixed.iloc[:0]) == ""


def test_bars_are_drawn_for_one_contrast_only_and_words_tell_all() -> None:
    row = {
        "quantity": "force", "unit": "BW", "test": "paired", "condition_a": "a", "condition_b": "b",
        "p_raw": 0.01, "p_holm": 0.02, "cluster": 1.0, "start_percent": 10.0, "end_percent": 20.0,
        "cluster_p": 0.003, "status": "tested",
    }  # fmt: skip
    other = row | {"condition_b": "c", "cluster": np.nan, "status": "tested"}
    one, two = pd.DataFrame([row]), pd.DataFrame([row, other])
    assert bars(one)["force"][0].start == 10.0
    assert bars(two) == {}
    lines = waveform_lines(two, [("force", "the force")])
    assert lines[0] == (
        "b against a: The force from 10 to 20 % (p 0.003); p 0.020 after Holm's correction over "
        "all curves."
    )
    assert "nowhere" in lines[1]
