"""What each delivered marker set gives back of a virtual runner, for docs/markersets.md.

The same true trial is recorded with every set by each laboratory and solved as any recording is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from strikelean.config.settings import Settings
from strikelean.stride.targets import THORAX
from strikelean.verify.prepare_trial import markerset_path
from strikelean.virtual.recovery import RecoverySettings, Truth, recover_elsewhere
from strikelean.virtual.runner import (
    StudyInputs,
    VirtualStudy,
    compile_body,
    make_body,
    read_study,
    run_habitual,
)
from strikelean.virtual.settings import (
    HABITUAL,
    LABORATORIES,
    MARKER_SET,
    MATCHED,
    MATCHED_NOISE_FREE,
    MISMATCHED,
    VirtualSettings,
)
from strikelean.virtual.true_trial import TruthFiles, read_truth, write_truth

Progress = Callable[[str], None]
NO_TRUNK = "no marker on the trunk"
# Laboratories as the manual calls them.
SHORT = {MATCHED_NOISE_FREE: "none", MATCHED: "flaws", MISMATCHED: "body"}


@dataclass(frozen=True)
class Quantity:
    """What is compared.

    Attributes:
        name: of a row of recovery.csv.
        words: for a table's head.
        relative: whether the error is that of the mean, in percent; else the RMS error in the unit.
        trunk: whether only markers on the trunk can show it.
    """

    name: str
    words: str
    relative: bool
    trunk: bool = False

    def error(self, row: Mapping[str, Any]) -> float:
        """Return the error of a row of recovery.csv."""
        if not self.relative:
            return float(row["rms"])
        return 100.0 * (float(row["recovered_mean"]) / float(row["true_mean"]) - 1.0)


QUANTITIES = (
    Quantity("knee_extension_moment_peak", "knee extension moment, %", True),
    Quantity("patellofemoral_force_joint_reaction_peak", "kneecap force, %", True),
    Quantity("patellofemoral_stress_joint_reaction_powers_peak", "kneecap stress, %", True),
    Quantity("ankle_plantarflexion_moment_peak", "ankle plantarflexion moment, %", True),
    Quantity("knee_flexion_angle", "knee flexion, deg", False),
    Quantity("trunk_lean_torso_axis_angle", "trunk lean, deg", False, trunk=True),
    Quantity("foot_strike_angle_contact", "foot-strike angle, deg", False),
)
LOADS = tuple(quantity for quantity in QUANTITIES if quantity.relative)
ANGLES = tuple(quantity for quantity in QUANTITIES if not quantity.relative)
COLUMNS = ("marker_set", "laboratory", "subject", "quantity", "error", "unit", "note")


@dataclass(frozen=True)
class MarkerSetStudy:
    """What the comparison is made with.

    Attributes:
        top: the project's folder.
        generic: edited generic model.
        config: the configuration.
        folder: of what is made on the way.
    """

    top: Path
    generic: Path
    config: Mapping[str, Any]
    folder: Path

    def study(self, name: str, laboratory: str) -> VirtualStudy:
        """Return what runners are made from who wear a set, with the body of a laboratory."""
        section = self.config["virtual"]
        given = (markerset_path(self.top, name), self.top / section["gait"])
        inputs = StudyInputs(self.generic, *given, self.top / section["strike"])
        own = MISMATCHED if laboratory == MISMATCHED else MATCHED
        settings = VirtualSettings.from_config({**section, "marker_set": name})
        settings = replace(settings, laboratory=own)
        return read_study(inputs, settings, self.config["scaling"]["strength"])

    def _truth_files(self, runner: str, body: str) -> TruthFiles:
        place = self.folder / f"{runner}_{body}"
        return TruthFiles(*(Path(f"{place}_{part}") for part in ("m.mot", "g.mot", "c.csv")))

    def run(self, runner: str, body: str, progress: Progress) -> None:
        """Write a runner's true habitual trial: it is the same whatever they wear."""
        study = self.study(MARKER_SET, body)
        osim = self.folder / "run.osim"
        make_body(study, study.runner(runner), body, osim)
        done = run_habitual(study, study.runner(runner), compile_body(study, osim), progress)
        write_truth(done.trial, self._truth_files(runner, body))

    def rows(self, name: str, runner: str, laboratory: str) -> Iterator[dict[str, object]]:
        """Yield what a set gives back of a runner whose true trial was written.

        Raises:
            StrikeleanError: the recording cannot be scaled or solved.
        """
        study = self.study(name, laboratory)
        drawn, body = study.runner(runner), study.settings.laboratory
        osim = self.folder / "worn.osim"
        make_body(study, drawn, body, osim)
        files = self._truth_files(runner, body)
        trial = read_truth(files, compile_body(study, osim), study.settings.speed_m_s)
        settings = RecoverySettings(
            Settings.from_config(self.config), markerset_path(self.top, name)
        )
        truth = Truth.of(study, drawn, osim, trial, settings, body)
        found = {str(row["quantity"]): row for _, row in recover_elsewhere(truth, laboratory, {})}
        for quantity in QUANTITIES:
            unseen = quantity.trunk and THORAX not in study.marker_set.bodies()
            row = None if unseen else found.get(quantity.name)
            yield {
                "marker_set": name,
                "laboratory": laboratory,
                "subject": runner,
                "quantity": quantity.name,
                "error": np.nan if row is None else quantity.error(row),
                "unit": "%" if quantity.relative else "deg",
                "note": NO_TRUNK if unseen else "" if row is not None else "not recovered",
            }


