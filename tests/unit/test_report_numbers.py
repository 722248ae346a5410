"""All numbers on the page: collapsed, reachable, and nothing printed that is no finding."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from made_page import Cohort
from strikelean.loads.metrics_table import METRIC_COLUMNS
from strikelean.report.digits import interval, interval_decimals, rounded
from strikelean.report.figures import COLOURS, DASHES, MARKS, SMALLEST, as_svg, draw_strikes
from strikelean.report.groups import page_groups
from strikelean.report.page_data import script_text
from strikelean.report.runners import did_rows, weak_muscles_words
from strikelean.report.studies import study_groups
from strikelean.report.tables import KEY_METRICS, answers_question, comparison_tables
from strikelean.studies.cohort import STRIKE_ANGLE, build_cohort
from strikelean.studies.compare import COMPARISON_COLUMNS, bracketed_shares
from strikelean.studies.definitions import metric_units
from strikelean.studies.reading import read_studies
from study_cohorts import SCHEMAS, STUDY_FILES

NAN = float("nan")
AREA = "patellofemoral_stress_net_moment_connolly_peak"
CONDITIONS = {"heel_strike": 15.0, "forefoot_upright": 4.0, "lean": 15.0}


def runs(subjects: str = "ABC") -> list[tuple[str, str, str, float]]:
    """Return runs of every subject in every condition, a degree apart."""
    return [
        (subject, name, name, angle + place)
        for place, subject in enumerate(subjects)
        for name, angle in CONDITIONS.items()
    ]


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the page of virtual runners in three conditions."""
    yield Cohort(tmp_path_factory.mktemp("page"), runs(), virtual=True).page()


def compared(metric: str = "contact_time", **told: Any) -> dict[str, Any]:
    """Return a row of comparisons.csv of virtual runners."""
    return {
        **dict.fromkeys(COMPARISON_COLUMNS, NAN),
        "metric": metric, "unit": "s", "condition_a": "heel_strike", "condition_b": "lean",
        "design": "within_runners", "n_a": 3, "n_b": 3, "mean_a": 0.2, "mean_b": 0.19,
        "difference": -0.01, "band_low": -0.012, "band_high": -0.008,
        "virtual": True, "predicted": True, "imposed": False, "kept": False, "follows": False,
        **told,
    }  # fmt: skip


def tables(*rows: dict[str, Any]) -> list[dict[str, Any]]:
    return comparison_tables(pd.DataFrame(list(rows), columns=list(COMPARISON_COLUMNS)), {})


def test_a_techniques_band_is_no_bracket_of_an_area_curve() -> None:
    def told(condition: str, basis: str, metric: str, high: float) -> dict[str, Any]:
        cells = ("A", condition, condition, "right", 1, metric, 1.0, NAN, high, "s", basis)
        return dict(zip(METRIC_COLUMNS, cells, strict=False))

    rows = [
        told("heel_strike", "virtual", "contact_time", NAN),
        told("lean", "virtual", "contact_time", 1.1),
        told("lean", "predicted", "contact_time", 1.1),
        told("heel_strike", "virtual", AREA, 1.2),
        told("lean", "virtual", AREA, 1.2),
        told("habit", "measured", AREA, NAN),
    ]
    assert bracketed_shares(pd.DataFrame(rows)) == {"contact_time": 0.0, AREA: 0.5}


def test_what_a_technique_sets_keeps_or_implies_has_no_number() -> None:
    (table,) = tables(
        compared("contact_time", kept=True),
        compared("step_rate", imposed=True),
        compared("achilles_force_cumulative_per_km_bw", follows=True),
        compared("knee_extension_moment_peak_per_kg"),
    )
    assert [row["metric"] for row in table["rows"]] == ["peak knee extension moment"]
    told = {line["why"]: line["metrics"] for line in table["untold"]}
    assert told == {
        "the technique sets it": "step rate",
        "the technique keeps it as recorded": "contact time",
        "it follows from these": "Achilles load per kilometre",
    }


def test_a_metric_that_only_other_techniques_have_is_named() -> None:
    first, second = tables(
        compared("contact_time"), compared("step_rate"),
        compared("contact_time", condition_b="cadence"),
    )  # fmt: skip
    assert not first["untold"]
    assert second["untold"] == [{"why": "not known here", "metrics": "step rate"}]


