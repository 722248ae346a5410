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
from strikelean.muscles.muscle_kernel import TOLERANCE_NM, share_frames

SOLVED, CARRIED_BY_RESERVES, FAILED = 0, 1, 2


@dataclass(frozen=True)
class RedundancySolution:
    """Activations of every frame.

    Attributes:
        activations: (T, N).
        reserves_nm: (T, K) what reserve actuators add.
        multipliers: (T, K) of the moment equations.
        residual_nm: (T,) largest moment error left.
        converged: (T,).
    """

    activations: FloatArray
    reserves_nm: FloatArray
    multipliers: FloatArray
    residual_nm: FloatArray
    converged: NDArray[np.bool_]


def share_moments(
    gains: FloatArray,
    moments: FloatArray,
    reserve_nm: FloatArray,
    bounds: tuple[float, float] = (0.0, 1.0),
    tolerance_nm: float = TOLERANCE_NM,
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
    multipliers = np.zeros_like(moments) if start is None else start.copy()
    tolerance = tolerance_nm * np.maximum(1.0, np.abs(moments).max(axis=1))
    reserve_squared = reserve_nm**2
    activations, residual = share_frames(
        np.ascontiguousarray(gains / units[:, None, :]),
        np.ascontiguousarray(moments),
        reserve_squared,
        np.stack([bounds[0] * units, bounds[1] * units], axis=1),
        exponent,
        tolerance,
        multipliers,
    )
    return RedundancySolution(
        activations / units,
        reserve_squared * multipliers,
        multipliers,
        residual,
        np.isfinite(residual) & (residual <= tolerance),
    )
