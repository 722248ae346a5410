"""The project from Python: scale a runner, solve a trial, change its technique, read results.

``import strikelean as sl`` has all of it; docs/python.md shows each function with an example.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from strikelean import resources
from strikelean.config.settings import Settings
from strikelean.counterfactual.recorded_trial import RecordedFiles
from strikelean.counterfactual.write import solve_counterfactual
from strikelean.declarations import find_declaration
from strikelean.errors import ConfigError, RecordingError
from strikelean.formats.hdf5 import read_waveforms
from strikelean.lab.check_belt import Speeds
from strikelean.lab.summary import NO_FORCES
from strikelean.layout import RunnerFiles, TrialFiles
from strikelean.loads.cohort import read_metrics
from strikelean.loads.metrics_table import METRIC_COLUMNS, TRIAL_COLUMNS
from strikelean.loads.trial_loads import TrialFacts
from strikelean.model.fetch import cache_folder
from strikelean.model.generic import build_generic_model
from strikelean.pipeline import Progress, Trial, quiet
from strikelean.results import stance_table
from strikelean.runners import Running, ScaledRunner
from strikelean.runners import scale_runner as scale_to
from strikelean.runners import solve_trial as take_to_loads
from strikelean.standing import Sizes
from strikelean.techniques import parse_technique
from strikelean.virtual.laboratory import is_virtual


def generic_model(name: str = "rajagopal2016") -> Path:
    """Return a generic model, made once and kept in the user's cache folder.

    Args:
        name: of a delivered recipe; its published model is downloaded the first time.

    Raises:
        ConfigError: no such recipe.
        ModelError: the model cannot be had.
    """
    recipes = resources.recipes()
    if name not in recipes:
        raise ConfigError("generic_model", f"one of {', '.join(recipes)}", f"'{name}'", "Name one")
    recipe = recipes[name]
    made = hashlib.sha256(recipe.read_bytes()).hexdigest()[:16]
    place = cache_folder() / f"{name}-{made}.osim"
    if not place.is_file():
        place.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=place.parent) as scratch:
            built = Path(scratch) / place.name
            build_generic_model(recipe, built, place.with_suffix(".json"))
            built.replace(place)
    return place


def marker_set_file(name: str | Path) -> Path:
    """Return the file of a delivered marker set, or of one's own.

    Raises:
        ConfigError: neither a delivered set nor a file.
    """
    known = resources.marker_sets()
    if str(name) in known:
        return known[str(name)]
    if Path(name).is_file():
        return Path(name)
    raise ConfigError(
        "marker_set_file",
        f"one of {', '.join(known)}, or a file",
        f"'{name}'",
        "Name a delivered set, or write one (config/README.md)",
    )


def _paths(given: str | Path | Sequence[str | Path]) -> list[Path]:
    """Return one path or several as a list."""
    return [Path(given)] if isinstance(given, str | Path) else [Path(path) for path in given]


@dataclass(frozen=True)
class Runner:
    """A runner with their scaled model.

    Attributes:
        scaled: sizes, marker set, standing trial and compiled model.
        marker_set: file of the marker set.
        settings: they were scaled with.
    """

    scaled: ScaledRunner
    marker_set: Path
    settings: Settings

    @property
    def folder(self) -> Path:
        """Where scaled.osim lies; trials are written below it."""
        return self.scaled.files.folder


def scale_runner(
    static: str | Path | None,
    *,
    name: str,
    mass_kg: float,
    height_m: float,
    marker_set: str | Path,
    folder: str | Path | None = None,
    model: Path | None = None,
    settings: Settings | None = None,
    instead: str | Path | Sequence[str | Path] = (),
) -> Runner:
    """Scale the generic model to a runner's standing trial.

    Args:
        static: C3D or TRC of the runner standing still; None where there is none.
        name: of the runner.
        mass_kg, height_m: as measured.
        marker_set: name of a delivered set (``rbds``, ``rajagopal_fullbody``, ...) or a file.
        folder: written to, ``results/<name>`` by default.
        model: edited generic model, :func:`generic_model` by default.
        settings: ``Settings.read(config.yaml)``; the delivered configuration by default.
        instead: a running recording, whose mid stances are taken where ``static`` is None
            (docs/recordings.md says what that costs).

    Raises:
        RecordingError, ModelError, ConfigError: what cannot be used, and why.
    """
    settings = settings or Settings.read(resources.delivered_config())
    markers = marker_set_file(marker_set)
    place = (Path(folder) if folder is not None else Path("results") / name).absolute()
    sizes = Sizes(name, mass_kg, height_m)
    if static is None and not instead:
        raise ConfigError(
            "scale_runner",
            "a standing trial, or a running one under instead=",
            "neither",
            "Name one",
        )
    scaled = scale_to(
        None if static is None else Path(static),
        sizes,
        markers,
        model or generic_model(),
        RunnerFiles(place),
        settings,
        _paths(instead),
    )
    return Runner(scaled, markers, settings)


@dataclass(frozen=True)
class SolvedTrial:
    """A trial with its loads.

    Attributes:
        runner: who ran.
        facts: what is known of the trial beside its files.
        condition: as in trials.tsv.
        files: everything that was written, as the workflow writes it.
        trial: the values in memory.
    """

    runner: Runner
    facts: TrialFacts
    condition: str
    files: TrialFiles
    trial: Trial

    def metrics(self) -> pd.DataFrame:
        """Return the metrics as the cohort's metrics.csv has them: one row a step and metric.

        Each with unit and basis. Predictions carry ``value_low`` and ``value_high``. What a metric
        is, and its sign, stands in config/schemas/metrics.yaml.
        """
        table = read_metrics(self.files.metrics, TRIAL_COLUMNS)
        return table.assign(condition=self.condition)[list(METRIC_COLUMNS)]

    def moments(self) -> pd.DataFrame:
        """Return net generalised forces over time: N m (N for the pelvis' translations).

        Columns are OpenSim's (``knee_angle_r_moment``), and so are the signs: along the
        coordinate, so that an extension moment of the knee is negative. Index: time, s.

        Raises:
            RecordingError: no forces were recorded.
        """
        _require_forces(self, "moments")
        table = self.trial.moments()
        return pd.DataFrame(
            table.values, index=pd.Index(table.time_s, name="time_s"), columns=list(table.columns)
        )

    def waveform(self, quantity: str) -> pd.DataFrame:
        """Return one quantity over stance, a column a step, rows 0 to 100 % of stance.

        ``attrs`` of the table hold unit, sign (``extension positive``), frame and basis.

        Raises:
            RecordingError: no such quantity; those there are are named.
        """
        waveforms, _ = read_waveforms(self.files.loads)
        return stance_table(waveforms, quantity)


def _require_forces(solved: SolvedTrial, step: str) -> None:
    if not solved.trial.grf.measured:
        raise RecordingError(
            step,
            "a recording with ground forces",
            NO_FORCES.reason,
            "Record forces with the markers",
        )


def solve_trial(
    runner: Runner,
    recording: str | Path | Sequence[str | Path],
    *,
    name: str = "run",
    condition: str = "",
    speed_m_s: float | None = None,
    belt_speed_m_s: float | None = None,
    progress: Progress = quiet,
) -> SolvedTrial:
    """Read a running trial and solve it to its loads.

    Args:
        runner: of :func:`scale_runner`.
        recording: one C3D, or TRC and MOT (markers first); of a TRC alone there are angles and
            contacts, and every load is blank.
        name: of the trial; its files go to ``<runner's folder>/<name>``.
        condition: as in trials.tsv; may stay blank.
        speed_m_s: running speed, to check the recording; None asks nothing.
        belt_speed_m_s: of a treadmill, None overground.
        progress: called with a line of text as the work goes on.

    Raises:
        RecordingError: what of the recording cannot be true, or is absent.
    """
    paths = _paths(recording)
    scaled = runner.scaled
    speeds = None if speed_m_s is None else Speeds(speed_m_s, belt_speed_m_s)
    facts = TrialFacts(
        subject=scaled.sizes.name,
        trial=name,
        mass_kg=scaled.sizes.mass_kg,
        height_m=scaled.sizes.height_m,
        belt_speed_m_s=belt_speed_m_s,
        trunk_markers=scaled.marker_set.trunk,
        virtual=any(is_virtual(path) for path in paths),
    )
    files = TrialFiles(runner.folder / name)
    running = Running(paths, speeds=speeds)
    trial = take_to_loads(running, scaled, runner.settings, facts, files, progress=progress)
    return SolvedTrial(runner, facts, condition, files, trial)


def change_technique(
    trial: SolvedTrial,
    technique: str,
    *,
    strides: int | None = None,
    template: Path | None = None,
    progress: Progress = quiet,
) -> SolvedTrial:
    """Predict the same runner with another technique, from one recording.

    Metrics of the result are predictions (``basis``), with the band of everything that was chosen
    and not known (``value_low``, ``value_high``).

    Args:
        trial: of :func:`solve_trial`.
        technique: ``lean+05`` (deg), ``forefoot``, ``cadence+10`` or ``speed+10`` (%), or
            parts joined by ``_``.
        strides: how many to use, that of the configuration by default.
        template: group means that a strike takes its differences from, the delivered ones by
            default.
        progress: called with a line of text as the work goes on.

    Raises:
        ConfigError: no such technique.
        RecordingError: no forces were recorded, or no contact is selected.
        SolverError: every stride was refused, with the reason.
    """
    asked = parse_technique(technique)
    _require_forces(trial, "change_technique")
    own, runner = trial.files, trial.runner
    settings = runner.settings if strides is None else runner.settings.with_strides(strides)
    recorded = RecordedFiles(runner.scaled.files, own, runner.marker_set)
    means = template or resources.strike_template() if asked.strikes else None
    files = TrialFiles(own.folder.with_name(f"{trial.facts.trial}~{asked.name}"))
    files.folder.mkdir(exist_ok=True)
    changed = solve_counterfactual(
        recorded,
        asked,
        settings,
        trial.facts,
        files,
        find_declaration(resources.techniques(), asked.condition),
        template=means,
        speed=resources.speed_slopes() if asked.speed_percent else None,
        progress=progress,
    )
    facts = trial.facts.derived(asked.name, 1.0 + asked.speed_percent / 100.0)
    return SolvedTrial(runner, facts, asked.condition, files, changed)
