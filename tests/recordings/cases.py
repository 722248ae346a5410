"""Inputs that other laboratories' files have shown, each made from one virtual runner.

A case says what is wrong with the input, what happened before it was looked for, what is right,
and a pattern that the answer must hold. ``docs/recordings.md`` is written from this list.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
from written import MILLIMETRES, Files, Made, moved, resampled_markers, resampled_wrench

from strikelean.formats.series import Markers, Wrench
from text_files import Mot, Trc, columns

Right = Literal["read", "warned", "excluded"]
Make = Callable[[Made, Path], Files]
SWAPPED = {"right": "left", "left": "right"}
TRC, MOT = Trc(number=".5f", times=".5f"), Mot(number=".6f")


@dataclass(frozen=True)
class Case:
    """One input.

    Attributes:
        kind: heading of the table it stands in.
        name: what is special about the input, in words.
        before: what version 0.1.0 did with it.
        right: what must happen.
        says: pattern of the warning or the reason; empty where nothing need be said.
        make: writes the files.
        moves: whether contacts or forces rightly differ from the untouched recording's.
    """

    kind: str
    name: str
    before: str
    right: Right
    says: str
    make: Make
    moves: bool = False


CASES: list[Case] = []


def case(
    kind: str, name: str, before: str, right: Right, says: str = "", *, moves: bool = False
) -> Callable[[Make], Make]:
    """Put a case on the list."""

    def keep(make: Make) -> Make:
        CASES.append(Case(kind, name, before, right, says, make, moves))
        return make

    return keep


def text(
    made: Made,
    folder: Path,
    *,
    markers: Markers | None = None,
    wrench: Wrench | None = None,
    named: dict[str, np.ndarray] | None = None,
    trc_style: Trc = TRC,
    mot_style: Mot = MOT,
) -> Files:
    """Write TRC and MOT, what is not given as the runner's own."""
    wrench = wrench or made.plate
    columns_s = wrench.time_s
    if named and len(next(iter(named.values()))) == len(made.feet["right"].time_s):
        columns_s = made.feet["right"].time_s
    files = (
        trc_style.write(folder / "run.trc", markers or made.running),
        mot_style.write(folder / "run.mot", columns_s, named or columns(wrench)),
    )
    return Files(files)


def edited(path: Path, change: Callable[[str], str]) -> None:
    """Change a file's text."""
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")


def by_foot(made: Made, right: str = "R", left: str = "L") -> dict[str, np.ndarray]:
    """Return the columns of both feet, named as asked."""
    named: dict[str, np.ndarray] = {}
    for side, letter in (("right", right), ("left", left)):
        patterns = (f"{letter}_ground_force_v{{}}", f"{letter}_ground_force_p{{}}")
        named |= columns(made.feet[side], *patterns, f"{letter}_ground_torque_{{}}")
    return named


# ---------------------------------------------------------------------------------------------
TEXT = "Text files as programs write them"


def _naming(name: str, before: str, force: str, place: str, torque: str) -> None:
    @case(TEXT, f"force columns named {name}", before, "read")
    def make(made: Made, folder: Path) -> Files:
        return text(made, folder, named=columns(made.plate, force, place, torque))


for _stem, _names in {
    "ground_force_1_vx, ground_force_1_mx": (
        *("refused", "ground_force_1_v{}", "ground_force_1_p{}"),
        "ground_force_1_m{}",
    ),
    "1_ground_force_vx, 1_ground_torque_x": (
        *("read", "1_ground_force_v{}", "1_ground_force_p{}"),
        "1_ground_torque_{}",
    ),
    "ground_moment_1_mx": (
        *("read", "ground_force_1_v{}", "ground_force_1_p{}"),
        "ground_moment_1_m{}",
    ),
    "FP1_vx, FP1_px, FP1_tx": ("refused", "FP1_v{}", "FP1_p{}", "FP1_t{}"),
}.items():
    _naming(_stem, *_names)


@case(
    TEXT, "force columns named ground_force_calcn_r_vx, a foot each", "refused", "read", moves=True
)
def body_names(made: Made, folder: Path) -> Files:
    named: dict[str, np.ndarray] = {}
    for side, letter in (("right", "r"), ("left", "l")):
        stem = f"ground_force_calcn_{letter}_"
        named |= columns(made.feet[side], stem + "v{}", stem + "p{}", stem + "m{}")
    return text(made, folder, named=named)


