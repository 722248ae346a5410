"""Studies, claims and techniques as files: what is taken, what is refused, in which words."""

from __future__ import annotations

import math
import shutil
from pathlib import Path

import pytest
import yaml

from strikelean.config.problems import ConfigMistakesError
from strikelean.declarations import (
    FREE,
    IMPOSED,
    KEPT,
    UNDECLARED,
    WITHHELD,
    Declaration,
    status_in,
)
from strikelean.loads.metrics_list import read_metrics_list
from strikelean.studies.definitions import metric_units
from strikelean.studies.inputs import primary_metrics
from strikelean.studies.reading import (
    check_studies,
    read_claims,
    read_studies,
    study_problems,
)
from strikelean.studies.techniques import read_techniques
from study_cohorts import CLAIMS_FILE, SCHEMAS, STUDY_FILES

NAMES = [path.stem for path in STUDY_FILES]
STUDIES = {study.name: study for study in read_studies(STUDY_FILES, SCHEMAS)}
CLAIMS = read_claims(CLAIMS_FILE, SCHEMAS, NAMES)
ASKED_FOR = {
    "Santos2016", "TengPowers2014", "TengPowers2015", "VannattaKernozek2015", "Xu2021", "Braun2024",
    "HubertiHayes1984", "Powers2003", "Willson2014", "DiMichele2014", "Kulmala2013",
}  # fmt: skip


def test_units_by_lines_are_those_of_the_list() -> None:
    listed = read_metrics_list(SCHEMAS / "metrics.yaml")
    assert metric_units(SCHEMAS) == {name: metric.unit for name, metric in listed.items()}


def test_delivered_studies_and_claims_have_no_mistake() -> None:
    assert study_problems([*STUDY_FILES, CLAIMS_FILE], SCHEMAS) == []
    check_studies([*STUDY_FILES, CLAIMS_FILE], SCHEMAS)
    assert set(STUDIES) >= ASKED_FOR
    assert len(primary_metrics(list(STUDIES.values()), CLAIMS)) > 50


def test_no_figure_that_nobody_verified_is_delivered() -> None:
    levels = {effect.evidence_level for study in STUDIES.values() for effect in study.effects}
    assert levels <= {"full_text", "abstract", "derived", "secondary", "title_only"}
    text = "".join(path.read_text(encoding="utf-8") for path in STUDY_FILES)
    assert "unverified" not in text


def test_a_known_conflict_stands_in_both_studies() -> None:
    found = {
        name: effect.direction
        for name in ("VannattaKernozek2015", "Santos2016")
        for effect in STUDIES[name].effects
        if effect.metrics == ("knee_flexion_angle_contact",)
    }
    assert found == {"VannattaKernozek2015": "increase", "Santos2016": "decrease"}


def test_only_the_title_of_kulmala_was_read_so_it_has_no_size() -> None:
    for effect in STUDIES["Kulmala2013"].effects:
        assert effect.evidence_level == "title_only"
        assert math.isnan(effect.effect)


def test_published_groups_give_size_and_nothing_else_may() -> None:
    (effect,) = STUDIES["DiMichele2014"].effects
    assert effect.effect == pytest.approx(-0.014)


def test_there_are_eighteen_claims_in_order_each_with_words_and_a_way_to_be_judged() -> None:
    listed = CLAIMS.claims
    assert [claim.id for claim in listed] == list(range(1, 19))
    for claim in listed:
        assert claim.mechanism
        assert claim.source_check
        assert bool(claim.primary) != bool(claim.not_testable)
        assert bool(claim.primary) == bool(claim.because)
        assert all(len(test.metrics) == 1 for test in claim.primary)
        assert len(set(claim.metrics[: len(claim.primary)])) <= 3
        for metric in claim.metrics:
            assert CLAIMS.smallest_of(metric).reason
    assert "both directions" in listed[16].source_check
    assert {t.contrast.name for t in listed[11].primary} == {"forefoot", "forefoot_lean"}


