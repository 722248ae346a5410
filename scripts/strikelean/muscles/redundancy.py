"""Which muscles carry the joint moments: least sum of squared activations, all frames at once.

    minimise  1/2 sum_i a_i^2 + 1/2 sum_j rho_j^2
    subject to  sum_i A_ji a_i + D_j rho_j = b_j,   lower_i <= a_i <= upper_i

a are activations, A moment arms times capacity, b the moments less passive ones, and rho
reserve actuators in units of D newton metres that carry what muscles cannot. The optimum is
a = clip(A^T y), rho = D y for multipliers y that solve

    g(y) = A clip(A^T y) + D^2 y - b = 0,

as many equations as coordinates (six a leg) however many muscles. g is piecewise linear and
strongly monotone, so a semismooth Newton method with an exact line search on the concave
dual converges in a handful of steps (Qi & Sun 1993, doi 10.1007/BF01581275).

Criterion: Crowninshield & Brand 1981, doi 10.1016/0021-9290(81)90035-X, with exponent 2, the
default of OpenSim's static optimisation. With another exponent p the cost is 1/p sum_i a_i^p and
a = clip((A^T y)^(1/(p-1))): still monotone, and the same method finds it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from strikelean.formats.series import FloatArray

SOLVED, CARRIED_BY_RESERVES, FAILED = 0, 1, 2
MAX_ITERATIONS = 100
# Steps of a line search, and how exactly (of a full step) it finds the minimum.
MAX_LINE_STEPS, LINE_TOLERANCE = 60, 1e-12


@dataclass(frozen=True)
class RedundancySolution:
    """Activations of every frame.

    Attributes:
        activations: (T, N).
        reserves_nm: (T, K) what reserve actuators add.
        multipliers: (T, K) of the moment equations.
        residual_nm: (T,) largest moment error left.
        converged: (T,).
        iterations: Newton steps of the slowest frame.
    """

    activations: FloatArray
    reserves_nm: FloatArray
    multipliers: FloatArray
    residual_nm: FloatArray
    converged: NDArray[np.bool_]
    iterations: int


@dataclass(frozen=True)
class Response:
    """How activations answer to what the moments ask of them, A^T y.

    Attributes:
        lower, upper: bounds of the activations, (T, N), or (1, N) where all frames have the same.
        exponent: of the cost, at least 2.
    """

    lower: FloatArray
    upper: FloatArray
    exponent: float = 2.0

    def of(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> Response:
        """Return that of some of the frames."""
        if len(self.lower) == 1:
            return self
        return Response(self.lower[rows], self.upper[rows], self.exponent)

    def activation(self, asked: FloatArray) -> FloatArray:
        """Return activations, of any shape."""
        if self.exponent == 2.0:
            return np.asarray(np.clip(asked, self.lower, self.upper))
        wanted = np.maximum(asked, 0.0) ** (1.0 / (self.exponent - 1.0))
        return np.asarray(np.clip(wanted, self.lower, self.upper))

    def slope(self, asked: FloatArray) -> FloatArray:
        """Return the derivative of activations by what is asked; 0 at the bounds."""
        power = self.exponent - 1.0
        free = (asked > np.maximum(self.lower, 0.0) ** power) & (asked < self.upper**power)
        if self.exponent == 2.0:
            return np.asarray(free, dtype=np.float64)
        inner = np.where(free, asked, 1.0)
        return np.asarray(np.where(free, inner ** (1.0 / power - 1.0) / power, 0.0))


def _line_search(
    raw: FloatArray,
    along: FloatArray,
    linear: FloatArray,
    quadratic: FloatArray,
    response: Response,
) -> FloatArray:
    """Return (T,) step lengths that minimise the dual along the Newton direction.

    Its derivative, ``sum(along * clip(raw + t along)) + quadratic t + linear``, grows with
    t in straight pieces, so that Newton's method finds its root in a few steps; bisection
    catches a step that leaves the bracket. A full step that does not overshoot is kept.

    Args:
        raw: (T, N) what is asked of the activations.
        along: (T, N) its change per unit of step.
        linear, quadratic: (T,) rest of the derivative.
        response: how activations answer.
    """
    length = np.ones(len(raw))
    rows = np.arange(len(raw))
    low, high = np.zeros(len(raw)), np.ones(len(raw))
    for step in range(MAX_LINE_STEPS):
        here = length[rows]
        reached = raw + here[:, None] * along
        slope = (
            np.einsum("tn,tn->t", along, response.activation(reached)) + quadratic * here + linear
        )
        low, high = np.where(slope > 0.0, low, here), np.where(slope > 0.0, here, high)
        held = along * response.slope(reached)
        move = slope / (np.einsum("tn,tn->t", held, along) + quadratic)
        there = here - move
        there = np.where((there > low) & (there < high), there, 0.5 * (low + high))
        going = (slope > 0.0) if step == 0 else (np.abs(move) > LINE_TOLERANCE)
        going &= high - low > LINE_TOLERANCE
        if not going.any():
            break
        length[rows[going]] = there[going]
        rows, low, high = rows[going], low[going], high[going]
        raw, along, linear, quadratic = raw[going], along[going], linear[going], quadratic[going]
        response = response.of(going)
    return length


def share_moments(
    gains: FloatArray,
    moments: FloatArray,
    reserve_nm: FloatArray,
    bounds: tuple[float, float] = (0.0, 1.0),
    tolerance_nm: float = 1e-8,
    exponent: float = 2.0,
    weights: FloatArray | None = None,
    start: FloatArray | None = None,
) -> RedundancySolution:
    """Solve every frame.

    Args:
        gains: (T, K, N) moment of each muscle at full activation, N m.
        moments: (T, K) moments to make, N m, passive muscle moments already taken off.
        reserve_nm: (K,) moment of a reserve actuator at a cost equal to one fully active
            muscle; small values make reserves a last resort. All above zero.
        bounds: lowest and highest activation.
        tolerance_nm: largest moment error of a converged frame.
        exponent: of the cost of activations, at least 2; above 2 the lower bound must be positive.
        weights: (N,) or (T, N) of each muscle in the cost, 1 by default.
        start: (T, K) multipliers to begin with, 0 by default.

    Raises:
        ValueError: a reserve that is not positive, without which a moment that muscles
            cannot make has no solution; or an exponent below 2, or above it without a positive
            lower bound, where activations answer infinitely fast.
    """
    if np.any(reserve_nm <= 0.0):
        raise ValueError("reserve_nm must be positive")
    if exponent < 2.0 or (exponent > 2.0 and bounds[0] <= 0.0):
        raise ValueError("exponent must be 2, or more with a positive lower bound")
    # w a^p = (w^(1/p) a)^p: the same problem in other units of activation
    units = np.atleast_2d(np.ones(gains.shape[2]) if weights is None else weights)
    units = units ** (1.0 / exponent)
    gains = gains / units[:, None, :]
    every = Response(bounds[0] * units, bounds[1] * units, exponent)
    reserve_squared = reserve_nm**2
    y = np.zeros_like(moments) if start is None else start.copy()
    scale = np.maximum(1.0, np.abs(moments).max(axis=1))
    active = np.arange(len(moments))
    iterations = 0

    gain, response = gains, every

    def gradient_at(
        gain: FloatArray, rows: NDArray[np.int64], response: Response
    ) -> tuple[FloatArray, FloatArray]:
        raw = np.matmul(y[rows, None, :], gain)[:, 0]
        made = np.matmul(gain, response.activation(raw)[..., None])[..., 0]
        return raw, made + reserve_squared * y[rows] - moments[rows]

    while iterations < MAX_ITERATIONS:
        raw, gradient = gradient_at(gain, active, response)
        unfinished = np.abs(gradient).max(axis=1) > tolerance_nm * scale[active]
        if not unfinished.all():
            active, raw, gradient = active[unfinished], raw[unfinished], gradient[unfinished]
            gain, response = gain[unfinished], response.of(unfinished)
        if not len(active):
            break
        iterations += 1
        held = gain * response.slope(raw)[:, None, :]
        curvature = np.matmul(held, gain.transpose(0, 2, 1)) + np.diag(reserve_squared)
        step = np.linalg.solve(curvature, -gradient[..., None])[..., 0]
        along = np.matmul(step[:, None, :], gain)[:, 0]
        linear = ((reserve_squared * y[active] - moments[active]) * step).sum(axis=1)
        quadratic = (reserve_squared * step**2).sum(axis=1)
        length = _line_search(raw, along, linear, quadratic, response)
        y[active] += length[:, None] * step
    raw, gradient = gradient_at(gains, np.arange(len(moments)), every)
    residual = np.abs(gradient).max(axis=1)
    return RedundancySolution(
        every.activation(raw) / units,
        reserve_squared * y,
        y,
        residual,
        np.isfinite(residual) & (residual <= tolerance_nm * scale),
        iterations,
    )
