"""Which columns of a force table are force, centre of pressure and moment of which foot or plate.

Every laboratory names them in its own way, but all with the same words: whose force it is (a side,
a body, the number of a plate), what it is (force, point, moment) and the axis. Names are therefore
taken apart into words, whatever their order, case and separators.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from strikelean.errors import RecordingError

Part = Literal["v", "p", "t"]

EXAMPLES = (
    "columns such as ground_force_r_vx, ground_force_r_px, ground_torque_r_x "
    "(the side before or after, or a number in its place for a plate)"
)
_SIDES = {"r": "right", "right": "right", "l": "left", "left": "left"}
_BODIES = frozenset(("calcn", "calcaneus", "toes", "foot", "feet", "heel", "hindfoot", "shoe"))
_PLATES = frozenset(
    (
        *("plate", "forceplate", "fplate", "fp", "platform", "belt", "treadmill"),
        *("kistler", "amti", "bertec"),
    )
)
_KINDS: dict[str, Part] = {
    **dict.fromkeys(("force", "forces", "grf", "f"), "v"),
    **dict.fromkeys(("torque", "torques", "moment", "moments", "grm", "m", "t"), "t"),
    **dict.fromkeys(("point", "cop", "cp", "pressure", "position", "p"), "p"),
}
_FILLERS = frozenset(
    ("ground", "reaction", "external", "applied", "free", "center", "centre", "of", "on", "global")
)
# The letter before the axis. A v beside a word for moment belongs to it: ground_torque_r_vx.
_COMPONENTS: dict[str, Part] = {
    **dict.fromkeys(("v", "f", "force", "grf"), "v"),
    **dict.fromkeys(("p", "cop", "c"), "p"),
    **dict.fromkeys(("m", "t", "torque", "moment"), "t"),
}
_COMPONENT = re.compile(rf"({'|'.join(_COMPONENTS)})?([xyz])")
# RFx, LCOPx: a side's letter before what it is and the axis
_GLUED = re.compile(r"^([rl])((?:f|m|t|grf|grm|cop)[xyz])$")
_TOGETHER = re.compile(r"(force|ground|grf)(?=force|plate|torque|moment|reaction)")


@dataclass(frozen=True)
class Column:
    """What a column's name says.

    Attributes:
        side: ``right``, ``left`` or None for a plate.
        owner: number of the plate or name of the body, blank where there is none.
        part: ``v`` force, ``p`` point, ``t`` moment.
        axis: ``x``, ``y`` or ``z`` of the file.
    """

    side: str | None
    owner: str
    part: Part
    axis: str


def _words(name: str) -> list[str]:
    """Return the words of a name, lower case; units in brackets are none."""
    plain = re.sub(r"\[.*?\]|\(.*?\)", " ", name).replace("CoP", "Cop")
    plain = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", plain).lower()
    plain = _GLUED.sub(r"\1 \2", plain)
    words = re.findall(r"[a-z]+|\d+", _TOGETHER.sub(r"\1 ", plain))
    # R's data frames put an X before a name that begins with a number
    if len(words) > 2 and words[0] == "x" and words[1].isdigit():
        del words[0]
    if [word.isalpha() for word in words] == [True, False, False] and words[0] in ("f", "p", "m"):
        # OpenSim's own flattened C3D: f1_1, f1_2, f1_3
        axis = {"1": "x", "2": "y", "3": "z"}.get(words.pop())
        words += [axis] if axis else ["?"]
    return words


def read_name(name: str) -> Column | None:
    """Return what a column is, None where its name does not say that it is a ground force's."""
    words = _words(name)
    components = [match for word in words if (match := _COMPONENT.fullmatch(word))]
    if len(components) != 1:
        return None
    words.remove(components[0].group())
    letter, axis = components[0].groups()
    # a force plate is a plate
    words = [
        word
        for place, word in enumerate(words)
        if not (word == "force" and words[place + 1 : place + 2] in (["plate"], ["platform"]))
    ]
    sides = {_SIDES[word] for word in words if word in _SIDES}
    kinds = {_KINDS[word] for word in words if word in _KINDS}
    owners = [word for word in words if word.isdigit() or word in _BODIES]
    plates = [word for word in words if word in _PLATES]
    known = {*_SIDES, *_KINDS, *_BODIES, *_PLATES, *_FILLERS}
    if len(sides) > 1 or any(not word.isdigit() and word not in known for word in words):
        return None
    part = _part(letter, kinds)
    # a letter alone could be a velocity: vx needs a word beside it
    named = kinds or plates or (letter not in (None, "v") and (sides or owners or letter == "f"))
    if part is None or not named:
        return None
    side = next(iter(sides), None)
    if plates and side is not None:
        # a plate or belt on the left is not a left foot: the markers decide
        owners, side = [side, *owners], None
    return Column(side, " ".join(owners), part, axis)


