"""A table of validations in the workflow: the jobs it adds in dry runs, and its mistakes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from project_copy import SUBJECTS, TRIALS, Copy
from test_reruns import PAGE_RULES, expected

TWO_SPEEDS = (
    TRIALS.splitlines()[0]
    + "\nanna\trun1\tanna_run1.c3d\tspeed_3\t3.0\t3.0"
    + "\nanna\trun2\tanna_run2.c3d\tspeed_4\t4.0\t4.0"
    + "\nbert\trun1\tbert_run1.c3d\tspeed_3\t3.0\t3.0\n"
)
HEADER = "comparison\tkind\tsubject\tfrom\tto\task\tgroup\n"
FASTER = HEADER + "faster\tchange\tanna\trun1\trun2\tspeed,lean\n"


def put(copy: Copy, old: str, new: str) -> None:
    """Change one value of the configuration."""
    path = copy.folder / "config" / "config.yaml"
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


def validate(copy: Copy, table: str) -> None:
    """Set beside recordings what a table says."""
    (copy.folder / "validation.tsv").write_text(table, encoding="utf-8")
    put(copy, 'table: ""', "table: validation.tsv")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    copy = Copy(tmp_path_factory.mktemp("validation") / "project")
    copy.tables(SUBJECTS, TWO_SPEEDS)
    copy.make_everything()
    return copy


@pytest.fixture
def project(made: Copy) -> Iterator[Copy]:
    path = made.folder / "config" / "config.yaml"
    kept = path.read_bytes()
    yield made
    path.write_bytes(kept)


def test_a_change_is_predicted_from_its_recording_alone(project: Copy) -> None:
    validate(project, FASTER)
    assert project.planned() == expected(
        {"anna run1": {"predict_change"}, "own": {"validate_predictions"} | PAGE_RULES}
    )


def test_mistakes_of_the_table_are_told_with_their_place(project: Copy) -> None:
    validate(project, HEADER + "faster\tchange\tana\trun1\trun2\tsped\n")
    done = project.snakemake("-n")
    assert done.returncode == 2
    assert "validation.tsv, line 2 (subject ana), subject" in done.stderr
    assert "Did you mean 'anna'?" in done.stderr
    assert "Did you mean 'speed'?" in done.stderr


def test_recordings_that_are_not_there_are_left_out_where_asked(tmp_path: Path) -> None:
    copy = Copy(tmp_path / "project")
    copy.tables(SUBJECTS, TWO_SPEEDS)
    (copy.folder / "anna_run2.c3d").unlink()
    validate(copy, FASTER)
    refused = copy.snakemake("-n")
    assert refused.returncode == 2
    assert "no file anna_run2.c3d" in refused.stderr
    put(copy, "absent: refuse", "absent: leave_out")
    left = copy.snakemake("-n")
    assert left.returncode == 0
    assert "1 recordings of the tables are not below data_root (anna run2)" in left.stderr
    assert "predict_change" not in left.stdout
