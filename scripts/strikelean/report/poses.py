"""The runners as figures that move: one stance of each trial and of each angle of a sweep.

The script reads a pose as text: whole millimetres and thousandths of a body weight, two bytes
each, low byte first, in base64; frame by frame in the order of the columns.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from strikelean.counterfactual.shown_step import ANGLE, KNEE_PEAK, shown_step
from strikelean.errors import ExcludedError, StrikeleanError
from strikelean.formats.contacts import read_contacts
from strikelean.formats.files import excluded_reason
from strikelean.formats.ground import read_ground
from strikelean.formats.series import FloatArray
from strikelean.formats.sto import read_sto
from strikelean.formats.trc import read_trc
from strikelean.lab.strike_classes import FOREFOOT, MIDFOOT, MIXED, REARFOOT
from strikelean.markersets import SIDES, load_markerset
from strikelean.motion.stance_poses import (
    COLUMNS,
    FRAMES,
    HEAD_ABOVE_TRUNK,
    HEAD_RADIUS,
    Body,
    pose_of_table,
    sole_shapes,
    stance_pose,
)
from strikelean.report.groups import words
from strikelean.report.page_files import DrawnRunner, DrawnTrial, PageFiles
from strikelean.report.parts import read_table
from strikelean.studies.cohort import condition_key

MISSING = -32768
"""Stands for what is not known, as no whole number is NaN."""
FAINT_FORCE = 0.3
"""Vertical force in body weights below which its direction, and so its lever arm, says little."""
ARROW_M = 0.36
"""Length of the force's arrow for one body weight, metres."""
HALF_M = {
    **{"hip": 0.075, "knee": 0.052, "ankle": 0.034, "neck": 0.042},
    **{"waist": 0.095, "chest": 0.09, "waist_front": 0.115, "chest_front": 0.14},
}
"""Half widths of limbs in metres, for looks alone."""
SHOULDER_DROP = 0.6
"""Of the chest's half width: how far its round end lies below the top of the trunk."""
BASES = {
    "measured": "recorded",
    "virtual": "virtual recording",
    "predicted": "model prediction",
}
RECORDED, ASSUMED, UNSEEN = "recorded", "assumed", "not known"
CLASS_WORDS = {
    REARFOOT: "lands on the heel",
    MIDFOOT: "lands on the midfoot",
    FOREFOOT: "lands on the forefoot",
    MIXED: "feet or recordings land differently",
    "": "landing not known",
}
"""Names of groups of runners, from the heel forward."""


@dataclass(frozen=True)
class DrawnPose:
    """One stance to draw.

    Attributes:
        runner, trial: whose.
        condition: label of the technique, '' where it is none.
        label: in words.
        basis: recorded, a virtual recording or a prediction.
        lean_deg: change of trunk lean, where it is an angle of a sweep.
        side: foot on the ground.
        step: number of the step in the trial.
        of_steps: how many it was chosen from, 0 where that is not known.
        strike, angle_deg: how this foot struck, '' and NaN where that is not known.
        contact_s: how long the stance lasted, NaN where that is not known.
        grouped: whether ``condition`` is the runner's strike class and nothing that was asked
            for.
        trunk: recorded, assumed or not known.
        pose: (60, columns) of :func:`strikelean.motion.stance_poses.stance_pose`.
    """

    runner: str
    trial: str
    condition: str
    label: str
    basis: str
    side: str
    step: int
    trunk: str
    pose: FloatArray
    lean_deg: int | None = None
    of_steps: int = 0
    strike: str = ""
    angle_deg: float = np.nan
    contact_s: float = np.nan
    grouped: bool = False

    @property
    def key(self) -> str:
        """What a reader chooses it by: the condition or class, or ``~`` and the technique."""
        _, mark, technique = self.trial.partition("~")
        return mark + technique if mark else self.condition

    @property
    def aim(self) -> str:
        """The strike that was asked for, '' where none was."""
        asked = self.condition.startswith("forefoot") and not self.grouped
        return FOREFOOT if asked else ""


@dataclass(frozen=True)
class Figures:
    """What there is to draw.

    Attributes:
        trials: a stance a trial, runners in the order of the tables, conditions in the article's.
        leans: a stance an angle of a sweep, by runner and angle.
        left_out: why a trial has no figure, one line each.
    """

    trials: tuple[DrawnPose, ...] = ()
    leans: tuple[DrawnPose, ...] = ()
    left_out: tuple[str, ...] = ()


