"""Is the pressure shifted by some centimetres? Two witnesses that know nothing of each other.

Late in stance a foot presses with its forefoot, so the pressure lies about the heads of the
metatarsals. And a runner does not topple: over a contact the force passes close by the centre of
mass. A pressure that is shifted disagrees with both by the same distance.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from strikelean.formats.series import FloatArray
from strikelean.lab.check_pressure import median
from strikelean.lab.evidence import LATE, MIDDLE, Evidence, Stances
from strikelean.lab.findings import Finding
from strikelean.markersets import SIDES
from strikelean.signals import at_times

AHEAD = "pressure_shift_ahead_m"
RIGHT = "pressure_shift_right_m"
FEET = "pressure_ahead_right_less_left_m"

# Where they usually are; measured, medians of a trial's contacts of one foot, over 26 running
# trials of the public dataset, 5 full-body trials and 30 virtual ones.
# Ahead of the fifth metatarsal, at 60 to 80 % of stance, clocks laid on each other: 0.026 to
# 0.049 m in real trials, 0.002 to 0.020 m in virtual ones.
_AHEAD_OF_BALL_M = 0.025
# Outwards of the heel-to-toe line: 0.022 to 0.061 m.
_OUTSIDE_OF_FOOT_M = 0.039
# Ahead of the mass centre of the markers: -0.032 to -0.003 m where the trunk has markers (they
# stand on its upper part, ahead of its middle), 0.007 to 0.037 m where the pelvis carries it.
_AHEAD_OF_MASS_M = {True: -0.018, False: 0.023}
# Outwards of it: 0.001 to 0.043 m.
_OUTSIDE_OF_MASS_M = 0.021
# The foot's markers are put on by eye and spread the first twice as widely as the second.
_FOOT_WEIGHT = 1.0 / 3.0
# Weighted, they deviate by -0.015 to 0.016 m ahead and, both feet together, by -0.009 to 0.001 m
# to the right; where the pressure is shifted by 0.05 m, by 0.034 m and more.
SHIFT_M = 0.025
# Doubtful from here on, where there are enough contacts.
_DOUBTFUL_M = 0.018
# On the right foot further ahead than on the left one: -0.010 to 0.008 m.
_FEET_M = 0.018
# By the mass centre alone, where the trunk has markers: -0.014 to 0.015 m ahead; trunk markers on
# the back or the chest alone move it by 0.04 m, markers tilted against gravity by 8 deg by 0.14 m.
_MASS_ALONE_M = (0.04, 0.08)
# Of a single foot, to the right: -0.021 to 0.014 m; one plate of two may lie elsewhere.
_ONE_FOOT_M = 0.03
# Single stances differ by a centimetre, and so do sets that lack a marker on the fifth metatarsal
# or whose trunk markers are all in front.
_LEAST_CONTACTS = 3
_FEW_SHIFT_M = 0.035
_AHEAD, _ASIDE = ("ahead", "back"), ("to the right", "to the left")
# Each must speak for it: a trunk without markers that leans forward moves the second alone, by so
# much (runners differ by 3 cm) that the foot then has to prove a shift by itself.
_AGREE_M = 0.01


@dataclass(frozen=True)
class Witness:
    """How far pressure and force are from where they usually are, metres.

    Attributes:
        foot_m: of the pressure on the foot.
        mass_m: of the force's line beside the mass centre.
        contacts: how many they are medians of.
        trunk: whether the mass centre knows the trunk.
        usual: whether the set marks what the limits were measured with: the fifth metatarsal, and
            the back of a trunk that is seen.
    """

    foot_m: float
    mass_m: float
    contacts: int
    trunk: bool
    usual: bool = True

    @property
    def sure(self) -> bool:
        """Whether there are contacts and markers enough for the narrower limit."""
        return self.contacts >= _LEAST_CONTACTS and self.usual

    @property
    def shift_m(self) -> float:
        """Weighted mean; NaN where one is not known."""
        return _FOOT_WEIGHT * self.foot_m + (1.0 - _FOOT_WEIGHT) * self.mass_m

    @property
    def agree(self) -> bool:
        """Whether both say that there is a shift, the same way."""
        both = self.foot_m * self.mass_m > 0.0
        foot = abs(self.foot_m) > (_AGREE_M if self.trunk else SHIFT_M)
        return both and foot and abs(self.mass_m) > _AGREE_M


def _passes(evidence: Evidence) -> FloatArray:
    """Return how far ahead and right of the mass centre each contact's force passes, (C, 2)."""
    body = evidence.mass_centre
    result = np.full((len(evidence.contacts), 2), np.nan)
    if body is None:
        return result
    for row, contact in enumerate(evidence.contacts):
        wrench = evidence.wrenches[contact.wrench]
        inside = slice(*np.searchsorted(wrench.time_s, [contact.start_s, contact.end_s]))
        centre = at_times(body.time_s, body.position_m, wrench.time_s[inside])
        force = wrench.force_n[inside]
        moment = np.mean(wrench.moment_nm[inside] - np.cross(centre, force), axis=0)
        vertical = float(np.mean(force[:, 1]))
        result[row] = moment[2] / vertical, -moment[0] / vertical
    return result


