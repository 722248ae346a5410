"""What a folder of recordings holds: files of markers, tables of forces, and what is neither."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from strikelean.errors import ConfigError, StrikeleanError
from strikelean.formats.axes import Axes
from strikelean.formats.c3d import read_c3d
from strikelean.formats.c3d_file import C3DFile, read_file
from strikelean.formats.force_columns import find_groups
from strikelean.formats.force_plates import read_plates
from strikelean.formats.series import Markers
from strikelean.formats.sto import read_sto
from strikelean.formats.trc import read_trc
from strikelean.formats.units import LENGTHS, factor

STEP = "draft_study"
C3D, TRC = ".c3d", ".trc"
MARKERS, FORCES, TABLES = (C3D, TRC), (".mot", ".sto"), (".csv", ".tsv", ".txt")
SPREADSHEETS = (".xlsx", ".xls", ".ods")
# Nothing is turned: axes are found from what the file says in its own.
OWN = Axes()


@dataclass(frozen=True)
class MarkerFile:
    """A file of markers.

    Attributes:
        path: of the file.
        place: the same, from the folder of the study's recordings.
        markers: in the file's own axes, metres, seconds.
        c3d: everything a C3D file says; None of a TRC file.
    """

    path: Path
    place: Path
    markers: Markers
    c3d: C3DFile | None = None

    @property
    def has_plates(self) -> bool:
        """Whether the file holds samples of a force plate."""
        return self.c3d is not None and bool(
            self.c3d.samples and self.c3d.numbers("FORCE_PLATFORM:USED").any()
        )

    def used_plates(self, axes: Axes) -> int:
        """Return how many plates somebody trod on.

        Args:
            axes: of the laboratory.

        Raises:
            RecordingError: a used plate cannot be read.
        """
        if self.c3d is None:
            return 0
        unit_m = factor(LENGTHS, (self.c3d.texts("POINT:UNITS") or [""])[0])
        if unit_m is None:
            # then its size says what it is
            return len(read_c3d(self.path, axes, needed=()).wrenches)
        rate_hz = self.c3d.samples * self.c3d.rate_hz
        return len(read_plates(self.c3d, axes, unit_m, 0.0, rate_hz).wrenches)


@dataclass(frozen=True)
class ForceFile:
    """A table of ground forces.

    Attributes:
        path: of the file.
        place: the same, from the folder of the study's recordings.
        start_s: time of its first row, NaN where the table cannot be read.
        end_s: time of its last row.
        problem: why it cannot be read, '' where it can.
    """

    path: Path
    place: Path
    start_s: float
    end_s: float
    problem: str = ""


@dataclass(frozen=True)
class Folder:
    """What a folder holds.

    Attributes:
        top: the folder.
        markers: its files of markers, by name.
        forces: its tables of ground forces, by name.
        tables: text files that may say who the runners are.
        left_out: ``{file: why it is not used}``.
    """

    top: Path
    markers: tuple[MarkerFile, ...]
    forces: tuple[ForceFile, ...]
    tables: tuple[Path, ...]
    left_out: dict[Path, str]


def _files(top: Path) -> list[Path]:
    """Return the files below a folder by name; hidden ones are a program's own."""
    places = (path.relative_to(top) for path in top.rglob("*") if path.is_file())
    return sorted(place for place in places if not any(p.startswith(".") for p in place.parts))


def _read_markers(top: Path, place: Path) -> MarkerFile:
    path = top / place
    if path.suffix.lower() == TRC:
        return MarkerFile(path, place, read_trc(path, foreign=True, needed=()))
    markers = read_c3d(path, OWN, forces=False, needed=()).markers
    return MarkerFile(path, place, markers, read_file(path))


def _read_forces(top: Path, place: Path) -> ForceFile | None:
    """Return a table of ground forces, None for a table of something else."""
    table = read_sto(top / place, foreign=True)
    groups, *_ = find_groups(place.name, table.columns)
    if not any(key[0] == "v" for group in groups for key in group.columns):
        return None
    return ForceFile(top / place, place, float(table.time_s[0]), float(table.time_s[-1]))


def read_folder(top: Path) -> Folder:
    """Read every recording below a folder, each in its own axes.

    Raises:
        ConfigError: no such folder, or no file of markers that can be read.
    """
    if not top.is_dir():
        raise ConfigError(
            STEP, "a folder of recordings in FROM", f"no folder {top}", "Correct the path"
        )
    markers: list[MarkerFile] = []
    forces: list[ForceFile] = []
    tables: list[Path] = []
    left_out: dict[Path, str] = {}
    for place in _files(top):
        kind = place.suffix.lower()
        try:
            if kind in MARKERS:
                markers.append(_read_markers(top, place))
            elif kind in FORCES:
                found = _read_forces(top, place)
                if found is None:
                    left_out[place] = "no columns of a ground force"
                else:
                    forces.append(found)
            elif kind in TABLES:
                tables.append(top / place)
            elif kind in SPREADSHEETS:
                left_out[place] = (
                    "if it says who the runners are, save it as CSV in the same folder"
                )
        except (StrikeleanError, OSError) as error:
            if kind in FORCES:
                # whose it is its name may say all the same: the study's check names the fault
                nan = float("nan")
                forces.append(ForceFile(top / place, place, nan, nan, str(error)))
            else:
                left_out[place] = str(error)
    if not markers:
        unread = "; ".join(left_out.values()) or "none of either kind"
        raise ConfigError(
            STEP,
            f"C3D or TRC files of markers below {top}",
            unread,
            "Name the folder that the recordings were exported to",
        )
    return Folder(top, tuple(markers), tuple(forces), tuple(tables), left_out)


def renamed(markers: Markers, names: dict[str, str]) -> Markers:
    """Return markers under a marker set's own names.

    Args:
        markers: as they are labelled.
        names: ``{label: the set's name}``; other labels stay.
    """
    return replace(markers, names=tuple(names.get(name, name) for name in markers.names))
