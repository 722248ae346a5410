"""Read studies and claims (config/studies/*.yaml), every mistake told at once."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from strikelean.config.problems import ConfigMistakesError, Problem, did_you_mean
from strikelean.config.schema import ValuePath, dotted, schema_problems
from strikelean.formats.files import read_yaml
from strikelean.studies.definitions import (
    CORRELATION,
    PERCENT,
    SMD,
    STRIKE_CLASSES,
    Claim,
    Claims,
    ClaimTest,
    ContrastSpec,
    Dose,
    Effect,
    Group,
    SmallestEffect,
    Study,
    find_smallest,
    metric_units,
)
from strikelean.studies.techniques import all_technique_problems

CLAIMS_FILE = "claims.yaml"
ROLES = ("primary", "secondary", "also")
"""Of a claim's tests; only the first decide."""


class _File:
    """One YAML file with its schema's mistakes, and words for where one is."""

    def __init__(self, path: Path, schema: Path) -> None:
        self.path = path
        self.name = f"{path.parent.name}/{path.name}"
        self.problems: list[Problem] = []
        try:
            document = read_yaml(path)
        except yaml.YAMLError as error:
            document = " ".join(str(error).split())
        self.document: dict[str, Any] = document if isinstance(document, dict) else {}
        if not self.document:
            found = str(document)[:200]
            self.tell("the file", "a block of keys in YAML", found)
            return
        self.problems += schema_problems(self.document, schema, partial(self.locate, ()))

    def locate(self, above: ValuePath, path: ValuePath) -> tuple[str, str]:
        return self.name, dotted((*above, *path))

    def tell(self, place: str, expected: str, found: str, hint: str = "") -> None:
        self.problems.append(Problem(self.name, place, expected, found, hint))

    def unknown(self, place: str, what: str, name: object, known: Collection[str]) -> None:
        if isinstance(name, str) and name not in known:
            hint = did_you_mean(name, known)
            self.tell(place, what, f"'{name}'", hint)

    def check_contrasts(self, schema: Path, metrics: Collection[str]) -> None:
        contrasts = self.document.get("contrasts")
        for name, contrast in (contrasts if isinstance(contrasts, dict) else {}).items():
            at = ("contrasts", str(name))
            self.problems += schema_problems(contrast, schema, partial(self.locate, at))
            if not isinstance(contrast, dict):
                continue
            dose = contrast.get("dose")
            named = {"predictor": contrast.get("predictor")}
            named["dose.metric"] = dose.get("metric") if isinstance(dose, dict) else None
            if contrast.get("between") not in STRIKE_CLASSES:
                named["between"] = contrast.get("between")
            for key, metric in named.items():
                what = "strike_class or a metric" if key == "between" else "a metric"
                self.unknown(dotted((*at, key)), what, metric, metrics)

    def check_uses(self, entries: object, place: str, metrics: Collection[str]) -> None:
        """Tell of entries that name a contrast or a metric that is not there."""
        contrasts = self.document.get("contrasts")
        known = [str(name) for name in contrasts] if isinstance(contrasts, dict) else []
        for number, entry in enumerate(entries if isinstance(entries, list) else [], start=1):
            if not isinstance(entry, dict):
                continue
            at = f"{place}[{number}]"
            self.unknown(f"{at}.contrast", "a contrast", entry.get("contrast"), known)
            listed = entry.get("metrics")
            for metric in listed if isinstance(listed, list) else []:
                self.unknown(f"{at}.metrics", "a metric", metric, metrics)


