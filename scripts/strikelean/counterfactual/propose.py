"""One stride under one technique: targets, solve, check."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from strikelean.counterfactual.retiming import Retimed, Retiming, retime_stride
from strikelean.counterfactual.speed import SpeedSlopes, ask_speed, speed_retiming
from strikelean.counterfactual.strike import ask_strike
from strikelean.counterfactual.templates import Template
from strikelean.errors import ConfigError, RecordingError, SolverError
from strikelean.stride.check import Check, Solved, check_solutions
from strikelean.stride.scales import SolveRules
from strikelean.stride.solve import Problem, Solution, solve_strides
from strikelean.stride.stride import Stride
from strikelean.stride.targets import Targets, ask_lean
from strikelean.techniques import Technique


@dataclass(frozen=True)
class Choices:
    """What is chosen, not known, about how a technique is carried out; docs/counterfactual.md.

    Attributes:
        hip_share: part of a lean that comes from the hips, the rest from the spine.
        pressure_m: how far the centre of pressure may leave the foot it is held to.
        strike_pressure_m: the same about the template of a strike.
        strike_angle_rad: how far joint angles may leave the template of a strike.
        braking: whether a strike's template changes the braking force.
        posture_rad: how far other angles may leave their own.
        knee_shift: standard errors by which the knee of a strike's template is more flexed than
            its mean, the foot staying where it is.
        speed_rate, speed_contact: standard deviations over runners by which step rate and contact
            time go more with the speed than their mean.
        speed_posture: whether posture and ground forces go with the speed.
        speed_forces: whether ground forces do.
    """

    hip_share: float = 0.5
    pressure_m: float = 0.002
    strike_pressure_m: float = 0.006
    strike_angle_rad: float = 0.0044
    braking: bool = True
    posture_rad: float = 0.0873
    knee_shift: float = 0.0
    speed_rate: float = 0.0
    speed_contact: float = 0.0
    speed_posture: bool = True
    speed_forces: bool = True


@dataclass(frozen=True)
class Asked:
    """A technique with all it needs.

    Attributes:
        technique: what is asked.
        choices: how.
        template: group means, for a strike.
        strike_angle_deg: each foot's own foot-strike angle, for a strike.
        rules: knots and when to stop.
        duty: by side, contact time over the stride's period, mean over the recording.
        speed: what goes with running speed, for a speed.
    """

    technique: Technique
    choices: Choices = field(default_factory=Choices)
    template: Template | None = None
    strike_angle_deg: Mapping[str, float] = field(default_factory=dict)
    rules: SolveRules = field(default_factory=SolveRules)
    duty: Mapping[str, float] = field(default_factory=dict)
    speed: SpeedSlopes | None = None


@dataclass(frozen=True)
class Proposal:
    """A solved stride.

    Attributes:
        own: the stride as recorded.
        base: the same in its new time, where that changes.
        targets: what was asked.
        solution: what changes.
        check: how the solve kept its rules.
        retimed: the clock, and what became of the forces with it.
    """

    own: Stride
    base: Stride
    targets: Targets
    solution: Solution
    check: Check
    retimed: Retimed


def _retiming(asked: Asked) -> Retiming:
    """Return what a technique changes in a stride's time."""
    choices = asked.choices
    return speed_retiming(
        asked.technique, asked.speed, Retiming, choices.speed_rate, choices.speed_contact
    )


def _targets(stride: Stride, asked: Asked) -> tuple[Retimed, Targets]:
    technique = asked.technique
    retimed = retime_stride(stride, _retiming(asked), asked.duty)
    base, targets = retimed.stride, retimed.targets
    if technique.speed_percent and asked.choices.speed_posture:
        targets = ask_speed(
            retimed,
            targets,
            asked.speed,
            strike_asked=technique.strikes,
            forces=asked.choices.speed_forces,
        )
    if technique.strike_percent:
        if asked.template is None:
            raise ConfigError(
                "solve_counterfactual",
                "a template for a forefoot strike",
                "none",
                "Set counterfactual.template",
            )
        share = technique.strike_percent / 100.0
        doses = {
            side: share * asked.template.dose(angle)
            for side, angle in asked.strike_angle_deg.items()
        }
        template = asked.template.shifted(asked.choices.knee_shift)
        targets = ask_strike(base, targets, template, doses, asked.choices.braking)
    if technique.lean_deg:
        lean = float(np.radians(technique.lean_deg))
        targets = ask_lean(base, targets, lean, asked.choices.hip_share)
    return retimed, targets


@dataclass(frozen=True)
class Task:
    """One stride, and what is asked of it.

    Attributes:
        stride: as recorded.
        asked: the technique with all it needs.
        start: of the same stride under a like technique, to start from.
    """

    stride: Stride
    asked: Asked
    start: Solution | None = None


def _rules(asked: Asked) -> SolveRules:
    choices = asked.choices
    strikes = asked.technique.strike_percent > 0
    scales = replace(
        asked.rules.scales,
        angle_rad=choices.posture_rad,
        cop_m=choices.strike_pressure_m if strikes else choices.pressure_m,
        templated_rad=choices.strike_angle_rad,
    )
    return replace(asked.rules, scales=scales)


def propose_stride(stride: Stride, asked: Asked, start: Solution | None = None) -> Proposal:
    """Solve one stride under a technique.

    Args:
        stride: as recorded.
        asked: the technique with all it needs.
        start: of the same stride under a like technique, to start from.

    Raises:
        SolverError: the solve does not settle.
        LinAlgError: it broke down.
        ConfigError: a strike without a template.
    """
    (found,) = propose_strides([Task(stride, asked, start)])
    if isinstance(found, Exception):
        raise found
    return found


def propose_strides(tasks: Sequence[Task]) -> list[Proposal | Exception]:
    """Solve strides of one runner, each as :func:`propose_stride` would alone.

    Returns:
        Proposals; where a solve does not settle or breaks down, the error in its place.

    Raises:
        ConfigError: a strike without a template.
    """
    asked: list[tuple[Retimed, Targets] | Exception] = []
    for task in tasks:
        try:
            asked.append(_targets(task.stride, task.asked))
        except (RecordingError, SolverError) as error:
            asked.append(error)
    problems = [
        Problem(
            pair[0].stride,
            pair[1],
            _rules(task.asked),
            None if task.start is None else task.start.unknowns,
        )
        for task, pair in zip(tasks, asked, strict=True)
        if not isinstance(pair, Exception)
    ]
    solutions = iter(solve_strides(problems))
    found: list[Solved | Exception] = []
    for task, pair in zip(tasks, asked, strict=True):
        solution = pair if isinstance(pair, Exception) else next(solutions)
        if isinstance(solution, Exception) or isinstance(pair, Exception):
            found.append(solution)  # type: ignore[arg-type]
        else:
            found.append(Solved(pair[0].stride, pair[1], solution, task.stride))
    checks = iter(check_solutions([one for one in found if isinstance(one, Solved)]))
    return [
        Proposal(one.own, one.base, one.targets, one.solution, next(checks), pair[0])
        if isinstance(one, Solved) and not isinstance(pair, Exception)
        else one  # type: ignore[misc]
        for one, pair in zip(found, asked, strict=True)
    ]
