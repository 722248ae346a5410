"""What truly happened, in files: OpenSim's own formats, and a small table of contacts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from strikelean.formats.files import require_data, write_table
from strikelean.formats.sto import read_sto, write_sto
from strikelean.model.tree import KinematicTree
from strikelean.motion.coordinates_io import read_coordinates, write_coordinates
from strikelean.virtual.trial import TrueContact, TrueTrial


@dataclass(frozen=True)
class TruthFiles:
    """Files of one true trial.

    Attributes:
        motion: coordinates at the rate of the markers.
        ground: force, point and torque of each foot at the rate of the plate.
        contacts: side, start_s, end_s: from nothing to nothing.
    """

    motion: Path
    ground: Path
    contacts: Path


def write_truth(trial: TrueTrial, files: TruthFiles) -> None:
    """Write a true trial."""
    write_coordinates(files.motion, trial.tree, trial.time_s, trial.coordinates)
    write_sto(files.ground, trial.ground, "True ground forces of a virtual runner")
    rows = [(contact.side, contact.start_s, contact.end_s) for contact in trial.contacts]
    write_table(pd.DataFrame(rows, columns=["side", "start_s", "end_s"]), files.contacts, digits=10)


def read_truth(files: TruthFiles, tree: KinematicTree, speed_m_s: float) -> TrueTrial:
    """Read a true trial.

    Args:
        files: of :func:`write_truth`.
        tree: the true model, compiled.
        speed_m_s: belt speed.

    Raises:
        RecordingError: a file is absent or broken.
        ExcludedError: the runner could not be made; the reason stands in the files.
    """
    require_data(files.contacts, "read_truth")
    time_s, coordinates = read_coordinates(files.motion, tree)
    contacts = tuple(
        TrueContact(str(side), float(start), float(end))
        for side, start, end in pd.read_csv(files.contacts).itertuples(index=False, name=None)
    )
    return TrueTrial(tree, time_s, coordinates, read_sto(files.ground), contacts, speed_m_s)
