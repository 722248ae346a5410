"""What the names of files and folders say: whose recording it is, of what, at which speed.

Names are taken apart into words and numbers. Words that every laboratory uses for a kind of file
name nobody; what is left is the runner's, the condition's, or the number of the trial.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from statistics import median


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# What a file is: never a runner's name and never a condition.
STANDING_WORDS = _words(
    "static statics stat standing stand cal calib calibration neutral pose tpose npose apose ref "
    "reference anatomical"
)
_RUNNING_WORDS = _words("run runs running runner trial trials rec capture motion gait")
_FILE_WORDS = _words(
    "c3d trc mot sto csv marker markers traj trajectories mocap data dataset raw export exports "
    "exported recording recordings kinematics kinetics opensim vicon nexus qualisys qtm grf grfs "
    "grw force forces forceplate plate plates fp ground ik id filtered filt processed new copy "
    "augmented lstm video videos session sessions results result files file ms kmh kph speed "
    "treadmill overground tm og of and the with day visit week pass passes stance stances lap laps "
    "left right foot feet plate stride strides cut part test measurement"
)
KIND_WORDS = STANDING_WORDS | _RUNNING_WORDS | _FILE_WORDS
# Words for a runner before their number.
_RUNNER_WORDS = _words(
    "s p sub subj subject subjects participant part pt runner r id pp person athlete v"
)
_CONDITION_WORDS = _words(
    "lean leaning upright forward cadence step midfoot mfs toe barefoot shod shoe shoes pre post "
    "slow fast habitual normal preferred self selected comfortable baseline control"
)
# The condition of recordings whose names say nothing of one.
UNNAMED = "running"
_TOKEN = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+(?:[.,]\d+)?")
_SAFE = re.compile(r"[^A-Za-z0-9._-]+")

# What a file's words say of a technique, in the words of this project; whatever else is said stays
# as it is written.
_STRIKES = {
    "heel_strike": (
        {"heel", "rearfoot", "hindfoot", "rfs", "heelstrike", "rearfootstrike"},
        {"strike", "striking", "striker"},
    ),
    "forefoot": (
        {"forefoot", "ffs", "ball", "forefootstrike"},
        {"strike", "striking", "striker"},
    ),
}
# A speed in a name is the measured one, written as it is or without its point, if it is so near.
_SPEED_SHARE = 0.05
_SPEED_SCALES, _KM_H = (1.0, 0.1, 0.01), 1.0 / 3.6
# Speeds of one runner that differ by more are different conditions.
SPEED_APART = 0.06


def tokens(name: str) -> list[str]:
    """Return the words and numbers of a name, as they are written."""
    return _TOKEN.findall(_plain(name))


def _lower(words: Iterable[str]) -> list[str]:
    return [word.lower() for word in words]


def says_standing(name: str) -> bool:
    """Whether a name says that somebody stands."""
    return not STANDING_WORDS.isdisjoint(_lower(tokens(name)))


def _plain(text: str) -> str:
    """Return a text in letters without accents; other scripts' letters as their numbers."""
    bare = (
        letter
        for letter in unicodedata.normalize("NFKD", text)
        if letter.isascii() or letter.isalnum()
    )
    return "".join(letter if letter.isascii() else f"u{ord(letter):x}" for letter in bare)


def safe_name(text: str, spare: str) -> str:
    """Return a text as the name of a runner or a trial may be written, ``spare`` for none."""
    plain = _SAFE.sub("_", _plain(text)).strip("._-")
    return plain or spare


def _own_words(name: str) -> list[str]:
    """Return the words of a name that no kind of file has."""
    return [word for word in tokens(name) if word.lower() not in KIND_WORDS]


def is_condition(word: str) -> bool:
    """Whether a word is one that laboratories use for what a runner was asked to do."""
    strikes = (own | fillers for own, fillers in _STRIKES.values())
    return word.lower() in _CONDITION_WORDS.union(*strikes)