def witnesses(evidence: Evidence, stances: Stances) -> dict[str, tuple[Witness, Witness]]:
    """Return for each side the witnesses ahead and to the runner's right."""
    line = stances.ball_m - stances.heel_m
    heading = np.arctan2(line[..., 2], line[..., 0])
    offset = stances.pressure_m - stances.heel_m
    passes = _passes(evidence)
    trunk = evidence.mass_centre is not None and evidence.mass_centre.trunk_seen
    back = not trunk or "c7" in evidence.markerset.trunk
    found = {}
    for side, outwards in zip(SIDES, (1.0, -1.0), strict=True):
        own = stances.on(side)
        usual = evidence.markerset.has_fifth_metatarsal(side) and back
        turned = heading[own] + evidence.toe_turn_rad[side]
        x, z = offset[own][..., 0], offset[own][..., 2]
        known = int(np.count_nonzero(np.isfinite(passes[own, 0] + x[:, -1])))
        ahead = x * np.cos(turned) + z * np.sin(turned) - evidence.ball_m[side]
        right = z * np.cos(turned) - x * np.sin(turned)
        found[side] = (
            Witness(
                median(np.median(ahead[:, LATE], axis=1)) - _AHEAD_OF_BALL_M,
                median(passes[own, 0]) - _AHEAD_OF_MASS_M[trunk],
                known,
                trunk,
                usual,
            ),
            Witness(
                median(np.median(right[:, MIDDLE | LATE], axis=1)) - outwards * _OUTSIDE_OF_FOOT_M,
                median(passes[own, 1]) - outwards * _OUTSIDE_OF_MASS_M,
                known,
                trunk,
                usual,
            ),
        )
    return found


def _judge(
    figure: str, witness: Witness, ways: tuple[str, str], doubtful_m: float = _DOUBTFUL_M
) -> Finding:
    shift, sure = witness.shift_m, witness.sure
    wrong_m = SHIFT_M if sure else _FEW_SHIFT_M
    doubtful_m = doubtful_m if sure else max(doubtful_m, wrong_m)
    alone = abs(witness.mass_m) if witness.trunk else 0.0
    wrong = (abs(shift) > wrong_m and witness.agree) or alone > _MASS_ALONE_M[1]
    if not (wrong or abs(shift) > doubtful_m or alone > _MASS_ALONE_M[0]):
        return Finding(figure, shift)
    return Finding(
        figure,
        shift,
        "wrong" if wrong else "doubtful",
        "a pressure where a foot presses and a force that passes by the centre of mass, within "
        f"{100 * (wrong_m if wrong else doubtful_m):g} cm",
        f"one some {100 * abs(shift):.0f} cm too far {ways[0] if shift > 0 else ways[1]} "
        f"({100 * witness.foot_m:+.1f} cm by the foot, {100 * witness.mass_m:+.1f} cm by the "
        "centre of mass)",
        "See whether the plate's origin and corners, or the force file's origin, lie where the "
        "markers have them, whether markers and plate are level, and whether foot markers and "
        "forces are of the same moment",
    )


def check_place(evidence: Evidence, stances: Stances) -> list[Finding]:
    """Return by how much the pressure is shifted ahead and to the right.

    Ahead: of the foot that deviates more. To the right: of both feet together, as a runner who
    presses on the outer edge of both feet shifts nothing.
    """
    sides = list(witnesses(evidence, stances).values())
    known = [pair for pair in sides if np.isfinite(pair[0].shift_m)]
    if not known:
        return [Finding(figure, float("nan")) for figure in (AHEAD, RIGHT, FEET)]
    ahead = max((pair[0] for pair in known), key=lambda witness: abs(witness.shift_m))
    right = Witness(
        float(np.mean([pair[1].foot_m for pair in known])),
        float(np.mean([pair[1].mass_m for pair in known])),
        min(pair[1].contacts for pair in known),
        known[0][1].trunk,
        known[0][1].usual,
    )
    aside = _judge(RIGHT, right, _ASIDE)
    if aside.level == "plausible":
        one = max((pair[1] for pair in known), key=lambda witness: abs(witness.shift_m))
        single = _judge(RIGHT, one, _ASIDE, _ONE_FOOT_M)
        # of one foot alone it proves nothing: runners press on the outer or the inner edge
        aside = aside if single.level == "plausible" else replace(single, level="doubtful")
    return [_judge(AHEAD, ahead, _AHEAD), aside, _check_feet(sides)]


def _check_feet(sides: list[tuple[Witness, Witness]]) -> Finding:
    """Compare how far ahead the pressure lies on either foot; runners differ, their feet little."""
    right, left = (pair[0] for pair in sides)
    apart = right.foot_m - left.foot_m
    few = min(right.contacts, left.contacts) < _LEAST_CONTACTS
    if few or not abs(apart) > _FEET_M:
        return Finding(FEET, apart)
    return Finding(
        FEET,
        apart,
        "doubtful",
        f"a pressure as far ahead on either foot, within {100 * _FEET_M:g} cm",
        f"it {100 * abs(apart):.0f} cm further {'ahead' if apart > 0 else 'back'} on the right one",
        "See whether both plates lie where the markers have them, and whether the foot markers "
        "are where they were standing",
    )
