"""Recordings and models that tests share; what is absent skips with its reason."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from strikelean.model.fetch import cached_model
from strikelean.model.generic import build_generic_model, load_recipe

TOP = Path(__file__).parents[1]
RECIPE = TOP / "models" / "rajagopal2016.yaml"


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """Folder of real recordings: $STRIKELEAN_DATA, or shared/data beside the project."""
    chosen = os.environ.get("STRIKELEAN_DATA")
    folder = Path(chosen) if chosen else TOP.parent / "shared" / "data"
    if not (folder / "fullbody").is_dir():
        pytest.skip("no real recordings: set STRIKELEAN_DATA to a folder with fullbody/ and rbds/")
    return folder


@pytest.fixture(scope="session")
def generic_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The edited generic model, from the user's cache."""
    if cached_model(load_recipe(RECIPE)["source"]) is None:
        pytest.skip("the generic model is not cached: run 'make test' once with a network")
    folder = tmp_path_factory.mktemp("generic")
    build_generic_model(RECIPE, folder / "generic.osim", folder / "generic.json")
    return folder / "generic.osim"
