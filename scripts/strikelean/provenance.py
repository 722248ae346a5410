"""What a result was made with: a fingerprint of the code, and the versions of the rest."""

from __future__ import annotations

import ast
import hashlib
import platform
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path

# the packages whose version can change a number
PACKAGES = ("opensim", "numpy", "scipy", "numba", "pandas", "ezc3d", "h5py", "statsmodels", "spm1d")


def _is_text(node: object) -> bool:
    """Whether a statement is a bare string: a docstring, or a note on the name above it."""
    value = node.value if isinstance(node, ast.Expr) else None
    return isinstance(value, ast.Constant) and isinstance(value.value, str)


def _put_down(value: object, words: list[str]) -> None:
    """Append a node with all below it, bare strings left out; two that differ read differently."""
    if isinstance(value, ast.AST):
        words.append(type(value).__name__)
        for field in value._fields:
            _put_down(getattr(value, field, None), words)
    elif isinstance(value, list):
        words.append("[")
        for item in value:
            if not _is_text(item):
                _put_down(item, words)
        words.append("]")
    else:
        words.append(repr(value))


def _for_types_alone(node: ast.AST) -> bool:
    """Whether a statement is ``if TYPE_CHECKING:``, whose body is never run."""
    return (
        isinstance(node, ast.If)
        and isinstance(node.test, ast.Name)
        and node.test.id == "TYPE_CHECKING"
    )


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    """Yield every statement below a node that may run; no expression holds an import."""
    fields = ("body", "orelse", "finalbody", "handlers", "cases")
    for field in fields[1:] if _for_types_alone(node) else fields:
        for child in getattr(node, field, ()):
            yield child
            yield from _statements(child)


@dataclass(frozen=True)
class _Module:
    """A Python file: its imports as they are written, and a digest of all that it says to Python.

    Attributes:
        imports: level (0 where it is absolute), module, names taken from it.
        digest: nothing in it depends on docstrings, comments or layout.
    """

    imports: tuple[tuple[int, str, tuple[str, ...]], ...]
    digest: bytes


@cache
def _module(file: Path) -> _Module:
    # read once and not kept: trees of all files together slow everything down
    tree, words = ast.parse(file.read_bytes(), filename=str(file)), list[str]()
    _put_down(tree, words)
    imports: list[tuple[int, str, tuple[str, ...]]] = []
    for node in _statements(tree):
        if isinstance(node, ast.Import):
            imports += [(0, alias.name, ()) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = tuple(alias.name for alias in node.names)
            imports.append((node.level, node.module or "", names))
    return _Module(tuple(imports), hashlib.sha256("\0".join(words).encode()).digest())


def _imported(file: Path, top: Path) -> Iterator[str]:
    """Yield the dotted names that a Python file imports, anywhere in it."""
    package = file.relative_to(top).with_suffix("").parts[:-1]
    for level, module, names in _module(file).imports:
        above = package[: len(package) - level + 1] if level else ()
        base = ".".join((*above, module) if module else above)
        # ``from package import module`` and ``from module import name`` look alike
        yield from (base, *(f"{base}.{name}" for name in names))


@cache
def _files(name: str, top: Path) -> tuple[Path, ...]:
    """Return the files under ``top`` that importing a dotted name runs: its packages and itself."""
    if not name:
        return ()
    place = top.joinpath(*name.split("."))
    here = (path for path in (place / "__init__.py", place.with_suffix(".py")) if path.is_file())
    return (*_files(name.rpartition(".")[0], top), *here)


@cache
def _imported_files(file: Path, top: Path) -> frozenset[Path]:
    """Return the files under ``top`` that a Python file imports itself."""
    return frozenset(path for name in set(_imported(file, top)) for path in _files(name, top))


@cache
def _data_files(folder: Path) -> tuple[Path, ...]:
    """Return what is kept beside modules and is not Python: templates, styles, tables."""
    return tuple(
        path
        for path in folder.rglob("*")
        # what was compiled from modules says nothing more, and comes and goes
        if "__pycache__" not in path.relative_to(folder).parts
        and path.suffix != ".py"
        and path.is_file()
    )


@cache
def source_files(script: Path, top: Path | None = None) -> tuple[Path, ...]:
    """Return a script, every file of ours it imports directly or not, and their data files.

    Args:
        script: a Python file. Packages that are installed elsewhere are pinned and not followed.
        top: folder in which what it imports is looked for, None: beside it.
    """
    top = top or script.parent
    found: set[Path] = set()
    todo = [script]
    while todo:
        file = todo.pop()
        if file not in found:
            found.add(file)
            todo += _imported_files(file, top)
    folders = {file.parent for file in found if file.parent not in (top, top / "strikelean")}
    data = {path for folder in folders for path in _data_files(folder)}
    return tuple(sorted(found | data))


@cache
def _file_hash(path: Path) -> bytes:
    """Return a digest of what a file does: of Python the statements, of anything else the bytes."""
    if path.suffix == ".py":
        return _module(path).digest
    return hashlib.sha256(path.read_bytes()).digest()


@cache
def library_hash(script: Path, top: Path | None = None) -> str:
    """Return a fingerprint of everything of ours that a script runs, its words to people left out.

    Snakemake sees a change of the script itself but not of the modules it imports; with this
    among a rule's parameters, an edited module reruns exactly the rules that use it. Another minor
    version of Python may read the same text otherwise, and so reruns all.
    """
    digest = hashlib.sha256()
    for path in source_files(script, top):
        digest.update(path.relative_to(top or script.parent).as_posix().encode())
        digest.update(_file_hash(path))
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
