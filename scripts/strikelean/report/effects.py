"""One load's change under a technique, in percent, and what may be said of it.

What may be said follows the rule that judges the claims (:mod:`strikelean.studies.verdicts`) and
its smallest effect that matters. Two things are asked beside it: a change no larger than the
method's own error is no finding, and one whose sign turns with the muscle model depends on that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from strikelean.report.digits import known
from strikelean.report.where import Errors, quantity_of
from strikelean.studies.compare import STATUSES
from strikelean.studies.definitions import ContrastSpec
from strikelean.studies.one_runner import ONE_RUNNER
from strikelean.studies.verdicts import (
    CONTRADICTED,
    DEPENDS,
    NO_DIFFERENCE,
    SUPPORTED,
    Intervals,
    Question,
    answers,
)

MISSING = float("nan")
UNKNOWN_ENDS = (MISSING, MISSING)
WITHIN_ERROR = "within the method's own error"
FALLS, RISES, SAME, OPEN = "falls", "rises", "stays", "open"
BETWEEN_CLASSES = ("rearfoot", "forefoot")

Ends = tuple[float, float]


@dataclass(frozen=True)
class Effect:
    """How much a load changes, in percent of the condition compared with.

    Attributes:
        metric: as in comparisons.csv.
        change: of the mean over runners.
        ends: of the model's band where it is a prediction, else of the 95 % interval.
        narrow: of the 90 % interval where there is one, else the same.
        muscles: ends over other models of the muscles, NaN where no muscle takes part.
        error: the method's own, NaN where it is not known.
        smallest: change that matters.
        detectable: of one runner's recordings, the smallest change that their steps let be seen.
    """

    metric: str
    change: float
    ends: Ends
    narrow: Ends
    muscles: Ends
    error: float
    smallest: float
    detectable: float = MISSING

    @property
    def answer(self) -> str:
        """The answer to "does it fall?", as a claim's test would have it."""
        if known(self.error) and abs(self.change) <= self.error:
            return WITHIN_ERROR
        if known(self.muscles[0]) and not _one_sign((*self.muscles, self.change)):
            return DEPENDS
        question = Question("decrease", self.smallest)
        return str(answers(question, Intervals(self.ends, self.narrow, self.ends)))

    @property
    def sure(self) -> bool:
        """Whether its sign is: the whole of its ends lies beyond zero and the method's error."""
        zone = self.error if known(self.error) else 0.0
        return self.ends[0] > zone or self.ends[1] < -zone

    @property
    def way(self) -> str:
        """Which way it goes: falls, rises, stays, depends on the muscle model, or open."""
        if self.answer in (NO_DIFFERENCE, WITHIN_ERROR):
            return SAME
        if self.answer == DEPENDS:
            return DEPENDS
        if not self.sure:
            return OPEN
        return FALLS if self.change < 0.0 else RISES

    @property
    def matters(self) -> bool:
        """Whether it is surely larger than the smallest change that matters."""
        return self.answer in (SUPPORTED, CONTRADICTED)


def _one_sign(values: tuple[float, ...]) -> bool:
    return all(value > 0.0 for value in values) or all(value < 0.0 for value in values)


def _turned(ends: Ends) -> Ends:
    return (-ends[1], -ends[0])


@dataclass(frozen=True)
class Contrast:
    """Two conditions of the same runners, or two classes of runners, as compared.

    Attributes:
        before, after: what is compared with what.
        paired: whether the same runners did both.
        predicted, virtual: as comparisons.csv says.
        n: runners before and after.
        effects: by metric, in percent; only what may be a finding of a technique.
        differences: by metric, in its own unit.
        levels: means before, by metric, in its own unit.
        steps: of one runner, steps before and after.
    """

    before: str
    after: str
    paired: bool
    predicted: bool
    virtual: bool
    n: tuple[int, int]
    effects: Mapping[str, Effect]
    differences: Mapping[str, float]
    levels: Mapping[str, float] = field(default_factory=dict)
    steps: tuple[int, int] = (0, 0)

    @property
    def alone(self) -> bool:
        """Whether it is of one runner, which says nothing of runners in general."""
        return self.paired and self.n[0] == 1

    @property
    def modelled(self) -> bool:
        """Whether a model made one of the two, so that its own choices are the ends."""
        return self.predicted or self.virtual


