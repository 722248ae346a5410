"""Joint reactions by Newton's and Euler's laws on what hangs beyond a joint.

The force a joint transmits is what the bodies beyond it need for their motion, less the
ground's, gravity's and the muscles' forces on them. It is linear in muscle force, so the unit
forces of the muscle paths give it at once. Equal to OpenSim's JointReaction analysis, which
reads the same force off its multibody engine.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import opensim as osim
from numpy.typing import NDArray

from strikelean.dynamics.multibody import Multibody
from strikelean.dynamics.solve import Motion
from strikelean.formats.series import FloatArray
from strikelean.model.engine import vec3
from strikelean.model.forward import Pose, solve_forward
from strikelean.muscles.paths import PathMotion

Wrenches = dict[str, tuple[FloatArray, FloatArray]]


@dataclass(frozen=True)
class BodyDemand:
    """What the motion of each body needs, gravity taken off, over T frames (laboratory).

    Attributes:
        forces_n: (T, B, 3) mass times (acceleration of the centre less gravity).
        moments_nm: (T, B, 3) rate of change of angular momentum about the centre.
        centres_m: (T, B, 3) centres of mass.
    """

    forces_n: FloatArray
    moments_nm: FloatArray
    centres_m: FloatArray


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


def _inertia(body: osim.Body) -> FloatArray:
    values = body.get_inertia()
    xx, yy, zz, xy, xz, yz = (values.get(i) for i in range(6))
    return np.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]])


def body_demand(engine: Multibody, motion: Motion, rows: NDArray[np.int64]) -> BodyDemand:
    """Return the forces and moments that the bodies' motion needs at (S,) rows."""
    bodies = engine.bodies
    shape = (len(rows), len(bodies), 3)
    forces, moments, centres = np.empty(shape), np.empty(shape), np.empty(shape)
    inertias = np.array([_inertia(engine.model.getBodySet().get(name)) for name in bodies])
    pose = solve_forward(motion.tree, motion.coordinates[rows])
    arms = np.einsum("tbij,bj->tbi", pose.rotations, engine.mass_centres_m)
    turned = np.einsum("tbij,bjk,tblk->tbil", pose.rotations, inertias, pose.rotations)
    parts = [engine.model.getBodySet().get(name) for name in bodies]
    for frame, row in enumerate(rows):
        engine.place(motion.coordinates[row], motion.speeds[row])
        angular, linear = engine.body_accelerations(motion.accelerations[row], bodies)
        spin = np.array([vec3(part.getVelocityInGround(engine.state).get(0)) for part in parts])
        arm = arms[frame]
        centre = linear + np.cross(angular, arm) + np.cross(spin, np.cross(spin, arm))
        forces[frame] = engine.masses_kg[:, None] * (centre - engine.gravity)
        momentum = np.einsum("bij,bj->bi", turned[frame], spin)
        moments[frame] = np.einsum("bij,bj->bi", turned[frame], angular) + np.cross(spin, momentum)
        centres[frame] = pose.positions_m[frame] + arm
    return BodyDemand(forces, moments, centres)


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
        paths: unit forces of the muscles.
        muscle_forces_n: (S, N) tendon forces of those muscles.
    """
    tree = motion.tree
    joint = tree.joints[joint_index]
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
    pulls = np.einsum("tn,tnbi->tbi", muscle_forces_n, paths.unit_forces[:, :, beyond])
    turns = np.einsum("tn,tnbi->tbi", muscle_forces_n, paths.unit_moments[:, :, beyond])
    offset = pose.positions_m[:, beyond] - centre[:, None]
    force = force - pulls.sum(axis=1)
    moment = moment - (turns + np.cross(offset, pulls)).sum(axis=1)
    rotation = pose.rotations[:, joint.child]
    return Reaction(
        joint=joint.name,
        body=tree.bodies[joint.child],
        force_n=np.einsum("tij,ti->tj", rotation, force),
        moment_nm=np.einsum("tij,ti->tj", rotation, moment),
        point_m=joint.position_bm,
    )
