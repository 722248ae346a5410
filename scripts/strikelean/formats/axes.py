"""Which way a laboratory's axes point, settled once where files are read."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from strikelean.errors import ConfigError
from strikelean.formats.series import FloatArray, Markers, Wrench

_DIRECTIONS = {
    f"{sign}{axis}": factor * np.eye(3)[number]
    for number, axis in enumerate("XYZ")
    for sign, factor in (("+", 1.0), ("-", -1.0))
}


@dataclass(frozen=True)
class Axes:
    """The file's axis (``+X`` ... ``-Z``) that points forward, up and right for the runner.

    ConfigError when a name is unknown or the three are not a right-handed frame
    (forward x up = right); a mirrored frame would swap the runner's legs unseen.
    """

    forward: str = "+X"
    up: str = "+Y"
    right: str = "+Z"

    def __post_init__(self) -> None:
        """Refuse unknown names and left-handed frames."""
        for name in (self.forward, self.up, self.right):
            if name not in _DIRECTIONS:
                raise ConfigError(
                    "read_config",
                    "recording.axes named +X, -X, +Y, -Y, +Z or -Z",
                    f"'{name}'",
                    "Name the axis of the recording that points that way",
                )
        if not np.isclose(np.linalg.det(self.rotation()), 1.0):
            raise ConfigError(
                "read_config",
                "recording.axes that form a right-handed frame (forward x up = right)",
                f"forward {self.forward}, up {self.up}, right {self.right}",
                "Turn one axis round, or correct a repeated one",
            )

    def rotation(self) -> FloatArray:
        """Return R (3, 3) with ``laboratory = R @ file``: X forward, Y up, Z right."""
        return np.array([_DIRECTIONS[name] for name in (self.forward, self.up, self.right)])

    def turn(self, vectors: FloatArray) -> FloatArray:
        """Turn vectors (..., 3) from the file's axes into the laboratory's."""
        turned: FloatArray = vectors @ self.rotation().T
        return turned

    def turn_markers(self, markers: Markers) -> Markers:
        """Turn markers from the file's axes into the laboratory's."""
        return replace(markers, positions_m=self.turn(markers.positions_m))

    def turn_wrench(self, wrench: Wrench) -> Wrench:
        """Turn a wrench about the origin from the file's axes into the laboratory's."""
        force, moment = self.turn(wrench.force_n), self.turn(wrench.moment_nm)
        return replace(wrench, force_n=force, moment_nm=moment)
