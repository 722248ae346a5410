"""The question that the page opens with, and two sentences that answer it from the tables.

One sentence is on the strike and one on the lean; where a quicker step was run or predicted, a
third tells of that beside them; of a runner who is alone, others tell of their other conditions.
Their words follow from numbers by rule: how much the kneecap and the knee's moment change, what
rises elsewhere, how sure that is, and which strike was reached. A cohort that cannot answer is
told so, and why.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from strikelean.lab.strike_classes import FOREFOOT, REARFOOT
from strikelean.report.amounts import LEAN_ANGLE, STEP_RATE
from strikelean.report.answer_runners import (
    Runners,
    detectable_words,
    ends_words,
    no_lean,
    no_strike,
    nobody,
    of_this_runner,
    speeds_words,
    who,
)
from strikelean.report.answer_words import (
    BY_MUSCLES,
    ELSEWHERE,
    KNEECAP,
    LABELS,
    MOMENT,
    NAMES,
    OF_THE_FOOT,
    STRIKE_WORDS,
    by_muscles_words,
    changes_words,
    price,
    reached_words,
    side_of,
    size_words,
    verdict,
    way_words,
)
from strikelean.report.digits import UNKNOWN, known, number, signed
from strikelean.report.effects import FALLS, Contrast, Effect, Ends, Sources, dose_contrast
from strikelean.report.groups import bases_of, words
from strikelean.report.page_files import PageFiles
from strikelean.report.parts import read_table
from strikelean.report.where import Errors, contrast_errors
from strikelean.studies.cohort import PREDICTED
from strikelean.studies.reading import read_claims, read_studies

SHOWN = (KNEECAP, BY_MUSCLES, MOMENT, *ELSEWHERE)
HEADINGS = {
    "strike": "Landing on the forefoot",
    "lean": "Leaning forward",
    "cadence": "Beside them: quicker steps",
}
CANNOT = "This cohort cannot answer."


@dataclass(frozen=True)
class Sentence:
    """One of the answers.

    Attributes:
        about: ``strike``, ``lean``, ``cadence``, or ``own-1`` and so on of other conditions.
        heading: what was asked, and which strike was reached where it is another.
        short: the answer in a few words.
        text: the answer in a sentence or two.
        sure: how sure it is, in sentences.
        ends: what the numbers in brackets are.
        effects: the numbers behind it.
        predicted: whether a model predicts it.
    """

    about: str
    heading: str
    short: str
    text: str
    sure: tuple[str, ...] = ()
    ends: str = ""
    effects: tuple[Effect, ...] = ()
    predicted: bool = False


def _recorded_words(sources: Sources) -> str:
    """Return what recorded runners of two strikes show beside a prediction, '' without any."""
    effects = {NAMES[e.metric]: e for e in map(sources.between_classes, (KNEECAP, MOMENT)) if e}
    if not effects:
        return ""
    return (
        "Recorded runners who land on the forefoot, beside others who land on the heel: a forefoot "
        f"strike {changes_words(effects)}."
    )


def _answered(
    about: str, what: str, contrast: Contrast, runners: Runners, more: str = "", reached: str = ""
) -> Sentence:
    effects = contrast.effects
    knee = [effects[metric] for metric in (KNEECAP, MOMENT) if metric in effects]
    other = effects.get(BY_MUSCLES)
    model = contrast.modelled
    named = {NAMES[effect.metric]: effect for effect in knee}
    start = f"By the model, {what}" if model else what[:1].upper() + what[1:]
    if contrast.alone:
        start = f"{'By the model, in' if model else 'In'} this runner {what}"
    if not contrast.paired:
        before, after = contrast.n
        start = (
            f"{after} {'' if model else 'real '}runners who land on the forefoot against {before} "
            f"others who land on the heel; nobody changed. Between them, {what}"
        )
    named_always = OF_THE_FOOT if about == "strike" else ()
    sure = [size_words(knee), by_muscles_words(other) if other else "", detectable_words(knee)]
    sure += [runners.weak if other else "", more]
    told = [f"{start} {changes_words(named)}.", price(contrast, named_always)]
    told.append(speeds_words(contrast))
    short = verdict([*knee, *([other] if other else [])])
    return Sentence(
        about,
        HEADINGS.get(about, "") + (f": the {reached} was reached" if reached else ""),
        of_this_runner(short) if contrast.alone else short,
        " ".join(part for part in told if part),
        tuple(line for line in (*sure, who(contrast, runners)) if line),
        ends_words(contrast),
        tuple(effects[metric] for metric in SHOWN if metric in effects),
        contrast.predicted,
    )


def _useful(contrast: Contrast | None) -> bool:
    return contrast is not None and bool({KNEECAP, MOMENT} & set(contrast.effects))


def strike_sentence(sources: Sources, runners: Runners) -> Sentence:
    """Return the answer on the strike."""
    pairs = [
        (base, after)
        for after in ("forefoot_upright", "forefoot_upright" + PREDICTED)
        for base in bases_of(sources.told, after)
    ]
    for before, after in (*pairs, (REARFOOT, FOREFOOT)):
        contrast = sources.contrast(before, after)
        if contrast is None or not _useful(contrast):
            continue
        if not contrast.paired:
            what = "landing on the forefoot"
            return _answered("strike", what, contrast, runners)
        own = side_of(runners.strikes.get(before, {})) or STRIKE_WORDS[REARFOOT]
        feet = runners.strikes.get(after.removesuffix(PREDICTED), {})
        side = side_of(feet)
        real = contrast.predicted and not contrast.virtual
        recorded = _recorded_words(sources) if real else ""
        what = f"{reached_words(feet)} instead of the {own}"
        other = "" if side == STRIKE_WORDS[FOREFOOT] else side
        return _answered("strike", what, contrast, runners, recorded, other)
    classed = sources.classed()
    if classed is not None and _useful(classed):
        return _answered("strike", "landing on the forefoot", classed, runners)
    return _cannot("strike", no_strike(runners), runners)


def lean_sentence(
    sources: Sources, runners: Runners, doses: pd.DataFrame | None, dose_deg: float
) -> Sentence:
    """Return the answer on the lean.

    Args:
        sources: of contrasts.
        runners: what is known beside them.
        doses: dose_response.csv, for where no second lean was run or its amount is not known.
        dose_deg: change of lean to put its slopes at.
    """
    pairs = [
        (base, after)
        for after in ("lean", "lean" + PREDICTED)
        for base in bases_of(sources.told, after)
    ]
    on_forefoot = [("forefoot_upright", "forefoot_lean" + marked) for marked in ("", PREDICTED)]
    unmeasured = None
    for before, after in (*pairs, *on_forefoot):
        contrast = sources.contrast(before, after)
        if contrast is None or not _useful(contrast):
            continue
        amount = contrast.differences.get(LEAN_ANGLE)
        if amount is None:
            unmeasured = unmeasured or contrast
            continue
        way = "further forward" if amount > 0.0 else "less far forward"
        what = f"leaning {signed(abs(amount), 0)} degrees {way}"
        return _answered("lean", what, contrast, runners)
    swept = None if doses is None else dose_contrast(doses, dose_deg, sources, runners.virtual)
    if swept is not None and _useful(swept):
        what = f"leaning {signed(dose_deg, 0)} degrees further forward"
        return _answered("lean", what, swept, runners)
    tested, change = sources.dosed("lean")
    if tested is not None and _useful(tested):
        what = f"leaning {signed(change, 0)} degrees further forward"
        return _answered("lean", what, tested, runners)
    if unmeasured is not None:
        return _answered("lean", "leaning further forward", unmeasured, runners)
    return _cannot("lean", no_lean(runners), runners)


def _cannot(about: str, why: str, runners: Runners) -> Sentence:
    return Sentence(about, HEADINGS[about], CANNOT, nobody(runners) or why)


def _lowers_most(own: Sentence, others: Sequence[Sentence]) -> str:
    """Return in a sentence that one technique lowers the kneecap's stress most, '' where not."""

    def fall(sentence: Sentence) -> float:
        falls = [e for e in sentence.effects if e.metric == KNEECAP and e.way == FALLS]
        return -falls[0].change if falls else 0.0

    beside = [other for other in others if any(e.metric == KNEECAP for e in other.effects)]
    if not beside or fall(own) <= max(map(fall, beside)):
        return ""
    return f"Of the {'three' if len(beside) > 1 else 'two'}, as run here, this lowers it most."