@dataclass(frozen=True)
class Sources:
    """What contrasts are made of.

    Attributes:
        comparisons, tests: comparisons.csv and claim_tests.csv.
        contrasts: the claims' contrasts, by their label in claim_tests.csv.
        smallest: gives the smallest effect that matters of a metric, %.
        errors: of the method.
    """

    comparisons: pd.DataFrame
    tests: pd.DataFrame
    contrasts: Mapping[str, ContrastSpec]
    smallest: Callable[[str], float]
    errors: Errors = field(default_factory=Errors)

    @property
    def told(self) -> pd.DataFrame:
        """Rows of comparisons.csv with a difference, a mixed model's left out."""
        table = self.comparisons
        return table[(table["design"] != "mixed_model") & table["difference"].notna()]

    def contrast(self, before: str, after: str) -> Contrast | None:
        """Return one condition against another, None where they are not compared."""
        told = self.told
        for a, b in ((before, after), (after, before)):
            own = told[(told["condition_a"] == a) & (told["condition_b"] == b)]
            if not own.empty:
                return self._contrast(own.set_index("metric"), before, after)
        return None

    def _contrast(self, own: pd.DataFrame, before: str, after: str) -> Contrast:
        turned = own["condition_a"].iloc[0] != before
        paired = bool(own["design"].isin(["within_runners", ONE_RUNNER]).all())
        counts = int(own["n_a"].max()), int(own["n_b"].max())
        steps = tuple(int(own[name].fillna(0).max()) for name in ("steps_a", "steps_b"))
        effects = {}
        for metric, row in own.iterrows():
            if not any(bool(row[flag]) for flag in STATUSES):
                effect = self._effect(str(metric), row, turned)
                if effect is not None:
                    effects[str(metric)] = effect
        sign = -1.0 if turned else 1.0
        return Contrast(
            before,
            after,
            paired,
            bool(own["predicted"].any()),
            bool(own["virtual"].any()),
            counts[::-1] if turned else counts,
            effects,
            {str(metric): sign * float(d) for metric, d in own["difference"].items()},
            {str(m): float(v) for m, v in own["mean_b" if turned else "mean_a"].items()},
            (steps[1], steps[0]) if turned else (steps[0], steps[1]),
        )

    def _effect(self, metric: str, row: pd.Series[Any], turned: bool) -> Effect | None:
        """Return a row in percent, None where a percent of it means nothing."""
        level = float(row["mean_b" if turned else "mean_a"])
        try:
            smallest = self.smallest(metric)
        except KeyError:
            return None
        if not level > 0.0:
            return None
        share = 100.0 / level

        def ends(name: str) -> Ends:
            pair = share * float(row[f"{name}_low"]), share * float(row[f"{name}_high"])
            return _turned(pair) if turned else pair

        change = share * float(row["difference"]) * (-1.0 if turned else 1.0)
        kind = "band" if row["predicted"] or row["virtual"] else "ci"
        usual = narrow = ends(kind)
        test = None if turned else self._test(metric, row)
        if test is not None and kind == "ci":
            # the ratio's own interval, as the claim prints it
            usual = float(test["ci_low"]), float(test["ci_high"])
            narrow = float(test["ci90_low"]), float(test["ci90_high"])
        conditions = [row["condition_b"], row["condition_a"]]
        after, before = conditions[::-1] if turned else conditions
        error = self.errors.at(str(after), str(before), quantity_of(metric))
        detectable = share * float(row["smallest_detectable"])
        return Effect(metric, change, usual, narrow, ends("muscles"), error, smallest, detectable)

    def between_classes(self, metric: str) -> Effect | None:
        """Return what recorded runners who land on the forefoot show against others, by a claim."""
        tests = self.tests
        own = tests[(tests["metric"] == metric) & (tests["design"] == "between_runners")]
        for _, test in own[(own["unit"] == "%") & own["estimate"].notna()].iterrows():
            spec = self.contrasts.get(str(test["contrast"]))
            if spec is not None and spec.between == "strike_class":
                return _tested(test)
        return None

    def classed(self) -> Contrast | None:
        """Return what claims' tests say of runners by the strike of their own, None without any.

        For cohorts whose conditions are no strikes, which comparisons.csv compares by condition.
        """
        specs = [spec for spec in self.contrasts.values() if spec.between == "strike_class"]
        return next(filter(None, map(self._of_tests, specs)), None)

    def dosed(self, condition: str) -> tuple[Contrast | None, float]:
        """Return what claims' tests of one dose of a condition say, and that dose.

        For conditions run at several doses, which comparisons.csv leaves out.
        """
        specs = [spec for spec in self.contrasts.values() if spec.condition_b == condition]
        for spec in sorted((s for s in specs if s.dose), key=_change_of):
            found = self._of_tests(spec)
            if found is not None:
                return found, _change_of(spec)
        return None, MISSING

    def _of_tests(self, spec: ContrastSpec) -> Contrast | None:
        """Return what claims' tests of a contrast say in percent, None where none does."""
        own = self.tests[self.tests["contrast"] == spec.label]
        own = own[(own["unit"] == "%") & own["estimate"].notna()]
        effects = {str(row["metric"]): _tested(row) for _, row in own.iterrows()}
        if not effects:
            return None
        n = int(own["n_a"].max()), int(own["n_b"].max())
        predicted = bool((own["predicted"] == "yes").any())
        paired = bool((own["design"] == "within_runners").all())
        return Contrast("", "", paired, predicted, False, n, effects, {})

    def _test(self, metric: str, row: pd.Series[Any]) -> pd.Series[Any] | None:
        """Return the claims' own test of the same difference, None where there is none."""
        tests = self.tests
        own = tests[
            (tests["metric"] == metric)
            & (tests["design"] == row["design"])
            & (tests["unit"] == "%")
            & tests["estimate"].notna()
        ]
        pair = (str(row["condition_a"]), str(row["condition_b"]))
        fits = own["contrast"].map(lambda name: self._is_of(str(name), pair))
        return own[fits.astype(bool)].iloc[0] if fits.any() else None

    def _is_of(self, contrast: str, pair: tuple[str, str]) -> bool:
        """Whether a claim's contrast compares this pair, and all of it."""
        spec = self.contrasts.get(contrast)
        if spec is None or spec.dose is not None:
            return False
        classes = spec.between == "strike_class" and pair == BETWEEN_CLASSES
        return classes or pair == (spec.condition_a, spec.condition_b)


