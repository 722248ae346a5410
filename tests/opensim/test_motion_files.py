"""Motion files: OpenSim and the pipeline read the same coordinates out of them."""

from __future__ import annotations

import numpy as np
import opensim as osim
import pytest

import tiny_models as tiny
from known_models import knee_like
from strikelean.errors import RecordingError
from strikelean.formats.sto import read_sto
from strikelean.model.engine import open_model
from strikelean.model.tree import compile_tree
from strikelean.motion.coordinates_io import read_coordinates, write_coordinates


def opened(path):
    """Return an initialised model and its tree."""
    model = open_model(path)
    model.initSystem()
    return model, compile_tree(model, [])


def check(model, tree, path):
    """Write a motion, read it back and let OpenSim read it."""
    values = np.random.default_rng(3).uniform(-0.5, 0.5, (6, len(tree.names)))
    time_s = np.arange(6) / 100.0
    write_coordinates(path, tree, time_s, values)
    times, back = read_coordinates(path, tree)
    np.testing.assert_allclose(times, time_s, atol=1e-12)
    np.testing.assert_allclose(back, values, atol=1e-10)
    storage = osim.Storage(str(path))
    assert storage.isInDegrees()
    model.getSimbodyEngine().convertDegreesToRadians(storage)
    labels = [storage.getColumnLabels().get(i) for i in range(1, len(tree.names) + 1)]
    assert labels == list(tree.names)
    for frame in range(6):
        row = storage.getStateVector(frame).getData()
        read = [row.get(i) for i in range(row.size())]
        np.testing.assert_allclose(read, values[frame], atol=1e-10)
    return values


def test_opensim_reads_what_was_meant_of_every_joint_kind(tmp_path):
    check(*opened(tiny.joint_zoo(tmp_path / "zoo.osim")), tmp_path / "zoo.mot")


def test_follower_that_only_turns_is_in_degrees_as_opensim_takes_it(tmp_path):
    model, tree = opened(knee_like(tmp_path))
    values = check(model, tree, tmp_path / "motion.mot")
    beta = read_sto(tmp_path / "motion.mot").column("knee_angle_r_beta")
    index = tree.coordinate_index("knee_angle_r_beta")
    np.testing.assert_allclose(beta, np.degrees(values[:, index]), atol=1e-8)


def test_follower_that_turns_and_shifts_stays_in_radians(tmp_path):
    model, tree = opened(tiny.pulley_leg(tmp_path / "leg.osim"))
    values = check(model, tree, tmp_path / "motion.mot")
    series = read_sto(tmp_path / "motion.mot")
    index = tree.coordinate_index("knee_angle_r_beta")
    np.testing.assert_allclose(series.column("knee_angle_r_beta"), values[:, index], atol=1e-10)


def test_generic_model_is_read_by_opensim_as_meant(generic_model, tmp_path):
    check(*opened(generic_model), tmp_path / "motion.mot")


def test_motion_of_another_model_is_refused(tmp_path):
    _, tree = opened(tiny.pulley_leg(tmp_path / "leg.osim"))
    _, other = opened(knee_like(tmp_path))
    write_coordinates(
        tmp_path / "other.mot", other, np.arange(2.0), np.zeros((2, len(other.names)))
    )
    with pytest.raises(RecordingError, match="hip_flexion_r"):
        read_coordinates(tmp_path / "other.mot", tree)