@case(TEXT, "force columns named right_foot_force_vx, a foot each", "refused", "read", moves=True)
def foot_names(made: Made, folder: Path) -> Files:
    named: dict[str, np.ndarray] = {}
    for side in ("right", "left"):
        stem = f"{side}_foot_"
        named |= columns(
            made.feet[side], stem + "force_v{}", stem + "force_p{}", stem + "torque_{}"
        )
    return text(made, folder, named=named)


@case(TEXT, "the vertical torque alone", "refused", "read")
def vertical_torque(made: Made, folder: Path) -> Files:
    named = columns(made.plate)
    del named["ground_torque_1_x"], named["ground_torque_1_z"]
    return text(made, folder, named=named)


@case(TEXT, "centre of pressure not a number while nothing is loaded", "refused", "read")
def pressure_blank(made: Made, folder: Path) -> Files:
    named = columns(made.plate)
    for axis in "xyz":
        off = named["ground_force_1_vy"] == 0.0
        named[f"ground_force_1_p{axis}"] = np.where(off, np.nan, named[f"ground_force_1_p{axis}"])
    return text(made, folder, named=named)


@case(TEXT, "centre of pressure 1e6 m away while nothing is loaded", "refused", "read")
def pressure_far(made: Made, folder: Path) -> Files:
    named = columns(made.plate)
    off = named["ground_force_1_vy"] == 0.0
    named["ground_force_1_px"] = np.where(off, 1e6, named["ground_force_1_px"])
    return text(made, folder, named=named)


def _rounded(rate_hz: float, decimals: int) -> None:
    name = f"markers at {rate_hz:g} Hz, times with {decimals} decimals"

    @case(TEXT, name, "refused", "read")
    def make(made: Made, folder: Path) -> Files:
        coarse = resampled_markers(made.running, rate_hz)
        return text(made, folder, markers=coarse, trc_style=replace(TRC, times=f".{decimals}f"))


for _rate, _decimals in ((60.0, 3), (120.0, 3), (150.0, 3), (240.0, 3), (300.0, 4)):
    _rounded(_rate, _decimals)


def _rounded_forces(rate_hz: float, decimals: int) -> None:
    name = f"forces at {rate_hz:g} Hz, times with {decimals} decimals"

    @case(TEXT, name, "refused", "read")
    def make(made: Made, folder: Path) -> Files:
        wrench = resampled_wrench(made.plate, rate_hz)
        return text(made, folder, wrench=wrench, mot_style=replace(MOT, times=f".{decimals}f"))


for _rate, _decimals in ((600.0, 4), (960.0, 4), (1200.0, 4), (1500.0, 4)):
    _rounded_forces(_rate, _decimals)


@case(TEXT, "NumFrames larger than the rows there are", "refused", "warned", "NumFrames|frames")
def stale_frames(made: Made, folder: Path) -> Files:
    more = 5000 - len(made.running.time_s)
    return text(made, folder, trc_style=replace(TRC, extra_frames=more))


@case(TEXT, "nRows of a table that was trimmed later", "refused", "warned", "nRows|rows")
def stale_rows(made: Made, folder: Path) -> Files:
    return text(made, folder, mot_style=replace(MOT, extra_rows=300))


@case(TEXT, "header of a TRC with doubled tabs", "refused", "read")
def padded(made: Made, folder: Path) -> Files:
    return text(made, folder, trc_style=replace(TRC, between="\t\t"))


@case(TEXT, "byte order mark before a TRC", "refused", "read")
def marked(made: Made, folder: Path) -> Files:
    return text(made, folder, trc_style=replace(TRC, encoding="utf-8-sig"))


@case(TEXT, "-nan(ind) where a marker was not seen", "refused", "read")
def indefinite(made: Made, folder: Path) -> Files:
    return text(made, folder, trc_style=replace(TRC, blank="-nan(ind)"))


@case(TEXT, "a runner's name before every marker in a TRC", "refused", "read")
def prefixed(made: Made, folder: Path) -> Files:
    names = tuple(f"Ann:{name}" for name in made.running.names)
    return text(made, folder, markers=replace(made.running, names=names))


@case(TEXT, "blanks between the columns of a MOT", "read", "read")
def blanks(made: Made, folder: Path) -> Files:
    return text(made, folder, mot_style=replace(MOT, separator="  "))


@case(TEXT, "carriage returns", "read", "read")
def returns(made: Made, folder: Path) -> Files:
    trc, mot = (replace(style, newline="\r\n") for style in (TRC, MOT))
    return text(made, folder, trc_style=trc, mot_style=mot)


