"""What a recording's forces must fulfil, all of it: the list of every check of them.

Each asks something that knows nothing of what it checks: the feet by their markers, Newton's law
by the mass centre, the belt by the foot that stands on it. What cannot be told (one step, markers
that are not there) is not judged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from strikelean.formats.series import Markers, Wrench
from strikelean.lab import check_balance as balance
from strikelean.lab import check_belt as belt
from strikelean.lab import check_clock as clock
from strikelean.lab import check_direction as direction
from strikelean.lab import check_place as place
from strikelean.lab import check_pressure as pressure
from strikelean.lab.baseline import DRIFT_M, DRIFT_N, OFFSET
from strikelean.lab.check_belt import Speeds
from strikelean.lab.contacts import Contact
from strikelean.lab.evidence import Evidence, look_at_stances
from strikelean.lab.findings import Finding
from strikelean.lab.mass_centre import find_mass_centre
from strikelean.lab.shared_clock import CLOCK_FIGURES
from strikelean.lab.strike import StandingFoot
from strikelean.lab.windows import WINDOW
from strikelean.markersets import MarkerSet

FORCE_FIGURES = (
    OFFSET,
    DRIFT_N,
    DRIFT_M,
    *CLOCK_FIGURES,
    clock.LAG,
    clock.SCATTER,
    clock.SPANS,
    clock.FEET,
    clock.DRIFT,
    direction.INDEX,
    direction.FORE_AFT,
    direction.FORWARD,
    direction.UP,
    direction.ASIDE,
    pressure.FOLLOWS_FORWARD,
    pressure.FOLLOWS_RIGHT,
    pressure.DISTANCE,
    pressure.TORQUE,
    place.AHEAD,
    place.RIGHT,
    place.FEET,
    balance.FORWARD,
    balance.RIGHT,
    balance.UP,
    balance.FEET,
    balance.TOWARDS,
    belt.GROUND,
    belt.SPEED,
    WINDOW,
)
"""Names of all figures that are reported of a recording's forces, unit included."""


def gather(
    markers: Markers,
    markerset: MarkerSet,
    wrenches: tuple[Wrench, ...],
    contacts: Sequence[Contact],
    mass_kg: float,
    standing: Mapping[str, StandingFoot],
) -> Evidence:
    """Collect what the checks look at: contacts whose force is a whole one, whatever their foot."""
    whole = tuple(contact for contact in contacts if contact.valid or contact.misplaced)
    return Evidence(
        markers,
        markerset,
        wrenches,
        whole,
        mass_kg,
        {side: foot.ball_m for side, foot in standing.items()},
        {side: foot.toe_turn_rad for side, foot in standing.items()},
        find_mass_centre(markers, markerset),
    )


def check_forces(evidence: Evidence, speeds: Speeds | None) -> list[Finding]:
    """Return everything that was found of the forces, what explains the rest first.

    Args:
        evidence: of the recording.
        speeds: what the trials table says, None not to ask.
    """
    spans = clock.check_spans(evidence)
    if not evidence.contacts:
        return spans
    stances = look_at_stances(evidence)
    clocks = clock.check_clock(evidence, stances, direction.brakes_then_pushes(stances))
    # A foot moves 4 mm in a millisecond: an error of the clock must not be told as one of place.
    lag_s = clocks[0].value
    if np.isfinite(lag_s):
        evidence = evidence.aligned(lag_s)
    stances = look_at_stances(evidence)
    follows = pressure.check_follows(stances)
    turned_plate = any(finding.level == "wrong" for finding in follows)
    return [
        *spans,
        *first_cause(
            clocks,
            direction.check_direction(evidence, stances, turned_plate),
            follows,
            [pressure.check_distance(stances)],
            [pressure.check_torque(evidence, stances)],
            clock.check_steady(evidence, stances),
            balance.check_balance(evidence, stances),
            place.check_place(evidence, stances),
        ),
        *belt.check_speeds(evidence, stances, speeds),
    ]


def check_without_forces(evidence: Evidence, speeds: Speeds | None) -> list[Finding]:
    """Return what the feet alone say of the ground's speed and the runner's."""
    if not evidence.contacts:
        return []
    return belt.check_speeds(evidence, look_at_stances(evidence), speeds)


def timed_by(forces: list[Finding], findings: list[Finding]) -> list[Finding]:
    """Return findings about contacts that forces tell: figures alone where their clock is wrong.

    A foot that is looked at while it swings neither lies as it stood nor stands on the floor.

    Args:
        forces: findings of :func:`check_forces`.
        findings: about markers in those contacts.
    """
    clocks = [finding for finding in forces if finding.figure in (clock.SPANS, clock.LAG)]
    return first_cause(clocks, findings)[len(clocks) :]


def first_cause(*groups: list[Finding]) -> list[Finding]:
    """Return all findings, judged up to the first group in which one is wrong.

    What comes after looks at the same forces and is off for the same reason: its figures are kept,
    but they say nothing of their own.
    """
    kept: list[Finding] = []
    explained = False
    for group in groups:
        kept += [Finding(f.figure, f.value) for f in group] if explained else group
        explained = explained or any(finding.level == "wrong" for finding in group)
    return kept
