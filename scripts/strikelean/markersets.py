"""Marker sets: which marker sits on which body, and which ones name a landmark."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from strikelean.errors import ConfigError
from strikelean.formats.files import read_yaml

SIDES = ("right", "left")
FOOT_POINTS = {"heel": "heel", "mt5": "fifth_metatarsal", "toe": "toe"}
"""Names of a foot's points in tables, and the landmark that each is."""
FIFTH = "fifth_metatarsal"
PSIS = ("psis_right", "psis_left")
HIP_CENTRE = "hip_centre_harrington2007"
# right and left ASIS, then both PSIS or one marker on the sacrum between them
HIP_CENTRE_MARKERS = (3, 4)


@dataclass(frozen=True)
class MarkerDefinition:
    """One marker of a set.

    Attributes:
        name: as the recording spells it.
        body: body of the generic model that carries it.
        at: marker of the generic model at whose place it starts, or None.
        location_m: place in the body's frame on the unscaled generic model, or None.
            With neither, the static trial alone decides where it sits.
        static_weight: weight in the static pose (0: placed, but does not pull).
        running_weight: weight in inverse kinematics.
        also: other names that programs give the same marker.
    """

    name: str
    body: str
    at: str | None
    location_m: tuple[float, float, float] | None
    static_weight: float
    running_weight: float
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class ComputedMarker:
    """A point worked out from other markers of the static trial.

    Attributes:
        name: name of the new marker.
        method: ``midpoint`` of any number, or ``hip_centre_harrington2007``.
        markers: markers it is computed from; for a hip centre right and left ASIS, then right
            and left PSIS or one marker on the sacrum.
        side: ``right``/``left`` where the method needs one.
    """

    name: str
    method: str
    markers: tuple[str, ...]
    side: str | None


@dataclass(frozen=True)
class ScaleRule:
    """How one group of bodies gets its scale factors.

    Attributes:
        bodies: bodies scaled together.
        axes: any of ``XYZ``.
        pairs: marker pairs; the factor is the mean of measured over model distances.
        source: ``markers``, or ``height`` (runner's stature over the model's).
    """

    bodies: tuple[str, ...]
    axes: str
    pairs: tuple[tuple[str, str], ...]
    source: str


@dataclass(frozen=True)
class MarkerSet:
    """A marker set as its YAML file describes it.

    Attributes:
        name: file stem.
        markers: every known marker; others in a recording are ignored.
        computed: extra points of the static trial.
        scaling: scale rules.
        landmarks: ``{side: {role: marker}}`` with roles ``heel``, ``toe`` and, where the set has
            one, ``fifth_metatarsal``.
        trunk: ``{role: marker}`` (``c7``, ``clavicle``, ``psis_right``, ``psis_left``, ``sacrum``,
            ``asis_right``, ``asis_left``); roles that were not recorded are absent.
        model_height_m: stature of the generic model the height rule divides by.
        neutral: coordinates held at zero in the static pose: standing defines their zero.
        static_ranges_deg: ``{coordinate: (lower, upper)}`` in the static pose only.
    """

    name: str
    markers: tuple[MarkerDefinition, ...]
    computed: tuple[ComputedMarker, ...]
    scaling: tuple[ScaleRule, ...]
    landmarks: dict[str, dict[str, str]]
    trunk: dict[str, str]
    model_height_m: float
    neutral: tuple[str, ...] = ()
    static_ranges_deg: dict[str, tuple[float, float]] = field(default_factory=dict)

    def bodies(self) -> dict[str, tuple[str, ...]]:
        """Return the markers that track each body while running."""
        tracked: dict[str, list[str]] = {}
        for marker in self.markers:
            if marker.running_weight > 0:
                tracked.setdefault(marker.body, []).append(marker.name)
        return {body: tuple(names) for body, names in tracked.items()}

    def has_fifth_metatarsal(self, side: str) -> bool:
        """Whether a marker of its own stands for the fifth metatarsal of a foot."""
        return FIFTH in self.landmarks[side]

    def computed_names(self) -> frozenset[str]:
        """Return the points that are worked out and not recorded."""
        return frozenset(point.name for point in self.computed)

    def marker_names(self) -> frozenset[str]:
        """Return every name that the set asks a recording for."""
        named = [marker.name for marker in self.markers]
        named += [name for point in self.computed for name in point.markers]
        named += [name for rule in self.scaling for pair in rule.pairs for name in pair]
        named += [name for roles in self.landmarks.values() for name in roles.values()]
        return frozenset([*named, *self.trunk.values()])

    def spellings(self) -> dict[str, tuple[str, ...]]:
        """Return every name that the set asks a recording for, with its other names."""
        also = {marker.name: marker.also for marker in self.markers}
        computed = self.computed_names()
        names = sorted(self.marker_names())
        return {name: also.get(name, ()) for name in names if name not in computed}

    def landmark(self, side: str, role: str) -> str:
        """Return the marker with a landmark's role; ConfigError when the set has none.

        In sets without a marker on the fifth metatarsal the toe landmark stands in: the foot's
        pitch less standing is the same line's, its roll and its outer edge are not seen.
        """
        roles = self.landmarks[side]
        if role == FIFTH and not self.has_fifth_metatarsal(side):
            role = "toe"
        try:
            return roles[role]
        except KeyError:
            raise ConfigError(
                "load_markerset",
                f"a landmark '{role}' on the {side} side of marker set {self.name}",
                "none",
                f"Add it under landmarks in models/markersets/{self.name}.yaml",
            ) from None


