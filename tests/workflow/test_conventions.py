"""Rule, script and log share one name; directives keep one order; scripts stay thin."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]
ORDER = [
    "input",
    "output",
    "params",
    "log",
    "threads",
    "resources",
    "message",
    "script",
]
RULES = {
    match[1]: match[0]
    for path in sorted((TOP / "rules").glob("*.smk"))
    for match in re.finditer(r"^rule (\w+):\n(?:(?:    .*)?\n)+", path.read_text("utf-8"), re.M)
}
SCRIPTS = [path for path in (TOP / "scripts").glob("*.py") if path.stem in RULES]


def test_every_rule_is_found() -> None:
    assert len(RULES) == 31
    assert {path.stem for path in SCRIPTS} == set(RULES)


def test_no_script_is_without_a_rule() -> None:
    others = {path.stem for path in (TOP / "scripts").glob("*.py")} - set(RULES)
    assert others == {
        "stage",
        "trial_job",
        "check_machine",
        "make_environment",
        "headless",
        "warm_cache",
        "benchmark_engines",
        "compare_moco",
        "debug_job",
        "compare_results",
        "photograph_page",
        "draft_study",
        "draw_markersets",
        "tabulate_claims",
        "compare_markersets",
        "export_virtual",
    }


@pytest.mark.parametrize("name", RULES)
def test_rule_has_every_directive_in_order_under_one_name(name: str) -> None:
    text = RULES[name]
    assert re.findall(r"^    (\w+):", text, re.MULTILINE) == ORDER
    assert f'script:\n        "../scripts/{name}.py"' in text
    assert re.search(rf'log:\n        "logs/{{cohort}}/.*{name}\.log"', text)
    assert f'code=code_of("{name}")' in text
    assert "threads: 1\n" in text
    memory = re.search(r"mem_mb=(\d+)", text)
    assert memory is not None
    assert int(memory[1]) <= 2048
    assert re.search(rf'message:\n        "\[.*\] {name}: ', text)


@pytest.mark.parametrize("name", RULES)
def test_tables_are_never_an_input(name: str) -> None:
    # a rule may write tables for others to fill in or to run as their own
    text = re.sub(r"    output:\n(?:        .*\n)+", "", RULES[name])
    assert "tables" not in text
    assert ".tsv" not in text.split("log:")[0]


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_scripts_are_thin(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) < 100
    assert "run_stage(snakemake, main" in text
    assert text.startswith('"""')


def test_library_knows_nothing_of_snakemake() -> None:
    for path in (TOP / "scripts" / "strikelean").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"^\s*(import|from) (snakemake|stage)\b", text, re.M), path.name


def test_modules_stay_below_400_lines() -> None:
    long = {
        path.name: len(path.read_text(encoding="utf-8").splitlines())
        for path in (TOP / "scripts").rglob("*.py")
    }
    assert not {name: count for name, count in long.items() if count >= 400}