def test_sizes_that_the_article_names_are_asked_for() -> None:
    asked = {
        claim.id: {(test.size, test.within) for test in claim.primary if test.size > 0.0}
        for claim in CLAIMS.claims
    }
    assert {number: sizes for number, sizes in asked.items() if sizes}.keys() == {12, 13}
    assert asked[13] == {(6.0, 3.0)}
    ((size, within),) = asked[12]
    assert size == 15.0
    assert math.isnan(within)
    # a flat foot has the most of itself on the ground, so the angle counts by its size
    assert all(test.contrast.absolute for test in CLAIMS.claims[14].primary)


def test_what_was_not_observed_is_not_asked() -> None:
    # stability (5), a twisting load (11), valgus of a hinge (16), contact pressure (17)
    assert {claim.id for claim in CLAIMS.claims if claim.not_testable} == {5, 11, 16, 17}
    assert not any("torsion" in metric for claim in CLAIMS.claims for metric in claim.metrics)


class Folder:
    """A copy of the studies to spoil."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for path in (*STUDY_FILES, CLAIMS_FILE):
            shutil.copy(path, folder)

    def told(self) -> list[str]:
        return [str(p) for p in study_problems(sorted(self.folder.glob("*.yaml")), SCHEMAS)]

    def edit(self, name: str, old: str, new: str) -> list[str]:
        path = self.folder / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        told = self.told()
        path.write_text(text, encoding="utf-8")
        return told


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


OWN = {
    "study": "Mine2030",
    "citation": "Somebody 2030",
    "population": "club runners",
    "n": 12,
    "design": "within_runners",
    "contrasts": {
        "forefoot": {"label": "forefoot", "from": "heel_strike", "to": "forefoot_upright"}
    },
    "effects": [
        {
            "contrast": "forefoot",
            "variable": "knee moment",
            "metrics": ["knee_extension_moment_peak_per_kg"],
            "direction": "decrease",
            "effect": -10,
            "unit": "%",
            "evidence_level": "full_text",
        }
    ],
}


def test_a_user_adds_a_study_by_adding_one_file(folder: Folder) -> None:
    path = folder.folder / "Mine2030.yaml"
    path.write_text(yaml.safe_dump(OWN), encoding="utf-8")
    assert folder.told() == []
    (study,) = read_studies([path], SCHEMAS)
    assert study.effects[0].effect == -10.0
    assert study.family == "Mine2030"


def test_a_misspelt_metric_is_refused_with_a_suggestion(folder: Folder) -> None:
    (text,) = folder.edit("DiMichele2014.yaml", "[contact_time]", "[contact_tiem]")
    assert "DiMichele2014.yaml, effects[1].metrics: expected a metric, found 'contact_tiem'" in text
    assert "Did you mean 'contact_time'?" in text
    spoilt = folder.folder / "DiMichele2014.yaml"
    spoilt.write_text(spoilt.read_text().replace("[contact_time]", "[contact_tiem]"))
    with pytest.raises(ConfigMistakesError, match="Did you mean 'contact_time'"):
        read_studies([spoilt], SCHEMAS)


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        (
            "Xu2021.yaml",
            "evidence_level: abstract",
            "evidence_level: unverified",
            "one of full_text",
        ),
        ("Xu2021.yaml", "direction: decrease", "direction: down", "one of increase, decrease"),
        ("Xu2021.yaml", "    variable:", "    variabel:", "Did you mean 'variable'?"),
        ("Xu2021.yaml", "effect: -1.84", "effect: 1.84", "a size that is a decrease"),
        ("Xu2021.yaml", "ci: [-2.29, -1.38]", "ci: [-1.38, -1.0]", "an interval around -1.84"),
        ("Xu2021.yaml", "study: Xu2021", "study: Xu2020", "the file's own name, 'Xu2021'"),
        (
            "Xu2021.yaml",
            "  - contrast: forefoot",
            "  - contrast: forefot",
            "Did you mean 'forefoot'?",
        ),
        (
            "Xu2021.yaml",
            "between: strike_class",
            "between: strike_clas",
            "strike_class or a metric",
        ),
        ("Braun2024.yaml", "unit: N m s/(kg km)", "unit: N m s", "Theirs: N m s/(kg km)"),
        (
            "Braun2024.yaml",
            "dose: {metric: trunk",
            "dose: {metric: trnk",
            "Did you mean 'trunk_lean",
        ),
        (
            "TengPowers2014.yaml",
            "predictor: trunk",
            "between: trunk",
            "a contrast with a predictor",
        ),
        (
            "DiMichele2014.yaml",
            "    unit: s",
            "    effect: -1\n    unit: s",
            "nothing beside groups",
        ),
        ("claims.yaml", "  - id: 7", "  - id: 8", "7, in order"),
        (
            "claims.yaml",
            "studies: [Santos2016]",
            "studies: [Santoss2016]",
            "Did you mean 'Santos2016'?",
        ),
        (
            "claims.yaml",
            "metrics: [step_width]}",
            "metrics: [step_with]}",
            "Did you mean 'step_width'?",
        ),
        (
            "claims.yaml",
            "metrics: [step_width]}",
            "metrics: [step_width, contact_time]}",
            "one metric an entry",
        ),
        ("claims.yaml", "size: 15,", "size: 4,", "at least 5, the smallest that matters"),
        ("claims.yaml", "    because: it is what the sentence says\n", "", "why these decide"),
        ("claims.yaml", "    unit: deg", "    unit: rad", "a smallest effect of"),
        (
            "claims.yaml",
            "metrics: [contact_time]\n    percent",
            "metrics: [step_time]\n    percent",
            "none for contact_time",
        ),
        ("claims.yaml", "expected: decrease", "expected: lower", "one of increase, decrease"),
    ],
)
def test_a_mistake_is_told_with_its_place(
    folder: Folder, name: str, old: str, new: str, words: str
) -> None:
    told = folder.edit(name, old, new)
    assert told
    assert any(words in text and name in text for text in told), told


def test_every_mistake_is_told_at_once(folder: Folder) -> None:
    for name, old, new in (
        ("Xu2021.yaml", "metrics: [ground_impact", "metrics: [ground_impct"),
        ("Braun2024.yaml", "design: within_runners", "design: within"),
    ):
        path = folder.folder / name
        path.write_text(path.read_text().replace(old, new, 1), encoding="utf-8")
    (folder.folder / "Broken.yaml").write_text("a: [1", encoding="utf-8")
    told = " ".join(folder.told())
    for words in ("Xu2021.yaml", "Braun2024.yaml", "Broken.yaml, the file"):
        assert words in told


def test_techniques_declare_by_patterns_and_may_hold_more(tmp_path: Path) -> None:
    path = tmp_path / "forefoot.yaml"
    path.write_text(
        "condition: forefoot_upright\nimposed: [foot_strike_*]\nkept: [contact_time, '*_rate_*']\n"
        "scale: 1.0\n",
        encoding="utf-8",
    )
    techniques = read_techniques([path], SCHEMAS)
    found = {
        metric: status_in(techniques, "forefoot_upright", metric)
        for metric in ("foot_strike_angle_contact", "contact_time", "achilles_force_peak_bw")
    }
    assert list(found.values()) == [IMPOSED, KEPT, FREE]
    assert status_in(techniques, "lean", "contact_time") == UNDECLARED
    both = Declaration("lean", ("trunk_*",), ("*_contact", "trunk_lean"), ("hip_*",))
    statuses = [both.status(name) for name in ("trunk_lean", "hip_contact", "knee_contact", "knee")]
    assert statuses == [IMPOSED, WITHHELD, KEPT, FREE]
    path.write_text("condition: lean\nimposed: [trunk_laen_*]\nkept: []\n", encoding="utf-8")
    with pytest.raises(ConfigMistakesError, match="a pattern of metrics, found 'trunk_laen_"):
        check_studies([], SCHEMAS, [path])
    path.write_text("condition: forefoot_upright\nimposed: all\n", encoding="utf-8")
    with pytest.raises(ConfigMistakesError, match="kept"):
        read_techniques([path], SCHEMAS)
