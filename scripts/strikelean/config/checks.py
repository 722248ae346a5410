"""What no schema can say: rows that must fit each other, files that must exist."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from strikelean.config.markersets import markerset_contradictions
from strikelean.config.problems import Problem, did_you_mean, likely
from strikelean.config.schema import Locate, ValuePath, dotted, schema_problems
from strikelean.config.tables import Row
from strikelean.declarations import find_declaration
from strikelean.errors import ConfigError
from strikelean.formats.files import read_yaml
from strikelean.suggestions import suggest, what_differs
from strikelean.techniques import parse_technique
from strikelean.virtual.settings import COHORT

CONDITIONS = ("heel_strike", "forefoot_upright", "forefoot_lean")
# the name of a folder or file that every file system and shell takes
SAFE_NAME = "[A-Za-z0-9][A-Za-z0-9._-]*"
AXES = {"X": (1.0, 0.0, 0.0), "Y": (0.0, 1.0, 0.0), "Z": (0.0, 0.0, 1.0)}
# nearer than this two labels are probably one, misspelt
LABEL_LIKENESS = 0.85
# a template of group means from the cohort itself, always without the runner that is changed
LEAVE_ONE_OUT = "leave_one_out"


def axis_vector(axis: str) -> tuple[float, float, float]:
    """Return the unit vector of a signed axis name such as ``-Y``."""
    sign = -1.0 if axis[0] == "-" else 1.0
    x, y, z = AXES[axis[1]]
    return sign * x, sign * y, sign * z


def split_files(cell: str) -> tuple[str, ...]:
    """Return the file names in a ``files`` cell, markers first."""
    return tuple(part.strip() for part in cell.split(";") if part.strip())


def cohort_problems(config: Mapping[str, Any], locate: Locate, *, real: bool) -> Iterator[Problem]:
    """Yield a name that would put real runners where virtual ones are kept."""
    name = config.get("cohort")
    # letter case aside: one folder on some file systems
    if real and isinstance(name, str) and name.lower() == COHORT:
        expected = f"another name than {COHORT}, which virtual runners have"
        yield Problem(*locate(("cohort",)), expected, f"'{name}'")


def technique_problems(
    config: Mapping[str, Any], locate: Locate, declarations: Sequence[Path], top: Path
) -> Iterator[Problem]:
    """Yield techniques that are none or that nobody declared, and a template that is not there."""
    section = config.get("counterfactual")
    names = section.get("techniques") if isinstance(section, Mapping) else None
    file, place = locate(("counterfactual", "techniques"))
    strikes, faster = False, False
    for name in names if isinstance(names, list) else ():
        try:
            technique = parse_technique(str(name))
            strikes |= technique.strikes
            faster |= bool(technique.speed_percent)
            find_declaration(declarations, technique.condition)
        except ConfigError as error:
            yield Problem(file, place, error.expected, error.found, f"{error.action}.")
    for key, asked in (("template", strikes), ("speed_template", faster)):
        template = str(section.get(key, "")) if isinstance(section, Mapping) else ""
        if asked and template != LEAVE_ONE_OUT and not (top / template).is_file():
            file, place = locate(("counterfactual", key))
            hint = "Build it (make templates DATA=folder), or take leave_one_out."
            yield Problem(file, place, "a table of group statistics", f"no file {template}", hint)


def virtual_problems(config: Mapping[str, Any], locate: Locate, top: Path) -> Iterator[Problem]:
    """Yield techniques of virtual runners that are none or two of one condition, absent tables."""
    section = config.get("virtual")
    if not isinstance(section, Mapping):
        return
    file, place = locate(("virtual", "techniques"))
    names = section.get("techniques")
    conditions: dict[str, str] = {}
    for name in names if isinstance(names, list) else ():
        try:
            technique = parse_technique(str(name))
        except ConfigError as error:
            yield Problem(file, place, error.expected, error.found, f"{error.action}.")
            continue
        if technique.speed_percent:
            hint = "Their speed is virtual.speed_m_s; counterfactual.techniques takes speeds."
            yield Problem(file, place, "techniques at one speed", f"'{name}'", hint)
        condition = technique.condition
        first = conditions.setdefault(condition, str(name))
        if first != name:
            expected = f"one technique of the condition {condition}"
            yield Problem(file, place, expected, f"{first} and {name}")
    file, place = locate(("virtual", "derived"))
    derived = section.get("derived")
    for name in derived if isinstance(derived, list) else ():
        try:
            parse_technique(str(name))
        except ConfigError as error:
            yield Problem(file, place, error.expected, error.found, f"{error.action}.")
    known = sorted(path.stem for path in (top / "models" / "markersets").glob("*.yaml"))
    name = section.get("marker_set")
    if isinstance(name, str) and name not in known:
        file, place = locate(("virtual", "marker_set"))
        expected = "a file in models/markersets/"
        yield Problem(file, place, expected, f"'{name}'", did_you_mean(name, known))
    for key in ("gait", "strike", "ranges"):
        name = section.get(key)
        if isinstance(name, str) and not (top / name).is_file():
            file, place = locate(("virtual", key))
            hint = "Build it: make templates DATA=folder."
            yield Problem(file, place, "a table of group statistics", f"no file {name}", hint)


def repeated(rows: Sequence[Row], keys: tuple[str, ...]) -> Iterator[Problem]:
    """Yield rows whose keys stand in an earlier row already, letter case aside.

    Two names that differ in case only would be one folder on some file systems.
    """
    seen: dict[tuple[str, ...], int] = {}
    for row in rows:
        if not all(key in row.cells for key in keys):
            continue
        name = tuple(str(row.cells[key]) for key in keys)
        first = seen.setdefault(tuple(part.lower() for part in name), row.line)
        if first != row.line:
            what = " ".join(name)
            yield row.problem(keys[-1], f"one row for {what}", f"another in line {first}")


def _file_problem(row: Row, key: str, name: str, data_root: Path) -> Iterator[Problem]:
    path = data_root / name
    # an absent data_root is one mistake, told once
    if path.is_file() or not data_root.is_dir():
        return
    siblings = [other.name for other in path.parent.glob("*")] if path.parent.is_dir() else []
    where = f"Paths are relative to data_root, {data_root.resolve()}."
    hint = suggest(path.name, siblings, cutoff=0.75) or where
    plain = unicodedata.normalize("NFC", path.name)
    if any(unicodedata.normalize("NFC", name) == plain for name in siblings):
        hint = "A file of that name is there with its accents encoded otherwise: rename it."
    yield row.problem(key, "a file", f"no file {name}", hint)


def marker_set_file(cell: str, models: Path) -> Path:
    """Return the file of a marker set that the table of runners names.

    A delivered one by its name, another by its path from where snakemake runs, as the tables.
    """
    return Path(cell) if cell.endswith(".yaml") else models / "markersets" / f"{cell}.yaml"


def subject_problems(
    rows: Sequence[Row], data_root: Path, models: Path, default_model: str
) -> Iterator[Problem]:
    """Yield subjects whose files, model or marker set are not there."""
    marker_sets = sorted(path.stem for path in (models / "markersets").glob("*.yaml"))
    recipes = sorted(path.stem for path in models.glob("*.yaml"))
    stems: dict[str, str] = {}
    for row in rows:
        if "static_file" in row.cells:
            yield from _file_problem(row, "static_file", row.cells["static_file"], data_root)
        marker_set = row.cells.get("marker_set")
        own_set = marker_set is not None and marker_set_file(marker_set, models).is_file()
        if marker_set is not None and not own_set:
            hint = did_you_mean(marker_set, marker_sets)
            expected = "a file in models/markersets/, or the path of a .yaml file"
            yield row.problem("marker_set", expected, f"'{marker_set}'", hint)
        model = str(row.cells.get("model", default_model))
        if model.endswith(".osim"):
            yield from _file_problem(row, "model", model, data_root)
            if not re.fullmatch(SAFE_NAME, Path(model).stem):
                expected = "a file name of letters, digits, dot, dash and underscore"
                yield row.problem("model", expected, f"'{Path(model).name}'")
        elif model not in recipes:
            hint = did_you_mean(model, recipes)
            expected = "a recipe in models/ or the path of an .osim file"
            yield row.problem("model", expected, f"'{model}'", hint)
        first = stems.setdefault(Path(model).stem if model.endswith(".osim") else model, model)
        if first != model:
            yield row.problem("model", "models with different names", f"{first} and {model}")


def trial_problems(
    rows: Sequence[Row], subjects: Sequence[Row], data_root: Path, *, told: bool = False
) -> Iterator[Problem]:
    """Yield trials of unknown subjects, absent recordings and impossible windows.

    Args:
        rows: of the table of recordings.
        subjects: of the table of runners.
        data_root: folder of the recordings.
        told: whether a mistake leaves the table of runners without rows: then nobody is unknown.
    """
    known = [str(row.cells["subject"]) for row in subjects if "subject" in row.cells]
    for row in rows:
        subject = row.cells.get("subject")
        if subject is not None and subject not in known and (known or not told):
            hint = did_you_mean(str(subject), known)
            yield row.problem("subject", "a subject of the subject table", f"'{subject}'", hint)
        for name in split_files(str(row.cells.get("files", ""))):
            yield from _file_problem(row, "files", name, data_root)
        start, end = row.cells.get("start_s"), row.cells.get("end_s")
        if isinstance(start, float) and isinstance(end, float) and start >= end:
            yield row.problem("end_s", f"more than start_s ({start:g})", f"{end:g}")


def _read_yaml(path: Path) -> Any:
    """Return a YAML file's content, or the text of why it is not one."""
    try:
        return read_yaml(path)
    except yaml.YAMLError as error:
        return " ".join(str(error).split())