@case(
    TEXT,
    "40 frames (0.2 s) of a TRC absent",
    "taken without a word",
    "warned",
    "frames",
    moves=True,
)
def hole(made: Made, folder: Path) -> Files:
    kept = np.r_[0:300, 340 : len(made.running.time_s)]
    markers = made.running
    cut = replace(markers, time_s=markers.time_s[kept], positions_m=markers.positions_m[kept])
    return text(made, folder, markers=cut)


@case(TEXT, "a letter in a number", "refused, row unnamed", "excluded", r"row|line")
def letter(made: Made, folder: Path) -> Files:
    files = text(made, folder)
    lines = files.files[1].read_text(encoding="utf-8").split("\n")
    lines[80] = lines[80].replace(".", ".x", 1)
    files.files[1].write_text("\n".join(lines), encoding="utf-8")
    return files


@case(TEXT, "a time that goes back", "refused, row unnamed", "excluded", r"row|line")
def back(made: Made, folder: Path) -> Files:
    files = text(made, folder)
    lines = files.files[1].read_text(encoding="utf-8").split("\n")
    lines[60] = "0.000000" + lines[60][lines[60].index("\t") :]
    files.files[1].write_text("\n".join(lines), encoding="utf-8")
    return files


@case(TEXT, "markers and forces share 0.1 s", 'refused as not "on one clock"', "excluded", "share")
def overlap(made: Made, folder: Path) -> Files:
    wrench = replace(made.plate, time_s=made.plate.time_s + made.running.time_s[-1] - 0.1)
    return text(made, folder, wrench=wrench)


# ---------------------------------------------------------------------------------------------
WRONG = "Forces that are not the runner's, or not as stated"


@case(
    WRONG,
    "columns of right and left exchanged",
    "included, knee moment x 1.6",
    "excluded",
    "exchanged",
)
def feet_exchanged(made: Made, folder: Path) -> Files:
    return text(made, folder, named=by_foot(made, "L", "R"))


@case(WRONG, "columns of right and left as they are", "read", "read", moves=True)
def feet_named(made: Made, folder: Path) -> Files:
    return text(made, folder, named=by_foot(made))


@case(
    WRONG, "torque in N mm beside metres", "included, knee moment x 7.2", "excluded", "torque|N mm"
)
def torque_nmm(made: Made, folder: Path) -> Files:
    named = columns(made.plate)
    for axis in "xyz":
        named[f"ground_torque_1_{axis}"] = 1000.0 * named[f"ground_torque_1_{axis}"]
    return text(made, folder, named=named)


def _turned(made: Made, force: np.ndarray, moment: np.ndarray) -> Wrench:
    return replace(made.plate, force_n=force, moment_nm=moment)


@case(
    WRONG,
    "horizontal forces reversed",
    "included, knee moment x 0.73 to 1.12",
    "excluded",
    "horizontal|sign|revers",
)
def shear_reversed(made: Made, folder: Path) -> Files:
    named = columns(made.plate)
    for axis in "xz":
        named[f"ground_force_1_v{axis}"] = -named[f"ground_force_1_v{axis}"]
    return text(made, folder, named=named)


@case(
    WRONG, "forward force alone reversed", "included", "excluded", "horizontal|sign|revers|forward"
)
def forward_reversed(made: Made, folder: Path) -> Files:
    named = columns(made.plate)
    named["ground_force_1_vx"] = -named["ground_force_1_vx"]
    return text(made, folder, named=named)


@case(
    WRONG, "forces turned by 90 deg about the vertical", "included", "excluded", "turned|axis|axes"
)
def turned(made: Made, folder: Path) -> Files:
    named = columns(made.plate)
    ahead, aside = named["ground_force_1_vx"], named["ground_force_1_vz"]
    named["ground_force_1_vx"], named["ground_force_1_vz"] = aside, -ahead
    return text(made, folder, named=named)


@case(WRONG, "no horizontal force at all", "included, knee 1.95 N m/kg", "excluded", "horizontal")
def shear_zero(made: Made, folder: Path) -> Files:
    named = columns(made.plate)
    for axis in "xz":
        named[f"ground_force_1_v{axis}"] = 0.0 * named[f"ground_force_1_v{axis}"]
    return text(made, folder, named=named)


@case(WRONG, "forces 12 ms late", "included, knee moment x 0.83", "warned", "1[23] ms", moves=True)
def late(made: Made, folder: Path) -> Files:
    return text(made, folder, wrench=replace(made.plate, time_s=made.plate.time_s + 0.012))


