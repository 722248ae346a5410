"""What the sentences of a page must say: the two answers, claims, counts beside published sizes.

As :mod:`page_sources`: from the cohort's files, without the code that writes the page. A sentence
is read number by number: each must be the rounding of what its words name, and none may be left
over that nothing names.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from page_cohort import Row, Sources, cell, match, short
from page_reading import NUMBER, Node, is_rounding, plain, tables
from page_sources_answers import Answered, answered_by, ratios

N = r"([+-]?\d+(?:\.\d+)?)"
KNEECAP = "patellofemoral_stress_net_moment_powers_peak"
BY_MUSCLES = "patellofemoral_stress_joint_reaction_powers_peak"
MOMENT = "knee_extension_moment_peak_per_kg"
KNEE = {"the stress behind the kneecap": KNEECAP, "the knee extension moment": MOMENT}
ELSEWHERE = {
    "Achilles tendon": "achilles_force_peak_bw",
    "hip": "hip_extension_moment_peak_per_kg",
    "lower back": "lumbar_extension_moment_peak_per_kg",
}
# cut-offs of the foot-strike angle, Mo 2023
REARFOOT_ABOVE, FOREFOOT_BELOW = 7.4, -0.8
FALSE = math.nan
"""No printed number is its rounding: what the words say is not so."""


@dataclass(frozen=True)
class Number:
    """A number of a sentence.

    Attributes:
        place: where it stands.
        printed: as printed; of a number that nothing names, with the words about it.
        values: of the files, any of which it may round; empty where nothing names it.
    """

    place: str
    printed: str
    values: tuple[float, ...] = ()

    @property
    def right(self) -> bool:
        """Whether it is the rounding of one of its values."""
        return any(is_rounding(self.printed, value) for value in self.values)


Pairs = Sequence[tuple[str | None, float | Sequence[float]]]
Rule = tuple[str, Callable[[re.Match[str]], Pairs]]


def numbers(place: str, text: str, rules: Sequence[Rule]) -> Iterator[Number]:
    """Read a sentence: rules name its numbers, and what no rule names has no value."""
    text, named = plain(text), []
    for pattern, judge in rules:
        for found in re.finditer(pattern, text):
            if any(start < found.end() and found.start() < end for start, end in named):
                continue
            named.append(found.span())
            for printed, values in judge(found):
                if printed is not None:
                    several = (values,) if isinstance(values, (int, float)) else tuple(values)
                    yield Number(place, printed, several)
    for found in NUMBER.finditer(text):
        if not any(start <= found.start() and found.end() <= end for start, end in named):
            yield Number(place, text[max(0, found.start() - 30) : found.end() + 30])


def foot_classes(sources: Sources) -> pd.DataFrame:
    """Return a row a foot of each trial: its condition and the class it landed in."""
    table = sources.table("metrics")
    own = table[table["metric"] == "foot_strike_angle_contact"].fillna({"condition": ""})
    angles = own.groupby(["condition", "subject", "trial", "side"])["value"].mean().dropna()
    return angles.map(landed).rename("class").reset_index()


def landed(angle: float) -> str:
    """Return the part of the foot that lands first, by the angle to the ground less standing."""
    if angle > REARFOOT_ABOVE:
        return "heel"
    return "forefoot" if angle < FOREFOOT_BELOW else "midfoot"


def _ends(row: Mapping[str, float], others: Sequence[Row]) -> list[tuple[float, float]]:
    """Return what may stand in brackets: the band, else the interval, or a claim's of a ratio."""
    if row["band_low"] == row["band_low"]:
        return [(row["band_low"], row["band_high"])]
    return [(one["ci_low"], one["ci_high"]) for one in (row, *others)]


def _sizes(pairs: Sequence[tuple[float, float]]) -> tuple[list[float], list[float]]:
    """Return ends without the sign that the words carry, the smaller first."""
    both = [
        sorted((abs(low), abs(high))) if low * high > 0.0 else sorted((low, high))
        for low, high in pairs
    ]
    return [low for low, _ in both], [high for _, high in both]


