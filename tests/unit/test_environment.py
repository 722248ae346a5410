"""The three lists of packages agree, and a machine that cannot run the engine is told so."""

from __future__ import annotations

import re
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import check_machine

TOP = Path(__file__).parents[2]
PROJECT = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))
FITTING = {
    "python": (3, 11),
    "system": "Linux",
    "machine": "x86_64",
    "glibc": "2.36",
    "macos": "",
    "has_venv": True,
}


def asked_for() -> list[str]:
    """Return what the library asks for and what the rules ask for besides."""
    project = PROJECT["project"]
    return [*project["dependencies"], *project["optional-dependencies"]["workflow"]]


def pins(lines: list[str]) -> dict[str, str]:
    """Return ``{package: version}`` of lines ``package==version``; anything else fails."""
    found = {}
    for line in lines:
        match = re.fullmatch(r"([A-Za-z0-9._-]+)==([A-Za-z0-9.+!]+)", line)
        assert match, f"not a plain pin: {line}"
        found[canonicalize_name(match[1])] = match[2]
    return found


def pinned_in(name: str) -> dict[str, str]:
    lines = (TOP / name).read_text(encoding="utf-8").splitlines()
    return pins([line.strip() for line in lines if line.strip() and not line.startswith("#")])


@pytest.fixture(scope="module")
def requirements() -> dict[str, str]:
    return pinned_in("requirements.txt")


def test_environment_yml_has_the_pins_of_requirements_txt(requirements: dict[str, str]) -> None:
    document = yaml.safe_load((TOP / "environment.yml").read_text(encoding="utf-8"))
    sections = [entry["pip"] for entry in document["dependencies"] if isinstance(entry, dict)]
    assert "python=3.11" in document["dependencies"]
    assert len(sections) == 1
    assert pins(sections[0]) == requirements


def test_what_pyproject_asks_for_is_pinned_within_its_bounds(requirements: dict[str, str]) -> None:
    for text in (*asked_for(), *PROJECT["dependency-groups"]["dev"]):
        wanted = Requirement(text)
        pin = requirements.get(canonicalize_name(wanted.name))
        assert pin is not None, f"{wanted.name} is not pinned"
        assert wanted.specifier.contains(pin), f"{wanted} does not allow {pin}"


def test_every_import_of_the_library_is_asked_for_by_name() -> None:
    asked = {canonicalize_name(Requirement(text).name) for text in asked_for()}
    by_module = metadata.packages_distributions()
    pattern = re.compile(r"^\s*(?:import|from)\s+([A-Za-z0-9_]+)", re.MULTILINE)
    modules = {
        name
        for path in (TOP / "scripts").rglob("*.py")
        for name in pattern.findall(path.read_text(encoding="utf-8"))
    }
    needed = {canonicalize_name(by_module[name][0]) for name in modules if name in by_module}
    # what only the pictures of the page need is no part of the library
    browser = {canonicalize_name(name) for name in PROJECT["dependency-groups"]["browser"]}
    assert needed <= asked | browser | {"pip", "setuptools"}


def test_installed_packages_are_the_pinned_ones(requirements: dict[str, str]) -> None:
    wrong = {}
    for name, version in requirements.items():
        try:
            installed = metadata.version(name)
        except metadata.PackageNotFoundError:
            installed = "nothing"
        if installed != version:
            wrong[name] = (version, installed)
    assert not wrong


def test_what_the_browser_needs_is_pinned_apart_from_the_environment(
    requirements: dict[str, str],
) -> None:
    browser = pinned_in("requirements-browser.txt")
    assert set(browser) == set(PROJECT["dependency-groups"]["browser"])
    assert not set(browser) & set(requirements)


def test_no_package_list_names_a_host() -> None:
    for name in ("requirements.txt", "requirements-browser.txt", "environment.yml"):
        text = (TOP / name).read_text(encoding="utf-8")
        assert "://" not in text
        assert "--" not in text


def test_fitting_machine_has_no_complaint() -> None:
    assert check_machine.complaint(**FITTING) == ""


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"python": (3, 14)}, "Python 3.14"),
        ({"python": (3, 10)}, "Python 3.10"),
        ({"machine": "aarch64"}, "aarch64"),
        ({"glibc": "2.17"}, "glibc 2.17"),
        ({"glibc": ""}, "another C library"),
        ({"system": "Darwin", "machine": "arm64", "macos": "14.5"}, "macOS 14.5"),
        ({"system": "Windows"}, "Windows"),
        ({"has_venv": False}, "venv"),
    ],
)
def test_machine_without_a_wheel_gets_one_line(change: dict[str, object], word: str) -> None:
    text = check_machine.complaint(**{**FITTING, **change})
    assert word in text
    assert "\n" not in text
    assert text.startswith("expected ")


def test_newer_macos_on_arm_fits() -> None:
    mac = {"system": "Darwin", "machine": "arm64", "glibc": "", "macos": "15.2"}
    assert check_machine.complaint(**{**FITTING, **mac}) == ""
