"""Mass, stature and sex of runners, from where somebody wrote or weighed them; never a guess."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np

from strikelean.constants import GRAVITY_M_S2
from strikelean.formats.c3d_file import C3DFile
from strikelean.formats.plate_kinds import CHANNELS
from strikelean.formats.plate_place import describe_plates
from strikelean.formats.text import decode
from strikelean.formats.units import LENGTHS
from strikelean.marker_names import spelling_key

Quantity = Literal["mass_kg", "height_m", "sex"]
# What the table of runners takes (config/schemas/subjects.schema.yaml).
_BOUNDS: Mapping[str, tuple[float, float]] = {"mass_kg": (30.0, 200.0), "height_m": (1.2, 2.3)}
# Statures come in m, cm or mm: the steps between them leave no doubt.
_LENGTHS = (1.0, 0.01, 0.001)
_C3D_GROUPS = ("PROCESSING", "SUBJECT", "PATIENT", "ANTHROP")
_NAMES: Mapping[str, Quantity] = {
    **dict.fromkeys(("mass", "bodymass", "weight", "bodyweight"), "mass_kg"),
    **dict.fromkeys(("height", "bodyheight", "stature", "size"), "height_m"),
    **dict.fromkeys(("sex", "gender"), "sex"),
}
_SEXES = {
    **dict.fromkeys(("f", "female", "w", "woman", "women"), "F"),
    **dict.fromkeys(("m", "male", "man", "men"), "M"),
}
_UNIT = re.compile(r"[_ (\[-]*(kg|kgs|lb|lbs|n|cm|mm|m)[)\]]?$", re.IGNORECASE)
# Somebody who stands still sways the force by less (project's choice); an unloaded plate reads less
# than the other (1.7 to 23.5 N in 26 recordings of the public dataset).
_SWAY_SHARE, _BEARING_N = 0.03, 50.0


@dataclass(frozen=True)
class Person:
    """What is known of a runner, and from where.

    Attributes:
        values: ``mass_kg``, ``height_m`` and ``sex``, as they are known.
        sources: where each was found, in words.
    """

    values: Mapping[str, float | str] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)

    def with_(self, quantity: str, value: float | str | None, source: str) -> Person:
        """Return the same person with one more value, where it was unknown."""
        if value is None or quantity in self.values:
            return self
        return Person({**self.values, quantity: value}, {**self.sources, quantity: source})


def _plausible(quantity: str, value: float) -> float | None:
    """Return a value in SI, None where it can be none."""
    low, high = _BOUNDS[quantity]
    scales = _LENGTHS if quantity == "height_m" else (1.0,)
    return next((round(value * s, 4) for s in scales if low <= value * s <= high), None)


def from_header(file: C3DFile, person: Person) -> Person:
    """Return a person with what a C3D file's own parameters say of them."""
    for name in file.parameters:
        group, _, key = name.partition(":")
        quantity = _NAMES.get(re.sub(r"[^a-z]", "", key.lower()))
        if quantity is None or not group.startswith(_C3D_GROUPS):
            continue
        source = f"{name} in {file.name}"
        if quantity == "sex":
            text = next(iter(file.texts(name)), "")
            person = person.with_("sex", _SEXES.get(text.strip().lower()), source)
            continue
        numbers = file.numbers(name).ravel()
        if numbers.size == 1 and np.isfinite(numbers[0]):
            person = person.with_(quantity, _plausible(quantity, float(numbers[0])), source)
    return person


def weighed_kg(file: C3DFile) -> float | None:
    """Return the mass that force plates weigh while somebody stands still, None where they cannot.

    Whoever stands beside a plate, or with one foot, weighs too little; the study holds the mass
    against the running's mean force.
    """
    loads = []
    for _, plate, _ in describe_plates(file, LENGTHS["mm"]):
        if plate is None or plate.kind not in CHANNELS or -1 in plate.channels:
            continue
        load = plate.load(file.analog[:, list(plate.channels)])
        if np.isfinite(load).all() and abs(float(np.median(load))) > _BEARING_N:
            loads.append(np.abs(load))
    if not loads:
        return None
    weight = np.sum(loads, axis=0)
    mean = float(np.mean(weight))
    if float(np.std(weight)) > _SWAY_SHARE * mean:
        return None
    mass = mean / GRAVITY_M_S2
    return None if _plausible("mass_kg", mass) is None else round(mass, 1)


@dataclass(frozen=True)
class PeopleTable:
    """A table of runners.

    Attributes:
        name: of the file.
        rows: the cells of every row, by column.
        columns: ``{quantity: column}`` of those that are recognised.
    """

    name: str
    rows: tuple[Mapping[str, str], ...]
    columns: Mapping[str, str]


def _quantity(column: str) -> Quantity | None:
    return _NAMES.get(re.sub(r"[^a-z]", "", _UNIT.sub("", column.strip()).lower()))


def read_people(path: Path) -> PeopleTable | None:
    """Return a table of runners, None for a text that is none.

    Cells may be parted by commas, semicolons or tabs; numbers may have decimal commas.
    """
    try:
        lines = decode(path.read_bytes()).splitlines()
    except (OSError, ValueError):
        return None
    lines = [line for line in lines if line.strip() and not line.startswith("#")]
    for mark in "\t;,":
        rows = list(csv.reader(lines, delimiter=mark))
        if len(rows) < 2 or len(rows[0]) < 2:
            continue
        found: dict[str, str] = {}
        for column in rows[0]:
            quantity = _quantity(column)
            if quantity is not None:
                found.setdefault(quantity, column)
        if found:
            cells = tuple(dict(zip(rows[0], row, strict=False)) for row in rows[1:])
            return PeopleTable(path.name, cells, found)
    return None


def _number(text: str) -> float | None:
    try:
        return float(text.strip().replace(",", "."))
    except ValueError:
        return None


def _in_si(table: PeopleTable, quantity: str, text: str) -> float | None:
    value, unit = _number(text), _UNIT.search(table.columns[quantity].strip())
    if value is None:
        return None
    said = unit[1].lower() if unit else ""
    if quantity == "mass_kg":
        value *= {"lb": 0.45359237, "lbs": 0.45359237, "n": 1.0 / GRAVITY_M_S2}.get(said, 1.0)
    return _plausible(quantity, value)


def _named_rows(table: PeopleTable, names: Iterable[str]) -> dict[str, Mapping[str, str]]:
    """Return the row of each runner: of the column that names most of them."""
    keys = {spelling_key(name): name for name in names}
    best: dict[str, Mapping[str, str]] = {}
    for column in table.rows[0]:
        found: dict[str, list[Mapping[str, str]]] = {}
        for row in table.rows:
            name = keys.get(spelling_key(row.get(column, "")))
            if name is not None:
                found.setdefault(name, []).append(row)
        alone = {name: rows[0] for name, rows in found.items() if len(rows) == 1}
        if len(alone) > len(best):
            best = alone
    return best


def from_table(table: PeopleTable, people: Mapping[str, Person]) -> dict[str, Person]:
    """Return runners with what a table says of them; those whom it does not name stay."""
    known = dict(people)
    for name, row in _named_rows(table, people).items():
        for quantity, column in table.columns.items():
            text = row.get(column, "")
            value: float | str | None
            if quantity == "sex":
                value = _SEXES.get(text.strip().lower())
            else:
                value = _in_si(table, quantity, text)
            known[name] = known[name].with_(quantity, value, f"{column} in {table.name}")
    return known
