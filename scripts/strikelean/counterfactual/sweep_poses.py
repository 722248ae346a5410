"""How the runner moves at every angle of a sweep: the same step of each, as points to draw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from strikelean.counterfactual.evaluate import body_points
from strikelean.counterfactual.recorded_trial import RecordedFiles
from strikelean.counterfactual.shown_step import ANGLE, shown_step
from strikelean.counterfactual.solve_techniques import Solved, TechniqueSolver
from strikelean.errors import StrikeleanError
from strikelean.formats.trc import read_trc
from strikelean.motion.stance_poses import (
    COLUMNS,
    STANCE_PERCENT_NAME,
    Body,
    pose_table,
    sole_shapes,
    stance_pose,
)

POSE_COLUMNS = (
    *("subject", "trial", "side", "step", ANGLE, "trunk_observed"),
    *(STANCE_PERCENT_NAME, *COLUMNS),
)


def sweep_poses(
    runner: TechniqueSolver,
    recorded: RecordedFiles,
    solved: Sequence[Solved],
    metrics: Sequence[pd.DataFrame | StrikeleanError],
) -> pd.DataFrame:
    """Return the runner through one stance at every solved angle, the same step of each.

    It is one of those that were solved at most angles; an angle at which it was refused has no
    rows. Each pose is worked out of its stride alone.

    Args:
        runner: the recording with what is needed to change it.
        recorded: its files.
        solved: the strides by angle.
        metrics: of each.

    Returns:
        Columns of ``POSE_COLUMNS``, 60 rows an angle.
    """
    table = pd.DataFrame(columns=list(POSE_COLUMNS))
    shown = _step_of_all(solved, metrics)
    if shown is None:
        return table
    number, side = shown
    facts, base = runner.how.loads.facts, runner.base
    soles = sole_shapes(read_trc(recorded.runner.static), base.marker_set)
    body = Body(facts.mass_kg, facts.height_m, soles)
    tables = []
    for one in solved:
        stride = [pair for pair in one.strides if number in pair[0].numbers]
        if not stride:
            continue
        trial = runner.derive(replace(one, strides=tuple(stride), refused=()))
        own = next(contact for contact in trial.contacts if contact.step == number)
        points = body_points(base, trial, runner.how.torso_observed)
        span = (own.start_s, own.end_s)
        pose = pose_table(stance_pose(points, trial.grf, side, span, body))
        pose[["subject", "trial", "side", "step"]] = facts.subject, facts.trial, side, number
        pose[ANGLE] = one.technique.lean_deg
        pose["trunk_observed"] = "yes" if runner.how.torso_observed else "no"
        tables.append(pose)
    return pd.concat(tables)[list(POSE_COLUMNS)]


def _step_of_all(
    solved: Sequence[Solved], metrics: Sequence[pd.DataFrame | StrikeleanError]
) -> tuple[int, str] | None:
    """Return a step solved at most angles, chosen by its moment at the smallest change."""
    angles: dict[tuple[int, str], int] = {}
    for one in solved:
        for span, _ in one.strides:
            for step in zip(span.numbers, span.sides, strict=True):
                angles[step] = angles.get(step, 0) + 1
    most = [step for step, count in angles.items() if count == max(angles.values())]
    known = [
        (abs(one.technique.lean_deg), place)
        for place, (one, table) in enumerate(zip(solved, metrics, strict=True))
        if isinstance(table, pd.DataFrame)
    ]
    if not most or not known:
        return None
    table = metrics[min(known)[1]]
    assert isinstance(table, pd.DataFrame)
    return shown_step(table, most)