@dataclass(frozen=True)
class Answer:
    """What one of the two answers rests on."""

    sources: Sources
    found: Answered
    tested: bool = False

    def _row(self, metric: str) -> dict[str, float]:
        return self.found.rows[metric]

    def _others(self, metric: str) -> list[Row]:
        return [] if self.tested else ratios(self.sources, metric)

    def by(self, metric: str, way: float, printed: Sequence[str | None]) -> Pairs:
        """Name a change and its ends whose direction (+1, -1) the words say."""
        row = self._row(metric)
        low, high = _sizes(_ends(row, self._others(metric)))
        change = abs(row["difference"]) if row["difference"] * way > 0.0 else FALSE
        return [(printed[0], change), (printed[1], low), (printed[2], high)]

    def ends(self, metric: str, printed: Sequence[str | None], kind: str = "") -> Pairs:
        """Name ends with their signs, of other muscle models where these are meant."""
        row = self._row(metric)
        pairs = _ends(row, self._others(metric))
        if kind == "muscles":
            pairs = [(row["muscles_low"], row["muscles_high"])]
        return [(printed[0], [one for one, _ in pairs]), (printed[1], [two for _, two in pairs])]

    def knee(self, found: re.Match[str]) -> Pairs:
        """Name a change of the knee's load, its direction by the verb before it."""
        verbs = re.findall(r"\b(lowers|raises)\b", found.string[: found.start()])
        return self.by(KNEE[found[1]], 1.0 if verbs[-1] == "raises" else -1.0, found.groups()[1:])

    def knee_ends(self, found: re.Match[str]) -> Pairs:
        """Name the ends of what is not clear."""
        verbs = re.findall(r"\b(gives|makes|moves)\b", found.string[: found.start()])
        kind = "muscles" if verbs and verbs[-1] == "moves" else ""
        return self.ends(KNEE[found[1]], found.groups()[1:], kind)

    def error(self, found: re.Match[str]) -> Pairs:
        """Name the method's own error."""
        return [(found[2], self.found.method(KNEE[found[1]]))]

    def degrees(self, found: re.Match[str]) -> Pairs:
        """Name how far the trunk leans."""
        lean = self.found.degrees
        return [(found[1], abs(lean) if (lean > 0.0) == (found[2] == "further") else FALSE)]

    def reached(self, found: re.Match[str]) -> Pairs:
        """Name how many feet landed on the forefoot that were asked to."""
        feet = foot_classes(self.sources)
        own = feet[feet["condition"] == self.found.pair[1].removesuffix(" (predicted)")]
        return [(found[1], (own["class"] == "forefoot").sum().item()), (found[2], float(len(own)))]

    def weak(self, found: re.Match[str]) -> Pairs:
        """Name how many trials had helpers, and what these carried."""
        quality = self.sources.table("quality")
        own = quality.loc[quality["included"] == "yes"]
        usual = own["warnings"].str.extract(r"usual limit (\d+) %")[0].dropna().astype(float).max()
        shares = 100.0 * own["reserve_peak_share"]
        over = shares[shares > usual]
        told = [float(len(over)), float(len(own)), over.min(), over.max(), usual]
        if found[4] is None:
            told[2] = over.max()
        return list(zip(found.groups(), told, strict=True))

    def rules(self) -> list[Rule]:
        """Return what the sentences of an answer say."""
        knee, (before, after) = "|".join(KNEE), self.found.n
        ends = rf"\({N} to {N} %\)"
        smallest = [self.sources.smallest(metric) for metric in (KNEECAP, MOMENT)]
        both = [(1, after), (2, before)]
        return [
            (rf"({knee}) by {N} %(?: {ends})?", self.knee),
            (rf"({knee}) {ends}", self.knee_ends),
            (rf"({knee}) by no more than the method's own error \({N} %\)", self.error),
            (
                rf"{N} % {ends} more at the ({'|'.join(ELSEWHERE)})",
                lambda m: self.by(ELSEWHERE[m[4]], 1.0, m.groups()[:3]),
            ),
            (rf"leaning {N} degrees (further|less far) forward", self.degrees),
            (rf"\((?:with )?{N} of {N} feet(?: reached the forefoot)?\)", self.reached),
            (
                rf"it (falls|rises) by {N} %(?: {ends})?",
                lambda m: self.by(BY_MUSCLES, 1.0 if m[1] == "rises" else -1.0, m.groups()[1:]),
            ),
            (
                rf"the muscle model decides whether it falls {ends}",
                lambda m: self.ends(BY_MUSCLES, m.groups(), "muscles"),
            ),
            (
                rf"it (?:makes no relevant difference|is not clear whether it falls) {ends}",
                lambda m: self.ends(BY_MUSCLES, m.groups()),
            ),
            (rf"more than the {N} % that matter", lambda m: [(m[1], smallest)]),
            (
                rf"In {N} of {N} trials .+ helpers carried {N}(?: to {N})? % .+ \(usual: {N} %\)",
                self.weak,
            ),
            (rf"^{N} (?:virtual|recorded) runners\b", lambda m: [(m[1], before)]),
            (rf"^{N} runners who did both", lambda m: [(m[1], before)]),
            (
                rf"^{N} runners who land on the forefoot against {N} who",
                lambda m: [(m[group], count) for group, count in both],
            ),
        ]


