"""What another technique costs, by part, on one trial and one core."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from strikelean.config.settings import Settings
from strikelean.counterfactual.solve_techniques import TechniqueSolver
from strikelean.counterfactual.sweep import sweep_lean
from strikelean.counterfactual.write import open_runner
from strikelean.loads.trial_loads import TrialFacts
from strikelean.markersets import load_markerset
from strikelean.techniques import Technique
from strikelean.verify import prepare_trial

LEAN_DEG = 10
SWEEP_DEG = (-10, -5, 0, 5, 10, 15, 20, 25, 30)
# how a sweep grows with its angles
FEWER_DEG = (-10, 0, 10)
STRIDES = 5
Progress = Callable[[str], None]


def _seconds(run: Callable[[], Any]) -> tuple[float, Any]:
    """Return the processor seconds of a call, and what it gives: neighbours do not slow it."""
    start = time.process_time()
    found = run()
    return time.process_time() - start, found


def _parts(runner: TechniqueSolver) -> dict[str, float]:
    """Return the seconds of one lean, each part alone, medians over the strides."""
    technique = Technique(lean_deg=LEAN_DEG)
    # the first solve of a process also fills caches
    first, _ = _seconds(lambda: runner.solve(technique))
    strides = []
    for span in runner.base.spans:
        one = replace(runner, base=replace(runner.base, spans=(span,)))
        strides.append(_seconds(partial(one.solve, technique))[0])
    solved = runner.solve(technique)
    derive_s, trial = _seconds(lambda: runner.derive(solved))
    evaluate_s, _ = _seconds(lambda: runner.evaluate(technique, trial))
    band_s, _ = _seconds(lambda: runner.band(solved, 1))
    return {
        "lean_first_strides_s": first,
        "lean_stride_s": float(np.median(strides)),
        "lean_derive_s": derive_s,
        "lean_evaluate_s": evaluate_s,
        "lean_band_s": band_s,
    }


def benchmark_techniques(
    folder: Path,
    recorded: prepare_trial.Recorded,
    top: Path,
    config: dict[str, Any],
    progress: Progress,
) -> dict[str, float]:
    """Return what one lean and a sweep of nine angles cost on a recording, processor seconds.

    Args:
        folder: the solved recording.
        recorded: whose recording.
        top: folder of the project.
        config: delivered configuration.
        progress: called with a line of text now and then.
    """
    markerset = prepare_trial.markerset_path(top, recorded.marker_set)
    facts = TrialFacts(
        "runner",
        "run",
        recorded.mass_kg,
        recorded.height_m,
        None,
        load_markerset(markerset).trunk,
    )
    settings = Settings.from_config(config | {"counterfactual": config["counterfactual"] | {
        "strides": STRIDES, "band_strides": config["sweep"]["band_strides"]}})  # fmt: skip
    files = prepare_trial.recorded_files(folder, markerset)
    progress("another technique: one lean by part")
    read_s, runner = _seconds(lambda: open_runner(files, settings, facts))
    figures = {"lean_read_s": read_s} | _parts(runner)
    progress(f"another technique: a sweep of {len(SWEEP_DEG)} angles over {STRIDES} strides")
    table = folder / "sweep.csv"
    fewer_s, _ = _seconds(lambda: sweep_lean(files, FEWER_DEG, settings, facts, table))
    sweep_s, _ = _seconds(lambda: sweep_lean(files, SWEEP_DEG, settings, facts, table))
    more = len(SWEEP_DEG) - len(FEWER_DEG)
    return figures | {
        "sweep_3_angles_5_strides_s": fewer_s,
        "sweep_9_angles_5_strides_s": sweep_s,
        "sweep_another_angle_s": (sweep_s - fewer_s) / more,
    }
