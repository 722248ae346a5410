"""The page: what it says about cohorts of every kind, and that it never says more."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from made_page import METRICS_LIST, Cohort, classes, page_files, settings
from strikelean.formats.hdf5 import Waveform
from strikelean.loads.metrics_list import read_metrics_list
from strikelean.report.digits import interval, interval_decimals, number, probability, signed
from strikelean.report.figures import Panel, group_curves, mean_and_spread
from strikelean.report.groups import page_groups, reached_strikes, strike_class
from strikelean.report.methods import methods
from strikelean.report.page import write_report
from strikelean.report.parts import is_whole
from strikelean.report.pictures import strike_picture
from strikelean.report.plans import PLANS
from strikelean.report.runners import warning_rows
from strikelean.report.tables import KEY_METRICS, comparison_tables
from strikelean.studies.cohort import STRIKE_ANGLE, build_cohort
from strikelean.studies.compare import comparisons

INVISIBLE = re.compile(r"<svg.*?</svg>|<style.*?</style>|<script.*?</script>", flags=re.DOTALL)


class Outline(HTMLParser):
    """Sections, figures and tables of a page, and whether its elements close."""

    def __init__(self, text: str) -> None:
        """Read the page."""
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.loaded: list[str] = []
        self.images: list[str] = []
        self.labels: list[str] = []
        self.headless: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        have = dict(attrs)
        if tag not in ("meta", "br", "img", "link"):
            self.open.append(tag)
        if "id" in have:
            self.ids.append(str(have["id"]))
        self.loaded += [str(have[k]) for k in ("src", "srcset") if k in have]
        if tag in ("link", "iframe", "img"):
            self.loaded.append(tag)
        if tag == "svg" and "aria-labelledby" not in have:
            self.images.append(str(have.get("aria-label") or ""))
        self.labels += str(have.get("aria-labelledby") or "").split()
        if tag == "th" and "scope" not in have:
            self.headless.append(str(self.getpos()))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element that closes itself."""
        self.handle_starttag(tag, attrs)
        if self.open and self.open[-1] == tag:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        """Close an element."""
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag


SECTIONS = [
    "answer", "where", "beside", "claims", "runners", "numbers", "what", "who", "excluded", "did",
    "loads", "compare", "published", "methods",
    "limits", "provenance",
]  # fmt: skip


def check_form(text: str) -> Outline:
    """Check what must hold of every page."""
    outline = Outline(text)
    assert not outline.open
    assert [name for name in outline.ids if name in SECTIONS] == SECTIONS
    assert len(set(outline.ids)) == len(outline.ids)
    assert not outline.loaded, "the page must need nothing beside it"
    assert not re.search(r"url\((?!#)", text)
    assert all(len(alt) > 40 for alt in outline.images)
    assert set(outline.labels) <= set(outline.ids)
    assert not outline.headless
    visible = INVISIBLE.sub("", text)
    assert not re.search(r"\bnan\b|\binf\b|>\s*None\s*<", visible)
    return outline


def test_page_of_two_classes_has_every_section_figure_and_number(tmp_path: Path) -> None:
    text = Cohort(tmp_path, classes()).page()
    outline = check_form(text)
    assert len(outline.images) == len(PLANS) + 1
    assert text.count("What you should see.") == len(PLANS) + 1
    assert "3 runners rearfoot, 3 forefoot" in text
    assert "These are few." in text
    assert "No trial was excluded." in text
    assert "1 metrics rest on that (lumbar extension)" in text
    assert "OpenSim 4.6" in text and "abc123" in text
    assert ">000<" in text  # a runner's name is text, not a number


def test_page_says_so_when_every_trial_is_excluded(tmp_path: Path) -> None:
    cohort = Cohort(tmp_path, [])
    cohort.quality = pd.DataFrame(
        [{"subject": "A", "trial": "run1", "included": "no", "reason": "no <plate> & no hope"}],
        columns=["subject", "trial", "included", "reason", "warnings"],
    )
    text = cohort.page()
    outline = check_form(text)
    assert not outline.images
    assert "No trial could be used." in text
    assert "no &lt;plate&gt; &amp; no hope" in text
    assert "Nothing can be compared" in text


def test_page_of_one_runner_compares_nothing(tmp_path: Path) -> None:
    text = Cohort(tmp_path, [("A", "run1", "", 3.0)]).page()
    check_form(text)
    assert "1 real runner, recorded." in text
    assert "1 trial in use" in text
    assert "Nothing can be compared" in text
    assert "No regression on foot-strike angle is possible" in text


