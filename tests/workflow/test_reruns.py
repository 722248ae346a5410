"""Snakemake runs exactly what a change asks for: real dry runs in a copy of the project."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]
COHORT_RULES = {"judge_quality", "collect_cohort", "compare_conditions", "write_report"}
SUBJECT_RULES = {"read_static", "scale_model"}
TRIAL_RULES = {
    "read_recording",
    "solve_kinematics",
    "solve_kinematics_knee3",
    "solve_dynamics",
    "solve_muscles",
    "compute_joint_reactions",
    "compute_loads",
}
SUBJECTS = (
    "subject\tmass_kg\theight_m\tsex\tstatic_file\tmodel\tmarker_set\n"
    "anna\t60\t1.70\tF\tanna_static.trc\trajagopal2016\trbds\n"
    "bert\t75\t1.80\tM\tbert_static.trc\trajagopal2016\trbds\n"
)
TRIALS = (
    "subject\ttrial\tfiles\tcondition\tspeed_m_s\tbelt_speed_m_s\tstart_s\tend_s\n"
    "anna\trun1\tanna_run1.c3d\theel_strike\t3.5\t\t\t\n"
    "bert\trun1\tbert_run1.c3d\tforefoot_upright\t3.5\t\t\t\n"
)
NEW_TRIAL = "anna\trun2\tanna_run2.c3d\tforefoot_lean\t3.5\t\t\t\n"


class Copy:
    """A copy of the project with two runners whose results count as made."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("config", "models", "rules", "scripts"):
            ignore = shutil.ignore_patterns("__pycache__")
            shutil.copytree(TOP / name, folder / name, ignore=ignore)
        shutil.copy(TOP / "Snakefile", folder)
        for name in ("anna_static.trc", "bert_static.trc"):
            (folder / name).touch()
        for name in ("anna_run1.c3d", "anna_run2.c3d", "bert_run1.c3d"):
            (folder / name).touch()
        self.tables(SUBJECTS, TRIALS)

    def tables(self, subjects: str, trials: str) -> None:
        (self.folder / "config" / "subjects.tsv").write_text(subjects, encoding="utf-8")
        (self.folder / "config" / "trials.tsv").write_text(trials, encoding="utf-8")

    def snakemake(self, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "snakemake", "--cores", "8", *options]
        clean = {key: value for key, value in os.environ.items() if key != "DATA"}
        return subprocess.run(
            command,
            cwd=self.folder,
            env=clean | environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def planned(self) -> Counter[tuple[str, str]]:
        """Return how often a dry run plans each (rule, what it is about)."""
        run = self.snakemake("--dry-run")
        assert run.returncode == 0, run.stdout + run.stderr
        jobs = re.findall(r"^Job \d+: \[(.*?)\] (\w+):", run.stdout + run.stderr, re.MULTILINE)
        return Counter((rule, about) for about, rule in jobs)

    def make_everything(self) -> None:
        """Make every output count as made, with Snakemake's own record of how."""
        run = self.snakemake("--summary")
        assert run.returncode == 0, run.stdout + run.stderr
        for line in run.stdout.splitlines():
            if line.startswith("results/"):
                path = self.folder / line.split("\t")[0]
                path.parent.mkdir(parents=True, exist_ok=True)
                path.touch()
        run = self.snakemake("--touch")
        assert run.returncode == 0, run.stdout + run.stderr


def expected(where: dict[str, set[str]]) -> Counter[tuple[str, str]]:
    return Counter((rule, place) for place, names in where.items() for rule in names)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    copy = Copy(tmp_path_factory.mktemp("made") / "project")
    copy.make_everything()
    return copy


@pytest.fixture
def project(made: Copy) -> Iterator[Copy]:
    """Give the made copy, and put back whatever the test edits in it."""
    kept = {
        path: path.read_bytes()
        for folder in ("config", "scripts", "models")
        for path in (made.folder / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    times = {path: path.stat() for path in kept}
    yield made
    for path, content in kept.items():
        if path.read_bytes() != content:
            path.write_bytes(content)
            os.utime(path, ns=(times[path].st_atime_ns, times[path].st_mtime_ns))


def test_second_run_has_nothing_to_do(project: Copy) -> None:
    run = project.snakemake("--dry-run")
    assert run.returncode == 0
    assert "Nothing to be done" in run.stdout + run.stderr


def test_first_run_makes_every_runner_and_the_cohort(tmp_path: Path) -> None:
    fresh = Copy(tmp_path / "project")
    assert fresh.planned() == expected(
        {
            "rajagopal2016": {"fetch_model"},
            "anna": SUBJECT_RULES,
            "bert": SUBJECT_RULES,
            "anna run1": TRIAL_RULES,
            "bert run1": TRIAL_RULES,
            "own": COHORT_RULES,
        }
    )


def test_new_trial_adds_only_its_own_jobs(project: Copy) -> None:
    project.tables(SUBJECTS, TRIALS + NEW_TRIAL)
    assert project.planned() == expected({"anna run2": TRIAL_RULES, "own": COHORT_RULES})


def test_changed_mass_reruns_one_runner(project: Copy) -> None:
    project.tables(SUBJECTS.replace("\t60\t", "\t61\t"), TRIALS)
    assert project.planned() == expected(
        {"anna": {"scale_model"}, "anna run1": TRIAL_RULES, "own": COHORT_RULES}
    )


def test_changed_condition_reruns_no_solve(project: Copy) -> None:
    project.tables(SUBJECTS, TRIALS.replace("heel_strike", "heel"))
    assert project.planned() == expected({"anna run1": {"compute_loads"}, "own": COHORT_RULES})


def test_reordered_and_commented_tables_rerun_nothing_of_a_runner(project: Copy) -> None:
    lines = SUBJECTS.splitlines(keepends=True)
    project.tables("".join(["# noted\n", lines[0], lines[2], lines[1]]), TRIALS)
    assert not project.planned()


def test_changed_limit_judges_anew_and_solves_nothing(project: Copy) -> None:
    config = project.folder / "config" / "config.yaml"
    text = config.read_text(encoding="utf-8")
    assert "max_lag_s: 0.020" in text
    config.write_text(text.replace("max_lag_s: 0.020", "max_lag_s: 0.010"), encoding="utf-8")
    assert project.planned() == expected({"own": COHORT_RULES})


@pytest.mark.parametrize(
    ("module", "first"),
    [
        ("strikelean/report/page.py", {"write_report"}),
        ("strikelean/loads/trial.py", {"compute_loads"}),
        ("strikelean/muscles/solve.py", {"solve_muscles"}),
    ],
)
def test_edited_library_file_reruns_what_uses_it(
    project: Copy, module: str, first: set[str]
) -> None:
    path = project.folder / "scripts" / module
    path.write_text(path.read_text(encoding="utf-8") + "\nEDITED = True\n", encoding="utf-8")
    planned = {rule for rule, _ in project.planned()}
    order = [
        {"solve_muscles"},
        {"compute_joint_reactions"},
        {"compute_loads"},
        {"judge_quality", "collect_cohort", "compare_conditions"},
        {"write_report"},
    ]
    start = next(index for index, names in enumerate(order) if names & first)
    assert planned == set().union(*order[start:])


def test_edited_marker_set_reruns_who_wears_it(project: Copy) -> None:
    path = project.folder / "models" / "markersets" / "rbds.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "\n# noted\n", encoding="utf-8")
    planned = {rule for rule, _ in project.planned()}
    assert "scale_model" in planned
    assert "fetch_model" not in planned
