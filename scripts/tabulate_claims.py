"""Write the tables of docs/claims.md anew from results; what is not given stays as it is.

python scripts/tabulate_claims.py virtual=results/virtual recorded=results/rbds
    --before virtual=OLD/virtual recorded=OLD/rbds --slopes results/rbds_lean --cohorts 2000
"""

from __future__ import annotations

import argparse
from pathlib import Path

from strikelean import resources
from strikelean.studies.inputs import StudyInputs, read_cohort, read_definitions
from strikelean.verify.claim_page import write_page
from strikelean.verify.claim_rule import rule_table

PAGE = Path(__file__).parents[1] / "docs" / "claims.md"


def _named(texts: list[str]) -> dict[str, Path]:
    return {name: Path(folder) for name, _, folder in (text.partition("=") for text in texts)}


def main() -> None:
    """Read result folders, simulate the rule where asked, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("now", nargs="+", metavar="NAME=FOLDER", help="a result folder a cohort")
    parser.add_argument("--before", nargs="+", default=[], metavar="NAME=FOLDER")
    parser.add_argument("--slopes", type=Path, help="result folder whose slopes are shown")
    parser.add_argument(
        "--cohorts", type=int, default=0, help="simulated for the rule, as the first folder's vary"
    )
    parser.add_argument("--runners", type=int, default=7, help="in each simulated group, or pairs")
    asked = parser.parse_args()
    now, rule = _named(asked.now), None
    if asked.cohorts:
        first = next(iter(now.values()))
        metrics_list = resources.schemas() / "metrics.yaml"
        inputs = StudyInputs(
            metrics=first / "metrics.csv",
            quality=first / "quality.csv",
            studies=resources.studies(),
            claims=resources.claims(),
            techniques=(),
            schemas=metrics_list.parent,
        )
        _, claims = read_definitions(inputs)
        rule = rule_table(read_cohort(inputs), claims, asked.runners, asked.cohorts)
    write_page(PAGE, now, _named(asked.before), asked.slopes, rule)


if __name__ == "__main__":
    main()
