"""The benchmark's figures: cost, agreement and growth."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from strikelean.formats.series import FloatArray, TimeSeries
from strikelean.formats.sto import read_sto
from strikelean.lab.contacts import GRAVITY_M_S2
from strikelean.markersets import SIDES
from strikelean.muscles.solve import LegSolution
from strikelean.verify.benchmark import (
    STAGES,
    Fast,
    Progress,
    Stock,
    Trial,
    frame_cost_ms,
    peak_memory_mb,
    timed,
)

LEG = ("hip", "kne", "ank", "sub")
# A cost higher than ours by more than this share means that the stock optimiser stopped early.
STOPPED_EARLY = 2e-3


def _rows(series: TimeSeries, times: FloatArray) -> NDArray[np.int64]:
    return np.array([int(np.argmin(np.abs(series.time_s - time))) for time in times])


def measure_costs(
    fast: Fast, stock: Stock, trial: Trial, progress: Progress
) -> dict[str, dict[str, float]]:
    """Return ``{engine: {stage: ms per frame}}``, means over the first contact of each side."""
    step = 1.0 / fast.motion.rate_hz
    costs: dict[str, dict[str, float]] = {"fast": {}, "opensim": {}}
    for stage in STAGES:
        found: dict[str, list[float]] = {"fast": [], "opensim": []}
        for side, span in trial.spans.items():
            own: Any = getattr(fast, stage)
            if stage in ("muscles", "joint_loads"):
                found["fast"].append(frame_cost_ms(partial(own, side=side), span, step))
            else:
                found["fast"].append(frame_cost_ms(own, span, step))
            found["opensim"].append(frame_cost_ms(getattr(stock, stage), span, step))
        for engine, values in found.items():
            costs[engine][stage] = float(np.mean(values))
        progress(
            f"{stage:12s} {costs['fast'][stage]:8.2f} ms a frame, "
            f"OpenSim {costs['opensim'][stage]:8.1f} ms"
        )
    return costs


def _inner_span(fast: Fast, trial: Trial) -> tuple[float, float]:
    """Return the middle of the right contact, from frame to frame."""
    start, end = trial.spans["right"]
    times = fast.motion.time_s[fast.rows((start + 0.03, end - 0.03))]
    return float(times[0]), float(times[-1])


def _cost(activations: FloatArray, reserves_nm: FloatArray) -> FloatArray:
    """Return the criterion both engines minimise, (S,)."""
    return np.asarray((activations**2).sum(axis=1) + (reserves_nm**2).sum(axis=1))


def _moment_difference(stock: Stock, trial: Trial, span: tuple[float, float]) -> float:
    ours, theirs = read_sto(trial.folder / "moments.sto"), stock.dynamics(span)
    rows = _rows(ours, theirs.time_s)
    return max(float(np.abs(theirs.column(n) - ours.column(n)[rows]).max()) for n in theirs.columns)


def _force_difference(stock: Stock, trial: Trial, span: tuple[float, float]) -> float:
    ours, theirs = read_sto(trial.folder / "joint_reactions.sto"), stock.joint_loads(span)
    rows = _rows(ours, theirs.time_s)
    names = [n for n in ours.columns if "_r_on_" in n and n[-2:] in ("fx", "fy", "fz")]
    return max(float(np.abs(theirs.column(n) - ours.column(n)[rows]).max()) for n in names)


def measure_differences(fast: Fast, stock: Stock, trial: Trial) -> dict[str, float]:
    """Return how far the engines are apart, stage by stage on identical inputs.

    The stock optimiser sometimes stops early, at a higher cost than ours; activations and
    end-to-end forces are compared where it does not, and the frames where it does are counted.
    """
    span = _inner_span(fast, trial)
    tree = fast.tree
    legs = [i for i, c in enumerate(tree.coordinates) if c.name.startswith(LEG)]
    angle = np.degrees(fast.kinematics(span) - stock.kinematics(span, 1e-7))[:, legs]
    leg, theirs = fast.muscles(span, "right"), stock.muscles(span)
    rows = _rows(theirs, fast.motion.time_s[leg.rows])
    activations = np.column_stack([theirs.column(name)[rows] for name in leg.muscles])
    reserves = np.column_stack([theirs.column(f"reserve_{n}")[rows] for n in leg.coordinates])
    own_cost = _cost(leg.activations, leg.reserves_nm)
    finished = _cost(activations, reserves) < own_cost * (1.0 + STOPPED_EARLY)
    apart = np.abs(activations - leg.activations)[finished]
    return {
        "angle_rms_deg": float(np.sqrt(np.mean(angle**2, axis=0)).max()),
        "moment_max_nm": _moment_difference(stock, trial, span),
        "activation_max": float(apart.max()),
        "stock_muscle_frames_stopped_early": float(np.count_nonzero(~finished)),
        "joint_force_max_n": _force_difference(stock, trial, span),
        "joint_force_end_to_end_bw": _end_to_end(fast, stock, leg, span, finished),
    }


def _end_to_end(
    fast: Fast,
    stock: Stock,
    leg: LegSolution,
    span: tuple[float, float],
    finished: NDArray[np.bool_],
) -> float:
    """Return the largest joint-force difference (body weights), each engine with its own muscles.

    Kinematics are shared here: their difference is a figure of its own.
    """
    loads = stock.joint_loads(span, stock.scratch / "stock_StaticOptimization_force.sto")
    values = np.full(fast.forces.values.shape, np.nan)
    columns = [fast.forces.index(name) for name in leg.muscles]
    values[np.ix_(leg.rows, np.array(columns))] = leg.forces_n
    rows = _rows(loads, fast.motion.time_s[leg.rows])
    worst = 0.0
    for reaction in fast.reactions_under(values, leg.rows, "right"):
        stem = f"{reaction.joint}_on_{reaction.body}_in_{reaction.body}_f"
        difference = loads.vector(stem, ("x", "y", "z"))[rows] - reaction.force_n
        worst = max(worst, float(np.linalg.norm(difference[finished], axis=1).max()))
    return worst / (float(fast.motion.tree.masses_kg.sum()) * GRAVITY_M_S2)


def solve_all(trial: Trial) -> int:
    """Run our four solvers over a whole trial; return its frames. One job of the growth table."""
    fast = Fast(trial)
    times = fast.motion.time_s
    whole = (float(times[0]), float(times[-1]))
    fast.kinematics(whole)
    fast.dynamics(whole)
    for side in SIDES:
        own = [i for i, n in enumerate(fast.forces.columns) if n.endswith(f"_{side[0]}")]
        rows = np.flatnonzero(np.isfinite(fast.forces.values[:, own]).all(axis=1))
        fast.solve_rows(rows, side)
    return len(times)


def _solve_many(trial: Trial, runners: int) -> None:
    for _ in range(runners):
        solve_all(trial)


def _solve_on_cores(trial: Trial, runners: int, cores: int) -> None:
    with ProcessPoolExecutor(cores) as pool:
        list(pool.map(solve_all, [trial] * runners))


def measure_growth(trial: Trial, progress: Progress) -> list[dict[str, float | str]]:
    """Return seconds against frames, runners and cores."""
    fast = Fast(trial)
    step = 1.0 / fast.motion.rate_hz
    start = trial.spans["right"][0]
    rows: list[dict[str, float | str]] = []
    longest = len(fast.rows((start, float(fast.motion.time_s[-1]))))
    for frames in (25, 50, 100, 200, 400):
        if frames <= longest:
            span = (start, start + (frames - 1) * step)
            seconds = timed(fast.kinematics, span) + timed(fast.dynamics, span)
            rows.append({"what": "frames", "size": frames, "seconds": seconds})
    for runners in (1, 2, 4):
        seconds = timed(_solve_many, trial, runners)
        rows.append({"what": "runners", "size": runners, "seconds": seconds})
    for cores in (1, 2):
        seconds = timed(_solve_on_cores, trial, 4, cores)
        rows.append({"what": "cores (4 runners)", "size": cores, "seconds": seconds})
    for row in rows:
        progress(f"{row['what']:18s} {row['size']:4d} {row['seconds']:8.2f} s")
    return rows


def benchmark_engines(trial: Trial, scratch: Path, progress: Progress) -> dict[str, Any]:
    """Return everything ``benchmarks/engine.json`` holds."""
    fast = Fast(trial)
    scratch.mkdir(exist_ok=True)
    stock = Stock(trial, scratch, fast)
    costs = measure_costs(fast, stock, trial, progress)
    totals = {engine: sum(stages.values()) for engine, stages in costs.items()}
    differences = measure_differences(fast, stock, trial)
    growth = measure_growth(trial, progress)
    return {
        "ratio_total": totals["opensim"] / totals["fast"],
        "ratio": {stage: costs["opensim"][stage] / costs["fast"][stage] for stage in STAGES},
        "ms_per_frame": costs,
        **differences,
        "peak_memory_mb": peak_memory_mb(),
        "growth": growth,
    }
