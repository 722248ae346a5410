"""Words of the answer: what loads do under a technique, in short and plain sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from strikelean.lab.strike_classes import FOREFOOT, MIDFOOT, REARFOOT
from strikelean.report.digits import known, signed
from strikelean.report.effects import (
    FALLS,
    OPEN,
    RISES,
    SAME,
    WITHIN_ERROR,
    Contrast,
    Effect,
    Ends,
)
from strikelean.report.where import DIRECTION_OPEN, REACHES_ERROR
from strikelean.studies.verdicts import DEPENDS

KNEECAP = "patellofemoral_stress_net_moment_powers_peak"
BY_MUSCLES = "patellofemoral_stress_joint_reaction_powers_peak"
MOMENT = "knee_extension_moment_peak_per_kg"
# what may pay for it
ELSEWHERE = {
    "achilles_force_peak_bw": "Achilles tendon",
    "ankle_plantarflexion_moment_peak_per_kg": "calf",
    "hamstrings_force_peak_bw": "hamstrings",
    "hip_extension_moment_peak_per_kg": "hip",
    "lumbar_extension_moment_peak_per_kg": "lower back",
}
LABELS = {
    KNEECAP: "kneecap stress, from the net moment",
    BY_MUSCLES: "kneecap stress, from muscle forces",
    MOMENT: "knee extension moment",
    "achilles_force_peak_bw": "Achilles tendon force",
    "ankle_plantarflexion_moment_peak_per_kg": "calf (plantarflexion) moment",
    "hamstrings_force_peak_bw": "hamstrings force",
    "hip_extension_moment_peak_per_kg": "hip extension moment",
    "lumbar_extension_moment_peak_per_kg": "lower back extension moment",
}
# a rise that all of the ends have, and one that some have
WITHIN_LEAD = "Higher, perhaps by no more than the method's own error"
OPEN_LEAD = "Not clear, so a rise is not ruled out"
# where landing on the forefoot is known to ask for more
OF_THE_FOOT = ("Achilles tendon", "calf")
NAMES = {KNEECAP: "the stress behind the kneecap", MOMENT: "the knee extension moment"}
STRIKE_WORDS = {REARFOOT: "heel", MIDFOOT: "midfoot", FOREFOOT: "forefoot"}


def percent(value: float, ends: Ends) -> str:
    """Return the size of a change with its ends, in whole percents unless they are small.

    The sign is left to the words, and kept where the ends lie on both sides of zero.
    """
    low, high = sorted(ends)
    if not (known(low) and known(high)):
        return f"{signed(abs(value), 0)}\u00a0%"
    if low * high > 0.0:
        low, high = sorted((abs(low), abs(high)))
    decimals = 1 if high - low < 1.0 or 0.0 < min(abs(low), abs(high)) < 0.5 else 0
    between = f"{signed(low, decimals)} to {signed(high, decimals)}\u00a0%"
    return f"{signed(abs(value), decimals)}\u00a0% ({between})"


def span(ends: Ends) -> str:
    """Return ends with their signs."""
    if not (known(ends[0]) and known(ends[1])):
        return "ends not known"
    return " to ".join(f"{'+' if end >= 0.5 else ''}{signed(end, 0)}" for end in ends) + "\u00a0%"


def listed(parts: Sequence[str]) -> str:
    """Return parts as "a, b and c"."""
    return " and ".join((", ".join(parts[:-1]), parts[-1])) if len(parts) > 1 else "".join(parts)


def changes_words(named: Mapping[str, Effect]) -> str:
    """Return in words what a technique does to loads, by the name of each."""
    ways: dict[str, list[tuple[str, Effect]]] = {}
    for name, effect in named.items():
        ways.setdefault(effect.way, []).append((name, effect))
    parts = []
    for way, verb in ((FALLS, "lowers"), (RISES, "raises")):
        if way in ways:
            sizes = [f"{name} by {percent(e.change, e.ends)}" for name, e in ways[way]]
            parts.append(f"{verb} {listed(sizes)}")
    for name, effect in ways.get(SAME, ()):
        if effect.answer == WITHIN_ERROR:
            error = signed(effect.error, 1)
            parts.append(f"changes {name} by no more than the method's own error ({error}\u00a0%)")
        else:
            parts.append(f"makes no relevant difference to {name} ({span(effect.ends)})")
    if OPEN in ways:
        sizes = [f"{name} ({span(e.ends)})" for name, e in ways[OPEN]]
        parts.append(f"gives no clear answer for {listed(sizes)}")
    if DEPENDS in ways:
        sizes = [f"{name} ({span(e.muscles)})" for name, e in ways[DEPENDS]]
        parts.append(f"moves {listed(sizes)} one way or the other with the muscle model")
    return listed(parts)


def verdict(effects: Sequence[Effect]) -> str:
    """Return the short answer that all estimates of the knee's load bear."""
    ways = {effect.way for effect in effects}
    if DEPENDS in ways:
        return "It depends on the muscle model."
    if ways == {FALLS}:
        large = all(effect.matters for effect in effects)
        return "Yes." if large else "Yes, but perhaps too little to matter."
    if ways == {RISES}:
        return "No, it loads the knee more."
    if ways == {SAME}:
        return "No relevant difference."
    if {FALLS, RISES} <= ways:
        return "Some of the knee's loads fall, others rise."
    if ways == {FALLS, SAME}:
        return "A little at most, and not by every estimate."
    if FALLS in ways:
        return "Perhaps, but not by every estimate."
    if RISES in ways:
        return "No: if anything it loads the knee more."
    return "No clear answer."