def test_one_runner_in_two_conditions_is_shown_by_condition(tmp_path: Path) -> None:
    runs = [("A", "run1", "heel_strike", 15.0), ("A", "run2", "forefoot_lean", -5.0)]
    text = Cohort(tmp_path, runs).page()
    check_form(text)
    assert "heel strike (n = 1), forefoot lean (n = 1)" in text
    # compared with themself alone: no test, no standardised difference
    assert "One runner in both conditions, which says nothing of runners in general" in text
    assert "Hedges" not in text and "paired t-tests" not in text
    assert "over their own steps" in text


def test_conditions_within_runners_get_a_table_each_and_paired_words(tmp_path: Path) -> None:
    conditions = {"heel_strike": 15.0, "forefoot_upright": -3.0, "forefoot_lean": -4.0}
    runs = [
        (subject, name, name, angle + place)
        for place, subject in enumerate("ABC")
        for name, angle in conditions.items()
    ]
    text = Cohort(tmp_path, runs).page()
    check_form(text)
    for pair in ("Forefoot upright against heel strike", "Forefoot lean against forefoot upright"):
        assert f">{pair}</h4>" in text
    assert "each in both conditions" in text
    assert "paired t-tests" in text and "g_av" in text
    assert "Groups of runners differ in more" not in text


def test_page_without_the_knee_of_three_rotations_leaves_it_out(tmp_path: Path) -> None:
    cohort = Cohort(tmp_path, classes())
    unknown = Waveform(np.full((2, 101), np.nan), "deg", "", "", "measured")
    for place in list(cohort.waveforms):
        if place.endswith(("knee_adduction_angle", "knee_internal_rotation_angle")):
            cohort.waveforms[place] = unknown
    text = cohort.page(knee3=False)
    outline = check_form(text)
    assert len(outline.images) == len(PLANS)
    assert "Knee out of the plane" not in text
    assert "Knee adduction and rotation were not computed" in text
    assert "Grood" not in text


def test_methods_follow_the_settings() -> None:
    tools = settings(accuracy=1e-6) | {"engine": "opensim"}
    stock = " ".join(methods(tools, {}, paired=False))
    assert "with OpenSim's solver at accuracy 1e-06" in stock
    assert "versions of the software were not recorded" in stock
    assert "Welch" in stock
    own = settings()
    own["muscles"] |= {"passive_force": False, "capacity": "opensim_tool"}
    own["filter"] |= {"cutoff_hz": 12}
    ours = " ".join(methods(own, {"opensim": "4.6"}, paired=True))
    assert "OpenSim's solver" not in ours
    assert "filtered alike at 12 Hz" in ours
    assert "without the passive force" in ours and "left out the cosine" in ours
    assert "paired t-tests" in ours


def test_figures_are_the_same_on_every_run(tmp_path: Path) -> None:
    cohort = Cohort(tmp_path, classes(2))
    groups = page_groups(build_cohort(cohort.metrics))
    first, second = (strike_picture(groups.own) for _ in range(2))
    assert first is not None and first == second


def test_a_page_is_written_of_nothing_and_says_what_is_missing(tmp_path: Path) -> None:
    """Each table is the note of a failure, absent, or garbled."""
    note = "strikelean-failed: a bug in collect_cohort"
    (tmp_path / "metrics.csv").write_text(note, encoding="utf-8")
    (tmp_path / "cohort.h5").write_bytes(b"\x89HDF\r\n\x1a\n garbled")
    (tmp_path / "studies.csv").write_text("one,two\n1,2\n", encoding="utf-8")
    page = tmp_path / "report.html"
    write_report(page_files(tmp_path), page, "made", settings())
    text = page.read_text(encoding="utf-8")
    assert not is_whole(page)
    assert "<li>metrics.csv: a bug in collect_cohort</li>" in text
    for name in ("quality.csv", "comparisons.csv", "regressions.csv", "claims.csv", "cohort.h5"):
        assert f"<li>{name}: " in text
    assert "studies.csv: a bug in write_report: KeyError" in html.unescape(text)
    assert "No claims were judged." in text


def test_group_means_differ_by_the_difference_printed(tmp_path: Path) -> None:
    paired = [
        (subject, name, name, angle)
        for subject in "ABC"
        for name, angle in (("heel_strike", 15.0), ("forefoot_lean", -4.0))
    ]
    for runs in (classes(), paired):
        metrics = Cohort(tmp_path, runs).metrics
        own = build_cohort(metrics)
        (table,) = comparison_tables(comparisons(own, ()), {})
        row = next(r for r in table["rows"] if r["metric"] == "contact time")
        means = [float(row[name].replace("\u2212", "-")) for name in ("mean_a", "mean_b")]
        difference = float(row["difference"].replace("\u2212", "-"))
        decimals = len(row["difference"].partition(".")[2])
        assert means[1] - means[0] == pytest.approx(difference, abs=1.6 * 10.0**-decimals)