def _recorded(sources: Sources) -> Answered:
    """Return what recorded runners of two strike classes show, by the claims' tests of a ratio."""
    tests = match(sources.rows("claim_tests"), design="between_runners", unit="%")
    rows = {
        test["metric"]: {"difference": test["estimate"], **test}
        for test in tests
        if test["estimate"] == test["estimate"] and "against" in test["contrast"]
    }
    return Answered(("", ""), rows, FALSE, (FALSE, FALSE), {})


def section_of(page: Node, name: str) -> Node | None:
    return next((s for s in page.all("section") if s.attributes.get("id") == name), None)


def _classes_of_runners(sources: Sources) -> pd.Series[int]:
    angles = sources.habitual().get("foot_strike_angle_contact", pd.Series(dtype=float))
    return angles.dropna().map(landed).value_counts()


def answers(sources: Sources, page: Node) -> Iterator[Number]:
    """The two answers, and what stands below them."""
    section = section_of(page, "answer")
    if section is None:
        return
    behind = {table.heading: table for table in tables(page) if table.place == "answer"}
    by_row = [table for table in tables(page) if table.header[:2] == ("load", "change")]
    asked = [one for one in section.all("article") if one.first("table") is not None]
    assert len(behind) <= len(by_row)
    tabled = dict(zip((one.attributes["id"] for one in asked), by_row, strict=False))
    classes = _classes_of_runners(sources)
    for article in section.all("article"):
        name = article.attributes["id"]
        rules: list[Rule] = [
            (
                rf"{N} on the (heel|midfoot|forefoot)\b",
                lambda m: [(m[1], float(classes.get(m[2], FALSE)))],
            )
        ]
        if name in tabled:
            rules = Answer(sources, answered_by(sources, tabled[name])).rules()
        for line in article.all("p"):
            text, own = line.text(), rules
            if text.startswith("Recorded runners who land on the forefoot"):
                own = Answer(sources, _recorded(sources), tested=True).rules()
            yield from numbers(name, text, own)
    quality, metrics = sources.table("quality"), sources.table("metrics")
    used = int((quality["included"] == "yes").sum())
    steps = len(metrics[["subject", "trial", "side", "step"]].drop_duplicates())
    counts = (metrics["subject"].nunique(), used, len(quality) - used, steps)
    told = rf"^{N} runners?, {N} trials? in use, {N} excluded, {N} steps"
    below: list[Rule] = [(told, lambda m: list(zip(m.groups(), map(float, counts), strict=True)))]
    for line in (one for one in section.children if one.tag == "p"):
        yield from numbers("answer", line.text(), below)


def _asked(test: Row) -> Iterator[tuple[str, tuple[float, ...]]]:
    """Return what a claim expects of a quantity: words, and the numbers in them."""
    way = "more" if test["expected"] == "increase" else "less"
    size, within = test["size_asked"], test["within"]
    unit = "" if test["unit"] == "1" else f" {test['unit']}"
    if size != size:
        yield way, ()
    elif within == within:
        yield f"{{}} to {{}}{unit} {way}", (size - within, size + within)
    else:
        yield f"at least {{}}{unit} {way}", (size,)


