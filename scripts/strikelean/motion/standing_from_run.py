"""In place of a standing trial: the runner's own mid stances, where no standing trial was recorded.

A standing trial tells how long segments are, where markers sit on them and where the joints' zero
lies. Mid stance tells nearly the same: each foot is flat on the ground once a step. The right leg
is taken from right mid stances, the left one from left, each put under the mean pelvis by its hip
centre; pelvis, trunk and arms are the mean of both. What is lost: soft tissue sits as it does
under load, the knee is bent, the arch and the heel's pad are pressed down, an everted foot counts
as neutral, and a heel that never comes down shows a flat foot where there is none.
docs/recordings.md says what that costs, measured on runners whose standing trial is known.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from strikelean.errors import RecordingError
from strikelean.formats.series import FloatArray, Markers
from strikelean.lab.contacts import Contact, ContactRules
from strikelean.lab.gaps import fill_gaps
from strikelean.lab.marker_contacts import find_marker_contacts
from strikelean.lab.steps import NEEDED_MARKERS, is_needed
from strikelean.markersets import SIDES, MarkerSet, ScaleRule
from strikelean.model.landmarks import hip_centre_of
from strikelean.motion.joint_centres import with_joint_centres
from strikelean.signals import at_times

STEP = "stand_from_run"
# Share of a contact at which the foot is as flat as standing: 0.9 +/- 1.1 deg toes-down of it in 26
# trials of the public dataset, whatever the strike; 0.0 +/- 1.4 at 0.20, 2.0 +/- 1.3 at 0.45.
_FLAT_SHARE = 0.30
# Frames of the standing trial that is written; they are all alike.
_FRAMES = 10
_LEG = ("femur", "patella", "tibia", "talus", "calcn", "toes")

NOTE = (
    "no standing trial: sizes, places of markers and the zero of angles are those of {count} "
    "mid stances of {name}, an ankle's zero of feet that are flat then{more} (docs/recordings.md)"
)
MORE = "; {} from how segments turn"


def _require_markers(markers: Markers, marker_set: MarkerSet, name: str) -> None:
    """Refuse a recording that lacks what a standing trial alone would have."""
    # what is there already in place of what it would be computed from
    computed = {p.name: p for p in marker_set.computed if p.name not in markers}
    rules = [rule for rule in marker_set.scaling if any(map(is_needed, rule.bodies))]
    needed = [m for rule in rules for pair in rule.pairs for m in pair]
    needed += [m for point in computed.values() for m in point.markers]
    needed += [m for roles in marker_set.landmarks.values() for m in roles.values()]
    absent = [
        m
        for m in dict.fromkeys(needed)
        if m not in computed and not (m in markers and np.isfinite(markers.position(m)).any())
    ]
    # a centre that cannot be worked out for want of a marker is no second fault
    tracked = {m for names in marker_set.bodies().values() for m in names}
    absent = [m for m in absent if m in tracked] or absent
    if absent:
        raise RecordingError(
            STEP,
            f"a standing trial, or in {name} all markers that marker set {marker_set.name} "
            "scales by",
            f"no static_file, and no {', '.join(absent)} while running",
            "Record a standing trial and name it under static_file in subjects.tsv",
        )


def by_stature(marker_set: MarkerSet, static: Markers) -> MarkerSet:
    """Return a set that scales trunk and arms by stature where no marker of a run shows them."""

    def known(rule: ScaleRule) -> ScaleRule:
        upper = not any(map(is_needed, rule.bodies))
        lacking = any(name not in static for pair in rule.pairs for name in pair)
        return replace(rule, pairs=(), source="height") if upper and lacking else rule

    return replace(marker_set, scaling=tuple(known(rule) for rule in marker_set.scaling))


def _pelvis(marker_set: MarkerSet, markers: Markers) -> list[int]:
    """Return which markers sit on the pelvis."""
    own = [m.name for m in marker_set.markers if m.body.lower() == "pelvis"]
    return [markers.names.index(name) for name in own if name in markers]


def _mid_stance(markers: Markers, contacts: list[Contact], pelvis: list[int]) -> FloatArray:
    """Return median places (M, 3) over mid stances, forward and right from the pelvis' middle."""
    flat_s = np.array([one.start_s + _FLAT_SHARE * one.duration_s for one in contacts])
    places = at_times(markers.time_s, markers.positions_m, flat_s)
    places = places[np.isfinite(places[:, pelvis]).all(axis=(1, 2))]
    middle = np.mean(places[:, pelvis], axis=1, keepdims=True)
    middle[..., 1] = 0.0
    usual = np.full(places.shape[1:], np.nan)
    seen = np.isfinite(places).all(axis=2).any(axis=0)
    usual[seen] = np.nanmedian((places - middle)[:, seen], axis=0)
    return usual


