"""The page's script: every file parses, and none does what a page without a network must not."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from strikelean.report.page_data import SCRIPT_NAMES, SCRIPTS, script_text

FILES = sorted(SCRIPTS.glob("*.js"))
# what a file may not hold, and why
FORBIDDEN = {
    r"\binnerHTML\b|\bouterHTML\b|insertAdjacentHTML|document\.write": "a name becomes markup",
    r"\bfetch\s*\(|XMLHttpRequest|WebSocket|EventSource|sendBeacon": "a request",
    r"\bimport\b(?!ant)\s*[\w({\"'*]|\brequire\s*\(|importScripts": "needs another file",
    r"\beval\s*\(|new Function\b|set(?:Timeout|Interval)\s*\(\s*[\"'`]": "text becomes code",
    r"\bconsole\.|\bdebugger\b|\balert\s*\(": "left over from a search for a fault",
    r"\blocalStorage\b|\bsessionStorage\b|document\.cookie": "keeps something of the reader's",
    r"\bvar\s": "let or const",
    r"[^=!]==[^=]|!=[^=]": "compares unlike kinds",
}
ADDRESS = re.compile(r"\b[a-z]+://[^\s\"'`)]+|[\"'`]//\w[^\s\"'`]*")
KNOWN_HOSTS = ("http://www.w3.org/", "https://doi.org/")
# version of the linter, and what it may complain of
ESLINT = "eslint@9.39.1"
RULES = {
    "no-undef": "error",
    "no-unused-vars": ["error", {"varsIgnorePattern": "^page$"}],
    "no-implicit-globals": "off",
    "prefer-const": "error",
    "no-var": "error",
    "eqeqeq": "error",
    "no-redeclare": "error",
    "no-unreachable": "error",
    "no-fallthrough": "error",
    "no-dupe-keys": "error",
    "no-self-compare": "error",
    "no-loop-func": "error",
    "consistent-return": "error",
    "no-implied-eval": "error",
    "no-eval": "error",
}
BROWSER = (
    "atob", "module",
    "document", "window", "location", "history", "navigator", "performance", "matchMedia",
    "requestAnimationFrame", "cancelAnimationFrame", "setTimeout", "clearTimeout", "setInterval",
    "clearInterval", "getComputedStyle", "URL", "URLSearchParams", "Blob", "Image",
    "XMLSerializer", "DOMParser", "Event", "CustomEvent", "Node", "NodeFilter",
    "IntersectionObserver", "ResizeObserver", "SVGElement", "HTMLElement", "Element",
    "KeyboardEvent",
)  # fmt: skip


def bare(text: str) -> str:
    """Return a script without its comments, addresses in its strings left whole."""
    text = re.sub(r"/\*.*?\*/", lambda found: "\n" * found[0].count("\n"), text, flags=re.DOTALL)
    return re.sub(r"(?<![:\"'`])//.*$", "", text, flags=re.MULTILINE)


def test_every_file_is_part_of_the_page_once() -> None:
    assert {path.name for path in FILES} == set(SCRIPT_NAMES)
    assert len(set(SCRIPT_NAMES)) == len(SCRIPT_NAMES)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_file_is_strict_and_says_what_it_is_for(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("// ")
    assert next(line for line in lines if line and not line.startswith("//")) == '"use strict";'
    assert max(map(len, lines)) <= 140
    assert not [line for line in lines if line != line.rstrip() or "\t" in line]
    assert len(lines) <= 400


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_file_does_nothing_that_a_page_of_its_own_must_not(path: Path) -> None:
    found = [
        f"{path.name}:{number}: {line.strip()} ({why})"
        for number, line in enumerate(bare(path.read_text(encoding="utf-8")).splitlines(), 1)
        for pattern, why in FORBIDDEN.items()
        if re.search(pattern, line)
    ]
    assert not found
    addresses = ADDRESS.findall(path.read_text(encoding="utf-8"))
    assert not [one for one in addresses if not one.startswith(KNOWN_HOSTS)]


@pytest.mark.parametrize(
    "line",
    [
        "box.innerHTML = name;",
        'fetch("x.json")',
        "x = new XMLHttpRequest();",
        'import { x } from "./x.js";',
        "import('./x.js')",
        "console.log(1);",
        "if (a == b) return;",
        "var x = 1;",
    ],
)
def test_what_is_forbidden_is_found(line: str) -> None:
    assert any(re.search(pattern, line) for pattern in FORBIDDEN)


def test_an_address_of_a_host_is_found() -> None:
    assert ADDRESS.findall('a("https://example.org/x.js"); b("//example.org/y")')
    assert not ADDRESS.findall("const half = a / b; // a comment")


@pytest.mark.parametrize("path", [*FILES, None], ids=lambda path: path.name if path else "whole")
def test_the_script_parses(path: Path | None, tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("no node to parse the page's script with")
    if path is None:
        path = tmp_path / "whole.js"
        path.write_text(str(script_text()), encoding="utf-8")
    done = subprocess.run(
        [node, "--check", str(path)], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.long
def test_eslint_has_no_complaint(tmp_path: Path) -> None:
    """The files as the page has them, one after the other: names of one are known to the next."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("no npm to fetch eslint with")
    fetched = subprocess.run(
        [npm, "install", "--no-save", "--no-audit", "--no-fund", "--silent", ESLINT],
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    if fetched.returncode:
        pytest.skip(f"npm could not fetch {ESLINT}")
    known = dict.fromkeys(BROWSER, "readonly")
    asked = [{"languageOptions": {"sourceType": "script", "globals": known}, "rules": RULES}]
    settings = f"module.exports = {json.dumps(asked)};\n"
    (tmp_path / "eslint.config.cjs").write_text(settings, encoding="utf-8")
    (tmp_path / "whole.js").write_text(str(script_text()), encoding="utf-8")
    done = subprocess.run(
        [str(tmp_path / "node_modules/.bin/eslint"), "whole.js"],
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
