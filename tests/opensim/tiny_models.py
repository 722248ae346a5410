"""Tiny OpenSim models built in code, each with a known answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import opensim as osim

from strikelean.formats.series import FloatArray
from strikelean.model.engine import quiet_engine, save_model

GRAVITY = 9.80665
KNOTS = np.linspace(-2.2, 2.2, 9)


def new_model(name: str) -> osim.Model:
    """Return an empty model with gravity along -Y."""
    quiet_engine()
    model = osim.Model()
    model.setName(name)
    model.setGravity(osim.Vec3(0.0, -GRAVITY, 0.0))
    return model


def vector(values: Sequence[float]) -> osim.Vec3:
    """Return three numbers as OpenSim's vector."""
    return osim.Vec3(*[float(value) for value in values])


def add_body(
    model: osim.Model,
    name: str,
    mass_kg: float = 1.0,
    centre_m: Sequence[float] = (0.0, 0.0, 0.0),
    inertia_kg_m2: Sequence[float] = (0.01, 0.01, 0.01),
) -> osim.Body:
    """Add a body, to be joined later."""
    body = osim.Body(name, mass_kg, vector(centre_m), osim.Inertia(*inertia_kg_m2))
    model.addBody(body)
    return body


def spline(function: Callable[[FloatArray], FloatArray]) -> osim.SimmSpline:
    """Return OpenSim's spline through a function at the knots."""
    curve = osim.SimmSpline()
    for x, y in zip(KNOTS, function(KNOTS), strict=True):
        curve.addPoint(float(x), float(y))
    return curve


def rename(joint: osim.Joint, names: Sequence[str]) -> None:
    """Name a joint's coordinates."""
    for index, name in enumerate(names):
        joint.upd_coordinates(index).setName(name)


def join(
    model: osim.Model,
    kind: str,
    names: Sequence[str],
    parent: osim.PhysicalFrame,
    child: osim.PhysicalFrame,
    place: Sequence[float] = (0.0, 0.0, 0.0),
    turn: Sequence[float] = (0.0, 0.0, 0.0),
    child_place: Sequence[float] = (0.0, 0.0, 0.0),
    child_turn: Sequence[float] = (0.0, 0.0, 0.0),
) -> osim.Joint:
    """Join two bodies and name the coordinates."""
    joint = getattr(osim, kind)(
        f"{child.getName()}_joint",
        parent,
        vector(place),
        vector(turn),
        child,
        vector(child_place),
        vector(child_turn),
    )
    rename(joint, names)
    model.addJoint(joint)
    return joint


def join_custom(
    model: osim.Model,
    axes: dict[int, tuple[str, osim.Function]],
    parent: osim.PhysicalFrame,
    child: osim.PhysicalFrame,
    place: Sequence[float] = (0.0, 0.0, 0.0),
    turn: Sequence[float] = (0.0, 0.0, 0.0),
    directions: dict[int, Sequence[float]] | None = None,
) -> None:
    """Join two bodies by a custom joint: ``{axis 0-5: (coordinate, function)}``."""
    transform = osim.SpatialTransform()
    for index, (coordinate, function) in axes.items():
        axis = transform.updTransformAxis(index)
        axis.append_coordinates(coordinate)
        axis.set_function(function)
    for index, direction in (directions or {}).items():
        transform.updTransformAxis(index).set_axis(vector(direction))
    joint = osim.CustomJoint(
        f"{child.getName()}_joint",
        parent,
        vector(place),
        vector(turn),
        child,
        vector((0.0, 0.0, 0.0)),
        vector((0.0, 0.0, 0.0)),
        transform,
    )
    model.addJoint(joint)


def couple(
    model: osim.Model, leader: str, follower: str, function: osim.Function, factor: float = 1.0
) -> None:
    """Let one coordinate follow another."""
    coupler = osim.CoordinateCouplerConstraint()
    coupler.setName(f"{follower}_coupler")
    coupler.setIndependentCoordinateNames(osim.ArrayStr(leader, 1))
    coupler.setDependentCoordinateName(follower)
    function._markAdopted()
    coupler.setFunction(function)
    osim.PropertyHelper.setValueDouble(factor, coupler.updPropertyByName("scale_factor"))
    model.addConstraint(coupler)


