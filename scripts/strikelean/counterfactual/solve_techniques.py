"""One runner under techniques: solve strides, derive trials, evaluate them, band the numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import pandas as pd
from numpy.linalg import LinAlgError

from strikelean.counterfactual.bands import variants
from strikelean.counterfactual.cadence import Posture
from strikelean.counterfactual.derive import DerivedTrial, derive_trial
from strikelean.counterfactual.evaluate import Evaluation, evaluate_trial, evaluate_trials
from strikelean.counterfactual.propose import (
    Asked,
    Choices,
    Proposal,
    Task,
    propose_strides,
    retiming_of,
)
from strikelean.counterfactual.recorded_trial import RecordedTrial
from strikelean.counterfactual.speed import SpeedSlopes
from strikelean.counterfactual.templates import Template
from strikelean.counterfactual.timeline import lay_out
from strikelean.errors import SolverError, StrikeleanError
from strikelean.loads.metrics_table import BAND_COLUMNS, band_of
from strikelean.quality import Figures
from strikelean.stride.cut_strides import StrideSpan
from strikelean.stride.scales import SolveRules
from strikelean.techniques import Technique

Progress = Callable[[str], None]
# Trials evaluated in the same tables.
TOGETHER = 12


@dataclass(frozen=True)
class Solved:
    """The strides of a trial under one technique.

    Attributes:
        technique: what was asked.
        strides: solved strides, in time order.
        refused: the others, with the reason.
    """

    technique: Technique
    strides: tuple[tuple[StrideSpan, Proposal], ...]
    refused: tuple[tuple[StrideSpan, str], ...]

    def reasons(self) -> str:
        """Return why strides were refused, each reason once."""
        return "; ".join(dict.fromkeys(reason for _, reason in self.refused))

    def figures(self) -> Figures:
        """Return how well the solves kept their rules, the worst of all strides."""
        checks = [proposal.check for _, proposal in self.strides]
        return {
            "strides_solved": len(self.strides),
            "strides_refused": len(self.refused),
            "refused_because": self.reasons(),
            "added_residual_moment_rms_nm": max(float(c.added_residual[:3].max()) for c in checks),
            "added_residual_force_rms_n": max(float(c.added_residual[3:].max()) for c in checks),
            "added_slip_m": max(c.added_slip_m for c in checks),
            "beyond_limit_deg": max(c.beyond_limit_deg for c in checks),
            "acceleration_ratio": max(c.acceleration_ratio for c in checks),
            **self._strikes(),
        }

    def _strikes(self) -> Figures:
        """Return the foot-strike angle that was asked of each foot, and the one reached."""
        asked = self.strides[0][1].asked
        if not asked.technique.strikes:
            return {}
        landed = [proposal.landed_deg for _, proposal in self.strides]
        found: Figures = {}
        for side, own in asked.strike_angle_deg.items():
            change = sum(one[side] for one in landed) / len(landed)
            found[f"strike_asked_{side}_deg"] = asked.landing_deg(side)
            found[f"strike_reached_{side}_deg"] = own + change
        return found


@dataclass(frozen=True)
class TechniqueSolver:
    """A recording with what is needed to change and to evaluate it.

    Attributes:
        base: the recording, solved.
        how: what turns motion into metrics; its trial and condition are set by technique.
        choices: how techniques are carried out.
        template: slopes on foot-strike angle, for strikes.
        rules: knots and when to stop.
        posture: what runners change with their step rate; None asks for the step rate alone.
        speed: what goes with running speed, for speeds.
    """

    base: RecordedTrial
    how: Evaluation
    choices: Choices
    template: Template | None = None
    rules: SolveRules = field(default_factory=SolveRules)
    posture: Posture | None = None
    speed: SpeedSlopes | None = None

    def _asked(self, technique: Technique, choices: Choices) -> Asked:
        return Asked(
            technique,
            choices,
            self.template,
            self.base.strike_angle_deg,
            self.rules,
            self.base.duty,
            self.posture,
            speed=self.speed,
        )

    def solve(self, technique: Technique, progress: Progress = lambda line: None) -> Solved:
        """Solve every stride; those that break a rule or do not settle are refused."""
        return self.solve_all([technique], progress)[0]

    def solve_all(
        self, techniques: Sequence[Technique], progress: Progress = lambda line: None
    ) -> list[Solved]:
        """Solve every stride under each technique, side by side."""
        spans = self.base.spans
        strides = [self.base.stride(span) for span in spans]
        asked = [self._asked(technique, self.choices) for technique in techniques]
        tasks = [Task(stride, one) for one in asked for stride in strides]
        found = _proposals(tasks)
        solved = []
        for number, technique in enumerate(techniques):
            own = found[number * len(spans) : (number + 1) * len(spans)]
            solved.append(_sorted(technique, spans, own))
            for place, (_, reason) in enumerate(own, 1):
                told = f"stride {place} of {len(spans)}: {reason or 'solved'}"
                progress(f"{technique.name}, {told}")
        return solved

    def solve_again(self, cases: Sequence[tuple[Solved, Choices]], strides: int) -> list[Solved]:
        """Solve the first solved strides once more, each case under other choices."""
        tasks = []
        for solved, choices in cases:
            some = [before for _, before in solved.strides[:strides]]
            if some:
                asked = replace(some[0].asked, choices=choices)
                # a stride in another time has other unknowns
                same = retiming_of(asked) == retiming_of(some[0].asked)
                tasks += [Task(one.own, asked, one.solution if same else None) for one in some]
        found = _proposals(tasks)
        again, place = [], 0
        for solved, _ in cases:
            spans = [span for span, _ in solved.strides[:strides]]
            again.append(_sorted(solved.technique, spans, found[place : place + len(spans)]))
            place += len(spans)
        return again

    def derive(self, solved: Solved) -> DerivedTrial:
        """Return the trial made of solved strides.

        Raises:
            SolverError: every stride was refused.
        """
        if not solved.strides:
            raise SolverError(
                "solve_counterfactual",
                f"at least one stride that can be run with {solved.technique.name}",
                f"all {len(solved.refused)} refused: {solved.reasons()}",
                "Ask for a smaller change",
            )
        return derive_trial(self.base, lay_out(solved.strides), solved.refused)

    def _variants(self, technique: Technique) -> dict[str, Choices]:
        return variants(technique, self.choices, posture=self.posture is not None)

    def evaluate(self, technique: Technique, trial: DerivedTrial) -> pd.DataFrame:
        """Return a derived trial's metrics, in the columns of metrics.csv."""
        return evaluate_trial(self.base, trial, self._how(technique))

    def _how(self, technique: Technique) -> Evaluation:
        speed = 1.0 + technique.speed_percent / 100.0
        facts = self.how.loads.facts.derived(technique.name, speed)
        return replace(self.how, loads=replace(self.how.loads, facts=facts))

    def evaluate_all(self, cases: Sequence[Solved]) -> list[pd.DataFrame | StrikeleanError]:
        """Return the metrics of trials made of solved strides, or why there are none."""
        speeds = [case.technique.speed_percent for case in cases]
        found: dict[int, pd.DataFrame | StrikeleanError] = {}
        # the belt's speed is one number of all that are evaluated together
        for speed in dict.fromkeys(speeds):
            own = [place for place, one in enumerate(speeds) if one == speed]
            for first in range(0, len(own), TOGETHER):
                places = own[first : first + TOGETHER]
                tables = self._evaluate_together([cases[place] for place in places])
                found |= dict(zip(places, tables, strict=True))
        return [found[place] for place in range(len(cases))]

    def _evaluate_together(
        self, cases: Sequence[Solved]
    ) -> Sequence[pd.DataFrame | StrikeleanError]:
        try:
            trials = [self.derive(case) for case in cases]
            return evaluate_trials(self.base, trials, [self._how(case.technique) for case in cases])
        except StrikeleanError as error:
            if len(cases) == 1:
                return [error]
        # which of them it was
        return [self._evaluate_together([case])[0] for case in cases]

    def band(
        self, solved: Solved, strides: int, progress: Progress = lambda line: None
    ) -> pd.DataFrame:
        """Return how far each metric moves with the choices, from the first solved strides.

        A choice under which none of them can be run, or be evaluated, is left out of the band,
        and said so. Where all are left out nothing is known, and the band has no rows.
        """
        return self.bands([solved], strides, progress)[0]

    def bands(
        self, every: Sequence[Solved], strides: int, progress: Progress = lambda line: None
    ) -> list[pd.DataFrame]:
        """Return the band of each, worked out side by side; as :meth:`band`."""
        tried = [
            (number, name, choices)
            for number, solved in enumerate(every)
            for name, choices in self._variants(solved.technique).items()
        ]
        again = self.solve_again(
            [(every[number], choices) for number, _, choices in tried], strides
        )
        first = [replace(solved, strides=solved.strides[:strides]) for solved in every]
        usable = [case for case in (*first, *again) if case.strides]
        evaluated = self.evaluate_all(usable)
        known = {id(case): table for case, table in zip(usable, evaluated, strict=True)}
        tables: list[dict[str, pd.DataFrame]] = [{} for _ in every]
        for (number, name, _), case in zip(tried, again, strict=True):
            said = case.reasons() or "solved"
            found = known.get(id(case))
            if isinstance(found, pd.DataFrame):
                tables[number][name] = found
            elif found is not None:
                said = str(found)
            progress(f"{case.technique.name}, band, {name}: {said}")
        return [_band(known.get(id(case)), own) for case, own in zip(first, tables, strict=True)]