def compare_markersets(
    inputs: MarkerSetStudy,
    names: Sequence[str],
    runners: Sequence[str],
    laboratories: Sequence[str] = LABORATORIES,
    progress: Progress = lambda line: None,
) -> pd.DataFrame:
    """Return the errors of quantities by set, laboratory and runner, the columns ``COLUMNS``.

    Args:
        inputs: what it is made with.
        names: of marker sets.
        runners: names of virtual runners, such as ``V01``.
        laboratories: that record.
        progress: called with a line of text now and then.

    Raises:
        StrikeleanError: a runner cannot be made, or a recording not be solved.
    """
    found: list[dict[str, object]] = []
    bodies = {MISMATCHED if name == MISMATCHED else MATCHED for name in laboratories}
    for runner in runners:
        for body in sorted(bodies):
            inputs.run(runner, body, lambda line: None)
            progress(f"{runner}, {HABITUAL}, {body} body: made")
        for name in names:
            for laboratory in laboratories:
                found += inputs.rows(name, runner, laboratory)
            progress(f"{runner}, {name}: recovered")
    return pd.DataFrame(found, columns=list(COLUMNS))


def table_lines(errors: pd.DataFrame, shown: Sequence[Quantity] = QUANTITIES) -> list[str]:
    """Return the errors as Markdown: a line a set, a column a quantity and laboratory.

    Errors of all runners stand in a cell; it is blank where a set cannot show the quantity.

    Args:
        errors: of :func:`compare_markersets`.
        shown: quantities.
    """
    laboratories = list(dict.fromkeys(errors["laboratory"]))
    columns = [(quantity, name) for quantity in shown for name in laboratories]
    blank = " |" * (len(laboratories) - 1)
    heads = [f"{quantity.words}{blank}" for quantity in shown]
    lines = [
        f"| set | {' | '.join(heads)} |",
        "|---|" + "---|" * len(columns),
        "| | " + " | ".join(SHORT.get(name, name) for _, name in columns) + " |",
    ]
    for name, own in errors.groupby("marker_set", sort=False):
        cells = [
            _cell(quantity, own[(own["quantity"] == quantity.name) & (own["laboratory"] == place)])
            for quantity, place in columns
        ]
        lines.append(f"| `{name}` | {' | '.join(cells)} |")
    return lines


def _cell(quantity: Quantity, rows: pd.DataFrame) -> str:
    errors = rows["error"].dropna()
    if errors.empty:
        return ""
    # z: no minus before what rounds to nothing
    return ", ".join(f"{error:+z.1f}" if quantity.relative else f"{error:.1f}" for error in errors)
