"""What the tests share: the recordings, the generic model, one full-body run, agreements."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

PROJECT = Path(__file__).parents[1]
AGREEMENTS: pytest.StashKey[list[tuple[str, float, float, str]]] = pytest.StashKey()


def pytest_configure(config: pytest.Config) -> None:
    """Keep a list of measured agreements."""
    config.stash[AGREEMENTS] = []


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Print every measured agreement beside what is allowed."""
    rows = config.stash[AGREEMENTS]
    if rows:
        terminalreporter.section("measured agreement")
    for quantity, found, allowed, unit in rows:
        terminalreporter.write_line(f"{quantity:<72} {found:>10.3g} of {allowed:<8.3g} {unit}")


@pytest.fixture(scope="session")
def agree(pytestconfig: pytest.Config) -> Callable[[str, float, float, str], None]:
    """Return a check that a difference is within what is allowed, printed at the end."""

    def check(quantity: str, found: float, allowed: float, unit: str) -> None:
        pytestconfig.stash[AGREEMENTS].append((quantity, float(found), allowed, unit))
        assert found <= allowed, f"{quantity}: {found:.3g} {unit}, allowed {allowed:g}"

    return check


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """Return the folder of real recordings, or skip saying why."""
    folder = Path(os.environ.get("STRIKELEAN_DATA", PROJECT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("real recordings are not here (set STRIKELEAN_DATA)")
    return folder


@pytest.fixture(scope="session")
def generic_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the edited generic model, built from the user's cache, or skip saying why."""
    from strikelean.model.fetch import cached_model
    from strikelean.model.generic import build_generic_model

    recipe = PROJECT / "models" / "rajagopal2016.yaml"
    source = yaml.safe_load(recipe.read_text(encoding="utf-8"))["source"]
    if cached_model(source) is None:
        pytest.skip("the generic model is not in the cache (run scripts/warm_cache.py once)")
    folder = tmp_path_factory.mktemp("generic")
    build_generic_model(recipe, folder / "generic.osim", folder / "generic.provenance.json")
    return folder / "generic.osim"


@pytest.fixture(scope="session")
def configuration() -> dict[str, Any]:
    """Return the delivered configuration."""
    text = (PROJECT / "config" / "config.yaml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return an empty cache folder that stands in for the user's."""
    monkeypatch.setenv("STRIKELEAN_CACHE", str(tmp_path / "cache"))
    yield tmp_path / "cache"
