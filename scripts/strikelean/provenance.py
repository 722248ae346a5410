"""What a result was made with: a fingerprint of the code, and the versions of the rest."""

from __future__ import annotations

import ast
import hashlib
import platform
from collections.abc import Iterator
from functools import cache
from importlib import metadata
from pathlib import Path

# the packages whose version can change a number
PACKAGES = ("opensim", "numpy", "scipy", "pandas", "ezc3d", "h5py", "statsmodels", "spm1d")


@cache
def _imported(file: Path, top: Path) -> frozenset[str]:
    """Return the dotted names that a Python file imports, anywhere in it."""
    names: set[str] = set()
    package = file.relative_to(top).with_suffix("").parts[:-1]
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            base = ".".join((*above, node.module) if node.module else above)
            # ``from package import module`` and ``from module import name`` look alike
            names.update({base, *(f"{base}.{alias.name}" for alias in node.names)})
    return frozenset(names)


def _files(name: str, top: Path) -> Iterator[Path]:
    """Yield the files under ``top`` that importing a dotted name runs: its packages and itself."""
    parts = name.split(".")
    for depth in range(1, len(parts) + 1):
        place = top.joinpath(*parts[:depth])
        for file in (place / "__init__.py", place.with_suffix(".py")):
            if file.is_file():
                yield file


def _data_files(folder: Path) -> Iterator[Path]:
    """Yield what is kept beside modules and is not Python: templates, styles, tables."""
    for path in folder.rglob("*"):
        if path.is_file() and path.suffix not in (".py", ".pyc"):
            yield path


@cache
def source_files(script: Path) -> tuple[Path, ...]:
    """Return a script, every file of ours it imports directly or not, and their data files.

    Args:
        script: a Python file; what it imports is looked for beside it. Packages that are
            installed elsewhere are pinned and not followed.
    """
    top = script.parent
    found: set[Path] = set()
    todo = [script]
    while todo:
        file = todo.pop()
        if file in found:
            continue
        found.add(file)
        todo += [path for name in _imported(file, top) for path in _files(name, top)]
    folders = {file.parent for file in found if file.parent not in (top, top / "strikelean")}
    data = {path for folder in folders for path in _data_files(folder)}
    return tuple(sorted(found | data))


@cache
def library_hash(script: Path) -> str:
    """Return a fingerprint of everything of ours that a script runs.

    Snakemake sees a change of the script itself but not of the modules it imports; with this
    among a rule's parameters, an edited module reruns exactly the rules that use it.
    """
    digest = hashlib.sha256()
    for path in source_files(script):
        digest.update(path.relative_to(script.parent).as_posix().encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def describe_environment() -> dict[str, str]:
    """Return the versions of Python, of the system and of every package that computes."""
    versions = {"python": platform.python_version(), "system": platform.platform()}
    for package in PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            versions[package] = "not installed"
    return versions
