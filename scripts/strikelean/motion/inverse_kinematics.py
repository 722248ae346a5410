"""Inverse kinematics: the pose whose markers lie nearest the recorded ones, all frames at once.

Weighted least squares per frame, the criterion of OpenSim's tool (Lu & O'Connor 1999,
doi 10.1016/S0021-9290(98)00158-4), solved by a Levenberg-Marquardt method with bounds
(projected, active set by gradient sign) on the compiled model.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator

from strikelean.errors import SolverError
from strikelean.formats.series import FloatArray
from strikelean.model.forward import (
    follow_couplings,
    marker_positions,
    point_jacobian,
    solve_forward,
)
from strikelean.model.tree import KinematicTree
from strikelean.model.walk import walk_tree
from strikelean.motion.marker_fit import MarkerFit, fit_markers, marker_places

Progress = Callable[[str], None]

# Frames solved together: enough to share numpy's overhead, few enough to stay in the cache.
BLOCK_FRAMES = 400
# A step below this is near enough to a minimum for the exact second derivative.
NEAR_RAD = 0.05
# Every so many frames are solved first, from afar; the others start between their neighbours.
COARSE_STEP = 5
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


def _newton_step(fit: MarkerFit, damping: FloatArray, held: NDArray[np.bool_]) -> FloatArray:
    """Return the damped step (T, F) down the gradient; held coordinates stay."""
    free = fit.gradient.shape[1]
    diagonal = np.einsum("tff->tf", fit.hessian)
    scale = np.maximum(diagonal, 1e-6 * diagonal.max(axis=1, keepdims=True))
    keep = ~held
    normal = fit.hessian * keep[:, :, None] * keep[:, None, :]
    normal[:, np.arange(free), np.arange(free)] += scale * np.where(held, 1.0, damping[:, None])
    return np.asarray(np.linalg.solve(normal, -(fit.gradient * keep)[..., None])[..., 0])


@dataclass(frozen=True)
class _Problem:
    """The frames to fit: what is solved for, and the markers with their weights.

    Attributes:
        tree: compiled model.
        free: (F,) coordinates solved for.
        targets: (3, M, T) metres.
        weights: (M, T).
    """

    tree: KinematicTree
    free: NDArray[np.int64]
    targets: FloatArray
    weights: FloatArray

    def at(self, frames: NDArray[np.int64]) -> _Problem:
        """Return some frames of the problem."""
        return replace(self, targets=self.targets[..., frames], weights=self.weights[:, frames])

    def fit(self, values: FloatArray, near: NDArray[np.bool_]) -> MarkerFit:
        """Return the fit at (T, Q) coordinates, curvature and all where they are near."""
        return fit_markers(self.tree, values, self.free, self.targets, self.weights, near)

    def errors(self, values: FloatArray) -> FloatArray:
        """Return distances of model from recorded markers, (M, T) metres."""
        places = marker_places(self.tree, walk_tree(self.tree, values))
        return np.asarray(np.linalg.norm(places - self.targets, axis=0))

    def mean_cost(self, values: FloatArray) -> FloatArray:
        """Return the weighted mean of squared marker errors, (T,)."""
        total = np.maximum(self.weights.sum(axis=0), 1e-12)
        return np.asarray((self.weights * self.errors(values) ** 2).sum(axis=0) / total)


def _merge(old: MarkerFit, new: MarkerFit, chosen: NDArray[np.bool_]) -> MarkerFit:
    return MarkerFit(
        np.where(chosen, new.cost_m2, old.cost_m2),
        np.where(chosen[:, None], new.gradient, old.gradient),
        np.where(chosen[:, None, None], new.hessian, old.hessian),
    )


def _take(fit: MarkerFit, frames: NDArray[np.bool_]) -> MarkerFit:
    return MarkerFit(fit.cost_m2[frames], fit.gradient[frames], fit.hessian[frames])


def _solve_block(
    problem: _Problem, start: FloatArray, settings: KinematicSettings, warm: bool
) -> tuple[FloatArray, NDArray[np.bool_], int]:
    """Iterate one block of frames; return coordinates, convergence and iterations.

    A warm start needs hardly any damping.
    """
    tree, free = problem.tree, problem.free
    lower, upper = (bound[free] for bound in _bounds(tree))
    values = start.copy()
    values[:, free] = np.clip(values[:, free], lower, upper)
    values = follow_couplings(tree, values)
    damping = np.full(len(values), 1e-6 if warm else 1e-3)
    active = np.arange(len(values))
    converged = np.zeros(len(values), dtype=bool)
    iteration = 0
    here, fit = problem, problem.fit(values, converged)
    while len(active) and iteration < settings.max_iterations:
        iteration += 1
        current = values[active][:, free]
        held = np.asarray(
            ((current <= lower) & (fit.gradient > 0)) | ((current >= upper) & (fit.gradient < 0))
        )
        trial = values[active]
        trial[:, free] = np.clip(current + _newton_step(fit, damping[active], held), lower, upper)
        trial = follow_couplings(tree, trial)
        moved = np.abs(trial[:, free] - current).max(axis=1)
        # a step this small changes the cost by less than rounding: taken, not weighed
        last = moved < settings.tolerance_rad
        values[active[last]] = trial[last]
        converged[active[last]] = True
        going = ~last
        active, trial, fit, here = active[going], trial[going], _take(fit, going), here.at(going)
        if not len(active):
            break
        tried = here.fit(trial, moved[going] < NEAR_RAD)
        better = tried.cost_m2 <= fit.cost_m2 * (1 + 1e-14)
        values[active[better]] = trial[better]
        fit = _merge(fit, tried, better)
        damping[active] = np.where(
            better, np.maximum(damping[active] * 0.1, 1e-12), damping[active] * 10.0
        )
        stuck = damping[active] > 1e8
        active, fit, here = active[~stuck], _take(fit, ~stuck), here.at(~stuck)
    return values, converged, iteration


def _aligned_start(problem: _Problem, default: FloatArray) -> FloatArray:
    """Return (T, Q) starts: the default pose moved so that the marker centroids meet."""
    tree, weights = problem.tree, problem.weights
    start = np.repeat(default[None], weights.shape[1], axis=0)
    points = marker_places(tree, walk_tree(tree, default[None]))
    total = np.maximum(weights.sum(axis=0), 1e-12)
    shift = np.einsum("imt,mt->it", problem.targets - points, weights) / total
    for axis, name in enumerate(("pelvis_tx", "pelvis_ty", "pelvis_tz")):
        if name in tree.names:
            start[:, tree.names.index(name)] += shift[axis]
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
        SolverError: nothing to solve for (no weighted marker moves a free coordinate, or none
            was seen).
    """
    settings = settings or KinematicSettings()
    seen: NDArray[np.bool_] = np.asarray(np.isfinite(targets_m).all(axis=2))
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
    pulled = np.where(seen, weights, 0.0)
    usable = np.flatnonzero(pulled.sum(axis=1) > 0)
    if not len(usable):
        raise SolverError(
            "solve_kinematics",
            "frames in which weighted markers were seen",
            f"none of {len(seen)}",
            "Look at the labels of the recording, and at running_weight in the marker set",
        )
    targets = np.where(seen[..., None], targets_m, 0.0)[usable].transpose(2, 1, 0)
    problem = _Problem(tree, free, np.ascontiguousarray(targets), pulled[usable].T.copy())
    frames = len(usable)
    coarse = np.unique(np.append(np.arange(0, frames, COARSE_STEP), frames - 1))
    sparse = problem.at(coarse)
    found = _solve_frames(sparse, _aligned_start(sparse, default), settings)
    starts = _between(coarse, found[0], frames)
    solved, ended, slowest = _solve_frames(problem, starts, settings, True, progress)
    # a frame without any marker lies between its neighbours, and counts as not solved
    coordinates = follow_couplings(tree, _between(usable, solved, len(seen)))
    coordinates[usable] = solved
    converged = np.zeros(len(seen), dtype=bool)
    converged[usable] = ended
    distances = np.full(seen.shape, np.nan)
    distances[usable] = problem.errors(solved).T
    return KinematicSolution(
        coordinates,
        np.where(seen, distances, np.nan),
        converged,
        resting_on_limits(tree, coordinates, free),
        max(slowest, found[2]),
    )


