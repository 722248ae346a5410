"""Muscle paths of all frames at once: known answers, and OpenSim's own evaluation as twin."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import opensim as osim
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from path_models import HALF_LENGTH_M, ODD_PATHS, QUADRANTS, RADIUS_M, chain, odd_paths, wheels
from strikelean.dynamics.multibody import Multibody
from strikelean.errors import ModelError
from strikelean.formats.series import FloatArray
from strikelean.model.engine import muscle_names
from strikelean.model.forward import follow_couplings
from strikelean.model.tree import KinematicTree, compile_tree
from strikelean.muscles.compile_paths import compile_paths
from strikelean.muscles.paths import PathMotion, follow_paths, moment_arms
from strikelean.verify.compare_paths import compare_paths


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> Multibody:
    """Free ends with a cylinder of each quadrant between them."""
    return Multibody(wheels(tmp_path_factory.mktemp("wheels") / "wheels.osim"))


def straight_lines(seed: int, count: int, reach_m: float = 0.15) -> FloatArray:
    """Return random ends (T, 6) about the cylinder."""
    ends = np.random.default_rng(seed).uniform(-1.0, 1.0, (count, 6))
    return ends * np.tile([reach_m, reach_m, HALF_LENGTH_M], 2)


def along(engine: Multibody, ends: FloatArray, muscles: tuple[str, ...] = ("all",)) -> PathMotion:
    """Return the paths between ends (T, 6)."""
    paths = compile_paths(engine, compile_tree(engine.model), muscles)
    return follow_paths(paths, ends, np.zeros_like(ends))


def turning(motion: PathMotion, muscle: int = 0) -> FloatArray:
    """Return the moment (T,) per newton about the cylinder of the pull on the first end."""
    row = int(np.flatnonzero((motion.pair_muscles == muscle) & (motion.pair_bodies == 0))[0])
    return motion.pulls[5, row]


def ends_at(near_m: float, far_m: float, apart: float, turn: float = 0.0) -> FloatArray:
    """Return ends (1, 6) in the plane Z = 0, seen ``apart`` radians from each other."""
    angles = np.array([turn, turn + apart])
    reach = np.array([near_m, far_m])
    flat = np.array([reach * np.cos(angles), reach * np.sin(angles), [0.0, 0.0]])
    return flat.T.reshape(1, 6)


def random_poses(tree: KinematicTree, frames: int, seed: int) -> tuple[FloatArray, FloatArray]:
    """Return coordinates within the joints' ranges and speeds, (T, Q) each."""
    rng = np.random.default_rng(seed)
    lower = np.array([max(c.lower, -3.0) for c in tree.coordinates])
    upper = np.array([min(c.upper, 3.0) for c in tree.coordinates])
    values = rng.uniform(lower, upper, (frames, len(lower)))
    return follow_couplings(tree, values), rng.normal(0.0, 3.0, values.shape)


DISTANCE = st.floats(RADIUS_M * 1.01, 0.3)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(near_m=DISTANCE, far_m=DISTANCE, apart=st.floats(0.05, 3.1), turn=st.floats(-3.0, 3.0))
def test_around_a_cylinder_a_path_is_two_tangents_and_an_arc(
    lines: Multibody, near_m: float, far_m: float, apart: float, turn: float
) -> None:
    motion = along(lines, ends_at(near_m, far_m, apart, turn))
    arc = apart - np.arccos(RADIUS_M / near_m) - np.arccos(RADIUS_M / far_m)
    assume(abs(arc) > 1e-6)
    if arc > 0.0:
        tangents = np.sqrt(near_m**2 - RADIUS_M**2) + np.sqrt(far_m**2 - RADIUS_M**2)
        assert motion.lengths_m[0, 0] == pytest.approx(tangents + RADIUS_M * arc, abs=1e-9)
        # the arm about a hinge in the middle of the cylinder is its radius
        assert turning(motion)[0] == pytest.approx(RADIUS_M, abs=1e-9)
    else:
        straight = np.sqrt(near_m**2 + far_m**2 - 2 * near_m * far_m * np.cos(apart))
        assert motion.lengths_m[0, 0] == pytest.approx(straight, abs=1e-12)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(near_m=DISTANCE, far_m=DISTANCE, turn=st.floats(-3.0, 3.0))
