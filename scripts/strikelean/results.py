"""Results as tables: what the workflow wrote of a cohort, and waveforms over stance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from strikelean.errors import RecordingError
from strikelean.formats.files import read_rows
from strikelean.formats.hdf5 import Waveform, read_waveforms
from strikelean.layout import CohortFiles, TrialFiles


def stance_table(waveforms: Mapping[str, Waveform], quantity: str) -> pd.DataFrame:
    """Return a quantity of both sides over stance, columns (side, step)."""
    found = {place: w for place, w in waveforms.items() if place.endswith(f"/{quantity}")}
    if not found:
        known = sorted({place.rpartition("/")[2] for place in waveforms} - {"steps"})
        raise RecordingError(
            "waveform", f"one of {', '.join(known)}", f"'{quantity}'", "Name one of these"
        )
    columns, parts = [], []
    for place, waveform in found.items():
        side = place.rpartition("/")[0]
        steps = waveforms[f"{side}/steps"].values.astype(int)
        columns += [(side, int(step)) for step in steps]
        parts.append(waveform.values.T)
    table = pd.DataFrame(
        np.hstack(parts),
        index=pd.Index(np.arange(101), name="percent_of_stance"),
        columns=pd.MultiIndex.from_tuples(columns, names=["side", "step"]),
    )
    first = next(iter(found.values()))
    table.attrs = {name: getattr(first, name) for name in ("unit", "sign", "frame", "basis")}
    return table


@dataclass(frozen=True)
class Results:
    """What the workflow wrote of a cohort.

    Attributes:
        files: where it lies.
    """

    files: CohortFiles

    def table(self, name: str) -> pd.DataFrame:
        """Return a table of the cohort by its file's stem: ``metrics``, ``claims``, ``sweep``, ...

        Raises:
            RecordingError: no such table; those there are are named.
        """
        path = self.files.folder / f"{name}.csv"
        if not path.is_file():
            known = sorted(found.stem for found in self.files.folder.glob("*.csv"))
            raise RecordingError(
                "read_results", f"one of {', '.join(known)}", f"'{name}'", "Name one of these"
            )
        return read_rows(path)

    @property
    def metrics(self) -> pd.DataFrame:
        """One row a step and metric of every included trial."""
        return self.table("metrics")

    @property
    def quality(self) -> pd.DataFrame:
        """Every trial, included or excluded with its reason."""
        return self.table("quality")

    def waveform(self, subject: str, trial: str, quantity: str) -> pd.DataFrame:
        """Return one quantity of a trial over stance, as :meth:`SolvedTrial.waveform`."""
        return stance_table(read_waveforms(self.trial(subject, trial).loads)[0], quantity)

    def trial(self, subject: str, trial: str) -> TrialFiles:
        """Return the files of a trial."""
        return self.files.runner(subject).trial(trial)


def read_results(folder: str | Path) -> Results:
    """Return what ``results/<cohort>`` holds.

    Raises:
        RecordingError: nothing of a cohort there.
    """
    files = CohortFiles(Path(folder).absolute())
    if not files.quality.is_file():
        raise RecordingError(
            "read_results",
            f"the results of a cohort in {folder}",
            "no quality.csv",
            "Name the folder results/<cohort> of a finished run",
        )
    return Results(files)
