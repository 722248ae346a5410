"""Another technique and a sweep in the workflow: which jobs they add, real dry runs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from project_copy import Copy
from test_reruns import COHORT_RULES, PAGE_RULES, expected


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    copy = Copy(tmp_path_factory.mktemp("techniques") / "project")
    copy.make_everything()
    return copy


def with_options(copy: Copy, **options: str) -> None:
    """Set options of the sections counterfactual and sweep."""
    path = copy.folder / "config" / "config.yaml"
    # virtual runners have keys of the same names
    text, virtual = path.read_text(encoding="utf-8").split("\nvirtual:")
    for key, value in options.items():
        text, count = re.subn(rf"^(  {key}: ).*?( +#.*)?$", rf"\g<1>{value}\2", text, flags=re.M)
        assert count == 1, key
    path.write_text(f"{text}\nvirtual:{virtual}", encoding="utf-8")


@pytest.fixture
def project(made: Copy) -> Iterator[Copy]:
    path = made.folder / "config" / "config.yaml"
    kept = path.read_bytes()
    yield made
    path.write_bytes(kept)


def test_a_technique_adds_its_trial_of_the_heel_striker_alone(project: Copy) -> None:
    with_options(project, techniques="[lean+05]")
    assert project.planned() == expected(
        {"anna run1": {"solve_counterfactual"}, "own": COHORT_RULES}
    )


# solved angles answer the doses of studies and claims
ANSWERED = {"compare_studies", "judge_claims"}
SWEPT = expected({"anna run1": {"sweep_lean"}, "own": {"collect_sweep"} | ANSWERED | PAGE_RULES})


def test_a_sweep_is_one_job_a_recording(project: Copy) -> None:
    with_options(project, trunk_lean_change_deg="[-5, 0, 5]")
    assert project.planned() == SWEPT


def test_a_new_angle_makes_the_sweep_anew_and_another_order_does_not(tmp_path: Path) -> None:
    swept = Copy(tmp_path / "project")
    with_options(swept, trunk_lean_change_deg="[-5, 0, 5]")
    swept.make_everything()
    assert not swept.planned()
    with_options(swept, trunk_lean_change_deg="[5, 0, -5]")
    again = {rule for rule, _ in swept.planned()}
    assert not again & {"sweep_lean", "collect_sweep"}
    with_options(swept, trunk_lean_change_deg="[-5, 0, 5, 10]")
    assert swept.planned() == SWEPT


def test_a_template_of_the_cohort_leaves_the_runner_out(project: Copy) -> None:
    with_options(project, techniques="[forefoot]", template="leave_one_out")
    planned = project.planned()
    assert planned["build_template_without", "anna"] == 1
    assert planned["average_cycles", "anna run1"] == planned["average_cycles", "bert run1"] == 1
    assert ("build_template", "own") not in planned
    with_options(project, template="models/techniques/strike.csv")
    assert not {rule for rule, _ in project.planned()} & {
        "average_cycles",
        "build_template_without",
    }


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"techniques": "[lean+5]"}, "a technique such as lean+05"),
        ({"techniques": "[leen+05]"}, "found 'leen+05'"),
        ({"techniques": "[lean+45]"}, "possible are -30 to 30"),
        ({"trunk_lean_change_deg": "[45]"}, "sweep.trunk_lean_change_deg"),
        ({"techniques": "[forefoot]", "template": "none.csv"}, "no file none.csv"),
    ],
)
def test_a_mistake_is_told_before_anything_runs(
    project: Copy, options: dict[str, str], words: str
) -> None:
    with_options(project, **options)
    run = project.snakemake("--dry-run")
    told = run.stdout + run.stderr
    assert run.returncode == 2
    assert "Traceback" not in told
    assert words in told


def test_a_condition_that_nobody_ran_is_noted(project: Copy) -> None:
    with_options(project, techniques="[lean+05]", of="toe_strike")
    run = project.snakemake("--dry-run")
    assert run.returncode == 0
    assert "no trial of condition 'toe_strike', nothing is changed" in run.stdout + run.stderr


def test_the_delivered_templates_are_where_the_configuration_says(project: Copy) -> None:
    assert (Path(project.folder) / "models" / "techniques" / "strike.csv").is_file()