def cadence_sentence(
    sources: Sources, runners: Runners, others: Sequence[Sentence]
) -> Sentence | None:
    """Return what a quicker step does, beside the answers; None where it was not run.

    Args:
        sources: of contrasts.
        runners: what is known beside them.
        others: the answers that it stands beside.
    """
    for after in ("cadence", "cadence" + PREDICTED):
        for before in bases_of(sources.told, after):
            contrast = sources.contrast(before, after)
            if contrast is None or not _useful(contrast):
                continue
            what, level = "taking quicker steps", contrast.levels.get(STEP_RATE, 0.0)
            if level > 0.0 and known(contrast.differences[STEP_RATE]):
                share = 100.0 * contrast.differences[STEP_RATE] / level
                more = "more" if share > 0.0 else "fewer"
                what = f"taking {signed(abs(share), 0)}\u00a0% {more} steps a minute"
            told = _answered("cadence", what, contrast, runners)
            text = f"{told.text} {_lowers_most(told, others)}".strip()
            return replace(told, text=text)
    return None


def own_sentences(sources: Sources, runners: Runners) -> list[Sentence]:
    """Return what changes between the other conditions of a runner who is alone.

    Args:
        sources: of contrasts.
        runners: what is known beside them.

    Returns:
        One a condition of which no technique is the name, against the first; none of several
        runners, whose conditions stand under “Where the load goes”.
    """
    before, *others = bases_of(sources.told, "") or [""]
    found = []
    for place, after in enumerate(others if runners.count == 1 else ()):
        contrast = sources.contrast(before, after)
        if contrast is not None and contrast.alone and _useful(contrast):
            about = f"own-{place + 1}"
            heading = f"Beside them: {words(after)} against {words(before)}"
            what = f"running “{words(after)}” instead of “{words(before)}”"
            told = _answered(about, what, contrast, runners)
            found.append(replace(told, heading=heading))
    return found


