"""Our solvers give back what they take: memory stays flat over trials in one process."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import test_hinged_legs as legs
from known_models import muscled_hinge, pendulum
from strikelean.dynamics.multibody import Multibody
from strikelean.dynamics.rigid_body import inverse_dynamics
from strikelean.dynamics.solve import Motion
from strikelean.model.engine import open_model
from strikelean.model.forward import marker_positions, solve_forward
from strikelean.model.tree import compile_tree
from strikelean.motion.inverse_kinematics import solve_inverse_kinematics
from strikelean.muscles.leg import MuscleSettings, read_leg, solve_leg

STATUS = Path("/proc/self/statm")
TRIALS, SETTLED, ALLOWED_MB = 200, 40, 3.0
pytestmark = pytest.mark.long
needs_status = pytest.mark.skipif(
    not STATUS.is_file(), reason="no /proc/self/statm to read memory from"
)


def _resident_mb() -> float:
    import resource

    return int(STATUS.read_text(encoding="ascii").split()[1]) * resource.getpagesize() / 1e6


@needs_status
def test_muscles_of_two_hundred_trials_leave_nothing_behind(tmp_path: Path) -> None:
    path = muscled_hinge(tmp_path)
    settings = MuscleSettings("pennated", True, 0.01, 1.0, 1.0)
    still = np.zeros((5, 1))
    sizes = []
    for _ in range(TRIALS):
        engine = Multibody(path)
        tree = compile_tree(engine.model)
        motion = Motion(tree, np.arange(5) * 0.01, still, still, still, 100.0)
        leg = read_leg(engine, tree, "right")
        solve_leg(leg, np.arange(5), motion, np.full((5, 1), 5.0), [settings])
        sizes.append(_resident_mb())
    # the first trials fill caches; one leaked model would show as tens of kilobytes each
    assert sizes[-1] - sizes[SETTLED] < ALLOWED_MB


@needs_status
def test_whole_chain_of_two_hundred_trials_leaves_nothing_behind(tmp_path: Path, agree) -> None:
    """Model file, inverse kinematics and dynamics; then the stages from moments to reactions."""
    path = pendulum(tmp_path)
    angles = np.linspace(-0.9, 0.9, 12)[:, None]
    still = np.zeros_like(angles)
    sizes = []
    for _ in range(TRIALS):
        model = open_model(path)
        model.initSystem()
        tree = compile_tree(model)
        targets = marker_positions(tree, solve_forward(tree, angles))
        solved = solve_inverse_kinematics(tree, targets, np.ones(3))
        inverse_dynamics(tree, solved.coordinates, still, still, {})
        legs.solve(tmp_path)
        sizes.append(_resident_mb())
    grown = sizes[-1] - sizes[SETTLED]
    agree("memory grown over 160 trials", grown, ALLOWED_MB, "MB")