def test_a_path_through_the_axis_goes_half_around(
    lines: Multibody, near_m: float, far_m: float, turn: float
) -> None:
    motion = along(lines, ends_at(near_m, far_m, np.pi, turn))
    arc = np.pi - np.arccos(RADIUS_M / near_m) - np.arccos(RADIUS_M / far_m)
    tangents = np.sqrt(near_m**2 - RADIUS_M**2) + np.sqrt(far_m**2 - RADIUS_M**2)
    assert motion.lengths_m[0, 0] == pytest.approx(tangents + RADIUS_M * arc, abs=1e-9)
    assert abs(turning(motion)[0]) == pytest.approx(RADIUS_M, abs=1e-9)


TANGENTS_M = np.sqrt(0.1**2 - RADIUS_M**2) + np.sqrt(0.12**2 - RADIUS_M**2)
TANGENT_ANGLES = np.arccos(RADIUS_M / 0.1) + np.arccos(RADIUS_M / 0.12)


@pytest.mark.parametrize(
    ("quadrant", "side"), [("x", 0.0), ("y", 90.0), ("-x", 180.0), ("-y", 270.0)]
)
@pytest.mark.parametrize("offset", [0.4, 0.8, 1.2])
def test_a_path_behind_an_active_half_goes_around_that_half(
    lines: Multibody, quadrant: str, side: float, offset: float
) -> None:
    """Both ends lie behind the axis as seen from the active half, right and left of it."""
    ends = ends_at(0.1, 0.12, 2 * offset, np.radians(side) + np.pi - offset)
    around = along(lines, ends, ("all", quadrant))
    straight = np.linalg.norm(ends[0, :3] - ends[0, 3:])
    crosses = 2 * offset > TANGENT_ANGLES
    assert (around.lengths_m[0, 0] > straight + 1e-9) == crosses
    expected = TANGENTS_M + RADIUS_M * (2 * np.pi - 2 * offset - TANGENT_ANGLES)
    assert around.lengths_m[0, 1] == pytest.approx(expected, abs=1e-9)
    assert turning(around, 1)[0] == pytest.approx(-RADIUS_M, abs=1e-9)


def test_more_than_half_around_anticlockwise_is_too_long_as_in_opensim(lines: Multibody) -> None:
    """A mistake of OpenSim's that no leg in its joints' ranges meets."""
    ends = ends_at(0.1, 0.12, 0.8, np.pi - 0.4)
    right = along(lines, ends, ("x",))
    # the same path walked from its other end
    wrong = along(lines, np.roll(ends, 3, axis=1), ("x",))
    arc = 2 * np.pi - 0.8 - TANGENT_ANGLES
    assert arc > np.pi
    too_long = wrong.lengths_m[0, 0] - right.lengths_m[0, 0]
    assert too_long == pytest.approx(2 * RADIUS_M * (2 * np.pi - arc), abs=1e-9)
    assert turning(wrong)[0] == pytest.approx(RADIUS_M, abs=1e-9)


def test_an_end_inside_or_contact_beyond_the_ends_leaves_a_path_straight(lines: Multibody) -> None:
    inside = ends_at(0.9 * RADIUS_M, 0.1, np.pi)
    beyond = ends_at(0.1, 0.1, np.pi)
    beyond[:, [2, 5]] = 1.01 * HALF_LENGTH_M
    within = beyond.copy()
    within[:, [2, 5]] = 0.99 * HALF_LENGTH_M
    ends = np.vstack([inside, beyond, within])
    straight = np.linalg.norm(ends[:, :3] - ends[:, 3:], axis=1)
    longer = along(lines, ends, QUADRANTS).lengths_m - straight[:, None]
    np.testing.assert_allclose(longer[:2], 0.0, atol=1e-15)
    assert np.all(longer[2] > 0.01)


