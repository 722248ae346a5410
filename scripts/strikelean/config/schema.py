"""Checking a document against its JSON Schema, in words a runner's coach can act on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
from jsonschema.exceptions import ValidationError

from strikelean.config.problems import Problem, did_you_mean, likely
from strikelean.constants import GRAVITY_M_S2
from strikelean.formats.files import read_yaml
from strikelean.suggestions import suggest

ValuePath = tuple[str | int, ...]
Locate = Callable[[ValuePath], tuple[str, str]]

# the usual other unit of a quantity: (key, its factor, what to say)
OTHER_UNITS: tuple[tuple[str, float, str], ...] = (
    ("height_m", 0.01, "centimetres"),
    ("height_m", 0.001, "millimetres"),
    ("height_m", 0.0254, "inches"),
    ("mass_kg", 1 / GRAVITY_M_S2, "newtons"),
    ("mass_kg", 0.45359237, "pounds"),
    ("speed_m_s", 1 / 3.6, "km/h"),
    ("belt_speed_m_s", 1 / 3.6, "km/h"),
)


@cache
def load_schema(path: Path) -> dict[str, Any]:
    """Return a JSON Schema written as YAML, itself checked against the draft it names."""
    schema: dict[str, Any] = read_yaml(path)
    jsonschema.Draft202012Validator.check_schema(schema)
    return schema


def _plain(value: object) -> str:
    return "nothing" if value is None else f"'{value}'"


def _range(schema: Mapping[str, Any]) -> str:
    low = schema.get("minimum", schema.get("exclusiveMinimum"))
    high = schema.get("maximum", schema.get("exclusiveMaximum"))
    if low is None and high is None:
        return ""
    if high is None:
        return f" from {low:g}" if "minimum" in schema else f" above {low:g}"
    return f" up to {high:g}" if low is None else f" between {low:g} and {high:g}"


def _unit_hint(key: str, value: object, schema: Mapping[str, Any]) -> str:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return ""
    for name, factor, unit in OTHER_UNITS:
        converted = value * factor
        fits = schema.get("minimum", 0) <= converted <= schema.get("maximum", float("inf"))
        if name == key and fits:
            return f"If that is in {unit}, write {converted:.3g}."
    return ""


def _schema(error: ValidationError) -> Mapping[str, Any]:
    return error.schema if isinstance(error.schema, Mapping) else {}


def _missing(error: ValidationError) -> Iterator[tuple[ValuePath, str, str, str]]:
    properties = _schema(error).get("properties", {})
    document: Any = error.instance
    present = set(document)
    strangers = present - set(properties)
    required: Any = error.validator_value
    for key in required:
        # a misspelt key is told once, as the misspelling
        if key in present or any(likely(stranger, properties) == key for stranger in strangers):
            continue
        yield (*error.absolute_path, key), _describe(properties.get(key, {})), "nothing", ""


def _strangers(error: ValidationError) -> Iterator[tuple[ValuePath, str, str, str]]:
    properties = _schema(error).get("properties", {})
    document: Any = error.instance
    for key in document:
        if key not in properties:
            unused = [name for name in properties if name not in document]
            hint = did_you_mean(str(key), unused or properties)
            yield (*error.absolute_path, key), "a known key", f"the unknown key '{key}'", hint


def _describe(schema: Mapping[str, Any]) -> str:
    if "enum" in schema:
        return "one of " + ", ".join(str(value) for value in schema["enum"])
    kinds = {"number": "a number", "integer": "a whole number", "string": "text"}
    kinds |= {"boolean": "true or false", "object": "a block of keys", "array": "a list"}
    kind = kinds.get(str(schema.get("type", "")), "a value")
    if schema.get("type") == "string" and "description" in schema:
        return str(schema["description"])
    unit = f" ({schema['description']})" if "description" in schema else ""
    return f"{kind}{_range(schema)}{unit}"


def _value(error: ValidationError) -> Iterator[tuple[ValuePath, str, str, str]]:
    path: ValuePath = tuple(error.absolute_path)
    key = str(path[-1]) if path else ""
    hint = _unit_hint(key, error.instance, _schema(error))
    if error.validator == "enum" and isinstance(error.instance, str):
        hint = suggest(error.instance, [str(value) for value in _schema(error)["enum"]])
    expected = _describe(_schema(error))
    if error.validator == "not":
        expected = "another word, this one is taken"
    elif error.validator in ("oneOf", "anyOf"):
        expected = "keys that fit its kind"
    found = "a block or list" if isinstance(error.instance, (dict, list)) else None
    yield path, expected, found or _plain(error.instance), hint


_TELL: dict[str, Callable[[ValidationError], Iterator[tuple[ValuePath, str, str, str]]]] = {
    "required": _missing,
    "additionalProperties": _strangers,
}


def schema_problems(document: object, schema_file: Path, locate: Locate) -> list[Problem]:
    """Return every way in which a document breaks its schema.

    Args:
        document: what was read from YAML or a table row.
        schema_file: JSON Schema as YAML.
        locate: from the path of a value in the document to (file, place) for the message.
    """
    validator = jsonschema.Draft202012Validator(load_schema(schema_file))
    errors: Iterable[ValidationError] = validator.iter_errors(document)
    problems: dict[tuple[ValuePath, str], Problem] = {}
    for error in errors:
        for path, expected, found, hint in _TELL.get(str(error.validator), _value)(error):
            file, place = locate(path)
            # one value can break several rules (type and range): the first is enough
            problems.setdefault((path, ""), Problem(file, place, expected, found, hint))
    return list(problems.values())


def _number(text: str) -> object:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def typed(document: object, schema: Mapping[str, Any]) -> Any:
    """Return a document with numbers and truth values where text spells them.

    ``--config key={inner: 5}`` gives text only, and YAML takes ``1e-6`` for text.
    """
    if isinstance(document, Mapping):
        properties = schema.get("properties", {})
        return {key: typed(value, properties.get(key, {})) for key, value in document.items()}
    if isinstance(document, str):
        kinds = {schema.get("type"), schema.get("else", {}).get("type")}
        if kinds & {"number", "integer"}:
            return _number(document)
        if schema.get("type") == "boolean":
            return {"true": True, "false": False}.get(document.lower(), document)
    return document


def dotted(path: ValuePath) -> str:
    """Return ``filter.cutoff_hz`` or ``markers[3].body`` for a path into a document."""
    text = ""
    for part in path:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text or "the whole file"
