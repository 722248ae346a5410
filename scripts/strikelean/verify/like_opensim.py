"""Our inverse dynamics with the one error of OpenSim's engine put in, so that like meets like."""

from __future__ import annotations

from pathlib import Path

from strikelean.dynamics.rigid_body import inverse_dynamics, with_engine_defect
from strikelean.dynamics.solve import ground_wrenches, moments_table, read_motion
from strikelean.formats.ground import read_ground
from strikelean.formats.series import TimeSeries


def moments_like_opensims(scaled_osim: Path, kinematics_mot: Path, grf_mot: Path) -> TimeSeries:
    """Return our generalised forces with the one error of OpenSim's engine put in.

    See :func:`strikelean.dynamics.rigid_body.with_engine_defect`. What the stock tools compute
    further is then compared on equal terms.
    """
    motion = read_motion(scaled_osim, kinematics_mot)
    forces = inverse_dynamics(
        with_engine_defect(motion.tree),
        motion.coordinates,
        motion.speeds,
        motion.accelerations,
        ground_wrenches(read_ground(grf_mot), motion.time_s),
    )
    return moments_table(motion.tree, motion.time_s, forces)
