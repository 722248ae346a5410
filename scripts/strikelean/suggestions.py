"""Which likely meaning of a word may be suggested, and which would change what is said.

``X`` is near ``-X``, ``knee_adduction`` near ``knee_abduction`` and ``runT25`` near ``runT35``: a
person who follows such a suggestion turns the runner round. A suggestion is safe when every word
in it is one that was written, perhaps misspelt, and no sign, number, side or unit differs.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterable

NEAR = 0.6
# words whose exchange turns a meaning into another, each against the others of its group
OPPOSED: tuple[tuple[str, ...], ...] = (
    ("left", "right"),
    ("l", "r"),
    ("forward", "backward"),
    ("forward", "back"),
    ("front", "rear", "back"),
    ("up", "down"),
    ("upper", "lower"),
    ("upright", "lean"),
    ("heel", "toe", "forefoot", "midfoot", "rearfoot"),
    ("medial", "lateral"),
    ("anterior", "posterior"),
    ("inner", "outer"),
    ("proximal", "distal"),
    ("flexion", "extension"),
    ("adduction", "abduction"),
    ("dorsiflexion", "plantarflexion"),
    ("inversion", "eversion"),
    ("internal", "external"),
    ("min", "max"),
    ("minimum", "maximum"),
    ("low", "high"),
    ("lowest", "highest"),
    ("first", "last"),
    ("start", "end"),
    ("before", "after"),
    ("increase", "decrease", "no"),
    ("with", "without"),
    ("static", "run", "running"),
)
_UNITS = (
    "m mm cm km in ft s ms min h hz khz n kn nm nmm kg g lb lbs deg rad pa kpa mpa w bw "
    "percent share mps kmh kph mph sd"
)
UNITS = frozenset(_UNITS.split())
# a letter that stands for a side where a label is all capitals: LASI, RASI
SIDES = {"l", "r"}


def words(text: str) -> list[str]:
    """Return the words of a name in lower case: at separators and where small letters end."""
    return [word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", text)]


def numbers(text: str) -> list[int]:
    """Return the whole numbers in a name, leading zeros aside."""
    return [int(digits) for digits in re.findall(r"\d+", text)]


def signs(text: str) -> list[str]:
    """Return the signs in a name: before a number, or before the first letter."""
    return re.findall(r"(?<![A-Za-z0-9])[+-](?=[A-Za-z])|[+-](?=\d)", text)


def likeness(one: str, other: str) -> float:
    """Return how alike two words are, between 0 and 1."""
    return difflib.SequenceMatcher(None, one, other).ratio()


def opposites(word: str) -> set[str]:
    """Return the words that mean something else than this one of the same kind."""
    return {other for group in OPPOSED if word in group for other in group} - {word}


def other_side(one: str, other: str) -> bool:
    """Return whether two words are one, of the left and of the right."""
    return {one[0], other[0]} == SIDES and one[1:] == other[1:]


def misspelt(written: str, meant: str) -> bool:
    """Return whether a word is probably another one, misspelt, and not its opposite."""
    if meant in UNITS or written in UNITS or written in opposites(meant):
        return False
    alike = likeness(written, meant)
    clear = all(likeness(written, other) < alike - 0.05 for other in opposites(meant))
    return alike >= NEAR and clear and not other_side(written, meant)


def _pair(extra: list[str], absent: list[str]) -> None:
    """Strike out pairs of a written word and the word that it misspells."""
    for meant in list(absent):
        for written in sorted(extra, key=lambda word: -likeness(word, meant)):
            if misspelt(written, meant):
                extra.remove(written)
                absent.remove(meant)
                break


def what_differs(written: str, name: str) -> str:
    """Return what a suggestion would change of the meaning, or '' when it is safe.

    Args:
        written: what stands there.
        name: a known name near it.
    """
    if signs(written) != signs(name):
        return "sign"
    if numbers(written) != numbers(name):
        return "number"
    here, there = Counter(words(written)), Counter(words(name))
    if "".join(words(written)) == "".join(words(name)):
        return ""
    extra, absent = list((here - there).elements()), list((there - here).elements())
    _pair(extra, absent)
    if any(other_side(one, other) for one in extra for other in absent):
        return "side"
    if UNITS.intersection(extra) and UNITS.intersection(absent):
        return "unit"
    # words run together, or apart, are no other words
    if extra and absent and likeness("".join(sorted(extra)), "".join(sorted(absent))) < 0.8:
        return "wording"
    if any(opposites(word) for word in [*extra, *absent]):
        return "wording"
    return ""


def near(word: str, known: Iterable[str], cutoff: float = NEAR) -> list[str]:
    """Return the known names near a word, nearest first, letter case aside."""
    lowered: dict[str, str] = {name.lower(): name for name in known}
    matches = difflib.get_close_matches(word.lower(), list(lowered), n=4, cutoff=cutoff)
    return [lowered[match] for match in matches]


def suggest(word: str, known: Iterable[str], cutoff: float = NEAR) -> str:
    """Return the likely meaning of a word as a hint, '' where nothing is near.

    Only a safe meaning is asked for (``Did you mean``); of others it says what would change.
    """
    names = near(word, known, cutoff)
    if not names:
        return ""
    safe = [name for name in names if not what_differs(word, name)]
    if safe and safe[0] == names[0]:
        return f"Did you mean '{safe[0]}'?"
    listed = " or ".join(f"'{name}'" for name in names)
    if len(names) > 1:
        return f"Say which is meant: {listed}."
    return f"Near is {listed}, but its {what_differs(word, names[0])} differs."
