"""One bad trial costs itself alone: odd recordings beside good ones, every stage for real."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest

from odd_recordings import odd_recordings
from project_copy import SUBJECTS, TRIALS, Copy
from strikelean.model.fetch import cached_model
from strikelean.model.generic import load_recipe

pytestmark = pytest.mark.long

TOP = Path(__file__).parents[2]
HEADERS = [table.splitlines(keepends=True)[0] for table in (SUBJECTS, TRIALS)]
ONE = "virtual: {runners: 1, strides: 3, techniques: [], derived: [], trunk_lean_change_deg: []}\n"
ODD = """
cohort: odd
data_root: data
kinematics: {knee3: true}
counterfactual: {techniques: [lean+05], strides: 3, band_strides: 1}
sweep: {trunk_lean_change_deg: [0, 5], strides: 1}
"""
RUN = ("--cores", "2", "--keep-going", "--configfile", "odd.yaml")
# the trials whose runner is asked to lean: each kind of bad base
LEANING = ("good", "one_side", "one_step", "no_step", "no_forces")
# what excludes each, empty where it is used
REASONS = {
    "good": "",
    "force_60": "",
    "good~lean+05": "",
    # their steps count with those of the condition's other trials
    "one_side": "",
    "one_step": "",
    "no_step": "expected ground forces in no_step.c3d, found plate 1 left out: it reads 0 N",
    "no_step~lean+05": "[V01 no_step] read_recording: expected ground forces in no_step.c3d",
    # their stances are solved alone
    "one_side~lean+05": "",
    "one_step~lean+05": "",
    # angles alone
    "no_forces": "",
    "no_forces~lean+05": "no forces were recorded: angles alone, no loads and no other technique",
    "markers_25": "expected markers at more than 30 Hz",
    "no_file": "damaged or no C3D file",
    "still": "read_recording: ",
}


def rows(path: Path, delimiter: str = ",") -> list[dict[str, str]]:
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line[:1] != "#"]
    return list(csv.DictReader(lines, delimiter=delimiter))


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """A virtual runner's recording, the odd ones made of it, and their tables."""
    if cached_model(load_recipe(TOP / "models" / "rajagopal2016.yaml")["source"]) is None:
        pytest.skip("the generic model is not cached: run 'make test' once with a network")
    copy = Copy(tmp_path_factory.mktemp("odd") / "project")
    copy.tables(*HEADERS)
    (copy.folder / "one.yaml").write_text(ONE, encoding="utf-8")
    table, place = "results/virtual/subjects.tsv", Path("results") / "virtual" / "V01"
    good = place / "recordings" / "heel_strike.c3d"
    run = copy.snakemake("--cores", "2", "--configfile", "one.yaml", "--", str(good), table)
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-6000:]
    data = copy.folder / "data"
    data.mkdir()
    shutil.copy(copy.folder / good, data / "good.c3d")
    shutil.copy(copy.folder / good.with_name("static.c3d"), data)
    truth = copy.folder / place / "truth" / "heel_strike_contacts.csv"
    files = {"good": "good.c3d"} | odd_recordings(data / "good.c3d", truth, data)
    body = rows(copy.folder / table, "\t")[0]
    who = f"V01\t{body['mass_kg']}\t{body['height_m']}\t{body['sex']}\tstatic.c3d\t\tvirtual\n"
    trials = "".join(
        f"V01\t{name}\t{file}\t{'heel_strike' if name in LEANING else name}\t3.5\t3.5\t\t\n"
        for name, file in files.items()
    )
    copy.tables(HEADERS[0] + who, HEADERS[1] + trials)
    (copy.folder / "odd.yaml").write_text(ODD, encoding="utf-8")
    return copy


@pytest.fixture(scope="module")
def results(project: Copy) -> Path:
    run = project.snakemake(*RUN)
    told = run.stdout + run.stderr
    assert run.returncode == 0, told[-9000:]
    assert "a bug in" not in told
    return project.folder / "results" / "odd"


def test_every_odd_trial_has_its_reason_and_the_good_ones_are_used(results: Path) -> None:
    found = {row["trial"]: row for row in rows(results / "quality.csv")}
    assert set(found) == set(REASONS)
    for trial, reason in REASONS.items():
        assert (found[trial]["included"] == "yes") == (reason == ""), trial
        assert reason in found[trial]["reason"], trial
    assert "force at 60 Hz, 200 Hz needed" in found["force_60"]["warnings"]
    assert 'id="missing"' not in (results / "report.html").read_text(encoding="utf-8")
    statuses = {(row["trial"], row["status"]) for row in rows(results / "sweep_manifest.csv")}
    solved = {(name, "solved") for name in LEANING[:3]}
    assert statuses == solved | {(name, "excluded") for name in LEANING[3:]}
    assert "used: angles only, no forces were recorded" in found["no_forces"]["warnings"]
    metrics = [row for row in rows(results / "metrics.csv") if row["trial"] == "no_forces"]
    loads = [row for row in metrics if row["metric"] == "knee_extension_moment_peak"]
    assert {(row["value"], row["reason"]) for row in loads} == {("", "no forces were recorded")}


def test_a_second_run_has_nothing_to_do(results: Path, project: Copy) -> None:
    again = project.snakemake("--dry-run", *RUN)
    assert "Nothing to be done" in again.stdout + again.stderr
