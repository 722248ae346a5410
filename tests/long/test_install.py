"""The package installs, from a clean export of the project, and finds its data from any folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]
pytestmark = pytest.mark.long

# asked in an empty folder, with the fresh environment's Python
ASK = """
import json
import strikelean
from strikelean import resources
from strikelean.loads.metrics_list import read_metrics_list
from strikelean.markersets import load_markerset
print(json.dumps({
    "code": strikelean.__file__,
    "top": str(resources.top()),
    "version": strikelean.__version__,
    "marker_sets": {name: len(load_markerset(path).markers)
                    for name, path in resources.marker_sets().items()},
    "metrics": len(read_metrics_list(resources.metrics_list())),
    "studies": len(resources.studies()),
    "tables": sorted(path.name for path in resources.top().glob("config/*.tsv")),
}))
"""


def run(*command: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    clean = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    return subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env=clean,
        capture_output=True,
        text=True,
        check=False,
        timeout=1200,
    )


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a clone holds: the files that git knows, as they stand now."""
    folder = tmp_path_factory.mktemp("export") / "project"
    listed = run("git", "ls-files", "--cached", folder=TOP)
    if listed.returncode:
        pytest.skip("no clone: git does not know this folder's files")
    for name in listed.stdout.splitlines():
        if (TOP / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes((TOP / name).read_bytes())
    return folder


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of a fresh environment, where an index of packages answers."""
    folder = tmp_path_factory.mktemp("fresh")
    assert run(sys.executable, "-m", "venv", folder / "venv", folder=folder).returncode == 0
    python = folder / "venv" / "bin" / "python"
    asked = run(
        *(python, "-m", "pip", "download", "--quiet", "--no-deps", "hatchling"), folder=folder
    )
    if asked.returncode:
        pytest.skip(f"no index of packages answers: {asked.stderr.strip().splitlines()[-1]}")
    return python


def installed(python: Path, folder: Path, *what: str | Path) -> dict[str, object]:
    """Install, and return what the package says of itself in an empty folder."""
    done = run(python, "-m", "pip", "install", "--quiet", *what, folder=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    folder.joinpath("empty").mkdir(exist_ok=True)
    asked = run(python, "-c", ASK, folder=folder / "empty")
    assert asked.returncode == 0, asked.stderr
    found: dict[str, object] = json.loads(asked.stdout)
    return found


def test_an_installed_package_brings_its_data(python: Path, export: Path, tmp_path: Path) -> None:
    found = installed(python, tmp_path, export)
    assert str(found["top"]).startswith(str(python.parents[1]))
    sets = {path.stem for path in (TOP / "models" / "markersets").glob("*.yaml")}
    assert set(found["marker_sets"]) == sets  # type: ignore[call-overload]
    assert int(str(found["metrics"])) > 50
    assert found["studies"] == len(list((TOP / "config" / "studies").glob("*.yaml"))) - 1
    # a laboratory's tables name its runners
    assert found["tables"] == []
    assert not (export / "build").exists()


def test_an_editable_install_reads_the_checkout(python: Path, export: Path, tmp_path: Path) -> None:
    found = installed(python, tmp_path, "-e", export)
    assert found["code"] == str(export / "scripts" / "strikelean" / "__init__.py")
    assert found["top"] == str(export)
    assert found["tables"] == ["subjects.tsv", "trials.tsv"]


def test_the_wheel_asks_for_snakemake_only_as_the_workflow(python: Path, tmp_path: Path) -> None:
    text = (
        "from importlib import metadata;"
        "print('\\n'.join(r for r in metadata.requires('strikelean') if 'snakemake' in r))"
    )
    asked = run(python, "-c", text, folder=tmp_path)
    assert asked.stdout.strip().endswith('extra == "workflow"') or "extra == 'workflow'" in (
        asked.stdout
    )
