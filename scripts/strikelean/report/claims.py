"""The article's claims on the page: a verdict a runner can read, numbers a reviewer can check.

Every cell is one of claims.csv or claim_tests.csv, rounded to what its interval bears.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from strikelean.declarations import FOLLOWS, IMPOSED, KEPT
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
    DEPENDS,
    NO_DIFFERENCE,
    NOT_TESTABLE,
    SUPPORTED,
    UNDECIDED,
)

# how an answer is shown; any other is open
TONES = {SUPPORTED: "yes", CONTRADICTED: "no", NO_DIFFERENCE: "no", NOT_TESTABLE: "none"}
# what a runner makes of an answer
PLAIN = {
    SUPPORTED: "The numbers here bear it out.",
    CONTRADICTED: "The numbers here speak against it.",
    NO_DIFFERENCE: "Whatever the difference here, it is too small to matter.",
    UNDECIDED: "The numbers here leave it open.",
    DEPENDS: "Another model of the muscles gives another answer.",
}
# why a technique cannot answer it, by what stands behind its verdict in brackets
UNTOLD = {
    IMPOSED: "The technique itself sets this, so nothing can be learned from it.",
    KEPT: "The technique leaves this as it was recorded.",
    FOLLOWS: "This follows from what the technique sets or keeps.",
}
# what decides a claim, in a runner's words
QUANTITIES = {
    "achilles_force_peak_bw": "peak force in the Achilles tendon",
    "ankle_com_distance_contact_per_height": "how far ahead of the body the foot lands",
    "ankle_dorsiflexion_angle_contact": "toes pulled up at landing",
    "ankle_plantarflexion_moment_peak_per_kg": "peak effort of the calf",
    "centre_of_pressure_lateral_contact": "pressure towards the outer edge at landing",
    "contact_time": "time on the ground",
    "cross_over_index_contact": "crossing over of the feet",
    "foot_contact_share_early": "part of the foot on the ground early on",
    "ground_impact_peak_present": "steps with an impact peak",
    "ground_vertical_force_loading_rate_average_bw": "how fast the ground force rises",
    "heel_contact_time": "when the heel comes down",
    "knee_adduction_angle_minimum": "knee dropping inward",
    "knee_extension_moment_peak_per_kg": "peak effort to hold the knee",
    "knee_internal_rotation_angle_contact": "turn of the knee at landing",
    "knee_internal_rotation_angle_minimum": "turn of the knee on the ground",
    "patellofemoral_stress_net_moment_powers_peak": "peak stress behind the kneecap",
    "step_width": "width of the steps",
    "subtalar_inversion_angle_minimum": "how far the foot rolls in",
    "tibiofemoral_compression_force_peak_bw": "peak force pressing the knee together",
}
_NEGATIVE = re.compile(r"(?<![\w.])-(?=\d)")
_PER_SIZE = re.compile(r"_(?:bw|per_kg|per_height)$")
_METRIC_NAME = re.compile(r"\b[a-z0-9]+(?:_[a-z0-9]+)+\b")


def spoken(text: str) -> str:
    """Return a text of the tables with names of metrics as words and true minus signs."""
    named = _METRIC_NAME.sub(
        lambda found: _PER_SIZE.sub("", found.group(0)).replace("_", " "), text
    )
    return _NEGATIVE.sub(MINUS, named)


def _with_unit(text: str, unit: str) -> str:
    return text if text == UNKNOWN or unit == "1" else f"{text} {unit}"


def _text(value: object) -> str:
    """Return a cell that may be blank."""
    return value if isinstance(value, str) else ""


def _asked(row: pd.Series[Any]) -> str:
    """Return the smallest effect of a test, and the size that its claim asks for."""
    words = _with_unit(f"{row['smallest_effect']:g}", str(row["unit"]))
    if known(row["size_asked"]):
        near = f" \u00b1 {row['within']:g}" if known(row["within"]) else " or more"
        words += f"; asked {row['size_asked']:g}{near}"
    return words


def _expects(row: pd.Series[Any]) -> str:
    """Return what a claim expects of a quantity."""
    way = "more" if row["expected"] == "increase" else "less"
    size, within = row["size_asked"], row["within"]
    if not known(size):
        return way
    if known(within):
        ends = f"{size - within:g} to {size + within:g}"
        return _with_unit(ends, str(row["unit"])) + f" {way}"
    return f"at least {_with_unit(number(size, 2), str(row['unit']))} {way}"


def _ends(row: pd.Series[Any]) -> tuple[float, float]:
    """Return the ends that a test is judged by: of the model's band, or of the 95 % interval."""
    kind = "band" if row["predicted"] == "yes" else "ci"
    return float(row[f"{kind}_low"]), float(row[f"{kind}_high"])


def _way(row: pd.Series[Any]) -> str:
    """Return the direction of a test that is sure, ``more`` or ``less``, else ''."""
    low, high = _ends(row)
    return "more" if low > 0.0 else "less" if high < 0.0 else ""


