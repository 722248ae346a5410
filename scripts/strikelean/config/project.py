"""Configuration and tables, read once and checked as a whole.

Nothing here has a default for what a person must know: a blank mass is an error.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from strikelean.config import validation as declared
from strikelean.config.checks import (
    CONDITIONS,
    cohort_problems,
    document_problems,
    label_warnings,
    marker_set_file,
    markerset_problems,
    repeated,
    split_files,
    subject_problems,
    technique_problems,
    trial_problems,
    virtual_problems,
)
from strikelean.config.problems import ConfigMistakesError, Problem
from strikelean.config.schema import Locate, ValuePath, dotted, load_schema, schema_problems, typed
from strikelean.config.tables import Row, read_table
from strikelean.config.values import setting_problems
from strikelean.formats.files import read_yaml
from strikelean.techniques import derived_name, parse_technique
from strikelean.virtual.drawn_runners import virtual_tables
from strikelean.virtual.settings import COHORT, VirtualSettings


@dataclass(frozen=True)
class Subject:
    """One runner.

    Attributes:
        name: safe as a folder's name.
        mass_kg: body mass in kilograms.
        height_m: stature in metres.
        sex: ``F``, ``M`` or ``unknown``; no number depends on it.
        static_file: recording of standing still, None where there is none.
        model: name of the generic model among the results.
        model_source: recipe (.yaml) or model (.osim) that it is made from.
        marker_set: file of the marker set.
        instead: files of their first recording, from which they are scaled without a standing one.
    """

    name: str
    mass_kg: float
    height_m: float
    sex: str
    static_file: Path | None
    model: str
    model_source: Path
    marker_set: Path
    instead: tuple[Path, ...] = ()

    @property
    def standing_files(self) -> tuple[Path, ...]:
        """The files that the runner is scaled from."""
        return self.instead if self.static_file is None else (self.static_file,)


@dataclass(frozen=True)
class TrialRow:
    """One recording of running.

    Attributes:
        subject: runner's name.
        name: safe as a folder's name, unique for the runner.
        files: one C3D file, or markers (TRC) and forces (MOT).
        condition: label of the technique.
        speed_m_s: running speed.
        belt_speed_m_s: belt speed of a treadmill, None overground.
        start_s: start of the window to use, None for the recording's start.
        end_s: end of the window to use, None for the recording's end.
        parent: the recording a derived trial is made from, else ''.
        technique: its technique's name, else ''.
    """

    subject: str
    name: str
    files: tuple[Path, ...]
    condition: str
    speed_m_s: float
    belt_speed_m_s: float | None
    start_s: float | None
    end_s: float | None
    parent: str = ""
    technique: str = ""


@dataclass(frozen=True)
class Project:
    """A checked configuration with its tables.

    Attributes:
        config: the merged configuration, text read as numbers where numbers belong.
        subjects: runners that have trials, by name and sorted by it.
        trials: by (subject, trial), recordings first, then those derived from them; sorted, so
            that the order of rows in the tables changes nothing.
        warnings: lines worth showing that stop nothing.
        virtual: whether the runners are virtual, as the tables hold none.
        idle: runners without a trial, who are checked and not computed.
        validation: recorded changes that are set beside predictions.
    """

    config: Mapping[str, Any]
    subjects: dict[str, Subject]
    trials: dict[tuple[str, str], TrialRow]
    warnings: tuple[str, ...] = ()
    virtual: bool = False
    idle: Mapping[str, Subject] = field(default_factory=dict)
    validation: tuple[declared.ValidationRow, ...] = ()

    def everybody(self) -> dict[str, Subject]:
        """Return all runners of the table, those without a trial too, sorted by name."""
        return dict(sorted({**self.subjects, **self.idle}.items()))

    def recordings(self) -> dict[tuple[str, str], TrialRow]:
        """Return the trials that were recorded."""
        return {key: trial for key, trial in self.trials.items() if not trial.technique}

    def changed(self) -> list[TrialRow]:
        """Return the recordings whose runners get other techniques."""
        wanted = self.config["counterfactual"]["of"]
        return [trial for trial in self.recordings().values() if trial.condition == wanted]

    def judges(self) -> frozenset[str]:
        """Return the runners who only judge: nothing is built from their recordings."""
        return frozenset(str(name) for name in self.config["validation"]["judges"])


# the name in the delivered configuration (a test compares them)
DELIVERED_COHORT = "own"
_ABSENT = object()


def _value(document: object, path: ValuePath) -> object:
    """Return what stands at a path in a document, or _ABSENT."""
    for part in path:
        if not isinstance(document, Mapping) or part not in document:
            return _ABSENT
        document = document[part]
    return document


def _config_locator(config: Mapping[str, Any], files: Sequence[Path], outside: str) -> Locate:
    """Return a function naming the place that sets a value: a file, or what is outside of all."""
    documents = [(path, read_yaml(path)) for path in files]

    def locate(path: ValuePath) -> tuple[str, str]:
        value = _value(config, path)
        for file, document in reversed(documents):
            set_here = _value(document, path)
            if set_here is not _ABSENT and (isinstance(value, Mapping) or set_here == value):
                return file.as_posix(), dotted(path)
        # a missing key belongs to the delivered file; what no file says came from outside
        inside = value is _ABSENT and documents
        return (documents[0][0].as_posix() if inside else outside), dotted(path)

    return locate


def _subject(row: Row, data_root: Path, models: Path, default_model: str) -> Subject:
    cells = row.cells
    model = str(cells.get("model", default_model))
    own = model.endswith(".osim")
    return Subject(
        name=cells["subject"],
        mass_kg=cells["mass_kg"],
        height_m=cells["height_m"],
        sex=cells.get("sex", "unknown"),
        static_file=data_root / cells["static_file"] if "static_file" in cells else None,
        model=Path(model).stem if own else model,
        model_source=data_root / model if own else models / f"{model}.yaml",
        marker_set=marker_set_file(str(cells["marker_set"]), models),
    )


def _documents(rows: Sequence[Row], models: Path, default_model: str) -> dict[str, list[Path]]:
    """Return the recipes and marker sets that the subjects name and that exist."""
    recipes = {models / f"{row.cells.get('model', default_model)}.yaml" for row in rows}
    sets = {marker_set_file(str(row.cells.get("marker_set")), models) for row in rows}
    return {
        "model": sorted(path for path in recipes if path.is_file()),
        "markerset": sorted(path for path in sets if path.is_file()),
    }


def _trial(row: Row, data_root: Path) -> TrialRow:
    cells = row.cells
    return TrialRow(
        subject=cells["subject"],
        name=cells["trial"],
        files=tuple(data_root / name for name in split_files(cells["files"])),
        condition=cells["condition"],
        speed_m_s=cells["speed_m_s"],
        belt_speed_m_s=cells.get("belt_speed_m_s"),
        start_s=cells.get("start_s"),
        end_s=cells.get("end_s"),
    )


def _place(trial: TrialRow) -> tuple[str, int, str, str]:
    """Return what trials are sorted by: runner, condition (the article's first), name."""
    known = trial.condition in CONDITIONS
    order = CONDITIONS.index(trial.condition) if known else len(CONDITIONS)
    return trial.subject, order, trial.condition, trial.name


def _derived(trials: Sequence[TrialRow], section: Mapping[str, Any]) -> Iterator[TrialRow]:
    """Yield the trials with another technique that the configuration asks for."""
    for name in section["techniques"]:
        technique = parse_technique(name)
        for trial in trials:
            if trial.condition == section["of"]:
                yield replace(
                    trial,
                    name=derived_name(trial.name, technique),
                    condition=technique.condition,
                    files=(),
                    parent=trial.name,
                    technique=technique.name,
                )


def _virtual_rows(config: Mapping[str, Any], models: Path) -> dict[str, list[Row]]:
    """Return the rows of virtual runners."""
    settings = VirtualSettings.from_config(config["virtual"])
    marker_set = models / "markersets" / f"{settings.marker_set}.yaml"
    filled = virtual_tables(settings, marker_set, config["cohort"])
    tables = zip(("subjects", "trials"), filled, strict=True)
    return {name: [Row(name, 0, cells) for cells in rows] for name, rows in tables}


def _virtual_config(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the configuration of a cohort of virtual runners."""
    # what is delivered is the name of real runners; any other one was chosen
    cohort = COHORT if config["cohort"] == DELIVERED_COHORT else config["cohort"]
    asked = config["sweep"]["trunk_lean_change_deg"]
    angles = asked or config["virtual"]["trunk_lean_change_deg"]
    sweep = {**config["sweep"], "trunk_lean_change_deg": angles}
    own = config["counterfactual"]
    derived = {**own, "techniques": own["techniques"] or config["virtual"]["derived"]}
    return {
        **config,
        "cohort": cohort,
        "data_root": ".",
        "sweep": sweep,
        "counterfactual": derived,
    }


def read_tables(
    config: Mapping[str, Any], top: Path, schemas: Path
) -> tuple[dict[str, list[Row]], list[Problem]]:
    """Return the rows of both tables, and what is wrong with them.

    Relative paths are looked for in the working folder, then in the project's; both in one, so
    that nobody's runners meet the delivered trials.
    """
    tables = config.get("tables")
    named = tables if isinstance(tables, Mapping) else {}
    given = {name: named[name] for name in ("subjects", "trials") if name in named}
    given = {name: path for name, path in given.items() if isinstance(path, str)}
    here = any(Path(path).exists() for path in given.values())
    rows: dict[str, list[Row]] = {"subjects": [], "trials": []}
    problems = []
    for name, text in given.items():
        path = Path(text) if here else top / text
        if path.exists():
            rows[name], mistakes = read_table(path, schemas / f"{name}.schema.yaml")
            problems += mistakes
        else:
            hint = f"Paths are relative to {Path.cwd()}, where snakemake runs, or to the project."
            problems.append(Problem(text, "the table", "a table", "no such file", hint))
    return rows, problems


def load_project(
    config: Mapping[str, Any],
    top: Path,
    config_files: Sequence[Path],
    outside: str = "command line",
) -> Project:
    """Check the configuration and read both tables.

    Args:
        config: the merged configuration.
        top: the project's folder, which holds ``config/schemas`` and ``models``.
        config_files: files the configuration was merged from, the last laid over the first;
            only for naming the place of a mistake.
        outside: where a value comes from that none of them sets.

    Returns:
        The project. Where both tables hold nothing but their header its runners are virtual, or
        there are none where ``virtual.runners`` is 0.

    Raises:
        ConfigMistakesError: every mistake in configuration, tables, marker sets and recipes.
    """
    schemas, models = top / "config" / "schemas", top / "models"
    locate = _config_locator(config, config_files, outside)
    config = typed(config, load_schema(schemas / "config.schema.yaml"))
    problems = schema_problems(config, schemas / "config.schema.yaml", locate)
    techniques = sorted((models / "techniques").glob("*.yaml"))
    problems += technique_problems(config, locate, techniques, top)
    problems += virtual_problems(config, locate, top)
    rows, mistakes = read_tables(config, top, schemas)
    problems += mistakes
    rows, absent = declared.without_absent(config, rows)
    problems += cohort_problems(config, locate, real=bool(rows["subjects"]))
    virtual = not rows["subjects"] and bool(_value(config, ("virtual", "runners")))
    problems += setting_problems(config, locate, virtual=virtual)
    data_root = Path(str(config.get("data_root", ".")))
    if not data_root.is_dir():
        hint = f"It is relative to {Path.cwd()}, where snakemake runs."
        problem = Problem(*locate(("data_root",)), "a folder", f"no folder {data_root}", hint)
        problems.append(problem)
    model = config.get("model")
    default_model = str(model.get("name", "")) if isinstance(model, Mapping) else ""
    problems += repeated(rows["subjects"], ("subject",))
    problems += subject_problems(rows["subjects"], data_root, models, default_model)
    problems += repeated(rows["trials"], ("subject", "trial"))
    problems += trial_problems(rows["trials"], rows["subjects"], data_root, told=bool(mistakes))
    if rows["subjects"] and not rows["trials"] and not problems:
        table = str(config["tables"]["trials"])
        problems.append(Problem(table, "the table", "at least one trial", "none"))
    documents = _documents(rows["subjects"], models, default_model)
    for kind, files in documents.items():
        problems += document_problems(files, schemas / f"{kind}.schema.yaml", top)
    problems += markerset_problems(documents["markerset"], top)
    if virtual and not problems:
        rows = _virtual_rows(_virtual_config(config), models)
    validation, mistakes = declared.validation_of(config, top, rows["trials"], absent, locate)
    problems += mistakes
    if problems:
        raise ConfigMistakesError(problems)
    if virtual:
        config, data_root = _virtual_config(config), Path()
    # the order of a table's rows means nothing, and so changes nothing
    trials = sorted((_trial(row, data_root) for row in rows["trials"]), key=_place)
    trials += _derived(trials, config["counterfactual"])
    running = {trial.subject for trial in trials}
    subjects = [_subject(row, data_root, models, default_model) for row in rows["subjects"]]
    subjects = [
        replace(one, instead=next((t.files for t in trials if t.subject == one.name), ()))
        for one in subjects
    ]
    subjects.sort(key=lambda subject: subject.name)
    idle = [subject.name for subject in subjects if subject.name not in running]
    warnings = [*label_warnings(rows["trials"]), *declared.absent_warnings(absent)]
    section = config["counterfactual"]
    asked = section["techniques"] or config["sweep"]["trunk_lean_change_deg"]
    if asked and trials and not any(trial.condition == section["of"] for trial in trials):
        known = sorted({trial.condition for trial in trials})
        warnings.append(
            f"counterfactual.of: no trial of condition '{section['of']}', nothing is changed. "
            f"Conditions here: {', '.join(known)}."
        )
    unforced = [t for t in trials if len(t.files) == 1 and t.files[0].suffix.lower() == ".trc"]
    if unforced:
        named = ", ".join(f"{trial.subject} {trial.name}" for trial in unforced[:3])
        more = ", ..." if len(unforced) > 3 else ""
        warnings.append(
            f"{config['tables']['trials']}: no forces for {len(unforced)} "
            f"recording{'s' if len(unforced) > 1 else ''} ({named}{more}): angles alone, no loads."
        )
    unstood = [one.name for one in subjects if one.static_file is None and one.name in running]
    if unstood:
        warnings.append(
            f"{config['tables']['subjects']}: no static_file for {', '.join(unstood)}: scaled from "
            "their first recording's mid stances."
        )
    if idle:
        table = config["tables"]["subjects"]
        warnings.append(f"{table}: no trial for {', '.join(idle)}; not computed.")
    if virtual:
        warnings.append(
            f"the tables name no runners: {len(subjects)} virtual ones run as cohort "
            f"{config['cohort']}."
        )
    return Project(
        config=config,
        subjects={subject.name: subject for subject in subjects if subject.name in running},
        trials={(trial.subject, trial.name): trial for trial in trials},
        warnings=tuple(warnings),
        virtual=virtual,
        idle={subject.name: subject for subject in subjects if subject.name not in running},
        validation=validation,
    )
