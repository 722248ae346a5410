"""Where the load goes: each technique against the runners' own habit, joint by joint, in percent.

A change counts as clear only where it stands beyond the method's own error and the whole of its
band does; what a technique sets, keeps or implies is no finding and has no mark.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd

from strikelean.lab.strike_classes import REARFOOT
from strikelean.report.amounts import technique_words
from strikelean.report.digits import known
from strikelean.report.groups import bases_of, reference_of, words
from strikelean.report.parts import read_table
from strikelean.studies.cohort import PREDICTED, condition_key
from strikelean.studies.compare import STATUSES
from strikelean.techniques import TECHNIQUE_CONDITIONS

MISSING = float("nan")
CLEAR, UNSURE, WITHIN, DEPENDS, WITHHELD = "clear", "unsure", "within", "depends", "withheld"
DIRECTION_OPEN, REACHES_ERROR = "direction open", "reaches the error"
STATUS_WORDS = {
    CLEAR: "direction sure",
    UNSURE: DIRECTION_OPEN,
    WITHIN: "within the error",
    DEPENDS: "muscle model decides",
    WITHHELD: "not a finding",
}
WHY = dict(
    zip(
        STATUSES,
        ("set by the technique", "kept by the technique", "follows from what is set or kept"),
        strict=True,
    )
)


def quantity_of(metric: str) -> str:
    """Return a metric's name in recovery.csv, where nothing is divided by mass or weight."""
    return metric.removesuffix("_per_kg").removesuffix("_bw")


@dataclass(frozen=True)
class Load:
    """A row of the figure: one primary metric of a joint or tissue.

    Attributes:
        group: heading that it stands under.
        metric: in comparisons.csv.
        label: as printed.
    """

    group: str
    metric: str
    label: str

    @property
    def recovered(self) -> str:
        """Its name in recovery.csv, where nothing is divided by mass or weight."""
        return quantity_of(self.metric)

    @property
    def spoken(self) -> str:
        """Its label within a sentence."""
        named = self.label.startswith("Achilles")
        return self.label if named else self.label[:1].lower() + self.label[1:]


KNEECAP, KNEE, HIP = "Front of the knee", "Knee", "Hip"
CALF, BACK, GROUND = "Ankle and calf", "Back", "Ground"
LOADS = (
    Load(KNEECAP, "knee_extension_moment_peak_per_kg", "Knee extension moment"),
    Load(KNEECAP, "patellofemoral_force_net_moment_peak_bw", "Kneecap force, moment"),
    Load(KNEECAP, "patellofemoral_force_joint_reaction_peak_bw", "Kneecap force, muscles"),
    Load(KNEECAP, "patellofemoral_stress_net_moment_powers_peak", "Kneecap stress, moment"),
    Load(KNEECAP, "patellofemoral_stress_joint_reaction_powers_peak", "Kneecap stress, muscles"),
    Load(KNEE, "tibiofemoral_contact_force_peak_bw", "Tibiofemoral force"),
    Load(KNEE, "knee_net_abduction_moment_peak_per_kg", "Knee abduction moment"),
    Load(HIP, "hip_extension_moment_peak_per_kg", "Hip extension moment"),
    Load(HIP, "hip_contact_force_peak_bw", "Hip joint force"),
    Load(HIP, "hamstrings_force_peak_bw", "Hamstrings force"),
    Load(CALF, "ankle_plantarflexion_moment_peak_per_kg", "Plantarflexion moment"),
    Load(CALF, "ankle_contact_force_peak_bw", "Ankle joint force"),
    Load(CALF, "achilles_force_peak_bw", "Achilles tendon force"),
    Load(BACK, "lumbar_extension_moment_peak_per_kg", "Back extension moment"),
    Load(GROUND, "ground_vertical_force_peak_bw", "Vertical ground force"),
    Load(GROUND, "ground_vertical_force_loading_rate_average_bw", "Loading rate"),
)
"""Peaks as metrics.yaml defines them, one a joint or tissue and kind of estimate."""