def _change_of(spec: ContrastSpec) -> float:
    return MISSING if spec.dose is None else spec.dose.change


def _tested(test: pd.Series[Any]) -> Effect:
    """Return a row of claim_tests.csv in percent."""

    def ends(name: str) -> Ends:
        return float(test[f"{name}_low"]), float(test[f"{name}_high"])

    predicted = test["predicted"] == "yes"
    usual, narrow = (ends("band"), ends("band")) if predicted else (ends("ci"), ends("ci90"))
    change, smallest = float(test["estimate"]), float(test["smallest_effect"])
    return Effect(str(test["metric"]), change, usual, narrow, ends("muscles"), MISSING, smallest)


def dose_contrast(
    doses: pd.DataFrame, change_deg: float, sources: Sources, virtual: bool
) -> Contrast | None:
    """Return so many degrees more forward lean out of dose_response.csv, None without any rows.

    Args:
        doses: slopes per degree; those in percent are taken.
        change_deg: of the trunk's lean.
        sources: for the smallest effects.
        virtual: whether the runners are.
    """
    own = doses[(doses["unit"] == "%") & doses["slope_per_deg"].notna()]
    effects = {}
    for metric, row in own.set_index("metric").iterrows():
        try:
            smallest = sources.smallest(str(metric))
        except KeyError:
            continue
        ends = (change_deg * float(row["band_low"]), change_deg * float(row["band_high"]))
        change = change_deg * float(row["slope_per_deg"])
        effects[str(metric)] = Effect(
            str(metric), change, ends, ends, UNKNOWN_ENDS, MISSING, smallest
        )
    if not effects:
        return None
    n = int(own["n"].max())
    return Contrast("", "", True, True, virtual, (n, n), effects, {})
