"""Solved strides on one clock: what the recording did when, and what changes, at any time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from strikelean.counterfactual.propose import Proposal
from strikelean.counterfactual.retiming import drifted_m
from strikelean.formats.ground import FootGround
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
        blend_s: half of the time in which it passes into its neighbours, before and after; 0
            where there is none.
    """

    span: StrideSpan
    proposal: Proposal
    begin_s: float
    blend_s: tuple[float, float] = (0.0, 0.0)

    @property
    def end_s(self) -> float:
        """Its end on the new clock."""
        return self.new_s(self.span.end_s)

    def local_s(self, time_s: FloatArray) -> FloatArray:
        """Return times on the solve's own clock."""
        return time_s - self.begin_s + self.proposal.base.start_s

    def source_s(self, time_s: FloatArray) -> FloatArray:
        """Return the recording's times."""
        return self.span.start_s + self.proposal.retimed.clock.source_s(time_s - self.begin_s)

    def new_s(self, source_s: float) -> float:
        """Return the new time of one of the recording's."""
        since = self.proposal.retimed.clock.new_s(np.array(source_s - self.span.start_s))
        return self.begin_s + float(since)

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
            found.append((number, side, self.new_s(start), self.new_s(end)))
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

    @property
    def same(self) -> bool:
        """Whether its strides keep the recording's clock."""
        first = self.pieces[0]
        retimed = (piece.proposal.retimed for piece in self.pieces)
        return first.begin_s == first.span.start_s and all(
            one.clock.same and one.speed == 1.0 for one in retimed
        )

    def _rows(self, time_s: FloatArray) -> Iterator[tuple[Piece, NDArray[np.int64]]]:
        """Yield each piece with the places of its times; the outer ones reach beyond the ends."""
        ends = np.array([piece.end_s for piece in self.pieces[:-1]])
        number = np.searchsorted(ends, time_s, side="right")
        for place, piece in enumerate(self.pieces):
            yield piece, np.flatnonzero(number == place)

    def source_s(self, time_s: FloatArray) -> FloatArray:
        """Return the recording's times."""
        found = np.empty(len(time_s))
        for piece, rows in self._rows(time_s):
            found[rows] = piece.source_s(time_s[rows])
        return found

    def new_s(self, source_s: float) -> float:
        """Return the new time of one of the recording's."""
        inside = [piece for piece in self.pieces if piece.span.start_s <= source_s]
        return (inside or self.pieces)[-1 if inside else 0].new_s(source_s)

    def ahead_m(self, time_s: FloatArray, drift_m_s: float) -> FloatArray:
        """Return how far recorded poses lie ahead of where they belong, (T,) metres.

        Args:
            time_s: new times.
            drift_m_s: mean forward velocity of the pelvis in the recording.
        """
        since = self.source_s(time_s) - self.pieces[0].span.start_s
        speed = self.pieces[0].proposal.retimed.speed
        return drifted_m(since, time_s - self.begin_s, drift_m_s, speed)

    def scale_forces(self, side: str, time_s: FloatArray, ground: FootGround) -> None:
        """Scale what the ground did to a foot to the time for which it acts now, in place.

        Args:
            side: of the foot.
            time_s: (T,) new times of the ground force.
            ground: at those.
        """
        for piece, rows in self._rows(time_s):
            feet = [foot.side for foot in piece.proposal.base.feet]
            piece.proposal.retimed.forces[feet.index(side)].apply(ground, rows)

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
        for piece, rows in self._rows(time_s):
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


def lay_out(solved: Sequence[tuple[StrideSpan, Proposal]]) -> list[Group]:
    """Return solved strides on the new clock, those without a hole between them together.

    Args:
        solved: in time order.
    """
    groups: list[list[Piece]] = []
    for span, proposal in solved:
        last = groups[-1][-1] if groups else None
        follows = last is not None and abs(last.span.end_s - span.start_s) < 1e-6
        if last is not None and follows:
            groups[-1].append(Piece(span, proposal, last.end_s))
        else:
            begin = span.start_s if last is None else max(span.start_s, last.end_s + 0.5)
            groups.append([Piece(span, proposal, begin)])
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
        Piece(piece.span, piece.proposal, piece.begin_s, (halves[i], halves[i + 1]))
        for i, piece in enumerate(pieces)
    )
