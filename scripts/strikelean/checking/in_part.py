"""A check where tables or settings have mistakes: the mistakes, and the files as far as possible.

Nothing runs with them, but whoever mends a blank mass wants to hear of the broken file too. A row
that is whole is read as the study would read it, its runner's model scaled where the generic one
is at hand; of a row that is not, files are opened.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stderr
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from strikelean.checking.cohort import CohortChecked, judge_cohort
from strikelean.checking.results import write_check
from strikelean.checking.runner import Person, check_runner
from strikelean.checking.trial import Run
from strikelean.config.checks import split_files
from strikelean.config.problems import Problem
from strikelean.config.project import read_tables
from strikelean.config.schema import load_schema, typed
from strikelean.config.settings import Settings
from strikelean.config.tables import Row
from strikelean.errors import StrikeleanError
from strikelean.formats.files import read_yaml, write_text
from strikelean.judging import Limits
from strikelean.lab.check_belt import Speeds
from strikelean.model.fetch import cached_model
from strikelean.model.generic import build_generic_model, load_recipe

LONG_AGO_S = 315532800.0
"""1980, the earliest that archives know."""


@dataclass(frozen=True)
class _Sound:
    """What of the tables has no mistake.

    Attributes:
        problems: the mistakes.
        data_root: folder of the recordings.
        models: folder of the models.
        settings: whether those are sound too.
    """

    problems: Sequence[Problem]
    data_root: Path
    models: Path
    settings: bool

    def cell(self, row: Row, key: str) -> Any:
        """Return a cell that is filled and right, else None."""
        place = row.file, row.place(key)
        wrong = any((problem.file, problem.place) == place for problem in self.problems)
        return None if wrong else row.cells.get(key)

    def file(self, name: str | None) -> Path | None:
        """Return a recording that exists, else None."""
        path = self.data_root / name if name else None
        return path if path is not None and path.is_file() else None

    def marker_set(self, row: Row) -> Path | None:
        """Return the file of a runner's marker set, None where it has a mistake."""
        name = self.cell(row, "marker_set")
        path = self.models / "markersets" / f"{name}.yaml"
        wrong = any(problem.file.endswith(f"markersets/{name}.yaml") for problem in self.problems)
        return path if name and path.is_file() and not wrong else None


@dataclass
class _Models:
    """Generic models, each made once.

    Attributes:
        sound: what of the tables has no mistake.
        default: recipe where the table says none.
        folder: where they are made.
    """

    sound: _Sound
    default: str
    folder: Path
    made: dict[Path, Path | None] = field(default_factory=dict)

    def of(self, row: Row) -> Path | None:
        """Return a runner's generic model; None where it is wrong, or would have to be fetched."""
        name = self.sound.cell(row, "model") if "model" in row.cells else self.default
        if not name or not self.sound.settings:
            return None
        own = str(name).endswith(".osim")
        source = self.sound.data_root / name if own else self.sound.models / f"{name}.yaml"
        if source not in self.made:
            self.made[source] = self._make(source)
        return self.made[source]

    def _make(self, source: Path) -> Path | None:
        target = self.folder / f"{source.stem}.osim"
        try:
            recipe = {} if source.suffix == ".osim" else load_recipe(source)["source"]
            if recipe.get("kind") == "wheel_member" and cached_model(recipe) is None:
                return None
            build_generic_model(source, target, target.with_suffix(".json"))
        except (StrikeleanError, OSError):
            return None  # the run that fetches it says why
        return target


def _person(name: str, row: Row | None, sound: _Sound, models: _Models) -> Person:
    if row is None:
        return Person(name, None, None, None, None, None)
    mass = sound.cell(row, "mass_kg") if sound.settings else None
    return Person(
        name,
        mass if isinstance(mass, float) else None,
        sound.cell(row, "height_m"),
        sound.file(row.cells.get("static_file")),
        sound.marker_set(row),
        models.of(row),
    )


def _run(row: Row, sound: _Sound) -> Run:
    found = [sound.file(name) for name in split_files(str(row.cells.get("files", "")))]
    # one of two files that is not there is a mistake of its own; the other is not read alone
    files = tuple(path for path in found if path is not None) if None not in found else ()
    speed, belt = sound.cell(row, "speed_m_s"), sound.cell(row, "belt_speed_m_s")
    return Run(
        str(row.cells.get("trial", f"line {row.line}")),
        str(row.cells.get("condition", "")),
        files,
        sound.cell(row, "start_s"),
        sound.cell(row, "end_s"),
        Speeds(speed, belt) if isinstance(speed, float) else None,
    )


