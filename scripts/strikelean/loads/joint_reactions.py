"""Joint reactions by Newton's and Euler's laws on what hangs beyond a joint.

The force a joint transmits is what the bodies beyond it need for their motion, less the
ground's, gravity's and the muscles' forces on them. It is linear in muscle force, so the unit
forces of the muscle paths give it at once. Equal to OpenSim's JointReaction analysis, which
reads the same force off its multibody engine.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from strikelean.dynamics.rigid_body import BodyDemand
from strikelean.dynamics.solve import Motion
from strikelean.formats.series import FloatArray
from strikelean.model.forward import Pose
from strikelean.muscles.paths import PathMotion

Wrenches = dict[str, tuple[FloatArray, FloatArray]]


@dataclass(frozen=True)
class Reaction:
    """Force and moment of the proximal on the distal body at a joint.

    Attributes:
        joint: the joint's name.
        body: the distal body, in whose base frame everything is expressed.
        force_n: (T, 3).
        moment_nm: (T, 3) about the joint's centre.
        point_m: (3,) the joint's centre in the distal body.
    """

    joint: str
    body: str
    force_n: FloatArray
    moment_nm: FloatArray
    point_m: FloatArray


def net_wrench(
    motion: Motion, joint_index: int, pose: Pose, demand: BodyDemand, ground: Wrenches
) -> tuple[FloatArray, FloatArray]:
    """Return what the bodies beyond a joint need across it, muscles and bones together.

    Args:
        motion: for the tree.
        joint_index: of the tree's joints.
        pose: (S frames) of the bodies.
        demand: of the same frames.
        ground: ``{body: (force, moment)}`` about the laboratory origin, (S, 3).

    Returns:
        Force of the proximal on the distal body (N) and its moment about the joint's centre (N m),
        laboratory, (S, 3) each.
    """
    tree = motion.tree
    beyond = np.flatnonzero(tree.descends()[joint_index])
    centre = pose.origins_m[:, joint_index]
    arm = demand.centres_m[:, beyond] - centre[:, None]
    need = demand.forces_n[:, beyond]
    force = need.sum(axis=1)
    moment = (demand.moments_nm[:, beyond] + np.cross(arm, need)).sum(axis=1)
    for body in beyond:
        if tree.bodies[body] in ground:
            ground_force, ground_moment = ground[tree.bodies[body]]
            force = force - ground_force
            moment = moment - (ground_moment - np.cross(centre, ground_force))
    return force, moment


def in_body(pose: Pose, body: int, vectors: FloatArray) -> FloatArray:
    """Return laboratory vectors (S, 3) in a body's frame."""
    return np.asarray(np.einsum("tij,ti->tj", pose.rotations[:, body], vectors))


def reaction_at(
    motion: Motion,
    joint_index: int,
    pose: Pose,
    demand: BodyDemand,
    ground: Wrenches,
    paths: PathMotion,
    muscle_forces_n: FloatArray,
) -> Reaction:
    """Return the reaction at one joint.

    Args:
        motion: for the tree.
        joint_index: of the tree's joints.
        pose: (S frames) of the bodies.
        demand: of the same frames.
        ground: ``{body: (force, moment)}`` about the laboratory origin, (S, 3).
        paths: what the muscles pull on, of the same frames.
        muscle_forces_n: (S, N) tendon forces of those muscles.
    """
    tree = motion.tree
    joint = tree.joints[joint_index]
    force, moment = net_wrench(motion, joint_index, pose, demand, ground)
    pull, turn = paths.total_pull(muscle_forces_n, np.flatnonzero(tree.descends()[joint_index]))
    moment = moment - (turn - np.cross(pose.origins_m[:, joint_index], pull))
    return Reaction(
        joint=joint.name,
        body=tree.bodies[joint.child],
        force_n=in_body(pose, joint.child, force - pull),
        moment_nm=in_body(pose, joint.child, moment),
        point_m=joint.position_bm,
    )
