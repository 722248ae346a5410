"""How far numbers move under each choice of a model: one column a choice, ``<family>: <choice>``.

A prediction rests on what was chosen, not known. What the same choice does to two conditions can
only be subtracted where both shifts stand side by side, so they are kept one by one and are
combined at the very end (:mod:`strikelean.studies.choices`).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from strikelean.formats.files import excluded_reason, read_rows, write_table
from strikelean.loads.metrics_table import BAND_KEY

TECHNIQUE = "technique"
"""Family of the choices of a technique; another family is banded apart."""

MUSCLES = "muscles"
"""Family of other ways to share the same moments among muscles; recordings move under it too."""

TRIAL_KEY = ("subject", "trial", *BAND_KEY)
_ENDS = ("below", "above")
_MARK = ": "


def column(family: str, choice: str) -> str:
    """Return the name of a choice's column."""
    return f"{family}{_MARK}{choice}"


def family_of(name: str) -> str:
    """Return the family that a column belongs to, empty where it holds no shifts."""
    family, mark, _ = name.partition(_MARK)
    return family if mark else ""


def choice_columns(table: pd.DataFrame) -> list[str]:
    """Return the columns of a table that hold shifts under a choice."""
    return [str(name) for name in table.columns if family_of(str(name))]


def named_shifts(band: pd.DataFrame, family: str = TECHNIQUE) -> pd.DataFrame:
    """Return the shifts of a band, their columns named by family and choice.

    Args:
        band: side, metric, below, above and one column a choice, in the metric's unit.
        family: what kind of choices they are.
    """
    names = [str(name) for name in band.columns if name not in (*BAND_KEY, *_ENDS)]
    return band[[*BAND_KEY, *names]].rename(columns={name: column(family, name) for name in names})


def _of_trials(bands: Mapping[tuple[str, str], Path], family: str) -> pd.DataFrame:
    """Return the shifts of a family's choices, a row a trial, side and metric."""
    tables = [pd.DataFrame(columns=list(TRIAL_KEY))]
    for (subject, trial), path in bands.items():
        if excluded_reason(path) is None:
            own = named_shifts(read_rows(path, dict.fromkeys(BAND_KEY, str)), family)
            tables.append(own.assign(subject=subject, trial=trial))
    return pd.concat(tables[1:], ignore_index=True) if tables[1:] else tables[0]


def collect_choices(families: Mapping[str, Mapping[tuple[str, str], Path]], output: Path) -> None:
    """Write choices.csv: how far each metric of each trial moves under each choice.

    Args:
        families: by family, by (subject, trial), a file with a band or the note of why there is
            none.
        output: subject, trial, side, metric and one column a choice; a choice that a condition
            does not know is blank in all its rows.
    """
    table = pd.DataFrame(columns=list(TRIAL_KEY), dtype=str)
    for family, bands in families.items():
        table = table.merge(_of_trials(bands, family), on=list(TRIAL_KEY), how="outer", sort=False)
    write_table(table[[*TRIAL_KEY, *choice_columns(table)]], output)


def read_choices(path: Path) -> pd.DataFrame:
    """Read choices.csv."""
    return read_rows(path, dict.fromkeys(TRIAL_KEY, str))