def _size_problems(entry: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield key, expectation and finding where a published size contradicts itself."""
    size, interval = entry.get("effect"), entry.get("ci")
    groups = entry.get("groups")
    if groups and size is not None:
        yield "effect", "nothing beside groups, from which it follows", f"{size}"
    if groups and size is None:
        size = groups["b"]["mean"] - groups["a"]["mean"]
    if size is None:
        return
    if entry["direction"] != "no difference":
        wanted = 1.0 if entry["direction"] == "increase" else -1.0
        if size * wanted <= 0.0:
            yield "effect", f"a size that is a {entry['direction']}", f"{size:g}"
    if interval and not interval[0] <= size <= interval[1]:
        yield "ci", f"an interval around {size:g}", f"{interval}"


def _check_effects(file: _File, units: Mapping[str, str]) -> None:
    contrasts = file.document.get("contrasts", {})
    for number, entry in enumerate(file.document.get("effects", []), start=1):
        at = f"effects[{number}]"
        for key, expected, found in _size_problems(entry):
            file.tell(f"{at}.{key}", expected, found)
        unit = entry.get("unit")
        own = {units[metric] for metric in entry["metrics"]}
        if unit not in (None, PERCENT, SMD, CORRELATION) and own != {unit}:
            expected = f"{PERCENT}, {SMD}, {CORRELATION} or the metrics' unit"
            file.tell(f"{at}.unit", expected, f"'{unit}'", f"Theirs: {', '.join(sorted(own))}.")
        if unit == CORRELATION and "predictor" not in contrasts[entry["contrast"]]:
            expected = "a contrast with a predictor where the unit is r"
            file.tell(f"{at}.contrast", expected, f"'{entry['contrast']}'")


def _study_file(path: Path, schemas: Path, units: Mapping[str, str]) -> _File:
    file = _File(path, schemas / "study.schema.yaml")
    file.check_contrasts(schemas / "contrast.schema.yaml", units)
    file.check_uses(file.document.get("effects"), "effects", units)
    # what contradicts itself is told once the form is right
    if not file.problems:
        _check_effects(file, units)
    name = file.document.get("study")
    if isinstance(name, str) and name != path.stem:
        file.tell("study", f"the file's own name, '{path.stem}'", f"'{name}'")
    return file


def _claims_file(path: Path, schemas: Path, units: Mapping[str, str], studies: set[str]) -> _File:
    file = _File(path, schemas / "claims.schema.yaml")
    file.check_contrasts(schemas / "contrast.schema.yaml", units)
    claims = file.document.get("claims")
    listed = [c for c in claims if isinstance(c, dict)] if isinstance(claims, list) else []
    for number, claim in enumerate(listed, start=1):
        for kind in ROLES:
            file.check_uses(claim.get(kind), f"claims[{number}].{kind}", units)
        for study in claim.get("studies", []):
            file.unknown(f"claims[{number}].studies", "a study of this folder", study, studies)
        if claim.get("id") != number:
            file.tell(f"claims[{number}].id", f"{number}, in order", f"{claim.get('id')}")
        if ("primary" in claim) != ("because" in claim):
            found = "primary" if "primary" in claim else "because"
            file.tell(f"claims[{number}]", "primary, and because with why these decide", found)
        primary = claim.get("primary")
        for test in primary if isinstance(primary, list) else []:
            listed_metrics = test.get("metrics") if isinstance(test, dict) else None
            if isinstance(listed_metrics, list) and len(listed_metrics) != 1:
                found = ", ".join(str(metric) for metric in listed_metrics)
                file.tell(f"claims[{number}].primary", "one metric an entry", found)
    # what lacks a kind is told once the form is right
    if not file.problems:
        _check_smallest(file, units)
    return file


def _smallest(document: Mapping[str, Any]) -> tuple[SmallestEffect, ...]:
    return tuple(
        SmallestEffect(
            kind=entry["kind"],
            metrics=tuple(entry["metrics"]),
            size=float(entry.get("percent", entry.get("size"))),
            relative="percent" in entry,
            reason=entry["reason"],
        )
        for entry in document["smallest_effects"]
    )


def _check_smallest(file: _File, units: Mapping[str, str]) -> None:
    """Tell of metrics without a smallest effect, or with one in another unit or too large."""
    smallest = _smallest(file.document)
    own_units = {entry["kind"]: entry.get("unit") for entry in file.document["smallest_effects"]}
    for number, claim in enumerate(file.document["claims"], start=1):
        for kind in ROLES:
            for test, metric in ((t, m) for t in claim.get(kind, []) for m in t["metrics"]):
                at = f"claims[{number}].{kind}"
                try:
                    one = find_smallest(smallest, metric)
                except KeyError:
                    file.tell(at, "a kind in smallest_effects", f"none for {metric}")
                    continue
                if not one.relative and own_units[one.kind] != units[metric]:
                    found = f"'{own_units[one.kind]}' of {one.kind}"
                    file.tell(at, f"a smallest effect of {metric} in {units[metric]}", found)
                if "within" not in test and test.get("size", one.size) < one.size:
                    expected = f"a size of at least {one.size:g}, the smallest that matters"
                    file.tell(at, expected, f"{test['size']:g}")


def study_problems(paths: Sequence[Path], schemas: Path) -> list[Problem]:
    """Return every mistake in files of studies and claims.

    Args:
        paths: files of config/studies; ``claims.yaml`` among them is read as claims.
        schemas: folder of the schemas and of metrics.yaml.
    """
    units = metric_units(schemas)
    problems: list[Problem] = []
    names = {path.stem for path in paths if path.name != CLAIMS_FILE}
    for path in paths:
        if path.name == CLAIMS_FILE:
            problems += _claims_file(path, schemas, units, names).problems
        else:
            problems += _study_file(path, schemas, units).problems
    return problems


def check_studies(paths: Sequence[Path], schemas: Path, techniques: Sequence[Path] = ()) -> None:
    """Raise ConfigMistakesError with every mistake in studies, claims and techniques."""
    _told([*study_problems(paths, schemas), *all_technique_problems(techniques, schemas)])


def _contrasts(document: Mapping[str, Any]) -> dict[str, ContrastSpec]:
    result = {}
    for name, entry in document["contrasts"].items():
        dose = entry.get("dose")
        result[name] = ContrastSpec(
            name=name,
            label=entry["label"],
            condition_a=entry.get("from", ""),
            condition_b=entry.get("to", ""),
            dose=Dose(dose["metric"], float(dose["change"]), bool(dose.get("relative", False)))
            if dose
            else None,
            between=entry.get("between", ""),
            predictor=entry.get("predictor", ""),
            absolute=bool(entry.get("absolute", False)),
            change=float(entry.get("change", 1.0)),
            not_testable=entry.get("not_testable", ""),
        )
    return result


def _effect(entry: Mapping[str, Any], contrasts: Mapping[str, ContrastSpec]) -> Effect:
    given = entry.get("groups")
    groups = (
        (
            Group(float(given["a"]["mean"]), float(given["a"]["sd"]), int(given["a"]["n"])),
            Group(float(given["b"]["mean"]), float(given["b"]["sd"]), int(given["b"]["n"])),
        )
        if given
        else None
    )
    size = float(entry.get("effect", math.nan))
    interval = entry.get("ci")
    return Effect(
        contrast=contrasts[entry["contrast"]],
        variable=entry["variable"],
        metrics=tuple(entry["metrics"]),
        direction=entry["direction"],
        effect=groups[1].mean - groups[0].mean if groups else size,
        unit=entry.get("unit", ""),
        ci=(float(interval[0]), float(interval[1])) if interval else None,
        groups=groups,
        of_size=bool(entry.get("of_size", False)),
        evidence_level=entry["evidence_level"],
        note=entry.get("note", ""),
        p=float(entry.get("p", math.nan)),
        quantity=entry.get("quantity", ""),
    )


def _source(entry: Mapping[str, Any]) -> str:
    """Return where a study stands: its DOI, else another number, empty where none is known."""
    if "doi" in entry:
        return str(entry["doi"])
    if "pubmed" in entry:
        return f"PMID {entry['pubmed']}"
    return str(entry.get("pmc", entry.get("identifier", "")))


def _told(problems: Sequence[Problem]) -> None:
    if problems:
        raise ConfigMistakesError(problems)


def read_studies(paths: Sequence[Path], schemas: Path) -> tuple[Study, ...]:
    """Read files of studies.

    Raises:
        ConfigMistakesError: every mistake in them, an ``unverified`` figure among them.
    """
    units = metric_units(schemas)
    files = [_study_file(path, schemas, units) for path in paths]
    _told([problem for file in files for problem in file.problems])
    studies = []
    for file in files:
        entry = file.document
        contrasts = _contrasts(entry)
        studies.append(
            Study(
                name=entry["study"],
                citation=entry["citation"],
                source=_source(entry),
                population=entry["population"],
                n=str(entry["n"]),
                speed=entry.get("speed", ""),
                design=entry["design"],
                family=entry.get("family", entry["study"]),
                note=entry.get("note", ""),
                effects=tuple(_effect(effect, contrasts) for effect in entry["effects"]),
            )
        )
    return tuple(studies)


def read_claims(path: Path, schemas: Path, studies: Collection[str]) -> Claims:
    """Read the file of claims.

    Args:
        path: claims.yaml.
        schemas: folder of the schemas and of metrics.yaml.
        studies: names of the studies that claims may cite.

    Raises:
        ConfigMistakesError: every mistake in it.
    """
    file = _claims_file(path, schemas, metric_units(schemas), set(studies))
    _told(file.problems)
    contrasts = _contrasts(file.document)

    def tests(entries: Sequence[Mapping[str, Any]]) -> tuple[ClaimTest, ...]:
        return tuple(
            ClaimTest(
                contrasts[entry["contrast"]],
                tuple(entry["metrics"]),
                entry["expected"],
                entry.get("note", ""),
                float(entry.get("size", math.nan)),
                float(entry.get("within", math.nan)),
            )
            for entry in entries
        )

    claims = tuple(
        Claim(
            id=int(entry["id"]),
            claim=entry["claim"],
            mechanism=entry["mechanism"],
            studies=tuple(entry.get("studies", [])),
            source_check=entry["source_check"],
            primary=tests(entry.get("primary", [])),
            because=entry.get("because", ""),
            secondary=tests(entry.get("secondary", [])),
            also=tests(entry.get("also", [])),
            not_testable=entry.get("not_testable", ""),
        )
        for entry in file.document["claims"]
    )
    return Claims(claims, _smallest(file.document))
