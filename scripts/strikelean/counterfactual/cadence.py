"""Another step rate at the same speed: the stride in less time, its steps shorter by as much."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.interpolate import CubicSpline

from strikelean.formats.series import FloatArray
from strikelean.model.walk import walk_tree
from strikelean.stride.stride import FootForce, Stride
from strikelean.stride.targets import Targets, own_targets


def _at(time_s: FloatArray, values: FloatArray, wanted_s: FloatArray) -> FloatArray:
    return np.asarray(CubicSpline(time_s, values, axis=0)(wanted_s))


def warp_stride(stride: Stride, rate: float) -> tuple[Stride, Targets]:
    """Return the stride run through ``rate`` times as fast, and what is asked of it.

    Every pose and force comes ``rate`` times as fast; the mean speed of the pelvis in the
    laboratory, the runner's own residual at each pose and the ground's speed stay. The soles are
    asked to travel with the ground, and in swing, seen from the pelvis, to reach as much less
    far as the steps are shorter. With ``rate`` 1 this is the stride itself.
    """
    own = own_targets(stride)
    period = stride.period_s / rate
    step = float(np.median(np.diff(stride.time_s)))
    first = (stride.time_s[0] - stride.start_s) / rate
    count = int(np.floor((period - first) / step + 1e-9)) + 1
    count = min(
        count, int(np.floor((stride.time_s[-1] - stride.time_s[0]) / rate / step + 1e-9)) + 1
    )
    time_s = stride.start_s + first + step * np.arange(count)
    source_s = stride.start_s + (time_s - stride.start_s) * rate
    early = source_s - time_s
    parts = [
        _at(stride.time_s, part, source_s)
        for part in (stride.coordinates, stride.speeds, stride.accelerations)
    ]
    drift = stride.drift_m_s
    forward = stride.tree.names.index("pelvis_tx")
    parts[0][:, forward] -= drift * early
    parts[1] *= rate
    parts[1][:, forward] -= drift * (rate - 1.0)
    parts[2] *= rate**2
    feet = tuple(_warp_foot(stride, foot, source_s, rate, drift * early) for foot in stride.feet)
    warped = replace(
        stride,
        time_s=time_s,
        period_s=period,
        coordinates=parts[0],
        speeds=parts[1],
        accelerations=parts[2],
        feet=feet,
    )
    asked = own_targets(warped)
    root = _at(stride.time_s, own.root.T, source_s).T
    return warped, replace(asked, root=root, soles_m=_sole_paths(warped, asked, rate, early))


def _warp_foot(
    stride: Stride, foot: FootForce, source_s: FloatArray, rate: float, shift_m: FloatArray
) -> FootForce:
    force, point, torque = (
        _at(stride.time_s, part, source_s) for part in (foot.force_n, foot.point_m, foot.torque_nm)
    )
    point[:, 0] -= shift_m
    start, end = (stride.start_s + (t - stride.start_s) / rate for t in (foot.start_s, foot.end_s))
    return FootForce(foot.side, start, end, force, point, torque)


def _sole_paths(warped: Stride, asked: Targets, rate: float, early_s: FloatArray) -> FloatArray:
    """Return where the sole points should be, (feet, 3, 3, K)."""
    paths = asked.soles_m.copy()
    pelvis = walk_tree(warped.tree, warped.coordinates).positions_m[warped.tree.joints[0].child][0]
    # velocity of the ground seen from the runner, who moves forward with the drift
    ground = warped.ground_m_s - warped.drift_m_s
    for index, foot in enumerate(warped.feet):
        forward = paths[index, 0]
        swing = pelvis + (forward - pelvis) / rate
        middle = 0.5 * (foot.start_s + foot.end_s)
        at = int(np.argmin(np.abs(warped.time_s - middle)))
        # the pose's own travel over the ground was `rate` times too fast
        stance = forward - ground * (early_s - early_s[at])
        stance += (swing - forward)[:, at, None]
        paths[index, 0] = swing + foot.load * (stance - swing)
    return paths
