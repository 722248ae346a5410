"""The plates of a recording as surfaces that feet land on, and the contacts with them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from strikelean.formats.series import Markers, Recording, Wrench
from strikelean.lab import steps as checks
from strikelean.lab.baseline import Baseline, remove_baseline
from strikelean.lab.contacts import (
    Contact,
    ContactRules,
    find_contacts,
    join_plates,
    smooth_vertical,
)
from strikelean.lab.feet import assign_foot, check_alternation, confirm_foot
from strikelean.markersets import MarkerSet


def _touched(plates: list[Wrench], threshold_n: float) -> tuple[Wrench, ...]:
    """Leave out the plates that nobody trod on: all that they would add is their noise."""
    loads = [float(np.max(smooth_vertical(plate))) for plate in plates]
    touched = [plate for plate, load in zip(plates, loads, strict=True) if load > threshold_n]
    return tuple(touched or plates)


def find_surfaces(
    recording: Recording, threshold_n: float
) -> tuple[tuple[Wrench, ...], tuple[str | None, ...], list[tuple[str, Baseline]]]:
    """Remove baselines and join plates: one surface for any foot, or one wrench a foot."""
    cleaned = [remove_baseline(wrench, threshold_n) for wrench in recording.wrenches]
    baselines = [(wrench.label, baseline) for wrench, baseline in cleaned]
    plates = _touched(
        [wrench for (wrench, _), side in zip(cleaned, recording.feet, strict=True) if side is None],
        threshold_n,
    )
    named = [
        (wrench, side)
        for (wrench, _), side in zip(cleaned, recording.feet, strict=True)
        if side is not None
    ]
    wrenches = [wrench for wrench, _ in named]
    sides: list[str | None] = [side for _, side in named]
    if plates:
        wrenches.append(join_plates(plates))
        sides.append(None)
    return tuple(wrenches), tuple(sides), baselines


def contacts_on(
    wrenches: tuple[Wrench, ...],
    sides: tuple[str | None, ...],
    markers: Markers,
    markerset: MarkerSet,
    mass_kg: float,
    rules: ContactRules,
) -> list[Contact]:
    """Return the contacts with all surfaces in time order, each with its foot.

    Args:
        wrenches, sides: as :func:`find_surfaces` gives them.
        markers: filled.
        markerset: names the landmarks of the feet.
        mass_kg: runner's mass.
        rules: threshold and durations.
    """
    found: list[Contact] = []
    for number, (wrench, side) in enumerate(zip(wrenches, sides, strict=True)):
        for contact in find_contacts(wrench, number, mass_kg, rules):
            if side is None:
                found.append(assign_foot(contact, wrench, markers, markerset))
            else:
                found.append(replace(contact, side=side))
    found.sort(key=lambda contact: contact.start_s)
    found = [
        contact
        if sides[contact.wrench] is None
        else confirm_foot(contact, wrenches[contact.wrench], markers, markerset)
        for contact in checks.refuse_overlaps(found)
    ]
    return check_alternation(found)