def add_muscle(
    model: osim.Model,
    name: str,
    points: Sequence[tuple[osim.PhysicalFrame, Sequence[float]]],
    *,
    force_n: float = 1000.0,
    fibre_m: float = 0.1,
    tendon_m: float = 0.2,
    pennation_rad: float = 0.0,
) -> osim.Millard2012EquilibriumMuscle:
    """Add a rigid-tendon muscle through points fixed to bodies."""
    muscle = osim.Millard2012EquilibriumMuscle(name, force_n, fibre_m, tendon_m, pennation_rad)
    muscle.set_ignore_tendon_compliance(True)
    for index, (body, location) in enumerate(points):
        muscle.addNewPathPoint(f"{name}_p{index}", body, vector(location))
    model.addForce(muscle)
    return muscle


def add_cylinder(
    muscle: osim.Muscle, body: osim.Body, radius_m: float, place: Sequence[float] = (0, 0, 0)
) -> None:
    """Wrap a muscle over a cylinder about the body's Z axis."""
    cylinder = osim.WrapCylinder()
    cylinder.setName(f"{muscle.getName()}_cylinder")
    cylinder.set_radius(radius_m)
    cylinder.set_length(0.5)
    cylinder.set_translation(vector(place))
    body.addWrapObject(cylinder)
    muscle.updGeometryPath().addPathWrap(cylinder)


def write(model: osim.Model, path: Path) -> Path:
    """Finish a model and write it to a file."""
    model.initSystem()
    save_model(model, path)
    return path


def joint_zoo(path: Path) -> Path:
    """Every joint that can be compiled, turned frames, splines and a coupled coordinate."""
    model = new_model("zoo")
    names = ("trunk", "hip", "shank", "foot", "cap", "arm", "hand", "rail", "tile", "hat")
    bodies = {
        name: add_body(model, name, 1.0 + i, (0.01 * i, -0.1, 0.02), (0.1, 0.12, 0.13))
        for i, name in enumerate(names)
    }
    for name, body in bodies.items():
        for index, location in enumerate(((0.1, 0.2, 0.3), (-0.2, 0.1, 0.05))):
            model.addMarker(osim.Marker(f"{name}_{index}", body, vector(location)))
    root = ("tilt", "list", "turn", "pelvis_tx", "pelvis_ty", "pelvis_tz")
    join(model, "FreeJoint", root, model.getGround(), bodies["trunk"])
    join(
        model,
        "UniversalJoint",
        ("u1", "u2"),
        bodies["trunk"],
        bodies["hip"],
        (0.1, -0.2, 0.3),
        (0.3, -0.4, 0.5),
        (0.02, 0.1, 0.0),
        (-0.2, 0.1, 0.7),
    )
    halved = spline(lambda x: 0.2 * np.sin(x))
    halved._markAdopted()
    join_custom(
        model,
        {
            0: ("knee", osim.LinearFunction(-1.0, 0.05)),
            1: ("knee", osim.MultiplierFunction(halved, 1.5)),
            2: ("knee", spline(lambda x: 0.1 * x**2)),
            3: ("knee", spline(lambda x: 0.02 * np.cos(x))),
            4: ("knee", osim.LinearFunction(0.0, -0.4)),
            5: ("slide", osim.LinearFunction(1.0, 0.0)),
        },
        bodies["hip"],
        bodies["shank"],
        (0.0, -0.1, 0.0),
        (0.1, 0.2, -0.3),
        {0: (0.1, 0.2, 1.0), 1: (1.0, 0.0, -0.1), 2: (0.0, 1.0, 0.2)},
    )
    join(
        model, "PinJoint", ("ankle",), bodies["shank"], bodies["foot"], (0, -0.4, 0), (0.2, 0.9, 0)
    )
    join(model, "SliderJoint", ("cap_slide",), bodies["hip"], bodies["cap"], (0.05, 0, 0))
    couple(model, "knee", "cap_slide", spline(lambda x: 0.03 * np.sin(x)), 1.25)
    join(model, "GimbalJoint", ("g1", "g2", "g3"), bodies["trunk"], bodies["arm"], (0, 0.4, 0.2))
    join(model, "WeldJoint", (), bodies["arm"], bodies["hand"], (0, -0.5, 0), (0.4, 0, 0.1))
    join(model, "SliderJoint", ("rail",), bodies["hand"], bodies["rail"], (0.1, 0, 0), (0, 0, 1.0))
    join(model, "PlanarJoint", ("p1", "p2", "p3"), bodies["trunk"], bodies["tile"], (0, 0.1, 0))
    join(model, "WeldJoint", (), bodies["trunk"], bodies["hat"], (0, 0.6, 0))
    return write(model, path)


