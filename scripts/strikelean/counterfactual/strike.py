"""Landing at another foot-strike angle: what goes with it in recorded runners, asked of one.

Thigh, knee and foot, the path of the centre of pressure, the ground's force, contact time and step
rate change by the template's slopes. The foot turns about the fifth metatarsal and keeps its own
clearance over the ground, rolling contact: pulled down by force it would lower the runner.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from strikelean.counterfactual.retiming import Retiming
from strikelean.counterfactual.templates import Template
from strikelean.formats.series import FloatArray
from strikelean.lab.strike import foot_angle_deg
from strikelean.model.forward import follow_couplings
from strikelean.model.walk import apply, walk_tree
from strikelean.stride.mean_cycles import STANCE
from strikelean.stride.solve import Solution
from strikelean.stride.stride import FootForce, Stride
from strikelean.stride.targets import Targets, sole_places

HEEL, BALL, TOE = 0, 1, 2
# Within this of contact the filter of the motion tells: half of the knots' spacing that it passes.
AT_CONTACT_S = 0.015
# Length over which sole points share the ground: a shoe's sole gives by millimetres.
SOFT_M = 0.004


@dataclass(frozen=True)
class StrikeForces:
    """Which ground forces change with the strike.

    Attributes:
        braking: forward.
        vertical: upward, in shape and active peak.
        sizes: by what each contact's force is multiplied, as it acts for another time.
        pressure_errors: standard errors of its slopes by which the centre of pressure may leave
            what goes with the strike.
    """

    braking: bool
    vertical: bool
    sizes: tuple[float, ...]
    pressure_errors: float = 1.0


def strike_retiming(
    template: Template, change_deg: Mapping[str, float], *, contact_time: bool, step_rate: bool
) -> Retiming:
    """Return the contact times and step rate that go with a change of foot-strike angle.

    Args:
        template: what goes with the angle, per degree.
        change_deg: by side, change of the foot-strike angle.
        contact_time, step_rate: whether they change; else they are the runner's own.
    """
    mean = sum(change_deg.values()) / len(change_deg)
    cycle = 1.0 + mean * template.number("cycle_time") * step_rate
    slope = template.number("contact_time") * contact_time
    times = {side: 1.0 + change * slope for side, change in change_deg.items()}
    return Retiming(1.0 / cycle, times)


def landing_change_deg(base: Stride, solution: Solution) -> dict[str, float]:
    """Return by how much each foot's pitch at contact changes in a solve, toe up, by side."""
    starts = [foot.start_s for foot in base.feet]
    after = np.clip(np.searchsorted(base.time_s, starts), 1, len(base.time_s) - 1)
    # the frames on either side of each contact: the own, then the changed
    rows = np.stack([after - 1, after], axis=1)
    own = base.coordinates[rows]
    new = own.copy()
    new[..., solution.moving] += solution.change.coordinates[rows]
    both = np.stack([own, new], axis=1)
    pose = walk_tree(base.tree, both.reshape(-1, both.shape[-1]))
    found = {}
    for number, (foot, sole) in enumerate(zip(base.feet, base.soles, strict=True)):
        frames = slice(4 * number, 4 * number + 4)
        heel, ball = (
            pose.positions_m[sole.body][:, frames]
            + apply(pose.rotations[sole.body][..., frames], sole.points_m[point])
            for point in (HEEL, BALL)
        )
        before, changed = foot_angle_deg(heel.T, ball.T).reshape(2, 2)
        turned = changed - before
        found[foot.side] = float(np.interp(foot.start_s, base.time_s[rows[number]], turned))
    return found


def cycle_phase(stride: Stride, foot: FootForce) -> FloatArray:
    """Return the foot's phase, (K,): 0 contact, 100 toe-off, 200 its next contact."""
    stance = foot.end_s - foot.start_s
    since = np.mod(stride.time_s - foot.start_s, stride.period_s)
    swing = (since - stance) / (stride.period_s - stance)
    return np.asarray(100.0 * np.where(since <= stance, since / stance, 1.0 + swing))


def lowest(heights_m: FloatArray) -> FloatArray:
    """Return the soft minimum (K,) of the heights (points, K) of a sole."""
    least = heights_m.min(axis=0)
    return np.asarray(least - SOFT_M * np.log(np.exp((least - heights_m) / SOFT_M).sum(axis=0)))


