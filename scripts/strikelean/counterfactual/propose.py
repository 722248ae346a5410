"""One stride under one technique: targets, solve, check; a strike until it lands where asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from strikelean.counterfactual.cadence import Posture, ask_posture, step_rate
from strikelean.counterfactual.retiming import Retimed, Retiming, Retimings
from strikelean.counterfactual.speed import (
    SpeedChoice,
    SpeedSlopes,
    ask_speed,
    rate_beyond,
    speed_retiming,
)
from strikelean.counterfactual.strike import (
    StrikeForces,
    ask_strike,
    landing_change_deg,
    strike_retiming,
)
from strikelean.counterfactual.templates import Choice, Template
from strikelean.errors import ConfigError, RecordingError, SolverError
from strikelean.stride.check import Check, Solved, check_solutions
from strikelean.stride.scales import SolveRules
from strikelean.stride.solve import Problem, Solution, solve_strides
from strikelean.stride.stride import Stride
from strikelean.stride.targets import Targets, ask_lean
from strikelean.techniques import Technique

# A strike that misses its angle by more is asked for again, by as much more (deg); where it still
# misses by more after some rounds it is refused. Project rules: classes are 8 deg apart.
AGAIN_DEG, MISSED_DEG, ROUNDS = 0.5, 2.0, 3


@dataclass(frozen=True)
class Choices:
    """What is chosen, not known, about how a technique is carried out; docs/counterfactual.md.

    Attributes:
        hip_share: part of a lean that comes from the hips, the rest from the spine.
        lean_step_rate: change of the step rate that goes with a lean, % per degree forward.
        root_turns: whether what the recording left over at the root turns with the trunk.
        pressure_m: how far the centre of pressure may leave the foot it is held to.
        pressure_errors: standard errors of a template's slopes by which it may leave that farther.
        strike_angle_rad: how far joint angles may leave the template of a strike.
        braking, vertical: whether a strike's template changes the braking force, the vertical.
        contact_time, step_rate: whether it changes them.
        posture_rad: how far other angles may leave their own.
        slopes: how a strike's template is taken.
        speed: how a speed is carried out.
        contact_shift: standard errors by which contact time goes more with the step time than
            published changes of posture say.
        landing_shift: standard errors by which the knee at contact is more flexed than runners
            at another step rate have it.
    """

    hip_share: float = 0.5
    lean_step_rate: float = 0.0
    root_turns: bool = False
    pressure_m: float = 0.002
    pressure_errors: float = 1.0
    strike_angle_rad: float = 0.0044
    braking: bool = True
    vertical: bool = True
    contact_time: bool = True
    step_rate: bool = True
    posture_rad: float = 0.0873
    slopes: Choice = field(default_factory=Choice)
    speed: SpeedChoice = field(default_factory=SpeedChoice)
    contact_shift: float = 0.0
    landing_shift: float = 0.0


@dataclass(frozen=True)
class Asked:
    """A technique with all it needs.

    Attributes:
        technique: what is asked.
        choices: how.
        template: slopes on the foot-strike angle, for a strike.
        strike_angle_deg: each foot's own foot-strike angle, for a strike.
        rules: knots and when to stop.
        duty: by side, contact time over the stride's period, mean over the recording.
        posture: what runners change with their step rate; None asks for the step rate alone.
        more_deg: by side, what is asked of a strike beyond its angle, for it to be reached.
        speed: what goes with running speed, for a speed.
    """

    technique: Technique
    choices: Choices = field(default_factory=Choices)
    template: Template | None = None
    strike_angle_deg: Mapping[str, float] = field(default_factory=dict)
    rules: SolveRules = field(default_factory=SolveRules)
    duty: Mapping[str, float] = field(default_factory=dict)
    posture: Posture | None = None
    more_deg: Mapping[str, float] = field(default_factory=dict)
    speed: SpeedSlopes | None = None

    def strike_template(self) -> Template:
        """Return the slopes of a strike as they are chosen; ConfigError without any."""
        if self.template is None:
            raise ConfigError(
                "solve_counterfactual",
                "a template for a strike",
                "none",
                "Set counterfactual.template",
            )
        return replace(self.template, choice=self.choices.slopes)

    def landing_deg(self, side: str) -> float:
        """Return the foot-strike angle that is asked of a foot.

        Raises:
            RecordingError: nobody knows how the foot lands.
            ConfigError: no template, or none that knows the forefoot.
        """
        own = self.strike_angle_deg.get(side, np.nan)
        if not np.isfinite(own):
            raise RecordingError(
                "solve_counterfactual",
                f"the foot-strike angle of the {side} foot",
                "no contact that shows heel and forefoot",
                "Look at contacts.csv, or leave this technique out",
            )
        return self.technique.landing_deg(own, self.strike_template().forefoot_deg)

    def strike_change_deg(self) -> dict[str, float]:
        """Return by how much the foot-strike angle of each foot is to change."""
        return {side: self.landing_deg(side) - own for side, own in self.strike_angle_deg.items()}


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
        asked: the technique with all it needed.
    """

    own: Stride
    base: Stride
    targets: Targets
    solution: Solution
    check: Check
    retimed: Retimed
    asked: Asked

    @cached_property
    def landed_deg(self) -> dict[str, float]:
        """By how much each foot's angle at contact changed, by side."""
        return landing_change_deg(self.base, self.solution)


