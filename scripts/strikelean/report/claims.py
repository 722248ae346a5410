"""The article's claims on the page: a verdict a runner can read, numbers a reviewer can check.

Every cell is one of claims.csv or claim_tests.csv, rounded to what its interval bears.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from strikelean.report.digits import (
    MINUS,
    UNKNOWN,
    interval,
    interval_decimals,
    known,
    number,
    probability,
    rounded,
)
from strikelean.studies.definitions import Claim
from strikelean.studies.verdicts import (
    ANSWERS,
    CONTRADICTED,
    NO_DIFFERENCE,
    NOT_TESTABLE,
    SUPPORTED,
)

# how an answer is shown; any other is open
TONES = {SUPPORTED: "yes", CONTRADICTED: "no", NO_DIFFERENCE: "no", NOT_TESTABLE: "none"}
_NEGATIVE = re.compile(r"(?<![\w.])-(?=\d)")
_METRIC_NAME = re.compile(r"\b[a-z0-9]+(?:_[a-z0-9]+)+\b")


def spoken(text: str) -> str:
    """Return a text of the tables with names of metrics as words and true minus signs."""
    named = _METRIC_NAME.sub(lambda found: found.group(0).replace("_", " "), text)
    return _NEGATIVE.sub(MINUS, named)


def _with_unit(text: str, unit: str) -> str:
    return text if text == UNKNOWN or unit == "1" else f"{text} {unit}"


def _text(value: object) -> str:
    """Return a cell that may be blank."""
    return value if isinstance(value, str) else ""


def _asked(row: pd.Series[Any]) -> str:
    """Return the smallest effect of a test, and the size that its claim asks for."""
    words = _with_unit(number(row["smallest_effect"]), str(row["unit"]))
    if known(row["size_asked"]):
        near = f" \u00b1 {number(row['within'])}" if known(row["within"]) else " or more"
        words += f"; asked {number(row['size_asked'])}{near}"
    return words


def _runners(row: pd.Series[Any]) -> str:
    groups = row["design"] == "between_runners"
    return f"{row['n_a']:.0f} / {row['n_b']:.0f}" if groups else f"{row['n_a']:.0f}"


def _test(row: pd.Series[Any]) -> dict[str, str]:
    """Return one answered test as printed."""
    predicted = row["predicted"] == "yes"
    ends = ("band_low", "band_high") if predicted else ("ci_low", "ci_high")
    low, high = row[ends[0]], row[ends[1]]
    decimals = interval_decimals(low, high)
    value = rounded(row["estimate"], decimals) if known(low) else number(row["estimate"])
    held, share = _text(row["held"]), row["expected_share"]
    return {
        "role": str(row["role"]),
        "metric": spoken(str(row["metric"])),
        "contrast": str(row["contrast"]) + (f", {spoken(held)} held" if held else ""),
        "expected": str(row["expected"]),
        "estimate": _with_unit(value, str(row["unit"])),
        "interval": interval(low, high, decimals),
        "kind": "band" if predicted else "95 %",
        "p": probability(row["p"]),
        "p_asked": probability(row["p_asked"]),
        "asked": _asked(row),
        "detectable": number(row["detectable"]),
        "share": f"{100.0 * share:.0f} %" if known(share) else UNKNOWN,
        "n": _runners(row),
        "answer": str(row["answer"]),
        "reason": spoken(str(row["reason"])),
        "note": _text(row["note"]),
    }


def _unanswered(own: pd.DataFrame) -> list[dict[str, str]]:
    """Return what could not be answered, quantities with the same reason in one line."""
    lines = []
    for (role, contrast, reason), rows in own.groupby(["role", "contrast", "reason"], sort=False):
        metrics = ", ".join(spoken(str(metric)) for metric in rows["metric"])
        what = f"{role}: {metrics} ({contrast})"
        lines.append({"what": what, "reason": spoken(str(reason))})
    return lines


def claim_rows(
    table: pd.DataFrame, tests: pd.DataFrame, claims: Sequence[Claim]
) -> list[dict[str, Any]]:
    """Return claims.csv and its tests as printed, mechanism and sources from their definitions.

    Args:
        table: claims.csv.
        tests: claim_tests.csv.
        claims: as config/studies/claims.yaml has them.
    """
    defined: Mapping[int, Claim] = {claim.id: claim for claim in claims}
    rows = []
    for _, row in table.iterrows():
        claim = defined.get(int(row["id"]))
        own = tests[tests["claim"] == row["id"]]
        answered = own[own["estimate"].notna()]
        rows.append(
            {
                "id": int(row["id"]),
                "claim": str(row["claim"]),
                "mechanism": "" if claim is None else claim.mechanism,
                "studies": "" if claim is None else ", ".join(claim.studies),
                "verdict": str(row["verdict"]),
                "tone": TONES.get(str(row["answer"]), "open"),
                "reason": spoken(str(row["reason"])),
                "because": _text(row["because"]),
                "p": probability(row["p"]),
                "p_claims": probability(row["p_claims"]),
                "tests": [_test(test) for _, test in answered.iterrows()],
                "unanswered": _unanswered(own.drop(answered.index)),
                "source_check": str(row["source_check"]),
            }
        )
    return rows


def claim_tally(table: pd.DataFrame) -> list[tuple[str, int]]:
    """Return how many claims have each verdict, the clearest first."""
    words = [
        (str(answer), NOT_TESTABLE if answer == NOT_TESTABLE else str(verdict))
        for answer, verdict in zip(table["answer"], table["verdict"], strict=True)
    ]
    ordered = sorted(dict.fromkeys(words), key=lambda found: ANSWERS.index(found[0]))
    return [(found[1], words.count(found)) for found in ordered]
