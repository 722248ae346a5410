"""Independent checks on the files of the full-body trial, by a few lines of numpy each.

Nothing here uses the code that wrote the files: OpenSim places bodies and muscles, numpy
does the mechanics.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import opensim as osim
import pytest

from delivered import FIRST_RIGHT
from strikelean.formats.contacts import read_contacts
from strikelean.formats.series import TimeSeries
from strikelean.formats.sto import read_sto
from strikelean.formats.trc import read_trc
from strikelean.model.engine import open_model, rotation_matrix, vec3

RIGHT_LEG = (
    "hip_flexion_r",
    "hip_adduction_r",
    "hip_rotation_r",
    "knee_angle_r",
    "ankle_angle_r",
    "subtalar_angle_r",
)


def stance(series: TimeSeries) -> np.ndarray:
    """Return the rows of the first right stance."""
    return np.flatnonzero((series.time_s >= FIRST_RIGHT[0]) & (series.time_s <= FIRST_RIGHT[1]))


class Placed:
    """The runner's model put at rows of a motion file."""

    def __init__(self, folder: Path, motion: str = "kinematics.mot") -> None:
        self.model = open_model(folder / "scaled.osim")
        self.state = self.model.initSystem()
        self.motion = read_sto(folder / motion)

    def put(self, row: int) -> osim.State:
        """Set every unlocked coordinate from the file and let the patella follow."""
        for coordinate in self.model.getCoordinateSet():
            name = coordinate.getName()
            if coordinate.getLocked(self.state) or name.endswith("_beta"):
                continue
            value = self.motion.column(name)[row]
            if coordinate.getMotionType() == osim.Coordinate.Rotational:
                value = np.radians(value)
            coordinate.setValue(self.state, float(value), False)
        self.model.assemble(self.state)
        self.model.realizePosition(self.state)
        return self.state


def test_the_published_size_of_the_first_right_stance(fullbody: Path) -> None:
    moments, points = read_sto(fullbody / "moments.sto"), read_sto(fullbody / "body_points.sto")
    rows = stance(moments)
    knee = -moments.column("knee_angle_r_moment")[rows].min()
    ankle = -moments.column("ankle_angle_r_moment")[rows].min()
    torso = points.vector("torso_axis_", "xyz")[rows]
    lean = np.degrees(np.arctan2(torso[:, 0], torso[:, 1])).mean()
    print(f"knee {knee:.1f} N m, ankle {ankle:.1f} N m, lean {lean:.1f} deg")
    assert knee == pytest.approx(228.0, abs=8.0)
    assert ankle == pytest.approx(255.0, abs=12.0)
    assert lean == pytest.approx(12.4, abs=2.0)


def test_marker_errors_follow_from_model_and_angles(fullbody: Path) -> None:
    placed = Placed(fullbody, "kinematics_unfiltered.mot")
    recording = read_trc(fullbody / "markers.trc")
    told = json.loads((fullbody / "kinematics.json").read_text(encoding="utf-8"))
    own = {m.getName(): m for m in placed.model.getMarkerSet() if m.getName() in recording}
    squares = []
    for row in range(0, len(placed.motion.time_s), 12):
        state = placed.put(row)
        frame = int(np.argmin(np.abs(recording.time_s - placed.motion.time_s[row])))
        errors = [
            vec3(marker.getLocationInGround(state)) - recording.position(name)[frame]
            for name, marker in own.items()
        ]
        squares.append(np.mean(np.sum(np.square(errors), axis=1)))
    rms = float(np.sqrt(np.mean(squares)))
    assert rms == pytest.approx(told["marker_rms_m"], rel=0.03)
    assert rms < 0.02


def test_newtons_balance_leaves_the_residual_force_at_the_root(fullbody: Path) -> None:
    placed = Placed(fullbody)
    moments, grf = read_sto(fullbody / "moments.sto"), read_sto(fullbody / "grf.mot")
    times = placed.motion.time_s
    start = int(stance(moments)[0]) - 3
    rows = np.arange(start, start + 30)
    centres = np.array(
        [vec3(placed.model.calcMassCenterPosition(placed.put(int(row)))) for row in rows]
    )
    step = float(np.median(np.diff(times)))
    # eighth-order central difference: independent of any spline
    weights = np.array([-1 / 560, 8 / 315, -1 / 5, 8 / 5, -205 / 72])
    weights = np.concatenate([weights, weights[-2::-1]])
    middle = rows[4:-4]
    acceleration = np.array([weights @ centres[i : i + 9] for i in range(len(middle))]) / step**2
    mass = placed.model.getTotalMass(placed.state)
    ground = np.zeros((len(middle), 3))
    for side in "rl":
        force = grf.vector(f"ground_force_{side}_v", "xyz")
        for axis in range(3):
            ground[:, axis] += np.interp(times[middle], grf.time_s, force[:, axis])
    needed = mass * (acceleration - vec3(placed.model.getGravity())) - ground
    root = np.column_stack([moments.column(f"pelvis_t{axis}_force")[middle] for axis in "xyz"])
    assert np.abs(needed - root).max() < 10.0
    assert np.sqrt(np.mean((needed - root) ** 2)) < 3.0