def _band(
    central: pd.DataFrame | StrikeleanError | None, tried: dict[str, pd.DataFrame]
) -> pd.DataFrame:
    """Return a band, without rows where nothing could be tried."""
    if not tried:
        return pd.DataFrame(columns=BAND_COLUMNS)
    if isinstance(central, StrikeleanError):
        raise central
    assert central is not None
    return band_of(central, tried)


def _sorted(
    technique: Technique,
    spans: Sequence[StrideSpan],
    found: Sequence[tuple[Proposal | None, str]],
) -> Solved:
    """Return what became of strides, solved ones and refused ones apart."""
    pairs = list(zip(spans, found, strict=True))
    return Solved(
        technique,
        tuple((span, proposal) for span, (proposal, _) in pairs if proposal is not None),
        tuple((span, reason) for span, (proposal, reason) in pairs if proposal is None),
    )


def _proposals(tasks: Sequence[Task]) -> list[tuple[Proposal | None, str]]:
    """Return proposals, each none where it is refused, and why."""
    found: list[tuple[Proposal | None, str]] = []
    for proposal in propose_strides(tasks):
        if isinstance(proposal, LinAlgError):
            found.append((None, f"the solve broke down: {proposal}"))
        elif isinstance(proposal, Exception):
            found.append((None, str(proposal)))
        else:
            reason = ", ".join(proposal.check.reasons())
            found.append((None, reason) if reason else (proposal, ""))
    return found
