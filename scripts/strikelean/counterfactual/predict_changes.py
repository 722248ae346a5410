"""What a model predicts of changes that were recorded: the runner before, asked what changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd

from strikelean.counterfactual.solve_techniques import Progress, Solved, TechniqueSolver
from strikelean.errors import StrikeleanError
from strikelean.loads.choices import MUSCLES, column, named_shifts
from strikelean.loads.metrics_table import BAND_KEY
from strikelean.muscles.leg import MuscleSettings
from strikelean.techniques import Technique

DELIVERED = ""
"""Name of the choices that were made, among those of the band."""

CHANGE_COLUMNS = ("asked", "technique", *BAND_KEY, "unit", "choice", "before", "after", "reason")
UNCHANGED = Technique()


def _means(metrics: pd.DataFrame, quantities: Sequence[str]) -> pd.DataFrame:
    """Return means over steps by side and metric, of some metrics, and their units."""
    own = metrics[metrics["metric"].isin(quantities)]
    return own.groupby(BAND_KEY, sort=False).agg(value=("value", "mean"), unit=("unit", "first"))


def _beside(before: pd.DataFrame, after: pd.DataFrame, choice: str) -> pd.DataFrame:
    """Return the same strides before and after, one row a side and metric."""
    both = before.rename(columns={"value": "before"}).join(after["value"].rename("after"))
    return both.reset_index().assign(choice=choice)


def _under_choices(central: pd.DataFrame, band: pd.DataFrame) -> list[pd.DataFrame]:
    """Return the delivered prediction moved by each choice of its technique."""
    if band.empty:
        return []
    shifts = named_shifts(band).set_index(BAND_KEY)
    found = []
    for name in shifts.columns:
        moved = central.join(shifts[name].rename("shift"), on=BAND_KEY)
        # of what was not solved under a choice nothing is known
        moved["after"] += moved.pop("shift")
        found.append(moved.assign(choice=str(name)).dropna(subset=["after"]))
    return found


def predict_changes(
    runner: TechniqueSolver,
    asked: Mapping[str, Technique],
    quantities: Sequence[str],
    muscle_variants: Mapping[str, MuscleSettings],
    band_strides: int,
    progress: Progress = lambda line: None,
) -> pd.DataFrame:
    """Return the same strides before and after techniques, under every choice one at a time.

    Before and after go through the same computation: the strides with nothing asked, which is the
    recording, and those with the technique.

    Args:
        runner: the recording before.
        asked: techniques, by a name of the caller's.
        quantities: metrics.
        muscle_variants: other ways to share moments among muscles, by name.
        band_strides: strides from which the choices of a technique are tried.
        progress: called with a line of text now and then.

    Returns:
        ``CHANGE_COLUMNS``, means over steps by side; ``choice`` is empty for the choices made. A
        technique that every stride refuses has one row, with the reason.
    """
    unchanged, *solved = runner.solve_all([UNCHANGED, *asked.values()], progress)
    tables = [pd.DataFrame(columns=list(CHANGE_COLUMNS))]
    usable: dict[str, Solved] = {}
    for name, one in zip(asked, solved, strict=True):
        if one.strides:
            usable[name] = one
        else:
            told = {"asked": name, "technique": one.technique.name, "reason": one.reasons()}
            tables.append(pd.DataFrame([told]))
    if unchanged.strides and usable:
        tables.append(
            _predictions(runner, unchanged, usable, quantities, muscle_variants, band_strides,
                         progress)
        )  # fmt: skip
    return pd.concat(tables, ignore_index=True)[list(CHANGE_COLUMNS)]


def _same_strides(unchanged: Solved, solved: Solved) -> Solved:
    """Return the unchanged strides of those that were solved."""
    kept = {span.start_s for span, _ in solved.strides}
    strides = tuple(pair for pair in unchanged.strides if pair[0].start_s in kept)
    return replace(unchanged, strides=strides)


def _predictions(
    runner: TechniqueSolver,
    unchanged: Solved,
    solved: Mapping[str, Solved],
    quantities: Sequence[str],
    muscle_variants: Mapping[str, MuscleSettings],
    band_strides: int,
    progress: Progress,
) -> pd.DataFrame:
    cases = [pair for one in solved.values() for pair in (_same_strides(unchanged, one), one)]
    central = _evaluated(runner, solved, cases, quantities, DELIVERED)
    tables = list(central.values())
    bands = runner.bands(list(solved.values()), band_strides, progress)
    for name, band in zip(solved, bands, strict=True):
        if name in central and "choice" in central[name]:
            tables += _under_choices(central[name], band)
    for variant, muscles in muscle_variants.items():
        other = replace(runner, how=replace(runner.how, muscles=muscles))
        choice = column(MUSCLES, variant)
        found = _evaluated(other, solved, cases, quantities, choice)
        # one that could not be evaluated says nothing
        tables += [table for table in found.values() if "before" in table]
        progress(f"muscles otherwise: {variant}")
    return pd.concat(tables)


def _evaluated(
    runner: TechniqueSolver,
    solved: Mapping[str, Solved],
    cases: Sequence[Solved],
    quantities: Sequence[str],
    choice: str,
) -> dict[str, pd.DataFrame]:
    """Return each prediction beside its strides unchanged, or why there is none."""
    metrics = runner.evaluate_all(cases)
    found = {}
    for place, (name, one) in enumerate(solved.items()):
        before, after = metrics[2 * place], metrics[2 * place + 1]
        told = {"asked": name, "technique": one.technique.name}
        failed = next((m for m in (before, after) if isinstance(m, StrikeleanError)), None)
        if failed is not None:
            found[name] = pd.DataFrame([told | {"reason": str(failed)}])
            continue
        assert isinstance(before, pd.DataFrame)
        assert isinstance(after, pd.DataFrame)
        table = _beside(_means(before, quantities), _means(after, quantities), choice)
        found[name] = table.assign(**told, reason=one.reasons())
    return found
