"""The cohort that a run of the rules is about: from its own tables, or the public dataset."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from strikelean.config.project import Project, load_project
from strikelean.formats.files import read_yaml

NO_DATA = (
    "strikelean: expected recordings, found no rows in {subjects} and {trials}. Fill them in "
    "(config/README.md), or run the public dataset: make rbds DATA=folder."
)
# keys of the public dataset's configuration that a name given on the command line goes before
_NAMES = ("cohort", "source")


def laid_over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Return a configuration laid over another: sections key by key, all else as a whole."""
    merged = dict(below)
    for key, value in above.items():
        under = merged.get(key)
        both = isinstance(under, Mapping) and isinstance(value, Mapping)
        merged[key] = laid_over(under, value) if both else value  # type: ignore[arg-type]
    return merged


def with_delivered(config: Mapping[str, Any], top: Path) -> dict[str, Any]:
    """Return a configuration laid over the delivered one, as another workflow may give a part."""
    return laid_over(read_yaml(top / "config" / "config.yaml"), config)


def read_project(
    config: Mapping[str, Any],
    top: Path,
    files: Sequence[Path],
    *,
    data: str = "",
    asked: Mapping[str, Any] | None = None,
    outside: str = "command line",
) -> Project:
    """Return the checked project; the public dataset's where no tables are filled in but asked for.

    Args:
        config: the merged configuration.
        top: the project's folder.
        files: files it was merged from, the last laid over the first; they name mistakes' places.
        data: folder of the public dataset's recordings, '' where it is not asked for.
        asked: what was given on the command line; the name of a cohort given there stays.
        outside: where a value comes from that no file sets, for the place of a mistake.

    Raises:
        ConfigMistakesError: every mistake in configuration, tables, marker sets and recipes.
    """
    project = load_project(config, top, files, outside)
    if not data or (project.trials and not project.virtual):
        return project
    public = top / "config" / "examples" / "rbds" / "config.yaml"
    config = laid_over(config, read_yaml(public)) | {"data_root": data}
    config |= {key: asked[key] for key in _NAMES if asked and key in asked}
    return load_project(config, top, [*files, public], outside)