def back_of_pelvis(trunk: Mapping[str, str]) -> tuple[str, ...]:
    """Return a set's right and left PSIS, else its marker on the sacrum, else nothing."""
    spines = tuple(trunk[role] for role in PSIS if role in trunk)
    if len(spines) == len(PSIS):
        return spines
    return (trunk["sacrum"],) if "sacrum" in trunk else ()


def _definition(entry: dict[str, Any]) -> MarkerDefinition:
    location = entry.get("location_m")
    return MarkerDefinition(
        name=entry["name"],
        body=entry["body"],
        at=entry.get("at"),
        location_m=None if location is None else (location[0], location[1], location[2]),
        static_weight=float(entry.get("static_weight", 0.0)),
        running_weight=float(entry.get("running_weight", 0.0)),
        also=tuple(entry.get("also", [])),
    )


def load_markerset(path: Path) -> MarkerSet:
    """Read a marker set; ConfigError when the file is absent or a key is missing.

    The file's schema is checked with the rest of the configuration; this reader only
    builds the object.
    """
    if not path.is_file():
        known = sorted(p.stem for p in path.parent.glob("*.yaml"))
        raise ConfigError(
            "load_markerset",
            f"marker set '{path.stem}'",
            f"only {', '.join(known) or 'none'}",
            "Use one of these in the marker_set column, or add a file beside them",
        )
    raw = read_yaml(path)
    try:
        return MarkerSet(
            name=path.stem,
            markers=tuple(_definition(entry) for entry in raw["markers"]),
            computed=tuple(
                ComputedMarker(
                    entry["name"], entry["method"], tuple(entry["markers"]), entry.get("side")
                )
                for entry in raw.get("computed", [])
            ),
            scaling=tuple(
                ScaleRule(
                    tuple(entry["bodies"]),
                    entry.get("axes", "XYZ"),
                    tuple((a, b) for a, b in entry.get("pairs", [])),
                    entry.get("source", "markers"),
                )
                for entry in raw["scaling"]
            ),
            landmarks=raw["landmarks"],
            trunk=raw.get("trunk", {}),
            model_height_m=float(raw["model_height_m"]),
            neutral=tuple(raw.get("neutral", [])),
            static_ranges_deg={
                name: (float(low), float(high))
                for name, (low, high) in raw.get("static_ranges_deg", {}).items()
            },
        )
    except KeyError as missing:
        raise ConfigError(
            "load_markerset",
            f"the key {missing} in {path.name}",
            "a file without it",
            "Compare it with models/markersets/rbds.yaml",
        ) from None
