"""Tables of docs/claims.md from results: verdicts before and now, the rule's errors, slopes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pandas as pd

from strikelean.formats.files import read_rows, write_text
from strikelean.report.claims import spoken

SHOWN = (
    "knee_extension_moment_peak_per_kg",
    "knee_extension_moment_impulse_per_kg",
    "patellofemoral_stress_net_moment_powers_peak",
    "tibiofemoral_compression_force_peak_bw",
    "ankle_plantarflexion_moment_peak_per_kg",
    "achilles_force_peak_bw",
    "ground_vertical_force_loading_rate_average_bw",
    "contact_time",
)
"""Of within_runner_slopes.csv, in this order."""


def verdicts(folder: Path) -> dict[int, tuple[str, str]]:
    """Return verdict and reason, with its p where there is one, of every claim of a result folder.

    The folder may be of an earlier version, whose verdicts name their reason in brackets.
    """
    table = read_rows(folder / "claims.csv", {"reason": str})
    short = table["verdict"].str.split(" (", regex=False).str[0]
    kinds = table["verdict"].str.extract(r"( \((?:imposed|kept|follows|withheld)\))$")[0].fillna("")
    found = {}
    for (_, row), verdict in zip(table.iterrows(), short + kinds, strict=True):
        p = row.get("p")
        tested = (
            "" if p is None or pd.isna(p) else f"; p {p:.2g}, over all claims {row['p_claims']:.2g}"
        )
        found[int(row["id"])] = (str(verdict), f"{row['reason']}{tested}")
    return found


def rows_of(page: str, mark: str) -> list[list[str]]:
    """Return the cells of a table as it stands on the page, its head left out."""
    lines = [line for line in between(page, mark).splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[1:]]


def between(page: str, mark: str) -> str:
    """Return what stands between a pair of marks."""
    found = re.search(rf"<!-- {mark} -->\n(.*?)<!-- /{mark} -->", page, re.DOTALL)
    if found is None:
        raise ValueError(f"no <!-- {mark} --> on the page")
    return found[1]


def with_table(page: str, mark: str, table: str) -> str:
    """Return a page with another table between a pair of marks."""
    head, tail = f"<!-- {mark} -->\n", f"<!-- /{mark} -->"
    return page.replace(head + between(page, mark) + tail, head + table + tail)


def markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; a bar within a cell would end it."""
    cells = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', '/') for cell in row)} |\n" for row in cells)


def verdict_table(
    before: Mapping[str, Mapping[int, str]], now: Mapping[str, Path], claims: pd.DataFrame
) -> str:
    """Return the claims with their verdicts before and now.

    Args:
        before: by cohort, the verdict of every claim.
        now: by cohort, its result folder.
        claims: claims.csv of one of them, for what is claimed and what decides.
    """
    found = {name: verdicts(folder) for name, folder in now.items()}
    rows = []
    for _, row in claims.iterrows():
        number = int(row["id"])
        because = row["because"] if isinstance(row["because"], str) else ""
        reasons: dict[str, list[str]] = {}
        for name in now:
            reasons.setdefault(found[name][number][1], []).append(name)
        told = [f"Decides: {because}." if because else ""]
        told += [f"{' and '.join(names).capitalize()}: {text}." for text, names in reasons.items()]
        cells = [str(number), str(row["claim"])]
        for name in now:
            cells += [before[name].get(number, ""), f"**{found[name][number][0]}**"]
        rows.append([*cells, spoken(" ".join(text for text in told if text))])
    cohorts = [f"{name}, {when}" for name in now for when in ("before", "now")]
    return markdown(["no.", "claim", *cohorts, "why"], rows)


def rule_markdown(table: pd.DataFrame) -> str:
    """Return the simulated errors and power of the rule."""
    shares = ("supported_nothing", "supported_edge", "contradicted", "no_difference")
    names = {"between_runners": "groups", "within_runners": "pairs", "regression": "line"}
    rows = [
        [
            str(row["claim"]),
            f"{names[row['design']]} ({row['runners']})",
            str(row["tests"]),
            *(f"{100.0 * row[share]:.1f}" for share in shares),
            str(row["detectable"]),
            f"{100.0 * row['found']:.0f}",
            f"{100.0 * row['mirrored_contradicted']:.0f}",
        ]
        for _, row in table.iterrows()
    ]
    head = [
        "claim", "design (runners)", "tests", "supported, no effect", "supported, at the edge",
        "contradicted", "no relevant difference", "smallest detectable", "found", "mirrored",
    ]  # fmt: skip
    return markdown(head, rows)


def _range(row: pd.Series, names: Sequence[str]) -> str:
    if pd.isna(row[names[0]]):
        return "not predicted" if row["prediction"] == "free" else str(row["prediction"])
    low, high = (f"{row[name]:+.2f}" for name in names[1:])
    return f"{row[names[0]]:+.2f} ({low} to {high})"


def slope_markdown(table: pd.DataFrame) -> str:
    """Return slopes over a runner's own steps beside the predicted ones."""
    own = {str(row["metric"]): row for _, row in table.iterrows()}
    rows = []
    for metric in (name for name in SHOWN if name in own):
        row = own[metric]
        measured = _range(row, ("covariation", "ci_low", "ci_high"))
        predicted = _range(row, ("predicted_intervention", "predicted_low", "predicted_high"))
        rows.append([spoken(metric), str(row["unit"]), measured, predicted])
    head = ["metric", "unit", "over own steps (95 %)", "predicted of landing otherwise (band)"]
    return markdown(head, rows)


def write_page(
    page: Path,
    now: Mapping[str, Path],
    before: Mapping[str, Path],
    slopes: Path | None,
    rule: pd.DataFrame | None,
) -> None:
    """Write the tables of docs/claims.md anew; what is not given stays as it is.

    Args:
        page: docs/claims.md.
        now: by cohort (in the order of the columns), its result folder.
        before: the same of an earlier version; without it the earlier verdicts stay.
        slopes: result folder whose within_runner_slopes.csv is shown.
        rule: of :func:`strikelean.verify.claim_rule.rule_table`.
    """
    text = page.read_text(encoding="utf-8")
    earlier: dict[str, dict[int, str]] = {
        name: {number: found[0] for number, found in verdicts(folder).items()}
        for name, folder in before.items()
    }
    for place, name in enumerate(now):
        if name not in earlier:
            stands = rows_of(text, "verdicts")[1:]
            earlier[name] = {int(cells[0]): cells[2 + 2 * place] for cells in stands}
    claims = read_rows(next(iter(now.values())) / "claims.csv", {"because": str})
    text = with_table(text, "verdicts", verdict_table(earlier, now, claims))
    if slopes is not None:
        table = read_rows(slopes / "within_runner_slopes.csv")
        text = with_table(text, "slopes", slope_markdown(table))
    if rule is not None:
        text = with_table(text, "rule", rule_markdown(rule))
    write_text(page, text)
