"""Each stage of the full-body trial against OpenSim's own tool, on identical inputs.

The tools get the very files the stage got, cut to one stretch without holes. Both sides lay
quintic splines through the same samples; rows near the ends of the stretch, where two splines
may end differently, are left out.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from delivered import CONFIG, TOP, paths_agree
from strikelean.config.settings import Settings
from strikelean.dynamics.stock_tools import (
    actuated_model,
    actuator_forces,
    cut_motion,
    run_inverse_dynamics,
    run_joint_reaction,
)
from strikelean.formats.contacts import Contacts, read_contacts
from strikelean.formats.series import Markers, TimeSeries
from strikelean.formats.sto import read_sto, write_sto
from strikelean.formats.trc import read_trc
from strikelean.markersets import load_markerset
from strikelean.model.engine import open_model
from strikelean.model.tree import compile_tree
from strikelean.motion.coordinates_io import coordinates_table
from strikelean.motion.inverse_kinematics import solve_inverse_kinematics
from strikelean.motion.solve import solve_kinematics
from strikelean.motion.stock_kinematics import solve_with_opensim
from strikelean.verify.benchmark import Fast, Stock, read_trial
from strikelean.verify.compare_engines import muscle_differences
from strikelean.verify.like_opensim import moments_like_opensims
from strikelean.verify.prepare_trial import markerset_path

STRETCH = (0.6, 1.4)
MIDDLE = (0.91, 1.06)
# every frame of the stance: a few chosen ones could be the ones that agree
STANCE = (0.88, 1.09)


def rows_at(series: TimeSeries, times: np.ndarray) -> list[int]:
    """Return the rows nearest to some times."""
    return [int(np.argmin(np.abs(series.time_s - time))) for time in times]


@pytest.fixture(scope="module")
def stretch(fullbody: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with the stretch's kinematics and the model with reserves."""
    folder = tmp_path_factory.mktemp("stock")
    cut_motion(fullbody / "kinematics.mot", folder / "kinematics.mot", *STRETCH)
    actuated_model(fullbody / "scaled.osim", folder / "actuated.osim", 1.0)
    return folder


def test_angles(fullbody: Path) -> None:
    recording = read_trc(fullbody / "markers.trc")
    model = open_model(fullbody / "scaled.osim")
    model.initSystem()
    own = [m.getName() for m in model.getMarkerSet() if m.getName() in recording]
    tree = compile_tree(model, own)
    inside = (recording.time_s >= 0.9) & (recording.time_s <= 1.1)
    positions = np.stack([recording.position(name)[inside] for name in own], axis=1)
    part = Markers(recording.time_s[inside], tuple(own), positions, recording.rate_hz)
    ours = solve_inverse_kinematics(tree, positions, np.ones(len(own)))
    values, solved = solve_with_opensim(
        fullbody / "scaled.osim", part, dict.fromkeys(own, 1.0), {}, 1e-7
    )
    assert solved.all()
    legs = [i for i, c in enumerate(tree.coordinates) if c.name[:3] in ("hip", "kne", "ank", "sub")]
    difference = np.degrees(ours.coordinates - values)[:, legs]
    rms = np.sqrt(np.mean(difference**2, axis=0))
    print(f"angles: worst leg coordinate {rms.max():.4f} deg RMS")
    assert rms.max() < 0.05


def test_muscle_paths(fullbody: Path, agree) -> None:
    paths_agree(fullbody, "full-body recording", agree)


@pytest.fixture(scope="module")
def like(fullbody: Path, stretch: Path) -> Path:
    """Our moments with the error of OpenSim's engine in them, so that like meets like."""
    files = (fullbody / name for name in ("scaled.osim", "kinematics.mot", "grf.mot"))
    write_sto(stretch / "like.sto", moments_like_opensims(*files))
    return stretch / "like.sto"


def test_moments(fullbody: Path, stretch: Path, like: Path, agree) -> None:
    stock = run_inverse_dynamics(
        fullbody / "scaled.osim", stretch / "kinematics.mot", fullbody / "grf.mot", stretch, MIDDLE
    )
    rows = rows_at(read_sto(like), stock.time_s)

    def worst(path: Path) -> float:
        ours = read_sto(path)
        return max(
            float(np.abs(stock.column(n) - ours.column(n)[rows]).max()) for n in ours.columns
        )

    agree("moments of the full-body trial, the engine's error put in", worst(like), 0.01, "N m")
    # of 224 N m at the knee; without it ours are the true ones, see docs/methods.md
    agree(
        "moments of the full-body trial, as they are", worst(fullbody / "moments.sto"), 1.5, "N m"
    )


@pytest.mark.long
def test_activations(fullbody: Path, stretch: Path, agree) -> None:
    """Both share the moments that OpenSim's activations carry, with OpenSim's path mistake in ours.

    Its optimiser meets the asked moments only to a tolerance; ours must then never cost more.
    """
    trial = read_trial(fullbody, TOP / "models" / "markersets" / "rajagopal_fullbody.yaml")
    fast = Fast(trial)
    found = muscle_differences(fast, Stock(trial, stretch, fast), STANCE)
    assert found["stock_gave_up_share"] == 0.0, "every frame counts"
    what = "activations of 40 muscles, whole stance"
    agree(f"{what}, on the same carried moments", found["activation_max"], 0.002, "")
    agree(f"{what}, on the same asked moments", found["activation_max_asked_moments"], 0.01, "")
    agree("what OpenSim's solution saves against ours", found["stock_less_cost_share"], 1e-9, "")


def test_joint_forces(fullbody: Path, stretch: Path, agree) -> None:
    names = ("muscle_forces.sto", "activations.sto", "moments.sto")
    forces, active, moments = (read_sto(fullbody / name) for name in names)
    write_sto(
        stretch / "forces.sto",
        actuator_forces(forces, active, moments, stretch / "actuated.osim"),
    )
    stock = run_joint_reaction(
        stretch / "actuated.osim",
        stretch / "kinematics.mot",
        fullbody / "grf.mot",
        stretch / "forces.sto",
        stretch,
        MIDDLE,
    )
    ours = read_sto(fullbody / "joint_reactions.sto")
    rows = rows_at(ours, stock.time_s)
    right = [name for name in ours.columns if "_r_on_" in name]
    assert len(right) == 36
    worst = {
        kind: max(
            float(np.abs(stock.column(n) - ours.column(n)[rows]).max())
            for n in right
            if n[-2] == kind
        )
        for kind in "fmp"
    }
    agree("joint forces of the full-body trial, same muscle forces", worst["f"], 1.0, "N")
    agree("moments at the joints of the full-body trial", worst["m"], 0.1, "N m")
    agree("points of the joint forces", worst["p"], 1e-6, "m")


@pytest.mark.long
def test_the_stock_engine_is_a_switch_away(fullbody: Path) -> None:
    contacts = read_contacts(fullbody / "contacts.csv")
    contacts = Contacts([contact for contact in contacts if contact.step == 3])
    marker_set = load_markerset(markerset_path(TOP, "rajagopal_fullbody"))
    fast, stock = (
        coordinates_table(found.tree, found.time_s, found.coordinates)
        for found in (
            solve_kinematics(
                fullbody / "scaled.osim",
                read_trc(fullbody / "markers.trc"),
                contacts,
                marker_set,
                Settings.from_config(CONFIG).with_engine(engine).kinematics,
            )
            for engine in ("fast", "opensim")
        )
    )
    for name in ("knee_angle_r", "hip_adduction_r", "ankle_angle_r"):
        difference = fast.column(name) - stock.column(name)
        assert np.sqrt(np.mean(difference**2)) < 0.1