def roll_foot(points_m: FloatArray, pitch_rad: FloatArray) -> FloatArray:
    """Return sole points (3, 3, K: axis, point, frame) turned about the fifth metatarsal.

    The foot is then lifted or lowered so that its soft lowest point keeps its own height.

    Args:
        points_m: heel, fifth metatarsal, toe.
        pitch_rad: (K,) turn, toe up positive.
    """
    arm = points_m - points_m[:, BALL : BALL + 1]
    cosine, sine = np.cos(pitch_rad), np.sin(pitch_rad)
    turned = points_m.copy()
    turned[0] += cosine * arm[0] - sine * arm[1] - arm[0]
    turned[1] += sine * arm[0] + cosine * arm[1] - arm[1]
    turned[1] += lowest(points_m[1]) - lowest(turned[1])
    return turned


def ask_strike(
    stride: Stride,
    targets: Targets,
    template: Template,
    change_deg: Mapping[str, float],
    more_deg: Mapping[str, float],
    forces: StrikeForces,
) -> Targets:
    """Return the targets with the feet landing at another angle.

    Args:
        stride: as recorded, in its new time where contact time or step rate change.
        targets: to add to.
        template: what goes with the angle, per degree.
        change_deg: by side, change of the foot-strike angle.
        more_deg: by side, what is asked of the foot's pitch at contact beyond it.
        forces: which ground forces change as the template's do.
    """
    names = stride.tree.names
    template_rad, templated = targets.coordinates.copy(), targets.templated.copy()
    soles, pressure = targets.soles_m.copy(), targets.pressure_m.copy()
    free, force = targets.pressure_free_m.copy(), targets.force_n.copy()
    for index, foot in enumerate(stride.feet):
        phase, change = cycle_phase(stride, foot), change_deg[foot.side]
        thigh, knee = change * template.thigh_at(phase), change * template.at("knee_angle", phase)
        pitch = _pitch_deg(stride, foot, template, change, more_deg.get(foot.side, 0.0))
        # the ankle closes the chain from the pelvis, which stays, to the foot
        turns = {"hip_flexion": thigh, "knee_angle": knee, "ankle_angle": pitch - thigh + knee}
        for name, turn in turns.items():
            place = names.index(f"{name}_{foot.side[0]}")
            template_rad[:, place] += np.radians(turn)
            templated[place] = True
        inside = foot.inside(stride.time_s)
        shift = _pressure_shift(soles[index], foot, template, phase, change)
        soles[index] = roll_foot(soles[index], np.radians(pitch))
        pressure[index] += inside * _turned(shift, soles[index], foot)
        size = forces.pressure_errors * change
        unknown = _pressure_unknown(soles[index], foot, template, phase, size)
        free[index] = np.hypot(free[index], unknown)
        if forces.braking:
            forward = template.at("ground_forward_force", phase)
            force[index, 0] += change * stride.weight_n * inside * forward
        if forces.vertical:
            up = template.at("ground_vertical_force", phase)
            force[index, 1] += _vertical_change(
                foot.force_n[:, 1],
                change * stride.weight_n * inside * up,
                change * stride.weight_n * template.number("active_peak"),
                forces.sizes[index],
            )
    _follow_ground(stride, soles, template_rad)
    return replace(
        targets,
        coordinates=template_rad,
        templated=templated,
        soles_m=soles,
        pressure_m=pressure,
        pressure_free_m=free,
        force_n=force,
    )


def _pitch_deg(
    stride: Stride, foot: FootForce, template: Template, change_deg: float, more_deg: float
) -> FloatArray:
    """Return the change of a foot's pitch, (K,) deg: at contact that of its angle, and more.

    At contact a foot turns so fast that the filter of the motion takes a part of what differs
    between runners, who were told apart by unfiltered markers: that part is given back there.
    """
    own = template.at("foot_pitch", cycle_phase(stride, foot))
    lost = change_deg * (1.0 - float(template.at("foot_pitch", np.zeros(1))[0])) + more_deg
    half = 0.5 * stride.period_s
    away = np.mod(stride.time_s - foot.start_s + half, stride.period_s) - half
    return np.asarray(change_deg * own + lost * np.exp(-0.5 * (away / AT_CONTACT_S) ** 2))


