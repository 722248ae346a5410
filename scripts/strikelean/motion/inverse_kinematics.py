"""Inverse kinematics: the pose whose markers lie nearest the recorded ones, all frames at once.

Weighted least squares per frame, the criterion of OpenSim's tool (Lu & O'Connor 1999,
doi 10.1016/S0021-9290(98)00158-4), solved by a Levenberg-Marquardt method with bounds
(projected, active set by gradient sign) on the compiled model.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from strikelean.errors import SolverError
from strikelean.formats.series import FloatArray
from strikelean.model.forward import (
    follow_couplings,
    marker_positions,
    point_jacobian,
    solve_forward,
)
from strikelean.model.tree import KinematicTree

Progress = Callable[[str], None]

# Frames solved together; bounds the Jacobian's memory (200 x 40 markers x 3 x 39 x 8 bytes).
BLOCK_FRAMES = 200
# A start of the knee that bends it: at full extension several coordinates are nearly singular.
BENT_KNEE_RAD = 0.35


@dataclass(frozen=True)
class KinematicSettings:
    """How far to iterate.

    Attributes:
        tolerance_rad: largest change of any coordinate (rad or m) of the last step. 1e-8
            is far inside OpenSim's accuracy 1e-7.
        max_iterations: iterations before a frame counts as failed.
    """

    tolerance_rad: float = 1e-8
    max_iterations: int = 60


@dataclass(frozen=True)
class KinematicSolution:
    """Solved coordinates.

    Attributes:
        coordinates: (T, Q) radians and metres, coupled ones included.
        errors_m: (T, M) distance of model from recorded marker, NaN where not seen.
        converged: (T,) whether the last step was inside the tolerance.
        at_limit: (T, Q) whether a coordinate rests on its limit.
        iterations: iterations of the slowest frame.
    """

    coordinates: FloatArray
    errors_m: FloatArray
    converged: NDArray[np.bool_]
    at_limit: NDArray[np.bool_]
    iterations: int


def observed_coordinates(
    tree: KinematicTree, weights: FloatArray, start: FloatArray
) -> NDArray[np.bool_]:
    """Return (Q,): which coordinates are free and move at least one weighted marker.

    The others (trunk and arms without markers) cannot be solved for and keep their
    default, which is reported as assumed.
    """
    used = weights > 0
    pose = solve_forward(tree, start[None], partials=True)
    points = marker_positions(tree, pose)
    jacobian = point_jacobian(tree, pose, start[None], tree.marker_bodies, points)
    moves = np.linalg.norm(jacobian[0][used], axis=(0, 1)) > 1e-9
    locked = np.array([coordinate.locked for coordinate in tree.coordinates])
    dependent = np.zeros(len(tree.coordinates), dtype=bool)
    dependent[[coupling.dependent for coupling in tree.couplings]] = True
    return np.asarray(moves & ~locked & ~dependent)


def _bounds(tree: KinematicTree) -> tuple[FloatArray, FloatArray]:
    lower = np.array([c.lower if c.clamped else -np.inf for c in tree.coordinates])
    upper = np.array([c.upper if c.clamped else np.inf for c in tree.coordinates])
    return lower, upper


def resting_on_limits(
    tree: KinematicTree, coordinates: FloatArray, free: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Return (T, Q): whether a free coordinate rests on, or lies beyond, its limit."""
    lower, upper = _bounds(tree)
    resting = np.zeros(coordinates.shape, dtype=bool)
    values = coordinates[:, free]
    resting[:, free] = (values <= lower[free]) | (values >= upper[free])
    return resting


def default_pose(tree: KinematicTree) -> FloatArray:
    """Return (Q,) default coordinates with slightly bent knees."""
    values = np.array([coordinate.default for coordinate in tree.coordinates])
    for index, coordinate in enumerate(tree.coordinates):
        if coordinate.name.startswith("knee_angle") and not coordinate.name.endswith("beta"):
            values[index] = np.clip(BENT_KNEE_RAD, coordinate.lower, coordinate.upper)
    return np.asarray(follow_couplings(tree, values[None])[0])


