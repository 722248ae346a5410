"""Published beside computed: counted and drawn from the tables, with addresses of the sources."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd
import pytest

from strikelean.report.beside import contrast_words, counts, forests, number_rows
from strikelean.report.beside_picture import beside_part
from strikelean.report.studies import source_link
from strikelean.studies.published import STUDY_COLUMNS
from strikelean.studies.reading import read_studies
from study_cohorts import SCHEMAS, STUDY_FILES

STUDIES = read_studies(STUDY_FILES, SCHEMAS)
EFFECT = next(
    (study, effect)
    for study in STUDIES
    for effect in study.effects
    if effect.unit == "%" and effect.contrast.condition_b == "forefoot_upright"
)
NAN = float("nan")


def row(**told: Any) -> dict[str, Any]:
    """Return a row of studies.csv beside a real study's effect, its size made up."""
    study, effect = EFFECT
    start = {
        "study": study.name,
        "contrast": f"{effect.contrast.label}: {effect.variable}",
        "metric": effect.metrics[0],
        "published": "decrease: -20 %",
        "published_ci": "-30 to -10",
        "computed": -10.0,
        "band_low": -12.0,
        "band_high": -4.0,
        "covered": "no",
        "ratio": 0.5,
        "verdict": "the model's band leaves the published size out",
    }
    return start | told


def table(*rows: dict[str, Any]) -> pd.DataFrame:
    """Return a studies.csv."""
    return pd.DataFrame(list(rows), columns=list(STUDY_COLUMNS))


@pytest.mark.parametrize(
    ("source", "address"),
    [
        ("10.1234/abc.5", "https://doi.org/10.1234/abc.5"),
        ("PMID 6725318", "https://pubmed.ncbi.nlm.nih.gov/6725318/"),
        ("PMC3474309", "https://pmc.ncbi.nlm.nih.gov/articles/PMC3474309/"),
        ("a thesis", ""),
        ("", ""),
        ("javascript:alert(1)", ""),
    ],
)
def test_a_number_of_a_publication_becomes_its_address(source: str, address: str) -> None:
    assert source_link(source) == address


def test_every_study_with_a_number_has_an_address() -> None:
    known = [study.source for study in STUDIES if re.match(r"10\.|PM", study.source)]
    assert len(known) > 15
    assert all(source_link(source).startswith("https://") for source in known)


def test_sizes_outside_the_band_are_counted_from_the_table() -> None:
    frame = table(
        row(), row(covered="yes", ratio=0.9), row(ratio=-0.2), row(covered="", ratio=NAN),
        row(band_low=NAN, band_high=NAN, ci_low=-9.0, ci_high=1.0, covered="yes", ratio=3.0),
    )  # fmt: skip
    model, recorded = counts(frame)
    assert (model.sizes, model.outside, model.opposite, model.studies) == (3, 2, 1, 1)
    assert model.ratio == pytest.approx(0.5)
    assert model.sentence.startswith("2 of 3 published sizes lie outside the model's range")
    assert "median 0.50" in model.sentence
    assert (recorded.predicted, recorded.sizes, recorded.outside) == (False, 1, 0)
    assert "interval" in recorded.sentence and "model" not in recorded.sentence


def test_reversed_predictions_turn_the_count() -> None:
    frame = table(row(), row(covered="yes", ratio=0.9))
    turned = frame.assign(ratio=-frame["ratio"], covered=["yes", "yes"])
    assert "0 of 2" in counts(turned)[0].sentence and "2 have" in counts(turned)[0].sentence
    assert counts(table()) == []


def test_each_contrast_has_one_figure_in_any_order_of_rows() -> None:
    frame = table(*(row(metric=metric) for metric in EFFECT[1].metrics), row(computed=NAN))
    (forest,) = forests(frame, None, STUDIES)
    assert (
        forest.title == contrast_words(EFFECT[1].contrast) == "forefoot upright against heel strike"
    )
    (one,) = forest.single
    assert (one.value, one.ends) == (-20.0, (-30.0, -10.0))
    assert len(one.computed) == len(EFFECT[1].metrics)
    place = np.random.default_rng(0).permutation(len(frame))
    assert repr(forests(frame.iloc[place], None, STUDIES)) == repr([forest])


def test_sizes_in_another_unit_are_not_drawn_in_percent() -> None:
    assert forests(table(row(published="decrease: -0.4 SMD")), None, STUDIES) == []
    assert forests(table(row(published="decrease")), None, STUDIES) == []


def pooled(**told: Any) -> dict[str, Any]:
    """Return a row of published_summary.csv."""
    start = {
        "contrast": "forefoot_upright against heel_strike", "quantity": "peak load", "unit": "%",
        "metric": EFFECT[1].metrics[0], "dose": NAN, "k": 3, "pooled": -15.0, "ci_low": -40.0,
        "ci_high": 9.0, "computed": -10.0, "band_low": -13.0, "band_high": -4.0,
        "computed_ci_low": NAN, "computed_ci_high": NAN, "covered": "no", "reason": NAN,
    }  # fmt: skip
    return start | told


def test_a_mean_over_studies_stands_first_and_says_why_nothing_answers_it() -> None:
    summary = pd.DataFrame([
        pooled(), pooled(quantity="another", computed=NAN, band_low=NAN, band_high=NAN,
                         reason="not testable here (no trials)"),
    ])  # fmt: skip
    (forest,) = forests(table(row()), summary, STUDIES)
    first, second = forest.pooled
    assert (first.value, first.ends, first.studies) == (-15.0, (-40.0, 9.0), 3)
    assert first.computed[0].value == -10.0 and first.computed[0].ends == (-13.0, -4.0)
    assert not second.computed and "no trials" in second.reason


def test_figure_words_and_data_have_the_tables_numbers(tmp_path: Path) -> None:
    at = tmp_path / "studies.csv"
    frame = table(row(), row(metric=EFFECT[1].metrics[-1], computed=-21.0, covered="yes"))
    frame.to_csv(at, index=False)
    part = beside_part(at, None, STUDIES)
    (drawn,) = part["forests"]
    header, *rows = number_rows(drawn["forest"])
    told = [dict(zip(header, cells, strict=True)) for cells in rows]
    assert {(one["metric"], one["computed_percent"]) for one in told} == {
        (row["metric"], row["computed"]) for row in frame.to_dict("records")
    }
    assert all((one["low"], one["high"]) == (-30.0, -10.0) for one in told)
    svg = ET.fromstring(drawn["svg"])
    printed = [text.text for text in svg.iter("text")]
    assert {"\u221220 %", "\u221210 %", "\u221221 %"} <= set(printed)
    # one that leaves the published size out is hollow, in the figure and in the legend
    hollow = [e for e in svg.iter() if e.get("class") == "dot open"]
    assert len(hollow) == 2
    assert part["undrawn"] == 0
    (source,) = drawn["forest"].sources
    assert source[0] == EFFECT[0].name and source[3] == source_link(EFFECT[0].source)


def test_nothing_answered_gives_no_figure(tmp_path: Path) -> None:
    at = tmp_path / "studies.csv"
    gone = dict.fromkeys(("computed", "band_low", "band_high", "ratio", "covered"), NAN)
    table(row(**gone, verdict="not testable here (no trials)")).to_csv(at, index=False)
    part = beside_part(at, None, STUDIES)
    assert part["forests"] == [] and part["counts"] == [] and part["untestable"] == 1
