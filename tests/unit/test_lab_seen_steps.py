"""Where no plate felt the contact before, a step lasts from the other foot's landing as seen."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import lab_runner as runner
from strikelean.formats.contacts import (
    CONTACT_COLUMNS,
    SEEN_COLUMNS,
    Contacts,
    FootContact,
    read_contacts,
    write_contacts,
)
from strikelean.formats.series import TimeSeries
from strikelean.lab import seen_steps
from strikelean.lab.contacts import Contact, ContactRules
from strikelean.lab.seen_steps import count_seen, with_seen_steps
from strikelean.loads.steps import spatiotemporal, steps_of

# markers see every landing so much later than a plate
LATE_S = 0.015
MARKERS = runner.markers()
OWN = FootContact(1, "right", 1.0, 1.25, selected=True)


def landing(side: str, start_s: float) -> Contact:
    seen = start_s + LATE_S, start_s + 0.25
    return Contact(*seen, *seen, 0, side)


def seen(
    monkeypatch: pytest.MonkeyPatch, landings: list[Contact], contacts: list[FootContact]
) -> Contacts:
    monkeypatch.setattr(seen_steps, "find_marker_contacts", lambda *_: landings)
    return with_seen_steps(Contacts(contacts), MARKERS, runner.MARKERSET, ContactRules())


def test_what_markers_see_late_cancels(monkeypatch: pytest.MonkeyPatch) -> None:
    landings = [landing("right", 0.3), landing("left", 0.65), landing("right", 1.0)]
    (found,) = seen(monkeypatch, landings, [OWN])
    assert found.step_time_s == pytest.approx(0.35)
    heels = {
        side: MARKERS.position(runner.MARKERSET.landmark(side, "heel"))
        for side in ("right", "left")
    }

    def at(side: str, time_s: float) -> np.ndarray:
        path = heels[side]
        return np.array([np.interp(time_s, MARKERS.time_s, path[:, axis]) for axis in range(3)])

    apart = at("right", 1.0 + LATE_S) - at("left", 0.65 + LATE_S)
    assert (found.heel_ahead_m, found.heel_across_m) == pytest.approx(apart[[0, 2]], abs=1e-4)
    assert count_seen(Contacts([found])) == 1


@pytest.mark.parametrize(
    "landings",
    [
        pytest.param([], id="no foot seen to land"),
        pytest.param([landing("right", 1.0)], id="the other foot never seen"),
        pytest.param([landing("left", 0.65)], id="this foot not seen where the plate felt it"),
        pytest.param([landing("left", 0.3), landing("right", 1.0)], id="too long ago for a step"),
        pytest.param(
            [landing("left", 0.5), landing("right", 0.7), landing("right", 1.0)],
            id="the same foot in between",
        ),
    ],
)
def test_what_was_not_seen_is_blank(
    monkeypatch: pytest.MonkeyPatch, landings: list[Contact]
) -> None:
    (found,) = seen(monkeypatch, landings, [OWN])
    assert np.isnan(found.step_time_s)
    assert count_seen(Contacts([found])) == 0


def test_plates_that_time_steps_are_asked_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    before = FootContact(1, "left", 0.65, 0.9, selected=True)
    landings = [landing("right", 0.3), landing("left", 0.65), landing("right", 1.0)]
    # of two contacts in turn the second is timed by plates, the first by markers
    found = seen(monkeypatch, landings, [before, OWN])
    assert [contact.step_time_s for contact in found] == pytest.approx([0.35, np.nan], nan_ok=True)
    # a whole stride is a treadmill's: nothing is added to it
    first = FootContact(0, "right", 0.3, 0.55, selected=True)
    earlier = [landing("left", -0.05), *landings]
    assert count_seen(seen(monkeypatch, earlier, [first, before, OWN])) == 0


def test_steps_have_their_length_overground_and_on_a_belt(tmp_path: Path) -> None:
    known = FootContact(
        1, "right", 1.0, 1.25, selected=True, step_time_s=0.4, heel_ahead_m=1.3, heel_across_m=0.08
    )
    path = tmp_path / "contacts.csv"
    write_contacts(Contacts([known]), path)
    (read,) = read_contacts(path)
    assert [getattr(read, name) for name in SEEN_COLUMNS] == [0.4, 1.3, 0.08]
    points = TimeSeries(np.arange(0.9, 1.4, 0.01), ("heel_r_x",), np.zeros((50, 1)))
    steps = steps_of(read_contacts(path), "right")
    found = spatiotemporal(steps, points, None)
    assert found["step_rate"] == pytest.approx(150.0)
    assert found["step_length"] == pytest.approx(1.3)
    assert found["running_speed"] == pytest.approx(1.3 / 0.4)
    assert found["step_width"] == pytest.approx(0.08)
    assert spatiotemporal(steps, points, 3.0)["step_length"] == pytest.approx(1.3 + 3.0 * 0.4)


def test_a_file_has_no_column_in_which_nothing_is_known(tmp_path: Path) -> None:
    path = tmp_path / "contacts.csv"
    write_contacts(Contacts([OWN]), path)
    header = path.read_text(encoding="utf-8").splitlines()[0].split(",")
    assert tuple(header) == CONTACT_COLUMNS
    assert not set(SEEN_COLUMNS) & set(CONTACT_COLUMNS)
    assert count_seen(read_contacts(path)) == 0
