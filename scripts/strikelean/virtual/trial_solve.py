"""Gauss-Newton over the splines of a whole trial's changes.

As :mod:`strikelean.stride.solve` for one stride, but the strides of a trial share their
splines, so that each passes into the next. The changes vanish at both ends of the trial. Unknowns
in the order of time leave a matrix with a narrow band.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import BSpline
from scipy.linalg import solveh_banded

from strikelean.formats.series import FloatArray
from strikelean.stride.residuals import FOOT_VARIABLES, Change, Residuals, StrideResiduals
from strikelean.stride.splines import STRIDE_DEGREE, ContactBasis

ACTIVE = STRIDE_DEGREE + 1
# A solve ends where a step saves less of the cost than this.
SAVING = 1e-2
# Project choice: knots of the ground force, as many as follow an impact.
CONTACT_INTERVALS = 12


@dataclass(frozen=True)
class ClampedBasis:
    """Quintic B-splines that vanish, with four derivatives, at both ends.

    Attributes:
        start_s, knot_s: first knot and spacing.
        count: number of functions.
    """

    start_s: float
    knot_s: float
    count: int

    @property
    def end_s(self) -> float:
        """Last knot."""
        return self.start_s + (self.count + STRIDE_DEGREE) * self.knot_s

    def interval(self, time_s: FloatArray) -> NDArray[np.int64]:
        """Return the number of the knot interval of (K,) times."""
        place = np.floor((time_s - self.start_s) / self.knot_s).astype(np.int64)
        return np.clip(place, 0, self.count + STRIDE_DEGREE - 1)

    def matrix(self, time_s: FloatArray, order: int = 0) -> FloatArray:
        """Return values or derivatives of the functions, (K, count); nothing beyond the ends."""
        knots = self.start_s + self.knot_s * np.arange(self.count + ACTIVE)
        inside = (time_s >= self.start_s) & (time_s <= self.end_s)
        out = np.zeros((len(time_s), self.count))
        # functions are defined on the inner intervals only: knots are laid beyond both ends
        outer = np.arange(1, STRIDE_DEGREE + 1) * self.knot_s
        padded = np.concatenate([knots[0] - outer[::-1], knots, knots[-1] + outer])
        spline = BSpline(padded, np.eye(len(padded) - ACTIVE), STRIDE_DEGREE)
        values = spline(time_s[inside], nu=order)
        out[inside] = values[:, STRIDE_DEGREE : STRIDE_DEGREE + self.count]
        return out


def clamped_basis(start_s: float, end_s: float, knot_s: float) -> ClampedBasis:
    """Return splines over a trial, their knots at most ``knot_s`` apart."""
    intervals = int(np.ceil((end_s - start_s) / knot_s))
    return ClampedBasis(start_s, (end_s - start_s) / intervals, intervals - STRIDE_DEGREE)


@dataclass(frozen=True)
class TrialChange:
    """Solved changes of a trial.

    Attributes:
        moving: (C,) coordinates that change.
        basis: splines of their changes.
        coefficients: (count, C).
        contacts: per stride and foot, splines of force and pressure.
        feet: per stride and foot, (8, ...) coefficients of each foot variable.
        iterations: steps taken.
        cost: half the sum of squared residuals.
    """

    moving: NDArray[np.int64]
    basis: ClampedBasis
    coefficients: FloatArray
    contacts: tuple[tuple[tuple[ContactBasis, ContactBasis], ...], ...]
    feet: tuple[tuple[tuple[FloatArray, ...], ...], ...]
    iterations: int
    cost: float

    def coordinates(self, time_s: FloatArray, width: int) -> FloatArray:
        """Return the changes of all coordinates at times, (K, width)."""
        out = np.zeros((len(time_s), width))
        out[:, self.moving] = self.basis.matrix(time_s) @ self.coefficients
        return out

    def foot(self, stride: int, index: int, time_s: FloatArray) -> FloatArray:
        """Return a contact's changes, (K, 6): force, free moment, centre of pressure."""
        force, pressure = self.contacts[stride][index]
        bases = [force.matrix(time_s)] * 4 + [pressure.matrix(time_s)] * 2
        parts = self.feet[stride][index]
        return np.stack([b @ p for b, p in zip(bases, parts[:6], strict=True)], axis=1)


