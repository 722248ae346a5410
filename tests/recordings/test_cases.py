"""Every case is read, warned of or excluded, in words that name the cause."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cases_of_measurement  # noqa: F401 - puts its cases on the list
import cases_of_plates  # noqa: F401
import pytest
from cases import CASES, Case
from written import Files, Made

from conftest import recording_settings
from strikelean.errors import StrikeleanError
from strikelean.lab.check_belt import Speeds
from strikelean.lab.recording import read_recording
from strikelean.markersets import SIDES

pytestmark = pytest.mark.long

TOP = Path(__file__).parents[2]
PAGE = TOP / "docs" / "recordings.md"
BEGIN, END = "<!-- cases: begin -->", "<!-- cases: end -->"
ANSWERS: dict[str, str] = {}


@dataclass(frozen=True)
class Answer:
    """What the reader made of a case.

    Attributes:
        outcome: ``read``, ``warned`` or ``excluded``.
        words: reason, or the warnings that the untouched recording has not.
        apart: how contacts and forces differ from the untouched recording, '' where they do not.
    """

    outcome: str
    words: str
    apart: str = ""


def read(made: Made, given: Files) -> Any:
    """Read a case's files as the stage does."""
    changes = dict(given.changes)
    return read_recording(
        given.files,
        given.standing or made.standing,
        changes.get("marker_set", made.marker_set),
        changes.get("mass_kg", made.mass_kg),
        recording_settings(),
        end_s=changes.get("end_s"),
        speeds=Speeds(
            changes.get("speed_m_s", made.belt_speed_m_s),
            changes.get("belt_speed_m_s", made.belt_speed_m_s),
        ),
    )


def how_far_apart(trial: Any, untouched: Any, start_s: float = 0.0) -> str:
    """Return how a trial differs from the untouched one in contacts and vertical force."""
    found, known = (
        {(contact.side, round(contact.start_s, 1)): contact for contact in one.contacts
         if contact.valid}
        for one in (trial, untouched)
    )  # fmt: skip
    if found.keys() != known.keys():
        return f"{len(found)} valid contacts for {len(known)}"
    times = [abs(found[key].start_s - known[key].start_s) for key in known]
    if max(times) > 0.004:
        return f"contacts begin {1000 * max(times):.0f} ms elsewhere"
    for side in SIDES:
        peaks = [float(one.grf.foot(side).force_n[:, 1].max()) for one in (trial, untouched)]
        if abs(peaks[0] / peaks[1] - 1.0) > 0.01:
            return f"peak force {peaks[0]:.0f} for {peaks[1]:.0f} N"
    return ""


@pytest.fixture(scope="module")
def answers(made: Made, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Answer]:
    """What the reader makes of every case; a traceback is an answer of its own."""
    from cases import text

    untouched = read(made, text(made, tmp_path_factory.mktemp("untouched")))
    usual = set(untouched.summary["warnings"])
    found = {}
    for case in CASES:
        given = case.make(made, tmp_path_factory.mktemp("case"))
        try:
            trial = read(made, given)
        except StrikeleanError as error:
            found[case.name] = Answer("excluded", str(error))
            continue
        except Exception as error:  # noqa: BLE001 - what a person would see as a traceback
            found[case.name] = Answer("traceback", repr(error))
            continue
        new = [line for line in trial.summary["warnings"] if line not in usual]
        outcome = "warned" if new else "read"
        found[case.name] = Answer(outcome, "; ".join(new), how_far_apart(trial, untouched))
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_is_answered_rightly(answers: dict[str, Answer], case: Case) -> None:
    answer = answers[case.name]
    assert answer.outcome == case.right, answer
    assert re.search(case.says, answer.words, re.IGNORECASE), answer
    # what is read is the same run, whatever it was written down as
    assert case.right == "excluded" or case.moves or not answer.apart, answer


def _table(answers: dict[str, Answer]) -> str:
    lines: list[str] = []
    for kind in dict.fromkeys(case.kind for case in CASES):
        lines += [f"### {kind}", "", "| input | 0.1.0 | now | what is said |", "|---|---|---|---|"]
        for case in CASES:
            if case.kind == kind:
                answer = answers[case.name]
                words = answer.words.replace("|", "/").replace("\n", " ")
                lines.append(f"| {case.name} | {case.before} | {answer.outcome} | {words} |")
        lines.append("")
    bad = [case for case in CASES if case.right != "read"]
    named = [case for case in bad if answers[case.name].outcome != "read"]
    silent = sum("included" in case.before or "without a word" in case.before for case in bad)
    lines.append(
        f"{len(CASES)} inputs; {len(bad)} of them wrong or doubtful: {len(named)} named, "
        f"{len(bad) - len(named)} still silent (before: {silent})."
    )
    return "\n".join(lines)


def test_the_page_says_what_happens(answers: dict[str, Answer]) -> None:
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    now = f"{before}{BEGIN}\n\n{_table(answers)}\n\n{END}{after}"
    if os.environ.get("STRIKELEAN_WRITE_PAGES"):
        PAGE.write_text(now, encoding="utf-8")
        return
    assert now == page, "run again with STRIKELEAN_WRITE_PAGES=1 and look at the change"
