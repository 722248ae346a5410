"""Whose numbers the page's answers are, and why some cohorts cannot answer.

One runner is told of in the words of a cohort, and it is said that nothing follows for others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from strikelean.report.amounts import LEAN_ANGLE
from strikelean.report.answer_words import NAMES, STRIKE_WORDS, listed
from strikelean.report.digits import known, number
from strikelean.report.effects import Contrast, Effect
from strikelean.report.groups import SAME_SPEED, SPEED, strikes_by_condition
from strikelean.report.runners import weak_muscles_words

ONE_SAYS_NOTHING = "One runner says nothing of runners in general."


@dataclass(frozen=True)
class Runners:
    """What the sentences must know beside the comparisons.

    Attributes:
        count: runners in use.
        excluded: trials that are not.
        virtual: whether they are virtual.
        strikes: by condition, feet by the strike that they reached.
        classes: runners by their own strike class.
        trunk_seen: whether any trunk carried markers.
        weak: where the model's muscles were too weak, in a sentence.
    """

    count: int
    excluded: int
    virtual: bool
    strikes: Mapping[str, Mapping[str, int]]
    classes: Mapping[str, int]
    trunk_seen: bool
    weak: str = ""


def runners_of(
    metrics: pd.DataFrame, quality: pd.DataFrame, classes: Mapping[str, int], virtual: bool
) -> Runners:
    """Return what the sentences must know of a cohort out of metrics.csv and quality.csv."""
    excluded = int((quality["included"] != "yes").sum())
    weak = weak_muscles_words(quality)
    seen = metrics.loc[metrics["metric"] == LEAN_ANGLE, "value"].notna().any()
    strikes = strikes_by_condition(metrics)
    count = int(metrics["subject"].nunique())
    return Runners(count, excluded, virtual, strikes, classes, bool(seen), weak)


def who(contrast: Contrast, runners: Runners) -> str:
    """Return as a sentence whose numbers these are."""
    before, after = contrast.n
    trunk = "" if runners.trunk_seen else ", with an assumed trunk"
    if contrast.alone:
        return f"{_one(contrast, trunk)} {ONE_SAYS_NOTHING}"
    if contrast.virtual:
        return f"{before} virtual runners."
    if contrast.predicted:
        return f"{before} recorded runners whose other technique a model predicts{trunk}."
    if contrast.paired:
        return f"{before} runners who did both."
    return (
        f"{after} against {before} runners, who may differ in more than how they land; intervals "
        "are wide with so few."
    )


def _one(contrast: Contrast, trunk: str) -> str:
    """Return as sentences what the numbers of one runner rest on."""
    if contrast.virtual:
        return "One virtual runner."
    if contrast.predicted:
        return f"One recorded runner whose other technique a model predicts{trunk}."
    before, after = contrast.steps
    return (
        f"One runner who did both: {before} and {after} steps. The interval is over these steps "
        "alone; another day, or markers put on anew, adds to it."
    )


def ends_words(contrast: Contrast) -> str:
    """Return what the numbers in brackets are."""
    if contrast.modelled:
        return "range over the model's own choices"
    return "95 % interval" + (" over this runner's steps" if contrast.alone else "")


def of_this_runner(verdict: str) -> str:
    """Return a short answer as that of one runner."""
    return f"For this runner: {verdict[:1].lower()}{verdict[1:]}"


def detectable_words(knee: Sequence[Effect]) -> str:
    """Return as a sentence the smallest changes that one runner's steps let be seen."""
    told = [effect for effect in knee if known(effect.detectable)]
    if not told:
        return ""
    sizes = [f"{number(e.detectable, 2)}\u00a0% of {NAMES[e.metric]}" for e in told]
    return f"The smallest change that these steps let be seen: {listed(sizes)}."


def speeds_words(contrast: Contrast) -> str:
    """Return as a sentence that two recordings differ in speed, '' where they do not."""
    level, change = contrast.levels.get(SPEED), contrast.differences.get(SPEED)
    if contrast.modelled or not contrast.paired or not (known(level) and known(change)):
        return ""
    assert level is not None and change is not None
    if abs(change) <= SAME_SPEED * level:
        return ""
    return (
        f"They were run at {number(level + change)} instead of {number(level)} m/s, which alone "
        "changes loads."
    )


def nobody(runners: Runners) -> str:
    """Return why there is no answer of anybody, '' where there are runners."""
    if runners.count:
        return ""
    if runners.excluded:
        return "Every trial was excluded; the reasons stand under \u201cExcluded\u201d below."
    return "There is no runner."


OWN_LOADS = "This runner's own loads stand under \u201cEach runner\u201d below."


def no_strike(runners: Runners) -> str:
    """Return why nothing can be said of the strike, and what it takes."""
    if runners.count == 1:
        return (
            "It takes a second recording of this runner with the other strike, or a prediction "
            f"(counterfactual.techniques: forefoot). {OWN_LOADS}"
        )
    told = [
        f"{n} on the {STRIKE_WORDS[name]}"
        for name, n in runners.classes.items()
        if name in STRIKE_WORDS
    ]
    lands = f"; of their own accord these land: {', '.join(told)}" if told else ""
    return (
        "It takes two runners who land on the heel and two on the forefoot, or two who did both"
        f"{lands}."
    )


def no_lean(runners: Runners) -> str:
    """Return why nothing can be said of the lean, and what it takes."""
    if not runners.trunk_seen:
        return "No trunk carried markers, so nobody's lean was seen, and none was predicted."
    if runners.count == 1:
        return (
            "It takes a second recording of this runner with another lean, or a prediction "
            f"(counterfactual.techniques, such as lean+05). {OWN_LOADS}"
        )
    return "It takes two runners who ran with two leans, or a prediction of another lean."