def size_words(row: pd.Series[Any]) -> str:
    """Return how sure direction and size of a test are, on the scale of the whole page."""
    way, unit = _way(row), str(row["unit"])
    if not way:
        low = known(_ends(row)[0])
        return "direction open: it may be more or less" if low else "its range is not known"
    asked, within = row["size_asked"], row["within"]
    start = f"direction sure ({way}), size open"
    if known(within):
        between = _with_unit(f"{asked - within:g} to {asked + within:g}", unit)
        return f"{start}: {between} are asked, and the range reaches past that"
    if known(asked):
        return f"{start}: perhaps not the {_with_unit(f'{asked:g}', unit)} that are asked"
    least = _with_unit(f"{row['smallest_effect']:g}", unit)
    return f"{start}: perhaps less than the {least} that matter"


def _short_of(row: pd.Series[Any]) -> str:
    """Return what contradicts a claim of which only the direction holds, '' where not even that."""
    expected = "more" if row["expected"] == "increase" else "less"
    if row["answer"] != CONTRADICTED or _way(row) != expected or not known(row["size_asked"]):
        return ""
    size, within, unit = row["size_asked"], row["within"], str(row["unit"])
    if known(within):
        between = _with_unit(f"{size - within:g} to {size + within:g}", unit)
        return f"{expected}, but not as claimed ({between} are asked)"
    return f"{expected}, but not by as much as claimed (at least {size:g} {unit} are asked)"


def _detail(row: pd.Series[Any], own: pd.DataFrame) -> str:
    """Return what a verdict leaves out: which way, and how sure, '' where it says all.

    Args:
        row: of claims.csv.
        own: the claim's answered tests in claim_tests.csv.
    """
    primary = [test for _, test in own[own["role"] == "primary"].iterrows()]
    if row["answer"] == UNDECIDED:
        told = [size_words(test) for test in primary if test["answer"] == UNDECIDED]
        return told[0] if told else ""
    if row["answer"] == CONTRADICTED:
        return next(filter(None, map(_short_of, primary)), "")
    return ""


def _plain(row: pd.Series[Any], detail: str) -> str:
    """Return a verdict as a runner would say it.

    Args:
        row: of claims.csv.
        detail: which way, and how sure.
    """
    if detail:
        return f"{detail[:1].upper()}{detail[1:]}."
    if row["answer"] in PLAIN:
        return PLAIN[str(row["answer"])]
    kind = str(row["verdict"]).removeprefix(NOT_TESTABLE).strip(" ()")
    reason = spoken(str(row["reason"]))
    return UNTOLD.get(kind, f"{reason[:1].upper()}{reason[1:]}.")


def _runners(row: pd.Series[Any]) -> str:
    groups = row["design"] == "between_runners"
    return f"{row['n_a']:.0f} / {row['n_b']:.0f}" if groups else f"{row['n_a']:.0f}"


def _test(row: pd.Series[Any]) -> dict[str, str]:
    """Return one answered test as printed."""
    predicted = row["predicted"] == "yes"
    low, high = _ends(row)
    decimals = interval_decimals(low, high)
    value = rounded(row["estimate"], decimals) if known(low) else number(row["estimate"])
    name, way = str(row["metric"]), "+" if value[0].isdigit() and row["estimate"] > 0 else ""
    held, share = _text(row["held"]), row["expected_share"]
    return {
        "role": str(row["role"]),
        "metric": spoken(str(row["metric"])),
        "contrast": str(row["contrast"]) + (f", {spoken(held)} held" if held else ""),
        "expected": str(row["expected"]),
        "expects": _expects(row),
        "words": QUANTITIES.get(name, spoken(name)),
        "change": _with_unit(way + value, str(row["unit"])),
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
        printed = [_test(test) for _, test in answered.iterrows()]
        rows.append(
            {
                "id": int(row["id"]),
                "claim": str(row["claim"]),
                "mechanism": "" if claim is None else claim.mechanism,
                "studies": "" if claim is None else ", ".join(claim.studies),
                "verdict": str(row["verdict"]),
                "slug": str(row["answer"]).replace(" ", "-"),
                "plain": _plain(row, _detail(row, answered)),
                "short": str(row["answer"]),
                "predicted": row["predicted"] == "yes" and row["answer"] != DEPENDS,
                "tone": TONES.get(str(row["answer"]), "open"),
                "reason": spoken(str(row["reason"])),
                "because": _text(row["because"]),
                "p": probability(row["p"]),
                "p_claims": probability(row["p_claims"]),
                "primary": [test for test in printed if test["role"] == "primary"],
                "tests": printed,
                "unanswered": _unanswered(own.drop(answered.index)),
                "source_check": _NEGATIVE.sub(MINUS, str(row["source_check"])),
            }
        )
    return rows


def claim_filters(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the answers that printed claims have, and how many have each, the clearest first."""
    slugs = [str(row["slug"]) for row in rows]
    known_answers = [(answer.replace(" ", "-"), answer) for answer in ANSWERS]
    return [
        {"slug": slug, "words": words, "n": slugs.count(slug)}
        for slug, words in known_answers
        if slug in slugs
    ]
