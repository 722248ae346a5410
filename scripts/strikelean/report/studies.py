"""Published effects on the page: one line a study, its rows to open."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from strikelean.report.claims import spoken
from strikelean.report.digits import (
    MINUS,
    count,
    interval,
    interval_decimals,
    known,
    number,
    rounded,
)
from strikelean.report.groups import words
from strikelean.studies.definitions import Study

KINDS = (
    ("agrees", "agree"),
    ("agrees in sign, not in size", "agree in sign only"),
    ("not contradicted", "not contradicted"),
    ("inconclusive (same sign)", "inconclusive, same sign"),
    ("inconclusive (other sign)", "inconclusive, other sign"),
    ("disagrees", "disagree"),
    ("the model's band covers the published size", "model: size in the band"),
    ("the model's band leaves the published size out", "model: size outside the band"),
    ("the model predicts the published direction", "model: published direction"),
    ("the model predicts the opposite direction", "model: opposite direction"),
    ("the model predicts", "model: no clear sign"),
    ("not testable here", "not testable here"),
)
"""How a verdict begins, and how such verdicts are counted."""

LINKS = (
    (re.compile(r"^10\.\d{4,}/\S+$"), "https://doi.org/{}"),
    (re.compile(r"^PMID (\d+)$"), "https://pubmed.ncbi.nlm.nih.gov/{}/"),
    (re.compile(r"^(PMC\d+)$"), "https://pmc.ncbi.nlm.nih.gov/articles/{}/"),
)


def source_link(source: str) -> str:
    """Return the address of a study's DOI or PubMed number, empty where it has none."""
    for pattern, address in LINKS:
        found = pattern.match(source)
        if found:
            return address.format(found.group(found.re.groups))
    return ""


def kind(verdict: str) -> str:
    """Return the words a verdict is counted under."""
    fitting = [(start, text) for start, text in KINDS if verdict.startswith(start)]
    return max(fitting, key=lambda found: len(found[0]))[1] if fitting else verdict


def tally(verdicts: Sequence[str]) -> list[tuple[str, int]]:
    """Return how often each kind of verdict comes, in the order of :data:`KINDS`."""
    kinds = [kind(verdict) for verdict in verdicts]
    order = list(dict.fromkeys(text for _, text in KINDS))
    return [(text, kinds.count(text)) for text in order if text in kinds]


def sentence(text: str) -> str:
    """Return a text with its first letter large."""
    return text[:1].upper() + text[1:]


def _signed_words(text: object) -> str:
    return str(text).replace("-", MINUS) if isinstance(text, str) and text else ""


def _published_unit(published: str) -> str:
    """Return the unit of a published size, empty beside a direction alone.

    The computed size beside it is in the same.
    """
    found = re.search(r": *-?[\d.]+(?:e-?\d+)? +(\S.*)$", published)
    return found.group(1) if found else ""


def _row(row: pd.Series[Any], units: Mapping[str, str]) -> dict[str, str]:
    ends = "ci" if known(row["ci_low"]) else "band"
    low, high = row[f"{ends}_low"], row[f"{ends}_high"]
    decimals = interval_decimals(low, high)
    value = rounded(row["computed"], decimals) if known(low) else number(row["computed"])
    unit = _published_unit(str(row["published"])) or units[str(row["metric"])]
    value = f"{value} {unit}".removesuffix(" 1") if known(row["computed"]) else value
    published, spread = _signed_words(row["published"]), _signed_words(row["published_ci"])
    return {
        "contrast": str(row["contrast"]),
        "metric": spoken(str(row["metric"])),
        "published": f"{published} ({spread})" if spread else published,
        "computed": value,
        "interval": interval(low, high, decimals),
        "n": row["n"] if isinstance(row["n"], str) else count(row["n"]),
        "ratio": number(row["ratio"], 2),
        "verdict": str(row["verdict"]),
        "level": words(str(row["evidence_level"])),
    }


def _unanswered(own: pd.DataFrame) -> list[dict[str, str]]:
    """Return what a study's rows cannot answer, those with the same reason in one line."""
    lines: dict[str, list[str]] = {}
    for _, row in own.iterrows():
        found = lines.setdefault(str(row["verdict"]), [])
        text = f"{row['contrast']} ({_signed_words(row['published'])})"
        if text not in found:
            found.append(text)
    return [{"verdict": verdict, "what": "; ".join(what)} for verdict, what in lines.items()]


def study_groups(
    table: pd.DataFrame, studies: Sequence[Study], units: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Return studies.csv as printed, a group a study in the order of the table.

    Args:
        table: studies.csv.
        studies: their definitions, for who was measured and where it stands.
        units: of the metrics.
    """
    defined = {study.name: study for study in studies}
    groups = []
    for name, own in table.groupby("study", sort=False):
        study = defined[str(name)]
        answered = own[~own["verdict"].str.startswith("not testable")]
        notes = {effect.variable: effect.note for effect in study.effects if effect.note}
        groups.append(
            {
                "study": study.name,
                "citation": study.citation,
                "source": study.source,
                "link": source_link(study.source),
                "population": sentence(study.population),
                "n": study.n,
                "speed": study.speed,
                "design": words(study.design),
                "note": sentence(study.note),
                "notes": list(notes.items()),
                "tally": tally([str(verdict) for verdict in own["verdict"]]),
                "rows": [_row(row, units) for _, row in answered.iterrows()],
                "unanswered": _unanswered(own.drop(answered.index)),
            }
        )
    return groups
