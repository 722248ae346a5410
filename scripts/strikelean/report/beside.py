"""Published beside computed: every published size in percent, and what was computed of it here."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from strikelean.report.claims import spoken
from strikelean.report.digits import known, signed
from strikelean.report.groups import words
from strikelean.report.studies import source_link
from strikelean.studies.cohort import CONDITION_ORDER
from strikelean.studies.definitions import PERCENT, STRIKE_CLASSES, ContrastSpec, Effect, Study

MISSING = float("nan")
Ends = tuple[float, float]
_SIZE = re.compile(r": (?P<size>-?[\d.]+(?:e[-+]?\d+)?) (?P<unit>.+)$")
_ENDS = re.compile(r"^(?P<low>-?[\d.eE+-]+) to (?P<high>-?[\d.eE+-]+)$")
CLASS_WORDS = dict(
    zip(
        STRIKE_CLASSES,
        (
            "forefoot against rearfoot strikers",
            "midfoot against rearfoot strikers",
            "non-rearfoot against rearfoot strikers",
        ),
        strict=True,
    )
)


@dataclass(frozen=True)
class Computed:
    """What was computed beside a published size, in percent.

    Attributes:
        metric: of metrics.csv.
        value: change.
        ends: of the model's band, or of the 95 % interval where runners were recorded.
        predicted: whether a model predicts it.
        covered: ``yes`` or ``no``; empty where it cannot be said.
    """

    metric: str
    value: float
    ends: Ends
    predicted: bool
    covered: str


@dataclass(frozen=True)
class Published:
    """A published size in percent, and what stands beside it.

    Attributes:
        label: who published it, and of what.
        value: size; of a pooled effect the mean over studies.
        ends: of its 95 % interval; NaN where none was published.
        studies: how many it is the mean of, 1 of a single one.
        computed: beside it, none where these runners cannot answer.
        reason: why there is none.
        study: name of the single study; empty of a pooled effect.
    """

    label: str
    value: float
    ends: Ends
    studies: int
    computed: tuple[Computed, ...]
    reason: str = ""
    study: str = ""


@dataclass(frozen=True)
class Forest:
    """The published sizes of one contrast.

    Attributes:
        name: for names in the page.
        title: the contrast in words.
        pooled, single: means over studies, and the studies' own.
        sources: name, citation, printed source and its address of the single studies.
    """

    name: str
    title: str
    pooled: tuple[Published, ...]
    single: tuple[Published, ...]
    sources: tuple[tuple[str, str, str, str], ...] = ()


def contrast_words(spec: ContrastSpec) -> str:
    """Return what a study's contrast compares, the same for studies that compare the same."""
    if spec.condition_b:
        return f"{words(spec.condition_b)} against {words(spec.condition_a)}"
    if spec.between in CLASS_WORDS:
        return CLASS_WORDS[spec.between]
    if spec.between:
        return f"runners with much against little {words(spec.between)}"
    return f"along {words(spec.predictor)}" if spec.predictor else "other"


def _ends(text: object) -> Ends:
    found = _ENDS.match(text) if isinstance(text, str) else None
    return (float(found["low"]), float(found["high"])) if found else (MISSING, MISSING)


def _computed(own: pd.DataFrame, ci: str) -> tuple[Computed, ...]:
    """Return what rows of studies.csv or published_summary.csv have beside a published size.

    Args:
        own: rows of one published size.
        ci: how the names of the interval's columns begin.
    """
    found = []
    for row in own.sort_values(["metric", "band_low"]).to_dict("records"):
        if not known(row["computed"]):
            continue
        predicted = known(row["band_low"])
        low, high = ("band_low", "band_high") if predicted else (f"{ci}low", f"{ci}high")
        covered = row["covered"] if isinstance(row["covered"], str) else ""
        ends = (float(row[low]), float(row[high]))
        found.append(Computed(str(row["metric"]), float(row["computed"]), ends, predicted, covered))
    return tuple(found)


