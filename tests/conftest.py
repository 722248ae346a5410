"""Recordings and models that tests share; what is absent skips with its reason.

What tests measure against OpenSim or theory they hand to ``agree``, printed at the end.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from small_cohorts import SmallCohort, run_public
from strikelean.model.fetch import cached_model
from strikelean.model.generic import build_generic_model, load_recipe

TOP = Path(__file__).parents[1]
RECIPE = TOP / "models" / "rajagopal2016.yaml"
MEASURED: pytest.StashKey[list[str]] = pytest.StashKey()


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Print every measured agreement beside what is allowed."""
    lines = config.stash.get(MEASURED, [])
    if lines:
        terminalreporter.section("measured agreement")
    for line in lines:
        terminalreporter.write_line(line)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand what was measured in one of several processes to the one that prints."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["measured"] = session.config.stash.get(MEASURED, [])


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take what another process measured."""
    lines = node.config.stash.setdefault(MEASURED, [])
    lines += getattr(node, "workeroutput", {}).get("measured", [])


@pytest.fixture(scope="session")
def agree(pytestconfig: pytest.Config) -> Callable[[str, float, float, str], None]:
    """A check that a difference is within what is allowed, printed at the end of the run."""
    lines = pytestconfig.stash.setdefault(MEASURED, [])

    def check(quantity: str, found: float, allowed: float, unit: str) -> None:
        lines.append(f"{quantity:<74} {found:>9.3g} (allowed {allowed:g}) {unit}")
        assert found <= allowed, f"{quantity}: {found:.3g} {unit}, allowed {allowed:g}"

    return check


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """Folder of real recordings: $STRIKELEAN_DATA."""
    chosen = os.environ.get("STRIKELEAN_DATA", "")
    if not chosen:
        pytest.skip("no real recordings: set STRIKELEAN_DATA to a folder with fullbody/ and rbds/")
    if not (Path(chosen) / "fullbody").is_dir():
        pytest.skip(f"no folder fullbody/ in STRIKELEAN_DATA, {chosen}")
    return Path(chosen)


@pytest.fixture(scope="session")
def generic_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The edited generic model, from the user's cache."""
    if cached_model(load_recipe(RECIPE)["source"]) is None:
        pytest.skip("the generic model is not cached: run 'make test' once with a network")
    folder = tmp_path_factory.mktemp("generic")
    build_generic_model(RECIPE, folder / "generic.osim", folder / "generic.json")
    return folder / "generic.osim"


@pytest.fixture(scope="session")
def virtual_cohort(tmp_path_factory: pytest.TempPathFactory) -> SmallCohort:
    """A small virtual cohort, through the whole workflow."""
    if cached_model(load_recipe(RECIPE)["source"]) is None:
        pytest.skip("the generic model is not cached: run 'make test' once with a network")
    return SmallCohort(tmp_path_factory.mktemp("small") / "project")


@pytest.fixture(scope="session")
def public_results(
    data_folder: Path, generic_model: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Results of the whole public dataset, in a copy of the project."""
    data = data_folder / "rbds"
    if not (data / "participants.csv").is_file():
        pytest.skip(f"no public running dataset in {data}")
    return run_public(data, tmp_path_factory.mktemp("public") / "project")