def _rigid(source: FloatArray, target: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return rotation (3, 3) and shift (3,) that lay (N, 3) points on others, least squares."""
    middle, onto = source.mean(axis=0), target.mean(axis=0)
    u, _, v = np.linalg.svd((source - middle).T @ (target - onto))
    turn = np.diag([1.0, 1.0, np.sign(np.linalg.det(v.T @ u.T))])
    rotation = v.T @ turn @ u.T
    return rotation, onto - rotation @ middle


def _under_pelvis(
    marker_set: MarkerSet, side: str, names: tuple[str, ...], own: FloatArray, mean: FloatArray,
    pelvis: list[int],
) -> FloatArray:  # fmt: skip
    """Return by how far (3,) a leg's markers move for its hip to sit in the mean pelvis."""
    path = hip_centre_of(Markers(np.zeros(1), names, own[None], 1.0), marker_set, side)
    seen = [i for i in pelvis if np.isfinite(own[i]).all() and np.isfinite(mean[i]).all()]
    if path is None or len(seen) < NEEDED_MARKERS:
        return np.zeros(3)
    hip = path[0]
    rotation, shift = _rigid(own[seen], mean[seen])
    return np.asarray(rotation @ hip + shift - hip)


def stand_from_run(
    markers: Markers, marker_set: MarkerSet, rules: ContactRules, max_gap_s: float, name: str
) -> Markers:
    """Return what stands in for a standing trial, from a running one.

    Args:
        markers: of the running trial, in laboratory axes, floor at height 0.
        marker_set: of the recording.
        rules: durations of a running contact.
        max_gap_s: longest gap that is filled.
        name: of the recording, for messages.

    Raises:
        RecordingError: markers that only a standing trial would have, or a foot without one
            contact.
    """
    markers, _ = fill_gaps(markers, max_gap_s)
    markers, centres = with_joint_centres(markers, marker_set)
    _require_markers(markers, marker_set, name)
    contacts = [c for c in find_marker_contacts(markers, marker_set, rules) if c.valid]
    pelvis = _pelvis(marker_set, markers)
    places = {}
    for side in SIDES:
        own = [contact for contact in contacts if contact.side == side]
        if not own:
            raise RecordingError(
                STEP,
                f"a standing trial, or a whole contact of the {side} foot in {name}",
                f"no static_file, and {len(contacts)} contacts, none of that foot",
                "Record a standing trial and name it under static_file in subjects.tsv",
            )
        places[side] = _mid_stance(markers, own, pelvis)
    mean = np.mean([places[side] for side in SIDES], axis=0)
    lone = ~np.isfinite(mean)
    mean[lone] = np.where(np.isfinite(places["right"]), places["right"], places["left"])[lone]
    body = {m.name: m.body for m in marker_set.markers}
    standing = mean.copy()
    for side in SIDES:
        leg = tuple(f"{bone}_{side[0]}" for bone in _LEG)
        shift = _under_pelvis(marker_set, side, markers.names, places[side], mean, pelvis)
        for index, marker in enumerate(markers.names):
            if body.get(marker) in leg:
                standing[index] = places[side][index] + shift
    seen = np.isfinite(standing).all(axis=1)
    return Markers(
        np.arange(_FRAMES) / markers.rate_hz,
        tuple(m for m, known in zip(markers.names, seen.tolist(), strict=True) if known),
        np.repeat(standing[None, seen], _FRAMES, axis=0),
        markers.rate_hz,
        (
            NOTE.format(
                count=len(contacts), name=name, more=MORE.format(", ".join(centres)) * bool(centres)
            ),
        ),
    )