def _card(place: str, shown: Node, test: Row) -> Iterator[Number]:
    """The figure that a claim's card is headed by."""
    change, ends, small = (next(shown.all("b")), *list(shown.all("span"))[:2])
    unit = "" if test["unit"] == "1" else f" {re.escape(test['unit'])}"
    kind = "band" if test["predicted"] == "yes" else "ci"
    pair = (test[f"{kind}_low"], test[f"{kind}_high"])
    yield from numbers(
        place, change.text(), [(f"^{N}{unit}$", lambda m: [(m[1], test["estimate"])])]
    )
    yield from numbers(
        place,
        ends.text(),
        [(rf"^\({N} to {N}\)$", lambda m: list(zip(m.groups(), pair, strict=True)))],
    )
    held = f", {short(test['held'])} held" if cell(test["held"]) else ""
    ((words, sizes),) = _asked(test)
    asked = re.escape(plain(f"{test['contrast']}{held}; the claim expects {words}"))
    pattern = asked.replace(r"\{\}", N)
    assert re.fullmatch(pattern, plain(small.text())), (small.text(), pattern)
    yield from numbers(
        place,
        small.text(),
        [(pattern, lambda m: list(zip(m.groups(), sizes, strict=True)))],
    )


def claims(sources: Sources, page: Node) -> Iterator[Number]:
    """What heads the cards of claims, and how many have each verdict."""
    section = section_of(page, "claims")
    rows = sources.rows("claims")
    if section is None or not rows:
        return
    answers_of = [str(row["answer"]) for row in rows]
    for button in section.all("button"):
        words = button.text().partition(" (")[0]
        many = len(rows) if words == "all" else answers_of.count(words)
        count = float(many)
        yield from numbers(
            "claims", button.text(), [(rf"\({N}\)$", lambda m, n=count: [(m[1], n)])]
        )
    lead = next(one for one in section.children if one.tag == "p")
    yield from numbers("claims", lead.text(), [(f"^{N} claims", lambda m: [(m[1], len(rows))])])
    for card in section.all("article"):
        place = card.attributes["id"]
        tests = match(
            sources.rows("claim_tests"), claim=int(place.removeprefix("claim-")), role="primary"
        )
        own = [test for test in tests if test["estimate"] == test["estimate"]]
        shown = [one for one in card.all("p") if one.attributes.get("class") == "figure"]
        for one, test in zip(shown, own, strict=True):
            yield from _card(place, one, test)


def beside(sources: Sources, page: Node) -> Iterator[Number]:
    """How many published sizes agree with the computed ones."""
    section = section_of(page, "beside")
    table = sources.table("studies")
    if section is None or not len(table):
        return
    sized = table[table["covered"].isin(["yes", "no"])]
    compared = sized[sized["ratio"].notna()]

    def counted(found: re.Match[str], of: pd.DataFrame, *, outside_first: bool = True) -> Pairs:
        low, middle, high = of["ratio"].quantile([0.25, 0.5, 0.75])
        told = [(of["covered"] == "no").sum(), len(of), of["study"].nunique(), middle, low, high]
        told.append((of["ratio"] < 0.0).sum())
        return list(zip(found.groups(), map(float, told), strict=True))

    end = (
        rf"\({N} stud(?:y|ies); .+?median {N}, half of them {N} to {N}; {N} (?:has|have) the "
        "opposite sign"
    )
    verdict = table["verdict"]
    untold = float(verdict.str.startswith("not testable").sum())
    rules: list[Rule] = [
        (
            rf"{N} of {N} published sizes lie outside the model's band {end}",
            lambda m: counted(m, compared[compared["band_low"].notna()]),
        ),
        (
            rf"For {N} of {N} published sizes the published and the computed interval do not even "
            rf"overlap {end}",
            lambda m: counted(m, compared[compared["band_low"].isna()]),
        ),
        (
            rf"{N} of those counted are in another unit",
            lambda m: [(m[1], float((~sized["published"].str.endswith(" %")).sum()))],
        ),
        (
            rf"{N} of {N} rows of studies\.csv cannot be answered",
            lambda m: [(m[1], untold), (m[2], len(table))],
        ),
        (
            rf"{N} set different runners",
            lambda m: [(m[1], float(verdict.str.contains("other runners, not the same").sum()))],
        ),
    ]
    lines = [one for one in section.children if one.tag == "p"]
    lines += [line for part in section.children if part.tag == "details" for line in part.all("p")]
    for line in lines:
        yield from numbers("beside", line.text(), rules)
