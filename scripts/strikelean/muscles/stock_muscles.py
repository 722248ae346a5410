"""Muscle forces of one leg by OpenSim's static optimisation, contact by contact."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from strikelean.dynamics.solve import Motion
from strikelean.dynamics.stock_tools import (
    actuated_model,
    cut_motion,
    run_static_optimisation,
)
from strikelean.formats.series import FloatArray
from strikelean.signals import contiguous_runs, nearest_rows

# Kinematics before and after a contact, so that the tool's splines end outside it.
MARGIN_S = 0.05


@dataclass(frozen=True)
class StockInputs:
    """Files of the trial, and the moment of a reserve that costs as much as a muscle (N m)."""

    scaled_osim: Path
    kinematics: Path
    grf: Path
    reserve_nm: float


def share_by_opensim(
    inputs: StockInputs,
    motion: Motion,
    rows: NDArray[np.int64],
    muscles: tuple[str, ...],
    coordinates: tuple[str, ...],
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return tendon forces (S, N), activations (S, N) and reserves (S, K) at (S,) stance rows.

    The tool has its own capacity: no pennation, no elastic force, lower bounds of the model's
    controls.
    """
    inside = np.zeros(len(motion.time_s), dtype=bool)
    inside[rows] = True
    forces, activations = (np.empty((len(rows), len(muscles))) for _ in range(2))
    reserves = np.empty((len(rows), len(coordinates)))
    names = [f"reserve_{name}" for name in coordinates]
    done = 0
    with TemporaryDirectory() as scratch:
        folder = Path(scratch)
        actuated_model(inputs.scaled_osim, folder / "actuated.osim", inputs.reserve_nm)
        for run in contiguous_runs(inside):
            times = motion.time_s[run]
            span = float(times[0]), float(times[-1])
            part = folder / "kinematics.mot"
            cut_motion(inputs.kinematics, part, span[0] - MARGIN_S, span[1] + MARGIN_S)
            active, force = run_static_optimisation(
                folder / "actuated.osim", part, inputs.grf, folder, span
            )
            place = slice(done, done + len(times))
            found = nearest_rows(active.time_s, times)
            activations[place] = active.values[found][:, [active.index(n) for n in muscles]]
            forces[place] = force.values[found][:, [force.index(n) for n in muscles]]
            reserves[place] = force.values[found][:, [force.index(n) for n in names]]
            done += len(times)
    return forces, activations, reserves
