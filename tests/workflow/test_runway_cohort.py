"""Virtual runners overground: one file a pass over a plate, planned and for real."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from project_copy import Copy
from small_cohorts import options

PASSES = 6
RUNWAY = f"""
virtual:
  runners: 1
  strides: 4
  ground: runway
  runway: {{passes: {PASSES}}}
  techniques: [lean+05]
  derived: [cadence+10]
  trunk_lean_change_deg: [0, 5]
  contrast_laboratories: []
"""
KNEE = "knee_extension_moment_peak"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    copy = Copy(tmp_path_factory.mktemp("runway") / "project")
    copy.empty_tables()
    return copy


def rows(path: Path, delimiter: str = ",") -> list[dict[str, str]]:
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line[:1] != "#"]
    return list(csv.DictReader(lines, delimiter=delimiter))


def test_every_pass_is_a_recording_of_its_condition(project: Copy) -> None:
    planned = project.planned(*options(project, RUNWAY))
    solved = Counter(about for rule, about in planned if rule == "solve_trial")
    assert set(solved) == {
        f"V01 {condition}_{number:02d}"
        for condition in ("heel_strike", "lean")
        for number in range(1, PASSES + 1)
    }
    counted = Counter(rule for rule, _ in planned)
    assert counted["make_virtual_runner"] == counted["recover_virtual_runner"] == 1
    assert counted["solve_counterfactual"] == counted["sweep_lean"] == PASSES
    assert counted["band_conditions"] == 1


@pytest.fixture(scope="module")
def results(project: Copy) -> Path:
    run = project.snakemake("--cores", "2", *options(project, RUNWAY), timeout_s=1800)
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-6000:]
    return project.folder / "results" / "virtual"


@pytest.mark.long
def test_the_whole_workflow_takes_passes_over_a_plate(results: Path) -> None:
    assert all(row["belt_speed_m_s"] == "" for row in rows(results / "trials.tsv", "\t"))
    quality = rows(results / "quality.csv")
    assert len(quality) == 3 * PASSES
    assert {(row["included"], row["sides"]) for row in quality} == {("yes", "right left")}
    metrics = rows(results / "metrics.csv")
    knee = [row for row in metrics if row["metric"] == KNEE]
    assert Counter(row["condition"] for row in knee) == dict.fromkeys(
        ("heel_strike", "lean", "cadence"), PASSES
    )
    assert {row["status"] for row in rows(results / "sweep_manifest.csv")} == {"solved"}
    assert 'id="missing"' not in (results / "report.html").read_text(encoding="utf-8")
    steps = [row for row in metrics if row["metric"] == "step_rate" and row["value"]]
    # the foot before is seen by its markers
    assert len(steps) >= 2 * PASSES
    assert all(150.0 < float(row["value"]) < 210.0 for row in steps)


@pytest.mark.long
def test_recovery_is_known_pass_by_pass_and_of_the_difference(results: Path) -> None:
    recovery = [row for row in rows(results / "recovery.csv") if row["quantity"] == KNEE]
    clean = [row for row in recovery if row["laboratory"] == "matched_noise_free"]
    assert len(clean) == PASSES
    assert all(float(row["relative_error"]) < 0.001 for row in clean)
    (lean,) = [row for row in recovery if row["trial"] == "lean less heel_strike"]
    assert float(lean["true_mean"]) < -5.0
    assert float(lean["recovered_mean"]) < -3.0