@dataclass(frozen=True)
class Change:
    """How a load changes, in percent of the load in the condition held against.

    Attributes:
        load: which.
        change: of the mean over runners.
        band: ends of the model's band over the choices of the technique; NaN where there is none.
        interval: ends of the 95 % interval over runners; NaN of virtual runners.
        muscles: ends over other muscle models; NaN where no muscle takes part.
        error: the method's own error of this change (root mean square over virtual runners);
            NaN where nothing is known of this technique.
        stands_in: whether ``error`` is the largest of the technique's other loads, this one's
            own having not been measured.
        elsewhere: the error where bodies and muscles are others than the model's; NaN where it
            was not measured.
        withheld: why it is no finding of the technique, empty where it may be one.
    """

    load: Load
    change: float
    band: tuple[float, float]
    interval: tuple[float, float]
    muscles: tuple[float, float]
    error: float = MISSING
    stands_in: bool = False
    elsewhere: float = MISSING
    withheld: str = ""

    @property
    def modelled(self) -> bool:
        """Whether it could be an error where bodies and muscles are others than the model's."""
        return known(self.elsewhere) and abs(self.change) <= self.elsewhere

    @property
    def main(self) -> tuple[float, float]:
        """Ends that are drawn thick: of the band where there is one, else of the interval."""
        return self.band if known(self.band[0]) else self.interval

    @property
    def status(self) -> str:
        """Return what may be said of it."""
        zone = self.error if known(self.error) else 0.0
        if self.withheld:
            return WITHHELD
        if abs(self.change) <= zone:
            return WITHIN
        if not known(self.main[0]) or not _beyond(self.main, zone):
            return UNSURE
        if known(self.interval[0]) and not _beyond(self.interval, zone):
            return UNSURE
        if known(self.muscles[0]) and not _beyond(self.muscles, zone):
            return DEPENDS
        return CLEAR

    @property
    def words(self) -> str:
        """Return its status in words, of one scale with the answer's and the claims'."""
        ends = [pair for pair in (self.main, self.interval) if known(pair[0])]
        if self.status == UNSURE and ends and all(_beyond(pair, 0.0) for pair in ends):
            return REACHES_ERROR
        return self.withheld or STATUS_WORDS[self.status]


def _beyond(ends: tuple[float, float], zone: float) -> bool:
    """Whether the whole of an interval lies on one side of zero and of the error about it."""
    return ends[0] > zone or ends[1] < -zone


@dataclass(frozen=True)
class Technique:
    """One technique against what it is held against.

    Attributes:
        name: for names in the page.
        title: of the technique, in words.
        against: what it is held against, in words.
        paired: whether the same runners do both.
        predicted: whether a model made one of the two.
        virtual: whether nobody ran.
        n: runners in words, ``6 runners`` or ``6 and 5 runners``.
        changes: a row a load, in the order of :data:`LOADS`.
        absent: loads that are not known here.
    """

    name: str
    title: str
    against: str
    paired: bool
    predicted: bool
    virtual: bool
    n: str
    changes: tuple[Change, ...]
    absent: tuple[str, ...]

    def having(self, *statuses: str) -> list[Change]:
        """Return the changes of which so much may be said."""
        return [change for change in self.changes if change.status in statuses]


@dataclass(frozen=True)
class Errors:
    """How far off a change is that recordings give back, in percent of the load before it.

    Root mean square over virtual runners of the error of a runner's own difference between two
    conditions, each in percent of their own true load in the condition held against.

    Attributes:
        own: by condition, condition held against and quantity, of the laboratory that recorded
            the cohort.
        elsewhere: the same of the other laboratories that recorded the conditions, the largest:
            where bodies and the way muscles share moments are others than the model's.
    """

    own: Mapping[tuple[str, str, str], float] = field(default_factory=dict)
    elsewhere: Mapping[tuple[str, str, str], float] = field(default_factory=dict)

    def at(self, after: str, before: str, quantity: str) -> float:
        """Return the error of a quantity's difference, NaN where none of that contrast is known.

        Of a quantity that was not recovered the largest of the others: an error that was not
        measured is no error of zero.
        """
        others = [error for (a, b, _), error in self.own.items() if (a, b) == (after, before)]
        return self.own.get((after, before, quantity), max(others, default=MISSING))