def _names_somebody(part: str) -> bool:
    """Whether a folder's name can be a runner's: not all its words are of files and conditions."""
    words = [word for word in _own_words(part) if not is_condition(word)]
    return any(not word[0].isdigit() for word in words) or (
        bool(words) and any(word.lower() in _RUNNER_WORDS for word in tokens(part))
    )


def _says_kind(word: str) -> bool:
    return word.lower() in KIND_WORDS or is_condition(word)


def _leading(stem: str) -> str:
    """Return the first words of a name that are of no kind of file and of no condition.

    Behind a word for the kind (``Static_S01``) a number alone is a trial's.
    """
    matches = list(_TOKEN.finditer(stem))
    first = 0
    while first < len(matches) and _says_kind(matches[first].group()):
        if first == 0 and matches[0].group().lower() in _RUNNER_WORDS:
            break
        first += 1
    end = first + 1
    while end < len(matches) and not _says_kind(matches[end].group()):
        end += 1
    words = matches[first:end]
    if not words or (first > 0 and words[0].group()[0].isdigit()):
        return ""
    return stem[words[0].start() : words[-1].end()]


def _folder_depth(places: Sequence[Path]) -> int | None:
    """Return which part of the paths names runners, None where none does."""
    depth = min((len(place.parts) for place in places), default=1) - 1
    for level in range(depth):
        names = {_plain(place.parts[level]) for place in places}
        if all(_names_somebody(name) or name.isdigit() for name in names):
            return level
    return None


def runners(places: Sequence[Path], spare: str) -> dict[Path, str]:
    """Return whose recording each file is, by its folder or by what its name begins with.

    Args:
        places: files of markers, from the folder of the recordings.
        spare: name for a runner whom neither names: that of the folder.
    """
    level = _folder_depth(places)
    if level is not None:
        return _as_first_spelt({place: safe_name(place.parts[level], spare) for place in places})
    leads = {place: _leading(_plain(place.stem)) for place in places}
    # of S01_2 the number is a trial's where S01 or S01_1 is there too; of Subject 1 it is not
    numbered = {lead: shorter for lead in leads.values() if (shorter := _without_number(lead))}
    stems = [*leads.values(), *numbered.values()]
    trials = any(stems.count(shorter) > 1 for shorter in numbered.values())
    found = {place: numbered.get(lead, lead) if trials else lead for place, lead in leads.items()}
    found = _as_first_spelt(found)
    shared = Counter(found.values())
    # one name for each file is a number of a trial, not a runner's
    lonely = len(places) > 2 and all(count == 1 for count in shared.values())
    if lonely:
        found = dict.fromkeys(places, "")
    return {place: safe_name(name, spare) for place, name in found.items()}


def _as_first_spelt(names: dict[Path, str]) -> dict[Path, str]:
    """Return names, those that differ in letter case and separators alone as one."""
    first: dict[str, str] = {}
    return {
        place: first.setdefault(re.sub(r"[^a-z0-9]", "", name.lower()), name)
        for place, name in names.items()
    }


def _without_number(lead: str) -> str:
    """Return a name without a number that stands apart behind it, '' where there is none."""
    parts = list(_TOKEN.finditer(lead))
    if len(parts) < 2 or not parts[-1].group()[0].isdigit():
        return ""
    shorter = lead[: parts[-1].start()]
    plain = shorter.strip(" ._-")
    return plain if plain != shorter and plain.lower() not in _RUNNER_WORDS else ""


def key_words(stem: str) -> tuple[str, ...]:
    """Return the words of a file's name that a table of its forces shares with it."""
    common = _FILE_WORDS | _RUNNING_WORDS
    return tuple(word for word in _lower(tokens(stem)) if word not in common)


def trial_name(stem: str, runner: str) -> str:
    """Return the name of a trial: that of its file without the runner's."""
    stem = _plain(stem)
    own, parts = _lower(tokens(runner)), list(_TOKEN.finditer(stem))
    begins = own and _lower(part.group() for part in parts[: len(own)]) == own
    rest = stem[parts[len(own)].start() :] if begins and len(parts) > len(own) else stem
    return safe_name(rest, "run")


