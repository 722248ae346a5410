"""A derived trial's loads without files: dynamics, muscles, joint reactions, metrics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from strikelean.counterfactual.derive import DerivedTrial
from strikelean.counterfactual.recorded_trial import RecordedTrial
from strikelean.dynamics.solve import ground_wrenches, motion_of
from strikelean.formats.contacts import Contacts, FootContact
from strikelean.formats.ground import GroundForces
from strikelean.formats.series import TimeSeries
from strikelean.loads.metrics_table import metrics_table
from strikelean.loads.metrics_waveforms import TrialTables
from strikelean.loads.trial_loads import (
    LoadSettings,
    SideLoads,
    joined_loads,
    no_contact,
    trial_loads,
)
from strikelean.motion.body_points import body_points_table
from strikelean.muscles.leg import Leg, MuscleSettings
from strikelean.pipeline import (
    RunnerModel,
    Trial,
    share_muscles,
    solve_moments,
    solve_reactions,
    tables_of,
)

# Time left between trials that are evaluated together.
HOLE_S = 1.0


@dataclass(frozen=True)
class Evaluation:
    """What turns a motion with its ground forces into metrics.

    Attributes:
        legs: the runner's muscles by side.
        muscles: how moments are shared.
        loads: what the metrics need to know of the trial.
        torso_observed: whether the recording fixed the trunk.
    """

    legs: Mapping[str, Leg]
    muscles: MuscleSettings
    loads: LoadSettings
    torso_observed: bool


def body_points(base: RecordedTrial, trial: DerivedTrial, torso_observed: bool) -> TimeSeries:
    """Return a derived trial's body points."""
    return body_points_table(
        base.marker_tree,
        base.marker_set,
        trial.markers,
        trial.time_s,
        trial.coordinates,
        base.motion.rate_hz,
        torso_observed,
    )


def evaluate_trial(base: RecordedTrial, trial: DerivedTrial, how: Evaluation) -> pd.DataFrame:
    """Return the metrics of a derived trial, in the columns of metrics.csv.

    Raises:
        RecordingError: no contact is selected on either side.
    """
    loads = trial_loads(_tables(base, [trial], how), how.loads)
    return metrics_table(loads, how.loads)


def evaluate_trials(
    base: RecordedTrial, trials: Sequence[DerivedTrial], how: Sequence[Evaluation]
) -> list[pd.DataFrame]:
    """Return the metrics of derived trials of one recording, each as of :func:`evaluate_trial`.

    They are evaluated in the same tables, one after the other with a hole in time between them:
    muscles, reactions and splines are worked out for all at once.

    Args:
        base: the recording.
        trials: made of it.
        how: of each; they differ in the names of trial and condition alone.
    """
    if not trials:
        return []
    moved, begin = [], 0.0
    begins = []
    for trial in trials:
        # whole seconds: times keep all but their last digits
        shift = float(np.ceil(begin + HOLE_S - trial.time_s[0]))
        moved.append(_shifted(trial, shift))
        last = max(part.time_s[-1] for part in (moved[-1], moved[-1].grf, moved[-1].grf_unfiltered))
        begins.append(begin)
        begin = float(last)
    found = joined_loads(_tables(base, moved, how[0]), how[0].loads, begins)
    return [
        metrics_table(_told(loads, trial), one.loads)
        for loads, trial, one in zip(found, trials, how, strict=True)
    ]


def _told(loads: dict[str, SideLoads], trial: DerivedTrial) -> dict[str, SideLoads]:
    """Return loads, or say that there are none."""
    if not loads:
        raise no_contact(len(trial.contacts))
    return loads


def _shifted(trial: DerivedTrial, shift_s: float) -> DerivedTrial:
    """Return a trial at another time, after a contact that nothing is known of.

    That one keeps steps from being measured from the trial before.
    """
    at = float(trial.time_s[0]) + shift_s - 0.5 * HOLE_S
    unknown = FootContact(0, None, at, at, valid=False)
    return DerivedTrial(
        trial.time_s + shift_s,
        trial.coordinates,
        replace(trial.grf, time_s=trial.grf.time_s + shift_s),
        replace(trial.grf_unfiltered, time_s=trial.grf_unfiltered.time_s + shift_s),
        replace(trial.markers, time_s=trial.markers.time_s + shift_s),
        Contacts([unknown, *trial.contacts.later(shift_s)]),
    )


def _one_after_the_other(tables: Sequence[GroundForces]) -> GroundForces:
    times = np.concatenate([table.time_s for table in tables])
    return GroundForces(times, np.concatenate([table.values for table in tables]))


def _tables(base: RecordedTrial, trials: Sequence[DerivedTrial], how: Evaluation) -> TrialTables:
    """Return everything that loads are computed from, of trials one after the other."""
    tree = base.motion.tree
    # what looks beyond its own frame is worked out trial by trial
    motions = [motion_of(tree, trial.time_s, trial.coordinates) for trial in trials]
    pushed = [ground_wrenches(trial.grf, trial.time_s) for trial in trials]
    motion = replace(
        motions[0],
        **{
            name: np.concatenate([getattr(one, name) for one in motions])
            for name in ("time_s", "coordinates", "speeds", "accelerations")
        },
    )
    wrenches = {
        body: (
            np.concatenate([one[body][0] for one in pushed]),
            np.concatenate([one[body][1] for one in pushed]),
        )
        for body in pushed[0]
    }
    markers = replace(
        trials[0].markers,
        time_s=np.concatenate([trial.markers.time_s for trial in trials]),
        positions_m=np.concatenate([trial.markers.positions_m for trial in trials]),
    )
    contacts = Contacts([contact for trial in trials for contact in trial.contacts])
    every = DerivedTrial(
        motion.time_s, motion.coordinates, trials[0].grf, trials[0].grf, markers, contacts
    )
    trial = Trial(
        model=RunnerModel(tree, how.legs),
        motion=motion,
        wrenches=wrenches,
        grf=_one_after_the_other([trial.grf for trial in trials]),
        grf_unfiltered=_one_after_the_other([trial.grf_unfiltered for trial in trials]),
        contacts=contacts,
        body_points=body_points(base, every, how.torso_observed),
        markers=markers,
    )
    return tables_of(solve_reactions(share_muscles(solve_moments(trial), how.muscles)), how.loads)
