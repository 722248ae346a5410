"""Which source regenerates a table of the page, by its place and its first columns."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import page_sources as tables
import page_sources_answers as answers
import page_sources_explorer as sliders
import page_sources_validation as validation
from page_cohort import Expected, Sources
from page_reading import Table

Source = Callable[[Sources, Table], Iterator[Expected]]
SOURCES: dict[tuple[str, tuple[str, ...]], Source] = {
    ("answer", ("load", "so it")): answers.answer,
    ("where", ("peak load", "what it says")): answers.where,
    ("lean", ("load", "change", "direction")): sliders.explorer,
    ("own", ("trial", "right foot", "left foot")): answers.own_steps,
    ("own", ("peak load", "right", "left")): answers.own_symmetry,
    ("own", ("trial", "standing, mm")): answers.own_quality,
    ("claims", ("quantity", "answer", "expected")): tables.claim_tests,
    ("who", ("runner", "trial", "steps right")): tables.who,
    ("excluded", ("runner", "trial", "reason")): tables.excluded,
    ("did", ("runner", "strike class")): tables.did,
    ("did", ("runner", "condition", "strike class")): tables.did,
    ("compare", ("metric", "unit", "n")): tables.compare,
    ("compare", ("metric", "unit per 10 deg", "n")): tables.regressions,
    ("other", ("metric", "unit", "n")): tables.doses,
    ("other", ("metric", "unit", "in the technique")): tables.strikes_beside,
    ("other", ("metric", "unit", "over steps")): tables.over_steps,
    ("validation", ("changes of", "changes")): validation.validated,
    ("validation", ("comparison", "runner")): validation.changes_beside,
    ("built", ("part", "recordings")): validation.built,
    ("built", ("recordings that judge", "doi")): validation.judges,
    ("truth", ("quantity", "unit")): tables.recovered,
    ("truth", ("contrast", "quantity", "unit")): tables.contrasts_back,
    ("published", ("contrast", "quantity", "studies")): tables.pooled,
    ("study", ("contrast and variable", "metric here", "published")): tables.one_study,
    ("settings", ("key", "value")): tables.settings,
    ("provenance", ("what", "version")): tables.provenance,
}


def source_of(table: Table) -> Source | None:
    """Return what regenerates a table, None where nothing does."""
    # parts that come once a runner or study are numbered or named
    place = re.sub(r"^(own|study)-.*", r"\1", table.place)
    for (where, first), source in SOURCES.items():
        if place == where and table.header[: len(first)] == first:
            return source
    return None
