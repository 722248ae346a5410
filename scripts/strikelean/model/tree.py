"""An OpenSim model compiled into arrays: forward kinematics of all frames at once.

OpenSim evaluates one state at a time. Here the joints, their coordinate functions and
the points fixed to bodies are read from the model once; positions are then worked out by
compiled loops over frames, Jacobians by numpy over the frame axis. Verified against OpenSim
to 1e-9 m in ``tests/opensim/test_kinematic_tree.py``.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import opensim as osim
from numpy.typing import NDArray

from strikelean.errors import ModelError
from strikelean.formats.series import FloatArray
from strikelean.model.engine import rotation_matrix, vec3
from strikelean.model.functions import Curve, compile_function
from strikelean.model.program import compile_program
from strikelean.model.walk_kernel import Program

GROUND = "ground"


@dataclass(frozen=True)
class TransformAxis:
    """One axis of a joint: direction in the joint's parent frame, and what drives it.

    Attributes:
        direction: (3,) unit axis.
        curve: displacement along or about it as a function of the coordinate.
        coordinate: index of the coordinate, or -1 for a constant.
    """

    direction: FloatArray
    curve: Curve
    coordinate: int

    @cached_property
    def constant(self) -> float:
        """Displacement of an axis that nothing drives."""
        return float(self.curve.value(np.zeros(1))[0])

    @cached_property
    def along(self) -> int:
        """Which axis of the parent frame it lies along, in either sense; -1 where none."""
        places = np.flatnonzero(np.abs(self.direction) == 1.0)
        return int(places[0]) if len(places) else -1


@dataclass(frozen=True)
class Joint:
    """One joint of the tree, parent frame F on the parent body, child frame M on the child.

    Attributes:
        name: the joint's name.
        parent: index of the parent body, -1 for ground.
        child: index of the child body.
        rotation_pf, position_pf: frame F in the parent body, (3, 3) and (3,).
        rotation_bm, position_bm: frame M in the child body.
        rotations: successive body-fixed rotations from F to M.
        translations: displacements of M's origin in F.
    """

    name: str
    parent: int
    child: int
    rotation_pf: FloatArray
    position_pf: FloatArray
    rotation_bm: FloatArray
    position_bm: FloatArray
    rotations: tuple[TransformAxis, ...]
    translations: tuple[TransformAxis, ...]


@dataclass(frozen=True)
class Coupling:
    """A coordinate that follows another: ``q[dependent] = curve(q[independent])``."""

    dependent: int
    independent: int
    curve: Curve


@dataclass(frozen=True)
class CoordinateInfo:
    """What inverse kinematics needs to know of one coordinate (SI, radians)."""

    name: str
    default: float
    lower: float
    upper: float
    locked: bool
    clamped: bool
    rotational: bool


@dataclass(frozen=True)
class KinematicTree:
    """A compiled model.

    Attributes:
        bodies: body names; body ``b`` of every array is ``bodies[b]``.
        joints: joints, parents before children.
        coordinates: in the order of the model's coordinate set.
        couplings: dependent coordinates.
        masses_kg: (B,) body masses.
        mass_centres_m: (B, 3) centres of mass in the bodies' frames.
        inertias_kg_m2: (B, 3, 3) about the centres of mass, in the bodies' frames.
        gravity_m_s2: (3,) gravity in the laboratory.
        markers: names of the model's markers.
        marker_bodies: (M,) body index of each.
        marker_locations_m: (M, 3) in the body's frame.
        engine_defect: accelerate as OpenSim 4.6 does, see dynamics/rigid_body.py.
    """

    bodies: tuple[str, ...]
    joints: tuple[Joint, ...]
    coordinates: tuple[CoordinateInfo, ...]
    couplings: tuple[Coupling, ...]
    masses_kg: FloatArray
    mass_centres_m: FloatArray
    inertias_kg_m2: FloatArray
    gravity_m_s2: FloatArray
    markers: tuple[str, ...]
    marker_bodies: NDArray[np.int64]
    marker_locations_m: FloatArray
    engine_defect: bool = False

    @cached_property
    def program(self) -> Program:
        """The joints as arrays."""
        return compile_program(self.joints, len(self.bodies))

    @property
    def names(self) -> tuple[str, ...]:
        """Coordinate names."""
        return tuple(coordinate.name for coordinate in self.coordinates)

    def coordinate_index(self, name: str) -> int:
        """Return the index of a coordinate; ModelError when the model has none."""
        if name not in self.names:
            raise ModelError(
                "compile_model", f"a coordinate {name}", "none", "Check the model of this runner"
            )
        return self.names.index(name)

    def body_index(self, name: str) -> int:
        """Return the index of a body; ModelError when the model has none."""
        if name not in self.bodies:
            raise ModelError(
                "compile_model", f"a body {name}", "none", "Check the model and the marker set"
            )
        return self.bodies.index(name)

    def with_markers(self, names: Sequence[str]) -> KinematicTree:
        """Return the tree with some of its markers, in this order; ModelError without them."""
        _require_markers(names, self.markers)
        rows = [self.markers.index(name) for name in names]
        return replace(
            self,
            markers=tuple(names),
            marker_bodies=self.marker_bodies[rows],
            marker_locations_m=self.marker_locations_m[rows],
        )

    def descends(self) -> NDArray[np.bool_]:
        """Return (J, B): whether body b moves with joint j."""
        moved = np.zeros((len(self.joints), len(self.bodies)), dtype=bool)
        carrier = {joint.child: index for index, joint in enumerate(self.joints)}
        for body in range(len(self.bodies)):
            current = body
            while current >= 0:
                joint = carrier[current]
                moved[joint, body] = True
                current = self.joints[joint].parent
        return moved


def _base_frame(frame: osim.PhysicalFrame) -> tuple[str, FloatArray, FloatArray]:
    base = frame.findBaseFrame()
    transform = frame.findTransformInBaseFrame()
    return base.getName(), rotation_matrix(transform.R()), vec3(transform.p())


def _axes_of(
    joint: osim.Joint, index_of: dict[str, int]
) -> tuple[tuple[TransformAxis, ...], tuple[TransformAxis, ...]]:
    kind = joint.getConcreteClassName()
    names = [joint.get_coordinates(i).getName() for i in range(joint.numCoordinates())]
    unit = np.eye(3)
    if kind == "CustomJoint":
        transform = osim.CustomJoint.safeDownCast(joint).getSpatialTransform()
        axes = []
        for i in range(6):
            axis = transform.getTransformAxis(i)
            driven = axis.getCoordinateNames()
            count = driven.size()
            if count > 1:
                raise ModelError(
                    "compile_model",
                    "each axis of a joint to follow one coordinate",
                    f"{count} on {joint.getName()}",
                    "Use a model built of these",
                )
            # an axis without a coordinate is constant whatever its argument
            curve = compile_function(axis.getFunction())
            direction = vec3(axis.getAxis())
            coordinate = index_of[axis.get_coordinates(0)] if count else -1
            axes.append(TransformAxis(direction / np.linalg.norm(direction), curve, coordinate))
        return tuple(axes[:3]), tuple(axes[3:])
    order = {
        "PinJoint": ((2,), ()),
        "UniversalJoint": ((0, 1), ()),
        "GimbalJoint": ((0, 1, 2), ()),
        "SliderJoint": ((), (0,)),
        "PlanarJoint": ((2,), (0, 1)),
        "FreeJoint": ((0, 1, 2), (0, 1, 2)),
        "WeldJoint": ((), ()),
    }.get(kind)
    if order is None:
        raise ModelError(
            "compile_model",
            "Custom, Pin, Universal, Gimbal, Slider, Planar or Weld joints",
            f"{kind} {joint.getName()}",
            "Use a model built of these",
        )
    line = Curve.linear(1.0, 0.0)
    driven_axes = [
        TransformAxis(unit[axis], line, index_of[name])
        for axis, name in zip((*order[0], *order[1]), names, strict=True)
    ]
    return tuple(driven_axes[: len(order[0])]), tuple(driven_axes[len(order[0]) :])


def _sorted_joints(joints: list[Joint]) -> tuple[Joint, ...]:
    ready, waiting, known = [], list(joints), {-1}
    while waiting:
        movable = [joint for joint in waiting if joint.parent in known]
        if not movable:
            raise ModelError(
                "compile_model", "a tree of joints", "a closed loop", "Use a model without loops"
            )
        ready += movable
        known |= {joint.child for joint in movable}
        waiting = [joint for joint in waiting if joint.child not in known]
    return tuple(ready)


def _couplings(model: osim.Model, index_of: dict[str, int]) -> tuple[Coupling, ...]:
    found = []
    constraints = model.getConstraintSet()
    for i in range(constraints.getSize()):
        coupler = osim.CoordinateCouplerConstraint.safeDownCast(constraints.get(i))
        if coupler is None:
            raise ModelError(
                "compile_model",
                "only coordinate couplers as constraints",
                constraints.get(i).getConcreteClassName(),
                "Use a model built of these",
            )
        independent = coupler.getIndependentCoordinateNames().get(0)
        factor = osim.PropertyHelper.getValueDouble(coupler.getPropertyByName("scale_factor"))
        curve = compile_function(coupler.getFunction()).scaled(factor)
        dependent = index_of[coupler.getDependentCoordinateName()]
        found.append(Coupling(dependent, index_of[independent], curve))
    return tuple(found)


def _inertia(body: osim.Body) -> FloatArray:
    xx, yy, zz, xy, xz, yz = (body.get_inertia().get(i) for i in range(6))
    return np.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]])


def _coordinate_info(coordinate: osim.Coordinate) -> CoordinateInfo:
    return CoordinateInfo(
        name=coordinate.getName(),
        default=coordinate.getDefaultValue(),
        lower=coordinate.getRangeMin(),
        upper=coordinate.getRangeMax(),
        locked=coordinate.get_locked(),
        clamped=coordinate.get_clamped(),
        rotational=coordinate.getMotionType() == osim.Coordinate.Rotational,
    )


def _require_markers(names: Sequence[str], known: Collection[str]) -> None:
    """Refuse markers that a model has not."""
    missing = [name for name in names if name not in known]
    if missing:
        raise ModelError(
            "compile_model",
            f"markers {', '.join(missing[:5])} on the model",
            "none of that name",
            "Scale the model with the marker set of the recording",
        )


def compile_tree(model: osim.Model, markers: Sequence[str] | None = None) -> KinematicTree:
    """Compile an initialised OpenSim model.

    Args:
        model: after ``initSystem``.
        markers: markers to keep, in this order; all of the model's when None.

    Raises:
        ModelError: a joint, function or constraint that cannot be compiled, or a
            marker the model does not have.
    """
    bodies = tuple(body.getName() for body in model.getBodySet())
    body_of = {name: i for i, name in enumerate(bodies)} | {GROUND: -1}
    coordinates = tuple(_coordinate_info(c) for c in model.getCoordinateSet())
    index_of = {coordinate.name: i for i, coordinate in enumerate(coordinates)}
    joints = []
    for joint in model.getJointSet():
        parent, rotation_pf, position_pf = _base_frame(joint.getParentFrame())
        child, rotation_bm, position_bm = _base_frame(joint.getChildFrame())
        rotations, translations = _axes_of(joint, index_of)
        joints.append(
            Joint(
                joint.getName(),
                body_of[parent],
                body_of[child],
                rotation_pf,
                position_pf,
                rotation_bm,
                position_bm,
                rotations,
                translations,
            )
        )
    available = {marker.getName(): marker for marker in model.getMarkerSet()}
    chosen = tuple(available) if markers is None else tuple(markers)
    _require_markers(chosen, available)
    places = [_base_frame(available[name].getParentFrame()) for name in chosen]
    locations = [
        rotation @ vec3(available[name].get_location()) + position
        for name, (_, rotation, position) in zip(chosen, places, strict=True)
    ]
    return KinematicTree(
        bodies=bodies,
        joints=_sorted_joints(joints),
        coordinates=coordinates,
        couplings=_couplings(model, index_of),
        masses_kg=np.array([body.getMass() for body in model.getBodySet()]),
        mass_centres_m=np.array([vec3(body.getMassCenter()) for body in model.getBodySet()]),
        inertias_kg_m2=np.array([_inertia(body) for body in model.getBodySet()]),
        gravity_m_s2=vec3(model.getGravity()),
        markers=chosen,
        marker_bodies=np.array([body_of[base] for base, _, _ in places], dtype=np.int64),
        marker_locations_m=np.array(locations).reshape(len(chosen), 3),
    )
