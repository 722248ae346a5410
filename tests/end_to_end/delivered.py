"""What the tests of the whole pipeline share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from strikelean.dynamics.multibody import Multibody
from strikelean.dynamics.solve import read_motion
from strikelean.model.engine import muscle_names
from strikelean.verify.compare_paths import compare_paths
from strikelean.verify.prepare_trial import read_config

TOP = Path(__file__).parents[2]
CONFIG = read_config(TOP)
FIRST_RIGHT = (0.874, 1.098)


def paths_agree(folder: Path, whose: str, agree: Callable[[str, float, float, str], None]) -> None:
    """Hold every muscle's path in every fourth frame of a trial against OpenSim's."""
    motion = read_motion(folder / "scaled.osim", folder / "kinematics.mot")
    engine = Multibody(folder / "scaled.osim")
    coordinates, speeds = motion.coordinates[::4], motion.speeds[::4]
    muscles = muscle_names(engine.model)
    apart = compare_paths(engine, motion.tree, muscles, coordinates, speeds)
    assert apart.compiled.by_engine == ()
    agree(f"path lengths, {whose}", apart.lengths_m.max(), 1e-9, "m")
    agree(f"lengthening speeds, {whose}", apart.speeds_m_s.max(), 1e-9, "m/s")
    agree(f"pulls of a newton, {whose}", apart.forces.max(), 1e-9, "N")
    agree(f"their moments, {whose}", apart.moments_m.max(), 1e-8, "N m")
