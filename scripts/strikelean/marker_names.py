"""Marker names as laboratories spell them: prefixes, case, separators, and words for a side.

``R.Knee.Medial``, ``Right Knee Medial``, ``KNEE_MEDIAL_R`` and ``S01_RKneeMedial`` are one name.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

SIDE_WORDS = {"left": "l", "l": "l", "right": "r", "r": "r"}
MIRROR = {"l": "r", "r": "l"}
Spellings = Mapping[str, Sequence[str]]
"""Markers that are asked for, each with other names that programs give it."""

_SEPARATOR = re.compile(r"[ _.:\-]+")
_TOKEN = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
# A prefix belongs to the file and not to the names when most of them have it: every second one may
# begin with a side, and markers without a label begin with anything.
_MOST = 0.6


def spelling_key(label: str) -> str:
    """Return what two spellings of one name have in common.

    Small letters and digits alone, the one word for a side as one letter in front.
    """
    tokens = [token.lower() for token in _TOKEN.findall(label)]
    sides = [place for place, token in enumerate(tokens) if token in SIDE_WORDS]
    if len(tokens) > 1 and len(sides) == 1:
        tokens.insert(0, SIDE_WORDS[tokens.pop(sides[0])])
    return "".join(tokens)


def _keys(label: str) -> dict[str, None]:
    """Return a label's letters as they stand, then its key: in capitals no word shows its ends."""
    return dict.fromkeys(("".join(_TOKEN.findall(label)).lower(), spelling_key(label)))


def common_prefix(labels: Iterable[str]) -> str:
    """Return what most labels begin with, up to a separator, '' where there is nothing."""
    labels = list(labels)
    cuts = Counter(
        label[: match.end()]
        for label in labels
        for match in _SEPARATOR.finditer(label)
        if match.end() < len(label)
    )
    usual = [
        prefix
        for prefix, times in cuts.items()
        if times > _MOST * len(labels) and prefix.strip("_.:- ").lower() not in SIDE_WORDS
    ]
    return max(usual, key=len, default="")


def side_of(name: str, names: Iterable[str]) -> str:
    """Return ``r`` or ``l`` for a name that has its mirror image among the names, else ''."""
    key = spelling_key(name)
    mirrored = MIRROR.get(key[:1], "") + key[1:]
    return key[0] if key[:1] in MIRROR and mirrored in map(spelling_key, names) else ""


def respelled(labels: Sequence[str], wanted: Spellings) -> dict[str, str]:
    """Return which wanted marker each label means that does not spell it as asked.

    A label that is a wanted name stays. Others are compared without the prefix that most labels
    share; where two labels could be one marker, or one label two, none is.

    Args:
        labels: as a recording has them.
        wanted: names asked for, each with its other names.

    Returns:
        ``{label: wanted name}`` of labels that differ from it.
    """
    present = set(labels)
    prefix = common_prefix(labels)
    by_key: dict[str, list[str]] = {}
    for label in labels:
        for key in _keys(label.removeprefix(prefix)) if label not in wanted else ():
            by_key.setdefault(key, []).append(label)
    meant: dict[str, list[str]] = {}
    for name, also in wanted.items():
        if name in present:
            continue
        keys = dict.fromkeys(key for spelling in (name, *also) for key in _keys(spelling))
        # the name itself goes before what others call it
        found = next((by_key[key] for key in keys if key in by_key), [])
        if len(found) == 1:
            meant.setdefault(found[0], []).append(name)
    return {label: names[0] for label, names in meant.items() if len(names) == 1}
