"""Are there enough steps? Asked of all trials of a runner's condition together, foot by foot.

A treadmill gives dozens of steps a trial, one force plate in a runway one stance a trial: what
counts is how many steps of a foot a condition has, in however many files. Where plates record
every step, too few of one foot mean that the recording is at fault. Where they do not, a foot may
never have met a plate: the runner is then compared by the other foot alone, in all conditions, so
that no condition of one foot stands against one of both.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from strikelean.markersets import SIDES

KEY = "quality.min_valid_steps"
NO_FORCES = "without forces"
Place = tuple[str, str]
"""Subject and trial."""


@dataclass(frozen=True)
class TrialSteps:
    """How many steps a trial has.

    Attributes:
        subject, trial, condition: names; a derived trial is ``<recording>~<technique>``.
            Recordings without forces are a condition of their own.
        valid: by side; a side that is not known is absent.
        every_step: whether plates recorded whole strides.
        excluded: why the trial does not count whatever its steps; empty where it does.
    """

    subject: str
    trial: str
    condition: str
    valid: Mapping[str, int]
    every_step: bool
    excluded: str = ""

    @classmethod
    def of(
        cls, names: tuple[str, str, str], figures: Mapping[str, Any], excluded: str = ""
    ) -> TrialSteps:
        """Build from subject, trial and condition and the figures of quality.json."""
        if figures.get("angles_only"):
            # angles of one recording do not make up for loads of another
            subject, trial, condition = names
            names = subject, trial, f"{condition} {NO_FORCES}".strip()
        counts = {side: figures.get(f"valid_steps_{side}") for side in SIDES}
        valid = {side: int(count) for side, count in counts.items() if count is not None}
        # the mean force over whole strides is known where there are any
        return cls(*names, valid, figures.get("plate_weight_error") is not None, excluded)


@dataclass(frozen=True)
class Enough:
    """Whether a trial has its part in enough steps.

    Attributes:
        reason: why the trial is excluded; empty where it is not.
        warnings: what to know of its steps.
        sides: the feet that it is compared by.
    """

    reason: str = ""
    warnings: tuple[str, ...] = ()
    sides: tuple[str, ...] = SIDES


def _count(pool: Sequence[TrialSteps], side: str) -> int:
    return sum(trial.valid.get(side, 0) for trial in pool)


def _told(pool: Sequence[TrialSteps], side: str, needed: int) -> str:
    """Return how many steps of a foot a pool has, and what asks for more."""
    many = "trials" if len(pool) > 1 else "trial"
    of = f" of {pool[0].condition}" if pool[0].condition else ""
    count = _count(pool, side)
    return (
        f"{count} valid step{'' if count == 1 else 's'} on the {side} in {len(pool)} {many}{of}, "
        f"{needed} needed ({KEY})"
    )


def judge_pool(pool: Sequence[TrialSteps], needed: int) -> Enough:
    """Judge the recordings of one condition: which feet have enough steps.

    Args:
        pool: that count but for their steps.
        needed: steps of a foot.
    """
    unknown = [side for side in SIDES if not any(side in trial.valid for trial in pool)]
    warnings = tuple(f"valid_steps_{side} is not known, not judged" for side in unknown)
    judged = [side for side in SIDES if side not in unknown]
    short = [side for side in judged if _count(pool, side) < needed]
    told = [_told(pool, side, needed) for side in short]
    if len(short) == len(SIDES) or (short and any(trial.every_step for trial in pool)):
        return Enough("; ".join(told), warnings)
    sides = tuple(side for side in SIDES if side not in short)
    if short:
        warnings += (f"{told[0]}: compared by the {sides[0]} foot alone",)
    return Enough("", warnings, sides)


def _of_recordings(
    pools: Mapping[tuple[str, str], Sequence[TrialSteps]], needed: int
) -> dict[Place, Enough]:
    """Judge all recordings of a cohort, by subject and condition."""
    judged = {key: judge_pool(pool, needed) for key, pool in pools.items()}
    found = {}
    for (subject, condition), pool in pools.items():
        own = judged[subject, condition]
        others = {
            other: enough.sides
            for (name, other), enough in sorted(judged.items(), key=lambda pair: pair[0])
            if name == subject and not enough.reason
        }
        common = tuple(s for s in own.sides if all(s in sides for sides in others.values()))
        for trial in pool:
            found[subject, trial.trial] = _shared(trial, own, others, common)
    return found


def _shared(
    trial: TrialSteps, own: Enough, others: Mapping[str, tuple[str, ...]], common: tuple[str, ...]
) -> Enough:
    """Judge one recording by the feet that all conditions of its runner have."""
    if own.reason:
        return own
    if not common:
        known = ", ".join(f"{name} the {' and '.join(sides)}" for name, sides in others.items())
        reason = f"no foot has enough steps ({KEY}) in all conditions of the runner: {known}"
        return Enough(reason)
    warnings = own.warnings
    if common != own.sides:
        lacking = [name for name, sides in others.items() if sides != SIDES]
        names = ", ".join(lacking)
        warnings += (f"compared by the {common[0]} foot alone: {names} has no more",)
    if trial.valid and not any(trial.valid.get(side, 0) for side in common):
        return Enough(f"no valid step of the foot that counts: {'; '.join(warnings)}")
    return Enough("", warnings, common)


def enough_steps(trials: Iterable[TrialSteps], needed: int) -> dict[Place, Enough]:
    """Judge the steps of a cohort's trials; those excluded for other reasons are left out.

    A derived trial follows its recording: excluded with it, compared by the same feet, which must
    have enough steps in all of its technique's trials together.

    Args:
        trials: of all runners, in any order.
        needed: steps of a foot in a condition.
    """
    every = list(trials)
    pools: dict[tuple[str, str], list[TrialSteps]] = defaultdict(list)
    derived: dict[tuple[str, str, str], list[TrialSteps]] = defaultdict(list)
    recordings = {(t.subject, t.trial): t for t in every if "~" not in t.trial}
    for trial in every:
        recorded, mark, technique = trial.trial.partition("~")
        parent = recordings.get((trial.subject, recorded), trial)
        if trial.excluded:
            continue
        if mark:
            derived[trial.subject, parent.condition, technique].append(trial)
        else:
            pools[trial.subject, trial.condition].append(trial)
    found = _of_recordings(pools, needed)
    for (subject, _, _), pool in derived.items():
        for trial in pool:
            recorded = trial.trial.partition("~")[0]
            found[subject, trial.trial] = _followed(
                pool, recordings.get((subject, recorded)), found.get((subject, recorded)), needed
            )
    return found


def _followed(
    pool: Sequence[TrialSteps], recording: TrialSteps | None, enough: Enough | None, needed: int
) -> Enough:
    """Judge a derived trial after its recording."""
    if recording is not None and (recording.excluded or enough is None or enough.reason):
        why = recording.excluded or (enough.reason if enough else "")
        return Enough(f"its recording {recording.trial} is excluded: {why}")
    sides = enough.sides if enough else SIDES
    known = {side for trial in pool for side in trial.valid}
    short = [side for side in sides if side in known and _count(pool, side) < needed]
    if short:
        return Enough("; ".join(_told(pool, side, needed) for side in short))
    return Enough("", enough.warnings if enough else (), sides)
