"""Mistakes in a marker set that its schema cannot see: keys that contradict each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from strikelean.config.problems import Problem
from strikelean.marker_names import side_of
from strikelean.markersets import HIP_CENTRE, HIP_CENTRE_MARKERS, SIDES

Mistake = tuple[str, str, str]
Document = Mapping[str, Any]

# A pose has six coordinates at the root alone; a rigid body is fixed by three points.
FEWEST_STATIC, FEWEST_RUNNING = 6, 3
# No marker lies farther from the origin of the body that carries it.
FARTHEST_M = 1.0


def markerset_contradictions(document: Document, file: str) -> Iterator[Problem]:
    """Yield what contradicts itself in a marker set whose shape the schema has found good."""
    checks = (_confirmed, _places, _sides, _computed, _scaling, _landmarks, _ranges, _weights)
    for check in checks:
        yield from (Problem(file, *mistake) for mistake in check(document))


def _confirmed(document: Document) -> Iterator[Mistake]:
    if not document.get("confirmed", True):
        expected = "true, once a person has compared the draft with the picture beside it"
        yield "confirmed", expected, "false"


def _places(document: Document) -> Iterator[Mistake]:
    for entry in document["markers"]:
        place = f"marker {entry['name']}"
        if "at" in entry and "location_m" in entry:
            yield place, "at or location_m", "both"
        if any(abs(value) > FARTHEST_M for value in entry.get("location_m", [])):
            expected = f"location_m in metres, within {FARTHEST_M:g} m of the body's own origin"
            yield place, expected, f"{entry['location_m']} (millimetres?)"


def _roles(document: Document) -> Iterator[tuple[str, str, str]]:
    """Yield (place, side's letter, marker) of everything that is one side's."""
    for side in SIDES:
        for role, name in document["landmarks"][side].items():
            yield f"landmarks.{side}.{role}", side[0], name
    for role, name in document.get("trunk", {}).items():
        side = role.rpartition("_")[2]
        if side in SIDES:
            yield f"trunk.{role}", side[0], name
    for point in document.get("computed", []):
        markers = point["markers"] if point["method"] == HIP_CENTRE else []
        if len(markers) in HIP_CENTRE_MARKERS:
            # of three the last is the sacrum's, of neither side
            for number, (letter, name) in enumerate(zip("rlrl", markers, strict=False), 1):
                yield f"computed {point['name']}, marker {number}", letter, name


def _sides(document: Document) -> Iterator[Mistake]:
    """Yield markers of one side where one of the other belongs, by the names' mirror images."""
    names = [entry["name"] for entry in document["markers"]]
    side = {name: side_of(name, names) for name in names}
    words = {name[0]: name for name in SIDES}
    for entry in document["markers"]:
        own, body = side[entry["name"]], str(entry["body"])
        if own and body[-2:] in ("_r", "_l") and body[-1] != own:
            yield f"marker {entry['name']}", f"a body of the {words[own]} side", body
    for place, letter, name in _roles(document):
        if side.get(name, "") not in ("", letter):
            yield place, f"a marker of the {words[letter]} side", f"'{name}'"


def _computed(document: Document) -> Iterator[Mistake]:
    rules = document.get("computed", [])
    names = [entry["name"] for entry in rules]
    listed = {entry["name"]: str(entry["body"]) for entry in document["markers"]}
    for number, entry in enumerate(rules):
        place = f"computed {entry['name']}"
        later = set(names[number:]) - set(names[:number]) - set(listed)
        for marker in entry["markers"]:
            if marker in later:
                yield place, "markers that are measured or computed above it", f"'{marker}'"
        if names[:number].count(entry["name"]):
            yield place, "one rule of that name", "another above it"
        if entry["method"] != HIP_CENTRE:
            continue
        if len(entry["markers"]) not in HIP_CENTRE_MARKERS:
            expected = "right ASIS, left ASIS, then right and left PSIS or one sacrum marker"
            yield place, expected, f"{len(entry['markers'])} markers"
        body = listed.get(entry["name"], "")
        own = {"_r": "right", "_l": "left"}.get(body[-2:], entry.get("side", "right or left"))
        if entry.get("side") != own:
            yield place, f"side: {own}", str(entry.get("side", "nothing"))
        if len(set(entry["markers"])) < len(entry["markers"]):
            yield place, "markers that differ", "one of them twice"


def _scaling(document: Document) -> Iterator[Mistake]:
    listed = {entry["name"]: entry for entry in document["markers"]}
    computed = {entry["name"] for entry in document.get("computed", [])}
    done: Counter[tuple[str, str]] = Counter()
    for number, rule in enumerate(document["scaling"], 1):
        place = f"scaling[{number}]"
        done.update((body, axis) for body in rule["bodies"] for axis in rule.get("axes", "XYZ"))
        if rule.get("source", "markers") == "height":
            continue
        if not rule.get("pairs"):
            yield f"{place}.pairs", "pairs of markers, or source: height", "none"
        for pair in rule.get("pairs", []):
            for marker in pair:
                entry = listed.get(marker)
                if entry is None and marker in computed:
                    expected = "a point listed under markers too, with at or location_m"
                    yield f"{place}.pairs", expected, f"'{marker}', which is only computed"
                if entry is not None and not entry.keys() & {"at", "location_m"}:
                    expected = "markers whose place on the generic model is given"
                    yield f"{place}.pairs", expected, f"'{marker}' without at or location_m"
            if pair[0] == pair[1]:
                yield f"{place}.pairs", "two different markers", f"'{pair[0]}' twice"
    for (body, axis), times in done.items():
        if times > 1:
            yield "scaling", f"one rule for axis {axis} of {body}", f"{times} rules"


def _landmarks(document: Document) -> Iterator[Mistake]:
    bodies = {entry["name"]: entry["body"] for entry in document["markers"]}
    computed = {entry["name"] for entry in document.get("computed", [])} - set(bodies)
    used = Counter(name for side in SIDES for name in document["landmarks"][side].values())
    for name, times in used.items():
        if times > 1:
            yield "landmarks", f"one role for marker {name}", f"{times} roles"
        if name in computed:
            yield "landmarks", "measured markers", f"'{name}', which the static trial alone has"
    right, left = (
        {bodies[name] for name in document["landmarks"][side].values() if name in bodies}
        for side in SIDES
    )
    for body in sorted(right & left):
        expected = "markers of the right foot on the right side and of the left one on the left"
        yield "landmarks", expected, f"both sides on body {body}"


def _ranges(document: Document) -> Iterator[Mistake]:
    for name, limits in document.get("static_ranges_deg", {}).items():
        if any(low >= high for low, high in pairwise(limits)):
            yield f"static_ranges_deg.{name}", "a lower, then an upper limit", str(limits)


def _weights(document: Document) -> Iterator[Mistake]:
    for key, fewest in (("static_weight", FEWEST_STATIC), ("running_weight", FEWEST_RUNNING)):
        count = sum(entry.get(key, 0) > 0 for entry in document["markers"])
        if count < fewest:
            yield "markers", f"at least {fewest} with a {key} above 0", str(count)