def sliding_mass(path: Path, mass_kg: float) -> Path:
    """A mass on a vertical rail; coordinate ``height``."""
    model = new_model("sliding_mass")
    body = add_body(model, "mass", mass_kg)
    # a slider runs along X; its frames are turned so that X points up
    up = (0.0, 0.0, np.pi / 2.0)
    join(model, "SliderJoint", ("height",), model.getGround(), body, (0, 0, 0), up, (0, 0, 0), up)
    return write(model, path)


def pendulum(path: Path, mass_kg: float, centre_m: float, inertia_zz: float) -> Path:
    """A rod hanging from a hinge at the origin; coordinate ``swing`` about Z."""
    model = new_model("pendulum")
    body = add_body(model, "rod", mass_kg, (0, -centre_m, 0), (inertia_zz, 1e-3, inertia_zz))
    for index, location in enumerate(((0, -0.3, 0), (0.05, -0.6, 0.02), (-0.05, -0.6, -0.02))):
        model.addMarker(osim.Marker(f"m{index}", body, vector(location)))
    joint = join(model, "PinJoint", ("swing",), model.getGround(), body)
    swing = joint.upd_coordinates(0)
    swing.setRangeMin(-0.8)
    swing.setRangeMax(0.8)
    swing.set_clamped(True)
    return write(model, path)


def double_pendulum(path: Path, mass_kg: Sequence[float], length_m: Sequence[float]) -> Path:
    """Two point masses on massless rods; coordinates ``upper`` and ``lower`` (relative)."""
    model = new_model("double_pendulum")
    tiny = (1e-9, 1e-9, 1e-9)
    first = add_body(model, "first", mass_kg[0], (0, -length_m[0], 0), tiny)
    second = add_body(model, "second", mass_kg[1], (0, -length_m[1], 0), tiny)
    join(model, "PinJoint", ("upper",), model.getGround(), first)
    join(model, "PinJoint", ("lower",), first, second, (0, -length_m[0], 0))
    return write(model, path)


def free_root(model: osim.Model, body: osim.Body) -> None:
    """Join a pelvis to the ground by six coordinates named and ordered as in gait models."""
    line = osim.LinearFunction(1.0, 0.0)
    names = ("pelvis_tilt", "pelvis_list", "pelvis_rotation")
    places = ("pelvis_tx", "pelvis_ty", "pelvis_tz")
    join_custom(
        model,
        {i: (name, line) for i, name in enumerate((*names, *places))},
        model.getGround(),
        body,
        directions={0: (0, 0, 1), 1: (1, 0, 0), 2: (0, 1, 0)},
    )


def standing_block(path: Path, trunk_kg: float, foot_kg: float) -> Path:
    """A block on two feet, hinged at ankles 0.9 m below its centre of mass."""
    model = new_model("standing_block")
    pelvis = add_body(model, "pelvis", trunk_kg, (0, 0, 0), (2.0, 1.0, 2.0))
    free_root(model, pelvis)
    for letter, side in (("r", 1.0), ("l", -1.0)):
        foot = add_body(model, f"calcn_{letter}", foot_kg, (0, 0, 0))
        join(model, "PinJoint", (f"ankle_angle_{letter}",), pelvis, foot, (0, -0.9, 0.1 * side))
    return write(model, path)


