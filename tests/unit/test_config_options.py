"""Every option is delivered with a value, documented once, and used."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from strikelean.config.checks import markerset_problems
from strikelean.config.project import DELIVERED_COHORT, load_project
from strikelean.config.schema import load_schema, schema_problems

TOP = Path(__file__).parents[2]
SCHEMAS = TOP / "config" / "schemas"
MARKER_SETS = sorted((TOP / "models" / "markersets").glob("*.yaml"))
RECIPES = sorted((TOP / "models").glob("*.yaml"))
MANUAL = (TOP / "config" / "README.md").read_text(encoding="utf-8")


def delivered() -> dict[str, Any]:
    text = (TOP / "config" / "config.yaml").read_text(encoding="utf-8")
    document: dict[str, Any] = yaml.safe_load(text)
    return document


def leaves(document: dict[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in document.items():
        if isinstance(value, dict):
            yield from leaves(value, f"{above}{key}.")
        else:
            yield f"{above}{key}", value


def schema_leaves(schema: dict[str, Any], above: str = "") -> Iterator[str]:
    for key, entry in schema["properties"].items():
        if "properties" in entry:
            yield from schema_leaves(entry, f"{above}{key}.")
        else:
            yield f"{above}{key}"


def objects(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        if schema.get("type") == "object" and "properties" in schema:
            yield schema
        for value in schema.values():
            yield from objects(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from objects(value)


def test_delivered_configuration_has_exactly_the_options_of_the_schema() -> None:
    schema = load_schema(SCHEMAS / "config.schema.yaml")
    assert {key for key, _ in leaves(delivered())} == set(schema_leaves(schema))


def test_delivered_configuration_runs_as_it_is() -> None:
    config = delivered()
    assert config["cohort"] == DELIVERED_COHORT
    project = load_project(config, TOP, [TOP / "config" / "config.yaml"])
    assert project.virtual
    assert project.config["cohort"] == "virtual"
    conditions = {trial.condition for trial in project.trials.values()}
    assert conditions == {
        "heel_strike",
        "forefoot_upright",
        "forefoot_lean",
        "lean",
        "cadence",
    }
    derived = config["virtual"]["derived"]
    assert len(project.trials) == (5 + len(derived)) * config["virtual"]["runners"] == 36
    none = config | {"virtual": config["virtual"] | {"runners": 0}}
    empty = load_project(none, TOP, [TOP / "config" / "config.yaml"])
    assert (empty.trials, empty.virtual) == ({}, False)


def test_every_line_of_a_setting_has_a_comment() -> None:
    for line in (TOP / "config" / "config.yaml").read_text(encoding="utf-8").splitlines():
        if re.match(r" *\w+: +\S", line):
            assert " # " in line, line


@pytest.mark.parametrize(
    "name",
    ["config", "subjects", "trials", "markerset", "model", "study", "claims", "contrast"],
)
def test_no_schema_lets_an_unknown_key_pass(name: str) -> None:
    found = list(objects(load_schema(SCHEMAS / f"{name}.schema.yaml")))
    assert found
    assert all(entry.get("additionalProperties") is False for entry in found)


def test_manual_documents_every_option_once_with_its_delivered_value() -> None:
    section = MANUAL.split("\n## config.yaml: every setting\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `([\w.]+)` \|([^|]*)\|([^|]*)\|", section, re.MULTILINE)
    assert Counter(key for key, _, _ in rows) == Counter(key for key, _ in leaves(delivered()))
    values = {key: yaml.safe_load(value.strip()) for key, _, value in rows}
    assert values == dict(leaves(delivered()))


@pytest.mark.parametrize("table", ["subjects", "trials"])
def test_manual_documents_every_column_once(table: str) -> None:
    section = MANUAL.split(f"## {table}.tsv")[1].split("\n## ")[0]
    columns = re.findall(r"^\| (\w+) \|", section, re.MULTILINE)[1:]
    known = list(load_schema(SCHEMAS / f"{table}.schema.yaml")["properties"])
    assert columns == known
    header = (TOP / "config" / f"{table}.tsv").read_text(encoding="utf-8").strip()
    assert header.split("\t") == known


def test_every_option_is_used_by_the_rules_or_the_library() -> None:
    files = [*(TOP / "rules").rglob("*.smk"), TOP / "Snakefile", *(TOP / "scripts").rglob("*.py")]
    used = " ".join(
        path.read_text(encoding="utf-8")
        for path in files
        # checking a value is not using it
        if path.name not in ("checks.py", "problems.py", "schema.py")
    )
    last = {key: key.split(".")[-1] for key, _ in leaves(delivered())}
    unused = [key for key, name in last.items() if not re.search(rf"\b{name}\b", used)]
    assert not unused


@pytest.mark.parametrize("path", MARKER_SETS, ids=lambda path: path.stem)
def test_delivered_marker_sets_are_valid(path: Path) -> None:
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    told = schema_problems(
        document, SCHEMAS / "markerset.schema.yaml", lambda p: (path.name, str(p))
    )
    assert not [str(problem) for problem in told]
    assert not list(markerset_problems([path], TOP))
    assert document["name"] == path.stem


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_delivered_recipes_are_valid(path: Path) -> None:
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    told = schema_problems(document, SCHEMAS / "model.schema.yaml", lambda p: (path.name, str(p)))
    assert not [str(problem) for problem in told]
    assert document["name"] == path.stem


def test_recipes_may_name_every_edit_the_library_can_make() -> None:
    from strikelean.model.edits import OPERATIONS

    entry = load_schema(SCHEMAS / "model.schema.yaml")["properties"]["edits"]["items"]
    assert set(entry["properties"]["operation"]["enum"]) == set(OPERATIONS)


def test_own_lab_example_is_valid(tmp_path: Path) -> None:
    folder = TOP / "config" / "examples" / "own_lab"
    config = delivered()
    config |= yaml.safe_load((folder / "config.yaml").read_text(encoding="utf-8")) | {
        "recording": config["recording"]
        | yaml.safe_load((folder / "config.yaml").read_text(encoding="utf-8"))["recording"]
    }
    config["tables"] = {name: str(TOP / path) for name, path in config["tables"].items()}
    config["data_root"] = str(tmp_path)
    for runner in ("runner01", "runner02"):
        (tmp_path / runner).mkdir()
        for name in (
            "standing.trc",
            *(f"run{i}.{kind}" for i in (1, 2, 3) for kind in ("trc", "mot")),
        ):
            (tmp_path / runner / name).touch()
    project = load_project(config, TOP, [])
    assert len(project.trials) == 6
    assert project.warnings == ()
