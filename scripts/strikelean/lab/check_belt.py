"""Does the ground move as the table says? The foot on it shows how fast."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from strikelean.lab.evidence import SHARES, Evidence, Stances
from strikelean.lab.findings import Finding

GROUND = "ground_speed_seen_m_s"
SPEED = "running_speed_seen_m_s"

# The fifth metatarsal rests on the ground from foot flat to heel rise.
_FLAT = (SHARES > 0.24) & (SHARES < 0.51)
# It moved with 0.98 to 1.04 of the speed entered in 26 running trials of the public dataset, 5
# full-body trials and 30 virtual ones; in single contacts at 100 Hz, 0.91 to 1.12.
_WRONG_SHARE = 0.15
_DOUBTFUL_SHARE = 0.07
_LEAST_CONTACTS = 3
# The body's mean speed over contacts of a whole recording agrees as well; over a step or two it
# is not the mean speed.
_SPEED_SHARE = 0.15
# Overground it rests: a foot that rolls and a shoe that gives move a marker by less than this.
_STILL_M_S = 0.5


@dataclass(frozen=True)
class Speeds:
    """What the trials table says.

    Attributes:
        speed_m_s: running speed.
        belt_speed_m_s: speed of the treadmill's belt, None overground.
    """

    speed_m_s: float
    belt_speed_m_s: float | None


def ground_speed_m_s(stances: Stances) -> float:
    """Return the backward speed of the foot on the ground, median of the contacts; NaN unseen."""
    time_s, ahead = stances.time_s[:, _FLAT], stances.ball_m[:, _FLAT, 0]
    time_s = time_s - np.mean(time_s, axis=1, keepdims=True)
    moved = ahead - np.mean(ahead, axis=1, keepdims=True)
    speeds = -np.sum(time_s * moved, axis=1) / np.sum(time_s**2, axis=1)
    known = speeds[np.isfinite(speeds)]
    return float(np.median(known)) if known.size else float("nan")


def running_speed_m_s(evidence: Evidence, ground_m_s: float) -> float:
    """Return the body's speed over the ground: its own in the laboratory and the ground's."""
    body = evidence.mass_centre
    if body is None or not evidence.contacts:
        return float("nan")
    first = min(contact.start_s for contact in evidence.contacts)
    last = max(contact.end_s for contact in evidence.contacts)
    inside = (body.time_s >= first) & (body.time_s <= last) & np.isfinite(body.position_m[:, 0])
    if np.count_nonzero(inside) < 2:
        return float("nan")
    slope = np.polyfit(body.time_s[inside] - first, body.position_m[inside, 0], 1)[0]
    return ground_m_s + float(slope)


def _check_ground(seen: float, belt: float | None, contacts: int) -> Finding:
    if not np.isfinite(seen):
        return Finding(GROUND, seen)
    if belt is None:
        if abs(seen) < _STILL_M_S:
            return Finding(GROUND, seen)
        return Finding(
            GROUND,
            seen,
            "wrong",
            "a foot that rests on the ground, as belt_speed_m_s is blank",
            f"one that moves back at {seen:.2f} m/s: a treadmill without belt_speed_m_s",
            "Fill in belt_speed_m_s in the trials table",
        )
    if abs(seen) < _STILL_M_S:
        # The joint loads know nothing of a belt, so they are right.
        return Finding(
            GROUND,
            seen,
            "doubtful",
            f"a foot on the ground that moves back with the belt, at {belt:g} m/s",
            f"one that rests ({seen:.2f} m/s), as overground: step length, speed and loads by the "
            "kilometre are wrong",
            "Leave belt_speed_m_s blank where there is no belt",
        )
    share = seen / belt - 1.0
    if abs(share) <= (_DOUBTFUL_SHARE if contacts >= _LEAST_CONTACTS else _WRONG_SHARE):
        return Finding(GROUND, seen)
    return Finding(
        GROUND,
        seen,
        "wrong" if abs(share) > _WRONG_SHARE else "doubtful",
        f"a foot on the ground that moves back with the belt, at {belt:g} m/s",
        f"{seen:.2f} m/s",
        "Correct belt_speed_m_s in the trials table",
    )


def check_speeds(evidence: Evidence, stances: Stances, speeds: Speeds | None) -> list[Finding]:
    """Return the ground's and the runner's speed, against the table where it is known."""
    ground = ground_speed_m_s(stances)
    running = running_speed_m_s(evidence, ground)
    if speeds is None:
        return [Finding(GROUND, ground), Finding(SPEED, running)]
    belt = _check_ground(ground, speeds.belt_speed_m_s, len(evidence.contacts))
    speed = Finding(SPEED, running)
    # A wrong belt speed is usually a wrong speed too; say it once.
    if belt.level != "wrong" and abs(running / speeds.speed_m_s - 1.0) > _SPEED_SHARE:
        speed = Finding(
            SPEED,
            running,
            "doubtful",
            f"a runner at {speeds.speed_m_s:g} m/s",
            f"{running:.2f} m/s over the ground",
            "Correct speed_m_s in the trials table",
        )
    return [belt, speed]
