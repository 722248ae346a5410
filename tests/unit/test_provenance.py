"""The fingerprint of a script changes with what it imports, and with nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from strikelean import provenance
from strikelean.provenance import describe_environment, library_hash, source_files

TOP = Path(__file__).parents[2]


@pytest.fixture
def scripts(tmp_path: Path) -> Path:
    files = {
        "solve.py": "from strikelean.motion.solve import solve\nimport numpy\n",
        "read.py": "from strikelean.lab import recording\n",
        "draw.py": "import strikelean.report.page\n",
        "strikelean/__init__.py": "",
        "strikelean/errors.py": "",
        "strikelean/motion/__init__.py": "",
        "strikelean/motion/solve.py": "from ..errors import Error\nfrom . import angles\n",
        "strikelean/motion/angles.py": "def lean():\n    import strikelean.signals\n",
        "strikelean/motion/unused.py": "",
        "strikelean/signals.py": "",
        "strikelean/lab/__init__.py": "",
        "strikelean/lab/recording.py": "import strikelean.errors\n",
        "strikelean/report/__init__.py": "",
        "strikelean/report/page.py": "",
        "strikelean/report/templates/page.html": "<p>",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


def hashes(scripts: Path) -> dict[str, str]:
    # a new process starts with empty caches; here they are emptied by hand
    for function in vars(provenance).values():
        if hasattr(function, "cache_clear"):
            function.cache_clear()
    return {name: library_hash(scripts / f"{name}.py") for name in ("solve", "read", "draw")}


@pytest.mark.parametrize(
    ("edited", "changed"),
    [
        ("strikelean/motion/solve.py", {"solve"}),
        ("strikelean/motion/angles.py", {"solve"}),  # relative import
        ("strikelean/signals.py", {"solve"}),  # import inside a function
        ("strikelean/motion/__init__.py", {"solve"}),
        ("strikelean/lab/recording.py", {"read"}),  # from package import module
        ("strikelean/errors.py", {"solve", "read"}),
        ("strikelean/report/templates/page.html", {"draw"}),
        ("strikelean/motion/unused.py", set()),
        ("solve.py", {"solve"}),
    ],
)
def test_an_edit_changes_what_uses_it(scripts: Path, edited: str, changed: set[str]) -> None:
    before = hashes(scripts)
    path = scripts / edited
    path.write_text(path.read_text(encoding="utf-8") + "\nx = 1\n", encoding="utf-8")
    after = hashes(scripts)
    assert {name for name in before if before[name] != after[name]} == changed


def test_what_is_imported_for_types_alone_is_never_run(scripts: Path) -> None:
    path = scripts / "strikelean" / "__init__.py"
    typed = "if TYPE_CHECKING:\n    from strikelean.report import page\n"
    lazy = f"{typed}else:\n    import strikelean.errors\n"
    path.write_text(f"from typing import TYPE_CHECKING\n{lazy}", encoding="utf-8")
    hashes(scripts)
    files = source_files(scripts / "read.py")
    assert scripts / "strikelean" / "report" / "page.py" not in files
    assert scripts / "strikelean" / "errors.py" in files


def test_the_package_gives_the_library_modules_alone() -> None:
    """What ``strikelean.__getattr__`` loads when asked for, no fingerprint can follow."""
    folder = TOP / "scripts"
    for path in folder.rglob("*.py"):
        for names in re.findall(r"^ *from strikelean import (.+)$", path.read_text("utf-8"), re.M):
            for name in names.split(" as ")[0].split(","):
                place = folder / "strikelean" / name.strip(" (")
                assert place.is_dir() or place.with_suffix(".py").is_file(), f"{path}: {name}"


def test_a_rule_depends_on_what_it_imports_and_no_more() -> None:
    names = {path.name for path in source_files(TOP / "scripts" / "scale_model.py")}
    assert "api.py" not in names
    assert "page.py" not in names


SPEAKING = '''"""What this is for."""
LIMIT = 3
"""Of what (project choice)."""

class Runner:
    """Somebody."""
    name = "anna"  # a name

    def run(self):
        """Run, and say nothing."""
        return f"{self.name}" + "fast"
'''


def hash_of(scripts: Path, text: str) -> str:
    (scripts / "strikelean" / "signals.py").write_text(text, encoding="utf-8")
    return hashes(scripts)["solve"]


def test_words_for_people_change_nothing(scripts: Path) -> None:
    words = ("What this is for.", "Of what (project choice).", "Somebody.", "say nothing", "a name")
    said = SPEAKING
    for word in words:
        assert said.count(word) == 1
        said = said.replace(word, "in other words")
    said = said.replace("        return", "        # once\n\n        return")
    bare = "LIMIT=3\nclass Runner:\n name='anna'\n def run(self): return f'{self.name}'+'fast'\n"
    assert hash_of(scripts, SPEAKING) == hash_of(scripts, said) == hash_of(scripts, bare)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("LIMIT = 3", "LIMIT = 3.0"),
        ('"anna"', '"bert"'),
        ('"fast"', '"slow"'),
        ("self.name}", "self.name!r}"),
        ("def run(self)", "def run(self, fast=True)"),
        ("return f", "yield f"),
    ],
)
def test_whatever_a_statement_says_counts(scripts: Path, before: str, after: str) -> None:
    assert SPEAKING.count(before) == 1
    assert hash_of(scripts, SPEAKING) != hash_of(scripts, SPEAKING.replace(before, after))


def test_a_docstring_alone_in_a_function_may_go(scripts: Path) -> None:
    alone = hash_of(scripts, 'def wait():\n    """Wait."""\n')
    assert alone == hash_of(scripts, 'def wait():\n    """Do nothing."""\n')


def test_a_template_deeper_down_counts_only_for_its_package(scripts: Path) -> None:
    hashes(scripts)
    assert scripts / "strikelean/report/templates/page.html" not in source_files(
        scripts / "solve.py"
    )


def test_what_is_compiled_from_modules_changes_nothing(scripts: Path) -> None:
    """A run leaves compiled code beside modules; the next run must not do all over for it."""
    before = hashes(scripts)
    for name in ("strikelean/motion/__pycache__/solve.walk-3.py311.nbi", "__pycache__/solve.pyc"):
        path = scripts / name
        path.parent.mkdir()
        path.write_bytes(b"compiled")
    assert hashes(scripts) == before


def test_every_script_of_a_rule_depends_on_the_wrapper_and_the_library() -> None:
    scripts = TOP / "scripts"
    texts = [path.read_text(encoding="utf-8") for path in (TOP / "rules").glob("*.smk")]
    rules = re.findall(r"^rule (\w+):", "\n".join(texts), re.MULTILINE)
    assert len(rules) > 20
    for script in (scripts / f"{rule}.py" for rule in rules):
        files = {path.relative_to(scripts).as_posix() for path in source_files(script)}
        assert {"stage.py", "strikelean/errors.py", "strikelean/exclusions.py"} <= files, (
            script.name
        )
        assert not any("__pycache__" in name for name in files)


def test_environment_names_the_engine_and_its_version() -> None:
    versions = describe_environment()
    assert versions["opensim"].startswith("4.6")
    assert versions["python"].count(".") == 2
