"""Every coordinate of a stance, arms and trunk included, against OpenSim's own solver."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from delivered import FIRST_RIGHT, TOP
from strikelean.formats.series import Markers
from strikelean.formats.trc import read_trc
from strikelean.markersets import load_markerset
from strikelean.model.engine import open_model
from strikelean.model.forward import marker_positions, solve_forward
from strikelean.model.tree import compile_tree
from strikelean.motion.inverse_kinematics import solve_inverse_kinematics
from strikelean.motion.stock_kinematics import solve_with_opensim
from strikelean.verify.prepare_trial import markerset_path


def test_angles_are_those_of_opensims_solver_and_fit_no_worse(fullbody: Path, agree) -> None:
    """Markers, weights and model are the same; the tool runs at accuracy 1e-7."""
    recording = read_trc(fullbody / "markers.trc")
    weights = {
        marker.name: marker.running_weight
        for marker in load_markerset(markerset_path(TOP, "rajagopal_fullbody")).markers
        if marker.running_weight > 0
    }
    model = open_model(fullbody / "scaled.osim")
    model.initSystem()
    own = [m.getName() for m in model.getMarkerSet() if m.getName() in weights]
    tree = compile_tree(model, own)
    inside = (recording.time_s >= FIRST_RIGHT[0]) & (recording.time_s <= FIRST_RIGHT[1])
    seen = np.stack([recording.position(name)[inside] for name in own], axis=1)
    part = Markers(recording.time_s[inside], tuple(own), seen, recording.rate_hz)
    pull = np.array([weights[name] for name in own])
    ours = solve_inverse_kinematics(tree, seen, pull)
    stock, solved = solve_with_opensim(
        fullbody / "scaled.osim", part, dict(zip(own, pull.tolist(), strict=True)), {}, 1e-7
    )
    assert solved.all()
    assert ours.converged.all()
    rms = np.sqrt(np.mean((ours.coordinates - stock) ** 2, axis=0))
    turns = np.array([coordinate.rotational for coordinate in tree.coordinates])
    legs = np.array([name[:3] in ("hip", "kne", "ank", "sub") for name in tree.names]) & turns
    agree(
        "angles of the legs, fast engine against OpenSim at 1e-7, RMS",
        np.degrees(rms[legs]).max(),
        0.3,
        "deg",
    )
    agree(
        "angles of all coordinates, fast engine against OpenSim at 1e-7, RMS",
        np.degrees(rms[turns]).max(),
        0.3,
        "deg",
    )
    agree(
        "translations of the pelvis, fast engine against OpenSim at 1e-7, RMS",
        rms[~turns].max(),
        1e-3,
        "m (rad for the patella)",
    )

    def cost(values: np.ndarray) -> float:
        placed = marker_positions(tree, solve_forward(tree, values))
        return float(np.einsum("tmi,tmi,m->", placed - seen, placed - seen, pull))

    # the better of two solvers of one least-squares problem is the one with the smaller sum
    assert cost(ours.coordinates) <= cost(stock)
