"""One lean, one stance, against a second solver: OpenSim Moco's direct collocation.

The same recording, the same targets at the same scales as far as Moco can take them. What it cannot
take: changes of the ground force (both hold it here), periodic strides (one stance with the
flights around it), joint limits beyond bounds, costs on accelerations. Muscles and patellae are
left out of its model; torques drive every coordinate.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from strikelean.counterfactual.recorded_trial import RecordedTrial
from strikelean.dynamics.rigid_body import inverse_dynamics
from strikelean.dynamics.solve import read_motion
from strikelean.dynamics.wrench_sensitivity import follow_motion
from strikelean.formats.series import FloatArray
from strikelean.formats.trc import read_trc
from strikelean.model.walk import walk_tree
from strikelean.stride.cut_strides import cut_stride, sole_points
from strikelean.stride.residuals import changed_feet, changed_motion
from strikelean.stride.scales import Scales, SolveRules
from strikelean.stride.solve import Solution, solve_stride
from strikelean.stride.stride import FootForce, Stride
from strikelean.stride.targets import Targets, ask_lean, own_targets
from strikelean.verify.moco_problem import (
    MocoAnswer,
    MocoCase,
    reduce_model,
    solve_with_moco,
)

PELVIS = "pelvis"
# ground force and placement as good as held
HELD = {
    "force_share": (1e-4, 1e-4, 1e-4),
    "free_moment_nm": 1e-3,
    "placement_m": (1e-5, 1e-5),
}
Progress = Callable[[str], None]


@dataclass(frozen=True)
class _Solved:
    """A stride after a change.

    Attributes:
        motion: coordinates, speeds, accelerations, (K, Q) each.
        torques: (K, Q) generalised forces; the recording's own residual acts on the pelvis.
    """

    motion: tuple[FloatArray, FloatArray, FloatArray]
    torques: FloatArray


def _torques(stride: Stride, targets: Targets, solution: Solution | None) -> _Solved:
    """Return motion and torques of a stride, the recording's own residual carried along."""
    motion, feet = (stride.coordinates, stride.speeds, stride.accelerations), stride.feet
    if solution is not None:
        changed = changed_motion(stride, solution.change, solution.moving)
        motion = follow_motion(stride.tree, *changed)
        feet = changed_feet(stride.feet, solution.change.feet)
    wrenches: dict[str, tuple[FloatArray, FloatArray]] = {
        f"calcn_{foot.side[0]}": (
            foot.force_n,
            np.cross(foot.point_m, foot.force_n) + foot.torque_nm,
        )
        for foot in feet
    }
    pelvis = walk_tree(stride.tree, motion[0]).positions_m[stride.tree.joints[0].child].T
    moment, force = targets.root[:3].T, targets.root[3:].T
    wrenches[PELVIS] = (force, moment + np.cross(pelvis, force))
    return _Solved(motion, inverse_dynamics(stride.tree, *motion, wrenches))


def _part(stride: Stride) -> tuple[float, float]:
    """Return the span of the first stance with half of the flights around it."""
    first, second = stride.feet
    end = 0.5 * (first.end_s + second.start_s)
    return float(stride.time_s[0]), float(stride.time_s[np.searchsorted(stride.time_s, end)])


def _peak(values: FloatArray, time_s: FloatArray, foot: FootForce) -> float:
    inside = (time_s >= foot.start_s) & (time_s <= foot.end_s)
    return float(np.abs(values[inside]).max())


def compare_moco(
    folder: Path,
    base: RecordedTrial,
    lean_deg: float,
    hip_share: float,
    start_share: float = 1.0,
    progress: Progress = print,
) -> dict[str, float]:
    """Return how far the own solve and Moco's differ, and what each costs.

    Args:
        folder: of a solved recording (scaled.osim, static.trc, kinematics.mot); files of the case
            are written there too.
        base: the same recording, read.
        lean_deg: asked change of the trunk's lean.
        hip_share: part of it that comes from the hips.
        start_share: Moco starts from the own solve of this share of the lean; from half of it or
            from the recording its quasi-Newton steps get nowhere in hundreds of iterations.
        progress: called with a line of text now and then.

    Returns:
        Changes of the peak knee extension moment (%): own delivered, own with the ground force
        held, Moco's and where it started; RMS differences of angles (deg) and moments (N m) of
        the stance leg between Moco's and own with the force held; seconds; Moco's iterations and
        whether it converged (1 or 0).
    """
    reduced = folder / "reduced.osim"
    reduce_model(folder / "scaled.osim", reduced)
    motion = read_motion(reduced, folder / "kinematics.mot")
    soles = sole_points(motion.tree, base.marker_set, read_trc(folder / "static.trc"))
    stride = cut_stride(motion, base.grf, soles, base.spans[0])
    own = own_targets(stride)
    asked = ask_lean(stride, own, float(np.radians(lean_deg)), hip_share)
    rules = SolveRules()
    held_rules = replace(rules, scales=replace(rules.scales, **HELD))  # type: ignore[arg-type]
    solve_stride(stride, asked, rules)
    start = time.perf_counter()
    delivered = solve_stride(stride, asked, rules)
    own_s = time.perf_counter() - start
    held = solve_stride(stride, asked, held_rules)
    part = ask_lean(stride, own, start_share * float(np.radians(lean_deg)), hip_share)
    begun = _torques(stride, own, solve_stride(stride, part, held_rules))
    recorded = _torques(stride, own, None)
    solved = {
        "delivered": _torques(stride, own, delivered),
        "held": _torques(stride, own, held),
    }
    progress(f"Moco: one stance, {lean_deg:+g} deg")
    case = MocoCase(
        model_osim=reduced,
        stride=stride,
        targets=asked,
        moving=delivered.moving,
        scales=Scales(),
        span_s=_part(stride),
        torques=recorded.torques,
        guess=(*begun.motion, begun.torques),
    )
    answer = solve_with_moco(case, folder)
    return _figures(stride, recorded, solved | {"start": begun}, answer) | {
        "own_seconds": own_s,
        "moco_seconds": answer.seconds,
        "moco_iterations": float(answer.iterations),
        "moco_converged": float(answer.converged),
    }


def _figures(
    stride: Stride, recorded: _Solved, solved: dict[str, _Solved], answer: MocoAnswer
) -> dict[str, float]:
    """Return changes of the knee's peak, and differences of the stance leg."""
    names, foot = stride.tree.names, stride.feet[0]
    letter = foot.side[0]
    knee = names.index(f"knee_angle_{letter}")
    before = _peak(recorded.torques[:, knee], stride.time_s, foot)
    peaks = {
        name: _peak(part.torques[:, knee], stride.time_s, foot) for name, part in solved.items()
    }
    peaks["moco"] = _peak(answer.torques[names[knee]], answer.time_s, foot)
    found = {f"knee_peak_{k}_percent": 100.0 * (v / before - 1.0) for k, v in peaks.items()}
    inside = (answer.time_s >= foot.start_s) & (answer.time_s <= foot.end_s)
    held = solved["held"]
    for joint in ("hip_flexion", "knee_angle", "ankle_angle"):
        name = f"{joint}_{letter}"
        column = names.index(name)

        def difference(theirs: FloatArray, ours: FloatArray) -> float:
            same = np.interp(answer.time_s, stride.time_s, ours)
            return float(np.sqrt(np.mean((theirs - same)[inside] ** 2)))

        angles = difference(answer.coordinates[name], held.motion[0][:, column])
        found[f"{joint}_rms_deg"] = float(np.degrees(angles))
        found[f"{joint}_rms_nm"] = difference(answer.torques[name], held.torques[:, column])
    return found
