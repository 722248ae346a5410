"""Changes of a stride whose outcome is known by hand, and the solve's own derivatives."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import cumulative_simpson
from scipy.optimize import brentq

import figures
from strikelean.model.walk import walk_tree
from strikelean.stride.check import check_solution
from strikelean.stride.normal import RingEquations
from strikelean.stride.residuals import StrideResiduals
from strikelean.stride.scales import Scales, SolveRules
from strikelean.stride.solve import moving_coordinates, solve_stride
from strikelean.stride.targets import ask_lean, own_targets
from strikelean.stride.unknowns import stride_unknowns

# what physics and the task ask is held as stiffly as it is worked out by hand
EXACT = Scales(
    root_moment_nm=1e-3,
    root_force_n=1e-3,
    thorax_rad=1e-6,
    sole_m=1e-6,
    cop_m=1e-7,
    placement_m=(1e-6, 1e-6),
)


def hip_shift_by_hand(lean_rad: float, bent_rad: float) -> float:
    """Return how far the hip moves when the trunk leans and the pressure stays where it is.

    Standing still, the centre of mass stays above the pressure: legs turn about the ankles until
    what the trunk moves forward the rest moves back.
    """
    own = figures.TRUNK_KG * figures.TRUNK_M * np.sin(bent_rad)
    legs = 2 * figures.LEG_KG * figures.LEG_M / 2
    above = (figures.PELVIS_KG + figures.TRUNK_KG) * figures.LEG_M

    def moment(turn: float) -> float:
        trunk = figures.TRUNK_KG * figures.TRUNK_M * np.sin(bent_rad + lean_rad)
        return (legs + above) * np.sin(turn) + trunk - own

    return figures.LEG_M * float(np.sin(brentq(moment, -0.5, 0.5)))


@pytest.mark.parametrize(("lean_deg", "bent_deg"), [(10.0, 0.0), (-5.0, 0.0), (8.0, 12.0)])
@pytest.mark.parametrize("hip_share", [0.0, 1.0])
def test_leaning_shifts_the_hip_back_by_as_much_as_the_centre_of_mass_asks(
    tmp_path, agree, lean_deg, bent_deg, hip_share
):
    lean, bent = np.radians([lean_deg, bent_deg])
    stride = figures.standing_stride(tmp_path / "two_links.osim", bent)
    targets = ask_lean(stride, own_targets(stride), float(lean), hip_share)
    solution = solve_stride(stride, targets, SolveRules(scales=EXACT))
    names = stride.tree.names
    shift = solution.change.coordinates[:, list(solution.moving).index(names.index("pelvis_tx"))]
    expected = hip_shift_by_hand(float(lean), float(bent))
    worst = 1e3 * float(np.abs(shift - expected).max())
    what = f"hip shift of a two-link figure, {lean_deg:+.0f} deg from {bent_deg:.0f}, "
    agree(f"{what}{expected * 1e3:.1f} mm by hand", worst, 1e-3, "mm")
    assert expected * lean < 0.0, "the hip goes the other way than the trunk"


def test_a_point_mass_follows_a_changed_force(tmp_path, agree):
    stride = figures.hopping_stride(tmp_path / "hopper.osim")
    targets = own_targets(stride)
    # the first push is harder early and weaker late, each foot's change without an impulse
    push_n = targets.force_n.copy()
    for index, foot in enumerate(stride.feet):
        phase = (stride.time_s - foot.start_s) / (foot.end_s - foot.start_s)
        inside = (phase > 0) & (phase < 1)
        push_n[index, 1] = np.where(inside, 120.0 * np.sin(2 * np.pi * phase) ** 3, 0.0)
    free = replace(EXACT, pelvis_m=10.0, pelvis_m_s2=1e3, swing_m=1e3, sole_m=10.0)
    free = replace(free, turning_rad_s2=1e6, force_share=(1e-3, 1e-3, 1e-3), limit_rad=1e3)
    rules = SolveRules(knot_s=0.01, contact_intervals=24, scales=free)
    solution = solve_stride(stride, replace(targets, force_n=push_n), rules)
    change = solution.change
    place = list(solution.moving).index(stride.tree.names.index("pelvis_ty"))
    pushed = change.feet[:, :, 1].sum(axis=1)
    assert np.abs(pushed - push_n[:, 1].sum(axis=0)).max() < 3.0
    misses = figures.HOPPER_KG * change.accelerations[:, place] - pushed
    agree("a point mass' acceleration under a changed force", np.abs(misses).max(), 1e-6, "N")
    # by hand: the force over the mass, integrated twice, no drift over a period
    fine = np.linspace(0.0, figures.PERIOD_S, 7001)
    force = np.zeros_like(fine)
    for foot in stride.feet:
        phase = (fine - foot.start_s) / (foot.end_s - foot.start_s)
        inside = (phase > 0) & (phase < 1)
        force[inside] += 120.0 * np.sin(2 * np.pi * phase[inside]) ** 3
    speed = cumulative_simpson(force / figures.HOPPER_KG, x=fine, initial=0)
    speed -= np.mean(speed[:-1])
    path = cumulative_simpson(speed, x=fine, initial=0)
    path -= np.interp(stride.time_s, fine, path).mean()
    height = change.coordinates[:, place] - change.coordinates[:, place].mean()
    worst = 1e3 * float(np.abs(height - np.interp(stride.time_s, fine, path)).max())
    size = 1e3 * float(np.ptp(path))
    agree(f"its path, {size:.1f} mm up and down by hand", worst, 1e-3, "mm")


def test_nothing_asked_changes_nothing(tmp_path):
    stride = figures.standing_stride(tmp_path / "two_links.osim", 0.1)
    solution = solve_stride(stride, own_targets(stride), SolveRules())
    assert np.abs(solution.unknowns).max() < 1e-12
    check = check_solution(stride, own_targets(stride), solution, stride)
    assert check.reasons() == []
    assert check.added_slip_m < 1e-12


def _unknowns(stride, seed):
    rng = np.random.default_rng(seed)
    rules = SolveRules(knot_s=0.05, contact_intervals=3)
    unknowns = stride_unknowns(stride, moving_coordinates(stride), rules)
    x = 0.03 * rng.normal(size=unknowns.size)
    # forces are newtons, not radians
    x[unknowns.edges[1] :] *= 10.0
    return unknowns, x, rules


def test_slopes_of_every_residual_against_differences(tmp_path, agree):
    stride = figures.standing_stride(tmp_path / "two_links.osim", 0.2)
    targets = ask_lean(stride, own_targets(stride), 0.1, 0.5)
    # limits that are crossed, and angles of a template
    infos = tuple(
        replace(c, clamped=True, lower=-0.01, upper=0.01) for c in stride.tree.coordinates
    )
    stride = replace(stride, tree=replace(stride.tree, coordinates=infos))
    named = np.zeros(len(infos), dtype=bool)
    named[stride.tree.names.index("ankle_angle_r")] = True
    targets = replace(targets, templated=named)
    unknowns, x, rules = _unknowns(stride, 3)
    residuals = StrideResiduals(stride, targets, moving_coordinates(stride), rules.scales)
    change = unknowns.change(x)
    found = residuals.at(change)
    parts = {"coordinates": 1e-7, "speeds": 1e-5, "accelerations": 1e-3, "feet": 1e-5}
    worst, column = 0.0, 0
    for name, step in parts.items():
        values = getattr(change, name)
        flat = values.reshape(len(values), -1)
        for place in range(flat.shape[1]):
            ahead, behind = flat.copy(), flat.copy()
            ahead[:, place] += step
            behind[:, place] -= step
            differences = [
                residuals.at(replace(change, **{name: part.reshape(values.shape)})).values
                for part in (ahead, behind)
            ]
            slope = (differences[0] - differences[1]) / (2 * step)
            # a limit just reached has no slope on one side
            smooth = np.abs(slope - found.slopes[:, :, column])
            kinked = found.values == 0.0
            scale = np.abs(found.slopes).max(axis=(0, 2)) + 1e-12
            worst = max(worst, float((np.where(kinked, 0.0, smooth) / scale).max()))
            column += 1
    assert column == found.slopes.shape[2]
    agree("slopes of a changed stride's residuals, against differences", worst, 1e-6, "")


def test_normal_equations_are_those_of_the_whole_jacobian(tmp_path, agree):
    stride = figures.standing_stride(tmp_path / "two_links.osim")
    targets = ask_lean(stride, own_targets(stride), 0.1, 0.5)
    unknowns, x, rules = _unknowns(stride, 5)
    residuals = StrideResiduals(stride, targets, moving_coordinates(stride), rules.scales)
    found = residuals.at(unknowns.change(x))
    equations = RingEquations(unknowns.sums(found))
    matrix, gradient = equations.matrix(), equations.gradient
    # a frame's variables are linear in the unknowns: columns of that map, one unknown at a time
    columns = []
    for index in range(unknowns.size):
        unit = np.zeros(unknowns.size)
        unit[index] = 1.0
        moved = unknowns.change(unit)
        frames = np.concatenate(
            [
                moved.coordinates,
                moved.speeds,
                moved.accelerations,
                moved.feet.reshape(len(moved.feet), -1),
            ],
            axis=1,
        )
        columns.append(np.einsum("krw,kw->kr", found.slopes, frames).ravel())
    jacobian = np.stack(columns, axis=1)
    size = np.sqrt(np.diag(jacobian.T @ jacobian))
    apart = np.abs((matrix - jacobian.T @ jacobian) / np.outer(size, size)).max()
    agree("normal matrix of a stride against that of its Jacobian", float(apart), 1e-12, "")
    np.testing.assert_allclose(gradient / size, jacobian.T @ found.values.ravel() / size, atol=1e-9)


def test_the_thorax_turns_forward_by_what_is_asked(tmp_path):
    stride = figures.standing_stride(tmp_path / "two_links.osim")
    targets = ask_lean(stride, own_targets(stride), 0.15, 0.5)
    solution = solve_stride(stride, targets, SolveRules())
    coordinates = stride.coordinates.copy()
    coordinates[:, solution.moving] += solution.change.coordinates
    torso = walk_tree(stride.tree, coordinates).rotations[stride.tree.bodies.index("torso")]
    # the trunk's own up points forward of the laboratory's
    np.testing.assert_allclose(np.arctan2(torso[0, 1], torso[1, 1]), 0.15, atol=0.004)


@pytest.mark.parametrize("lean", [-0.2, 0.0, 0.2])
def test_what_is_left_over_turns_with_the_trunk_only_where_that_is_chosen(tmp_path, lean):
    stride = figures.standing_stride(tmp_path / "two_links.osim")
    own = own_targets(stride)
    own = replace(own, root=own.root + np.array([3.0, -2.0, 40.0, 30.0, 70.0, -8.0])[:, None])
    assert ask_lean(stride, own, lean, 0.5).root is own.root
    turned = ask_lean(stride, own, lean, 0.5, root_turns=True).root
    # forward is a negative turn about the axis that points right: an upward force leans forward
    cosine, sine = np.cos(lean), np.sin(lean)
    forward, up, right = own.root[3:]
    expected = [cosine * forward + sine * up, cosine * up - sine * forward, right]
    np.testing.assert_allclose(turned[3:], expected, rtol=1e-12)
    np.testing.assert_allclose(turned[2], own.root[2], rtol=1e-12)