def _may_rise(effect: Effect) -> bool:
    """Whether a rise that matters is neither sure nor ruled out."""
    top = {OPEN: effect.ends[1], DEPENDS: effect.muscles[1]}.get(effect.way, float("nan"))
    return top > effect.smallest


def _also(name: str, effect: Effect) -> str:
    """Return as a sentence what a load does that has no rise that matters."""
    words = {FALLS: "falls", RISES: "rises", SAME: "no relevant difference"}
    told = words.get(effect.way, "not clear, but no rise that would matter")
    return f"{name[:1].upper()}{name[1:]}: {told} ({span(effect.ends)})."


def price(contrast: Contrast, always: Sequence[str] = ()) -> str:
    """Return in sentences the rises elsewhere that are sure, and those that are not ruled out.

    Args:
        contrast: two conditions.
        always: loads, by their name here, that are told of whatever they do.
    """
    looked = {name: contrast.effects[m] for m, name in ELSEWHERE.items() if m in contrast.effects}
    sure = {
        name: effect
        for name, effect in looked.items()
        if effect.way == RISES and effect.change >= effect.smallest
    }
    parts = [_sure_rises(sure, "The price" if contrast.paired else "They have")] if sure else []
    may = {name: effect for name, effect in looked.items() if _may_rise(effect)}
    if looked and not sure:
        checked = "" if may else f" (looked at: {listed(list(looked))})"
        parts.append(f"No rise elsewhere is sure and large enough to matter{checked}.")
    told: dict[str, list[str]] = {}
    for name, effect in may.items():
        ends = effect.muscles if effect.way == DEPENDS else effect.ends
        lead = WITHIN_LEAD if effect.way == OPEN and ends[0] > 0.0 else OPEN_LEAD
        told.setdefault(lead, []).append(f"{name} ({span(ends)})")
    parts += [f"{lead}: {listed(told[lead])}." for lead in (WITHIN_LEAD, OPEN_LEAD) if lead in told]
    rest = [name for name in always if name in looked and name not in sure and name not in may]
    return " ".join([*parts, *(_also(name, looked[name]) for name in rest)])


def _sure_rises(sure: Mapping[str, Effect], lead: str) -> str:
    """Return as a sentence the rises that are sure, the largest first."""
    order = sorted(sure, key=lambda name: -sure[name].change)
    sizes = {name: percent(sure[name].change, sure[name].ends) for name in order}
    parts = [f"{size} more at the {name}" for name, size in sizes.items()]
    return f"{lead}: {listed(parts)}."


def by_muscles_words(effect: Effect) -> str:
    """Return as a sentence what the other estimate of the kneecap's stress says."""
    size = percent(effect.change, effect.ends)
    words = {
        FALLS: f"it falls by {size}",
        RISES: f"it rises by {size}",
        DEPENDS: f"the muscle model decides whether it falls ({span(effect.muscles)})",
        SAME: f"it makes no relevant difference ({span(effect.ends)})",
        OPEN: f"it is not clear whether it falls ({span(effect.ends)})",
    }[effect.way]
    muscled = known(effect.muscles[0]) and effect.way in (FALLS, RISES)
    every = ", this way with every muscle model" if muscled else ""
    return f"The stress behind the kneecap worked out from muscle forces instead: {words}{every}."


def size_words(knee: Sequence[Effect]) -> str:
    """Return as a sentence how sure direction and size are, empty where no direction is."""
    sure = [effect for effect in knee if effect.way in (FALLS, RISES)]
    if not sure:
        return ""
    if all(effect.matters for effect in sure):
        return "Direction and size are sure."
    least = signed(max(effect.smallest for effect in sure), 0)
    return f"The direction is sure; whether it is more than the {least}\u00a0% that matter is open."


def way_words(effect: Effect) -> str:
    """Return in a few words what may be said of a change."""
    if effect.way in (FALLS, RISES):
        size = "size sure" if effect.matters else "size open"
        return f"{effect.way}: direction sure, {size}"
    unclear = DIRECTION_OPEN
    if effect.ends[0] > 0.0 or effect.ends[1] < 0.0:
        unclear = REACHES_ERROR
    return {SAME: effect.answer, OPEN: unclear, DEPENDS: DEPENDS}[effect.way]


def side_of(counts: Mapping[str, int]) -> str:
    """Return the part of the foot on which most feet landed, empty where unknown."""
    feet = {name: n for name, n in counts.items() if name in STRIKE_WORDS and n}
    return STRIKE_WORDS[max(feet, key=lambda name: feet[name])] if feet else ""


def reached_words(counts: Mapping[str, int]) -> str:
    """Return how feet landed that were asked onto the forefoot."""
    total, forefoot = sum(counts.values()), counts.get(FOREFOOT, 0)
    if not total:
        return "landing on the forefoot (how the feet truly landed is not known)"
    if forefoot == total:
        return "landing on the forefoot"
    side = side_of(counts)
    if not forefoot:
        return f"landing on the {side} (no foot reached the forefoot)"
    if side == STRIKE_WORDS[FOREFOOT]:
        return f"landing on the forefoot (with {forefoot} of {total} feet)"
    return f"landing mostly on the {side} ({forefoot} of {total} feet reached the forefoot)"