def _part(letter: str | None, kinds: set[Part]) -> Part | None:
    """Return what a letter before the axis and the words of the name mean, None for no sense."""
    if letter is None:
        # of "force" and another word the other one says what it is: grf_cop_x
        special = kinds - {"v"}
        return next(iter(special or kinds)) if len(special or kinds) == 1 else None
    part = _COMPONENTS[letter]
    if letter == "v":
        # the v of a point is its velocity
        return None if "p" in kinds else "t" if "t" in kinds else "v"
    fits = part in kinds or not kinds or kinds == {"v"}
    return part if fits else None


_Found = dict[tuple[str | None, str], dict[str, str]]


@dataclass(frozen=True)
class Group:
    """The columns of one foot or plate.

    Attributes:
        side: ``right``, ``left`` or None for a plate.
        label: name for messages and results.
        columns: their names by part and axis (``vx``).
    """

    side: str | None
    label: str
    columns: dict[str, str]


def _twice(file: str, one: str, other: str, what: str) -> RecordingError:
    return RecordingError(
        "read_forces",
        f"one column for {what} in {file}",
        f"{one} and {other}",
        "Remove the columns that are not to be used, or name them otherwise",
    )


def _what(column: Column) -> str:
    part = {"v": "force", "p": "centre of pressure", "t": "moment"}[column.part]
    whose = f"the {column.side} foot" if column.side else f"plate {column.owner}".strip()
    return f"the {part} {column.axis} of {whose}"


def _other_foot(file: str, found: _Found) -> tuple[_Found, tuple[str, ...]]:
    """Return the columns with those that name no foot given to the other one, and what to say.

    OpenSim's first examples call the right foot's force ``ground_force_vx`` and the left one's
    ``l_ground_force_vx``; whether the foot is there the markers tell.
    """
    sides = {side for side, _ in found if side is not None}
    plates = [key for key in found if key[0] is None]
    if len(sides) != 1 or plates != [(None, "")]:
        return found, ()
    other = next(side for side in _SIDES.values() if side not in sides)
    first = next(iter(found[None, ""].values()))
    moved = {(other if key == (None, "") else key[0], key[1]): own for key, own in found.items()}
    note = f"{file}: {first} and its like taken for the {other} foot, as the others are the "
    return moved, (note + f"{next(iter(sides))} one's",)


def find_groups(
    file: str, names: Sequence[str]
) -> tuple[list[Group], tuple[str, ...], tuple[str, ...]]:
    """Return the columns of every foot or plate, names that say nothing of either, and notes.

    Groups of one side belong together, however its columns call it: one force under ``r``, its
    moment under ``calcn_r``. Where they repeat each other they are two (heel and toes, two plates).

    Raises:
        RecordingError: two columns say the same, a side comes with and without a number, or feet
            beside plates: their forces would count twice.
    """
    found: _Found = {}
    others: list[str] = []
    for name in names:
        column = read_name(name)
        if column is None:
            others.append(name)
            continue
        group = found.setdefault((column.side, column.owner), {})
        first = group.setdefault(column.part + column.axis, name)
        if first != name:
            raise _twice(file, first, name, _what(column))
    found, notes = _other_foot(file, found)
    sides = [key for key in found if key[0] is not None]
    plates = [key for key in found if key[0] is None]
    if sides and plates:
        one, other = (next(iter(found[keys[0]].values())) for keys in (sides, plates))
        raise _twice(file, one, other, "every force, of feet or of plates,")
    groups: list[Group] = []
    for side, owner in found:
        own = {key: group for key, group in found.items() if side is not None and key[0] == side}
        whole = {part: name for group in own.values() for part, name in group.items()}
        if side is None:
            label = f"plate {owner}".strip()
            groups.append(Group(None, label, found[side, owner]))
        elif len(whole) == sum(len(group) for group in own.values()):
            if not any(group.side == side for group in groups):
                groups.append(Group(side, side, whole))
        elif "" in {key[1] for key in own}:
            part = next(part for part in found[side, ""] if _count(own, part) > 1)
            one, other = [group[part] for group in own.values() if part in group][:2]
            raise _twice(file, one, other, f"the {side} foot")
        else:
            groups.append(Group(side, f"{side} {owner}", found[side, owner]))
    return groups, tuple(others), notes


def _count(groups: dict[tuple[str | None, str], dict[str, str]], part: str) -> int:
    return sum(part in group for group in groups.values())