def test_bracketed_stresses_are_flagged(tmp_path: Path) -> None:
    metrics = Cohort(tmp_path, classes()).metrics
    own = build_cohort(metrics)
    name = "patellofemoral_stress_net_moment_connolly_peak"
    (table,) = comparison_tables(comparisons(own, ()), {name: 0.579})
    flags = {row["metric"]: row["bracketed"] for row in table["rows"]}
    assert flags.pop(KEY_METRICS[name]) == "58 % of steps beyond the area data"
    assert not any(flags.values())


def test_every_key_metric_is_in_the_list_of_metrics() -> None:
    assert set(KEY_METRICS) <= set(read_metrics_list(METRICS_LIST))


def test_curves_are_divided_by_mass_and_weight() -> None:
    flat = Waveform(np.full((2, 101), 700.0), "N", "", "", "measured")
    store = {"A/run1/right/force": flat, "B/run1/right/force": flat}
    groups = {"all": [("A", ["run1"]), ("B", ["run1"])]}
    for per, expected in (("", 700.0), ("mass", 10.0), ("weight", 10.0 / 9.80665)):
        curves = group_curves(store, groups, Panel("force", "", "", per=per), {"A": 70.0})
        assert curves["all"][0, 0] == pytest.approx(expected)
        # a runner of unknown mass takes part only in what is not divided
        assert len(curves["all"]) == (2 if per == "" else 1)


def test_mean_line_is_blank_where_a_runner_is_unknown() -> None:
    mean, spread = mean_and_spread(np.array([[1.0, 2.0], [3.0, np.nan]]))
    np.testing.assert_allclose(mean, [2.0, np.nan])
    np.testing.assert_allclose(spread, [np.sqrt(2.0), np.nan])
    assert np.isnan(mean_and_spread(np.array([[1.0, 2.0]]))[1]).all()


def test_warnings_that_differ_in_numbers_become_one_with_a_range() -> None:
    texts = ["RMS 0.030 m is over 0.01 m; labels R.MT1 exchanged", "RMS 0.014 m is over 0.01 m", ""]
    quality = pd.DataFrame(
        {"subject": list("ABC"), "trial": "run1", "included": "yes", "warnings": texts}
    )
    rows = warning_rows(quality)
    assert [row["text"] for row in rows] == [
        "RMS 0.014 to 0.030 m is over 0.01 m",
        "labels R.MT1 exchanged",
    ]
    assert rows[0]["trials"] == ["A run1", "B run1"]


@pytest.mark.parametrize(
    ("angle", "expected"),
    [(7.5, "rearfoot"), (7.4, "midfoot"), (-0.8, "midfoot"), (-0.9, "forefoot")],
)
def test_strike_class_by_published_limits(angle: float, expected: str) -> None:
    assert strike_class(angle) == expected


def test_digits_follow_the_interval() -> None:
    assert interval_decimals(-0.7378, 0.1934) == 2
    assert interval(-45.2, 80.7, interval_decimals(-45.2, 80.7)) == "\u221245 to 81"
    assert signed(-0.001, 1) == "0.0"
    assert number(float("nan")) == "\u2013"
    assert number(1234.5) == "1234"
    assert [probability(p) for p in (0.0004, 0.0123, 0.5)] == ["< 0.001", "0.012", "0.50"]


def test_the_page_says_which_strike_a_condition_truly_reached() -> None:
    rows = [
        ("V01", "heel_strike", "heel_strike", side, step, STRIKE_ANGLE, angle)
        for side, angle in (("right", 15.0), ("left", 12.0))
        for step in (1, 2)
    ]
    # a foot counts with its mean, whatever its trial is called
    rows += [
        ("V01", "forefoot_upright", "forefoot_upright", "right", 1, STRIKE_ANGLE, 4.0),
        ("V01", "forefoot_upright", "forefoot_upright", "right", 3, STRIKE_ANGLE, 2.0),
        ("V01", "forefoot_upright", "forefoot_upright", "left", 2, STRIKE_ANGLE, -4.0),
    ]
    table = pd.DataFrame(
        rows, columns=["subject", "trial", "condition", "side", "step", "metric", "value"]
    )
    assert reached_strikes(table) == [
        {"condition": "heel strike", "feet": "2 rearfoot", "angles": "12.0 to 15.0"},
        {
            "condition": "forefoot upright",
            "feet": "1 midfoot, 1 forefoot",
            "angles": "\u22124.0 to 3.0",
        },
    ]
    assert reached_strikes(table.iloc[:0]) == []