@case(
    WRONG,
    "forces 0.9 s late",
    "refused: no foot near the force; where one was near, included and knee moment x 0.8",
    "excluded",
    "^[a-z_]*: expected [^,]*one clock",
)
def other_clock(made: Made, folder: Path) -> Files:
    return text(made, folder, wrench=replace(made.plate, time_s=made.plate.time_s + 0.9))


@case(
    WRONG,
    "pressure 5 cm ahead",
    "included, knee 1.61 instead of 2.83 N m/kg",
    "excluded",
    "pressure",
)
def pressure_ahead(made: Made, folder: Path) -> Files:
    return text(made, folder, wrench=moved(made.plate, (0.05, 0.0, 0.0)))


@case(WRONG, "pressure 20 cm beside, feet named", "included", "excluded", "pressure")
def pressure_beside(made: Made, folder: Path) -> Files:
    aside = {side: moved(wrench, (0.0, 0.0, 0.2)) for side, wrench in made.feet.items()}
    return text(made, folder, named=by_foot(replace(made, feet=aside)))


@case(
    WRONG,
    "an offset of 30 N, pressure zeroed while unloaded",
    "included, knee 2.42 N m/kg",
    "warned",
    "30 N",
)
def offset_zeroed(made: Made, folder: Path) -> Files:
    named = columns(made.plate)
    named["ground_force_1_vy"] = named["ground_force_1_vy"] + 30.0
    return text(made, folder, named=named)


@case(WRONG, "a belt speed of 2.5 for 3.5 m/s", "included, loads per km + 40 %", "excluded", "belt")
def belt_slow(made: Made, folder: Path) -> Files:
    return replace(text(made, folder), changes={"belt_speed_m_s": 2.5})


@case(
    WRONG, "a treadmill without a belt speed", "included, a warning", "excluded", "belt|treadmill"
)
def belt_absent(made: Made, folder: Path) -> Files:
    return replace(text(made, folder), changes={"belt_speed_m_s": None})


# ---------------------------------------------------------------------------------------------
WHO = "Markers that are not the runner's, or not as stated"


@case(
    WHO,
    "another runner's static trial",
    "included, knee moment x 1.42",
    "excluded",
    "static|standing",
)
def other_runner(made: Made, folder: Path) -> Files:
    return replace(text(made, folder), standing=made.other_standing)


@case(
    WHO,
    "landmarks of the other foot in the marker set",
    "included, strike angle -45 deg",
    "excluded",
    "foot|landmark|side",
)
def other_landmarks(made: Made, folder: Path) -> Files:
    landmarks = {side: made.marker_set.landmarks[SWAPPED[side]] for side in SWAPPED}
    marker_set = replace(made.marker_set, landmarks=landmarks)
    return replace(text(made, folder), changes={"marker_set": marker_set})


@case(
    WHO,
    "a heel marker blank all through",
    '"feet that point +nan forward"',
    "excluded",
    "heel|never seen|R.Heel|seen",
)
def heel_blank(made: Made, folder: Path) -> Files:
    heel = made.running.names.index(made.marker_set.landmark("right", "heel"))
    places = made.running.positions_m.copy()
    places[:, heel] = np.nan
    return text(made, folder, markers=replace(made.running, positions_m=places))


@case(
    WHO,
    "labels of right and left exchanged",
    "included, one pair of labels exchanged",
    "excluded",
    "exchanged|left|side",
)
def sides_exchanged(made: Made, folder: Path) -> Files:
    def other(name: str) -> str:
        return {"R": "L", "L": "R"}.get(name[0], name[0]) + name[1:]

    names = tuple(other(name) for name in made.running.names)
    return text(made, folder, markers=replace(made.running, names=names))


@case(WHO, "a runner 8 m ahead of the origin", "excluded for marker error", "read")
def far_ahead(made: Made, folder: Path) -> Files:
    way = (8.0, 0.0, -3.0)
    markers = replace(made.running, positions_m=made.running.positions_m + np.array(way))
    return text(made, folder, markers=markers, wrench=moved(made.plate, way))


@case(
    WHO,
    "markers in millimetres called metres",
    "refused: no foot near the force",
    "excluded",
    "unit|millimet|mm|metres",
)
def unit_wrong(made: Made, folder: Path) -> Files:
    places = MILLIMETRES * made.running.positions_m
    markers = replace(made.running, positions_m=places)
    return text(made, folder, markers=markers, trc_style=replace(TRC, unit="m"))


@case(
    WHO, "a window beyond the recording's end", "cut without a word", "warned", "window|beyond|end"
)
def window_beyond(made: Made, folder: Path) -> Files:
    return replace(text(made, folder), changes={"end_s": float(made.running.time_s[-1]) + 5.0})
