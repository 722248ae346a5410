"""Small models whose answers are worked out by hand: pendulum, hinge, slider, knee."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import opensim as osim

from strikelean.model.engine import quiet_engine

MASS_KG, LENGTH_M = 2.0, 0.5


def _saved(model: osim.Model, folder: Path) -> Path:
    path = folder / f"{model.getName()}.osim"
    model.finalizeConnections()
    model.printToXML(str(path))
    return path


def _point_body(name: str, mass_kg: float = MASS_KG) -> osim.Body:
    return osim.Body(name, mass_kg, osim.Vec3(0), osim.Inertia(1e-3, 1e-3, 1e-3))


def sliding_mass(folder: Path) -> Path:
    """A mass that slides along X on the ground and moves freely along Y (``lift``)."""
    quiet_engine()
    model = osim.Model()
    model.setName("sliding_mass")
    body = _point_body("block")
    model.addBody(body)
    joint = osim.PlanarJoint("plane", model.getGround(), body)
    for index, name in enumerate(("turn", "slide", "lift")):
        joint.upd_coordinates(index).setName(name)
        joint.upd_coordinates(index).set_clamped(False)
    model.addJoint(joint)
    return _saved(model, folder)


def pendulum(folder: Path) -> Path:
    """A point mass on a massless rod of LENGTH_M hanging from a pin along Z."""
    quiet_engine()
    model = osim.Model()
    model.setName("pendulum")
    bob = _point_body("bob")
    model.addBody(bob)
    joint = osim.PinJoint(
        "pin",
        model.getGround(),
        osim.Vec3(0, 1, 0),
        osim.Vec3(0),
        bob,
        osim.Vec3(0, LENGTH_M, 0),
        osim.Vec3(0),
    )
    joint.upd_coordinates(0).setName("swing")
    joint.upd_coordinates(0).setRangeMin(-1.0)
    joint.upd_coordinates(0).setRangeMax(1.0)
    joint.upd_coordinates(0).set_clamped(True)
    model.addJoint(joint)
    for name, place in (("tip", (0, 0, 0)), ("side", (0.1, 0.2, 0)), ("front", (0, 0.3, 0.1))):
        model.addMarker(osim.Marker(name, bob, osim.Vec3(*place)))
    return _saved(model, folder)


def muscled_hinge(folder: Path, muscles: int = 1) -> Path:
    """A forearm-like hinge with equal muscles at a constant arm of 0.05 m about Z.

    Each muscle runs over a cylinder of that radius, so that its arm never changes.
    """
    quiet_engine()
    model = osim.Model()
    model.setName(f"hinge_{muscles}")
    arm = osim.Body("arm_r", MASS_KG, osim.Vec3(0, -0.25, 0), osim.Inertia(0.02, 0.002, 0.02))
    model.addBody(arm)
    joint = osim.PinJoint("elbow", model.getGround(), arm)
    joint.upd_coordinates(0).setName("hip_flexion_r")
    joint.upd_coordinates(0).setRangeMin(-1.5)
    joint.upd_coordinates(0).setRangeMax(1.5)
    model.addJoint(joint)
    wheel = osim.WrapCylinder()
    wheel.setName("wheel")
    wheel.set_radius(0.05)
    wheel.set_length(1.0)
    wheel.set_quadrant("x")
    model.updGround().addWrapObject(wheel)
    for number in range(muscles):
        muscle = osim.Millard2012EquilibriumMuscle(f"flexor{number}_r", 1000.0, 0.4, 0.2, 0.0)
        muscle.addNewPathPoint("origin", model.getGround(), osim.Vec3(0.05, 0.3, 0))
        muscle.addNewPathPoint("insertion", arm, osim.Vec3(0.05, -0.3, 0))
        path = osim.GeometryPath.safeDownCast(muscle.updPath())
        path.addPathWrap(model.updGround().getWrapObject("wheel"))
        muscle.set_ignore_tendon_compliance(True)
        model.addForce(muscle)
    return _saved(model, folder)


def knee_like(folder: Path) -> Path:
    """Femur and tibia with a spline-coupled knee and a coupled patella, on a free femur."""
    quiet_engine()
    model = osim.Model()
    model.setName("knee_like")
    bodies = {name: _point_body(name) for name in ("femur_r", "tibia_r", "patella_r", "foot_r")}
    for body in bodies.values():
        model.addBody(body)
    model.addJoint(osim.FreeJoint("root", model.getGround(), bodies["femur_r"]))
    transform = osim.SpatialTransform()
    knee_name = osim.ArrayStr()
    knee_name.append("knee_angle_r")
    # each axis adopts a function of its own
    for index, function in ((0, osim.LinearFunction(-1.0, 0.0)), (1, _spline()), (3, _spline())):
        axis = transform.updTransformAxis(index)
        axis.setCoordinateNames(knee_name)
        axis.set_function(function)
    transform.updTransformAxis(0).setAxis(osim.Vec3(0, 0, 1))
    transform.updTransformAxis(1).setAxis(osim.Vec3(1, 0, 0))
    transform.updTransformAxis(2).setAxis(osim.Vec3(0, 1, 0))
    model.addJoint(
        osim.CustomJoint(
            "knee_r",
            bodies["femur_r"],
            osim.Vec3(0.01, -0.4, 0),
            osim.Vec3(0.1, 0.2, -0.1),
            bodies["tibia_r"],
            osim.Vec3(0, 0.01, 0),
            osim.Vec3(0.1, 0.2, -0.1),
            transform,
        )
    )
    patella = osim.PinJoint("patellofemoral_r", bodies["femur_r"], bodies["patella_r"])
    patella.upd_coordinates(0).setName("knee_angle_r_beta")
    model.addJoint(patella)
    foot = osim.UniversalJoint(
        "ankle_r",
        bodies["tibia_r"],
        osim.Vec3(0, -0.4, 0),
        osim.Vec3(0.3, 0, 0),
        bodies["foot_r"],
        osim.Vec3(0.02, 0, 0),
        osim.Vec3(0),
    )
    model.addJoint(foot)
    coupler = osim.CoordinateCouplerConstraint()
    coupler.setName("beta")
    coupler.setIndependentCoordinateNames(knee_name)
    coupler.setDependentCoordinateName("knee_angle_r_beta")
    coupler.setFunction(
        osim.PolynomialFunction(osim.Vector.createFromMat(np.array([0.05, -0.2, 0.8, 0.1])))
    )
    model.addConstraint(coupler)
    for name, body in bodies.items():
        for number, place in enumerate(((0.1, 0, 0), (0, 0.1, 0.05), (0, 0, -0.1))):
            model.addMarker(osim.Marker(f"{name}{number}", body, osim.Vec3(*place)))
    return _saved(model, folder)


def _spline() -> osim.SimmSpline:
    spline = osim.SimmSpline()
    for x, y in ((-0.2, 0.01), (0.0, 0.0), (0.6, 0.02), (1.2, 0.01), (2.0, -0.03)):
        spline.addPoint(x, y)
    return spline
