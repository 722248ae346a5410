"""Tiny models for muscle paths: every kind of cylinder, chains of bodies, odd paths."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import opensim as osim

import tiny_models as tiny

RADIUS_M, HALF_LENGTH_M = 0.05, 0.05
QUADRANTS = ("all", "x", "-x", "y", "-y")
ODD_PATHS = ("moving", "conditional", "ball", "midpoint", "lengthwise", "several_idle")


def _line() -> osim.LinearFunction:
    return osim.LinearFunction(1.0, 0.0)


def _wrap(muscle: osim.Muscle, frame: osim.PhysicalFrame, wheel: osim.WrapObject) -> osim.PathWrap:
    """Put a wrap object on a body and lay a muscle around it."""
    frame.addWrapObject(wheel)
    path = osim.GeometryPath.safeDownCast(muscle.updPath())
    path.addPathWrap(frame.getWrapObject(wheel.getName()))
    return path.updWrapSet().get(path.getWrapSet().getSize() - 1)


def _cylinder(
    name: str, radius_m: float, length_m: float, quadrant: str = "all"
) -> osim.WrapCylinder:
    wheel = osim.WrapCylinder()
    wheel.setName(name)
    wheel.set_radius(radius_m)
    wheel.set_length(length_m)
    wheel.set_quadrant(quadrant)
    return wheel


def wheels(path: Path) -> Path:
    """Two ends that move freely, and a muscle between them around a cylinder of each quadrant.

    Coordinates are ``first_x`` to ``second_z``, in metres; the cylinders lie along the
    laboratory's Z with their middle at its origin. Muscles are named by quadrant.
    """
    model = tiny.new_model("wheels")
    ends = [tiny.add_body(model, name) for name in ("first", "second")]
    for end in ends:
        axes = {3 + i: (f"{end.getName()}_{letter}", _line()) for i, letter in enumerate("xyz")}
        directions = {3 + i: row for i, row in enumerate(np.eye(3))}
        tiny.join_custom(model, axes, model.getGround(), end, directions=directions)
    for quadrant in QUADRANTS:
        muscle = tiny.add_muscle(model, quadrant, [(end, (0, 0, 0)) for end in ends])
        wheel = _cylinder(f"wheel_{quadrant}", RADIUS_M, 2 * HALF_LENGTH_M, quadrant)
        _wrap(muscle, model.updGround(), wheel)
    return tiny.write(model, path)


def chain(path: Path, seed: int, muscles: int = 8) -> Path:
    """Three bodies with six coordinates each and random paths around one to three cylinders.

    Cylinders sit on any body, turned, of any quadrant, and some may only lie between the last
    points of a path.
    """
    rng = np.random.default_rng(seed)
    model = tiny.new_model("chain")
    frames: list[osim.PhysicalFrame] = [model.updGround()]
    for number in range(3):
        body = tiny.add_body(model, f"part{number}")
        axes = {i: (f"part{number}_{i}", _line()) for i in range(6)}
        directions = {3 + i: row for i, row in enumerate(np.eye(3))}
        tiny.join_custom(model, axes, frames[-1], body, (0, -0.3, 0), directions=directions)
        frames.append(body)
    for number in range(muscles):
        count = int(rng.integers(2, 5))
        carriers = np.sort(rng.integers(0, 4, count))
        carriers[[0, -1]] = 0, 3
        points = [(frames[i], rng.uniform(-0.12, 0.12, 3)) for i in carriers]
        muscle = tiny.add_muscle(model, f"muscle{number}", points)
        for k in range(1 + number % 3):
            wheel = _cylinder(
                f"wheel{number}_{k}",
                float(rng.uniform(0.02, 0.07)),
                float(rng.choice([0.1, 0.5])),
                str(rng.choice(QUADRANTS)),
            )
            wheel.set_xyz_body_rotation(tiny.vector(rng.uniform(-0.6, 0.6, 3)))
            wheel.set_translation(tiny.vector(rng.uniform(-0.06, 0.06, 3)))
            wrap = _wrap(muscle, frames[int(rng.integers(0, 4))], wheel)
            if count > 2 and k == 0:
                wrap.set_range(0, 2)
                wrap.set_range(1, count)
    return tiny.write(model, path)


def _insert(muscle: osim.Muscle, point: osim.AbstractPathPoint) -> None:
    """Put a point between the ends of a muscle."""
    points = osim.GeometryPath.safeDownCast(muscle.updPath()).updPathPointSet()
    points.insert(1, point)
    point._markAdopted()


def odd_paths(path: Path) -> Path:
    """A hinge ``bend`` with muscles whose paths cannot be compiled, and two whose can.

    The former are named by :data:`ODD_PATHS`; ``plain`` wraps a cylinder, ``idle`` one that is
    switched off.
    """
    model = tiny.new_model("odd_paths")
    arm = tiny.add_body(model, "arm")
    tiny.join(model, "PinJoint", ("bend",), model.getGround(), arm)
    hinge = model.updCoordinateSet().get(0)
    ends = [(model.getGround(), (0.06, 0.3, 0.01)), (arm, (0.06, -0.3, 0.0))]
    muscles = {name: tiny.add_muscle(model, name, ends) for name in (*ODD_PATHS, "plain", "idle")}
    moving = osim.MovingPathPoint()
    moving.setName("moving_point")
    moving.setParentFrame(arm)
    for letter, function in (
        ("x", tiny.spline(lambda x: 0.08 + 0.02 * np.sin(x))),
        ("y", tiny.spline(lambda x: 0.05 * x)),
        ("z", osim.Constant(0.01)),
    ):
        getattr(moving, f"set_{letter}_location")(function)
        getattr(moving, f"set{letter.upper()}Coordinate")(hinge)
    _insert(muscles["moving"], moving)
    conditional = osim.ConditionalPathPoint()
    conditional.setName("conditional_point")
    conditional.setParentFrame(arm)
    conditional.setLocation(osim.Vec3(0.1, 0.0, 0.0))
    conditional.setCoordinate(hinge)
    conditional.setRangeMin(-3.0)
    conditional.setRangeMax(0.0)
    _insert(muscles["conditional"], conditional)
    ball = osim.WrapSphere()
    ball.setName("ball")
    ball.set_radius(0.05)
    _wrap(muscles["ball"], model.updGround(), ball)
    half = _wrap(muscles["midpoint"], model.updGround(), _cylinder("half", 0.05, 1.0))
    half.setMethod(osim.PathWrap.midpoint)
    lengthwise = _cylinder("lengthwise", 0.05, 1.0, "z")
    _wrap(muscles["lengthwise"], model.updGround(), lengthwise)
    _wrap(muscles["plain"], model.updGround(), _cylinder("plain", 0.05, 1.0))
    for name in ("idle", "several_idle"):
        idle = _cylinder(name, 0.05, 1.0)
        idle.set_active(False)
        _wrap(muscles[name], model.updGround(), idle)
    _wrap(muscles["several_idle"], arm, _cylinder("other", 0.03, 1.0))
    return tiny.write(model, path)
