"""Every kind of single edit of a marker set: an entry misspelt, lost, mirrored or scaled."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

Document = dict[str, Any]
Edit = tuple[str, str, Document]
_NEXT = {"pelvis": "femur_r", "femur_r": "tibia_r", "tibia_r": "calcn_r", "calcn_r": "tibia_r"}
_PLACES: dict[str, Callable[[list[float]], list[float]]] = {
    "a place in millimetres": lambda p: [1000.0 * value for value in p],
    "a place of a thousandth": lambda p: [value / 1000.0 for value in p],
    "a place on the other side": lambda p: [p[0], p[1], -p[2]],
    "a place with axes in another order": lambda p: [p[2], p[0], p[1]],
}


def misspelt(name: str) -> str:
    """Return a name without its last letter but one, or with one more."""
    return name[:-2] + name[-1] if len(name) > 4 else f"{name}x"


def mirrored(name: str) -> str:
    """Return a marker's name on the other side."""
    return {"R": "L", "L": "R"}.get(name[:1], name[:1]) + name[1:]


def other_body(body: str) -> str:
    """Return the body of the other side."""
    return body[:-2] + {"_r": "_l", "_l": "_r"}.get(body[-2:], body[-2:])


def edits(document: Document) -> Iterator[Edit]:
    """Yield (kind, what was edited, edited document)."""
    for part in (_of_markers, _of_computed, _of_scaling, _of_landmarks):
        yield from part(document)


def _changed(document: Document, *path: Any, value: Any) -> Document:
    """Return a copy with one value set, or deleted where it is None."""
    new = copy.deepcopy(document)
    *parents, last = path
    node: Any = new
    for key in parents:
        node = node[key]
    if value is None:
        del node[last]
    else:
        node[last] = value
    return new


def _of_markers(document: Document) -> Iterator[Edit]:
    for number, entry in enumerate(document["markers"]):
        name, body = entry["name"], entry["body"]

        def set_to(
            kind: str, key: str, value: Any, name: str = name, number: int = number
        ) -> Iterator[Edit]:
            yield kind, name, _changed(document, "markers", number, key, value=value)

        yield "a marker lost", name, _changed(document, "markers", number, value=None)
        yield from set_to("a marker misspelt", "name", misspelt(name))
        yield from set_to("a body misspelt", "body", misspelt(body))
        if other_body(body) != body:
            yield from set_to("a body of the other side", "body", other_body(body))
        if body in _NEXT:
            yield from set_to("the next body", "body", _NEXT[body])
        if "at" in entry:
            yield from set_to("at misspelt", "at", misspelt(entry["at"]))
            yield from set_to("at of the other side", "at", mirrored(entry["at"]))
            yield from set_to("at lost", "at", None)
        for kind, change in _PLACES.items() if "location_m" in entry else ():
            yield from set_to(kind, "location_m", change(entry["location_m"]))
        for key in ("static_weight", "running_weight"):
            if entry.get(key):
                yield from set_to(f"{key} lost", key, None)
                yield from set_to(f"{key} times 1000", key, 1000 * entry[key])


def _of_computed(document: Document) -> Iterator[Edit]:
    for number, entry in enumerate(document.get("computed", [])):
        for place, marker in enumerate(entry["markers"]):
            path = ("computed", number, "markers", place)
            what = f"{entry['name']} {marker}"
            yield "a computed point's marker lost", what, _changed(document, *path, value=None)
            for kind, name in (("misspelt", misspelt), ("of the other side", mirrored)):
                new = _changed(document, *path, value=name(marker))
                yield f"a computed point's marker {kind}", what, new
        if "side" in entry:
            side = {"right": "left", "left": "right"}[entry["side"]]
            new = _changed(document, "computed", number, "side", value=side)
            yield "a hip centre's side", entry["name"], new


def _of_scaling(document: Document) -> Iterator[Edit]:
    for number, rule in enumerate(document["scaling"]):
        what = f"scaling[{number + 1}]"
        yield "a scale rule lost", what, _changed(document, "scaling", number, value=None)
        path = ("scaling", number, "bodies", 0)
        yield "a scaled body misspelt", what, _changed(document, *path, value="tibbia")
        for place, pair in enumerate(rule.get("pairs", [])):
            path = ("scaling", number, "pairs", place, 0)
            for kind, name in (("misspelt", misspelt), ("of the other side", mirrored)):
                new = _changed(document, *path, value=name(pair[0]))
                yield f"a scale pair's marker {kind}", f"{what} {pair}", new


def _of_landmarks(document: Document) -> Iterator[Edit]:
    for side, roles in document["landmarks"].items():
        for role, marker in roles.items():
            path, what = ("landmarks", side, role), f"{side} {role}"
            yield "a landmark lost", what, _changed(document, *path, value=None)
            for kind, name in (("misspelt", misspelt), ("of the other side", mirrored)):
                yield f"a landmark {kind}", what, _changed(document, *path, value=name(marker))
    for role, marker in document.get("trunk", {}).items():
        yield "a role of the trunk lost", role, _changed(document, "trunk", role, value=None)
        new = _changed(document, "trunk", role, value=misspelt(marker))
        yield "a role of the trunk misspelt", role, new