class _Stride:
    """One stride's place among a trial's unknowns."""

    def __init__(self, residuals: StrideResiduals, basis: ClampedBasis) -> None:
        self.residuals = residuals
        stride = residuals.stride
        self.time_s = stride.time_s
        every = [basis.matrix(self.time_s, order) for order in range(3)]
        used = np.flatnonzero(np.any(every[0] != 0.0, axis=0))
        self.first, self.last = int(used[0]), int(used[-1]) + 1
        self.matrices = [matrix[:, self.first : self.last] for matrix in every]
        self.intervals = basis.interval(self.time_s)
        self.contacts = tuple(
            (
                ContactBasis(foot.start_s, foot.end_s, CONTACT_INTERVALS, True),
                ContactBasis(foot.start_s, foot.end_s, CONTACT_INTERVALS, False),
            )
            for foot in stride.feet
        )
        ones = np.ones((len(self.time_s), 1))
        self.foot_matrices = [
            [force.matrix(self.time_s)] * 4 + [pressure.matrix(self.time_s)] * 2 + [ones] * 2
            for force, pressure in self.contacts
        ]


class _Layout:
    """Where each unknown lies: functions and contacts in the order of time."""

    def __init__(self, strides: Sequence[_Stride], basis: ClampedBasis, free: int) -> None:
        self.free = free
        entries: list[tuple[float, int, tuple[int, int, int]]] = []
        for j in range(basis.count):
            entries.append((basis.start_s + (j + 3) * basis.knot_s, free, (-1, j, 0)))
        for s, stride in enumerate(strides):
            for f, (force, _) in enumerate(stride.contacts):
                size = sum(matrix.shape[1] for matrix in stride.foot_matrices[f])
                entries.append((0.5 * (force.start_s + force.end_s), size, (s, f, 0)))
        entries.sort(key=lambda entry: entry[0])
        starts = np.concatenate([[0], np.cumsum([entry[1] for entry in entries])])
        self.size = int(starts[-1])
        places = {entry[2]: int(start) for entry, start in zip(entries, starts[:-1], strict=True)}
        self.functions = np.array([places[-1, j, 0] for j in range(basis.count)])
        self.contacts = {(s, f): places[s, f, 0] for s, f, _ in places if s >= 0}

    def rows(self, function: int) -> slice:
        """Return the unknowns of one function."""
        start = int(self.functions[function])
        return slice(start, start + self.free)


class _Band:
    """A symmetric matrix's lower band, filled block by block."""

    def __init__(self, size: int, width: int) -> None:
        self.lower = np.zeros((width, size))

    def add(self, row: int, column: int, block: FloatArray) -> None:
        """Add a block whose first element is at (row, column), at or below the diagonal."""
        rows = row + np.arange(block.shape[0])[:, None]
        columns = column + np.arange(block.shape[1])[None]
        depth = rows - columns
        if row == column:
            keep = np.tril_indices(len(block))
            self.lower[depth[keep], columns[0][keep[1]]] += block[keep]
        else:
            self.lower[depth, columns] += block


