"""The in-memory shapes of everything read from or written to a file.

Laboratory frame everywhere: X forward, Y up, Z right; metres, newtons, newton metres,
seconds. Axes and units are settled by the readers in this package, once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from strikelean.errors import RecordingError

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class TimeSeries:
    """A table over time, as in OpenSim's STO and MOT files.

    Attributes:
        time_s: (T,) seconds, increasing; may have holes between windows.
        columns: C names, without ``time``.
        values: (T, C), in the file's own units.
        in_degrees: whether rotational columns are degrees (``inDegrees=yes``).
        header: further ``key=value`` lines of the header.
        notes: what the reader repaired, one line each, for people.
    """

    time_s: FloatArray
    columns: tuple[str, ...]
    values: FloatArray
    in_degrees: bool = False
    header: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def index(self, name: str) -> int:
        """Return the column number of ``name``; RecordingError when it is absent."""
        try:
            return self.columns.index(name)
        except ValueError:
            raise RecordingError(
                "read_table",
                f"a column '{name}'",
                f"{len(self.columns)} other columns",
                "Check that the file was written by the step that should have written it",
            ) from None

    def column(self, name: str) -> FloatArray:
        """Return one column, (T,)."""
        return self.values[:, self.index(name)]

    def vector(self, prefix: str, suffixes: Sequence[str] = ("x", "y", "z")) -> FloatArray:
        """Return the columns ``prefix + suffix`` stacked, (T, len(suffixes))."""
        return self.values[:, [self.index(prefix + suffix) for suffix in suffixes]]


@dataclass(frozen=True)
class Markers:
    """Marker positions.

    Attributes:
        time_s: (T,) seconds.
        names: M marker names.
        positions_m: (T, M, 3) metres, laboratory frame; NaN where not seen.
        rate_hz: sampling rate.
        notes: what the reader repaired, one line each, for people.
    """

    time_s: FloatArray
    names: tuple[str, ...]
    positions_m: FloatArray
    rate_hz: float
    notes: tuple[str, ...] = ()

    def __contains__(self, name: object) -> bool:
        return name in self.names

    def position(self, name: str) -> FloatArray:
        """Return the path of one marker, (T, 3) metres; RecordingError when absent."""
        if name not in self.names:
            raise RecordingError(
                "read_markers",
                f"a marker '{name}'",
                f"{', '.join(self.names[:6])}, ... ({len(self.names)} markers)",
                "Name the marker set that matches the recording in subjects.tsv",
            )
        return self.positions_m[:, self.names.index(name)]


@dataclass(frozen=True)
class Wrench:
    """Force and moment of the ground on the runner, about the laboratory origin.

    A wrench about a fixed point can be filtered, added and cut without a centre of
    pressure, which does not exist while nothing is loaded.

    Attributes:
        time_s: (N,) seconds, on the same clock as the markers.
        force_n: (N, 3) newtons, laboratory frame.
        moment_nm: (N, 3) newton metres about the laboratory origin.
        rate_hz: sampling rate.
        label: plate or foot it came from.
        surface_m: height over the laboratory's zero of the surface it acts on, None unknown.
    """

    time_s: FloatArray
    force_n: FloatArray
    moment_nm: FloatArray
    rate_hz: float
    label: str
    surface_m: float | None = None


@dataclass(frozen=True)
class Recording:
    """What one file set holds, in laboratory axes and SI units.

    Attributes:
        markers: the marker paths.
        wrenches: one per force plate, or one per foot when the file says which foot.
        feet: side of each wrench (``right``/``left``), or None for a plate that any
            foot may have touched.
        source: names of the files, for messages and provenance.
        notes: what a reader repaired or left out, one line each, for people.
    """

    markers: Markers
    wrenches: tuple[Wrench, ...]
    feet: tuple[str | None, ...]
    source: tuple[str, ...]
    notes: tuple[str, ...] = ()
