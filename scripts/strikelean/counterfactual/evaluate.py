"""A derived trial's loads without files: dynamics, muscles, joint reactions, metrics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from strikelean.counterfactual.base import BaseTrial
from strikelean.counterfactual.derive import DerivedTrial
from strikelean.dynamics.solve import motion_of
from strikelean.formats.contacts import typed_contacts
from strikelean.formats.series import TimeSeries
from strikelean.loads.metrics_list import MetricDefinition
from strikelean.loads.metrics_table import metrics_table
from strikelean.loads.trial_loads import LoadSettings, SideLoads
from strikelean.motion.body_points import body_points_table
from strikelean.muscles.leg import Leg, MuscleSettings
from strikelean.pipeline import RunnerModel, Trial, solve_loads


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
    return metrics_table(dict(derived_loads(base, trial, how)), how.loads, how.definitions)


def derived_loads(base: BaseTrial, trial: DerivedTrial, how: Evaluation) -> Mapping[str, SideLoads]:
    """Return every quantity and metric of a derived trial's steps, by side."""
    tree = base.motion.tree
    solved = solve_loads(
        Trial(
            model=RunnerModel(tree, how.legs),
            motion=motion_of(tree, trial.time_s, trial.coordinates),
            grf=trial.grf,
            grf_unfiltered=trial.grf_unfiltered,
            contacts=typed_contacts(trial.contacts),
            body_points=body_points(base, trial, how.torso_observed),
            markers=trial.markers,
        ),
        how.muscles,
        how.loads,
    )
    return solved.loads or {}