def _ends(ends: Ends) -> str:
    return " to ".join(number(end, 2) for end in ends) if known(ends[0]) else UNKNOWN


def _shown(sentence: Sentence) -> dict[str, Any]:
    """Return an answer as its template prints it."""
    return {
        "about": sentence.about,
        "heading": sentence.heading,
        "short": sentence.short,
        "text": sentence.text,
        "sure": list(sentence.sure),
        "ends": sentence.ends,
        "predicted": sentence.predicted,
        "has_muscles": any(known(effect.muscles[0]) for effect in sentence.effects),
        "has_error": any(known(effect.error) for effect in sentence.effects),
        "has_detectable": any(known(effect.detectable) for effect in sentence.effects),
        "rows": [
            {
                "load": LABELS[effect.metric],
                "metric": effect.metric,
                "change": number(effect.change, 2),
                "ends": _ends(effect.ends),
                "muscles": _ends(effect.muscles),
                "error": number(effect.error, 2),
                "smallest": number(effect.smallest, 2),
                "detectable": number(effect.detectable, 2),
                "answer": way_words(effect),
            }
            for effect in sentence.effects
        ],
    }


def sources_of(files: PageFiles, laboratory: str) -> tuple[Sources, float]:
    """Read what the contrasts are made of, and the change of lean that a claim is about, deg."""
    names = [study.name for study in read_studies(files.study_files, files.schemas)]
    defined = read_claims(files.claims_file, files.schemas, names)
    specs = {
        test.contrast.label: test.contrast
        for claim in defined.claims
        for test in (*claim.primary, *claim.secondary, *claim.also)
    }
    doses = [s.dose.change for s in specs.values() if s.condition_b == "lean" and s.dose]
    errors = Errors() if files.recovery is None else contrast_errors(files.recovery, laboratory)
    sources = Sources(
        read_table(files.comparisons),
        read_table(files.claim_tests),
        specs,
        lambda metric: defined.smallest_of(metric).size,
        errors,
    )
    return sources, min(doses)


def answer_rows(files: PageFiles, runners: Runners, laboratory: str = "") -> list[dict[str, Any]]:
    """Return the two answers, and what stands beside them, as printed.

    Args:
        files: of the page.
        runners: what is known of them beside the comparisons.
        laboratory: that recorded virtual runners, for the method's own error.
    """
    sources, dose_deg = sources_of(files, laboratory)
    doses = None if files.dose_response is None else read_table(files.dose_response)
    asked = [
        strike_sentence(sources, runners),
        lean_sentence(sources, runners, doses, dose_deg),
    ]
    beside = cadence_sentence(sources, runners, asked)
    asked += [beside] if beside else []
    return [_shown(sentence) for sentence in (*asked, *own_sentences(sources, runners))]