def _name(path: Path, top: Path) -> str:
    return path.relative_to(top).as_posix() if path.is_relative_to(top) else path.as_posix()


def _locate(file: str, path: ValuePath) -> tuple[str, str]:
    return file, dotted(path)


def document_problems(files: Sequence[Path], schema_file: Path, top: Path) -> Iterator[Problem]:
    """Yield mistakes in YAML files (marker sets, recipes) against their schema."""
    for path in files:
        name, document = _name(path, top), _read_yaml(path)
        if not isinstance(document, dict):
            yield Problem(name, "the file", "a block of keys in YAML", str(document)[:200])
            continue
        yield from schema_problems(document, schema_file, partial(_locate, name))


def _marker_uses(document: Any) -> Iterator[tuple[str, str]]:
    """Yield (place, marker) for every marker that a marker set's other keys name."""
    for side, roles in document["landmarks"].items():
        yield from ((f"landmarks.{side}.{role}", marker) for role, marker in roles.items())
    yield from ((f"trunk.{role}", marker) for role, marker in document.get("trunk", {}).items())
    for entry in document.get("computed", []):
        yield from ((f"computed {entry['name']}", marker) for marker in entry["markers"])
    for number, entry in enumerate(document["scaling"], 1):
        for pair in entry.get("pairs", []):
            yield from ((f"scaling[{number}].pairs", marker) for marker in pair)