def test_pairs_shown_are_a_technique_against_the_habit_and_lean_alone() -> None:
    assert answers_question("heel_strike", "forefoot_lean")
    assert answers_question("forefoot_upright", "forefoot_lean")
    assert answers_question("rearfoot", "forefoot")
    assert not answers_question("cadence", "lean")
    assert not answers_question("cadence (predicted)", "forefoot_lean")
    pairs = [("heel_strike", "lean"), ("cadence", "lean"), ("forefoot_upright", "forefoot_lean")]
    shown = tables(*(compared(condition_a=a, condition_b=b) for a, b in pairs))
    assert [(one["a"], one["b"]) for one in shown] == [
        ("heel strike", "lean"), ("forefoot upright", "forefoot lean"),
    ]  # fmt: skip
    # where nobody ran as they like, all pairs stand
    assert len(tables(compared(condition_a="cadence", condition_b="lean"))) == 1


def test_columns_of_dashes_are_left_out_where_nothing_is_tested(page: str) -> None:
    part = page[page.index('id="compare"') : page.index('id="published"')]
    headings = re.findall(r"<th scope=\"col\"[^>]*>([^<]*)</th>", part)
    assert "band" in headings
    assert not {"p", "p (Holm)", "g"} & set(headings)


def test_a_band_of_no_width_does_not_take_the_decimals() -> None:
    assert interval_decimals(0.0004124875, 0.0004124875) == 6
    decimals = interval_decimals(-0.02174722, -0.02174722)
    assert rounded(-0.02174722, decimals) == "\u22120.0217"
    assert rounded(0.2135715, decimals) == "0.2136"
    assert interval(0.0, 0.0, interval_decimals(0.0, 0.0)) == "0.00 to 0.00"


def test_sizes_in_percent_and_standardised_ones_carry_their_unit() -> None:
    studies = read_studies(STUDY_FILES, SCHEMAS)
    rows = []
    for published in ("decrease: -14 %", "decrease: -0.63 SMD", "decrease", "increase: 0.07 J/kg"):
        rows.append(
            {"study": studies[0].name, "contrast": "c", "metric": "contact_time",
             "published": published, "published_ci": "", "computed": -0.5, "ci_low": -0.6,
             "ci_high": -0.4, "band_low": NAN, "band_high": NAN, "n": "6", "ratio": 1.0,
             "verdict": "agrees", "evidence_level": "abstract"}
        )  # fmt: skip
    (group,) = study_groups(pd.DataFrame(rows), studies, metric_units(SCHEMAS))
    ends = [row["computed"].split(" ", 1)[1] for row in group["rows"]]
    assert ends == ["%", "SMD", "s", "J/kg"]


def test_strike_angles_stand_by_condition_and_never_as_their_mean(tmp_path: Path) -> None:
    made = Cohort(tmp_path, runs())
    groups = page_groups(build_cohort(made.metrics))
    rows = [row for row in did_rows(groups.means) if row["subject"] == "A"]
    assert [row["condition"] for row in rows] == ["heel strike", "forefoot upright", "lean"]
    assert [row["strike"] for row in rows] == ["rearfoot", "midfoot", "rearfoot"]
    angles = {label: own[STRIKE_ANGLE].loc["A"] for label, own in groups.own.items()}
    assert list(angles.values()) == pytest.approx([15.0, 4.0, 15.0])


def test_groups_say_which_strike_a_forefoot_condition_reached(tmp_path: Path) -> None:
    labels = list(page_groups(build_cohort(Cohort(tmp_path, runs()).metrics)).members)
    assert labels == [
        "heel strike (n = 3)", "forefoot upright, midfoot reached (n = 3)", "lean (n = 3)",
    ]  # fmt: skip
    reached = [(s, t, c, -5.0 if c == "forefoot_upright" else a) for s, t, c, a in runs()]
    labels = list(page_groups(build_cohort(Cohort(tmp_path, reached).metrics)).members)
    assert labels[1] == "forefoot upright (n = 3)"


def test_runners_are_of_the_class_of_their_own_way_of_running(tmp_path: Path) -> None:
    """What a technique made of their strike does not make them mixed."""
    groups = page_groups(build_cohort(Cohort(tmp_path, runs()).metrics))
    assert groups.classes.tolist() == ["rearfoot"] * 3


def test_figures_under_loads_stand_below_what_was_reached(page: str) -> None:
    part = page[page.index('id="loads"') : page.index('id="compare"')]
    assert "<b>forefoot upright</b>: 6 midfoot" in part
    assert "forefoot upright, midfoot reached (n = 3)" in part


