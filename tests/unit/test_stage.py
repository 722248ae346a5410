"""The wrapper around every script: logs, whole results, and one bad runner that stops nobody."""

from __future__ import annotations

import errno
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from snakemake.iocontainers import InputFiles, Log, OutputFiles, Params, Wildcards

from stage import Job, OnError, run_stage
from strikelean.errors import ConfigError, ExcludedError, RecordingError
from strikelean.exclusions import first_note, write_note
from strikelean.formats.checksums import FOLDER
from strikelean.formats.files import EXCLUDED_PREFIX, FAILED_PREFIX, Note


def job_object(folder: Path, **wildcards: str) -> Any:
    """Return what Snakemake gives the script of a rule with one input and two outputs."""
    (folder / "in.csv").touch()
    return SimpleNamespace(
        rule="solve_kinematics",
        input=InputFiles(fromdict={"markers": str(folder / "in.csv")}),
        output=OutputFiles(
            fromdict={
                "kinematics": str(folder / "out" / "kinematics.mot"),
                "report": str(folder / "out" / "kinematics.json"),
            }
        ),
        params=Params(fromdict={"accuracy": 1e-6}),
        wildcards=Wildcards(fromdict=wildcards),
        log=Log([str(folder / "job.log")]),
    )


def write_both(job: Job) -> None:
    job.output.kinematics.write_text("angles")
    job.output.report.write_text("{}")


def results(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "out").glob("*") if path.name != FOLDER)


def test_results_appear_under_their_names(tmp_path: Path) -> None:
    run_stage(job_object(tmp_path, subject="anna", trial="run1"), write_both)
    assert results(tmp_path) == ["kinematics.json", "kinematics.mot"]
    assert (tmp_path / "out" / "kinematics.mot").read_text() == "angles"


def test_script_sees_names_of_the_rule(tmp_path: Path) -> None:
    seen = {}

    def look(job: Job) -> None:
        seen.update(subject=job.subject, trial=job.trial, accuracy=job.params.accuracy)
        seen.update(markers=job.input.markers, name=job.output.kinematics.name)
        write_both(job)

    run_stage(job_object(tmp_path, subject="anna"), look)
    assert seen == {
        "subject": "anna",
        "trial": None,
        "accuracy": 1e-6,
        "markers": tmp_path / "in.csv",
        "name": "kinematics.mot",
    }


