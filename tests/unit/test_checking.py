"""A check tells all that is wrong with all files, and keeps what it read for the study."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lab_runner as runner
from made_check import settings, spoilt, write_marker_set, write_run, write_static
from strikelean.checking.kept import ReadFrom, keep_recording, take_recording, take_scaling
from strikelean.checking.runner import Person, check_runner
from strikelean.checking.told import of_error, of_line
from strikelean.checking.trial import Run
from strikelean.errors import RecordingError
from strikelean.lab.check_belt import Speeds
from strikelean.lab.findings import Finding, ImplausibleError
from strikelean.lab.recording import read_recording
from strikelean.layout import RunnerFiles


@pytest.fixture
def person(tmp_path: Path) -> Person:
    marker_set = write_marker_set(tmp_path / "made_up.yaml")
    return Person("anna", runner.MASS_KG, 1.7, write_static(tmp_path), marker_set, None)


def check(person: Person, tmp_path: Path, **runs: tuple[Path, ...]) -> dict[str, Any]:
    rows = [Run(name, "heel_strike", files) for name, files in runs.items()]
    return check_runner(person, rows, settings(), tmp_path / "scratch")


def found(document: dict[str, Any], trial: str) -> list[dict[str, str]]:
    [own] = [one for one in document["trials"] if one["trial"] == trial]
    return [one for one in own["told"] if one["kind"] == "fault"]


def test_one_bad_file_is_told_and_the_others_are_read(person: Person, tmp_path: Path) -> None:
    document = check(
        person,
        tmp_path,
        bad=write_run(tmp_path, "bad", mot=spoilt(60)),
        good=write_run(tmp_path, "good"),
    )
    [told] = found(document, "bad")
    assert told["file"] == "bad.mot"
    assert "line 61" in told["found"]
    assert told["action"].startswith("Correct it")
    assert not found(document, "good")
    [_, good] = document["trials"]
    assert good["figures"]["valid_steps_right"] >= 3
    assert good["contacts"][0]["side"] == "right"


def test_both_files_of_a_trial_are_told(person: Person, tmp_path: Path) -> None:
    files = write_run(tmp_path, "bad", trc=spoilt(60), mot=spoilt(60))
    told = found(check(person, tmp_path, bad=files), "bad")
    assert [one["file"] for one in told] == ["bad.trc", "bad.mot"]


def test_a_trial_that_is_refused_still_shows_force_and_contacts(
    person: Person, tmp_path: Path
) -> None:
    speeds = Speeds(3.0 * runner.BELT_M_S, 3.0 * runner.BELT_M_S)
    run = Run("run", "heel_strike", write_run(tmp_path, "run"), speeds=speeds)
    document = check_runner(person, [run], settings(), tmp_path / "scratch")
    [trial] = document["trials"]
    assert "belt" in found(document, "run")[0]["found"]
    assert len(trial["force"]["weights"]) > 100
    assert trial["contacts"]


def test_without_a_standing_trial_the_files_are_opened_all_the_same(
    person: Person, tmp_path: Path
) -> None:
    assert person.static is not None
    person.static.write_text("no TRC\n", encoding="utf-8")
    document = check(
        person,
        tmp_path,
        bad=write_run(tmp_path, "bad", mot=spoilt(60)),
        good=write_run(tmp_path, "good"),
    )
    assert [one["kind"] for one in document["told"]] == ["fault"]
    assert document["told"][0]["file"] == "static.trc"
    assert len(found(document, "bad")) == 1
    assert not found(document, "good")


def test_the_order_of_rows_changes_nothing(person: Person, tmp_path: Path) -> None:
    files = {"a": write_run(tmp_path, "a"), "b": write_run(tmp_path, "b", mot=spoilt(70))}
    one = check(person, tmp_path, **files)
    other = check(person, tmp_path, **dict(reversed(files.items())))
    assert one["trials"] == other["trials"][::-1]


def test_a_defect_of_the_program_is_told_and_the_others_are_read(
    person: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(files: Any, *given: Any) -> Any:
        if "odd" in files[0].name:
            raise ZeroDivisionError("boom")
        return read_recording(files, *given)

    monkeypatch.setattr("strikelean.checking.trial.read_recording", broken)
    document = check(
        person, tmp_path, odd=write_run(tmp_path, "odd"), good=write_run(tmp_path, "good")
    )
    assert "a bug in read_recording" in found(document, "odd")[0]["found"]
    assert not found(document, "good")


def test_every_finding_of_an_error_is_told_on_its_own() -> None:
    findings = [
        Finding(name, 1.0, "wrong", f"a {name}", "none", f"Mend {name}") for name in ("up", "side")
    ]
    told = of_error(ImplausibleError("read_recording", findings), "read_recording")
    assert [one.action for one in told] == ["Mend up.", "Mend side."]
    [one] = of_error(RecordingError("read", "a", "b", "Do c"), "read")
    assert (one.kind, one.found, one.action) == ("fault", "b; expected a", "Do c.")


def test_a_warning_is_split_into_what_was_found_and_what_to_do() -> None:
    told = of_line("expected a plate that reads 0 N, found 70.5 N. Zero it before recording")
    assert told.found == "70.5 N; expected a plate that reads 0 N"
    assert told.action == "Zero it before recording."
    assert of_line("NumFrames says 5000, 641 frames are there").action == ""


def source(person: Person, files: tuple[Path, ...]) -> ReadFrom:
    assert person.static is not None
    assert person.marker_set is not None
    return ReadFrom(
        files,
        None,
        None,
        None,
        person.static,
        person.marker_set,
        runner.MASS_KG,
        runner.SETTINGS,
    )


def test_what_was_kept_is_what_was_read_to_the_last_bit(person: Person, tmp_path: Path) -> None:
    files = write_run(tmp_path, "run")
    read = read_recording(files, runner.static(), runner.MARKERSET, runner.MASS_KG, runner.SETTINGS)
    key, archive = source(person, files).key("code"), tmp_path / "check.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        keep_recording(opened, key, read)
    taken = take_recording(archive, key)
    assert taken is not None
    assert taken.markers.names == read.markers.names
    np.testing.assert_array_equal(taken.markers.positions_m, read.markers.positions_m)
    np.testing.assert_array_equal(taken.markers.time_s, read.markers.time_s)
    np.testing.assert_array_equal(taken.grf.values, read.grf.values)
    np.testing.assert_array_equal(taken.grf_unfiltered.values, read.grf_unfiltered.values)
    assert repr(taken.contacts) == repr(read.contacts)
    assert taken.summary == read.summary


def test_what_was_kept_goes_by_files_settings_and_code(person: Person, tmp_path: Path) -> None:
    files = write_run(tmp_path, "run")
    own = source(person, files)
    keys = {
        own.key("code"),
        own.key("other code"),
        replace(own, mass_kg=71.0).key("code"),
        replace(own, start_s=0.5).key("code"),
        replace(own, settings=replace(runner.SETTINGS, margin_s=0.1)).key("code"),
    }
    files[1].write_text(files[1].read_text(encoding="utf-8") + "\n", encoding="utf-8")
    keys.add(own.key("code"))
    assert len(keys) == 6
    assert own.key("code") == source(person, files).key("code")


def test_without_an_archive_or_with_a_damaged_one_nothing_is_taken_over(tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.zip"
    damaged.write_bytes(b"PK\x03\x04 no more")
    for archive in (tmp_path / "none.zip", damaged):
        assert take_recording(archive, "key") is None
        assert not take_scaling(archive, "key", RunnerFiles(tmp_path / "out"))