def _between(known: NDArray[np.int64], values: FloatArray, frames: int) -> FloatArray:
    """Return (frames, Q) poses from those of some frames, without overshoot, held at the ends."""
    if len(known) < 2:
        return np.repeat(values, frames, axis=0)
    wanted = np.clip(np.arange(frames), known[0], known[-1])
    return np.asarray(PchipInterpolator(known, values, axis=0)(wanted))


def _solve_frames(
    problem: _Problem,
    starts: FloatArray,
    settings: KinematicSettings,
    warm: bool = False,
    progress: Progress | None = None,
) -> tuple[FloatArray, NDArray[np.bool_], int]:
    """Solve frames block by block, then again those that fell into another minimum."""
    coordinates = np.empty_like(starts)
    converged = np.zeros(len(starts), dtype=bool)
    slowest = 0
    for first in range(0, len(starts), BLOCK_FRAMES):
        block = np.arange(first, min(first + BLOCK_FRAMES, len(starts)))
        coordinates[block], converged[block], steps = _solve_block(
            problem.at(block), starts[block], settings, warm
        )
        slowest = max(slowest, steps)
        if progress is not None:
            progress(f"inverse kinematics: frame {block[-1] + 1} of {len(starts)}")
    coordinates, converged = _retry_outliers(problem, coordinates, converged, settings)
    return coordinates, converged, slowest


def _retry_outliers(
    problem: _Problem,
    coordinates: FloatArray,
    converged: NDArray[np.bool_],
    settings: KinematicSettings,
) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Solve again, from a neighbour's pose, the frames that fell into another minimum.

    A far start can end in a wrong local minimum; its cost then stands out from its neighbours'.
    """
    values, done = coordinates.copy(), converged.copy()
    cost = problem.mean_cost(values)
    for _ in range(4):
        bad = np.flatnonzero((cost > 4.0 * float(np.median(cost)) + 1e-8) | ~done)
        good = np.setdiff1d(np.arange(len(values)), bad)
        if not len(bad) or not len(good):
            break
        nearest = good[np.abs(good[None] - bad[:, None]).argmin(axis=1)]
        part = problem.at(bad)
        solved, ended, _ = _solve_block(part, values[nearest], settings, False)
        own = part.mean_cost(solved)
        improved = own < cost[bad] - 1e-12
        if not improved.any():
            done[bad] |= ended & ~improved
            break
        values[bad[improved]] = solved[improved]
        cost[bad[improved]] = own[improved]
        done[bad[improved]] = ended[improved]
    return values, done