def test_no_path_is_shorter_than_the_shortest(lines: Multibody, agree) -> None:
    """The shortest path unrolled is a straight line; OpenSim's touches it near there."""
    ends = straight_lines(3, 2000)
    found = along(lines, ends).lengths_m[:, 0]
    first, second = ends[:, :3], ends[:, 3:]
    reach = [np.linalg.norm(end[:, :2], axis=1) for end in (first, second)]
    with np.errstate(invalid="ignore"):
        tangents = [np.sqrt(distance**2 - RADIUS_M**2) for distance in reach]
        apart = sum(np.arccos(RADIUS_M / distance) for distance in reach)
    dot = (first[:, :2] * second[:, :2]).sum(axis=1)
    arc = np.arccos(dot / (reach[0] * reach[1])) - apart
    level = tangents[0] + tangents[1] + RADIUS_M * arc
    shortest = np.hypot(level, second[:, 2] - first[:, 2])
    wraps = found > np.linalg.norm(first - second, axis=1) + 1e-12
    assert wraps.sum() > 200
    excess = found[wraps] - shortest[wraps]
    assert excess.min() > -1e-12
    agree("OpenSim's way around one cylinder, longer than the shortest by", excess.max(), 2e-3, "m")


def test_tension_works_as_much_as_the_path_shortens(lines: Multibody) -> None:
    """Speed by virtual work against the change of length in a plane, where the way is shortest."""
    ends, step = ends_at(0.1, 0.2, 2.6, 0.3), 1e-6
    rates = np.array([[0.3, -0.2, 0.0, 0.5, 0.7, 0.0]])
    paths = compile_paths(lines, compile_tree(lines.model), ("all",))
    moved = np.vstack([ends - step * rates, ends, ends + step * rates])
    motion = follow_paths(paths, moved, np.repeat(rates, 3, axis=0))
    change = (motion.lengths_m[2, 0] - motion.lengths_m[0, 0]) / (2 * step)
    assert motion.speeds_m_s[1, 0] == pytest.approx(change, abs=1e-8)


def test_every_way_past_a_cylinder_is_opensims(lines: Multibody, agree) -> None:
    ends = straight_lines(0, 400)
    speeds = np.random.default_rng(1).normal(size=ends.shape)
    tree = compile_tree(lines.model)
    apart = compare_paths(lines, tree, QUADRANTS, ends, speeds)
    straight = np.linalg.norm(ends[:, :3] - ends[:, 3:], axis=1)[:, None]
    wraps = (apart.opensim.lengths_m > straight + 1e-12).mean(axis=0)
    assert np.all((wraps > 0.05) & (wraps < 0.95))
    agree("path lengths around one cylinder against OpenSim", apart.lengths_m.max(), 1e-9, "m")
    agree("lengthening speeds around one cylinder", apart.speeds_m_s.max(), 1e-9, "m/s")
    agree("pulls of a newton around one cylinder", apart.forces.max(), 1e-9, "N")


@pytest.mark.parametrize("seed", range(3))
def test_paths_around_several_moving_cylinders_are_opensims(
    tmp_path: Path, agree, seed: int
) -> None:
    engine = Multibody(chain(tmp_path / "chain.osim", seed))
    tree = compile_tree(engine.model)
    rng = np.random.default_rng(seed)
    values = rng.uniform(-0.5, 0.5, (150, 18)) * np.tile([1.0, 1.0, 1.0, 0.1, 0.1, 0.1], 3)
    speeds = rng.normal(size=values.shape)
    apart = compare_paths(engine, tree, muscle_names(engine.model), values, speeds)
    assert apart.compiled.by_engine == ()
    where = f"around up to three cylinders, model {seed}"
    agree(f"path lengths {where}", apart.lengths_m.max(), 1e-9, "m")
    agree(f"lengthening speeds {where}", apart.speeds_m_s.max(), 1e-8, "m/s")
    agree(f"pulls of a newton {where}", apart.forces.max(), 1e-8, "N")
    agree(f"their moments {where}", apart.moments_m.max(), 1e-8, "N m")


