"""Read the table of heel strikers' cycles; runners and steps are drawn from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from strikelean.errors import ConfigError
from strikelean.formats.files import read_statistics
from strikelean.formats.series import FloatArray
from strikelean.stride.mean_cycles import CYCLE, STANCE

NOTES = {"source", "runners", "stature_m"}
COLUMNS = ("quantity", "unit", "phase_percent", "mean", "sd_runners", "sd_steps")


@dataclass(frozen=True)
class GaitTable:
    """Group statistics of heel strikers' cycles.

    Attributes:
        source: where the recordings come from, with DOI.
        runners: how many.
        height_m, powers: times are those of a runner of this stature; with another stature they
            grow with these powers of it.
        phases: ``{quantity: (K,)}`` percent; single numbers have one phase, -1.
        means: ``{quantity: (K,)}``.
        between, within: principal variations of runners and of steps,
            ``{quantity: (count, K)}``, per standard deviation of their scores.
    """

    source: str
    runners: int
    height_m: float
    powers: Mapping[str, float]
    phases: dict[str, FloatArray]
    means: dict[str, FloatArray]
    between: dict[str, FloatArray]
    within: dict[str, FloatArray]

    def counts(self) -> tuple[int, int]:
        """Return the numbers of variations of runners and of steps."""
        return len(self.between["contact_time"]), len(self.within["contact_time"])

    def runner(self, scores: FloatArray, height_m: float) -> dict[str, FloatArray]:
        """Return a runner's mean cycle, ``{quantity: (K,)}``, for (count,) scores."""
        cycle = {name: self.means[name] + scores @ self.between[name] for name in self.means}
        for name, power in self.powers.items():
            cycle[name] = cycle[name] * (height_m / self.height_m) ** power
        return cycle

    def at(self, name: str, values: FloatArray, phase: FloatArray) -> FloatArray:
        """Return a quantity of the cycle at phases 0 to 200; the ground gives nothing in swing."""
        known = self.phases[name]
        if name.startswith(("ground_", "cop_")):
            stance = known <= STANCE
            found = np.interp(phase, known[stance], values[stance])
            return np.asarray(np.where(phase <= STANCE, found, 0.0))
        return np.asarray(np.interp(phase, known, values, period=CYCLE))


def read_gait_table(path: Path) -> GaitTable:
    """Read a table of :func:`strikelean.virtual.gait_statistics.build_gait`.

    Raises:
        ConfigError: no such file, or not such a table.
    """
    notes, table = read_statistics(
        path, "read_gait_table", "a table of heel strikers' cycles", "virtual.gait"
    )
    runner = [name for name in table.columns if name.startswith("runner_")]
    step = [name for name in table.columns if name.startswith("step_")]
    if not set(COLUMNS) <= set(table.columns) or not runner or not step or not set(notes) >= NOTES:
        raise ConfigError(
            "read_gait_table",
            f"columns {', '.join(COLUMNS)} and a header in {path.name}",
            "others",
            "Build it anew: make templates DATA=...",
        )
    grown = next(text for name, text in notes.items() if name.startswith("powers of stature"))
    parts: Mapping[str, pd.DataFrame] = {
        str(name): part for name, part in table.groupby("quantity", sort=False)
    }
    return GaitTable(
        notes["source"],
        int(notes["runners"]),
        float(notes["stature_m"]),
        {name: float(power) for name, power in (part.split() for part in grown.split(", "))},
        {name: part["phase_percent"].to_numpy(dtype=np.float64) for name, part in parts.items()},
        {name: part["mean"].to_numpy(dtype=np.float64) for name, part in parts.items()},
        {name: part[runner].to_numpy(dtype=np.float64).T for name, part in parts.items()},
        {name: part[step].to_numpy(dtype=np.float64).T for name, part in parts.items()},
    )