def _follow_ground(stride: Stride, soles_m: FloatArray, template_rad: FloatArray) -> None:
    """Turn the asked hips so that the feet travel with the ground in stance, in place.

    A stance that lasts for another time sweeps another way, and a leg of other angles would slide:
    the hip takes what is lacking about its mean, the ankle takes it back, so that the foot keeps
    its pitch. Where the foot is set down stays as the angles say.

    Args:
        stride: in its new time.
        soles_m: (feet, 3, 3, K) where the sole points should be.
        template_rad: (K, Q) asked changes, changed here.
    """
    tree = stride.tree
    pose = walk_tree(tree, follow_couplings(tree, stride.coordinates + template_rad))
    places = sole_places(stride, pose)
    for index, foot in enumerate(stride.feet):
        letter = foot.side[0]
        height = pose.positions_m[tree.body_index(f"femur_{letter}")][1] - places[index, 1, BALL]
        lacking = soles_m[index, 0, BALL] - places[index, 0, BALL]
        phase, stance = cycle_phase(stride, foot), foot.inside(stride.time_s) > 0.0
        lacking -= np.average(lacking, weights=foot.load)
        turn = lacking / height
        # in swing it passes from one stance to the next
        order = np.argsort(phase[stance])
        turn = np.interp(phase, phase[stance][order], turn[stance][order], period=2 * STANCE)
        for name, share in (("hip_flexion", turn), ("ankle_angle", -turn)):
            template_rad[:, tree.names.index(f"{name}_{letter}")] += share


def _vertical_change(
    force_n: FloatArray, shape_n: FloatArray, peak_n: float, size: float
) -> FloatArray:
    """Return the change of a contact's vertical force, (K,) N, its impulse kept.

    The recorded force takes the template's change of shape; then it is made more or less pointed
    (a share of its square is added), until the peak is what it should be.

    Args:
        force_n: (K,) in the stride's new time, ``size`` times the recorded one.
        shape_n: (K,) change of the recorded one.
        peak_n: change of its peak.
        size: by what the new time has multiplied it, to keep the impulse.
    """
    own = force_n / size
    shaped = np.maximum(own + shape_n, 0.0)
    share = shaped / shaped.max()
    aim, impulse = own.max() + peak_n, force_n.sum()
    left = impulse - aim * (share @ share)
    # as flat as that and no flatter: half of it added or taken changes the peak by a tenth
    point = float(np.clip((aim * share.sum() - impulse) / left, -0.5, 0.5)) if left > 0.0 else 0.0
    new = share + point * share**2
    return np.asarray(new * impulse / new.sum() - force_n)


def _pressure_shift(
    points_m: FloatArray,
    foot: FootForce,
    template: Template,
    phase: FloatArray,
    change_deg: float,
) -> FloatArray:
    """Return the shift of the centre of pressure along and across the foot, (2, K) of its length.

    It stays between heel and toe, or as far ahead as it was in any part of the contact: a toe
    landmark may be the head of a metatarsal.
    """
    along, _, planted = _axes(points_m, foot)
    own = ((foot.point_m.T[[0, 2]] - points_m[[0, 2], HEEL]) * along).sum(axis=0) / planted
    toe = ((points_m[:, TOE] - points_m[:, HEEL])[[0, 2]] * along).sum(axis=0) / planted
    farthest = max(float(own[foot.load == 1.0].max()), float(np.median(toe)))
    moved = own + change_deg * template.at("cop_along", phase)
    ahead = np.clip(moved, np.minimum(own, 0.0), np.maximum(own, farthest)) - own
    return np.stack([ahead, change_deg * template.at("cop_across", phase)])


def _pressure_unknown(
    points_m: FloatArray,
    foot: FootForce,
    template: Template,
    phase: FloatArray,
    change_deg: float,
) -> FloatArray:
    """Return the standard deviation of the shift of the centre of pressure, (2, K) metres.

    It is that of the slopes: where little is asked little is unknown, and the same stride without
    a strike is where a strike of nothing ends.
    """
    along, outward, planted = _axes(points_m, foot)
    errors = [template.pressure_error(name, phase) for name in ("cop_along", "cop_across")]
    forward, sideways = (abs(change_deg) * planted * error for error in errors)
    return np.asarray(np.hypot(forward * along, sideways * outward))


def _axes(points_m: FloatArray, foot: FootForce) -> tuple[FloatArray, FloatArray, float]:
    """Return a foot's axes on the floor, forward and outward (2, K), and its length planted."""
    line = (points_m[:, BALL] - points_m[:, HEEL])[[0, 2]]
    length = np.hypot(*line)
    along = line / length
    outward = np.stack([-along[1], along[0]]) * (1.0 if foot.side == "right" else -1.0)
    return along, outward, float(np.median(length[foot.load == 1.0]))


def _turned(shift: FloatArray, points_m: FloatArray, foot: FootForce) -> FloatArray:
    """Return a shift along and across the foot as one forward and sideways, (2, K) metres."""
    along, outward, planted = _axes(points_m, foot)
    return np.asarray(planted * (shift[0] * along + shift[1] * outward))