def named_speed(stem: str, runner: str, speed_m_s: float) -> float | None:
    """Return the speed that a file's name states, where the markers confirm it.

    ``T35``, ``3.5ms``, ``run350`` and ``12.6kmh`` all are 3.5 m/s.
    """
    words = tokens(trial_name(stem, runner))
    scales: tuple[float, ...] = _SPEED_SCALES
    if not {"kmh", "kph", "km"}.isdisjoint(_lower(words)):
        scales = (_KM_H, 0.1 * _KM_H)
    for word in words:
        if not word[0].isdigit():
            continue
        for scale in scales:
            value = float(word.replace(",", ".")) * scale
            if abs(value - speed_m_s) <= _SPEED_SHARE * speed_m_s:
                return round(value, 2)
    return None


def _technique(words: Sequence[str]) -> tuple[str, ...]:
    """Return the words of a condition, those for a technique as this project has them."""
    plain = _lower(words)
    for name, (own, fillers) in _STRIKES.items():
        if own.isdisjoint(plain):
            continue
        rest = [word for word in plain if word not in own | fillers]
        if name == "forefoot" and rest and set(rest) <= {"lean", "leaning", "forward"}:
            rest = ["lean"]
        return (name, *rest)
    return tuple(plain)


def condition_words(stem: str, runner: str) -> tuple[str, ...]:
    """Return what a file's name says of the condition: its words without runner and numbers."""
    left = tokens(stem)
    own = tokens(runner)
    if own and _lower(left[: len(own)]) == _lower(own):
        left = left[len(own) :]
    named = set(_lower(own))
    words = [w for w in left if not w[0].isdigit() and w.lower() not in KIND_WORDS | named]
    return _technique([word for word in words if len(word) > 1 or is_condition(word)])


def conditions(
    places: Sequence[Path], names: Mapping[Path, str], speeds: Mapping[Path, float]
) -> dict[Path, str]:
    """Return the condition of every running trial: by words in the file's name, and by speed.

    Args:
        places: files of markers.
        names: whose they are.
        speeds: m/s; two of one runner that differ are two conditions.
    """
    words = {place: condition_words(place.stem, names[place]) for place in places}
    shared = set.intersection(*(set(said) for said in words.values())) if places else set()
    found = {}
    for place in places:
        said = words[place]
        # a word in every name tells conditions apart no more than a word for the kind of file
        own = tuple(w for w in said if w not in shared or is_condition(w) or w in _STRIKES)
        found[place] = "_".join(own)
    usual = _usual_speeds(speeds) if _speeds_differ(places, names, found, speeds) else {}
    for place in places:
        label = found[place] or UNNAMED
        found[place] = f"{label}_{usual[place]:.1f}" if usual else label
    return found


def _usual_speeds(speeds: Mapping[Path, float]) -> dict[Path, float]:
    """Return the median of the speeds that are one to all runners, for each file."""
    order = sorted(speeds, key=lambda place: speeds[place])
    groups: list[list[Path]] = []
    for place in order:
        if not groups or speeds[place] / speeds[groups[-1][-1]] > 1.0 + SPEED_APART:
            groups.append([])
        groups[-1].append(place)
    return {place: median(speeds[other] for other in group) for group in groups for place in group}


def _speeds_differ(
    places: Sequence[Path],
    names: Mapping[Path, str],
    words: Mapping[Path, str],
    speeds: Mapping[Path, float],
) -> bool:
    """Whether one runner ran at two speeds under one name of a condition.

    Overground nobody runs at one speed twice: only a step beyond what people vary is meant.
    """
    groups: dict[tuple[str, str], list[float]] = {}
    for place in places:
        groups.setdefault((names[place], words[place]), []).append(speeds[place])
    ordered = [sorted(group) for group in groups.values()]
    return any(
        high / low > 1.0 + 2.0 * SPEED_APART for group in ordered for low, high in pairwise(group)
    )