def _is_about_settings(problem: Problem, config: Mapping[str, Any]) -> bool:
    """Whether a mistake is neither in a table nor in a marker set."""
    named = config.get("tables")
    tables = tuple(map(str, named.values())) if isinstance(named, Mapping) else ()
    return not problem.file.endswith(tables) and "markersets/" not in problem.file


def check_in_part(
    config: Mapping[str, Any],
    top: Path,
    problems: Sequence[Problem],
    scratch: Path,
    say: Callable[[str], None],
) -> CohortChecked:
    """Check what can be checked beside the mistakes.

    Args:
        config: the merged configuration.
        top: the project's folder.
        problems: every mistake in configuration, tables and marker sets.
        scratch: folder for models.
        say: told of each runner that was looked at.
    """
    schemas = top / "config" / "schemas"
    config = typed(config, load_schema(schemas / "config.schema.yaml"))
    tables, _ = read_tables(config, top, schemas)
    whole = not any(_is_about_settings(problem, config) for problem in problems)
    delivered = top / "config" / "config.yaml"
    # where a setting is wrong files are opened alone, which no setting decides
    settings = Settings.from_config(config) if whole else Settings.read(delivered)
    root = Path(str(config.get("data_root", ".")))
    sound = _Sound(problems, root, top / "models", whole)
    rows = {str(row.cells["subject"]): row for row in tables["subjects"] if "subject" in row.cells}
    names = dict.fromkeys([*rows, *(str(r.cells.get("subject", "")) for r in tables["trials"])])
    model = config.get("model")
    default = str(model.get("name", "")) if isinstance(model, Mapping) else ""
    models = _Models(sound, default, scratch)
    runners = []
    for number, name in enumerate(names):
        person = _person(name, rows.get(name), sound, models)
        own = [row for row in tables["trials"] if str(row.cells.get("subject", "")) == name]
        runs = [run for run in (_run(row, sound) for row in own) if run.files]
        if runs and name in rows and "static_file" not in rows[name].cells:
            person = replace(person, instead=runs[0].files)
        runners.append(check_runner(person, runs, settings, scratch / str(number)))
        say(f"{name or 'rows without a runner'}: looked at {len(runs)} of {len(own)} recordings")
    quality = config["quality"] if whole else read_yaml(delivered)["quality"]
    return judge_cohort(runners, Limits(**quality), problems)


def _page_settings(config: Mapping[str, Any], top: Path) -> dict[str, Any]:
    """Return what the page says of the settings: as delivered where they are not as they should."""
    cohort = str(config.get("cohort", ""))
    recording = config.get("recording")
    axes = recording.get("axes") if isinstance(recording, Mapping) else None
    if not (isinstance(axes, Mapping) and {"forward", "up", "right"} <= set(axes)):
        recording = read_yaml(top / "config" / "config.yaml")["recording"]
    return {"cohort": cohort, "recording": recording}


def tell_in_part(
    config: Mapping[str, Any],
    top: Path,
    problems: Sequence[Problem],
    results: Path,
    say: Callable[[str], None],
) -> str:
    """Check what can be checked, write its table and page, and return the table as text.

    Args:
        config: the merged configuration.
        top: the project's folder.
        problems: every mistake in configuration, tables and marker sets.
        results: folder of all cohorts' results.
        say: told of each runner that was looked at.
    """
    # no traceback reaches whoever waits
    log = io.StringIO()
    with TemporaryDirectory() as scratch, redirect_stderr(log):
        checked = check_in_part(config, top, problems, Path(scratch), say)
    cohort = re.sub("[^A-Za-z0-9._-]", "_", str(config.get("cohort") or "own"))
    folder = results / cohort
    if log.getvalue():
        write_text(folder / "check.log", log.getvalue())
    write_check(checked, _page_settings(config, top), folder, f"{folder.as_posix()}/check.html")
    for path in folder.glob("check.*"):
        # older than any recording: once the mistakes are mended a check makes them anew
        os.utime(path, (LONG_AGO_S, LONG_AGO_S))
    return (folder / "check.txt").read_text(encoding="utf-8").rstrip()
