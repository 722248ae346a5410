"""What was built from what: every delivered table is entered, and judges build nothing."""

from __future__ import annotations

from pathlib import Path

from strikelean.report.validated import built_rows, judge_rows
from strikelean.validation.built import built_parts

TOP = Path(__file__).parents[2]


def test_every_table_of_statistics_is_entered_and_there() -> None:
    entered = {name for part in built_parts()["parts"] for name in part["files"]}
    assert all((TOP / name).exists() for name in entered)
    tables = [*(TOP / "models" / "techniques").glob("*.csv"), *(TOP / "models/gaits").glob("*.csv")]
    assert {path.relative_to(TOP).as_posix() for path in tables} <= entered


def test_who_only_judges_builds_nothing_that_predictions_rest_on() -> None:
    document = built_parts()
    judges = {
        name
        for entry in document["judges"]
        if entry.get("never_builds")
        for name in entry["datasets"]
    }
    assert judges
    for part in document["parts"]:
        if part["techniques"] != ["none"]:
            assert not judges & set(part.get("datasets", ()))


def test_every_dataset_that_is_named_is_public_and_told_on_the_page() -> None:
    document = built_parts()
    named = {name for part in document["parts"] for name in part.get("datasets", ())}
    named |= {name for entry in document["judges"] for name in entry["datasets"]}
    assert named == set(document["datasets"])
    assert all(one["doi"].startswith("10.") for one in document["datasets"].values())
    assert len(built_rows()) == len(document["parts"])
    assert {row["doi"] for row in judge_rows()} <= {d["doi"] for d in document["datasets"].values()}