class _Problem:
    def __init__(self, strides: Sequence[StrideResiduals], basis: ClampedBasis) -> None:
        self.basis = basis
        self.moving = strides[0].moving
        self.strides = [_Stride(part, basis) for part in strides]
        self.layout = _Layout(self.strides, basis, len(self.moving))

    def change(self, x: FloatArray, number: int) -> Change:
        """Return one stride's change."""
        stride, layout = self.strides[number], self.layout
        coefficients = np.stack([x[layout.rows(j)] for j in range(stride.first, stride.last)])
        place, speed, acceleration = (matrix @ coefficients for matrix in stride.matrices)
        feet = np.stack(
            [
                np.stack([m @ part for m, part in zip(matrices, parts, strict=True)], axis=1)
                for matrices, parts in zip(
                    stride.foot_matrices, self.foot_parts(x, number), strict=True
                )
            ],
            axis=1,
        )
        return Change(place, speed, acceleration, feet)

    def foot_parts(self, x: FloatArray, number: int) -> list[list[FloatArray]]:
        """Return the coefficients of each foot variable of a stride's contacts."""
        found = []
        for f, matrices in enumerate(self.strides[number].foot_matrices):
            start, parts = self.layout.contacts[number, f], []
            for matrix in matrices:
                parts.append(x[start : start + matrix.shape[1]])
                start += matrix.shape[1]
            found.append(parts)
        return found

    def residuals(self, x: FloatArray) -> list[Residuals]:
        """Return every stride's residuals."""
        return [
            stride.residuals.at(self.change(x, number))
            for number, stride in enumerate(self.strides)
        ]

    def normal_equations(self, found: Sequence[Residuals]) -> tuple[_Band, FloatArray]:
        """Return the Gauss-Newton matrix's band and the gradient."""
        band = _Band(self.layout.size, self._width())
        gradient = np.zeros(self.layout.size)
        for number, part in enumerate(found):
            inner = np.matmul(part.slopes.transpose(0, 2, 1), part.slopes)
            slope = np.einsum("krw,kr->kw", part.slopes, part.values)
            self._add_motion(band, gradient, number, inner, slope)
            self._add_feet(band, gradient, number, inner, slope)
        return band, gradient

    def _width(self) -> int:
        """Return the largest distance of coupled unknowns, plus one."""
        layout = self.layout
        functions = layout.functions
        width = int((functions[STRIDE_DEGREE:] - functions[:-STRIDE_DEGREE]).max()) + layout.free
        for (s, f), start in layout.contacts.items():
            stride = self.strides[s]
            size = sum(matrix.shape[1] for matrix in stride.foot_matrices[f])
            rows = self._loaded(stride, f)
            first = stride.intervals[rows[0]] - STRIDE_DEGREE
            last = min(stride.intervals[rows[-1]], len(functions) - 1)
            width = max(
                width,
                start + size - int(functions[max(first, 0)]),
                int(functions[last]) + layout.free - start,
            )
        return width

    @staticmethod
    def _loaded(stride: _Stride, foot: int) -> NDArray[np.int64]:
        """Return the frames in which a contact's variables act."""
        contact = stride.residuals.stride.feet[foot]
        inside = (stride.time_s >= contact.start_s) & (stride.time_s <= contact.end_s)
        return np.flatnonzero(inside)

    def _add_motion(
        self, band: _Band, gradient: FloatArray, number: int, inner: FloatArray, slope: FloatArray
    ) -> None:
        stride, free = self.strides[number], self.layout.free
        # by function and how many functions back the other one is
        sums = np.zeros((self.basis.count, ACTIVE, free, free))
        for interval in np.unique(stride.intervals):
            rows = np.flatnonzero(stride.intervals == interval)
            functions = np.arange(
                max(interval - STRIDE_DEGREE, 0), min(interval + 1, self.basis.count)
            )
            local = functions - stride.first
            keep = (local >= 0) & (functions < stride.last)
            functions, local = functions[keep], local[keep]
            values = np.stack([matrix[np.ix_(rows, local)] for matrix in stride.matrices])
            parts = inner[rows, : 3 * free, : 3 * free].reshape(len(rows), 3, free, 3, free)
            weights = np.einsum("aki,bkj->ijkab", values, values)
            size = len(functions)
            blocks = weights.reshape(size * size, -1) @ parts.transpose(0, 1, 3, 2, 4).reshape(
                -1, free * free
            )
            blocks = blocks.reshape(size, size, free, free)
            pulls = np.einsum("aki,kac->ic", values, slope[rows, : 3 * free].reshape(-1, 3, free))
            for i, function in enumerate(functions):
                gradient[self.layout.rows(function)] += pulls[i]
                sums[function, : i + 1] += blocks[i, i::-1]

        for function in range(stride.first, stride.last):
            for back in range(min(ACTIVE, function - stride.first + 1)):
                start = int(self.layout.functions[function - back])
                band.add(int(self.layout.functions[function]), start, sums[function, back])

    def _add_feet(
        self, band: _Band, gradient: FloatArray, number: int, inner: FloatArray, slope: FloatArray
    ) -> None:
        stride, free = self.strides[number], self.layout.free
        for f, matrices in enumerate(stride.foot_matrices):
            start = self.layout.contacts[number, f]
            column = 3 * free + FOOT_VARIABLES * f
            edges = start + np.concatenate([[0], np.cumsum([m.shape[1] for m in matrices])])
            for v, basis in enumerate(matrices):
                gradient[edges[v] : edges[v + 1]] += basis.T @ slope[:, column + v]
                for w in range(v + 1):
                    block = basis.T @ (inner[:, column + v, column + w][:, None] * matrices[w])
                    band.add(int(edges[v]), int(edges[w]), block)
            self._couple(band, stride, f, (start, column), inner)

    def _couple(
        self, band: _Band, stride: _Stride, foot: int, place: tuple[int, int], inner: FloatArray
    ) -> None:
        """Add the blocks between a contact's variables and the motion's functions."""
        free, (start, column) = self.layout.free, place
        rows = self._loaded(stride, foot)
        values = np.stack([matrix[rows] for matrix in stride.matrices])
        used = np.flatnonzero(np.any(values != 0.0, axis=(0, 1)))
        every = []
        for v, basis in enumerate(stride.foot_matrices[foot]):
            parts = inner[rows, : 3 * free, column + v].reshape(len(rows), 3, free)
            pushed = np.einsum("kac,kf->akcf", parts, basis[rows])
            every.append(np.einsum("aki,akcf->icf", values[:, :, used], pushed, optimize=True))
        blocks = np.concatenate(every, axis=2)
        for i, local in enumerate(used):
            function = int(self.layout.functions[stride.first + local])
            if function > start:
                band.add(function, start, blocks[i])
            else:
                band.add(start, function, blocks[i].T)


