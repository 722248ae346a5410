"""What the sentences of a page must say: claims, counts beside published sizes.

As :mod:`page_sources`: from the cohort's files, without the code that writes the page. A sentence
is read number by number: each must be the rounding of what its words name, and none may be left
over that nothing names.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from page_cohort import Row, Sources, cell, match, short
from page_reading import NUMBER, Node, is_rounding, plain

N = r"([+-]?\d+(?:\.\d+)?)"
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


def section_of(page: Node, name: str) -> Node | None:
    return next((s for s in page.all("section") if s.attributes.get("id") == name), None)


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


def _quoted(*cells: object) -> list[Rule]:
    """Return rules that name the numbers of texts that the page prints as the files have them."""

    def same(found: re.Match[str]) -> Pairs:
        return [(one, float(one)) for one in NUMBER.findall(found[0])]

    texts = {plain(short(cell(one))) for one in cells}
    longest = sorted((text for text in texts if NUMBER.search(text)), key=len, reverse=True)
    return [(f"(?i){re.escape(text)}", same) for text in longest]


def _sentences(tests: Sequence[Row], claim: Row, declared: Row) -> list[Rule]:
    """Return what the sentences of a claim's card say, beside the figures that head it."""
    primary = [t for t in tests if t["role"] == "primary" and t["estimate"] == t["estimate"]]
    least = [t["size_asked"] - t["within"] for t in primary]
    most = [t["size_asked"] + t["within"] for t in primary]
    sizes = [t["size_asked"] for t in primary]
    smallest = [t["smallest_effect"] for t in primary]
    unit = "(?:" + "|".join({f" {re.escape(t['unit'])}" for t in primary} | {""}) + ")"
    p = r"(\d+\.\d+|< 0\.001|\u2013)"
    told = (*(claim[name] for name in ("claim", "verdict", "reason", "because", "source_check")),)
    of_tests = [t[name] for t in tests for name in ("contrast", "reason", "note")]
    return [
        (rf"{N} to {N}{unit} are asked", lambda m: [(m[1], least), (m[2], most)]),
        (rf"perhaps not the {N}{unit} that are asked", lambda m: [(m[1], sizes)]),
        (rf"perhaps less than the {N}{unit} that matter", lambda m: [(m[1], smallest)]),
        (rf"\(at least {N}{unit} are asked\)", lambda m: [(m[1], sizes)]),
        (
            rf" p {p}, over all claims {p}\.$",
            lambda m: [(m[1], float(claim["p"])), (m[2], float(claim["p_claims"]))],
        ),
        *_quoted(*told, *of_tests, declared.get("mechanism")),
        (rf"^{N} ", lambda m: [(m[1], float(claim["id"]))]),
    ]


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
    untold = float(answers_of.count("not testable here"))
    told: list[Rule] = [
        (rf"^{N} claims that cannot be tested here", lambda m: [(m[1], untold)]),
        (rf"^{N} claims of the article", lambda m: [(m[1], len(rows))]),
        (
            rf"{N} can be tested here, {N} cannot\.",
            lambda m: [(m[1], len(rows) - untold), (m[2], untold)],
        ),
    ]
    lines = [one for one in section.children if one.tag == "p"]
    parts = [one for one in section.children if one.tag == "details"]
    lines += [one for part in parts for one in part.children if one.tag == "summary"]
    for line in lines:
        yield from numbers("claims", line.text(), told)
    for card in section.all("article"):
        place = card.attributes["id"]
        claim = int(place.removeprefix("claim-"))
        tests = match(sources.rows("claim_tests"), claim=claim)
        (row,) = match(rows, id=claim)
        declared = next((one for one in sources.claims if one["id"] == claim), {})
        sentences = _sentences(tests, row, declared)
        for line in card.all("h3", "p", "li"):
            if line.attributes.get("class") != "figure":
                yield from numbers(place, line.text(), sentences)
        primary = match(tests, role="primary")
        own = [test for test in primary if test["estimate"] == test["estimate"]]
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

    def counted(found: re.Match[str], of: pd.DataFrame) -> Pairs:
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
            rf"{N} of {N} published sizes lie outside the model's range {end}",
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
        yield from _compared(line.text(), compared)


def _compared(text: str, compared: pd.DataFrame) -> Iterator[Number]:
    """Whether a sentence is right that studies found larger or smaller effects, or others."""
    found = re.match(r"Studies on people (.+) (this model|the runners recorded here)\b", text)
    if found is None:
        return
    predicted = found[2] == "this model"
    ratios = compared.loc[compared["band_low"].notna() == predicted, "ratio"]
    half, smaller = len(ratios) / 2.0, int((ratios.abs() < 1.0).sum())
    if int((ratios < 0.0).sum()) > half:
        right = "mostly found effects of the other sign than"
    elif smaller == half:
        right = "found larger effects than"
    else:
        right = f"mostly found {'larger' if smaller > half else 'smaller'} effects than"
    yield Number(f"beside: {text}", "0" if found[1] == right else "1", (0.0,))
