"""The article's claims on the page: a verdict a runner can read, numbers a reviewer can check."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from strikelean.report.digits import MINUS
from strikelean.studies.claims import SEPARATOR
from strikelean.studies.definitions import Claim

BESIDE = "[beside] "
UNTESTABLE, ONE_WORD = "not testable here", ("(imposed)", "(kept)")
_NEGATIVE = re.compile(r"(?<![\w.])-(?=\d)")
_METRIC_NAME = re.compile(r"\b[a-z0-9]+(?:_[a-z0-9]+)+\b")
# how a verdict begins, and the tone it is shown in
TONES = (
    ("supported", "yes"),
    ("contradicted", "no"),
    ("inconclusive", "open"),
    ("not testable", "none"),
    ("the model predicts it", "yes"),
    ("the model predicts the opposite", "no"),
    ("the model", "open"),
)


def spoken(text: str) -> str:
    """Return a text of the tables with names of metrics as words and true minus signs."""
    named = _METRIC_NAME.sub(lambda found: found.group(0).replace("_", " "), text)
    return _NEGATIVE.sub(MINUS, named)


def tone(verdict: str) -> str:
    """Return ``yes``, ``no``, ``open`` or ``none`` for how a verdict is shown."""
    return next((name for start, name in TONES if verdict.startswith(start)), "open")


def short_verdict(verdict: str) -> str:
    """Return a verdict without a long reason, which stands beside it."""
    short = verdict.split(" (", 1)[0]
    return short if short == UNTESTABLE and not verdict.endswith(ONE_WORD) else verdict


def claim_rows(table: pd.DataFrame, claims: Sequence[Claim]) -> list[dict[str, Any]]:
    """Return claims.csv as printed cells, mechanism and sources from their definitions.

    Args:
        table: claims.csv.
        claims: as config/studies/claims.yaml has them.
    """
    defined: Mapping[int, Claim] = {claim.id: claim for claim in claims}
    rows = []
    for _, row in table.iterrows():
        claim = defined.get(int(row["id"]))
        numbers = [spoken(part) for part in str(row["numbers"]).split(SEPARATOR) if part]
        verdict = str(row["verdict"])
        rows.append(
            {
                "id": int(row["id"]),
                "claim": str(row["claim"]),
                "mechanism": "" if claim is None else claim.mechanism,
                "studies": "" if claim is None else ", ".join(claim.studies),
                "verdict": short_verdict(verdict),
                "tone": tone(verdict),
                "reason": spoken(str(row["reason"])),
                "deciding": [text for text in numbers if not text.startswith(BESIDE)],
                "beside": [
                    text.removeprefix(BESIDE) for text in numbers if text.startswith(BESIDE)
                ],
                "source_check": str(row["source_check"]),
            }
        )
    return rows


def claim_tally(table: pd.DataFrame) -> list[tuple[str, int]]:
    """Return how many claims have each verdict, the clearest first."""
    short = [short_verdict(str(verdict)) for verdict in table["verdict"]]
    order = [start for start, _ in TONES]

    def place(verdict: str) -> int:
        return next((i for i, start in enumerate(order) if verdict.startswith(start)), len(order))

    # of two verdicts in one place the table's first comes first: sets have no order of their own
    return [(name, short.count(name)) for name in sorted(dict.fromkeys(short), key=place)]