def _cost(found: Sequence[Residuals]) -> float:
    return 0.5 * float(sum((part.values**2).sum() for part in found))


def solve_trial(
    strides: Sequence[StrideResiduals], basis: ClampedBasis, iterations: int = 12
) -> TrialChange:
    """Return the change of a trial that comes nearest to what its strides should be.

    It ends when a step saves little, or after the last one; whether the trial is good enough is
    for the laws of :mod:`strikelean.virtual.check` to say.

    Args:
        strides: residuals of every stride, frames in the order of time.
        basis: splines of the whole trial.
        iterations: steps at most.
    """
    problem = _Problem(strides, basis)
    x = np.zeros(problem.layout.size)
    found = problem.residuals(x)
    cost = _cost(found)
    taken = 0
    while taken < iterations:
        taken += 1
        step = _newton_step(problem, found)
        before = cost
        for length in (1.0, 0.3, 0.1):
            reached = problem.residuals(x + length * step)
            if _cost(reached) < cost:
                x, found, cost = x + length * step, reached, _cost(reached)
                break
        if cost > (1.0 - SAVING) * before:
            break
    return _finish(problem, x, taken, cost)


def _newton_step(problem: _Problem, found: Sequence[Residuals]) -> FloatArray:
    """Return the Gauss-Newton step, unknowns scaled to a diagonal of ones."""
    band, gradient = problem.normal_equations(found)
    scale = 1.0 / np.sqrt(band.lower[0])
    lower = band.lower * scale
    for depth in range(len(lower)):
        lower[depth, : len(scale) - depth] *= scale[depth:]
    lower[0] += 1e-9
    solved = solveh_banded(lower, scale * gradient, lower=True, check_finite=False)
    return np.asarray(-scale * solved)


def _finish(problem: _Problem, x: FloatArray, iterations: int, cost: float) -> TrialChange:
    layout = problem.layout
    coefficients = np.stack([x[layout.rows(j)] for j in range(problem.basis.count)])
    feet = tuple(
        tuple(tuple(parts) for parts in problem.foot_parts(x, number))
        for number in range(len(problem.strides))
    )
    contacts = tuple(stride.contacts for stride in problem.strides)
    return TrialChange(
        problem.moving, problem.basis, coefficients, contacts, feet, iterations, cost
    )
