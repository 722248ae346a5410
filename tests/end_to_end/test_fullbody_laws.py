"""The files of the full-body trial against the laws of mechanics, to the digits they carry.

OpenSim says where bodies, markers and path points are for the coordinates of the file; all
else is numpy on the files: central differences of eighth order, sums of forces and of their
moments. Nothing here uses the code that wrote the files, but for the arms of two muscles.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import opensim as osim
import pytest

from delivered import CONFIG, FIRST_RIGHT, TOP
from strikelean.config.settings import Settings
from strikelean.dynamics.multibody import Multibody
from strikelean.formats.contacts import Contacts, read_contacts
from strikelean.formats.series import TimeSeries
from strikelean.formats.sto import read_sto, write_sto
from strikelean.formats.trc import read_trc
from strikelean.markersets import load_markerset
from strikelean.model.engine import open_model, rotation_matrix, vec3
from strikelean.model.tree import compile_tree
from strikelean.motion.coordinates_io import read_coordinates
from strikelean.motion.solve import solve_kinematics_knee3
from strikelean.muscles.compile_paths import compile_paths
from strikelean.muscles.paths import follow_paths, moment_arms
from strikelean.verify.prepare_trial import markerset_path

HALF = 4  # frames to each side of an eighth-order central difference
FIRST = np.array([1 / 280, -4 / 105, 1 / 5, -4 / 5, 0.0, 4 / 5, -1 / 5, 4 / 105, -1 / 280])
FOOT = ("talus_r", "calcn_r", "toes_r")
SHANK = ("tibia_r",)


def derivative(values: np.ndarray, step_s: float) -> np.ndarray:
    """Return the rate of change of (T, ...) samples, (T - 8, ...)."""
    windows = np.lib.stride_tricks.sliding_window_view(values, 2 * HALF + 1, axis=0)
    return windows @ FIRST / step_s


class Body:
    """The runner's model put at rows of a motion file, coordinates taken as they stand."""

    def __init__(self, model: Path, motion: Path) -> None:
        self.model = open_model(model)
        for coordinate in self.model.getCoordinateSet():
            coordinate.set_locked(False)
        self.state = self.model.initSystem()
        self.motion = read_sto(motion)
        self.parts = list(self.model.getBodySet())
        self.names = [part.getName() for part in self.parts]
        self.masses = np.array([part.getMass() for part in self.parts])
        self.step_s = float(np.median(np.diff(self.motion.time_s)))
        self.gravity = vec3(self.model.getGravity())

    def put(self, row: int) -> osim.State:
        """Set every coordinate from the file; the patella is in radians there."""
        for coordinate in self.model.getCoordinateSet():
            name = coordinate.getName()
            value = self.motion.column(name)[row]
            turns = coordinate.getMotionType() == osim.Coordinate.Rotational
            if turns and not name.endswith("_beta"):
                value = np.radians(value)
            coordinate.setValue(self.state, float(value), False)
        self.model.realizePosition(self.state)
        return self.state

    def frames(self, rows: np.ndarray) -> Frames:
        """Return where every body is at some rows."""
        turns, centres, origins = [], [], []
        for row in rows:
            state = self.put(int(row))
            transforms = [part.getTransformInGround(state) for part in self.parts]
            turns.append([rotation_matrix(transform.R()) for transform in transforms])
            origins.append([vec3(transform.p()) for transform in transforms])
            centres.append(
                [
                    vec3(part.findStationLocationInGround(state, part.getMassCenter()))
                    for part in self.parts
                ]
            )
        inertias = []
        for part in self.parts:
            xx, yy, zz, xy, xz, yz = (part.get_inertia().get(i) for i in range(6))
            inertias.append([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]])
        arrays = (np.array(values) for values in (turns, centres, origins, inertias))
        return Frames(self, *arrays)


