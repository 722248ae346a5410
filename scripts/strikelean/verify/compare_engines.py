"""The benchmark's figures: cost, agreement and growth."""

from __future__ import annotations

import shutil
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from strikelean.config.settings import Settings
from strikelean.constants import GRAVITY_M_S2
from strikelean.errors import SolverError
from strikelean.formats.contacts import Contacts, read_contacts, write_contacts
from strikelean.formats.series import FloatArray
from strikelean.formats.sto import read_sto
from strikelean.layout import TrialFiles
from strikelean.loads.reactions_solve import leg_reactions
from strikelean.markersets import load_markerset
from strikelean.muscles.redundancy import share_moments
from strikelean.signals import nearest_rows
from strikelean.verify.benchmark import (
    STAGES,
    TOOL_MUSCLES,
    BenchmarkTrial,
    Fast,
    Progress,
    Stock,
    peak_memory_mb,
    share_ms,
    slope_ms,
    timed,
)
from strikelean.verify.like_opensim import moments_like_opensims
from strikelean.verify.prepare_trial import solve_files

LEG = ("hip", "kne", "ank", "sub")
# What OpenSim's tools are timed at; differences are taken where it converges, at 1e-7.
STOCK_ACCURACY, CONVERGED_ACCURACY = 1e-6, 1e-7
# The stock optimiser's own moments are farther from the asked ones than this only where it stopped
# without a solution: on the full-body recording 0.15 N m at most.
GAVE_UP_NM = 1.0
INNER_S = 0.03


def measure_costs(
    fast: Fast, stock: Stock, trial: BenchmarkTrial, progress: Progress
) -> dict[str, dict[str, float]]:
    """Return ``{engine: {stage: ms per frame}}``, muscles and loads of both legs.

    Ours over all frames and stances of the trial; OpenSim's tools over the first stance of each
    side, its inverse dynamics over the whole.
    """
    times, rows = fast.motion.time_s, fast.stance()
    whole = (float(times[0]), float(times[-1]))
    solved = fast.both_muscles(rows)
    own = {
        "kinematics": share_ms(partial(fast.kinematics, whole), len(times)),
        "dynamics": share_ms(partial(fast.dynamics, whole), len(times)),
        "muscles": share_ms(partial(fast.both_muscles, rows), len(rows)),
        "joint_loads": share_ms(partial(fast.both_loads, solved), len(rows)),
    }
    step = 1.0 / fast.motion.rate_hz
    costs: dict[str, dict[str, float]] = {"fast": own, "opensim": {}}
    for stage in STAGES:
        # a stance of the quickest tool is lost in what its start costs
        spans = [whole] if stage == "dynamics" else trial.spans.values()
        found = [slope_ms(getattr(stock, stage), span, step) for span in spans]
        costs["opensim"][stage] = float(np.mean(found))
        progress(
            f"{stage:12s} {own[stage]:8.3f} ms a frame, OpenSim {costs['opensim'][stage]:8.2f} ms"
        )
    return costs


def _inner_span(fast: Fast, trial: BenchmarkTrial) -> tuple[float, float]:
    """Return the middle of the right contact, from frame to frame."""
    start, end = trial.spans["right"]
    times = fast.motion.time_s[fast.rows((start + INNER_S, end - INNER_S))]
    return float(times[0]), float(times[-1])


def _moment_differences(
    stock: Stock, trial: BenchmarkTrial, span: tuple[float, float]
) -> tuple[float, ...]:
    """Return the largest difference with OpenSim's error put into ours, and as ours are."""
    files = (trial.folder / name for name in ("scaled.osim", "kinematics.mot", "grf.mot"))
    theirs, like = stock.dynamics(span), moments_like_opensims(*files)
    found = []
    for ours in (like, read_sto(trial.folder / "moments.sto")):
        rows = nearest_rows(ours.time_s, theirs.time_s)
        apart = [np.abs(theirs.column(n) - ours.column(n)[rows]).max() for n in theirs.columns]
        found.append(float(max(apart)))
    return tuple(found)