def _cost(residual: FloatArray, weights: FloatArray) -> FloatArray:
    return np.asarray(np.einsum("tmi,tmi,tm->t", residual, residual, weights))


def _newton_step(
    jacobian: FloatArray,
    gradient: FloatArray,
    weights: FloatArray,
    damping: FloatArray,
    held: NDArray[np.bool_],
) -> FloatArray:
    """Return the damped step (T, F) down a gradient (T, F); held coordinates stay."""
    frames, _, _, free = jacobian.shape
    weighted = jacobian * weights[:, :, None, None]
    flat = jacobian.reshape(frames, -1, free)
    flat_weighted = weighted.reshape(frames, -1, free)
    normal = np.matmul(flat.transpose(0, 2, 1), flat_weighted)
    diagonal = np.einsum("tff->tf", normal)
    scale = np.maximum(diagonal, 1e-6 * diagonal.max(axis=1, keepdims=True))
    normal = normal + np.einsum("tf,fg->tfg", damping[:, None] * scale, np.eye(free))
    keep = ~held
    normal = normal * keep[:, :, None] * keep[:, None, :]
    normal = normal + np.einsum("tf,fg->tfg", held.astype(float) * scale, np.eye(free))
    return np.asarray(np.linalg.solve(normal, -(gradient * keep)[..., None])[..., 0])


def _solve_block(
    tree: KinematicTree,
    targets: FloatArray,
    weights: FloatArray,
    start: FloatArray,
    free: NDArray[np.int64],
    settings: KinematicSettings,
) -> tuple[FloatArray, NDArray[np.bool_], int]:
    """Iterate one block of frames; return coordinates, convergence and iterations."""
    lower, upper = _bounds(tree)
    lower, upper = lower[free], upper[free]
    values = follow_couplings(tree, start)
    values[:, free] = np.clip(values[:, free], lower, upper)
    values = follow_couplings(tree, values)
    frames = len(targets)
    damping = np.full(frames, 1e-3)
    active = np.arange(frames)
    converged = np.zeros(frames, dtype=bool)
    iteration = 0
    while len(active) and iteration < settings.max_iterations:
        iteration += 1
        current = values[active]
        pose = solve_forward(tree, current, partials=True)
        points = marker_positions(tree, pose)
        residual = points - targets[active]
        weight = weights[active]
        cost = _cost(residual, weight)
        jacobian = point_jacobian(tree, pose, current, tree.marker_bodies, points)[..., free]
        gradient = np.einsum("tmif,tmi,tm->tf", jacobian, residual, weight)
        here = current[:, free]
        held = np.asarray(((here <= lower) & (gradient > 0)) | ((here >= upper) & (gradient < 0)))
        step = _newton_step(jacobian, gradient, weight, damping[active], held)
        trial = current.copy()
        trial[:, free] = np.clip(here + step, lower, upper)
        trial = follow_couplings(tree, trial)
        moved = np.abs(trial[:, free] - here).max(axis=1)
        trial_points = marker_positions(tree, solve_forward(tree, trial))
        better = _cost(trial_points - targets[active], weight) <= cost * (1 + 1e-14)
        values[active[better]] = trial[better]
        damping[active] = np.where(
            better, np.maximum(damping[active] * 0.1, 1e-12), damping[active] * 10.0
        )
        # a step refused while it is already tiny is rounding, not failure
        done = (moved < settings.tolerance_rad) | (damping[active] > 1e8)
        converged[active[moved < settings.tolerance_rad]] = True
        active = active[~done]
    return values, converged, iteration


def _aligned_start(
    tree: KinematicTree, targets: FloatArray, weights: FloatArray, default: FloatArray
) -> FloatArray:
    """Return (T, Q) starts: the default pose moved so that the marker centroids meet."""
    start = np.repeat(default[None], len(targets), axis=0)
    points = marker_positions(tree, solve_forward(tree, default[None]))[0]
    total = np.maximum(weights.sum(axis=1), 1e-12)
    shift = np.einsum("tmi,tm->ti", targets - points, weights) / total[:, None]
    for axis, name in enumerate(("pelvis_tx", "pelvis_ty", "pelvis_tz")):
        if name in tree.names:
            start[:, tree.names.index(name)] += shift[:, axis]
    return start


