"""Group statistics of runners' mean cycles: heel strikers, and those who land farther forward.

Only means and spreads of groups of at least five runners are kept, never one runner's waveform.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from strikelean.errors import ConfigError, RecordingError
from strikelean.exclusions import usable
from strikelean.formats.files import read_rows, read_statistics, whole_file
from strikelean.formats.series import FloatArray
from strikelean.lab.strike import REARFOOT_ABOVE_DEG
from strikelean.stride.mean_cycles import CYCLE, PHASE, SCALARS, STANCE, UNITS

GROUPS = ("rearfoot", "non_rearfoot")
MIN_RUNNERS = 5
# The centre of pressure is a quotient of small numbers near both ends of a contact: it is held.
PRESSURE_HELD = (5, 92)


@dataclass(frozen=True)
class Template:
    """Two groups' mean cycles.

    Attributes:
        runners: number of runners in each group.
        source: where the recordings come from, with DOI.
        means, spreads: ``{group: {quantity: (201,)}}``; scalars are (1,).
    """

    runners: dict[str, int]
    source: str
    means: dict[str, dict[str, FloatArray]]
    spreads: dict[str, dict[str, FloatArray]]

    def difference(self, quantity: str) -> FloatArray:
        """Return the mean of those landing farther forward less the heel strikers', (201,)."""
        rear, other = (self.means[group][quantity] for group in GROUPS)
        return np.asarray(other - rear)

    def at(self, quantity: str, phase: FloatArray) -> FloatArray:
        """Return a quantity's difference at phases 0 to 200, (K,).

        Angles repeat with the cycle. What the ground does is zero in swing; its centre of
        pressure is held where the force is too small to tell.
        """
        wave = self.difference(quantity)
        if quantity.startswith("cop_"):
            first, last = PRESSURE_HELD
            held = np.clip(phase, first, last)
            return np.asarray(np.interp(held, PHASE[: STANCE + 1], wave[: STANCE + 1]))
        if quantity.startswith("ground_"):
            known = np.where(np.isfinite(wave), wave, 0.0)
            return np.asarray(np.where(phase <= STANCE, np.interp(phase, PHASE, known), 0.0))
        return np.asarray(np.interp(phase, PHASE, wave, period=CYCLE))

    def shifted(self, standard_errors: float) -> Template:
        """Return the template with a knee more flexed by standard errors of its difference.

        The ankle bends as much, so that the foot keeps its pitch under the same thigh.
        """
        if not standard_errors:
            return self
        variances = [
            (self.spreads[group]["knee_angle"] ** 2) / self.runners[group] for group in GROUPS
        ]
        shift = standard_errors * np.sqrt(sum(variances))
        moved = dict(self.means[GROUPS[1]])
        for quantity in ("knee_angle", "ankle_angle"):
            moved[quantity] = moved[quantity] + shift
        return replace(self, means=self.means | {GROUPS[1]: moved})

    def dose(self, foot_strike_angle_deg: float) -> float:
        """Return how many group differences lie between a foot and the farther-forward group.

        1 for the mean heel striker; 0 for a foot that lands as that group does, or beyond.
        """
        rear, other = (float(self.means[g]["foot_strike_angle"][0]) for g in GROUPS)
        return float(np.clip((foot_strike_angle_deg - other) / (rear - other), 0.0, 1.5))


def build_template(
    cycles: Sequence[Path], source: str, output: Path, excluded: Sequence[str] = ()
) -> None:
    """Write the statistics of two groups of runners.

    Args:
        cycles: ``cycle.csv`` of every runner; the folder two above names the runner.
        source: where the recordings come from, for the header.
        output: table written: quantity, unit, phase_percent, mean and spread of both groups.
        excluded: runners left out, those that are to be judged.

    Raises:
        RecordingError: fewer than five runners in a group.
        FailedError: a cycle could not be made, for no fault of its recording.
    """
    tables = {path.parents[1].name: read_rows(path) for path in usable(cycles)}
    kept = {name: table for name, table in tables.items() if name not in excluded}
    groups: dict[str, list[pd.DataFrame]] = {group: [] for group in GROUPS}
    for table in kept.values():
        heel = float(table["foot_strike_angle"].iloc[0]) > REARFOOT_ABOVE_DEG
        groups[GROUPS[0] if heel else GROUPS[1]].append(table)
    small = {name: len(members) for name, members in groups.items() if len(members) < MIN_RUNNERS}
    if small:
        raise RecordingError(
            "build_template",
            f"at least {MIN_RUNNERS} runners in each group",
            ", ".join(f"{count} {name}" for name, count in small.items()),
            "Add runners: statistics of fewer would show a single runner",
        )
    frames = []
    for quantity, unit in {**SCALARS, **UNITS}.items():
        rows = slice(0, 1) if quantity in SCALARS else slice(1, None)
        frame = pd.DataFrame({"quantity": quantity, "unit": unit}, index=range(CYCLE + 1))
        phase = kept[next(iter(kept))]["phase_percent"].iloc[rows].to_numpy()
        frame = frame.iloc[: len(phase)].assign(phase_percent=phase)
        for name, members in groups.items():
            values = np.stack([table[quantity].iloc[rows].to_numpy() for table in members])
            frame[f"{name}_mean"] = values.mean(axis=0)
            frame[f"{name}_sd"] = values.std(axis=0, ddof=1)
        frames.append(frame)
    counts = ", ".join(f"{name} {len(members)}" for name, members in groups.items())
    header = (
        "# Means and standard deviations of runners' mean cycles by measured foot-strike class.\n"
        f"# source: {source}\n# runners: {counts}\n"
        "# phase: 0 contact, 100 toe-off, 200 the same foot's next contact; -1 a single number.\n"
    )
    with whole_file(output) as sibling:
        text = pd.concat(frames).to_csv(index=False, float_format="%.5g", lineterminator="\n")
        sibling.write_text(header + text, encoding="utf-8")


def read_template(path: Path) -> Template:
    """Read a table of :func:`build_template`.

    Raises:
        ConfigError: no such file, or not such a table.
    """
    notes, table = read_statistics(
        path, "read_template", "a table of group statistics", "counterfactual.template"
    )
    wanted = {"quantity", "phase_percent", *(f"{g}_{k}" for g in GROUPS for k in ("mean", "sd"))}
    if not wanted <= set(table.columns) or "runners" not in notes:
        raise ConfigError(
            "read_template",
            f"columns {', '.join(sorted(wanted))} and a header in {path.name}",
            "others",
            "Build it anew: make templates DATA=...",
        )
    counts = dict(part.rsplit(" ", 1) for part in notes["runners"].split(", "))
    grouped = {str(name): part for name, part in table.groupby("quantity")}
    statistics = [
        {
            group: {name: part[f"{group}_{kind}"].to_numpy() for name, part in grouped.items()}
            for group in GROUPS
        }
        for kind in ("mean", "sd")
    ]
    return Template(
        {name: int(count) for name, count in counts.items()},
        notes["source"],
        statistics[0],
        statistics[1],
    )