def _force_difference(stock: Stock, trial: BenchmarkTrial, span: tuple[float, float]) -> float:
    ours, theirs = read_sto(trial.folder / "joint_reactions.sto"), stock.joint_loads(span)
    rows = nearest_rows(ours.time_s, theirs.time_s)
    names = [n for n in ours.columns if "_r_on_" in n and n[-2:] in ("fx", "fy", "fz")]
    return max(float(np.abs(theirs.column(n) - ours.column(n)[rows]).max()) for n in names)


def muscle_differences(fast: Fast, stock: Stock, span: tuple[float, float]) -> dict[str, float]:
    """Return how far apart activations are where both share the same moments.

    OpenSim's optimiser meets the moments only to its own tolerance. Ours is given the moments that
    OpenSim's activations really carry; how far these are from the asked ones is a figure of its
    own, and so is how much more OpenSim's solution costs. Frames in which it gave up (virtual
    runners have many) are counted and left out of the rest.
    """
    leg, theirs = fast.muscles(span, "right"), stock.muscles(span)
    rows = nearest_rows(theirs.time_s, fast.motion.time_s[leg.rows])
    activations = np.column_stack([theirs.column(name)[rows] for name in leg.muscles])
    reserves = np.column_stack([theirs.column(f"reserve_{n}")[rows] for n in leg.coordinates])
    gains, wanted = fast.gains(leg.rows, "right")
    carried = np.einsum("skn,sn->sk", gains, activations) + reserves
    bounds = (TOOL_MUSCLES.activation_min, TOOL_MUSCLES.activation_max)
    alike = share_moments(gains, carried, np.full(reserves.shape[1], 1.0), bounds)

    def cost(active: FloatArray, reserve: FloatArray) -> FloatArray:
        return np.asarray((active**2).sum(axis=1) + (reserve**2).sum(axis=1))

    missed = np.abs(carried - wanted).max(axis=1)
    kept = missed <= GAVE_UP_NM
    if not kept.any():
        raise SolverError(
            "benchmark",
            "a frame whose moments the stock optimiser meets",
            f"none within {GAVE_UP_NM:g} N m",
            "Take another trial",
        )
    own = cost(alike.activations, alike.reserves_nm)[kept]
    theirs_cost = cost(activations, reserves)[kept]
    apart = np.abs(activations - alike.activations)[kept]
    asked = np.abs(activations - leg.activations)[kept]
    return {
        "activation_max": float(apart.max()),
        "activation_max_asked_moments": float(asked.max()),
        "stock_gave_up_share": float(1.0 - kept.mean()),
        "stock_moment_error_max_nm": float(missed[kept].max()),
        "stock_extra_cost_share": float((theirs_cost / own - 1.0).max()),
        "stock_less_cost_share": float((1.0 - theirs_cost / own).max()),
    }


def measure_differences(
    fast: Fast, stock: Stock, trial: BenchmarkTrial, config: dict[str, Any]
) -> dict[str, float]:
    """Return how far the engines are apart, stage by stage on identical inputs, and at the end."""
    span = _inner_span(fast, trial)
    legs = [i for i, c in enumerate(fast.tree.coordinates) if c.name.startswith(LEG)]
    theirs = stock.kinematics(span, CONVERGED_ACCURACY)
    angle = np.degrees(fast.kinematics(span) - theirs)[:, legs]
    like, raw = _moment_differences(stock, trial, span)
    final = _end_to_end(stock, trial, span, config, CONVERGED_ACCURACY)
    early = _end_to_end(stock, trial, span, config, STOCK_ACCURACY)
    return {
        "angle_rms_deg": float(np.sqrt(np.mean(angle**2, axis=0)).max()),
        "moment_max_nm": like,
        "moment_max_nm_as_they_are": raw,
        **muscle_differences(fast, stock, span),
        "joint_force_max_n": _force_difference(stock, trial, span),
        **final,
        "joint_force_end_to_end_bw_stock_at_1e6": early["joint_force_end_to_end_bw"],
    }


