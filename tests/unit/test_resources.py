"""The files that the library reads are found, and are those that the rules read."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

import strikelean
from strikelean import resources

TOP = Path(__file__).parents[2]


def test_a_checkout_reads_its_own_files() -> None:
    assert resources.top() == TOP
    assert resources.delivered_config() == TOP / "config" / "config.yaml"
    sets = {path.stem for path in (TOP / "models" / "markersets").glob("*.yaml")}
    assert set(resources.marker_sets()) == sets
    assert {"rajagopal_fullbody", "rbds", "virtual"} < sets
    assert set(resources.recipes()) == {"rajagopal2016"}


def test_claims_are_no_study() -> None:
    assert resources.claims().is_file()
    assert resources.claims() not in resources.studies()
    assert len(resources.studies()) == len(list((TOP / "config" / "studies").glob("*.yaml"))) - 1


def test_a_package_without_its_data_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resources, "PACKAGE", tmp_path / "lib" / "strikelean")
    resources.top.cache_clear()
    try:
        with pytest.raises(FileNotFoundError, match=r"expected config/ and models/"):
            resources.top()
    finally:
        resources.top.cache_clear()


def test_the_citation_names_the_version() -> None:
    document = yaml.safe_load((TOP / "CITATION.cff").read_text(encoding="utf-8"))
    assert document["version"] == strikelean.__version__
