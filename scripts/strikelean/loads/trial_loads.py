"""Loads of one trial in memory: every quantity and metric of every selected step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from strikelean.errors import RecordingError
from strikelean.formats.ground import GroundForces
from strikelean.loads.achilles import MUSCLE_GROUPS
from strikelean.loads.metrics import Metric, contacts_per_km, plain_metrics, waveform_metrics
from strikelean.loads.metrics_ankle import ankle_metrics
from strikelean.loads.metrics_damage import damage_metrics
from strikelean.loads.metrics_ground import ground_metrics
from strikelean.loads.metrics_landing import landing_metrics
from strikelean.loads.metrics_list import MetricDefinition
from strikelean.loads.metrics_waveforms import (
    StanceWaveform,
    TrialTables,
    WaveformSettings,
    evaluate_waveforms,
)
from strikelean.loads.patellofemoral_frontal import frontal_metrics, frontal_waveforms
from strikelean.loads.runner_size import RunnerSize
from strikelean.loads.steps import Steps, spatiotemporal, steps_of
from strikelean.markersets import SIDES
from strikelean.signals import lowpass

SAMPLES_A_CUTOFF = 4.0
"""How many times the loading rates' cut-off the force's rate must be.

Measured by keeping every nth sample of the public dataset (docs/recordings.md): half of the steps
have their average and instantaneous rate within 2 and 4 % at 200 Hz (four times 50 Hz), 6 and 6 %
at 150, 8 and 8 % at 100, 12 and 14 % at 60 Hz; one in twenty is off by three times that and more.
"""


@dataclass(frozen=True)
class TrialFacts:
    """What is known of a trial beside its files.

    Attributes:
        subject, trial: as in the tables.
        mass_kg, height_m: of the runner.
        belt_speed_m_s: belt speed, None overground.
        trunk_markers: marker of each trunk role of the marker set.
        virtual: whether the recording is of a virtual runner.
    """

    subject: str
    trial: str
    mass_kg: float
    height_m: float
    belt_speed_m_s: float | None
    trunk_markers: Mapping[str, str]
    virtual: bool = False

    @property
    def basis(self) -> str:
        """``predicted`` for a derived trial (``<trial>~<technique>``), else how it was recorded.

        ``measured`` of a person, ``virtual`` of a virtual runner in a virtual laboratory.
        """
        if "~" in self.trial:
            return "predicted"
        return "virtual" if self.virtual else "measured"

    def derived(self, technique: str, speed: float = 1.0) -> TrialFacts:
        """Return the same of the runner with another technique, at a speed over the own."""
        belt = self.belt_speed_m_s if self.belt_speed_m_s is None else self.belt_speed_m_s * speed
        return replace(self, trial=f"{self.trial}~{technique}", belt_speed_m_s=belt)


@dataclass(frozen=True)
class LoadSettings:
    """What metrics take from the configuration, and of the trial they are for.

    Attributes:
        facts: of the trial.
        loading_rate_cutoff_hz: low-pass of the ground force for peaks and rates.
        filter_order: order of that filter.
        metrics: the list of metrics.
        muscle_groups: members of each muscle group without the side's suffix.
    """

    facts: TrialFacts
    loading_rate_cutoff_hz: float
    filter_order: int
    metrics: Mapping[str, MetricDefinition]
    muscle_groups: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MUSCLE_GROUPS)


@dataclass(frozen=True)
class SideLoads:
    """Waveforms and metrics of one foot."""

    steps: Steps
    waveforms: dict[str, StanceWaveform]
    metrics: dict[str, Metric]

    def at(self, rows: NDArray[np.int64]) -> SideLoads:
        """Return those of some steps."""
        return SideLoads(
            self.steps.at(rows),
            {n: replace(w, values=w.values[rows]) for n, w in self.waveforms.items()},
            {name: metric.at(rows) for name, metric in self.metrics.items()},
        )


def slow_ground(ground: GroundForces, cutoff_hz: float) -> str:
    """Say that force was sampled too slowly for impacts and loading rates; '' where it was not."""
    rate_hz, needed_hz = _rate_hz(ground), SAMPLES_A_CUTOFF * cutoff_hz
    if rate_hz > needed_hz * (1.0 - 1e-3):
        return ""
    return (
        f"force at {rate_hz:.4g} Hz, {needed_hz:g} Hz needed for impact peak and loading rates "
        f"({SAMPLES_A_CUTOFF:g} times filter.loading_rate_cutoff_hz): they are blank"
    )


def _rate_hz(ground: GroundForces) -> float:
    return 1.0 / float(np.median(np.diff(ground.time_s)))


def low_passed_ground(ground: GroundForces, cutoff_hz: float, order: int) -> GroundForces:
    """Return the ground table with its force columns low-passed, zero lag.

    Samples hold nothing above half their rate: force at no more than twice the cut-off stays as
    it is.
    """
    if _rate_hz(ground) <= 2.0 * cutoff_hz * (1.0 + 1e-6):
        return ground
    values = ground.values.copy()
    forces = values[:, :, 0]
    values[:, :, 0] = lowpass(forces, ground.rate_hz, cutoff_hz, order, ground.time_s)
    return GroundForces(ground.time_s, values)


def trial_loads(tables: TrialTables, settings: LoadSettings) -> dict[str, SideLoads]:
    """Evaluate every selected step.

    Returns:
        Loads by side; a side without a selected contact is absent.

    Raises:
        RecordingError: no contact is selected on either side.
    """
    (found,) = joined_loads(tables, settings, [-np.inf])
    if not found:
        raise no_contact(len(tables.contacts))
    return found


def no_contact(among: int) -> RecordingError:
    """Return what is said where no contact is selected on either side."""
    return RecordingError(
        "compute_loads",
        "at least one selected contact",
        f"none among {among}",
        "Look at the reasons in contacts.csv",
    )


def joined_loads(
    tables: TrialTables, settings: LoadSettings, begin_s: Sequence[float]
) -> list[dict[str, SideLoads]]:
    """Evaluate every selected step of trials that stand one after the other in the same tables.

    Args:
        tables: of all trials, with a hole in time between them.
        settings: the same for all.
        begin_s: where each trial begins, in order.

    Returns:
        As :func:`trial_loads`, a trial each; nothing where no contact of it is selected.
    """
    facts = settings.facts
    runner = RunnerSize(facts.mass_kg, facts.height_m)
    all_steps = {side: steps_of(tables.contacts, side) for side in SIDES}
    known = {side: steps for side, steps in all_steps.items() if steps.number.size}
    trial_of = {
        side: np.searchsorted(begin_s, steps.start_s, side="right") - 1
        for side, steps in known.items()
    }
    walked = {
        side: spatiotemporal(steps, tables.body_points, facts.belt_speed_m_s)
        for side, steps in known.items()
    }
    trials = range(len(begin_s))
    # One figure for both feet: a kilometre has as many right contacts as left ones.
    lengths = [[walked[side]["step_length"][trial_of[side] == n] for side in known] for n in trials]
    per_km = np.array([contacts_per_km(np.concatenate([[], *parts])) for parts in lengths])
    recorded = facts.basis != "predicted"
    com_basis = "assumed" if recorded and not tables.torso_observed else facts.basis
    evaluate = WaveformSettings(facts.trunk_markers, settings.muscle_groups, facts.basis)
    result: list[dict[str, SideLoads]] = [{} for _ in trials]
    for side, steps in known.items():
        impacts = not slow_ground(tables.ground, settings.loading_rate_cutoff_hz)
        plain = walked[side] | ground_metrics(steps, tables.ground, runner.weight_n, impacts)
        plain |= landing_metrics(steps, tables.ground, tables.body_points)
        waveforms = evaluate_waveforms(tables, steps, evaluate)
        waveforms |= frontal_waveforms(waveforms)
        duration, own_per_km = steps.contact_time_s, per_km[trial_of[side]]
        metrics = plain_metrics(plain, runner, facts.basis, com_basis)
        metrics |= waveform_metrics(waveforms, duration, own_per_km, runner)
        metrics |= ankle_metrics(waveforms, runner)
        metrics |= frontal_metrics(waveforms, duration, own_per_km)
        metrics |= damage_metrics(metrics, own_per_km)
        every = SideLoads(steps, waveforms, metrics)
        for number in trials:
            rows = np.flatnonzero(trial_of[side] == number)
            if rows.size:
                result[number][side] = every.at(rows)
    return result