def encode_pose(pose: FloatArray) -> str:
    """Return a pose as the text that the script reads."""
    whole = np.round(1000.0 * pose)
    whole = np.where(np.isfinite(whole), np.clip(whole, MISSING + 1, -MISSING - 1), MISSING)
    return base64.b64encode(whole.astype("<i2").tobytes()).decode("ascii")


def decode_pose(text: str) -> FloatArray:
    """Return what :func:`encode_pose` was given, to half a millimetre."""
    whole = np.frombuffer(base64.b64decode(text), dtype="<i2").astype(np.float64)
    return np.where(whole == MISSING, np.nan, whole / 1000.0).reshape(-1, len(COLUMNS))


def _body(runner: DrawnRunner) -> Body:
    static, marker_set = read_trc(runner.static), load_markerset(runner.marker_set)
    return Body(runner.mass_kg, runner.height_m, sole_shapes(static, marker_set))


def _trunk(pose: FloatArray, observed: bool) -> str:
    first = COLUMNS.index("trunk_top_x")
    if not np.isfinite(pose[:, first]).all():
        return UNSEEN
    return RECORDED if observed else ASSUMED


def _basis(trial: DrawnTrial, virtual: bool) -> str:
    if "~" in trial.trial:
        return BASES["predicted"]
    return BASES["virtual" if virtual else "measured"]


def draw_trial(
    trial: DrawnTrial, body: Body, metrics: pd.DataFrame, *, virtual: bool
) -> DrawnPose | None:
    """Return the usual step of a trial, None where no step of it is selected.

    Args:
        trial: its files.
        body: the runner.
        metrics: rows of metrics.csv of this trial.
        virtual: whether nobody ran it.

    Raises:
        ExcludedError, RecordingError: a file is a note, or cannot be used.
    """
    contacts = read_contacts(trial.contacts)
    chosen = {step.step: step for side in SIDES for step in contacts.selected(side)}
    shown = shown_step(metrics, [(step.step, str(step.side)) for step in chosen.values()])
    if shown is None:
        return None
    number, side = shown
    own = chosen[number]
    span = (own.start_s, own.end_s)
    points = read_sto(trial.body_points)
    pose = stance_pose(points, read_ground(trial.grf), side, span, body)
    label = words(trial.condition) if trial.condition else "no condition"
    return DrawnPose(
        *(trial.subject, trial.trial, trial.condition, label, _basis(trial, virtual)),
        side=side,
        step=number,
        trunk=_trunk(pose, points.header.get("torso_observed") != "no"),
        pose=pose,
        of_steps=len(contacts.selected(side)),
        strike=own.strike_class,
        angle_deg=own.foot_strike_angle_deg,
        contact_s=span[1] - span[0],
    )


def draw_sweep(path: Path) -> list[DrawnPose]:
    """Return the stances of one trial's sweep, smallest angle first; none where none was solved."""
    kinds = {"subject": str, "trial": str, "side": str}
    table = read_table(path, kinds)
    found = []
    for _, rows in table.groupby(ANGLE, sort=True):
        first, pose = rows.iloc[0].to_dict(), pose_of_table(rows)
        lean_deg = int(first[ANGLE])
        found.append(
            DrawnPose(
                str(first["subject"]),
                str(first["trial"]),
                "",
                f"trunk lean {lean_deg:+d} deg",
                BASES["predicted"],
                side=str(first["side"]),
                step=int(first["step"]),
                trunk=_trunk(pose, first["trunk_observed"] == "yes"),
                pose=pose,
                lean_deg=lean_deg,
            )
        )
    return found


def _usable(trial: DrawnTrial, excluded: Mapping[tuple[str, str], str]) -> None:
    """Raise ExcludedError where a trial is not to be used, or is a note of what went wrong."""
    reason = excluded.get((trial.subject, trial.trial)) or next(
        filter(None, map(excluded_reason, (trial.contacts, trial.body_points, trial.grf))), None
    )
    if reason:
        raise ExcludedError("draw_runner", "a trial in use", reason, "Mend that first")


def _trials(
    files: PageFiles,
    metrics: pd.DataFrame,
    excluded: Mapping[tuple[str, str], str],
    virtual: bool,
) -> tuple[list[DrawnPose], list[str]]:
    """Return a figure a trial, and why others have none."""
    peaks = metrics[metrics["metric"] == KNEE_PEAK]
    own = dict(iter(peaks.groupby(["subject", "trial"], sort=False)))
    bodies: dict[str, Body] = {}
    found, left_out = [], []
    for trial in files.drawn_trials:
        named = (trial.subject, trial.trial)
        try:
            _usable(trial, excluded)
            if trial.subject not in bodies:
                bodies[trial.subject] = _body(files.drawn_runners[trial.subject])
            rows = own.get(named, metrics.iloc[:0])
            drawn = draw_trial(trial, bodies[trial.subject], rows, virtual=virtual)
            if drawn is not None:
                found.append(drawn)
            else:
                left_out.append(f"{' '.join(named)}: no step of it is selected")
        except StrikeleanError as error:
            told = error.reason if isinstance(error, ExcludedError) else str(error)
            left_out.append(f"{' '.join(named)}: {told}")
    return found, left_out