def contrast_errors(recovery_csv: Path, laboratory: str) -> Errors:
    """Return the errors of differences between conditions.

    Args:
        recovery_csv: recovery.csv, with rows ``a less b``.
        laboratory: that recorded the cohort.
    """
    table = read_table(recovery_csv)
    if "true_mean" not in table:
        return Errors()
    table = table[table["quantity"].isin([load.recovered for load in LOADS])]
    key = ["subject", "laboratory", "quantity"]
    names = table["trial"].str.extract(r"^(?P<after>.+) less (?P<before>.+)$")
    pairs = table.assign(**names).dropna(subset=["after"])
    levels = table[names["after"].isna()].rename(columns={"trial": "before", "true_mean": "level"})
    both = pairs.merge(levels[[*key, "before", "level"]], on=[*key, "before"])
    both = both.assign(share=100.0 * both["rms"] / both["level"].abs())
    both = both[np.isfinite(both["share"])]
    contrast = ["after", "before", "quantity"]
    squares = (both["share"] ** 2).groupby([both[name] for name in ["laboratory", *contrast]])
    errors = np.sqrt(squares.mean())
    at_home = errors.index.get_level_values("laboratory") == laboratory
    farthest = errors[~at_home].groupby(level=contrast).max()
    own = errors[at_home].groupby(level=contrast).max()
    return Errors(*({_key(k): float(e) for k, e in found.items()} for found in (own, farthest)))


def _key(names: Hashable) -> tuple[str, str, str]:
    after, before, quantity = cast(tuple[str, str, str], names)
    return str(after), str(before), str(quantity)


def _ends(row: pd.Series[Any], name: str, factor: float) -> tuple[float, float]:
    ends = sorted((factor * row[f"{name}_low"], factor * row[f"{name}_high"]))
    return (float(ends[0]), float(ends[1]))


def _change(load: Load, row: pd.Series[Any], before: str, after: str, errors: Errors) -> Change:
    """Return a row of comparisons.csv in percent, from ``before`` to ``after``."""
    # the table's own order of two conditions need not be the one asked for
    turned = row["condition_a"] != before
    level = abs(row["mean_b" if turned else "mean_a"])
    factor = (-100.0 if turned else 100.0) / level if level else MISSING
    key = (after, before, load.recovered)
    error = errors.at(*key)
    return Change(
        load,
        float(factor * row["difference"]),
        _ends(row, "band", factor),
        _ends(row, "ci", factor),
        _ends(row, "muscles", factor),
        error,
        key not in errors.own and known(error),
        errors.elsewhere.get(key, MISSING),
        "; ".join(WHY[status] for status in STATUSES if row[status]),
    )


def _technique(own: pd.DataFrame, before: str, after: str, errors: Errors) -> Technique:
    rows = {str(row["metric"]): row for _, row in own.iterrows()}
    changes, absent = [], []
    for load in LOADS:
        if load.metric in rows:
            changes.append(_change(load, rows[load.metric], before, after, errors))
        else:
            absent.append(load.spoken)
    first = own.iloc[0]
    paired = first["design"] != "between_runners"
    counts = [int(own[side].max()) for side in ("n_a", "n_b")]
    if first["condition_a"] != before:
        counts.reverse()
    strikers = "" if paired else " strikers"
    return Technique(
        name=f"where-{after}".replace(" ", "-").replace("(", "").replace(")", ""),
        title=technique_words(own, before, after) + strikers,
        against=words(before) + strikers,
        paired=paired,
        predicted=bool(own["predicted"].any()),
        virtual=bool(own["virtual"].any()),
        n=runners_words(counts, paired=paired),
        changes=tuple(change for change in changes if math.isfinite(change.change)),
        absent=tuple(absent),
    )


def runners_words(counts: Sequence[int], *, paired: bool) -> str:
    """Return in words how many runners two conditions are of, before and after."""
    if not paired:
        return f"{counts[1]} and {counts[0]} runners"
    return f"{counts[0]} runner{'' if counts[0] == 1 else 's'}"


def techniques(comparisons: pd.DataFrame, errors: Errors) -> list[Technique]:
    """Return every technique against the runners' own habit, or strike classes of runners.

    Args:
        comparisons: comparisons.csv, its rows in any order.
        errors: of the method, by :func:`contrast_errors`; empty where nothing is known of them.
    """
    told = comparisons[(comparisons["design"] != "mixed_model") & comparisons["difference"].notna()]
    if told.empty:
        return []
    conditions = sorted({*told["condition_a"], *told["condition_b"]})
    # strike classes of runners are no conditions: heel strikers are what others are held against
    groups = (told["design"] == "between_runners").any()
    habit = REARFOOT if groups else reference_of(conditions)
    found = []
    for after in sorted(set(conditions) - {habit}, key=condition_key):
        before = habit
        if not groups and after.removesuffix(PREDICTED) in TECHNIQUE_CONDITIONS:
            before = next(iter(bases_of(told, after)), habit)
        pair = {before, after}
        own = told[told["condition_a"].isin(pair) & told["condition_b"].isin(pair)]
        if not own.empty:
            found.append(_technique(own, before, after, errors))
    return [technique for technique in found if technique.changes]
