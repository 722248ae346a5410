"""What the sentences of the page's answers must say, as :mod:`page_prose`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from page_cohort import Row, Sources, match
from page_prose import FALSE, N, Number, Pairs, Rule, numbers, section_of
from page_reading import Node, tables
from page_sources_answers import Answered, answered_by, ratios

KNEECAP = "patellofemoral_stress_net_moment_powers_peak"
BY_MUSCLES = "patellofemoral_stress_joint_reaction_powers_peak"
MOMENT = "knee_extension_moment_peak_per_kg"
STEP_RATE = "step_rate"
KNEE = {"the stress behind the kneecap": KNEECAP, "the knee extension moment": MOMENT}
ELSEWHERE = {
    "Achilles tendon": "achilles_force_peak_bw",
    "calf": "ankle_plantarflexion_moment_peak_per_kg",
    "hamstrings": "hamstrings_force_peak_bw",
    "hip": "hip_extension_moment_peak_per_kg",
    "lower back": "lumbar_extension_moment_peak_per_kg",
}
# cut-offs of the foot-strike angle, Mo 2023
REARFOOT_ABOVE, FOREFOOT_BELOW = 7.4, -0.8


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


def _several(values: float | Sequence[float]) -> Sequence[float]:
    return (values,) if isinstance(values, (int, float)) else values


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

    def moved(self, metric: str) -> bool:
        """Whether another muscle model turns the sign of a change."""
        row = self._row(metric)
        ends = (row["muscles_low"], row["muscles_high"], row["difference"])
        return ends[0] == ends[0] and min(ends) <= 0.0 <= max(ends)

    def rise(self, found: re.Match[str]) -> Pairs:
        """Name the ends of a rise that is not ruled out, of muscle models where these decide."""
        metric = ELSEWHERE[found[1]]
        kind = "muscles" if self.moved(metric) else ""
        low, high = self.ends(metric, found.groups()[1:], kind)
        open_ = max(_several(high[1])) > self.sources.smallest(metric)
        return [low, high if open_ else (high[0], FALSE)]

    def also(self, found: re.Match[str]) -> Pairs:
        """Name the ends of a load that is told of whatever it does, its direction by the words."""
        metric = ELSEWHERE.get(found[1], ELSEWHERE.get(found[1].lower(), ""))
        low, high = self.ends(metric, found.groups()[2:])
        smallest, change = self.sources.smallest(metric), self._row(metric)["difference"]
        top = self._row(metric)["muscles_high"] if self.moved(metric) else min(_several(high[1]))
        so = {
            "falls": change < 0.0,
            "rises": change > 0.0,
            "no relevant difference": True,
        }.get(found[2], top <= smallest)
        return [low, high if so else (high[0], FALSE)]

    def quicker(self, found: re.Match[str]) -> Pairs:
        """Name how many more steps a minute are taken."""
        change = self._row(STEP_RATE)["difference"]
        return [(found[1], abs(change) if (change > 0.0) == (found[2] == "more") else FALSE)]

    def who(self, found: re.Match[str]) -> Pairs:
        """Name how many runners the numbers are of."""
        return [(found[1], self.found.n[0])]

    def speeds(self, found: re.Match[str]) -> Pairs:
        """Name the speeds of two recordings, the later one first."""
        before, change = self.found.speeds
        return [(found[1], before + change), (found[2], before)]

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
        loads = "|".join(ELSEWHERE)
        spoken = "|".join(name[:1].upper() + name[1:] for name in ELSEWHERE)
        ends = rf"\({N} to {N} %\)"
        smallest = [self.sources.smallest(metric) for metric in (KNEECAP, MOMENT)]
        both = [(1, after), (2, before)]
        return [
            (rf"({knee}) by {N} %(?: {ends})?", self.knee),
            (rf"({knee}) {ends}", self.knee_ends),
            (rf"({knee}) by no more than the method's own error \({N} %\)", self.error),
            (
                rf"{N} %(?: {ends})? more at the ({loads})",
                lambda m: self.by(ELSEWHERE[m[4]], 1.0, m.groups()[:3]),
            ),
            # of the loads told, only what "not ruled out" lists has ends behind its bare name
            (rf"(?<!more at the )\b({loads}) {ends}", self.rise),
            (
                rf"({spoken}): (falls|rises|no relevant difference|not clear, but no rise that "
                rf"would matter) {ends}",
                self.also,
            ),
            (rf"\b[Tt]aking {N} % (more|fewer) steps a minute", self.quicker),
            (rf"\b[Ll]eaning {N} degrees (further|less far) forward", self.degrees),
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
                rf"In {N} of {N} trials the model's muscles were too weak .+: at their largest, {N}"
                rf"(?: to {N})? % of a joint's peak moment had to be added \(usual: {N} %\)",
                self.weak,
            ),
            (rf"^{N} (?:virtual runners\.|recorded runners whose other technique)", self.who),
            (rf"^{N} runners who did both", self.who),
            (
                rf"^One runner who did both: {N} and {N} steps\.",
                lambda m: list(zip(m.groups(), self.found.steps, strict=True)),
            ),
            (
                rf"{N} % of ({knee})",
                lambda m: [(m[1], self._row(KNEE[m[2]])["smallest_detectable"])],
            ),
            (rf"They were run at {N} instead of {N} m/s", self.speeds),
            (
                rf"^{N} (?:real )?runners who land on the forefoot against {N} others who",
                lambda m: [(m[group], count) for group, count in both],
            ),
            (
                rf"^{N} against {N} runners, who may differ",
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


def _classes_of_runners(sources: Sources) -> pd.Series[int]:
    """Return how many runners are of each class: both feet, in all conditions."""
    own = sources.unasked()
    own = own[(own["metric"] == "foot_strike_angle_contact") & own["value"].notna()]
    # the class of a foot is that of its steps' median angle, over a condition's trials
    feet = own.groupby(["subject", "condition", "side"])["value"].median().map(landed)
    of_runner = {subject: set(part) for subject, part in feet.groupby(level="subject")}
    classes = pd.Series([next(iter(own)) for own in of_runner.values() if len(own) == 1])
    return classes.value_counts()


def answers(sources: Sources, page: Node) -> Iterator[Number]:
    """The answers, what stands beside them, and whose numbers these are."""
    section = section_of(page, "answer")
    if section is None:
        return
    behind = [table for table in tables(page) if table.place == "answer"]
    asked = [one for one in section.all("article") if one.first("table") is not None]
    assert all(table.header[:3] == ("load", "so it", "change") for table in behind)
    found = {
        one.attributes["id"]: Answer(sources, answered_by(sources, table))
        for one, table in zip(asked, behind, strict=True)
    }
    classes = _classes_of_runners(sources)
    for article in section.all("article"):
        name = article.attributes["id"]
        rules: list[Rule] = [
            (
                rf"{N} on the (heel|midfoot|forefoot)\b",
                lambda m: [(m[1], float(classes.get(m[2], FALSE)))],
            )
        ]
        if name in found:
            rules = found[name].rules()
        for line in article.all("h2", "p"):
            text, own = line.text(), rules
            if text.startswith("Recorded runners who land on the forefoot"):
                own = Answer(sources, _recorded(sources), tested=True).rules()
            yield from numbers(name, text, own)
            most = re.search(r"Of the (two|three), as run here, this lowers it most\.", text)
            if most is not None:
                lowest = _lowest(found, name)
                yield Number(name, {"two": "2", "three": "3"}[most[1]], (lowest,))
    yield from _whose(sources, section)


def _lowest(found: Mapping[str, Answer], name: str) -> float:
    """Return how many answers tell of the kneecap, if this one's change is the lowest."""
    changes = {
        one: answer.found.rows[KNEECAP]["difference"]
        for one, answer in found.items()
        if KNEECAP in answer.found.rows and not one.startswith("answer-own-")
    }
    return float(len(changes)) if changes[name] == min(changes.values()) else FALSE


def _whose(sources: Sources, section: Node) -> Iterator[Number]:
    """The line under the title, and the one below the answers."""
    quality, metrics = sources.table("quality"), sources.table("metrics")
    used = int((quality["included"] == "yes").sum())
    steps = len(metrics[["subject", "trial", "side", "step"]].drop_duplicates())
    counts = (used, len(quality) - used, steps)
    compared = sources.table("comparisons")
    virtual = bool(
        (metrics["basis"] == "virtual").any() or compared.get("virtual", pd.Series()).any()
    )
    runners = float(metrics["subject"].nunique())
    rules: list[Rule] = [
        (
            rf"^Cohort \S+: {N} trials? in use, {N} excluded, {N} steps\.",
            lambda m: list(zip(m.groups(), map(float, counts), strict=True)),
        ),
        (
            rf"^{N} (?:virtual runners?\. Nobody ran|real runners?, recorded)\.",
            lambda m: [(m[1], runners if virtual == ("virtual" in m[0]) else FALSE)],
        ),
    ]
    for line in (one for one in section.children if one.tag == "p"):
        yield from numbers("answer", line.text(), rules)
