"""Solved strides on one clock: what the recording did when, and what changes, at any time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from strikelean.counterfactual.propose import Proposal
from strikelean.formats.series import FloatArray
from strikelean.stride.blocks import FOOT_VARIABLES, MOMENT, PRESSURE
from strikelean.stride.cut_strides import StrideSpan

# Changes of neighbouring strides are blended within a flight, never under load.
BLEND_SHARE = 0.9


@dataclass(frozen=True)
class Piece:
    """One solved stride, or a contact alone with its step, on the new clock.

    Attributes:
        span: where it lies in the recording.
        proposal: its solve.
        begin_s: its start on the new clock.
        rate: how many times faster it runs.
        blend_s: half of the time in which it passes into its neighbours, before and after; 0
            where there is none.
    """

    span: StrideSpan
    proposal: Proposal
    begin_s: float
    rate: float
    blend_s: tuple[float, float] = (0.0, 0.0)

    @property
    def end_s(self) -> float:
        """Its end on the new clock."""
        return self.begin_s + (self.span.end_s - self.span.start_s) / self.rate

    def local_s(self, time_s: FloatArray) -> FloatArray:
        """Return times on the solve's own clock."""
        return time_s - self.begin_s + self.proposal.base.start_s

    def source_s(self, time_s: FloatArray) -> FloatArray:
        """Return the recording's times."""
        return self.span.start_s + (time_s - self.begin_s) * self.rate

    def weight(self, time_s: FloatArray) -> FloatArray:
        """Return how much of the change at a time is this stride's, (T,)."""
        before, after = self.blend_s
        weight = np.ones(len(time_s))
        if before:
            weight *= _step(time_s - self.begin_s, before)
        if after:
            weight *= 1.0 - _step(time_s - self.end_s, after)
        return weight

    def contacts(self) -> list[tuple[int, str, float, float]]:
        """Return number, side, start and end on the new clock of its contacts."""
        found = []
        for number, side, (start, end) in zip(
            self.span.numbers, self.span.sides, self.span.contacts, strict=True
        ):
            new = [self.begin_s + (t - self.span.start_s) / self.rate for t in (start, end)]
            found.append((number, side, new[0], new[1]))
        return found


@dataclass(frozen=True)
class Group:
    """Strides that follow one another without a hole."""

    pieces: tuple[Piece, ...]

    @property
    def begin_s(self) -> float:
        """Start on the new clock."""
        return self.pieces[0].begin_s

    @property
    def end_s(self) -> float:
        """End on the new clock."""
        return self.pieces[-1].end_s

    def source_s(self, time_s: FloatArray) -> FloatArray:
        """Return the recording's times."""
        return self.pieces[0].source_s(time_s)

    def early_s(self, time_s: FloatArray) -> FloatArray:
        """Return by how much the recording is ahead of the new clock since the group's start."""
        return (self.pieces[0].rate - 1.0) * (time_s - self.begin_s)

    def coordinates(self, time_s: FloatArray, width: int) -> FloatArray:
        """Return the changes of the coordinates, (T, Q) for a width of Q."""
        total = np.zeros((len(time_s), width))
        for piece in self.pieces:
            weight = piece.weight(time_s)
            rows = np.flatnonzero(weight > 0.0)
            solution = piece.proposal.solution
            basis = solution.basis.matrix(piece.local_s(time_s[rows]))
            change = weight[rows, None] * (basis @ solution.coefficients)
            total[np.ix_(rows, solution.moving)] += change
        return total

    def foot(self, side: str, time_s: FloatArray) -> FloatArray:
        """Return the changes of one foot, (T, 6): force (3), free moment, pressure (2).

        Beyond a contact force and moment do not change; the pressure keeps its change to the
        middle of the swing, as a filtered force spreads a little beyond its contact.
        """
        total = np.zeros((len(time_s), FOOT_VARIABLES - 2))
        for piece in self.pieces:
            inside = (time_s >= piece.begin_s) & (time_s < piece.end_s)
            if piece is self.pieces[0]:
                inside |= time_s < piece.begin_s
            if piece is self.pieces[-1]:
                inside |= time_s >= piece.end_s
            rows = np.flatnonzero(inside)
            index = [foot.side for foot in piece.proposal.base.feet].index(side)
            solution = piece.proposal.solution
            bases, parts = solution.contacts[index], solution.feet[index]
            local = piece.local_s(time_s[rows])
            total[rows, : MOMENT.stop] = bases[0].matrix(local) @ parts[0]
            total[rows, PRESSURE] = bases[1].matrix(local) @ parts[1]
        return total


def _step(time_s: FloatArray, half_s: float) -> FloatArray:
    """Return a step from 0 to 1 about time 0, with two continuous derivatives."""
    x = np.clip(0.5 + 0.5 * time_s / half_s, 0.0, 1.0)
    return np.asarray(x**3 * (10.0 - 15.0 * x + 6.0 * x**2))


def lay_out(solved: Sequence[tuple[StrideSpan, Proposal]], rate: float) -> list[Group]:
    """Return solved strides on the new clock, those without a hole between them together.

    Args:
        solved: in time order.
        rate: how many times faster the new strides run.
    """
    groups: list[list[Piece]] = []
    for span, proposal in solved:
        last = groups[-1][-1] if groups else None
        follows = last is not None and abs(last.span.end_s - span.start_s) < 1e-6
        if last is not None and follows:
            groups[-1].append(Piece(span, proposal, last.end_s, rate))
        else:
            begin = span.start_s if last is None else max(span.start_s, last.end_s + 0.5)
            groups.append([Piece(span, proposal, begin, rate)])
    return [Group(_blended(pieces)) for pieces in groups]


def _blended(pieces: list[Piece]) -> tuple[Piece, ...]:
    """Return the pieces with the half-widths of their blends, inside flights alone."""
    halves = [0.0]
    for before, after in pairwise(pieces):
        quiet = min(before.end_s - before.contacts()[1][3], after.contacts()[0][2] - after.begin_s)
        # runners without a flight hand over at once, over a single frame's time
        halves.append(max(BLEND_SHARE * quiet, 0.005))
    halves.append(0.0)
    return tuple(
        Piece(piece.span, piece.proposal, piece.begin_s, piece.rate, (halves[i], halves[i + 1]))
        for i, piece in enumerate(pieces)
    )