def _retimings(asked: Asked) -> tuple[Retiming, Retiming]:
    """Return what speed and step rate change in a stride's time, and what the strike does."""
    choices = asked.choices

    def rate(percent: float) -> Retiming:
        return step_rate(percent, asked.posture, choices.contact_shift)

    other = speed_retiming(asked.technique, asked.speed, rate, choices.speed)
    companion = choices.lean_step_rate * asked.technique.lean_deg
    if companion and not asked.technique.contact_percent:
        other = other.along_with(rate(companion))
    # what was measured holds for all parts together
    if not asked.technique.strikes or asked.technique.contact_percent:
        return other, Retiming()
    strike = strike_retiming(
        asked.strike_template(),
        asked.strike_change_deg(),
        contact_time=choices.contact_time,
        step_rate=choices.step_rate,
    )
    return other, strike


def retiming_of(asked: Asked) -> Retiming:
    """Return what a technique changes in a stride's time: what its parts change, together."""
    other, strike = _retimings(asked)
    return other.along_with(strike)


def _strike_forces(asked: Asked, retimed: Retimed) -> StrikeForces:
    """Return which forces change with the strike, and what its own time makes of them.

    By what speed or step rate multiply the force, the strike's peak is multiplied too.
    """
    other, _ = _retimings(asked)
    sizes = tuple(
        # a force that acts for a larger share of the stride is as much smaller
        change.size * other.rate * other.of_contact(foot.side)
        for change, foot in zip(retimed.forces, retimed.stride.feet, strict=True)
    )
    choices = asked.choices
    return StrikeForces(choices.braking, choices.vertical, sizes, choices.pressure_errors)