def test_moments_are_arms_times_forces_plus_reserves(fullbody: Path) -> None:
    placed = Placed(fullbody)
    moments = read_sto(fullbody / "moments.sto")
    forces = read_sto(fullbody / "muscle_forces.sto")
    active = read_sto(fullbody / "activations.sto")
    rows = stance(moments)
    for row in rows[[4, 11]]:
        state = placed.put(int(row))
        for name in RIGHT_LEG:
            coordinate = placed.model.getCoordinateSet().get(name)
            made = active.column(f"reserve_{name}")[row]
            for muscle in (m for m in forces.columns if m.endswith("_r")):
                arm = placed.model.getMuscles().get(muscle).computeMomentArm(state, coordinate)
                made += arm * forces.column(muscle)[row]
            wanted = moments.column(f"{name}_moment")[row]
            # the patella weighs 0.1 kg: what it needs itself is carried along by the knee
            assert made == pytest.approx(wanted, abs=0.3 if "knee" in name else 0.02), name


def _segment_pull(placed: Placed, forces: TimeSeries, row: int, bodies: set[str]) -> np.ndarray:
    """Return the force of all right-leg muscles on some bodies (laboratory), by their points."""
    total = np.zeros(3)
    state = placed.state
    for muscle in (m for m in forces.columns if m.endswith("_r")):
        path = osim.GeometryPath.safeDownCast(placed.model.getMuscles().get(muscle).getPath())
        points = path.getCurrentPath(state)
        places = [points.get(i) for i in range(points.getSize())]
        where = [vec3(point.getLocationInGround(state)) for point in places]
        owners = [point.getParentFrame().findBaseFrame().getName() for point in places]
        tension = forces.column(muscle)[row]
        for i in range(len(places) - 1):
            if owners[i] == owners[i + 1]:
                continue
            along = (where[i + 1] - where[i]) / np.linalg.norm(where[i + 1] - where[i])
            if owners[i] in bodies:
                total += tension * along
            if owners[i + 1] in bodies:
                total -= tension * along
    return total


@pytest.mark.parametrize(
    ("bodies", "above", "below"),
    [
        ({"talus_r", "calcn_r", "toes_r"}, "ankle_r_on_talus_r_in_talus_r", None),
        (
            {"tibia_r"},
            "walker_knee_r_on_tibia_r_in_tibia_r",
            "ankle_r_on_talus_r_in_talus_r",
        ),
    ],
    ids=["foot", "shank"],
)
def test_reactions_balance_foot_and_shank(
    fullbody: Path, bodies: set[str], above: str, below: str | None
) -> None:
    placed = Placed(fullbody)
    forces, grf = read_sto(fullbody / "muscle_forces.sto"), read_sto(fullbody / "grf.mot")
    reactions = read_sto(fullbody / "joint_reactions.sto")
    times = placed.motion.time_s
    step = float(np.median(np.diff(times)))
    row = int(stance(forces)[10])
    centres = []
    for near in (row - 1, row, row + 1):
        state = placed.put(near)
        weighted = [
            body.getMass() * vec3(body.findStationLocationInGround(state, body.getMassCenter()))
            for body in placed.model.getBodySet()
            if body.getName() in bodies
        ]
        centres.append(np.sum(weighted, axis=0))
    mass = sum(b.getMass() for b in placed.model.getBodySet() if b.getName() in bodies)
    inertia = (centres[0] - 2 * centres[1] + centres[2]) / step**2
    placed.put(row)

    def laboratory(name: str) -> np.ndarray:
        body = placed.model.getBodySet().get(name.split("_in_")[1])
        turn = rotation_matrix(body.getTransformInGround(placed.state).R())
        return turn @ reactions.vector(f"{name}_f", "xyz")[row]

    total = laboratory(above) + _segment_pull(placed, forces, row, bodies)
    total += mass * vec3(placed.model.getGravity())
    if below is None:
        ground = grf.vector("ground_force_r_v", "xyz")
        total += [np.interp(times[row], grf.time_s, ground[:, axis]) for axis in range(3)]
    else:
        total -= laboratory(below)
    # forces of thousands of newtons cancel to the segment's inertia, taken here by a plain
    # second difference
    assert np.abs(total - inertia).max() < 8.0


def test_contacts_and_windows_agree(fullbody: Path) -> None:
    chosen = [contact for contact in read_contacts(fullbody / "contacts.csv") if contact.selected]
    forces = read_sto(fullbody / "muscle_forces.sto")
    assert len(chosen) == 13
    for contact in chosen:
        inside = (forces.time_s >= contact.start_s) & (forces.time_s <= contact.end_s)
        own = [name for name in forces.columns if name.endswith(f"_{str(contact.side)[0]}")]
        assert np.isfinite(forces.values[inside][:, [forces.index(n) for n in own]]).all()
