"""Another Snakefile uses the rules as a module: its prefix moves results, and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from project_copy import SUBJECTS, TRIALS

TOP = Path(__file__).parents[2]
OUTER = """
configfile: "outer.yaml"

module strikelean:
    snakefile: "{snakefile}"
    config: config["strikelean"]
    prefix: "sub"

use rule * from strikelean as strikelean_*

rule count:
    default_target: True
    input:
        rules.strikelean_all.input,
    output:
        "count.txt",
    shell:
        "ls {{input}} | wc -l > {{output}}"

onstart:
    strikelean.clear_tables()
    print("outer configuration:", sorted(config), sorted(config["strikelean"]))
"""
VIRTUAL = "mine: 1\nstrikelean:\n  virtual: {runners: 1, techniques: [forefoot], derived: []}\n"
OWN = """
strikelean:
  cohort: lab
  data_root: recorded
  tables: {subjects: s.tsv, trials: t.tsv}
"""


def outer(folder: Path, config: str) -> Path:
    """Write another workflow that uses the project's rules."""
    folder.mkdir()
    snakefile = folder / "Snakefile"
    snakefile.write_text(OUTER.format(snakefile=TOP / "Snakefile"), encoding="utf-8")
    (folder / "outer.yaml").write_text(config, encoding="utf-8")
    return folder


def run(folder: Path, *options: str, code: int = 0) -> str:
    # whoever runs another workflow means nothing by DATA
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", "--cores", "1", *options],
        cwd=folder,
        env=os.environ | {"DATA": "absent"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture
def virtual(tmp_path: Path) -> Path:
    return outer(tmp_path / "outer", VIRTUAL)


def test_every_rule_is_planned_under_the_prefix(virtual: Path) -> None:
    planned = run(virtual, "--dry-run")
    for rule in ("fetch_model", "make_virtual_runner", "scale_model", "write_report"):
        assert f"strikelean_{rule} " in planned
    graph = run(virtual, "--filegraph")
    assert "sub/results/{cohort}/{subject}/scaled.osim" in graph
    assert ">results/" not in graph
    # what rules read of the project stays where it is
    assert f"{os.path.relpath(TOP, virtual)}/config/schemas/metrics.yaml" in graph
    assert "sub/.." not in graph


def test_a_job_runs_under_the_prefix_with_a_part_of_the_configuration(virtual: Path) -> None:
    said = run(virtual, "sub/results/virtual/subjects.tsv")
    table = (virtual / "sub" / "results" / "virtual" / "subjects.tsv").read_text(encoding="utf-8")
    assert len(table.splitlines()) == 3
    assert (virtual / "sub" / "logs" / "virtual" / "tabulate_virtual.log").is_file()
    assert not (virtual / "results").exists()
    # the outer workflow's configuration is as it was given
    assert "outer configuration: ['mine', 'strikelean'] ['virtual']" in said


def test_tables_of_an_earlier_run_are_cleared_under_the_prefix(virtual: Path) -> None:
    table = "sub/results/virtual/subjects.tsv"
    run(virtual, table)
    elsewhere = virtual / "results" / "virtual" / "subjects.tsv"
    elsewhere.parent.mkdir(parents=True)
    elsewhere.touch()
    run(virtual, table, "--force")
    assert elsewhere.is_file()


def test_recordings_stay_where_the_tables_name_them(tmp_path: Path) -> None:
    folder = outer(tmp_path / "outer", OWN)
    (folder / "s.tsv").write_text(SUBJECTS, encoding="utf-8")
    (folder / "t.tsv").write_text(TRIALS, encoding="utf-8")
    (folder / "recorded").mkdir()
    for name in ("anna_static.trc", "bert_static.trc", "anna_run1.c3d", "bert_run1.c3d"):
        (folder / "recorded" / name).touch()
    # a recording that is looked for elsewhere would be missing
    planned = run(folder, "--dry-run")
    assert "[anna run1] solve_trial" in planned
    made = [line.split("\t")[0] for line in run(folder, "--summary").splitlines()]
    assert "sub/results/lab/anna/run1/markers.trc" in made
    assert not any(name.startswith("results/") for name in made)


def test_a_mistake_names_the_module_as_its_place(tmp_path: Path) -> None:
    folder = outer(tmp_path / "outer", "strikelean:\n  virtual: {runers: 1}\n")
    said = run(folder, "--dry-run", code=2)
    assert "config of the module, virtual.runers" in said
    assert "Did you mean 'runners'?" in said
    assert "Traceback" not in said


@pytest.mark.long
def test_a_virtual_recording_is_read_under_the_prefix(virtual: Path) -> None:
    """The params of a job name the file where the module's prefix puts it."""
    static = "sub/results/virtual/V01/static.trc"
    run(virtual, static, "sub/results/virtual/V01/heel_strike/markers.trc")
    assert "Marker" in (virtual / static).read_text(encoding="utf-8")[:2000]
