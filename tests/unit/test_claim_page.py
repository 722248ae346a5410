"""The tables of docs/claims.md: written from results, and what is not given stays."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from strikelean.verify.claim_page import rows_of, rule_markdown, write_page
from study_cohorts import KNEE, ROOT

PAGE = ROOT / "docs" / "claims.md"


def results(folder: Path, verdict: str) -> Path:
    """Write two claims with a verdict, and slopes."""
    folder.mkdir()
    claims = pd.DataFrame(
        {
            "id": [1, 2], "claim": ["one", "two | three"],
            "verdict": [verdict, "not testable here (kept)"],
            "reason": ["a_b: -1", "why"], "because": ["it is", np.nan], "p": [0.012, np.nan],
            "p_claims": [0.2, np.nan],
        }
    )  # fmt: skip
    claims.to_csv(folder / "claims.csv", index=False)
    slope = {
        "metric": f"{KNEE}_per_kg", "unit": "%/deg", "covariation": 0.5,
        "ci_low": 0.3, "ci_high": 0.7,
        "predicted_intervention": np.nan, "predicted_low": np.nan, "predicted_high": np.nan,
        "prediction": "kept",
    }  # fmt: skip
    pd.DataFrame([slope]).to_csv(folder / "within_runner_slopes.csv", index=False)
    return folder


@pytest.fixture
def page(tmp_path: Path) -> Path:
    return Path(shutil.copy(PAGE, tmp_path / "claims.md"))


def test_verdicts_stand_before_and_now_and_the_earlier_stay(page: Path, tmp_path: Path) -> None:
    old, new = (
        results(tmp_path / "old", "inconclusive (1 of 2 tests)"),
        results(tmp_path / "new", "supported"),
    )
    around = page.read_text(encoding="utf-8").split("<!-- verdicts -->")[0]
    write_page(page, {"mine": new}, {"mine": old}, new, None)
    text = page.read_text(encoding="utf-8")
    assert text.startswith(around)
    first, second = rows_of(text, "verdicts")[1:]
    assert first[:4] == ["1", "one", "inconclusive", "**supported**"]
    assert first[4] == "Decides: it is. Mine: a b: \u22121; p 0.012, over all claims 0.2."
    assert second[1:4] == [
        "two / three",
        "not testable here (kept)",
        "**not testable here (kept)**",
    ]
    assert rows_of(text, "slopes")[1][1:] == ["%/deg", "+0.50 (+0.30 to +0.70)", "kept"]
    write_page(page, {"mine": new}, {}, None, None)
    assert page.read_text(encoding="utf-8") == text


def test_the_rules_errors_are_printed_in_percent() -> None:
    row = {
        "claim": 1, "design": "within_runners", "runners": 7, "tests": 1, "supported_nothing": 0.0,
        "supported_edge": 0.0255, "contradicted": 0.02, "no_difference": 0.05, "detectable": "-8 %",
        "found": 0.8, "mirrored_contradicted": 0.7,
    }  # fmt: skip
    line = rule_markdown(pd.DataFrame([row])).splitlines()[2]
    assert line == "| 1 | pairs (7) | 1 | 0.0 | 2.5 | 2.0 | 5.0 | -8 % | 80 | 70 |"


def test_the_page_has_every_claim() -> None:
    text = PAGE.read_text(encoding="utf-8")
    rows = rows_of(text, "verdicts")[1:]
    assert [int(row[0]) for row in rows] == list(range(1, 19))
    assert all(len(row) == 7 and all(row) for row in rows)
    assert len(rows_of(text, "rule")) > 20
    assert len(rows_of(text, "slopes")) > 5
