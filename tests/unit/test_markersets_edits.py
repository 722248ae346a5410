"""Any single edit of a good marker set is told, or is listed here with why it may pass."""

from __future__ import annotations

import copy
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

import strikelean.config.checks as checks
import strikelean.markersets as reading
from markerset_edits import Document, edits
from strikelean.config.schema import schema_problems
from strikelean.markersets import MarkerSet, load_markerset
from strikelean.markersets_known import thin_segments, worn
from strikelean.markersets_on_model import name_mistakes
from strikelean.markersets_recorded import unrecorded
from strikelean.markersets_symmetry import asymmetries
from strikelean.motion.scale_model import _unscaled

TOP = Path(__file__).parents[2]
SCHEMA = TOP / "config" / "schemas" / "markerset.schema.yaml"
FOLDER = TOP / "models" / "markersets"

# 5 % of all edits are told by nobody; enough of them for a few seconds.
STRIDE = 12
# Told by nobody: the entry is on neither side, or the change moves no joint moment. In the public
# dataset each of these moved the peak knee extension moment by less than 0.1 % of itself, the loss
# of one of six markers that track the pelvis by 0.8 %.
MAY_PASS = {
    "a marker lost",  # of several that track the pelvis, or on the trunk
    "a place of a thousandth",  # of a marker that does not pull in standing, by under 30 mm
    "a place on the other side",  # the same
    "a place with axes in another order",  # the same
    "static_weight lost",  # in the middle of the body
    "static_weight times 1000",
    "running_weight lost",
    "running_weight times 1000",
    "at lost",
    "the next body",
    "a role of the trunk lost",  # both sides have none of C7 and collar bones
}


def told(document: Document, monkeypatch: pytest.MonkeyPatch, labels: set[str], own: Any) -> bool:
    """Return whether configuration, model, static trial or the other side's entry tells it."""
    monkeypatch.setattr(checks, "_read_yaml", lambda path: copy.deepcopy(document))
    monkeypatch.setattr(reading, "read_yaml", lambda path: copy.deepcopy(document))
    file = FOLDER / "rbds.yaml"
    if schema_problems(document, SCHEMA, lambda place: ("own.yaml", str(place))):
        return True
    if list(checks.markerset_problems([file], TOP)):
        return True
    marker_set = load_markerset(file)
    bodies, at = own
    return bool(
        list(name_mistakes(marker_set, bodies, at))
        or unrecorded(marker_set, labels)
        or asymmetries(marker_set)
        or _unscaled(marker_set)
        or thin_segments(marker_set)
    )


def model_of(marker_set: MarkerSet) -> tuple[set[str], dict[str, str]]:
    """Return the bodies and markers of a model that the set fits."""
    bodies = {marker.body for marker in marker_set.markers}
    bodies |= {body for rule in marker_set.scaling for body in rule.bodies}
    return bodies, {str(m.at): m.body for m in marker_set.markers if m.at}


@pytest.mark.parametrize("name", ["rbds", "rajagopal_fullbody"])
def test_a_single_edit_is_told_or_may_pass(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    document = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    good = load_markerset(FOLDER / f"{name}.yaml")
    labels, own = set(worn(good)), model_of(good)
    assert not told(document, monkeypatch, labels, own)
    every, silent = Counter[str](), Counter[str]()
    for kind, what, edited in list(edits(document))[::STRIDE]:
        every[kind] += 1
        if edited != document and not told(edited, monkeypatch, labels, own):
            silent[kind] += 1
            assert kind in MAY_PASS, f"{kind}: {what}"
    assert silent.total() < 0.1 * every.total(), silent