def _effects(studies: Sequence[Study]) -> dict[tuple[str, str], Effect]:
    """Return effects by study and what studies.csv calls their contrast."""
    return {
        (study.name, f"{effect.contrast.label}: {effect.variable}"): effect
        for study in studies
        for effect in study.effects
    }


def _label(study: str, contrast: str, spec: ContrastSpec | None) -> str:
    """Return what a study measured; how much of a technique where its size depends on that."""
    # the name of a study ends in its year
    name = re.sub(r"(?<=[a-z])(?=\d{4})", " ", study)
    dosed = spec is None or spec.dose is not None or spec.predictor
    return f"{name}: {contrast if dosed else contrast.split(': ', 1)[-1]}"


def _single(
    table: pd.DataFrame, effects: Mapping[tuple[str, str], Effect]
) -> Iterator[tuple[str, Published]]:
    """Yield the published sizes in percent that something stands beside, with their contrast."""
    for (study, contrast, text), own in table.groupby(
        ["study", "contrast", "published"], sort=True
    ):
        found = _SIZE.search(str(text))
        if found is None or found["unit"] != PERCENT:
            continue
        beside = _computed(own, "ci_")
        if beside:
            effect = effects.get((str(study), str(contrast)))
            spec = None if effect is None else effect.contrast
            label = _label(str(study), str(contrast), spec)
            ends = _ends(own["published_ci"].iloc[0])
            published = Published(label, float(found["size"]), ends, 1, beside, "", str(study))
            yield "other" if spec is None else contrast_words(spec), published


def _pooled(summary: pd.DataFrame) -> Iterator[tuple[str, Published]]:
    """Yield the means over several studies in percent, with their contrast in words."""
    key = ["contrast", "quantity", "dose", "pooled", "ci_low", "ci_high", "k"]
    percent = summary[(summary["unit"] == PERCENT) & summary["pooled"].notna()]
    for _, own in percent.groupby(key, dropna=False):
        first = own.iloc[0]
        beside = _computed(own, "computed_ci_")
        told = [str(reason) for reason in own["reason"] if isinstance(reason, str) and reason]
        label = f"{first['k']:.0f} studies together: {first['quantity']}"
        label += f", taken to a change of {first['dose']:g} %" if known(first["dose"]) else ""
        ends = (float(first["ci_low"]), float(first["ci_high"]))
        reason = "" if beside or not told else spoken(told[0])
        pooled = Published(label, float(first["pooled"]), ends, int(first["k"]), beside, reason)
        yield words(str(first["contrast"])), pooled


def _place(title: str) -> tuple[int, int, str]:
    """Return a key that sorts contrasts of the same runners first, the article's first of all."""
    first, _, second = title.partition(" against ")
    named = [words(condition) for condition in CONDITION_ORDER]
    groups = int(not second or title in CLASS_WORDS.values())
    return groups, named.index(first) if first in named else len(named), title


def forests(
    table: pd.DataFrame, summary: pd.DataFrame | None, studies: Sequence[Study]
) -> list[Forest]:
    """Return the published sizes by contrast: the article's conditions, others, then groups.

    Args:
        table: studies.csv, its rows in any order.
        summary: published_summary.csv; None where there is none.
        studies: their definitions.
    """
    effects = _effects(studies)
    single: dict[str, list[Published]] = {}
    for title, published in _single(table, effects):
        single.setdefault(title, []).append(published)
    pooled: dict[str, list[Published]] = {}
    for title, published in () if summary is None else _pooled(summary):
        pooled.setdefault(title, []).append(published)
    defined = {study.name: study for study in studies}
    found = []
    for title in sorted({*single, *pooled}, key=_place):
        own = single.get(title, [])
        names = [name for name in dict.fromkeys(one.study for one in own) if name in defined]
        sources = tuple(
            (name, defined[name].citation, defined[name].source, source_link(defined[name].source))
            for name in names
        )
        slug = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
        # what these runners can answer stands first
        together = sorted(pooled.get(title, ()), key=lambda one: (not one.computed, one.label))
        found.append(Forest(f"beside-{slug}", title, tuple(together), tuple(own), sources))
    return found