def read_figures(
    files: PageFiles,
    metrics: pd.DataFrame,
    quality: pd.DataFrame,
    *,
    virtual: bool,
    classes: Mapping[str, str] = MappingProxyType({}),
) -> Figures:
    """Return a figure a trial and an angle, without those that are excluded or have failed.

    Args:
        files: of the page.
        metrics: metrics.csv.
        quality: quality.csv, for what is excluded.
        virtual: whether the runners are virtual.
        classes: strike class by runner, where recordings are to be named after it
            (:func:`strikelean.report.see.habitual_classes`).
    """
    out = quality[quality["included"] != "yes"]
    excluded = {
        (str(subject), str(trial)): reason if isinstance(reason, str) and reason else "excluded"
        for subject, trial, reason in zip(out["subject"], out["trial"], out["reason"], strict=True)
    }
    trials, left_out = _trials(files, metrics, excluded, virtual)
    leans = []
    for path in files.sweep_poses:
        try:
            leans += draw_sweep(path)
        except StrikeleanError as error:
            told = error.reason if isinstance(error, ExcludedError) else str(error)
            place = f"{path.parent.parent.name} {path.parent.name}"
            left_out.append(f"{place} at other angles of the trunk: {told}")
    drawn = _in_order([_by_class(one, classes) for one in trials])
    return Figures(tuple(drawn), tuple(leans), tuple(left_out))


def _by_class(one: DrawnPose, classes: Mapping[str, str]) -> DrawnPose:
    """Return a recording named after its runner's strike class, where one is given."""
    if one.runner not in classes or "~" in one.trial:
        return one
    name = classes[one.runner]
    return replace(one, condition=name, label=CLASS_WORDS[name], grouped=True)


def _in_order(trials: Sequence[DrawnPose]) -> list[DrawnPose]:
    """Return runners as they come, each with what was recorded first, in the article's order.

    Of several trials of a runner in one condition the first is drawn.
    """
    subjects = list(dict.fromkeys(one.runner for one in trials))
    place = {name: number for number, name in enumerate(subjects)}
    ordered = sorted(
        trials,
        key=lambda one: (
            place[one.runner], "~" in one.key, condition_key(one.condition), one.key
        ),
    )  # fmt: skip
    first: dict[tuple[str, str], DrawnPose] = {}
    for one in ordered:
        first.setdefault((one.runner, one.key), one)
    return list(first.values())


def _number(value: float, digits: int) -> float | None:
    return round(float(value), digits) if np.isfinite(value) else None


def _record(one: DrawnPose) -> dict[str, Any]:
    return {
        "runner": one.runner,
        "trial": one.trial,
        "key": one.key,
        "label": one.label,
        "basis": one.basis,
        "lean": one.lean_deg,
        "side": one.side,
        "step": one.step,
        "of_steps": one.of_steps,
        "strike": one.strike,
        "angle": _number(one.angle_deg, 1),
        "contact": _number(one.contact_s, 3),
        "grouped": one.grouped,
        "aim": one.aim,
        "trunk": one.trunk,
        "data": encode_pose(one.pose),
    }


def pose_data(figures: Figures, peak: int | None = None) -> Mapping[str, Any]:
    """Return what the script draws.

    Args:
        figures: what there is to draw.
        peak: share of stance at which the knee is loaded most, %, where that is known.
    """
    return {
        "peak": peak,
        "groups": list(CLASS_WORDS),
        "columns": [name.removesuffix("_x") for name in COLUMNS[::3]],
        "frames": FRAMES,
        "missing": MISSING,
        "looks": {"faint": FAINT_FORCE, "arrow": ARROW_M, "half": HALF_M, "drop": SHOULDER_DROP},
        "head": {"above": round(HEAD_ABOVE_TRUNK, 4), "radius": round(HEAD_RADIUS, 4)},
        "trials": [_record(one) for one in figures.trials],
        "leans": [_record(one) for one in figures.leans],
    }


def as_seen(one: DrawnPose) -> DrawnPose:
    """Return a pose as its numbers reach the page."""
    return replace(one, pose=decode_pose(encode_pose(one.pose)))