def solve_inverse_kinematics(
    tree: KinematicTree,
    targets_m: FloatArray,
    weights: FloatArray,
    settings: KinematicSettings | None = None,
    start: FloatArray | None = None,
    fixed: tuple[str, ...] = (),
    progress: Progress | None = None,
) -> KinematicSolution:
    """Solve all frames.

    Args:
        tree: compiled with the markers of ``targets_m``, in that order.
        targets_m: (T, M, 3) recorded markers, laboratory frame; NaN where not seen.
        weights: (M,) weights; zero leaves a marker out.
        settings: tolerances.
        start: (Q,) pose to start from, otherwise the model's default with bent knees.
        fixed: coordinates that keep their value of the start.
        progress: called with a line of text now and then.

    Returns:
        Coordinates of every frame, with errors and status.

    Raises:
        SolverError: nothing to solve for (no weighted marker moves a free coordinate).
    """
    settings = settings or KinematicSettings()
    seen: NDArray[np.bool_] = np.asarray(np.isfinite(targets_m).all(axis=2))
    frame_weights = np.where(seen, weights, 0.0)
    targets = np.where(seen[..., None], targets_m, 0.0)
    default = default_pose(tree) if start is None else start
    held = np.isin(tree.names, fixed)
    free = np.flatnonzero(observed_coordinates(tree, weights, default) & ~held)
    if not len(free):
        raise SolverError(
            "solve_kinematics",
            "markers that move the model",
            "no weighted marker on a body that can move",
            "Check running_weight in the marker set",
        )
    starts = _aligned_start(tree, targets, frame_weights, default)
    coordinates = np.empty((len(targets), len(tree.coordinates)))
    converged = np.zeros(len(targets), dtype=bool)
    slowest = 0
    for first in range(0, len(targets), BLOCK_FRAMES):
        block = slice(first, min(first + BLOCK_FRAMES, len(targets)))
        coordinates[block], converged[block], steps = _solve_block(
            tree, targets[block], frame_weights[block], starts[block], free, settings
        )
        slowest = max(slowest, steps)
        if progress is not None:
            progress(f"inverse kinematics: frame {block.stop} of {len(targets)}")
    coordinates, converged = _retry_outliers(
        tree, targets, frame_weights, coordinates, converged, free, settings
    )
    points = marker_positions(tree, solve_forward(tree, coordinates))
    errors = np.where(seen, np.linalg.norm(points - targets, axis=2), np.nan)
    return KinematicSolution(
        coordinates, errors, converged, resting_on_limits(tree, coordinates, free), slowest
    )


def _retry_outliers(
    tree: KinematicTree,
    targets: FloatArray,
    weights: FloatArray,
    coordinates: FloatArray,
    converged: NDArray[np.bool_],
    free: NDArray[np.int64],
    settings: KinematicSettings,
) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Solve again, from a neighbour's pose, the frames that fell into another minimum.

    Each frame starts alone, so a far start can end in a wrong local minimum; its cost then
    stands out from its neighbours'.
    """
    values, done = coordinates.copy(), converged.copy()
    total = np.maximum(weights.sum(axis=1), 1e-12)
    for _ in range(4):
        points = marker_positions(tree, solve_forward(tree, values))
        cost = _cost(points - targets, weights) / total
        typical = float(np.median(cost))
        bad = np.flatnonzero((cost > 4.0 * typical + 1e-8) | ~done)
        good = np.setdiff1d(np.arange(len(values)), bad)
        if not len(bad) or not len(good):
            break
        nearest = good[np.abs(good[None] - bad[:, None]).argmin(axis=1)]
        solved, ended, _ = _solve_block(
            tree, targets[bad], weights[bad], values[nearest], free, settings
        )
        points = marker_positions(tree, solve_forward(tree, solved))
        improved = _cost(points - targets[bad], weights[bad]) / total[bad] < cost[bad] - 1e-12
        if not improved.any():
            done[bad] |= ended & ~improved
            break
        values[bad[improved]] = solved[improved]
        done[bad[improved]] = ended[improved]
    return values, done
