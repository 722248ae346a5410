"""Our solvers give back what they take: memory stays flat over trials in one process."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from known_models import muscled_hinge
from strikelean.dynamics.multibody import Multibody
from strikelean.dynamics.solve import Motion
from strikelean.model.tree import compile_tree
from strikelean.muscles.leg import MuscleSettings, read_leg, solve_leg

STATUS = Path("/proc/self/statm")


def _resident_mb() -> float:
    import resource

    return int(STATUS.read_text(encoding="ascii").split()[1]) * resource.getpagesize() / 1e6


@pytest.mark.skipif(not STATUS.is_file(), reason="no /proc/self/statm to read memory from")
def test_memory_is_flat_over_two_hundred_trials(tmp_path: Path) -> None:
    path = muscled_hinge(tmp_path)
    settings = MuscleSettings("pennated", True, 0.01, 1.0, 1.0)
    still = np.zeros((5, 1))
    sizes = []
    for _ in range(200):
        engine = Multibody(path)
        tree = compile_tree(engine.model)
        motion = Motion(tree, np.arange(5) * 0.01, still, still, still, 100.0)
        leg = read_leg(engine, tree, "right")
        solve_leg(leg, motion, np.full((5, 1), 5.0), np.arange(5), settings)
        sizes.append(_resident_mb())
    # the first trials fill caches; one leaked model would show as tens of kilobytes each
    assert sizes[-1] - sizes[20] < 3.0
