"""Does the horizontal force point where a running foot pushes?

In every contact a runner brakes first and pushes later, and the force moves the mass centre the
way it points. Both are known without asking the force's axes.
"""

from __future__ import annotations

import numpy as np

from strikelean.formats.series import FloatArray
from strikelean.lab.evidence import SHARES, Evidence, Stances
from strikelean.lab.findings import Finding
from strikelean.lab.newton import newton_correlations
from strikelean.markersets import SIDES

INDEX = "braking_then_pushing_index"
FORE_AFT = "fore_aft_force_share"
FORWARD = "newton_correlation_forward"
UP = "newton_correlation_up"
ASIDE = "newton_correlation_right"

# Measured over 26 running trials of the public dataset, 5 full-body trials (2 to 4 m/s) and 30
# virtual ones; the index of the sideways force there lies between -0.34 and 0.29.
# Index, median of the contacts: 0.99 to 1.00, no single contact below 0.93.
_LEAST_INDEX = 0.6
# Fore-and-aft over vertical force: 0.066 to 0.155, sideways 0.013 to 0.049. A plate that measures
# the vertical force alone gives 0.
_LEAST_SHARE = 0.01
# Contacts below which a marker that is missing for a moment decides the correlation.
_LEAST_CONTACTS = 3
# Correlation of force and acceleration forward: 0.72 to 0.96; of the sideways force with the
# forward acceleration: -0.26 to 0.26.
_LEAST_FORWARD = 0.5
# To the right, where the trunk has markers: 0.15 to 0.84; the pelvis alone sways too much.
_LEAST_ASIDE = 0.0
# Upward: 0.93 to 1.00.
_LEAST_UP = 0.8
_NO_UP = 0.5


def _index(force_n: FloatArray) -> float:
    """Return how far a force (C, K) brakes first and pushes later: 1 wholly, -1 the reverse.

    Its mean in the second half of a contact less that in the first over the mean of its size,
    median of the contacts.
    """
    early, late = force_n[:, SHARES < 0.499], force_n[:, SHARES > 0.501]
    size = np.abs(early).sum(axis=1) + np.abs(late).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        index = (late.sum(axis=1) - early.sum(axis=1)) / size
    known = index[np.isfinite(index)]
    return float(np.median(known)) if known.size else float("nan")


def _share(force_n: FloatArray) -> float:
    """Return the size of the fore-and-aft force (C, K, 3) over the vertical one."""
    total = float(np.sum(force_n[..., 1]))
    return float(np.sum(np.abs(force_n[..., 0]))) / total if total > 0.0 else float("nan")


def brakes_then_pushes(stances: Stances) -> bool:
    """Whether the force alone has the pattern of running; true where it cannot be told."""
    return not _index(stances.force_n[..., 0]) < _LEAST_INDEX


def _cause(index: float, turned: bool, turned_plate: bool) -> tuple[str, str]:
    """Return what a force that does not brake first and push later does instead, and why."""
    if index <= -_LEAST_INDEX:
        found = (
            "one that pushes first and brakes later: the sign of the horizontal force is reversed"
        )
        cause = "Reverse the horizontal force: it is the ground's on the runner"
        corner = "opposite"
    elif turned:
        found = "that in the sideways force: forces are turned by 90 deg about the vertical"
        cause = "Exchange the horizontal axes of the forces"
        corner = "next"
    else:
        return "neither", "See whether the axes and signs of the horizontal force are right"
    if turned_plate:
        found += ", and the pressure with it"
        cause = (
            f"See whether the plate's corners are listed from the {corner} corner on, and whether "
            "forces and markers have the same axes"
        )
    return found, cause


