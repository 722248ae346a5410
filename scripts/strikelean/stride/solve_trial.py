"""Gauss-Newton over a whole trial: its strides share their splines, so that they join.

The changes vanish at both ends of the trial.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from strikelean.formats.series import FloatArray
from strikelean.stride.band import Band
from strikelean.stride.blocks import Change, Residuals
from strikelean.stride.residuals import StrideResiduals
from strikelean.stride.solve import Solution
from strikelean.stride.splines import ClampedBasis
from strikelean.stride.unknowns import Unknowns

# A solve ends where a step saves less of the cost than this.
SAVING = 1e-2
# Steps at most, and shares of a step that are tried in turn.
ITERATIONS, LENGTHS = 12, (1.0, 0.3, 0.1)


def solve_trial(
    strides: Sequence[StrideResiduals], knot_s: float, contact_intervals: int
) -> Solution:
    """Return the change of a trial that comes nearest to what its strides should be.

    It ends when a step saves little, or after the last one; whether the trial is good enough is
    for the caller to say.

    Args:
        strides: residuals of every stride, frames in the order of time, feet in the same order.
        knot_s: spacing of the knots of the motion, at most.
        contact_intervals: spans between the knots of a contact's force and pressure.

    Raises:
        LinAlgError: the solve broke down.
    """
    first, last = strides[0].stride, strides[-1].stride
    basis = ClampedBasis.over(first.start_s, last.start_s + last.period_s, knot_s)
    own = [part.stride for part in strides]
    unknowns = Unknowns(own, basis, strides[0].moving, contact_intervals)
    x, taken, found = descend(unknowns, StrideResiduals.joined(strides).at)
    return Solution.of(unknowns, x, taken, found.cost)


def descend(
    unknowns: Unknowns, residuals_at: Callable[[Change], Residuals]
) -> tuple[FloatArray, int, Residuals]:
    """Return the unknowns with the least cost, from zero change: steps taken, residuals there.

    It ends when a step saves little, or after the last one.

    Args:
        unknowns: of a trial, or of a stretch of one.
        residuals_at: residuals of a change.

    Raises:
        LinAlgError: the solve broke down.
    """
    band = Band(unknowns)
    x = np.zeros(unknowns.size)
    found = residuals_at(unknowns.change(x))
    taken = 0
    while taken < ITERATIONS:
        taken += 1
        step = -band.solve(unknowns.sums(found))
        before = found.cost
        for length in LENGTHS:
            reached = residuals_at(unknowns.change(x + length * step))
            if reached.cost < before:
                x, found = x + length * step, reached
                break
        if found.cost > (1.0 - SAVING) * before:
            break
    return x, taken, found
