"""A derived trial's loads without files: dynamics, muscles, joint reactions, metrics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from strikelean.counterfactual.base import BaseTrial
from strikelean.counterfactual.derive import DerivedTrial
from strikelean.dynamics.rigid_body import inverse_dynamics
from strikelean.dynamics.solve import ground_wrenches, moments_table, motion_of
from strikelean.formats.series import TimeSeries
from strikelean.loads.metrics_list import MetricDefinition
from strikelean.loads.metrics_table import metrics_table
from strikelean.loads.metrics_waveforms import TrialTables
from strikelean.loads.reactions_solve import trial_reactions
from strikelean.loads.trial_loads import LoadSettings, SideLoads, low_passed_ground, trial_loads
from strikelean.markersets import SIDES
from strikelean.motion.body_points import body_points_table
from strikelean.motion.coordinates_io import coordinates_table
from strikelean.muscles.leg import Leg, MuscleSettings
from strikelean.muscles.paths import fold_couplings
from strikelean.muscles.solve import share_trial


@dataclass(frozen=True)
class Evaluation:
    """What turns a motion with its ground forces into metrics.

    Attributes:
        legs: the runner's muscles by side.
        muscles: how moments are shared.
        loads: what the metrics need to know of the trial.
        definitions: the list of metrics.
        torso_observed: whether the recording fixed the trunk.
    """

    legs: Mapping[str, Leg]
    muscles: MuscleSettings
    loads: LoadSettings
    definitions: Mapping[str, MetricDefinition]
    torso_observed: bool


def body_points(base: BaseTrial, trial: DerivedTrial, torso_observed: bool) -> TimeSeries:
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


def evaluate_trial(base: BaseTrial, trial: DerivedTrial, how: Evaluation) -> pd.DataFrame:
    """Return the metrics of a derived trial, in the columns of metrics.csv."""
    return metrics_table(derived_loads(base, trial, how), how.loads, how.definitions)


def derived_loads(base: BaseTrial, trial: DerivedTrial, how: Evaluation) -> dict[str, SideLoads]:
    """Return every quantity and metric of a derived trial's steps, by side."""
    tree = base.motion.tree
    motion = motion_of(tree, trial.time_s, trial.coordinates)
    ground = ground_wrenches(trial.grf, trial.time_s)
    forces = inverse_dynamics(tree, motion.coordinates, motion.speeds, motion.accelerations, ground)
    chosen = trial.contacts[trial.contacts["selected"] == "yes"]
    spans = {
        side: list(
            chosen.loc[chosen["side"] == side, ["start_s", "end_s"]].itertuples(
                index=False, name=None
            )
        )
        for side in SIDES
    }
    shared = share_trial(
        how.legs, motion, fold_couplings(tree, motion.coordinates, forces), spans, how.muscles
    )
    paths = {side: leg.paths for side, leg in how.legs.items()}
    contacts = trial.contacts.assign(
        valid=trial.contacts["valid"] == "yes", selected=trial.contacts["selected"] == "yes"
    )
    settings = how.loads
    tables = TrialTables(
        contacts=contacts,
        kinematics=coordinates_table(tree, trial.time_s, trial.coordinates),
        body_points=body_points(base, trial, how.torso_observed),
        moments=moments_table(tree, trial.time_s, forces),
        muscle_forces=shared.forces,
        joint_reactions=trial_reactions(paths, motion, shared.forces, ground),
        ground=low_passed_ground(
            trial.grf_unfiltered, settings.loading_rate_cutoff_hz, settings.filter_order
        ),
        markers=trial.markers,
    )
    return trial_loads(tables, settings)