def test_bad_recording_leaves_its_reason_in_every_result(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    def fail(job: Job) -> None:
        job.output.kinematics.write_text("half")
        raise RecordingError("solve_kinematics", "3 markers", "2", "Look at\nthe gaps")

    run_stage(job_object(tmp_path, subject="anna", trial="run1"), fail)
    line = (
        f"{EXCLUDED_PREFIX}[anna run1] solve_kinematics: expected 3 markers, found 2. "
        "Look at the gaps.\n"
    )
    assert results(tmp_path) == ["kinematics.json", "kinematics.mot"]
    for name in results(tmp_path):
        assert (tmp_path / "out" / name).read_text() == line
    assert "excluded, solve_kinematics: [anna run1]" in capfd.readouterr().err
    assert "RecordingError" in (tmp_path / "job.log").read_text()


def test_note_of_an_earlier_step_is_passed_on_unchanged(tmp_path: Path) -> None:
    job = job_object(tmp_path, subject="anna", trial="run1")
    write_note([tmp_path / "in.csv"], Note("[anna run1] read_recording: expected, found. Do."))

    def never(job: Job) -> None:
        raise AssertionError("ran on an excluded trial")

    run_stage(job, never)
    note = (tmp_path / "out" / "kinematics.mot").read_text()
    assert note == (tmp_path / "in.csv").read_text()


def test_note_found_by_a_reader_excludes_too(tmp_path: Path) -> None:
    def read(job: Job) -> None:
        raise ExcludedError("read_table", "data", "an exclusion", "Mend that first")

    run_stage(job_object(tmp_path, subject="anna", trial="run1"), read)
    assert first_note([tmp_path / "out" / "kinematics.mot"])


@pytest.mark.parametrize(
    ("error", "on_error", "words"),
    [
        (ConfigError("load_markerset", "a", "b", "Do"), "exclude", "load_markerset: expected a"),
        (ConfigError("load_markerset", "a", "b", "Do"), "note", "load_markerset: expected a"),
        (RecordingError("build_ranges", "a", "b", "Do"), "stop", "build_ranges: expected a"),
        (ZeroDivisionError("division"), "stop", "a bug in solve_kinematics: ZeroDivisionError"),
        (OSError(errno.ENOSPC, "No space left on device"), "exclude", "found a full disk. Free"),
        (RuntimeError("flush: errno = 28, 'No space left on device'"), "note", "a full disk"),
        (MemoryError(), "exclude", "expected enough memory, found none left"),
    ],
)
def test_what_must_stop_fails_with_one_line_and_leaves_nothing(
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    error: Exception,
    on_error: OnError,
    words: str,
) -> None:
    def fail(job: Job) -> None:
        write_both(job)
        raise error

    with pytest.raises(SystemExit) as caught:
        run_stage(job_object(tmp_path, subject="anna"), fail, on_error=on_error)
    assert caught.value.code == 1
    assert results(tmp_path) == []
    told = capfd.readouterr().err.strip().splitlines()
    assert len(told) == 1
    assert words in told[0]
    assert "Traceback" in (tmp_path / "job.log").read_text()


@pytest.mark.parametrize("on_error", ["exclude", "note"])
def test_a_defect_costs_its_results_alone_and_names_its_log(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], on_error: OnError
) -> None:
    def fail(job: Job) -> None:
        job.output.kinematics.write_text("half")
        raise ZeroDivisionError("division\nby zero")

    run_stage(job_object(tmp_path, subject="anna", trial="run1"), fail, on_error=on_error)
    line = (
        "[anna run1] a bug in solve_kinematics: ZeroDivisionError('division\\nby zero'), "
        f"see {tmp_path / 'job.log'}"
    )
    for name in ("kinematics.json", "kinematics.mot"):
        assert (tmp_path / "out" / name).read_text() == f"{FAILED_PREFIX}{line}\n"
    assert f"strikelean: failed, solve_kinematics: {line}" in capfd.readouterr().err
    assert "Traceback" in (tmp_path / "job.log").read_text()


def test_what_went_wrong_with_a_table_of_the_page_is_no_exclusion(tmp_path: Path) -> None:
    def fail(job: Job) -> None:
        raise RecordingError("read_metrics", "columns", "none", "Run compute_loads again")

    run_stage(job_object(tmp_path), fail, on_error="note")
    note = first_note([tmp_path / "out" / "kinematics.mot"])
    assert note is not None
    assert note.failed


def test_a_failure_is_passed_on_as_one_and_said_once(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    job = job_object(tmp_path, subject="anna", trial="run1")
    write_note([tmp_path / "in.csv"], Note("[anna run1] a bug in x", failed=True))
    run_stage(job, write_both)
    assert first_note([tmp_path / "out" / "kinematics.mot"]) == Note("[anna run1] a bug in x", True)
    assert capfd.readouterr().err == ""


def test_a_note_may_be_left_to_the_function(tmp_path: Path) -> None:
    job = job_object(tmp_path, subject="anna", trial="run1")
    write_note([tmp_path / "in.csv"], Note("the knee alone"))
    run_stage(job, write_both, reads_notes=("markers",))
    assert (tmp_path / "out" / "kinematics.mot").read_text() == "angles"


def changed(path: Path, text: str | None) -> None:
    """Change a result as an editor, a crash or a bad disk would; None cuts its last byte."""
    path.write_bytes(path.read_bytes()[:-1] if text is None else text.encode())


@pytest.mark.parametrize("text", [None, "", "angels", "angles, and more"])
@pytest.mark.parametrize("on_error", ["exclude", "note"])
def test_a_result_that_was_changed_is_named_as_that_and_not_read(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], text: str | None, on_error: OnError
) -> None:
    run_stage(job_object(tmp_path, subject="anna", trial="run1"), write_both)
    path = tmp_path / "out" / "kinematics.mot"
    changed(path, text)
    later = job_object(tmp_path, subject="anna", trial="run1")
    later.rule = "solve_dynamics"
    later.input = InputFiles(fromdict={"kinematics": str(path)})
    later.output = OutputFiles(fromdict={"moments": str(tmp_path / "out" / "moments.sto")})

    def never(job: Job) -> None:
        raise AssertionError("read a changed result")

    run_stage(later, never, on_error=on_error)
    note = first_note([tmp_path / "out" / "moments.sto"])
    assert note is not None
    assert note.failed
    assert "kinematics.mot as its stage wrote it" in note.reason
    assert "changed or damaged after it was written. Delete it and run again." in note.reason
    assert note.reason in capfd.readouterr().err


