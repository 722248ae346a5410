"""Net moments of the knee in three planes: what muscles, ligaments and bones turn it with together.

By Newton's and Euler's laws on shank and foot with the ground's force under it, about the centre of
the knee joint, in the axes of the tibia (X forward, Y up its long axis, Z right). No muscle takes
part: this is the moment that gait laboratories report, the external one with its sign turned. The
reaction of the model's knee is something else: its hinge prescribes frontal and axial rotation, and
carries in these two directions what the muscles' lines of pull leave over, for the larger part that
of the patellar tendon.
"""

from __future__ import annotations

import numpy as np

from strikelean.dynamics.solve import GroundWrenches, Motion
from strikelean.formats.series import TimeSeries
from strikelean.loads.joint_reactions import in_body, net_wrench
from strikelean.loads.reactions_solve import carrying_joint
from strikelean.markersets import SIDES


def net_knee_moments(motion: Motion, ground: GroundWrenches) -> TimeSeries:
    """Return the net moments of both knees.

    Args:
        motion: coordinates with their rates.
        ground: ``{body: (force, moment)}`` about the laboratory origin, (T, 3).

    Returns:
        Columns ``knee_net_moment_<r or l>_<x, y or z>``, N m: on the tibia, about the knee joint's
        centre, in the tibia's frame, at the motion's times.
    """
    tree = motion.tree
    demand, pose = motion.demand, motion.pose
    columns: list[str] = []
    values = []
    for side in SIDES:
        tibia = f"tibia_{side[0]}"
        if tibia not in tree.bodies:
            continue
        joint = carrying_joint(tree, tibia)
        _, moment = net_wrench(motion, joint, pose, demand, ground)
        values.append(in_body(pose, tree.body_index(tibia), moment))
        columns += [f"knee_net_moment_{side[0]}_{axis}" for axis in "xyz"]
    both = np.hstack(values) if values else np.empty((len(motion.time_s), 0))
    return TimeSeries(motion.time_s, tuple(columns), both)
