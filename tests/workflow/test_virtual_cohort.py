"""The delivered default: virtual runners through the whole workflow, planned and for real."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from pathlib import Path

import h5py
import pytest

from project_copy import Copy
from small_cohorts import SMALL, SmallCohort

RUNNERS = [f"V{number:02d}" for number in range(1, 7)]
CONDITIONS = ("heel_strike", "forefoot_upright", "forefoot_lean", "lean", "cadence")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    copy = Copy(tmp_path_factory.mktemp("virtual") / "project")
    copy.empty_tables()
    return copy


def rules(planned: Counter[tuple[str, str]]) -> Counter[str]:
    counted: Counter[str] = Counter()
    for (rule, _), count in planned.items():
        counted[rule] += count
    return counted


def test_the_default_plans_six_runners_five_conditions_and_a_sweep(project: Copy) -> None:
    planned = project.planned()
    counted = rules(planned)
    assert counted["make_virtual_runner"] == counted["recover_virtual_runner"] == 6
    assert counted["solve_trial"] == 30
    assert counted["sweep_lean"] == 6
    assert counted["band_conditions"] == 6
    # techniques were recorded; one more dose is derived
    assert counted["solve_counterfactual"] == 6
    for rule in ("collect_recovery", "check_plausibility", "judge_claims", "write_report"):
        assert counted[rule] == 1
    assert {about for _, about in planned if about.startswith("V")} >= {
        f"{runner} {condition}" for runner in RUNNERS for condition in CONDITIONS
    }


def test_filled_tables_make_no_virtual_runner(tmp_path: Path) -> None:
    counted = rules(Copy(tmp_path / "project").planned())
    assert not {"make_virtual_runner", "recover_virtual_runner", "tabulate_virtual"} & set(counted)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.long
def test_a_small_cohort_runs_from_nothing_to_the_page(virtual_cohort: SmallCohort) -> None:
    results = virtual_cohort.results
    quality = rows(results / "quality.csv")
    assert [(row["trial"], row["included"]) for row in quality] == [
        ("heel_strike", "yes"),
        ("forefoot_upright", "yes"),
    ]
    page = (results / "report.html").read_text(encoding="utf-8")
    assert "Nobody ran." in page
    laboratories = {row["laboratory"] for row in rows(results / "recovery.csv")}
    assert laboratories == {"matched_noise_free", "matched", "mismatched"}
    assert {row["status"] for row in rows(results / "sweep.csv")} == {"solved"}
    # and the runner moves: a stance a trial, and one an angle of the sweep
    block = re.search(r'id="page-data">(.*?)</script>', page, flags=re.DOTALL)
    assert block is not None
    drawn = json.loads(block[1])["poses"]
    assert [pose["trial"] for pose in drawn["trials"]] == ["heel_strike", "forefoot_upright"]
    angles = {int(float(row["trunk_lean_change_deg"])) for row in rows(results / "sweep.csv")}
    assert {pose["lean"] for pose in drawn["leans"]} == angles
    again = virtual_cohort.snakemake("--dry-run")
    assert "Nothing to be done" in again.stdout + again.stderr


@pytest.mark.long
def test_snakemake_puts_page_and_tables_into_its_report(virtual_cohort: SmallCohort) -> None:
    done = virtual_cohort.snakemake("--report", "out.html")
    assert done.returncode == 0, done.stdout + done.stderr
    added = set(re.findall(r"Adding (\S+) \(", done.stdout + done.stderr))
    assert added >= {"report.html", "metrics.csv", "quality.csv", "claims.csv", "recovery.csv"}


@pytest.mark.long
def test_every_number_says_that_it_is_virtual(virtual_cohort: SmallCohort) -> None:
    results = virtual_cohort.results
    assert {row["basis"] for row in rows(results / "metrics.csv")} == {"virtual"}
    for name in ("subjects.tsv", "trials.tsv"):
        assert "nobody ran this" in (results / name).read_text(encoding="utf-8").splitlines()[0]
    with h5py.File(results / "cohort.h5") as store:
        assert str(store["provenance"].attrs["runners"]).startswith("virtual")
        waveform = store["V01/heel_strike/right/knee_extension_moment"]
        assert waveform.attrs["basis"] == "virtual"
    # what is done in another condition is a prediction: it carries the model's band
    knee = {
        trial: [r for r in rows(results / "metrics.csv")
                if r["trial"] == trial and r["metric"] == "knee_extension_moment_peak"]
        for trial in ("heel_strike", "forefoot_upright")
    }  # fmt: skip
    assert not any(row["value_low"] for row in knee["heel_strike"])
    for row in knee["forefoot_upright"]:
        assert float(row["value_low"]) < float(row["value"]) < float(row["value_high"])
    for row in rows(results / "comparisons.csv"):
        # one runner, who is made by a model: nothing is tested
        assert (row["design"], row["virtual"]) == ("one_runner", "True")
        assert (row["p_raw"], row["p_holm"]) == ("", "")
    for row in rows(results / "studies.csv") + rows(results / "claims.csv"):
        assert row["verdict"].startswith(
            ("the model predicts", "not testable here", "depends on the muscle model")
        )


@pytest.mark.long
def test_a_new_angle_and_a_new_technique_add_only_their_own_jobs(
    virtual_cohort: SmallCohort,
) -> None:
    more = SMALL.replace("[0, 5, 20]", "[0, 5, 10, 20]")
    counted = rules(virtual_cohort.planned(more))
    # solved angles answer the doses of studies and claims
    added = ("sweep_lean", "collect_sweep", "compare_studies", "judge_claims")
    assert counted == dict.fromkeys((*added, "write_report", "seal_results"), 1)
    more = SMALL.replace("[forefoot]", "[forefoot, cadence+11]")
    counted = rules(virtual_cohort.planned(more))
    assert counted["make_virtual_runner"] == counted["scale_model"] == 1