def markerset_problems(files: Sequence[Path], top: Path) -> Iterator[Problem]:
    """Yield markers that a marker set uses without listing them, or lists twice."""
    for path in files:
        document = _read_yaml(path)
        try:
            uses = list(_marker_uses(document))
            listed = [entry["name"] for entry in document["markers"]]
            known = {*listed, *(entry["name"] for entry in document.get("computed", []))}
        except (KeyError, TypeError, AttributeError):
            continue  # the schema has said what is wrong with its shape
        for twice in sorted({name for name in listed if listed.count(name) > 1}):
            yield Problem(_name(path, top), "markers", f"one marker {twice}", "several")
        for place, marker in uses:
            if marker not in known:
                hint = did_you_mean(marker, known)
                yield Problem(_name(path, top), place, "a marker of this set", f"'{marker}'", hint)
        # where the schema has found a shape wrong, it has said so
        with suppress(KeyError, TypeError, AttributeError):
            yield from markerset_contradictions(document, _name(path, top))


def label_warnings(rows: Sequence[Row]) -> Iterator[str]:
    """Yield one line for each condition that looks like another one, misspelt."""
    labels = list(dict.fromkeys(str(row.cells.get("condition", "")) for row in rows))
    for position, label in enumerate(labels):
        others = [*CONDITIONS, *labels[:position]]
        match = None if label in CONDITIONS else likely(label, others, LABEL_LIKENESS)
        if match is not None and match != label and not what_differs(label, match):
            row = next(row for row in rows if row.cells.get("condition") == label)
            where = f"{row.file}, {row.place('condition')}"
            yield f"{where}: '{label}' is kept as a free label. Did you mean '{match}'?"
