"""Is the pressure shifted by some centimetres? Two witnesses that know nothing of each other.

Late in stance a foot presses with its forefoot, so the pressure lies about the heads of the
metatarsals. And a runner does not topple: over a contact the force passes close by the centre of
mass. A pressure that is shifted disagrees with both by the same distance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from strikelean.formats.series import FloatArray
from strikelean.lab.check_pressure import median
from strikelean.lab.evidence import LATE, MIDDLE, Evidence, Stances
from strikelean.lab.findings import Finding
from strikelean.markersets import SIDES
from strikelean.signals import at_times

AHEAD = "pressure_shift_ahead_m"
RIGHT = "pressure_shift_right_m"

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
# Single stances differ by a centimetre.
_LEAST_CONTACTS = 3
_FEW_SHIFT_M = 0.035
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
    """

    foot_m: float
    mass_m: float
    contacts: int
    trunk: bool

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
    found = {}
    for side, outwards in zip(SIDES, (1.0, -1.0), strict=True):
        own = stances.on(side)
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
            ),
            Witness(
                median(np.median(right[:, MIDDLE | LATE], axis=1)) - outwards * _OUTSIDE_OF_FOOT_M,
                median(passes[own, 1]) - outwards * _OUTSIDE_OF_MASS_M,
                known,
                trunk,
            ),
        )
    return found


def _judge(figure: str, witness: Witness, positive: str, negative: str) -> Finding:
    shift = witness.shift_m
    most = SHIFT_M if witness.contacts >= _LEAST_CONTACTS else _FEW_SHIFT_M
    if not abs(shift) > most:
        return Finding(figure, shift)
    return Finding(
        figure,
        shift,
        "wrong" if witness.agree else "doubtful",
        "a pressure where a foot presses and a force that passes by the centre of mass, within "
        f"{100 * most:g} cm",
        f"one some {100 * abs(shift):.0f} cm {positive if shift > 0 else negative} "
        f"({100 * witness.foot_m:+.1f} cm by the foot, {100 * witness.mass_m:+.1f} cm by the "
        "centre of mass)",
        "See whether the plate's origin and corners, or the force file's origin, lie where the "
        "markers have them, and whether foot markers and forces are of the same moment",
    )


def check_place(evidence: Evidence, stances: Stances) -> list[Finding]:
    """Return by how much the pressure is shifted ahead and to the right.

    Ahead: of the foot that deviates more. To the right: of both feet together, as a runner who
    presses on the outer edge of both feet shifts nothing.
    """
    sides = list(witnesses(evidence, stances).values())
    known = [pair for pair in sides if np.isfinite(pair[0].shift_m)]
    if not known:
        return [Finding(AHEAD, float("nan")), Finding(RIGHT, float("nan"))]
    ahead = max((pair[0] for pair in known), key=lambda witness: abs(witness.shift_m))
    right = Witness(
        float(np.mean([pair[1].foot_m for pair in known])),
        float(np.mean([pair[1].mass_m for pair in known])),
        min(pair[1].contacts for pair in known),
        known[0][1].trunk,
    )
    return [
        _judge(AHEAD, ahead, "too far ahead", "too far back"),
        _judge(RIGHT, right, "too far to the right", "too far to the left"),
    ]