def test_a_copy_of_a_result_elsewhere_may_be_edited(tmp_path: Path) -> None:
    run_stage(job_object(tmp_path, subject="anna", trial="run1"), write_both)
    shutil.copytree(tmp_path / "out", tmp_path / "mine")
    changed(tmp_path / "mine" / "kinematics.mot", "angels")
    assert first_note([tmp_path / "mine" / "kinematics.mot"]) is None


def test_two_processes_with_one_target_do_not_meet(tmp_path: Path) -> None:
    """A second run of the same target begins while the first one works."""
    place = tmp_path / "out" / "kinematics.mot"
    code = "import sys, time; sys.stdin.readline()"
    other = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE)
    assert other.stdin is not None
    name = f".solve_kinematics.{place.name}.{socket.gethostname()}-{other.pid}.partial"
    (place.parent / name).mkdir(parents=True)
    (place.parent / name / "kinematics.mot").write_text("of the other")
    run_stage(job_object(tmp_path, subject="anna"), write_both)
    assert (place.parent / name / "kinematics.mot").read_text() == "of the other"
    other.communicate(b"\n")
    # it was killed: what it left is cleared away
    run_stage(job_object(tmp_path, subject="anna"), write_both)
    assert not (place.parent / name).exists()
    assert results(tmp_path) == ["kinematics.json", "kinematics.mot"]


def test_result_left_out_is_a_bug(tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        run_stage(
            job_object(tmp_path), lambda job: job.output.report.write_text("{}"), on_error="stop"
        )
    assert results(tmp_path) == []
    assert "not written: kinematics.mot" in (tmp_path / "job.log").read_text()


def test_log_takes_what_compiled_code_prints(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    def chatter(job: Job) -> None:
        os.write(1, b"from C, out\n")
        os.write(2, b"from C, error\n")
        print("from Python")
        job.say("frame 7 of 7")
        write_both(job)

    run_stage(job_object(tmp_path), chatter)
    log = (tmp_path / "job.log").read_text()
    for line in ("from C, out", "from C, error", "from Python", "frame 7 of 7"):
        assert line in log
    captured = capfd.readouterr()
    assert (captured.out, captured.err) == ("", "")


def test_waiting_person_sees_the_error_stream(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    def download(job: Job) -> None:
        os.write(2, b"downloading\n")
        write_both(job)

    run_stage(job_object(tmp_path), download, quiet=False)
    assert capfd.readouterr().err == "downloading\n"


def test_binary_data_is_no_note(tmp_path: Path) -> None:
    path = tmp_path / "loads.h5"
    path.write_bytes(b"\x89HDF\r\n\x1a\n\xff\xfe")
    assert first_note([path, tmp_path / "absent"]) is None


def test_jobs_of_one_rule_write_side_by_side(tmp_path: Path) -> None:
    first, second = job_object(tmp_path), job_object(tmp_path)
    (tmp_path / "other.log").touch()
    second.log = Log([str(tmp_path / "other.log")])
    second.output = OutputFiles(fromdict={"kinematics": str(tmp_path / "out" / "other.mot")})

    def write_one(job: Job) -> None:
        job.output.kinematics.write_text("others")

    def write_while_another_runs(job: Job) -> None:
        write_both(job)
        run_stage(second, write_one)

    run_stage(first, write_while_another_runs)
    assert results(tmp_path) == ["kinematics.json", "kinematics.mot", "other.mot"]
    assert (tmp_path / "out" / "kinematics.mot").read_text() == "angles"
