"""One runner under techniques: solve strides, derive trials, evaluate them, band the numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pandas as pd
from numpy.linalg import LinAlgError

from strikelean.counterfactual.bands import BAND_COLUMNS, band_of, variants
from strikelean.counterfactual.base import BaseTrial
from strikelean.counterfactual.derive import DerivedTrial, derive_trial
from strikelean.counterfactual.evaluate import Evaluation, evaluate_trial
from strikelean.counterfactual.propose import Asked, Choices, Proposal, propose_stride
from strikelean.counterfactual.settings import SolveRules
from strikelean.counterfactual.solve import Solution
from strikelean.counterfactual.stride import Stride
from strikelean.counterfactual.strides import StrideSpan
from strikelean.counterfactual.templates import Template
from strikelean.counterfactual.timeline import lay_out
from strikelean.errors import RecordingError, SolverError, StrikeleanError
from strikelean.loads.metrics_table import add_band
from strikelean.quality import Figures
from strikelean.techniques import Technique

Progress = Callable[[str], None]


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
        }


@dataclass(frozen=True)
class Runner:
    """A recording with what is needed to change and to evaluate it.

    Attributes:
        base: the recording, solved.
        how: what turns motion into metrics; its trial and condition are set by technique.
        choices: how techniques are carried out.
        template: group means, for strikes.
        rules: knots and when to stop.
    """

    base: BaseTrial
    how: Evaluation
    choices: Choices
    template: Template | None = None
    rules: SolveRules = field(default_factory=SolveRules)

    def _asked(self, technique: Technique, choices: Choices) -> Asked:
        return Asked(technique, choices, self.template, self.base.strike_angle_deg, self.rules)

    def solve(self, technique: Technique, progress: Progress = lambda line: None) -> Solved:
        """Solve every stride; those that break a rule or do not settle are refused."""
        asked = self._asked(technique, self.choices)
        solved: list[tuple[StrideSpan, Proposal]] = []
        refused: list[tuple[StrideSpan, str]] = []
        for number, span in enumerate(self.base.spans, 1):
            proposal, reason = _propose(self.base.stride(span), asked)
            if proposal is None:
                refused.append((span, reason))
            else:
                solved.append((span, proposal))
            progress(f"stride {number} of {len(self.base.spans)}: {reason or 'solved'}")
        return Solved(technique, tuple(solved), tuple(refused))

    def solve_again(self, solved: Solved, choices: Choices, strides: int) -> Solved:
        """Solve the first solved strides once more under other choices."""
        asked = self._asked(solved.technique, choices)
        again: list[tuple[StrideSpan, Proposal]] = []
        refused: list[tuple[StrideSpan, str]] = []
        for span, before in solved.strides[:strides]:
            proposal, reason = _propose(before.own, asked, before.solution)
            if proposal is None:
                refused.append((span, reason))
            else:
                again.append((span, proposal))
        return Solved(solved.technique, tuple(again), tuple(refused))

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
        rate = 1.0 + solved.technique.cadence_percent / 100.0
        return derive_trial(self.base, lay_out(solved.strides, rate), solved.refused)

    def evaluate(self, technique: Technique, trial: DerivedTrial) -> pd.DataFrame:
        """Return a derived trial's metrics, in the columns of metrics.csv."""
        name = f"{self.how.loads.trial}~{technique.name}"
        loads = replace(self.how.loads, trial=name, condition=technique.condition)
        return evaluate_trial(self.base, trial, replace(self.how, loads=loads))

    def band(
        self, solved: Solved, strides: int, progress: Progress = lambda line: None
    ) -> pd.DataFrame:
        """Return how far each metric moves with the choices, from the first solved strides.

        A choice under which none of them can be run, or be evaluated, is left out of the band,
        and said so. Where all are left out nothing is known, and the band has no rows.
        """
        technique, first = solved.technique, replace(solved, strides=solved.strides[:strides])
        tried = {}
        for name, choices in variants(technique, self.choices).items():
            again = self.solve_again(solved, choices, strides)
            said = again.reasons() or "solved"
            try:
                if again.strides:
                    tried[name] = self.evaluate(technique, self.derive(again))
            except StrikeleanError as error:
                said = str(error)
            progress(f"band, {name}: {said}")
        if not tried:
            return pd.DataFrame(columns=BAND_COLUMNS)
        return band_of(self.evaluate(technique, self.derive(first)), tried)

    def banded(
        self, solved: Solved, metrics: pd.DataFrame, strides: int, progress: Progress
    ) -> pd.DataFrame:
        """Return metrics with their band."""
        return add_band(metrics, self.band(solved, strides, progress))


def _propose(
    stride: Stride, asked: Asked, start: Solution | None = None
) -> tuple[Proposal | None, str]:
    """Return a proposal, or none and why it is refused."""
    try:
        proposal = propose_stride(stride, asked, start)
    except (SolverError, RecordingError) as error:
        return None, str(error)
    except LinAlgError as error:
        return None, f"the solve broke down: {error}"
    reason = ", ".join(proposal.check.reasons())
    return (None, reason) if reason else (proposal, "")
