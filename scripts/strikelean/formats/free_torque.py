"""Is a moment beside a centre of pressure the free torque, or all of a plate's moment?

A force at the centre of pressure leaves a torque about the vertical alone: the ground pushes and
rubs, it does not pull. Some programs write the moments of the plate about its own middle in its
place. Added to the force at the centre of pressure they count twice, and shift the pressure by as
much as it lies off that middle. Both tell the same wrench, so that one can be held against the
other: the moment about a fixed point is what the force at the centre of pressure has about it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from strikelean.errors import RecordingError
from strikelean.formats.series import FloatArray

STEP = "read_forces"
# Horizontal torque over force, median under load, metres: the public and whole-body
# recordings' free torques have none; a plate's own moments have its lever, 0.05 to 0.5 m.
_NO_LEVER_M = 0.02
# How well the two must agree to be the same wrench, metres of lever: rounding and filters.
_AGREE_M = 0.01
# A point that never moves is a reference point: whatever moment is about it is the whole one.
_STILL_M = 0.002


def lever_m(force: FloatArray, torque: FloatArray, up: int) -> float:
    """Return the lever of a torque's horizontal part, median of (L,) loaded samples.

    The median: where a foot lands and leaves some programs give no point and all of the moment.
    """
    flat = [axis for axis in range(3) if axis != up]
    sizes = np.linalg.norm(torque[:, flat], axis=1) / np.linalg.norm(force, axis=1)
    return float(np.median(sizes)) if sizes.size else 0.0


def _middle(
    force: FloatArray, place: FloatArray, torque: FloatArray, up: int
) -> tuple[FloatArray, float]:
    """Return the point (3,) that moments are about, and the lever by which they disagree."""
    flat = [axis for axis in range(3) if axis != up]
    apart = np.cross(place, force) - torque
    # point x force, linear in the point
    zero = np.zeros(len(force))
    fx, fy, fz = force.T
    rows = np.stack(
        [
            np.stack([zero, fz, -fy], axis=1),
            np.stack([-fz, zero, fx], axis=1),
            np.stack([fy, -fx, zero], axis=1),
        ],
        axis=1,
    )
    matrix, wanted = rows[:, flat].reshape(-1, 3), apart[:, flat].ravel()
    middle = np.linalg.lstsq(matrix, wanted, rcond=None)[0]
    left = (matrix @ middle - wanted).reshape(-1, 2)
    sizes = np.linalg.norm(left, axis=1) / np.linalg.norm(force, axis=1)
    return middle, float(np.sqrt(np.mean(sizes**2)))


def free_torque(
    force: FloatArray,
    place: FloatArray,
    torque: FloatArray,
    loaded: NDArray[np.bool_],
    up: int,
    where: str,
) -> tuple[FloatArray, tuple[str, ...]]:
    """Return the torque (T, 3) about the centre of pressure, and what there is to say of it.

    Args:
        force, place, torque: (T, 3) as the file has them, in SI, its own axes.
        loaded: (T,) where all three mean something.
        up: axis of the file that points up, from 0.
        where: file and columns, for messages.

    Raises:
        RecordingError: a torque that is neither a free one nor a plate's moment about a point.
    """
    own = [values[loaded] for values in (force, place, torque)]
    if not loaded.any() or lever_m(own[0], own[2], up) <= _NO_LEVER_M:
        return torque, ()
    if float(np.max(np.std(own[1], axis=0))) < _STILL_M:
        return torque, ()
    middle, off_m = _middle(own[0], own[1], own[2], up)
    if off_m > _AGREE_M:
        axes = " and ".join("xyz"[axis] for axis in range(3) if axis != up)
        raise RecordingError(
            STEP,
            f"a free torque, about the vertical alone, beside the centre of pressure in {where}",
            f"a moment about {axes} with a lever of {lever_m(own[0], own[2], up):.2f} m, "
            "which is the plate's about no fixed point either",
            "Export the free torque (free moment), or leave out the centre of pressure of another "
            "plate or foot",
        )
    moved = torque - np.cross(place - middle, force)
    flat = [axis for axis in range(3) if axis != up]
    moved[:, flat] = 0.0
    at = ", ".join(f"{value:.3f}" for value in middle)
    note = f"{where}: moments are the plate's, about ({at}) m, and were made free torques"
    return np.where(loaded[:, np.newaxis], moved, 0.0), (note,)