def _check_horizontal(
    index: float,
    sideways: float,
    share: float,
    forward: float,
    turned_plate: bool,
    foot: str = "",
) -> Finding:
    """Judge the horizontal force; two witnesses, the order of braking and pushing and Newton."""
    under = f" under the {foot} foot" if foot else ""
    turned = abs(sideways) > _LEAST_INDEX
    if share < _LEAST_SHARE and not turned:
        return Finding(
            INDEX,
            index,
            "wrong",
            f"a force{under} that brakes and pushes beside the vertical one",
            f"{100 * share:.1f} % of it: the horizontal force is absent",
            "Record or export all three components; a plate that measures the vertical force alone "
            "gives no joint moments",
        )
    if index >= _LEAST_INDEX or (np.isnan(index) and not turned):
        return Finding(INDEX, index)
    found, cause = _cause(index, turned, turned_plate)
    # Who starts, stops or climbs may hardly brake at all; the body then still moves as pushed.
    moves = np.isfinite(forward) and forward >= _LEAST_FORWARD
    proven = index <= -_LEAST_INDEX or turned or np.isfinite(forward)
    return Finding(
        INDEX,
        index,
        "wrong" if proven and not moves else "doubtful",
        f"a force{under} that brakes first and pushes later in a contact (index over "
        f"{_LEAST_INDEX:g})",
        f"{found} (index {index:+.2f}, correlation with the body's acceleration {forward:+.2f})",
        cause,
    )


def _check_aside(aside: float, evidence: Evidence) -> Finding:
    """Judge the sideways force, of which nothing else knows the sign."""
    body = evidence.mass_centre
    told = body is not None and body.trunk_seen and len(evidence.contacts) >= _LEAST_CONTACTS
    if not told or not aside < _LEAST_ASIDE:
        return Finding(ASIDE, aside)
    return Finding(
        ASIDE,
        aside,
        "doubtful",
        f"a body that sways as the sideways force pushes it (correlation over {_LEAST_ASIDE:g})",
        f"{aside:+.2f}",
        "See whether the sign of the sideways force is right",
    )


def _check_newton(forward: float, up: float, index: float, contacts: int) -> list[Finding]:
    ahead = Finding(FORWARD, forward)
    # Where the index speaks against the force it names the cause; say it once.
    if forward < _LEAST_FORWARD and not index < _LEAST_INDEX and contacts >= _LEAST_CONTACTS:
        ahead = Finding(
            FORWARD,
            forward,
            "doubtful",
            "a body that speeds up and slows down as the horizontal force pushes it "
            f"(correlation over {_LEAST_FORWARD:g})",
            f"{forward:+.2f}",
            "See whether the axes of the forces and the markers of pelvis and trunk are right",
        )
    upward = Finding(UP, up)
    if up < _LEAST_UP:
        upward = Finding(
            UP,
            up,
            "wrong" if up < _NO_UP else "doubtful",
            f"a body that rises and falls as the vertical force pushes it (correlation over "
            f"{_LEAST_UP:g})",
            f"{up:+.2f}",
            "See whether forces and markers are of one trial, and the axes of the forces right",
        )
    return [ahead, upward]


def check_direction(evidence: Evidence, stances: Stances, turned_plate: bool) -> list[Finding]:
    """Return the order of braking and pushing, the fore-and-aft share and Newton's witnesses.

    Args:
        evidence: of the recording.
        stances: of its contacts.
        turned_plate: whether the pressure is turned or mirrored too, which names the cause.
    """
    force = stances.force_n
    index, share = _index(force[..., 0]), _share(force)
    forward, up, aside = (float(value) for value in newton_correlations(evidence))
    horizontal = _check_horizontal(index, _index(force[..., 2]), share, forward, turned_plate)
    for side in SIDES:
        # one plate of several may be wrong, and one foot's force columns
        own = stances.on(side)
        if horizontal.level == "plausible" and np.count_nonzero(own) >= _LEAST_CONTACTS:
            part, along = force[own], float(newton_correlations(evidence.only(own))[0])
            single = _check_horizontal(
                _index(part[..., 0]), _index(part[..., 2]), _share(part), along, turned_plate, side
            )
            horizontal = horizontal if single.level == "plausible" else single
    return [
        horizontal,
        Finding(FORE_AFT, share),
        *_check_newton(forward, up, index, len(evidence.contacts)),
        _check_aside(aside, evidence),
    ]
