"""Settings that contradict each other are refused before anything runs, all together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from strikelean.config.problems import Problem
from strikelean.config.project import load_project
from strikelean.config.values import setting_problems

TOP = Path(__file__).parents[2]
LEAN = {"techniques": ["lean+05"]}
SWEPT = {"trunk_lean_change_deg": [0, 5]}


def delivered(**changes: dict[str, Any]) -> dict[str, Any]:
    """Return the delivered configuration with some values of some sections changed."""
    text = (TOP / "config" / "config.yaml").read_text(encoding="utf-8")
    config: dict[str, Any] = yaml.safe_load(text)
    for section, values in changes.items():
        config[section] |= values
    return config


def problems(config: dict[str, Any], *, virtual: bool) -> list[Problem]:
    return list(
        setting_problems(config, lambda path: ("config", ".".join(map(str, path))), virtual=virtual)
    )


def overground(**changes: object) -> dict[str, Any]:
    """Return what a section of virtual runners on a runway changes."""
    own = delivered()["virtual"]["runway"] | changes
    return {"virtual": {"ground": "runway", "runway": own}}


CONTRADICTIONS = [
    ({"quality": {"min_valid_steps": 11}}, "quality.min_valid_steps", False),
    ({"counterfactual": LEAN | {"strides": 2}}, "counterfactual.strides", False),
    ({"counterfactual": LEAN | {"band_strides": 6}}, "counterfactual.band_strides", False),
    ({"sweep": SWEPT | {"band_strides": 6}}, "sweep.band_strides", False),
    ({"sweep": {"band_strides": 6}}, "sweep.band_strides", True),
    ({"virtual": {"strides": 3}, "quality": {"min_valid_steps": 4}}, "virtual.strides", True),
    ({"virtual": {"band_strides": 7}}, "virtual.band_strides", True),
    (overground(aim="seam"), "virtual.runway.plates", True),
    (overground(plates=2, apart_m=0.5), "virtual.runway.apart_m", True),
    (overground(passes=11), "virtual.runway.passes", True),
    (overground(passes=5), "virtual.runway.passes", True),
    ({"muscles": {"activation_min": 0.0}}, "muscles.activation_min", True),
    ({"steps": {"margin_s": 0.05}, "filter": {"cutoff_hz": 10}}, "steps.margin_s", False),
    ({"filter": {"cutoff_hz": 30, "loading_rate_cutoff_hz": 25}},
     "filter.loading_rate_cutoff_hz", False),
    ({"recording": {"min_contact_s": 0.5}}, "recording.min_contact_s", False),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "place", "virtual"), CONTRADICTIONS)
def test_a_contradiction_is_told_where_it_is_set(
    changes: dict[str, dict[str, Any]], place: str, virtual: bool
) -> None:
    (problem,) = problems(delivered(**changes), virtual=virtual)
    assert problem.place == place
    assert problem.expected.startswith(("at least", "at most", "more than", "less than"))


def test_all_contradictions_are_told_together() -> None:
    config = delivered(
        counterfactual=LEAN | {"strides": 2, "band_strides": 4},
        sweep=SWEPT | {"band_strides": 9},
        filter={"cutoff_hz": 30, "loading_rate_cutoff_hz": 25},
    )
    places = [problem.place for problem in problems(config, virtual=False)]
    assert places == [
        "filter.loading_rate_cutoff_hz",
        "counterfactual.strides",
        "counterfactual.band_strides",
        "sweep.band_strides",
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"counterfactual": {"strides": 2, "band_strides": 6}},  # no technique is asked for
        {"sweep": {"band_strides": 6}},  # nothing is swept
        {"virtual": {"strides": 3, "band_strides": 9}, "quality": {"min_valid_steps": 4}},
        {"steps": {"contacts_per_foot": 3}, "counterfactual": LEAN},
        {"filter": {"cutoff_hz": 6}},
    ],
)
def test_what_is_not_used_contradicts_nothing(changes: dict[str, dict[str, Any]]) -> None:
    assert problems(delivered(**changes), virtual=False) == []


@pytest.mark.parametrize("virtual", [False, True])
def test_the_delivered_settings_agree(virtual: bool) -> None:
    assert problems(delivered(), virtual=virtual) == []


@pytest.mark.parametrize(
    "path", sorted((TOP / "config" / "examples").glob("*/config.yaml")), ids=lambda p: p.parent.name
)
def test_the_settings_of_the_examples_agree(path: Path) -> None:
    over = yaml.safe_load(path.read_text(encoding="utf-8"))
    sections = {key: value for key, value in over.items() if isinstance(value, dict)}
    assert problems(delivered(**sections), virtual=False) == []


@pytest.mark.parametrize("broken", [{"filter": {"cutoff_hz": "fast"}}, {"sweep": None}, {}])
def test_what_the_schema_has_told_is_not_told_again(broken: dict[str, Any]) -> None:
    assert problems(delivered() | broken, virtual=True) == []


HEADERS = (
    "subject\tmass_kg\theight_m\tsex\tstatic_file\tmodel\tmarker_set\n",
    "subject\ttrial\tfiles\tcondition\tspeed_m_s\tbelt_speed_m_s\tstart_s\tend_s\n",
)
CONDITIONS = ("heel_strike", "forefoot_lean", "toe", "forefoot_upright", "brisk")


@settings(deadline=None, max_examples=10)
@given(st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, chance: Any
) -> None:
    folder = tmp_path_factory.mktemp("order")
    (folder / "a.c3d").touch()
    subjects = [f"{name}\t60\t1.7\tF\ta.c3d\trajagopal2016\trbds\n" for name in ("c", "a", "b")]
    trials = [
        f"{name}\t{condition}{number}\ta.c3d\t{condition}\t3.5\t\t\t\n"
        for name in ("c", "a", "b")
        for condition in CONDITIONS
        for number in (2, 1)
    ]
    orders = []
    for shuffled in (False, True):
        if shuffled:
            chance.shuffle(subjects)
            chance.shuffle(trials)
        config = delivered(counterfactual=LEAN) | {"data_root": str(folder)}
        for name, header, rows in zip(
            ("subjects", "trials"), HEADERS, (subjects, trials), strict=True
        ):
            path = folder / f"{name}.tsv"
            path.write_text(header + "".join(rows), encoding="utf-8")
            config["tables"][name] = str(path)
        project = load_project(config, TOP, [TOP / "config" / "config.yaml"])
        orders.append((list(project.subjects), list(project.trials)))
    assert orders[0] == orders[1]
    assert orders[0][0] == ["a", "b", "c"]
    assert orders[0][1][:3] == [
        ("a", "heel_strike1"),
        ("a", "heel_strike2"),
        ("a", "forefoot_upright1"),
    ]
    # what is derived follows what was recorded
    assert orders[0][1][-1] == ("c", "heel_strike2~lean+05")
