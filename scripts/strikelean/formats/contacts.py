"""contacts.csv: every contact of a trial, whether it counts, and how the foot struck."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, fields, replace
from pathlib import Path

import numpy as np
import pandas as pd

from strikelean.errors import RecordingError
from strikelean.formats.files import require_data, write_table
from strikelean.markersets import SIDES

_TOLD = ("valid", "selected")
"""Booleans, which the file has as ``yes`` and ``no``."""


@dataclass(frozen=True)
class FootContact:
    """One contact of a foot; its fields are the columns of contacts.csv.

    Attributes:
        step: its number in the recording, from 1.
        side: ``right``, ``left`` or None where it is unknown.
        start_s, end_s: vertical force rises and falls through the threshold, s.
        valid: whether it may be analysed.
        reason: why not; empty when it may.
        selected: whether it is analysed.
        foot_strike_angle_deg: less standing, toe-up positive; NaN unknown.
        strike_index_percent: 0 heel marker, 100 toe landmark; NaN unknown.
        strike_class: ``rearfoot``, ``midfoot``, ``forefoot``, or empty when the angle is unknown.
        step_time_s: since the other foot's landing, by the feet's markers; NaN where plates tell.
        heel_ahead_m, heel_across_m: from where the other heel landed then to where this one did,
            laboratory X and Z; NaN alike.
        clock_corrected_s: by how much forces, and with them start and end, were moved to be
            earlier, so that they are on the markers' clock; NaN where they were not.
    """

    step: int
    side: str | None
    start_s: float
    end_s: float
    valid: bool = True
    reason: str = ""
    selected: bool = False
    foot_strike_angle_deg: float = np.nan
    strike_index_percent: float = np.nan
    strike_class: str = ""
    step_time_s: float = np.nan
    heel_ahead_m: float = np.nan
    heel_across_m: float = np.nan
    clock_corrected_s: float = np.nan

    @property
    def duration_s(self) -> float:
        """Contact time in seconds."""
        return self.end_s - self.start_s


SEEN_COLUMNS = ("step_time_s", "heel_ahead_m", "heel_across_m")
CLOCK_COLUMNS = ("clock_corrected_s",)
_WHERE_KNOWN = (SEEN_COLUMNS, CLOCK_COLUMNS)
"""Written where anything is known in them."""
_EVERY = tuple(field.name for field in fields(FootContact))
CONTACT_COLUMNS = tuple(name for name in _EVERY if name not in SEEN_COLUMNS + CLOCK_COLUMNS)


@dataclass(frozen=True)
class Contacts:
    """Every contact of a trial.

    Attributes:
        rows: in time order, whatever order they were given in.
    """

    rows: Sequence[FootContact] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "rows", tuple(sorted(self.rows, key=lambda row: row.start_s)))

    def __iter__(self) -> Iterator[FootContact]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def selected(self, side: str) -> list[FootContact]:
        """Return the contacts of a foot that are analysed."""
        return [row for row in self if row.selected and row.side == side]

    def spans(self) -> dict[str, list[tuple[float, float]]]:
        """Return start and end of each side's selected contacts, s."""
        return {side: [(row.start_s, row.end_s) for row in self.selected(side)] for side in SIDES}

    def corrected(self, by_s: float) -> Contacts:
        """Return the same, saying that the forces' clock was set back; 0: as they are."""
        return Contacts([replace(row, clock_corrected_s=by_s) for row in self]) if by_s else self

    def later(self, by_s: float) -> Contacts:
        """Return the same on a clock that shows ``by_s`` more."""
        return Contacts(
            [replace(row, start_s=row.start_s + by_s, end_s=row.end_s + by_s) for row in self]
        )


def read_contacts(path: Path) -> Contacts:
    """Read contacts.csv.

    Raises:
        RecordingError: a column is absent.
        ExcludedError: an earlier step excluded the trial and left its reason here.
    """
    require_data(path, "read_contacts")
    text = {"side": str, "valid": str, "selected": str, "reason": str, "strike_class": str}
    table = pd.read_csv(path, dtype=text)
    missing = [name for name in CONTACT_COLUMNS if name not in table.columns]
    if missing:
        raise RecordingError(
            "read_contacts",
            f"columns {', '.join(CONTACT_COLUMNS)} in {path.name}",
            f"no {', '.join(missing)}",
            "Run read_recording again",
        )
    table = table.fillna(dict.fromkeys(text, ""))
    told = {name: table[name].str.strip().eq("yes") for name in _TOLD}
    rows = table.assign(**told).reindex(columns=_EVERY).itertuples(index=False, name=None)
    return Contacts([FootContact(step, side or None, *rest) for step, side, *rest in rows])


def write_contacts(contacts: Contacts, path: Path) -> None:
    """Write contacts.csv whole; times with the digits that a clock of any start needs."""
    table = pd.DataFrame(map(astuple, contacts), columns=list(_EVERY))
    for columns in _WHERE_KNOWN:
        if table[list(columns)].isna().to_numpy().all():
            table = table.drop(columns=list(columns))
    told = {name: table[name].map({True: "yes", False: "no"}) for name in _TOLD}
    write_table(table.assign(**told), path, digits=12)