def _end_to_end(
    stock: Stock,
    trial: BenchmarkTrial,
    span: tuple[float, float],
    config: dict[str, Any],
    accuracy: float,
) -> dict[str, float]:
    """Return the largest joint-force difference (body weights), each engine by itself.

    From markers to joint forces in the first right contact, both with the tool's muscle capacity;
    with OpenSim's two mistakes (accelerations of the knee, paths around two cylinders) put into
    ours, and as ours are.
    """
    alike = config | {
        "kinematics": config["kinematics"] | {"accuracy": accuracy},
        "muscles": config["muscles"]
        | {
            "capacity": "opensim_tool",
            "tendon": "rigid",
            "strength": 1.0,
            "hip_strength": 1.0,
            "passive_force": False,
        },
    }
    folders = {}
    for engine in ("fast", "opensim"):
        folders[engine] = folder = stock.scratch / engine
        folder.mkdir(exist_ok=True)
        for name in ("scaled.osim", "markers.trc", "grf.mot", "grf_unfiltered.mot"):
            shutil.copy(trial.folder / name, folder / name)
        contacts = read_contacts(trial.folder / "contacts.csv")
        first = [
            row for row in contacts if trial.spans.get(str(row.side)) == (row.start_s, row.end_s)
        ]
        write_contacts(Contacts(first), folder / "contacts.csv")
        solve_files(
            TrialFiles(folder),
            folder / "scaled.osim",
            load_markerset(trial.markerset_path),
            Settings.from_config(alike).with_engine(engine),
        )
    theirs, own = (read_sto(folders[e] / "joint_reactions.sto") for e in ("opensim", "fast"))
    mistaken = Fast(replace(trial, folder=folders["fast"]))
    leg = mistaken.muscles(span, "right")
    paths = mistaken.legs["right"].paths
    found = leg_reactions(paths, mistaken.motion, leg.rows, leg.forces_n, mistaken.ground, "right")
    times = mistaken.motion.time_s[leg.rows]
    rows = [nearest_rows(table.time_s, times) for table in (theirs, own)]
    worst = {"joint_force_end_to_end_bw": 0.0, "joint_force_end_to_end_bw_as_they_are": 0.0}
    weight = float(mistaken.motion.tree.masses_kg.sum()) * GRAVITY_M_S2
    for reaction in found:
        stem = f"{reaction.joint}_on_{reaction.body}_in_{reaction.body}_f"
        force = theirs.vector(stem)[rows[0]]
        for name, ours in zip(worst, (reaction.force_n, own.vector(stem)[rows[1]]), strict=True):
            apart = float(np.linalg.norm(force - ours, axis=1).max()) / weight
            worst[name] = max(worst[name], apart)
    return worst


def solve_all(trial: BenchmarkTrial) -> int:
    """Run our four solvers over a whole trial; return its frames. One job of the growth table."""
    fast = Fast(trial)
    times = fast.motion.time_s
    whole = (float(times[0]), float(times[-1]))
    fast.kinematics(whole)
    fast.dynamics(whole)
    fast.both_loads(fast.both_muscles(fast.stance()))
    return len(times)


def _solve_many(trial: BenchmarkTrial, runners: int) -> None:
    for _ in range(runners):
        solve_all(trial)


def _solve_on_cores(trial: BenchmarkTrial, runners: int, cores: int) -> None:
    with ProcessPoolExecutor(cores) as pool:
        list(pool.map(solve_all, [trial] * runners))


def measure_growth(trial: BenchmarkTrial, progress: Progress) -> list[dict[str, float | str]]:
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


def benchmark_engines(
    trial: BenchmarkTrial, scratch: Path, config: dict[str, Any], progress: Progress
) -> dict[str, Any]:
    """Return everything ``benchmarks/engine.json`` holds."""
    fast = Fast(trial)
    scratch.mkdir(exist_ok=True)
    stock = Stock(trial, scratch, fast)
    costs = measure_costs(fast, stock, trial, progress)
    totals = {engine: sum(stages.values()) for engine, stages in costs.items()}
    differences = measure_differences(fast, stock, trial, config)
    growth = measure_growth(trial, progress)
    return {
        "ratio_total": totals["opensim"] / totals["fast"],
        "ratio": {stage: costs["opensim"][stage] / costs["fast"][stage] for stage in STAGES},
        "ms_per_frame": costs,
        **differences,
        "peak_memory_mb": peak_memory_mb(),
        "growth": growth,
    }
