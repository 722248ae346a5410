"""contacts.csv: every contact of a trial, whether it counts, and how the foot struck.

In memory ``valid`` and ``selected`` are booleans; in the file they are ``yes`` and ``no``.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from strikelean.errors import RecordingError
from strikelean.formats.files import require_data, write_table
from strikelean.markersets import SIDES

CONTACT_COLUMNS = (
    "step",
    "side",
    "start_s",
    "end_s",
    "valid",
    "reason",
    "selected",
    "foot_strike_angle_deg",
    "strike_index_percent",
    "strike_class",
)
_TOLD = ("valid", "selected")


def read_contacts(path: Path) -> pd.DataFrame:
    """Read contacts.csv.

    Returns:
        One row per contact in time order; ``valid`` and ``selected`` are booleans.

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
    told = {name: table[name].str.strip().eq("yes") for name in _TOLD}
    return table.assign(**told).sort_values("start_s", ignore_index=True)


def write_contacts(contacts: pd.DataFrame, path: Path) -> None:
    """Write contacts.csv whole; times with the digits that a clock of any start needs."""
    told = {name: contacts[name].map({True: "yes", False: "no"}) for name in _TOLD}
    write_table(contacts.assign(**told), path, digits=12)


def selected_spans(contacts: pd.DataFrame) -> dict[str, list[tuple[float, float]]]:
    """Return start and end of each side's selected contacts, s, in time order."""
    # an empty table's column is of no kind
    chosen = contacts[contacts["selected"].astype(bool)].sort_values("start_s")
    return {
        side: list(
            chosen.loc[chosen["side"] == side, ["start_s", "end_s"]].itertuples(
                index=False, name=None
            )
        )
        for side in SIDES
    }