def _targets(retimed: Retimed, asked: Asked) -> Targets:
    technique = asked.technique
    base, targets = retimed.stride, retimed.targets
    if technique.speed_percent and asked.choices.speed.posture:
        strike_asked = technique.strikes
        chosen, errors = asked.choices.speed, asked.choices.pressure_errors
        targets = ask_speed(retimed, targets, asked.speed, chosen, strike_asked, errors)
    beyond = rate_beyond(technique, asked.speed, asked.choices.speed)
    if beyond and asked.posture is not None:
        shift = asked.choices.landing_shift
        targets = ask_posture(base, targets, asked.posture, beyond, shift)
    if technique.strikes:
        forces = _strike_forces(asked, retimed)
        changes, template = asked.strike_change_deg(), asked.strike_template()
        targets = ask_strike(base, targets, template, changes, asked.more_deg, forces)
    if technique.lean_deg:
        lean = float(np.radians(technique.lean_deg))
        choices = asked.choices
        targets = ask_lean(base, targets, lean, choices.hip_share, choices.root_turns)
    return targets


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
    scales = replace(
        asked.rules.scales,
        angle_rad=choices.posture_rad,
        cop_m=choices.pressure_m,
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
    """Solve strides of one runner.

    A strike is asked for again, by as much more as it misses, until the feet land where they
    should in the mean over the strides of which the same is asked.

    Args:
        tasks: strides of which the same is asked share one ``asked``.

    Returns:
        Proposals; where a solve does not settle or breaks down, or the feet do not come to land
        where they should, the error in its place.

    Raises:
        ConfigError: a strike without a template.
    """
    now, retimings = list(tasks), Retimings()
    found = _propose(now, retimings)
    for _ in range(ROUNDS):
        again: list[int] = []
        for group in _strikes_of(now):
            missing = _missing_deg(now[group[0]].asked, [found[place] for place in group])
            if max(map(abs, missing.values()), default=0.0) > AGAIN_DEG:
                more = now[group[0]].asked.more_deg
                sum_deg = {side: more.get(side, 0.0) + part for side, part in missing.items()}
                asked = replace(now[group[0]].asked, more_deg=sum_deg)
                for place in group:
                    before = found[place]
                    start = before.solution if isinstance(before, Proposal) else None
                    now[place] = Task(now[place].stride, asked, start)
                again += group
        solved = _propose([now[place] for place in again], retimings)
        for place, proposal in zip(again, solved, strict=True):
            found[place] = proposal
        if not again:
            break
    for group in _strikes_of(now):
        asked = now[group[0]].asked
        missing = _missing_deg(asked, [found[place] for place in group])
        if max(map(abs, missing.values()), default=0.0) > MISSED_DEG:
            for place in group:
                found[place] = _not_reached(asked, missing)
    return found


def _strikes_of(tasks: Sequence[Task]) -> list[list[int]]:
    """Return the places of the tasks with a strike, those of which the same is asked together."""
    groups: dict[int, list[int]] = {}
    for place, task in enumerate(tasks):
        if task.asked.technique.strikes:
            groups.setdefault(id(task.asked), []).append(place)
    return list(groups.values())


def _missing_deg(asked: Asked, found: Sequence[Proposal | Exception]) -> dict[str, float]:
    """Return what feet lack in the mean of the angle that is asked of them, by side, deg."""
    landed = [one.landed_deg for one in found if isinstance(one, Proposal)]
    if not landed:
        return {}
    wanted = asked.strike_change_deg()
    return {side: wanted[side] - float(np.mean([one[side] for one in landed])) for side in wanted}


def _not_reached(asked: Asked, missing_deg: Mapping[str, float]) -> SolverError:
    wanted = {side: asked.landing_deg(side) for side in missing_deg}
    told = [
        f"{wanted[side] - lack:+.1f} deg on the {side}, {wanted[side]:+.1f} asked"
        for side, lack in missing_deg.items()
    ]
    return SolverError(
        "solve_counterfactual",
        f"feet that land within {MISSED_DEG:g} deg of what is asked",
        "; ".join(told),
        "Ask for a smaller change",
    )


def _propose(tasks: Sequence[Task], retimings: Retimings) -> list[Proposal | Exception]:
    """Solve strides of one runner, each alone; an error in place of what cannot be solved.

    Strides in their new times are kept among the ``retimings``, for the next round.
    """
    asked: list[tuple[Retimed, Targets] | Exception] = []
    for task in tasks:
        try:
            retimed = retimings.of(task.stride, retiming_of(task.asked), task.asked.duty)
            asked.append((retimed, _targets(retimed, task.asked)))
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
        Proposal(one.own, one.base, one.targets, one.solution, next(checks), pair[0], task.asked)
        if isinstance(one, Solved) and not isinstance(pair, Exception)
        else one  # type: ignore[misc]
        for one, pair, task in zip(found, asked, tasks, strict=True)
    ]
