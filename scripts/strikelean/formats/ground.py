"""grf.mot: what the ground does to each foot, as force, centre of pressure and torque."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from strikelean.formats.series import FloatArray, TimeSeries, Wrench
from strikelean.formats.sto import read_sto, write_sto
from strikelean.markersets import SIDES

PREFIXES = ("ground_force_{}_v", "ground_force_{}_p", "ground_torque_{}_")
"""Of the columns of force, point and torque, the side's letter left open; an axis follows."""
_COLUMNS = tuple(
    prefix.format(side[0]) + axis for side in SIDES for prefix in PREFIXES for axis in "xyz"
)


@dataclass(frozen=True)
class FootGround:
    """What the ground does to one foot.

    Attributes:
        force_n: (N, 3) on the runner, laboratory.
        point_m: (N, 3) where it acts: the centre of pressure while there is one.
        torque_nm: (N, 3) about that point: the free moment, about the vertical alone, while
            there is a centre of pressure.
    """

    force_n: FloatArray
    point_m: FloatArray
    torque_nm: FloatArray

    @property
    def moment_nm(self) -> FloatArray:
        """Moment about the laboratory origin, (N, 3)."""
        return np.asarray(np.cross(self.point_m, self.force_n) + self.torque_nm)


@dataclass(frozen=True)
class GroundForces:
    """What the ground does to both feet.

    Attributes:
        time_s: (N,) seconds; may have holes between stretches.
        values: (N, 2, 3, 3) right and left foot; force (N), point (m) and torque about it (N m);
            laboratory axes.
    """

    time_s: FloatArray
    values: FloatArray

    @property
    def measured(self) -> bool:
        """Whether there were forces at all."""
        return bool(np.isfinite(self.values).any())

    @property
    def rate_hz(self) -> float:
        """Sampling rate."""
        return float(1.0 / np.median(np.diff(self.time_s)))

    def foot(self, side: str) -> FootGround:
        """Return one foot's part, views of ``values``."""
        own = self.values[:, SIDES.index(side)]
        return FootGround(own[:, 0], own[:, 1], own[:, 2])

    def wrench(self, side: str) -> Wrench:
        """Return what acts on one foot about the laboratory origin."""
        foot = self.foot(side)
        return Wrench(self.time_s, foot.force_n, foot.moment_nm, self.rate_hz, side)


def unmeasured_ground(time_s: FloatArray) -> GroundForces:
    """Return what is known of the ground where nobody measured it: nothing, NaN throughout."""
    return GroundForces(time_s, np.full((time_s.size, len(SIDES), len(PREFIXES), 3), np.nan))


def read_ground(path: Path) -> GroundForces:
    """Read ground forces of both feet, as :func:`write_ground` wrote them.

    Raises:
        RecordingError: the file or a column is absent, or it is cut short.
        ExcludedError: an earlier step excluded the trial and left its reason here.
    """
    table = read_sto(path)
    values = table.values[:, [table.index(name) for name in _COLUMNS]]
    return GroundForces(table.time_s, values.reshape(-1, len(SIDES), len(PREFIXES), 3))


def write_ground(path: Path, ground: GroundForces, name: str | None = None) -> None:
    """Write ground forces in the format that OpenSim's GUI opens; ``name`` is the title."""
    flat = ground.values.reshape(len(ground.time_s), -1)
    write_sto(path, TimeSeries(ground.time_s, _COLUMNS, flat), name)
