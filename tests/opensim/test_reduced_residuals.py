"""Less left over at the root: a made motion, what the ground gives for it, a little error."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from standing_runner import VIRTUAL, marked_tree, moving
from strikelean.dynamics.segment_masses import (
    CENTRE_BOUND_M,
    MASS_BOUND,
    MassChange,
    fit_masses,
    with_masses,
)
from strikelean.dynamics.solve import Motion, motion_of
from strikelean.dynamics.wrench_sensitivity import follow_motion, wrench_sensitivity
from strikelean.formats.series import FloatArray
from strikelean.markersets import load_markerset
from strikelean.model.engine import open_model
from strikelean.model.forward import follow_couplings
from strikelean.model.scaling import write_inertias
from strikelean.model.tree import KinematicTree, compile_tree
from strikelean.stride.blocks import Change
from strikelean.stride.reduce_residuals import (
    ReductionScales,
    StretchResiduals,
    reduce_stretch,
)

FRAMES = 60
# What a mirror image changes the sign of; r and l change places.
FLIPPED = ("pelvis_list", "pelvis_rotation", "pelvis_tz", "lumbar_bending", "lumbar_rotation")


@pytest.fixture(scope="module")
def tree(generic_model: Path) -> KinematicTree:
    return marked_tree(generic_model, load_markerset(VIRTUAL))


def _needed(motion: Motion) -> FloatArray:
    parts = (motion.coordinates, motion.speeds, motion.accelerations)
    return wrench_sensitivity(motion.tree, follow_motion(motion.tree, *parts)).wrench


def _made(tree: KinematicTree) -> Motion:
    markers, coordinates = moving(tree, FRAMES)
    return motion_of(tree, markers.time_s, coordinates)


def _seen(true: Motion) -> Motion:
    """Return the motion as soft tissue shows it: the trunk sways a degree, the pelvis 3 mm more."""
    wave = np.sin(2.0 * np.pi * 3.0 * true.time_s + 0.4)
    wrong = true.coordinates.copy()
    for name, size in (("lumbar_extension", 0.017), ("lumbar_bending", 0.017), ("pelvis_ty", 3e-3)):
        wrong[:, true.tree.coordinate_index(name)] += size * wave
    return motion_of(true.tree, true.time_s, follow_couplings(true.tree, wrong))


def _stretch(motion: Motion, ground: FloatArray, balanced: bool = True) -> StretchResiduals:
    every = np.arange(len(motion.tree.markers))
    kept = np.full(len(motion.time_s), balanced)
    return StretchResiduals(motion, ground, kept, every, ReductionScales())


def _left(motion: Motion, ground: FloatArray) -> FloatArray:
    return np.asarray(np.sqrt(((_needed(motion) - ground) ** 2).mean(axis=1)))


def _moved(motion: Motion, stretch: StretchResiduals, change: FloatArray) -> Motion:
    new = motion.coordinates.copy()
    new[:, stretch.moving] += change
    return motion_of(motion.tree, motion.time_s, follow_couplings(motion.tree, new))


def test_a_motion_in_balance_stays_as_it_is(tree: KinematicTree) -> None:
    true = _made(tree)
    assert np.abs(reduce_stretch(_stretch(true, _needed(true)))).max() < 1e-9


def test_what_is_left_over_stays_where_nothing_is_asked(tree: KinematicTree) -> None:
    true = _made(tree)
    change = reduce_stretch(_stretch(_seen(true), _needed(true), balanced=False))
    assert np.abs(change).max() < 1e-9


def test_an_error_of_the_markers_is_given_back_within_it(tree: KinematicTree, agree) -> None:
    true = _made(tree)
    ground, seen = _needed(true), _seen(true)
    stretch = _stretch(seen, ground)
    better = _moved(seen, stretch, reduce_stretch(stretch))
    before, after = _left(seen, ground), _left(better, ground)
    agree("force left over after a reduction, of before", (after / before)[3:].max(), 0.3, "")
    assert after[:3].max() < 0.5 * before[:3].max()
    # no farther than the error itself
    moved = np.abs(better.coordinates - seen.coordinates)[:, stretch.moving]
    assert np.degrees(moved[:, 3:].max()) < 2.0
    up = true.tree.coordinate_index("pelvis_ty")
    errors = [np.abs(m.coordinates - true.coordinates)[:, up].mean() for m in (seen, better)]
    assert errors[1] < errors[0]


def test_slopes_are_those_of_differences(tree: KinematicTree) -> None:
    true = _made(tree)
    stretch = _stretch(_seen(true), _needed(true))
    shape = (FRAMES, stretch.count)
    random = np.random.default_rng(4)
    sizes = (0.02, 0.2, 5.0)
    at = [size * random.standard_normal(shape) for size in sizes]
    way = [size * random.standard_normal(shape) for size in sizes]
    none = np.zeros((FRAMES, 0, 8))

    def values(step: float) -> FloatArray:
        parts = (place + step * along for place, along in zip(at, way, strict=True))
        return stretch.at(Change(*parts, none)).values

    step = 1e-5
    difference = (values(step) - values(-step)) / (2.0 * step)
    slopes = stretch.at(Change(*at, none)).slopes
    expected = np.einsum("krn,kn->kr", slopes, np.concatenate(way, axis=1))
    np.testing.assert_allclose(difference, expected, atol=1e-5 * np.abs(expected).max())


def test_another_start_time_changes_nothing(tree: KinematicTree) -> None:
    true = _made(tree)
    ground, seen = _needed(true), _seen(true)
    own = reduce_stretch(_stretch(seen, ground))
    later = reduce_stretch(_stretch(replace(seen, time_s=seen.time_s + 4096.0), ground))
    np.testing.assert_allclose(later, own, atol=1e-7)


def _mirrored(tree: KinematicTree, values: FloatArray) -> FloatArray:
    """Return (T, Q) coordinates of the mirror image."""
    names = tree.names
    other = {"_r": "_l", "_l": "_r"}
    order = [names.index(n[:-2] + other[n[-2:]]) if n[-2:] in other else names.index(n)
             for n in names]  # fmt: skip
    signs = np.array([-1.0 if name in FLIPPED else 1.0 for name in names])
    return np.asarray(values[:, order] * signs)


def test_the_mirror_image_moves_like_its_mirror_image(tree: KinematicTree) -> None:
    true = _made(tree)
    ground, seen = _needed(true), _seen(true)
    signs = np.array([-1.0, -1.0, 1.0, 1.0, 1.0, -1.0])[:, None]
    image = motion_of(tree, seen.time_s, _mirrored(tree, seen.coordinates))
    changes = []
    for motion, given in ((seen, ground), (image, signs * ground)):
        stretch = _stretch(motion, given)
        change = np.zeros_like(motion.coordinates)
        change[:, stretch.moving] = reduce_stretch(stretch)
        changes.append(change)
    expected = _mirrored(tree, changes[0])
    np.testing.assert_allclose(changes[1], expected, atol=0.03 * np.abs(expected).max())


def test_other_masses_are_found_within_their_bounds_and_the_whole_is_kept(
    tree: KinematicTree,
) -> None:
    own = _made(tree)
    shares = {"thighs": 0.03, "trunk": -0.02}
    heavier = with_masses(tree, MassChange(shares, np.array([0.008, 0.0, 0.0])))
    ground = _needed(replace(own, tree=heavier))
    rows = np.arange(FRAMES)
    found = fit_masses(own, ground, rows)
    assert max(map(abs, found.shares.values())) <= MASS_BOUND + 1e-12
    assert np.abs(found.trunk_centre_m).max() <= CENTRE_BOUND_M + 1e-12
    assert found.shares["thighs"] > found.shares["trunk"]
    fitted = with_masses(tree, found)
    assert fitted.masses_kg.sum() == pytest.approx(tree.masses_kg.sum(), rel=1e-14)
    before, after = _left(own, ground), _left(replace(own, tree=fitted), ground)
    assert after[2] < 0.5 * before[2]
    for name in tree.bodies:
        if name.endswith("_r"):
            pair = [fitted.body_index(name), fitted.body_index(name[:-2] + "_l")]
            factors = (fitted.masses_kg / tree.masses_kg)[pair]
            assert factors[0] == pytest.approx(factors[1], rel=1e-12)


def test_no_error_asks_for_no_other_masses(tree: KinematicTree) -> None:
    own = _made(tree)
    found = fit_masses(own, _needed(own), np.arange(FRAMES))
    assert max(map(abs, found.shares.values())) < 1e-9
    assert np.abs(found.trunk_centre_m).max() < 1e-9


def test_a_model_is_written_with_its_masses(generic_model: Path, tmp_path: Path) -> None:
    model = open_model(generic_model)
    model.initSystem()
    own = compile_tree(model)
    changed = with_masses(own, MassChange({"trunk": -0.03, "arms": 0.05}, np.full(3, 0.004)))
    write_inertias(generic_model, changed, tmp_path / "reduced.osim")
    written = open_model(tmp_path / "reduced.osim")
    written.initSystem()
    found = compile_tree(written)
    for name in ("masses_kg", "mass_centres_m", "inertias_kg_m2"):
        np.testing.assert_allclose(
            getattr(found, name), getattr(changed, name), rtol=1e-9, atol=1e-15
        )