def hinged_legs(path: Path, force_n: float = 5000.0, second: bool = False) -> Path:
    """Two shanks of 4 kg on fixed thighs, each lifted by one muscle, or two mirrored ones.

    With the knee at +90 deg the shank points forward, its centre of mass 0.2 m and the
    muscle's insertion 0.1 m from the hinge; the origin lies 0.3 m above the hinge. The
    muscle is then at its optimal length.
    """
    model = new_model("hinged_legs")
    length = float(np.hypot(0.1, 0.3))
    for letter, side in (("r", 1.0), ("l", -1.0)):
        thigh = add_body(model, f"femur_{letter}", 7.0)
        shank = add_body(model, f"tibia_{letter}", 4.0, (0, -0.2, 0), (0.05, 0.005, 0.05))
        join(model, "WeldJoint", (), model.getGround(), thigh, (0, 1.0, 0.2 * side))
        join(model, "PinJoint", (f"knee_angle_{letter}",), thigh, shank)
        offsets = (0.02, -0.02) if second else (0.0,)
        for index, offset in enumerate(offsets):
            add_muscle(
                model,
                f"lift{index}_{letter}",
                ((thigh, (0, 0.3, offset)), (shank, (0, -0.1, offset))),
                force_n=force_n,
                fibre_m=0.1,
                tendon_m=float(length - 0.1),
            )
    return write(model, path)


def pulley_leg(path: Path) -> Path:
    """A leg with a muscle over a cylinder, one over a coupled patella and pennate fibres."""
    model = new_model("pulley_leg")
    thigh = add_body(model, "femur_r", 7.0, (0, -0.2, 0))
    shank = add_body(model, "tibia_r", 4.0, (0, -0.2, 0))
    patella = add_body(model, "patella_r", 0.1)
    join(model, "PinJoint", ("hip_flexion_r",), model.getGround(), thigh)
    join_custom(
        model,
        {
            0: ("knee_angle_r", osim.LinearFunction(-1.0, 0.0)),
            3: ("knee_angle_r", spline(lambda x: 0.01 * np.sin(x))),
        },
        thigh,
        shank,
        (0, -0.4, 0),
        directions={0: (0, 0, 1), 1: (0, 1, 0), 2: (1, 0, 0)},
    )
    join_custom(
        model,
        {
            0: ("knee_angle_r_beta", osim.LinearFunction(-0.6, 0.0)),
            3: ("knee_angle_r_beta", spline(lambda x: 0.05 - 0.01 * x**2)),
            4: ("knee_angle_r_beta", spline(lambda x: -0.03 * x)),
        },
        thigh,
        patella,
        (0, -0.4, 0),
        directions={0: (0, 0, 1), 1: (0, 1, 0), 2: (1, 0, 0)},
    )
    couple(model, "knee_angle_r", "knee_angle_r_beta", spline(lambda x: x + 0.05 * x**2))
    add_muscle(
        model,
        "quad_r",
        ((model.getGround(), (0.05, 0.1, 0)), (thigh, (0.05, -0.1, 0.01)), (patella, (0, 0.02, 0))),
        fibre_m=0.12,
        tendon_m=0.25,
        pennation_rad=0.3,
    )
    wrapped = add_muscle(
        model,
        "gas_r",
        ((thigh, (-0.03, -0.2, 0.0)), (shank, (-0.03, -0.25, 0.01))),
        fibre_m=0.08,
        tendon_m=0.36,
        pennation_rad=0.2,
    )
    add_cylinder(wrapped, thigh, 0.05, (0, -0.4, 0))
    return write(model, path)


# kind and component of the columns of a foot in a file of ground forces
WRENCH = (
    *(("force", f"{part}{axis}") for part in "vp" for axis in "xyz"),
    *(("torque", axis) for axis in "xyz"),
)