@dataclass
class Frames:
    """Rotations (T, B, 3, 3), mass centres and origins (T, B, 3) of consecutive frames."""

    body: Body
    turns: np.ndarray
    centres: np.ndarray
    origins: np.ndarray
    inertias: np.ndarray

    def needed(self, names: tuple[str, ...], about: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return force and moment that some bodies need, (T - 16, 3), gravity taken off.

        The moment is about points (T - 16, 3) in the laboratory.
        """
        chosen = [self.body.names.index(name) for name in names]
        step, mass = self.body.step_s, self.body.masses[chosen]
        turns, centres = self.turns[:, chosen], self.centres[:, chosen]
        # spin: the skew part of R' R^T
        rate = derivative(turns, step)
        skew = np.einsum("tbij,tbkj->tbik", rate, turns[HALF:-HALF])
        spin = np.stack([skew[..., 2, 1], skew[..., 0, 2], skew[..., 1, 0]], axis=-1)
        placed = turns[HALF:-HALF]
        momentum = np.einsum("tbij,bjk,tblk,tbl->tbi", placed, self.inertias[chosen], placed, spin)
        velocity = derivative(centres, step)
        force = mass[:, None] * (derivative(velocity, step) - self.body.gravity)
        arm = centres[2 * HALF : -2 * HALF] - about[:, None]
        moment = derivative(momentum, step) + np.cross(arm, force)
        return force.sum(axis=1), moment.sum(axis=1)


@pytest.fixture(scope="module")
def runner(fullbody: Path) -> Body:
    """The runner at the filtered kinematics."""
    return Body(fullbody / "scaled.osim", fullbody / "kinematics.mot")


@pytest.fixture(scope="module")
def rows(runner: Body) -> np.ndarray:
    """Rows of the first right stance, with eight more at each end for the differences."""
    time_s = runner.motion.time_s
    inside = np.flatnonzero((time_s >= FIRST_RIGHT[0]) & (time_s <= FIRST_RIGHT[1]))
    return np.arange(inside[0] - 2 * HALF, inside[-1] + 2 * HALF + 1)


@pytest.fixture(scope="module")
def moved(runner: Body, rows: np.ndarray) -> Frames:
    """Where every body is through the stance."""
    return runner.frames(rows)


def ground(fullbody: Path, time_s: np.ndarray, about: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return force and moment of the ground on the right foot, about points (T, 3)."""
    table = read_sto(fullbody / "grf.mot")
    force, point = table.vector("ground_force_r_v"), table.vector("ground_force_r_p")
    moment = np.cross(point, force) + table.vector("ground_torque_r_")

    def at(values: np.ndarray) -> np.ndarray:
        return np.column_stack([np.interp(time_s, table.time_s, column) for column in values.T])

    return at(force), at(moment) - np.cross(about, at(force))


def test_marker_error_of_every_frame_adds_up_to_the_one_reported(fullbody, agree):
    placed = Body(fullbody / "scaled.osim", fullbody / "kinematics_unfiltered.mot")
    recording = read_trc(fullbody / "markers.trc")
    told = json.loads((fullbody / "kinematics.json").read_text(encoding="utf-8"))
    text = (TOP / "models" / "markersets" / "rajagopal_fullbody.yaml").read_text("utf-8")
    tracked = [
        line.split("name: ")[1].split(",")[0]
        for line in text.splitlines()
        if line.strip().startswith("- {name:") and "running_weight: 1" in line
    ]
    own = {m.getName(): m for m in placed.model.getMarkerSet() if m.getName() in tracked}
    errors = np.empty((len(placed.motion.time_s), len(own)))
    for row, time in enumerate(placed.motion.time_s):
        state = placed.put(row)
        frame = int(np.argmin(np.abs(recording.time_s - time)))
        for column, (name, marker) in enumerate(own.items()):
            seen = recording.position(name)[frame]
            errors[row, column] = np.linalg.norm(vec3(marker.getLocationInGround(state)) - seen)
    assert np.isfinite(errors).all()
    rms = float(np.sqrt(np.mean(errors**2)))
    agree(
        "marker RMS from model and angles, less the one reported",
        abs(rms - told["marker_rms_m"]),
        1e-6,
        "m",
    )
    assert rms < 0.02
    assert told["marker_max_m"] == pytest.approx(errors.max(), abs=1e-6)


def test_newton_and_euler_leave_the_residuals_at_the_root(fullbody, runner, rows, moved, agree):
    middle = rows[2 * HALF : -2 * HALF]
    names = tuple(runner.names)
    pelvis = moved.origins[2 * HALF : -2 * HALF, runner.names.index("pelvis")]
    force, moment = moved.needed(names, pelvis)
    pushed, turned = ground(fullbody, runner.motion.time_s[middle], pelvis)
    table = read_sto(fullbody / "moments.sto")
    root = table.vector("pelvis_t", ("x_force", "y_force", "z_force"))[middle]
    difference = np.abs(force - pushed - root).max()
    agree("root force: sum of m(a - g) less ground, against residuals", difference, 3.0, "N")
    # tilt turns about the laboratory's Z, list about X turned by it, rotation about Y by both
    tilt, side = (np.radians(runner.motion.column(f"pelvis_{n}")[middle]) for n in ("tilt", "list"))
    zero, one = np.zeros_like(tilt), np.ones_like(tilt)
    axes = {
        "tilt": np.column_stack([zero, zero, one]),
        "list": np.column_stack([np.cos(tilt), np.sin(tilt), zero]),
        "rotation": np.column_stack(
            [-np.sin(tilt) * np.cos(side), np.cos(tilt) * np.cos(side), np.sin(side)]
        ),
    }
    worst = max(
        float(
            np.abs(
                np.einsum("ti,ti->t", moment - turned, axis)
                - table.column(f"pelvis_{name}_moment")[middle]
            ).max()
        )
        for name, axis in axes.items()
    )
    agree("root moment: rate of angular momentum less ground, against residuals", worst, 3.0, "N m")


@pytest.mark.parametrize("letter", ["r", "l"])
def test_moments_are_arms_times_forces_plus_reserves_to_the_last_digit(
    fullbody, runner, letter, agree
):
    """The coupled patella's own moment is carried by the knee at the rate it follows.

    Arms are OpenSim's, but for the gastrocnemii: around two cylinders OpenSim lays a path by
    mistake where it is not (muscles/wrap_in_turn.py), so theirs are our own.
    """
    moments, forces, active = (
        read_sto(fullbody / f"{name}.sto") for name in ("moments", "muscle_forces", "activations")
    )
    muscles = [name for name in forces.columns if name.endswith(f"_{letter}")]
    solved = np.flatnonzero(np.isfinite(forces.column(muscles[0])))
    couplers = {
        osim.CoordinateCouplerConstraint.safeDownCast(c).getDependentCoordinateName(): c
        for c in runner.model.getConstraintSet()
    }
    follow = osim.CoordinateCouplerConstraint.safeDownCast(
        couplers[f"knee_angle_{letter}_beta"]
    ).getFunction()
    stems = ("hip_flexion", "hip_adduction", "hip_rotation", "knee_angle", "ankle_angle")
    engine = Multibody(fullbody / "scaled.osim")
    tree = compile_tree(engine.model, [])
    twice = [name for name in muscles if name.startswith("gas")]
    assert len(twice) == 2
    paths = compile_paths(engine, tree, twice)
    _, values = read_coordinates(fullbody / "kinematics.mot", tree)
    worst = 0.0
    for row in solved[[3, 12, 20]]:
        here = values[row][None]
        laid = follow_paths(paths, here, np.zeros_like(here))
        state = runner.put(int(row))
        for name in (f"{stem}_{letter}" for stem in (*stems, "subtalar_angle")):
            coordinate = runner.model.getCoordinateSet().get(name)
            arms = np.array(
                [
                    runner.model.getMuscles().get(muscle).computeMomentArm(state, coordinate)
                    for muscle in muscles
                ]
            )
            place = [tree.coordinate_index(name)]
            arms[[muscles.index(m) for m in twice]] = moment_arms(tree, here, laid, place)[0, :, 0]
            pulls = np.array([forces.column(muscle)[row] for muscle in muscles])
            made = arms @ pulls + active.column(f"reserve_{name}")[row]
            wanted = moments.column(f"{name}_moment")[row]
            if name.startswith("knee"):
                flexion = float(np.radians(runner.motion.column(name)[row]))
                ends = [follow.calcValue(osim.Vector(1, flexion + d)) for d in (-1e-5, 1e-5)]
                rate = (ends[1] - ends[0]) / 2e-5
                beta = next(c for c in moments.columns if c.startswith(f"{name}_beta_"))
                wanted += rate * moments.column(beta)[row]
            worst = max(worst, abs(made - wanted))
    agree(f"arms x muscle forces + reserves less moments, leg {letter}", worst, 1e-4, "N m")


def pulled(runner: Body, forces: TimeSeries, row: int, bodies: tuple[str, ...], about: np.ndarray):
    """Return force and moment of the right leg's muscles on some bodies, by their path points."""
    force, moment = np.zeros(3), np.zeros(3)
    for muscle in (name for name in forces.columns if name.endswith("_r")):
        path = osim.GeometryPath.safeDownCast(runner.model.getMuscles().get(muscle).getPath())
        points = path.getCurrentPath(runner.state)
        places = [points.get(i) for i in range(points.getSize())]
        where = [vec3(point.getLocationInGround(runner.state)) for point in places]
        inside = [p.getParentFrame().findBaseFrame().getName() in bodies for p in places]
        tension = forces.column(muscle)[row]
        for i in range(len(places) - 1):
            if inside[i] == inside[i + 1]:
                continue
            along = (where[i + 1] - where[i]) / np.linalg.norm(where[i + 1] - where[i])
            near, pull = (i, along) if inside[i] else (i + 1, -along)
            force += tension * pull
            moment += np.cross(where[near] - about, tension * pull)
    return force, moment


def carried(runner: Body, reactions: TimeSeries, row: int, stem: str, about: np.ndarray):
    """Return a joint's force and moment on its distal body, laboratory, about a point."""
    part = runner.model.getBodySet().get(stem.split("_in_")[1])
    transform = part.getTransformInGround(runner.state)
    turn = rotation_matrix(transform.R())
    force, moment, point = (reactions.vector(f"{stem}_{kind}")[row] for kind in "fmp")
    centre = vec3(transform.p()) + turn @ point
    return turn @ force, turn @ moment + np.cross(centre - about, turn @ force)


@pytest.mark.parametrize(
    ("name", "bodies", "above", "below"),
    [
        ("foot", FOOT, "ankle_r_on_talus_r_in_talus_r", None),
        ("shank", SHANK, "walker_knee_r_on_tibia_r_in_tibia_r", "ankle_r_on_talus_r_in_talus_r"),
        (
            "shank and foot",
            SHANK + FOOT,
            "walker_knee_r_on_tibia_r_in_tibia_r",
            None,
        ),
    ],
    ids=["foot", "shank", "both"],
)
def test_reactions_balance_force_and_moment(
    fullbody, runner, rows, moved, agree, name, bodies, above, below
):
    """Joint, muscles, ground and the joint below give a segment its motion.

    Joint moments about a free axis are the reserves' part and are left in: all of the
    reaction's moment counts, as the file has it.
    """
    forces = read_sto(fullbody / "muscle_forces.sto")
    reactions = read_sto(fullbody / "joint_reactions.sto")
    middle = rows[2 * HALF : -2 * HALF]
    about = moved.origins[2 * HALF : -2 * HALF, runner.names.index("tibia_r")]
    need_force, need_moment = moved.needed(bodies, about)
    push, turn = ground(fullbody, runner.motion.time_s[middle], about)
    worst = np.zeros(2)
    for i in range(2, len(middle) - 2, 4):
        row = int(middle[i])
        runner.put(row)
        given = np.array(carried(runner, reactions, row, above, about[i]))
        given += np.array(pulled(runner, forces, row, bodies, about[i]))
        if below is None:
            given += np.array([push[i], turn[i]])
        else:
            given -= np.array(carried(runner, reactions, row, below, about[i]))
        needed = np.array([need_force[i], need_moment[i]])
        worst = np.maximum(worst, np.abs(given - needed).max(axis=1))
    agree(f"balance of the {name}: force", worst[0], 2.0, "N")
    agree(f"balance of the {name}: moment", worst[1], 0.5, "N m")


def test_three_rotation_angles_follow_from_the_bodies_of_their_own_model(fullbody, tmp_path, agree):
    contacts = read_contacts(fullbody / "contacts.csv")
    found = solve_kinematics_knee3(
        fullbody / "scaled.osim",
        read_trc(fullbody / "markers.trc"),
        Contacts([contact for contact in contacts if contact.step == 3]),
        load_markerset(markerset_path(TOP, "rajagopal_fullbody")),
        tmp_path / "knee3.osim",
        Settings.from_config(CONFIG).kinematics,
    )
    write_sto(tmp_path / "knee3.mot", found, "Coordinates")
    free = Body(tmp_path / "knee3.osim", tmp_path / "knee3.mot")
    worst = 0.0
    for row in range(0, len(free.motion.time_s), 5):
        frames = free.frames(np.array([row]))
        for letter, mirror in (("r", 1.0), ("l", -1.0)):
            thigh, shank = (
                frames.turns[0, free.names.index(f"{body}_{letter}")] for body in ("femur", "tibia")
            )
            # R = Rz(-flexion) Rx(adduction) Ry(rotation), both last mirrored on the left
            turn = thigh.T @ shank
            expected = np.degrees(
                [
                    np.arctan2(turn[0, 1], turn[1, 1]),
                    mirror * np.arcsin(turn[2, 1]),
                    mirror * np.arctan2(-turn[2, 0], turn[2, 2]),
                ]
            )
            kinds = ("flexion", "adduction", "rotation")
            told = [free.motion.column(f"knee_{kind}_{letter}")[row] for kind in kinds]
            worst = max(worst, float(np.abs(expected - told).max()))
    agree("Grood-Suntay angles of the file against the body frames", worst, 1e-6, "deg")
    hinge = read_sto(fullbody / "kinematics.mot")
    flexion = np.interp(free.motion.time_s, hinge.time_s, hinge.column("knee_angle_r"))
    # the same flexion but for soft tissue and for what the hinge's limits take
    assert np.abs(free.motion.column("knee_flexion_r") - flexion).max() < 10.0
