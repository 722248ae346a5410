"""What the tables say of a recording's quality, in words that a runner or a physio understands."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from strikelean.report.digits import known, number
from strikelean.report.groups import words
from strikelean.report.runners import warning_rows
from strikelean.report.studies import sentence

_REASON = re.compile(
    r"^(?:\[[^\]]*\] )?(?P<step>\w+): expected (?P<expected>.+?), found (?P<found>.+?)\. "
    r"(?P<action>.+?)\.?$",
    re.DOTALL,
)
_JOINT = re.compile(r"\b(?P<joint>[a-z]+(?:_[a-z]+)*?)(?:_angle|_flexion)?_(?P<side>[lr])\b")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
SIDES = {"l": "left", "r": "right"}


def _millimetres(found: re.Match[str], text: str) -> str:
    """Return a text with the lengths of a warning in millimetres."""
    lengths = (
        _NUMBER.sub(lambda metres: number(1000.0 * float(metres.group()), 2), length)
        for length in found.groups()
    )
    return text.format(*lengths)


def _joints(found: re.Match[str], text: str) -> str:
    named = _JOINT.sub(lambda j: f"{j['joint'].replace('_', ' ')} {SIDES[j['side']]}", found[1])
    return text.format(named)


def _as_found(found: re.Match[str], text: str) -> str:
    return text.format(*found.groups())


# what a warning of quality.csv looks like, what it means, and how its numbers are put in
PLAIN: tuple[tuple[str, str, Callable[[re.Match[str], str], str]], ...] = (
    (
        r"a reserve reaches (.+?) ?% of its peak net moment, usual limit (.+?) ?%",
        "Muscle and joint forces are uncertain where the model's muscles were too weak: at their "
        "largest, {0} % of a joint's peak moment had to be added (“reserves”; usual limit {1} %). "
        "Moments, and the kneecap stress worked out from the knee's moment, are not affected",
        _as_found,
    ),
    (
        r"reserves carry moments in (.+?) ?% of stance frames",
        "Such an addition was a notable part of some joint's moment in {0} % of the frames of "
        "stance",
        _as_found,
    ),
    (
        r"knee flexion leaves (\w+)'s? (?:area )?data in (?:up to )?(.+?) ?% of a stance.*",
        "The knee bent beyond the data of the contact area after {0} in up to {1} % of a stance: "
        "kneecap stresses by that area are given as a range",
        _as_found,
    ),
    (
        r"a joint against a limit of its range in more frames than usual \(.+\): (.+?)\. Look .+",
        "A joint of the model stood at the end of its range more than usual (share of frames: {0}):"
        " look at the standing trial, and where the joint's markers are",
        _joints,
    ),
    (
        r"static marker RMS (.+?) m is over (.+?) m",
        "Standing still, markers lie {0} mm from the model's (root mean square; usual limit {1} "
        "mm): the model fits the runner less well than it should",
        _millimetres,
    ),
    (
        r"static marker error (.+?) m is over (.+?) m",
        "Standing still, one marker lies {0} mm from the model's (usual limit {1} mm)",
        _millimetres,
    ),
    (
        r"marker error (.+?) m is over (.+?) m",
        "While running, one marker lay {0} mm from the model's (usual limit {1} mm)",
        _millimetres,
    ),
    (
        r"labels (.+) were exchanged against the static trial",
        "The labels {0} were exchanged against the standing trial and were put right",
        _as_found,
    ),
    (r"not recorded: (.+)", "These markers were not recorded: {0}", _as_found),
)


def trial_words(name: object) -> str:
    """Return a trial's name in words; a derived trial is called predicted."""
    return words(str(name).replace("~", ", predicted "))


def plain_warning(text: str) -> str:
    """Return a warning in plain words, as it is where none are known for it."""
    for pattern, plain, put in PLAIN:
        found = re.fullmatch(pattern, text)
        if found:
            return put(found, plain)
    return sentence(text)


@dataclass(frozen=True)
class Exclusion:
    """Why a trial is out, and what to do.

    Attributes:
        trial: its name.
        why: what was expected and what was found, or the reason as it is written.
        action: what to do; empty where the reason does not say.
    """

    trial: str
    why: str
    action: str


def exclusion(trial: str, reason: object) -> Exclusion:
    """Return the reason of quality.csv (``[runner trial] step: expected, found. Do this.``)."""
    text = reason.strip() if isinstance(reason, str) and reason.strip() else "no reason was given"
    found = _REASON.match(text)
    if found is None:
        return Exclusion(trial, text, "")
    step = found["step"].replace("_", " ")
    why = f"While it was to {step}: {found['expected']} was expected, {found['found']} was found"
    return Exclusion(trial, why, f"{sentence(found['action'])}.")


def in_all(judged: pd.DataFrame) -> list[str]:
    """Return the warnings that every trial in use has, in plain words with their range.

    What holds of all trials is a property of the method here and is said once, not with each.
    """
    used = judged[judged["included"] == "yes"]
    if len(used) < 2:
        return []
    rows = warning_rows(used)
    return [plain_warning(row["text"]) for row in rows if len(row["trials"]) == len(used)]


def own_warnings(judged: pd.DataFrame, subject: str, said: set[str]) -> list[str]:
    """Return a runner's warnings in plain words, each with its trials where not all have it.

    Args:
        judged: quality.csv.
        subject: the runner.
        said: patterns of warnings that were said for all trials, see :func:`patterns_in_all`.
    """
    used = judged[(judged["included"] == "yes") & (judged["subject"] == subject)]
    lines = []
    for row in warning_rows(used):
        if _pattern(row["text"]) in said:
            continue
        few = len(row["trials"]) < len(used)
        names = "; ".join(trial_words(w.removeprefix(f"{subject} ")) for w in row["trials"])
        lines.append(plain_warning(row["text"]) + (f" ({names})" if few else ""))
    return lines


def patterns_in_all(judged: pd.DataFrame) -> set[str]:
    """Return the warnings that every trial in use has, without their numbers."""
    used = judged[judged["included"] == "yes"]
    if len(used) < 2:
        return set()
    return {_pattern(r["text"]) for r in warning_rows(used) if len(r["trials"]) == len(used)}


def _pattern(text: str) -> str:
    return re.sub(r"[\d.]+(?: to [\d.]+)?", "#", text)


QUALITY = (
    ("static_marker_rms_m", "standing, mm", 1000.0),
    ("static_marker_max_m", "worst, mm", 1000.0),
    ("marker_rms_m", "markers, mm", 1000.0),
    ("lag_s", "lag, ms", 1000.0),
    ("residual_force_rms_n", "residual, N", 1.0),
    ("reserves_carry_share", "added, % of frames", 100.0),
    ("reserve_peak_share", "added, % of peak", 100.0),
    ("joint_limit_share", "at a limit, % of frames", 100.0),
    ("connolly_beyond_data_share", "beyond area data, % of stance", 100.0),
)
"""Column of quality.csv, heading, and factor to its unit."""


def quality_cells(row: pd.Series[Any]) -> list[str]:
    """Return a trial's figures of quality as printed."""
    return [
        number(factor * row[name] if name in row and known(row[name]) else None, 2)
        for name, _, factor in QUALITY
    ]