@dataclass(frozen=True)
class Count:
    """How the published sizes and the computed ones agree, over rows of studies.csv.

    Attributes:
        predicted: whether against the model's band, else against intervals of recorded runners.
        sizes: comparisons of a published size with a computed one.
        outside: of these, how many leave the published size out.
        ratio: median of computed over published.
        quartiles: of the same.
        opposite: how many have the opposite sign.
        studies: how many studies they come from.
        smaller: how many computed sizes are smaller than the published one, of either sign.
    """

    predicted: bool
    sizes: int
    outside: int
    ratio: float
    quartiles: Ends
    opposite: int
    studies: int
    smaller: int = 0

    @property
    def plain(self) -> str:
        """Return in a short sentence how published and computed sizes compare."""
        here = "this model" if self.predicted else "the runners recorded here show"
        if 2 * self.opposite > self.sizes:
            return f"Studies on people mostly found effects of the other sign than {here}."
        if 2 * self.smaller > self.sizes:
            return f"Studies on people mostly found larger effects than {here}."
        if 2 * self.smaller < self.sizes:
            return f"Studies on people mostly found smaller effects than {here}."
        return f"Studies on people found larger effects than {here} as often as smaller ones."

    @property
    def sentence(self) -> str:
        """Return the count in words."""
        what = (
            f"{self.outside} of {self.sizes} published sizes lie outside the model's range"
            if self.predicted
            else f"For {self.outside} of {self.sizes} published sizes the published and the "
            "computed interval do not even overlap"
        )
        low, high = (signed(end, 2) for end in self.quartiles)
        return (
            f"{what} ({self.studies} {'study' if self.studies == 1 else 'studies'}; a size is "
            "counted once for each estimate that stands beside it). Computed over published: "
            f"median {signed(self.ratio, 2)}, half of them {low} to {high}; "
            f"{self.opposite} {'has' if self.opposite == 1 else 'have'} the opposite sign."
        )


def counts(table: pd.DataFrame) -> list[Count]:
    """Count studies.csv: predictions and recordings apart, each where there are any."""
    sized = table[table["covered"].isin(["yes", "no"]) & table["ratio"].notna()]
    found = []
    for predicted in (True, False):
        own = sized[sized["band_low"].notna() == predicted]
        if own.empty:
            continue
        low, middle, high = own["ratio"].quantile([0.25, 0.5, 0.75])
        found.append(
            Count(
                predicted,
                len(own),
                int((own["covered"] == "no").sum()),
                float(middle),
                (float(low), float(high)),
                int((own["ratio"] < 0).sum()),
                int(own["study"].nunique()),
                int((own["ratio"].abs() < 1.0).sum()),
            )
        )
    return found


HEADER = (
    "published",
    "size_percent",
    "low",
    "high",
    "studies",
    "metric",
    "computed_percent",
    "computed_low",
    "computed_high",
    "kind",
    "covered",
)


def number_rows(forest: Forest) -> list[list[float | str | None]]:
    """Return a figure's numbers for the page's data, None where unknown."""

    def plain(*values: float) -> list[float | str | None]:
        return [round(value, 4) if math.isfinite(value) else None for value in values]

    rows: list[list[float | str | None]] = [list(HEADER)]
    for one in (*forest.pooled, *forest.single):
        start = [one.label, *plain(one.value, *one.ends), one.studies]
        for c in one.computed:
            kind = "band" if c.predicted else "95 %"
            rows.append([*start, c.metric, *plain(c.value, *c.ends), kind, c.covered])
        if not one.computed:
            rows.append([*start, "", None, None, None, "", one.reason])
    return rows
