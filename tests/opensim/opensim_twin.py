"""OpenSim's own multibody engine, frame by frame, to check ours against."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import opensim as osim

from strikelean.dynamics.multibody import Multibody
from strikelean.model.engine import open_model, vec3
from strikelean.model.tree import KinematicTree, compile_tree
from strikelean.muscles.paths import PathMotion


def compiled(path: Path) -> KinematicTree:
    """Return the compiled tree of a model file."""
    model = open_model(path)
    model.initSystem()
    return compile_tree(model)


def no_muscles(frames: int) -> PathMotion:
    """Return the paths of no muscles."""
    nothing, none = np.zeros((frames, 0)), np.zeros(0, dtype=np.int64)
    pulls, generalised = np.zeros((6, 0, frames)), np.zeros((0, 0, frames))
    return PathMotion((), nothing, nothing, none, none, pulls, (), generalised)


class Twin(Multibody):
    """A model in OpenSim's engine: generalised forces and body accelerations."""

    def generalised_forces(
        self, accelerations: np.ndarray, wrenches: dict[str, tuple[np.ndarray, np.ndarray]]
    ) -> np.ndarray:
        """Return the generalised forces (Q,) that give the placed state its accelerations.

        Args:
            accelerations: (Q,) second derivatives of the coordinates.
            wrenches: ``{body: (force, moment)}`` of the ground, the moment about the
                laboratory origin.

        Constraints are left aside, as in OpenSim's inverse dynamics tool: the coupled
        patella keeps its own generalised force.
        """
        applied = self.no_body_forces()
        for index, name in enumerate(self.bodies):
            body = self.model.getBodySet().get(index)
            transform = body.getTransformInGround(self.state)
            centre = vec3(transform.R().multiply(body.getMassCenter()))
            force = self.masses_kg[index] * self.gravity
            moment = np.cross(centre, force)
            if name in wrenches:
                ground_force, ground_moment = wrenches[name]
                moment = moment + ground_moment - np.cross(vec3(transform.p()), ground_force)
                force = force + ground_force
            spatial = osim.SpatialVec(osim.Vec3(*moment.tolist()), osim.Vec3(*force.tolist()))
            applied.set(self.mobilized[name], spatial)
        result = osim.Vector()
        self.matter.calcResidualForceIgnoringConstraints(
            self.state,
            osim.Vector(self._size, 0.0),
            applied,
            self._vector(accelerations),
            result,
        )
        return np.asarray(result.to_numpy()[self._slots], dtype=np.float64)

    def body_accelerations(
        self, accelerations: np.ndarray, bodies: tuple[str, ...]
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return angular and linear acceleration, (B, 3) each, of some bodies' origins."""
        spatial = osim.VectorOfSpatialVec()
        self.matter.calcBodyAccelerationFromUDot(self.state, self._vector(accelerations), spatial)
        both = [spatial.get(self.mobilized[name]) for name in bodies]
        angular = np.array([vec3(value.get(0)) for value in both])
        linear = np.array([vec3(value.get(1)) for value in both])
        return angular, linear

    def motion_forces(self, coordinates, speeds, accelerations, wrenches):
        """Return generalised forces (T, Q) of a motion."""
        found = np.empty_like(coordinates)
        for frame in range(len(coordinates)):
            self.place(coordinates[frame], speeds[frame])
            here = {body: (force[frame], turn[frame]) for body, (force, turn) in wrenches.items()}
            found[frame] = self.generalised_forces(accelerations[frame], here)
        return found
