"""A virtual runner's shoes: where they touch the floor, and how they roll over it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.integrate import cumulative_trapezoid

from strikelean.counterfactual.strike import SOFT_M
from strikelean.formats.series import FloatArray
from strikelean.markersets import SIDES
from strikelean.model.tree import KinematicTree
from strikelean.stride.stride import FOOT_BODY, Sole

# Heel, fifth metatarsal and toe landmark of a right shoe, in the hindfoot's frame of the generic
# model, metres: where the markers sit, and the floor below them. Mean of 14 runners of the public
# dataset (standing trial, over each model's foot factor; doi 10.6084/m9.figshare.4543435).
MARKS_M = np.array(
    [[-0.0230, -0.0185, -0.0131], [0.1566, -0.0120, 0.0634], [0.1881, 0.0024, -0.0405]]
)
FLOOR_M = -0.0581
SOLE_M = MARKS_M * np.array([1.0, 0.0, 1.0]) + np.array([0.0, FLOOR_M, 0.0])
# Height of the lowest point at its lowest, so that no point is below the floor.
CLEAR_M = 0.002
MIRROR = np.array([1.0, 1.0, -1.0])


def shoe_soles(tree: KinematicTree, foot_factor: float) -> tuple[Sole, ...]:
    """Return the soles of both feet, right first.

    Args:
        tree: the runner's compiled model.
        foot_factor: size of the feet over the generic model's.
    """
    return tuple(
        Sole(
            side,
            tree.body_index(f"{FOOT_BODY}_{side[0]}"),
            SOLE_M * foot_factor * (1.0 if side == "right" else MIRROR),
        )
        for side in SIDES
    )


def marks_of(sole: Sole) -> Sole:
    """Return a shoe's marked landmarks, which templates of pressure refer to, above its sole."""
    factor = float(sole.points_m[0, 1]) / FLOOR_M
    rise = np.zeros((3, 3))
    rise[:, 1] = factor * (MARKS_M[:, 1] - FLOOR_M)
    return replace(sole, points_m=sole.points_m + rise)


def angles_yzx(rotations: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return turn (about the vertical), pitch (toe up) and roll of (3, 3, K) rotations, rad."""
    turn = np.arctan2(-rotations[2, 0], rotations[0, 0])
    pitch = np.arcsin(np.clip(rotations[1, 0], -1.0, 1.0))
    roll = np.arctan2(-rotations[1, 2], rotations[1, 1])
    return turn, pitch, roll


def rotations_yzx(turn: FloatArray, pitch: FloatArray, roll: FloatArray) -> FloatArray:
    """Return (3, 3, K) rotations of :func:`angles_yzx`."""
    (ct, st), (cp, sp), (cr, sr) = ((np.cos(a), np.sin(a)) for a in (turn, pitch, roll))
    none, one = np.zeros_like(ct), np.ones_like(ct)
    about_y = np.array([[ct, none, st], [none, one, none], [-st, none, ct]])
    about_z = np.array([[cp, -sp, none], [sp, cp, none], [none, none, one]])
    about_x = np.array([[one, none, none], [none, cr, -sr], [none, sr, cr]])
    return np.asarray(np.einsum("ijt,jkt,klt->ilt", about_y, about_z, about_x))


def roll_sole(
    rotations: FloatArray,
    points_m: FloatArray,
    time_s: FloatArray,
    height_m: FloatArray,
    anchor: tuple[int, float, float],
    ground_m_s: float,
) -> FloatArray:
    """Return the sole points (3, 3, K: axis, point, frame) of a foot that rolls over the floor.

    The lowest point, softly, is as high above the floor as asked and moves with it: no point
    slides under load.

    Args:
        rotations: (3, 3, K) of the foot.
        points_m: (3, 3) sole points in its frame.
        time_s: (K,).
        height_m: (K,) of the soft lowest point above the floor.
        anchor: a frame, and where the foot's origin then is, forward and sideways.
        ground_m_s: velocity of the floor, forward positive.
    """
    arm = np.einsum("ijt,pj->ipt", rotations, points_m)
    height = arm[1]
    share = np.exp((height.min(axis=0) - height) / SOFT_M)
    least = height.min(axis=0) - SOFT_M * np.log(share.sum(axis=0))
    share /= share.sum(axis=0)
    speed = np.gradient(arm, time_s, axis=2)
    place = np.zeros((3, len(time_s)))
    place[1] = height_m - least
    frame, *where = anchor
    for axis, floor, at in ((0, ground_m_s, where[0]), (2, 0.0, where[1])):
        travel = cumulative_trapezoid(floor - (share * speed[axis]).sum(axis=0), time_s, initial=0)
        place[axis] = travel - travel[frame] + at
    return np.asarray(arm + place[:, None])
