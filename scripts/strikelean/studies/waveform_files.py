"""Tests of whole curves as files: waveform_tests.csv and waveform_tests.h5."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from strikelean.formats.files import write_table
from strikelean.formats.hdf5 import Waveform, read_waveforms, write_waveforms
from strikelean.studies.cohort import Cohort
from strikelean.studies.waveform_tests import REGRESSION, CurveTest, questions, waveform_results

WAVEFORM_COLUMNS = (
    "quantity",
    "unit",
    "test",
    "condition_a",
    "condition_b",
    "n_a",
    "n_b",
    "threshold",
    "t_largest",
    "t_largest_percent",
    "p_raw",
    "p_holm",
    "cluster",
    "start_percent",
    "end_percent",
    "cluster_p",
    "status",
)
MISSING = float("nan")


def _rows(result: CurveTest) -> Iterator[dict[str, Any]]:
    tested = np.isfinite(result.t).any()
    place = int(np.nanargmax(np.abs(result.t))) if tested else -1
    common = {
        "quantity": result.quantity,
        "unit": result.unit,
        "test": result.test,
        "condition_a": result.conditions[0],
        "condition_b": result.conditions[1],
        "n_a": result.n[0],
        "n_b": result.n[1],
        "threshold": result.threshold,
        "t_largest": result.t[place] if tested else MISSING,
        "t_largest_percent": place if tested else MISSING,
        "p_raw": result.p,
        "p_holm": result.p_holm,
        "cluster": MISSING,
        "start_percent": MISSING,
        "end_percent": MISSING,
        "cluster_p": MISSING,
        "status": result.status,
    }
    if not result.clusters:
        yield common
    for number, cluster in enumerate(result.clusters, start=1):
        yield common | {
            "cluster": number,
            "start_percent": cluster.start,
            "end_percent": cluster.end,
            "cluster_p": cluster.p,
        }


def waveform_table(results: Sequence[CurveTest]) -> pd.DataFrame:
    """Return the columns of waveform_tests.csv: a row a cluster, or one where there is none."""
    rows = [row for result in results for row in _rows(result)]
    return pd.DataFrame(rows, columns=list(WAVEFORM_COLUMNS))


def waveform_places(results: Sequence[CurveTest]) -> dict[str, Waveform]:
    """Return the datasets of waveform_tests.h5 by place, untested quantities left out.

    ``/<test>[/<a>_<b>]/<quantity>/``: ``mean_a``, ``mean_b`` (of a line ``mean`` and
    ``slope_per_deg``), ``t`` and ``threshold``, ``p`` (raw, Holm), ``clusters`` (k, 4) with
    start and end in percent of stance, p and sign.
    """
    places: dict[str, Waveform] = {}
    for result in results:
        if not np.isfinite(result.t).any():
            continue
        line = result.test == REGRESSION
        group = result.test if line else f"{result.test}/{'_against_'.join(result.conditions)}"
        stem = f"{group}/{result.quantity}"
        names = ("mean", "slope_per_deg") if line else ("mean_a", "mean_b")
        sign = "rises with the predictor positive" if line else "b minus a positive"
        clusters = np.array([[c.start, c.end, c.p, c.sign] for c in result.clusters])
        numbers = {
            names[0]: (result.mean_a, result.unit),
            names[1]: (result.mean_b, f"{result.unit}/deg" if line else result.unit),
            "t": (result.t, "1"),
            "threshold": (np.array([result.threshold]), "1"),
            "p": (np.array([result.p, result.p_holm]), "1"),
            "clusters": (clusters.reshape(-1, 4), "%, %, 1, sign"),
        }
        for name, (values, unit) in numbers.items():
            places[f"{stem}/{name}"] = Waveform(values, unit, sign, "", "measured")
    return places


def write_waveform_tests(cohort: Cohort, waveforms: Path, table: Path, store: Path) -> None:
    """Write waveform_tests.csv and waveform_tests.h5 of a cohort.

    Args:
        cohort: its runners, with their masses.
        waveforms: cohort.h5.
        table, store: files written; a header alone and no dataset where nothing is tested.

    Raises:
        RecordingError: cohort.h5 is absent or broken.
    """
    # thousands of datasets, of which virtual runners ask nothing
    curves, provenance = read_waveforms(waveforms, None if questions(cohort) else ())
    results = waveform_results(cohort, curves)
    write_table(waveform_table(results), table)
    write_waveforms(store, waveform_places(results), provenance)