def test_groups_differ_in_colour_or_dash_and_in_colour_or_mark() -> None:
    assert len({(COLOURS[n % len(COLOURS)], DASHES[n % len(DASHES)]) for n in range(12)}) == 12
    assert len({(COLOURS[n % len(COLOURS)], MARKS[n % len(MARKS)]) for n in range(12)}) == 12


def test_letters_of_a_figure_at_its_own_width_are_eleven_pixels_or_more() -> None:
    known = pd.DataFrame(
        {STRIKE_ANGLE: [15.0, -3.0], "strike_index_contact": [5.0, 60.0]}, index=["A", "B"]
    )
    figure = draw_strikes({"all": known})
    assert figure is not None
    svg = as_svg(figure, "salt", "what it shows")
    found = re.search(r'style="width: (\d+)px".*?viewBox="0 0 ([\d.]+) ', svg)
    assert found is not None
    scale = float(found[1]) / float(found[2])
    sizes = [float(size) for size in re.findall(r"font-size: ([\d.]+)px", svg)]
    assert sizes and min(sizes) >= SMALLEST
    assert min(sizes) * scale >= 11.0


def test_every_table_and_figure_has_an_id_of_its_own(page: str) -> None:
    assert all(" id=" in tag for tag in re.findall(r"<table[^>]*>", page))
    assert all(" id=" in tag for tag in re.findall(r"<figure[^>]*>", page))
    ids = re.findall(r'\bid="([^"]+)"', re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL))
    assert len(ids) == len(set(ids))
    assert len(ids) > 40


def test_whatever_scrolls_can_be_reached_by_keyboard_and_has_a_name(page: str) -> None:
    wide = re.findall(r'<div class="wide"[^>]*>', page)
    assert len(wide) > 10
    for tag in wide:
        assert 'tabindex="0"' in tag and 'role="region"' in tag
        assert re.search(r'aria-label="[^"]{8,}"', tag)
    names = re.findall(r'role="region" aria-label="([^"]+)"', page)
    assert len(names) == len(set(names))


def test_sections_are_closed_by_a_name_that_links_and_printers_open(page: str) -> None:
    parts = re.findall(r'<details class="part" id="([^"]+)">', page)
    assert parts[:3] == ["what", "who", "excluded"] and len(parts) >= 9
    assert page.index('id="numbers"') < page.index('id="what"')
    assert "details::details-content" in page
    assert 'addEventListener("beforeprint"' in script_text()


def test_claims_are_cards_with_an_address_and_a_verdict(page: str) -> None:
    cards = re.findall(
        r'<article class="claim [^"]*" id="claim-(\d+)" data-verdict="([^"]+)"', page
    )
    assert sorted(int(number) for number, _ in cards) == list(range(1, 19))
    buttons = set(re.findall(r'<button type="button" data-verdict="([^"]*)"', page))
    assert buttons == {"", *(verdict for _, verdict in cards)}
    # without a script all cards show and no button does
    assert not re.search(r'<article class="claim[^>]* hidden', page)
    assert "html:not(.scripted) .filters { display: none; }" in page


def test_weak_muscles_of_most_trials_are_told_with_the_answer() -> None:
    quality = pd.DataFrame(
        {"included": ["yes", "yes", "no"], "reserve_peak_share": [0.39, 0.97, 2.0]}
    )
    assert weak_muscles_words(quality).startswith("In 2 of 2 trials")
    assert "39 to 97 %" in weak_muscles_words(quality)
    assert weak_muscles_words(quality.assign(reserve_peak_share=0.05)) == ""
    assert weak_muscles_words(quality[["included"]]) == ""


def test_the_numbers_of_figures_are_in_the_pages_data(tmp_path: Path) -> None:
    made = Cohort(tmp_path, runs())
    text = made.page()
    block = re.search(r'id="page-data">(.*?)</script>', text, flags=re.DOTALL)
    assert block is not None
    data = json.loads(block[1])["tables"]
    figures = set(re.findall(r'data-figure="([^"]+)"', text))
    assert figures <= set(data)
    rows = data["foot-strike-angle-and-strike-index"]
    angle = {(row[0], row[1]): row[2] for row in rows[1:]}
    assert angle[("A", "heel strike (n = 3)")] == pytest.approx(15.0)
    curves = data["ground-force-and-joint-angles"]
    assert len(curves) == 102 and curves[0][0] == "stance_percent"
    values = np.array([[np.nan if v is None else v for v in row] for row in curves[1:]])
    assert values[:, 0].tolist() == list(range(101))


def test_every_key_metric_is_printed_with_a_label() -> None:
    assert all(text and "_" not in text for text in KEY_METRICS.values())
