"""Any file name is taken, also what Snakemake would take for a wildcard: a word in braces."""

from __future__ import annotations

from pathlib import Path

import pytest

from project_copy import SUBJECTS, TRIALS, Copy

NAMES = ("a b", "run{1}", "{subject}", "{{x}}", "50%", "r*n?", "#1", "$HOME", "Läufer ран", "a'b")


pytestmark = pytest.mark.long


@pytest.fixture
def project(tmp_path: Path) -> Copy:
    return Copy(tmp_path / "project {x} of mine")


def test_recordings_of_any_name_are_planned_and_followed(project: Copy) -> None:
    folder = project.folder / "data {2024}"
    folder.mkdir()
    subjects, trials = SUBJECTS.splitlines()[:1], TRIALS.splitlines()[:1]
    for number, name in enumerate(NAMES):
        for file in (f"{name}.c3d", f"{name}_static.trc", f"{name}.osim"):
            (folder / file).touch()
        model = f"models{number}" if number else "rajagopal2016"
        if number:
            (folder / f"{{{number}}}").mkdir()
            (folder / f"{{{number}}}" / f"{model}.osim").touch()
            model = f"{{{number}}}/{model}.osim"
        subjects.append(f"s{number}\t60\t1.70\tF\t{name}_static.trc\t{model}\trbds")
        trials.append(f"s{number}\trun\t{name}.c3d\theel_strike\t3.5\t\t\t")
    # a file whose name is what a wildcard would make of another's
    (folder / "s2.c3d").touch()
    project.tables("\n".join(subjects) + "\n", "\n".join(trials) + "\n")
    config = ("--config", "data_root=data {2024}")
    planned = project.planned(*config)
    for number in range(len(NAMES)):
        assert ("scale_model", f"s{number}") in planned
        assert ("solve_trial", f"s{number} run") in planned
    assert sum(rule == "fetch_model" for rule, _ in planned) == len(NAMES)


def test_a_changed_recording_reruns_whatever_its_name(project: Copy) -> None:
    (project.folder / "anna_run1.c3d").rename(project.folder / "run{1}.c3d")
    project.tables(SUBJECTS, TRIALS.replace("anna_run1", "run{1}"))
    project.make_everything()
    assert not project.planned()
    (project.folder / "run{1}.c3d").write_bytes(b"new")
    assert ("solve_trial", "anna run1") in project.planned()
    assert ("solve_trial", "bert run1") not in project.planned()
