"""Which delivered marker set a recording wears, from its names alone, and what it lacks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from strikelean.lab.steps import is_needed
from strikelean.marker_names import respelled, spelling_key
from strikelean.markersets import SIDES, MarkerSet, back_of_pelvis, load_markerset

# Of a set's markers, the least that must be there for a recording to wear it: of Plug-in Gait's 16
# of the legs three may be lost; full body and lower body differ by half of the names.
KNOWN_SHARE = 0.8
TRACKERS = 3
INNER_KNEE, HIPS = ("RMFC", "LMFC"), ("RHJC", "LHJC")
TORSO = "torso"


@dataclass(frozen=True)
class Recognition:
    """What a recording's names say of its marker set.

    Attributes:
        marker_set: name of the delivered set, None where none fits.
        nearest: the set that fits best, whether or not it fits; '' without any set.
        share: of that set's markers that the recording has, all of them or, where more of these
            are there, those worn while running.
        names: ``{recorded label: the set's name}`` of every marker found.
        missing: ``{purpose: the set's markers that were not found}``; purposes with none missing
            are absent: ``scaling``, ``hip centres``, ``foot angle``, ``tracking``, ``trunk``,
            ``knee axis``.
        lacks: what the set itself cannot show, in words.
        unused: recorded labels that the set has no use for.
    """

    marker_set: str | None
    nearest: str = ""
    share: float = 0.0
    names: Mapping[str, str] = field(default_factory=dict)
    missing: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    lacks: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()


def load_known(folder: Path) -> dict[str, MarkerSet]:
    """Return every marker set of a folder by name."""
    return {path.stem: load_markerset(path) for path in sorted(folder.glob("*.yaml"))}


def worn(marker_set: MarkerSet, *, running: bool = False) -> tuple[str, ...]:
    """Return the markers that a runner wears: those that are not worked out.

    Args:
        marker_set: of the recording.
        running: those that are tracked while running alone.
    """
    computed = marker_set.computed_names()
    return tuple(
        marker.name
        for marker in marker_set.markers
        if marker.name not in computed and (marker.running_weight > 0 or not running)
    )


def thin_segments(marker_set: MarkerSet) -> dict[str, tuple[str, ...]]:
    """Return the bodies of legs and pelvis that fewer than three markers track while running.

    The model's joints make up for what they leave open, so such a set works; but a marker's error
    goes into the angles whole.
    """
    found = marker_set.bodies()
    return {body: n for body, n in found.items() if is_needed(body) and len(n) < TRACKERS}


def lacks(marker_set: MarkerSet) -> tuple[str, ...]:
    """Return what a set cannot show, in words."""
    places = {marker.at for marker in marker_set.markers}
    computed, thin = marker_set.computed_names(), ", ".join(thin_segments(marker_set))
    hips = [marker.name for marker in marker_set.markers if marker.at in HIPS]
    found = {
        "trunk lean: no markers on the trunk": TORSO not in marker_set.bodies(),
        "the knee's axis: no marker on the inner knee": not places.issuperset(INNER_KNEE),
        "the foot's outer edge: no marker on the fifth metatarsal": not all(
            marker_set.has_fifth_metatarsal(side) for side in SIDES
        ),
        "hip centres: by regression from the pelvis": computed.issuperset(hips),
        f"segments with fewer than three tracking markers: {thin}": bool(thin),
    }
    return tuple(what for what, true in found.items() if true)


def _measured(marker_set: MarkerSet, names: Iterable[str]) -> set[str]:
    """Return the worn markers that points are made of: themselves, or what they are computed of."""
    made_of = {point.name: point.markers for point in marker_set.computed}
    measured: set[str] = set()
    for name in names:
        parts = made_of.get(name)
        measured |= {name} if parts is None else _measured(marker_set, parts)
    return measured


def purposes(marker_set: MarkerSet) -> dict[str, set[str]]:
    """Return the worn markers that each purpose needs; none where the set does not serve it."""
    paired = {name for rule in marker_set.scaling for pair in rule.pairs for name in pair}
    at = {marker.name: marker.at for marker in marker_set.markers}
    hips = [name for name, place in at.items() if place in HIPS]
    trunk = {marker_set.trunk[role] for role in ("c7", "clavicle") if role in marker_set.trunk}
    return {
        "scaling": _measured(marker_set, paired),
        "hip centres": _measured(marker_set, hips),
        "foot angle": {name for roles in marker_set.landmarks.values() for name in roles.values()},
        "tracking": set(worn(marker_set, running=True)),
        "trunk": {*trunk, *marker_set.bodies().get(TORSO, ()), *back_of_pelvis(marker_set.trunk)}
        if TORSO in marker_set.bodies()
        else set(),
        "knee axis": {name for name, place in at.items() if place in INNER_KNEE},
    }


@dataclass(frozen=True)
class _Match:
    """How well one set fits: its markers by recorded label."""

    marker_set: MarkerSet
    names: Mapping[str, str]
    recorded: int

    def _found(self, asked: tuple[str, ...]) -> int:
        return len(set(self.names.values()).intersection(asked))

    @property
    def share(self) -> float:
        return max(self._found(asked) / max(len(asked), 1) for asked in self._asked())

    def _asked(self) -> tuple[tuple[str, ...], ...]:
        return worn(self.marker_set), worn(self.marker_set, running=True)

    @property
    def rank(self) -> tuple[float, int, int]:
        """Return agreement of both lists of names (Dice), then the set's own names, then all."""
        agreement = max(
            2.0 * self._found(asked) / max(len(asked) + self.recorded, 1) for asked in self._asked()
        )
        own = sum(
            spelling_key(label).endswith(spelling_key(name)) for label, name in self.names.items()
        )
        return agreement, own, len(self.names)


def match_names(labels: Iterable[str], marker_set: MarkerSet) -> dict[str, str]:
    """Return ``{recorded label: the set's name}`` of a set's markers, however they are spelt."""
    # capture software writes the runner's name and a colon in front of every label
    plain = {label.rpartition(":")[2].strip(): label for label in labels}
    wanted = marker_set.spellings()
    meant = {name: name for name in plain if name in wanted} | respelled(list(plain), wanted)
    return {plain[name]: own for name, own in meant.items()}


def _ranked(labels: Sequence[str], known: Mapping[str, MarkerSet]) -> list[_Match]:
    """Return how well every set fits, the best first."""
    matches = [_Match(own, match_names(labels, own), len(labels)) for own in known.values()]
    return sorted(matches, key=lambda match: match.rank, reverse=True)


def fitting(labels: Iterable[str], known: Mapping[str, MarkerSet]) -> tuple[str, ...]:
    """Return the sets of which at least ``KNOWN_SHARE`` of the markers are there, best first."""
    matches = _ranked(list(dict.fromkeys(labels)), known)
    return tuple(match.marker_set.name for match in matches if match.share >= KNOWN_SHARE)


def recognise(labels: Iterable[str], known: Mapping[str, MarkerSet]) -> Recognition:
    """Return which marker set a recording wears.

    Args:
        labels: names in the recording, static or running, or of both together.
        known: sets to choose from.

    Returns:
        The set that agrees best with the names; unknown where less than ``KNOWN_SHARE`` of every
        set's markers is there, with the nearest one all the same.
    """
    labels = list(dict.fromkeys(labels))
    matches = _ranked(labels, known)
    worn_sets = [match for match in matches if match.share >= KNOWN_SHARE]
    best = next(iter(worn_sets or matches), None)
    if best is None or not best.names:
        return Recognition(None, unused=tuple(labels))
    own, found = best.marker_set, set(best.names.values())
    missing = {purpose: tuple(sorted(needed - found)) for purpose, needed in purposes(own).items()}
    return Recognition(
        own.name if worn_sets else None,
        own.name,
        best.share,
        best.names,
        {purpose: names for purpose, names in missing.items() if names},
        lacks(own),
        tuple(label for label in labels if label not in best.names),
    )
