"""A recording with one stance of one foot is read as that stance of a treadmill recording is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import lab_runner as runner
from single_stance import (
    across,
    seen_from_the_road,
    single_stance,
    unloaded,
    write_stance,
)
from strikelean.errors import RecordingError
from strikelean.formats.contacts import FootContact
from strikelean.formats.series import Markers, Wrench
from strikelean.lab.check_belt import Speeds
from strikelean.lab.recording import TrialRecording, read_recording

MARKERS, PLATE = seen_from_the_road(runner.markers(), runner.plate(), runner.BELT_M_S)


def _contact(number: int) -> FootContact:
    start = float(runner.starts_s()[number])
    side = "right" if number % 2 == 0 else "left"
    return FootContact(number, side, start, start + runner.CONTACT_S)


def _read(files: list[Path], **changes: float) -> TrialRecording:
    return read_recording(
        files,
        runner.static(),
        runner.MARKERSET,
        runner.MASS_KG,
        replace(runner.SETTINGS, **changes),
        speeds=Speeds(runner.BELT_M_S, None),
    )


def _stance(number: int, around_s: float = 0.3) -> tuple[Markers, Wrench]:
    return single_stance(MARKERS, PLATE, _contact(number), around_s)


@pytest.mark.parametrize("number", [1, 2, 5, 10])
def test_one_stance_on_one_plate_is_read_without_a_doubt(tmp_path: Path, number: int) -> None:
    markers, plate = _stance(number)
    found = _read(write_stance(tmp_path, "run", markers, [plate]))
    (contact,) = found.contacts
    true = _contact(number)
    assert (contact.side, contact.selected, contact.reason) == (true.side, True, "")
    assert contact.start_s == pytest.approx(true.start_s, abs=0.01)
    assert found.summary["warnings"] == []
    # what takes strides is not known, and said so
    assert found.summary["body_weight_ratio"] is None
    assert found.summary["body_weight_strides"] == 0
    assert found.summary["plausibility"]["clock_drift_s"] is None


def _forces(found: TrialRecording) -> np.ndarray:
    return np.stack([found.grf.foot(side).force_n for side in ("right", "left")])


def test_how_many_plates_carry_a_stance_changes_no_force(tmp_path: Path) -> None:
    markers, plate = _stance(3)
    one = _read(write_stance(tmp_path, "one", markers, [plate]))
    for name, plates in {
        "beside an empty one": [unloaded(plate), plate],
        "in the other order": [plate, unloaded(plate)],
        "across two": list(across(plate)),
        "across two in the other order": list(across(plate))[::-1],
    }.items():
        found = _read(write_stance(tmp_path, "other", markers, plates))
        assert np.abs(_forces(found) - _forces(one)).max() < 0.1, name
        assert len(found.contacts) == 1, name


def test_each_foot_on_its_own_plate_or_both_on_one(tmp_path: Path) -> None:
    right, left = _contact(2), _contact(3)
    both = FootContact(0, None, right.start_s, left.end_s)
    markers, plate = single_stance(MARKERS, PLATE, both)
    first, second = (single_stance(MARKERS, PLATE, one)[1] for one in (right, left))

    def on_clock(part: Wrench) -> Wrench:
        at = np.searchsorted(plate.time_s, part.time_s[0] - 1e-9)
        force, moment = np.zeros_like(plate.force_n), np.zeros_like(plate.moment_nm)
        force[at : at + len(part.time_s)] = part.force_n
        moment[at : at + len(part.time_s)] = part.moment_nm
        return replace(plate, force_n=force, moment_nm=moment)

    together = _read(write_stance(tmp_path, "one", markers, [plate]))
    apart = _read(write_stance(tmp_path, "two", markers, [on_clock(first), on_clock(second)]))
    for found in (together, apart):
        assert [contact.side for contact in found.contacts] == ["right", "left"]
        assert all(contact.selected for contact in found.contacts)
    assert np.abs(_forces(together) - _forces(apart)).max() < 0.1


def test_the_mirror_image_is_the_other_foot(tmp_path: Path) -> None:
    markers, plate = _stance(2)
    names = tuple({"R": "L", "L": "R"}[name[0]] + name[1:] for name in markers.names)
    mirrored = replace(markers, names=names, positions_m=markers.positions_m * [1.0, 1.0, -1.0])
    other = replace(
        plate,
        force_n=plate.force_n * [1.0, 1.0, -1.0],
        moment_nm=plate.moment_nm * [-1.0, -1.0, 1.0],
    )
    own = _read(write_stance(tmp_path, "own", markers, [plate]))
    found = _read(write_stance(tmp_path, "other", mirrored, [other]))
    assert [contact.side for contact in found.contacts] == ["left"]
    swapped = _forces(found)[::-1] * [1.0, 1.0, -1.0]
    assert np.abs(swapped - _forces(own)).max() < 1e-3


def test_a_recording_shorter_than_the_margin_names_the_key(tmp_path: Path) -> None:
    markers, plate = _stance(2, around_s=0.11)
    files = write_stance(tmp_path, "run", markers, [plate])
    with pytest.raises(RecordingError, match=r"set steps\.margin_s to the 0\.1\d? s that there"):
        _read(files)
    assert len(_read(files, margin_s=0.1).contacts) == 1


def test_stances_far_along_a_runway_are_the_same(tmp_path: Path) -> None:
    markers, plate = _stance(3)
    way = np.array([40.0, 0.0, 2.0])
    far = replace(markers, positions_m=markers.positions_m + way)
    there = replace(plate, moment_nm=plate.moment_nm + np.cross(way, plate.force_n))
    one = _read(write_stance(tmp_path, "near", markers, [plate]))
    other = _read(write_stance(tmp_path, "far", far, [there]))
    assert np.abs(_forces(one) - _forces(other)).max() < 1e-3
    angle = [found.contacts.rows[0].foot_strike_angle_deg for found in (one, other)]
    assert angle[0] == pytest.approx(angle[1], abs=1e-6)
