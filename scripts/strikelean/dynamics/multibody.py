"""One OpenSim model put into state after state: inverse dynamics and body accelerations.

Coordinates are addressed in the order of the model's coordinate set. Locks are lifted on
this copy, because a locked coordinate silently ignores what is written to it; a held
coordinate simply gets its constant value at every frame.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import opensim as osim

from strikelean.errors import ModelError
from strikelean.formats.series import FloatArray
from strikelean.model.engine import coordinate_names, open_model, vec3

# Their speeds are an angular velocity, not the rates of their coordinates, so that differentiated
# coordinates put into the state would be silently wrong.
UNFIT_JOINTS = ("FreeJoint", "BallJoint", "EllipsoidJoint", "ScapulothoracicJoint")
ZERO = osim.SpatialVec(osim.Vec3(0.0), osim.Vec3(0.0))


def _check_joints(model: osim.Model) -> None:
    for joint in model.getJointSet():
        if joint.getConcreteClassName() in UNFIT_JOINTS:
            raise ModelError(
                "open_model",
                "joints whose speeds are the rates of their coordinates",
                f"the {joint.getConcreteClassName()} {joint.getName()}",
                "Replace it by a CustomJoint with the same coordinates",
            )


class Multibody:
    """A model without locks, its state, and where each coordinate lives in it.

    Attributes:
        model: the OpenSim model.
        state: its state; :meth:`place` moves it.
        names: coordinate names.
        bodies: body names.

    Raises:
        ModelError: a joint whose speeds are not the rates of its coordinates.
    """

    def __init__(self, scaled_osim: Path, model: osim.Model | None = None) -> None:
        """Take a model's file, or the model where it is open already: its locks are lifted."""
        self.model = open_model(scaled_osim) if model is None else model
        _check_joints(self.model)
        self.names = coordinate_names(self.model)
        for name in self.names:
            self.model.updCoordinateSet().get(name).set_locked(False)
        self.state = self.model.initSystem()
        self.matter = self.model.getMatterSubsystem()
        self.bodies = tuple(body.getName() for body in self.model.getBodySet())
        self.mobilized = {
            body.getName(): int(body.getMobilizedBodyIndex()) for body in self.model.getBodySet()
        }
        self.masses_kg = np.array([body.getMass() for body in self.model.getBodySet()])
        self.mass_centres_m = np.array(
            [vec3(body.getMassCenter()) for body in self.model.getBodySet()]
        )
        self.gravity = vec3(self.model.getGravity())
        self._slots = self._find_slots()
        self._size = self.state.getNU()

    def _find_slots(self) -> list[int]:
        """Return the state index of each coordinate, found by writing to it."""
        slots = []
        for name in self.names:
            coordinate = self.model.getCoordinateSet().get(name)
            before = self.state.getQ().to_numpy()
            coordinate.setValue(self.state, coordinate.getValue(self.state) + 0.125, False)
            after = self.state.getQ().to_numpy()
            slots.append(int(np.flatnonzero(after != before)[0]))
            coordinate.setValue(self.state, coordinate.getValue(self.state) - 0.125, False)
        return slots

    def _vector(self, values: FloatArray) -> osim.Vector:
        ordered = np.zeros(self._size)
        ordered[self._slots] = values
        return osim.Vector.createFromMat(ordered)

    def place(self, coordinates: FloatArray, speeds: FloatArray) -> None:
        """Put the state at (Q,) coordinates and speeds and realise it to velocity."""
        self.state.setQ(self._vector(coordinates))
        self.state.setU(self._vector(speeds))
        self.model.realizeVelocity(self.state)

    def no_body_forces(self) -> osim.VectorOfSpatialVec:
        """Return zero spatial forces for every mobilized body, ground included."""
        return osim.VectorOfSpatialVec(len(self.bodies) + 1, ZERO)
