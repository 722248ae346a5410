"""The table of validations: which recorded changes are set beside which predictions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from strikelean import resources
from strikelean.config.problems import Problem, did_you_mean
from strikelean.config.schema import Locate
from strikelean.config.tables import Row, read_table
from strikelean.errors import ConfigError
from strikelean.loads.metrics_list import read_metrics_list
from strikelean.techniques import parse_technique

# what becomes of a row
CHANGE, DIFFERENCE, STEPS, RUNNERS = "change", "difference", "steps", "runners"
PAIRED = (CHANGE, DIFFERENCE)
LEAVE_OUT = "leave_out"
Absent = frozenset[tuple[str, str]]
PARTS = ("speed", "cadence", "contact", "strike", "lean")
"""What can be measured of a change and asked of the recording it starts from."""


@dataclass(frozen=True)
class ValidationRow:
    """One row of the table.

    Attributes:
        comparison: what rows are summed up under.
        kind: ``change`` (a runner's change from one recording to another), ``difference`` (that
            change less the mean change of the comparison's rows that ask nothing), ``steps``
            (slope on the foot-strike angle over a runner's own steps) or ``runners`` (that slope
            over the comparison's runners).
        subject: runner.
        recorded: recording that is changed.
        to: recording that it is set beside, '' where there is none.
        ask: parts of the measured change, joined by commas; a technique's name; '' asks nothing.
        group: comparison whose other runners' mean change is the alternative, '' for its own.
    """

    comparison: str
    kind: str
    subject: str
    recorded: str
    to: str = ""
    ask: str = ""
    group: str = ""

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts of a measured change that are asked; none where a technique is named."""
        asked = tuple(part.strip() for part in self.ask.split(",") if part.strip())
        return asked if self.to else ()


def _row(row: Row) -> ValidationRow:
    cells = {key: str(value) for key, value in row.cells.items()}
    return ValidationRow(
        comparison=cells["comparison"],
        kind=cells["kind"],
        subject=cells["subject"],
        recorded=cells["from"],
        to=cells.get("to", ""),
        ask=cells.get("ask", ""),
        group=cells.get("group", ""),
    )


def _ask_problems(row: Row, own: ValidationRow) -> Iterator[Problem]:
    if own.kind in PAIRED:
        for part in own.parts:
            if part not in PARTS:
                expected = f"parts of a measured change: {', '.join(PARTS)}"
                yield row.problem("ask", expected, f"'{part}'", did_you_mean(part, PARTS))
        if own.kind == CHANGE and not own.parts:
            yield row.problem("ask", "what is asked of the recording", "a blank cell")
        return
    try:
        parse_technique(own.ask)
    except ConfigError as error:
        yield row.problem("ask", error.expected, error.found)


def _row_problems(
    row: Row, own: ValidationRow, trials: Mapping[str, Sequence[str]], named: set[str]
) -> Iterator[Problem]:
    if own.subject not in trials:
        hint = did_you_mean(own.subject, trials)
        yield row.problem("subject", "a runner with a recording", f"'{own.subject}'", hint)
    else:
        places = {"from": own.recorded} | ({"to": own.to} if own.to else {})
        for key, name in places.items():
            if name not in trials[own.subject]:
                hint = did_you_mean(name, trials[own.subject])
                yield row.problem(key, f"a recording of {own.subject}", f"'{name}'", hint)
    if own.kind in PAIRED and not own.to:
        yield row.problem("to", "the recording to set beside the prediction", "a blank cell")
    if own.kind not in PAIRED and own.to:
        yield row.problem("to", f"a blank cell where kind is {own.kind}", f"'{own.to}'")
    if own.group and own.group not in named:
        hint = did_you_mean(own.group, named)
        yield row.problem("group", "a comparison of this table", f"'{own.group}'", hint)
    yield from _ask_problems(row, own)


def _kind_problems(rows: Sequence[tuple[Row, ValidationRow]]) -> Iterator[Problem]:
    """Yield comparisons of several kinds, and differences from nobody."""
    first: dict[str, ValidationRow] = {}
    for row, own in rows:
        before = first.setdefault(own.comparison, own)
        if before.kind != own.kind:
            yield row.problem("kind", f"{before.kind}, as {own.comparison} has above", own.kind)
    for name, before in first.items():
        if before.kind != DIFFERENCE:
            continue
        members = [(row, own) for row, own in rows if own.comparison == name]
        if all(own.ask for _, own in members):
            expected = f"rows of {name} that ask nothing, whose mean change is taken off"
            yield members[0][0].problem("ask", expected, "none")


def _judge_problems(
    judges: object, locate: Locate, trials: Mapping[str, Sequence[str]]
) -> Iterator[Problem]:
    """Yield runners named as judges who are none of the cohort's."""
    for name in judges if isinstance(judges, list) else ():
        if name not in trials:
            file, place = locate(("validation", "judges"))
            hint = did_you_mean(str(name), trials)
            yield Problem(file, place, "runners with a recording", f"'{name}'", hint)


def _quantity_problems(quantities: object, locate: Locate) -> Iterator[Problem]:
    """Yield metrics that are none."""
    known = read_metrics_list(resources.metrics_list())
    for name in quantities if isinstance(quantities, list) else ():
        if name not in known:
            file, place = locate(("validation", "quantities"))
            hint = did_you_mean(str(name), known)
            yield Problem(file, place, "metrics of config/schemas/metrics.yaml", f"'{name}'", hint)


def _is_there(row: Row, key: str, data_root: Path) -> bool:
    files = [name.strip() for name in str(row.cells.get(key, "")).split(";") if name.strip()]
    return all((data_root / name).is_file() for name in files)


def without_absent(
    config: Mapping[str, Any], rows: dict[str, list[Row]]
) -> tuple[dict[str, list[Row]], Absent]:
    """Return the rows of both tables without recordings that are not there, where that is asked.

    Args:
        config: the merged configuration.
        rows: of the tables of runners and of trials.

    Returns:
        The rows, and subject and trial of those left out.
    """
    section, data_root = config.get("validation"), Path(str(config.get("data_root", ".")))
    asked = section.get("absent") if isinstance(section, Mapping) else None
    if asked != LEAVE_OUT or not data_root.is_dir():
        return rows, frozenset()
    standing = {
        row.cells.get("subject")
        for row in rows["subjects"]
        if _is_there(row, "static_file", data_root)
    }
    there = [
        row
        for row in rows["trials"]
        if row.cells.get("subject") in standing and _is_there(row, "files", data_root)
    ]
    if not there:
        # each of them is told as absent
        return rows, frozenset()
    left = [row.cells for row in rows["trials"] if row not in there]
    ran = {row.cells.get("subject") for row in there}
    subjects = [row for row in rows["subjects"] if row.cells.get("subject") in ran]
    names = frozenset((str(cells.get("subject")), str(cells.get("trial"))) for cells in left)
    return {"subjects": subjects, "trials": there}, names


def absent_warnings(absent: Absent) -> list[str]:
    """Return what is said of recordings that were left out."""
    if not absent:
        return []
    named = ", ".join(" ".join(place) for place in sorted(absent)[:3])
    more = ", ..." if len(absent) > 3 else ""
    return [
        f"validation.absent: {len(absent)} recordings of the tables are not below data_root "
        f"({named}{more}); they are left out, with what they were to judge."
    ]


def validation_of(
    config: Mapping[str, Any],
    top: Path,
    recordings: Sequence[Row],
    absent: Absent,
    locate: Locate,
) -> tuple[tuple[ValidationRow, ...], list[Problem]]:
    """Return what a configuration asks to be validated, and what is wrong with it.

    Args:
        config: the merged configuration.
        top: the project's folder; the table is looked for in the working folder first.
        recordings: rows of the table of trials.
        absent: recordings that were left out of it; rows that need one are left out too.
        locate: names the place of a value.
    """
    section = config.get("validation")
    if not isinstance(section, Mapping):
        return (), []
    trials: dict[str, list[str]] = {}
    for row in recordings:
        if {"subject", "trial"} <= set(row.cells):
            trials.setdefault(str(row.cells["subject"]), []).append(str(row.cells["trial"]))
    everybody = {**trials, **{subject: [] for subject, _ in absent if subject not in trials}}
    problems = list(_judge_problems(section.get("judges"), locate, everybody))
    text = section.get("table")
    if not text or not isinstance(text, str):
        return (), problems
    problems += _quantity_problems(section.get("quantities"), locate)
    here = Path(text) if Path(text).exists() else top / text
    rows, mistakes = read_table(here, top / "config" / "schemas" / "validation.schema.yaml")
    if mistakes:
        return (), [*problems, *mistakes]
    every = [(row, _row(row)) for row in rows]
    read = [
        (row, own)
        for row, own in every
        if not absent.intersection({(own.subject, own.recorded), (own.subject, own.to)})
    ]
    named = {own.comparison for _, own in every}
    for row, own in read:
        problems += _row_problems(row, own, trials, named)
    problems += _kind_problems(read)
    return tuple(own for _, own in read), problems
