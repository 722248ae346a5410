"""A check tells of every case what the reader tells: excluded, warned or read, all in one pass."""

from __future__ import annotations

import cases_of_measurement  # noqa: F401 - puts its cases on the list
import cases_of_plates  # noqa: F401
import pytest
from cases import CASES, text
from written import Files, Made

from conftest import CONFIG
from strikelean.checking.trial import Run, TrialChecked, check_trial
from strikelean.config.settings import Settings
from strikelean.lab.check_belt import Speeds

pytestmark = pytest.mark.long


def checked(made: Made, name: str, given: Files) -> TrialChecked:
    """Check a case's files as `make check` does, without a model."""
    changes = dict(given.changes)
    speeds = Speeds(
        changes.get("speed_m_s", made.belt_speed_m_s),
        changes.get("belt_speed_m_s", made.belt_speed_m_s),
    )
    run = Run(name, "heel_strike", tuple(given.files), None, changes.get("end_s"), speeds)
    return check_trial(
        run,
        given.standing or made.standing,
        changes.get("marker_set", made.marker_set),
        changes.get("mass_kg", made.mass_kg),
        Settings.from_config(CONFIG),
        None,
    )


def test_every_case_is_told_in_one_pass(
    made: Made, tmp_path_factory: pytest.TempPathFactory
) -> None:
    untouched = checked(made, "untouched", text(made, tmp_path_factory.mktemp("untouched")))
    assert not [one for one in untouched.told if one.kind == "fault"]
    usual = {one.found for one in untouched.told}
    wrong = []
    for case in CASES:
        found = checked(made, case.name, case.make(made, tmp_path_factory.mktemp("case")))
        faults = [one for one in found.told if one.kind == "fault"]
        new = [one for one in found.told if one.kind != "fault" and one.found not in usual]
        outcome = "excluded" if faults else "warned" if new else "read"
        bugs = [one.found for one in faults if one.found.startswith("a bug in")]
        if outcome != case.right or bugs or (faults and not all(one.action for one in faults)):
            wrong.append((case.name, case.right, outcome, [one.found for one in found.told]))
    assert not wrong