@pytest.mark.parametrize(
    "whose", ["the generic model", pytest.param("a user's model", marks=pytest.mark.long)]
)
def test_all_muscles_of_a_model_are_opensims_in_any_pose(
    whose: str, request: pytest.FixtureRequest, agree
) -> None:
    if whose == "the generic model":
        path = request.getfixturevalue("generic_model")
    else:
        data = request.getfixturevalue("data_folder")
        path = data / "models" / "RajagopalLaiUhlrich2023.osim"
    engine = Multibody(path)
    tree = compile_tree(engine.model, [])
    muscles = muscle_names(engine.model)
    apart = compare_paths(engine, tree, muscles, *random_poses(tree, 400, 5))
    assert len(muscles) == 80
    assert apart.compiled.by_engine == ()
    agree(f"path lengths of 80 muscles, {whose}", apart.lengths_m.max(), 1e-9, "m")
    agree(f"lengthening speeds of 80 muscles, {whose}", apart.speeds_m_s.max(), 1e-9, "m/s")
    agree(f"pulls of a newton of 80 muscles, {whose}", apart.forces.max(), 1e-9, "N")
    agree(f"their moments, {whose}", apart.moments_m.max(), 1e-8, "N m")


@pytest.mark.parametrize("defect", [False, True])
def test_pulls_balance_and_a_spin_of_the_whole_lengthens_nothing(
    generic_model: Path, defect: bool
) -> None:
    """Not so in OpenSim for paths around two cylinders, whose tangent points it remembers."""
    engine = Multibody(generic_model)
    tree = compile_tree(engine.model, [])
    muscles = ("gaslat_r", "gasmed_r", "glmax1_r", "vaslat_r", "soleus_r")
    values, speeds = random_poses(tree, 300, 6)
    paths = compile_paths(engine, tree, muscles, engine_defect=defect)
    spun = speeds.copy()
    for name in ("pelvis_tilt", "pelvis_list", "pelvis_rotation"):
        spun[:, tree.coordinate_index(name)] += 10.0
    first, second = (follow_paths(paths, values, rates) for rates in (speeds, spun))
    total = np.add.reduceat(first.pulls, np.flatnonzero(np.diff(first.pair_muscles, prepend=-1)), 1)
    unbalanced = np.abs(total).max(axis=(0, 2)) > 1e-9
    lengthened = np.abs(second.speeds_m_s - first.speeds_m_s).max(axis=0) > 1e-9
    expected = [defect, defect, False, False, False]
    assert unbalanced.tolist() == expected
    assert lengthened.tolist() == expected


def test_paths_that_cannot_be_compiled_are_left_to_opensim(tmp_path: Path) -> None:
    engine = Multibody(odd_paths(tmp_path / "odd.osim"))
    tree = compile_tree(engine.model)
    muscles = muscle_names(engine.model)
    paths = compile_paths(engine, tree, muscles)
    assert tuple(muscles[i] for i in paths.by_engine) == ODD_PATHS
    values = np.linspace(-1.1, 0.9, 9)[:, None]
    told: list[str] = []
    motion = follow_paths(paths, np.repeat(values, 10, axis=0), np.full((90, 1), 2.0), told.append)
    assert told == ["muscle paths in OpenSim: frame 50 of 90"]
    arms = moment_arms(tree, np.repeat(values, 10, axis=0), motion, [0])[::10, :, 0]
    hinge = engine.model.getCoordinateSet().get("bend")
    parts = [engine.model.getMuscles().get(name) for name in muscles]
    for frame, value in enumerate(values):
        engine.place(value, np.array([2.0]))
        lengths = [part.getLength(engine.state) for part in parts]
        speeds = [part.getLengtheningSpeed(engine.state) for part in parts]
        expected = [part.computeMomentArm(engine.state, hinge) for part in parts]
        np.testing.assert_allclose(motion.lengths_m[10 * frame], lengths, atol=1e-12)
        np.testing.assert_allclose(motion.speeds_m_s[10 * frame], speeds, atol=1e-12)
        np.testing.assert_allclose(arms[frame], expected, atol=1e-8)
    assert np.ptp(arms[:, muscles.index("moving")]) > 0.01


def test_a_path_that_is_a_function_is_refused_by_name(tmp_path: Path) -> None:
    engine = Multibody(odd_paths(tmp_path / "odd.osim"))
    tree = compile_tree(engine.model)
    engine.model.updMuscles().get("plain").set_path(osim.FunctionBasedPath())
    with pytest.raises(ModelError, match="FunctionBasedPath"):
        compile_paths(engine, tree, ("plain",))
