"""The wrapper around every script: logs, whole results, and one bad runner that stops nobody."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from snakemake.iocontainers import InputFiles, Log, OutputFiles, Params, Wildcards

from stage import Job, run_stage
from strikelean.errors import ConfigError, ExcludedError, RecordingError
from strikelean.exclusions import first_exclusion, write_exclusion
from strikelean.formats.files import EXCLUDED_PREFIX


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
    return sorted(path.name for path in (folder / "out").rglob("*"))


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
    write_exclusion([tmp_path / "in.csv"], "[anna run1] read_recording: expected, found. Do.")

    def never(job: Job) -> None:
        raise AssertionError("ran on an excluded trial")

    run_stage(job, never)
    note = (tmp_path / "out" / "kinematics.mot").read_text()
    assert note == (tmp_path / "in.csv").read_text()


def test_note_found_by_a_reader_excludes_too(tmp_path: Path) -> None:
    def read(job: Job) -> None:
        raise ExcludedError("read_table", "data", "an exclusion", "Mend that first")

    run_stage(job_object(tmp_path, subject="anna", trial="run1"), read)
    assert first_exclusion([tmp_path / "out" / "kinematics.mot"])


@pytest.mark.parametrize(
    ("error", "excludes", "words"),
    [
        (ConfigError("load_markerset", "a", "b", "Do"), True, "load_markerset: expected a"),
        (RecordingError("collect_cohort", "a", "b", "Do"), False, "collect_cohort: expected a"),
        (ZeroDivisionError("division"), True, "a bug in solve_kinematics: ZeroDivisionError"),
    ],
)
def test_other_errors_fail_with_one_line_and_leave_nothing(
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    error: Exception,
    excludes: bool,
    words: str,
) -> None:
    def fail(job: Job) -> None:
        write_both(job)
        raise error

    with pytest.raises(SystemExit) as caught:
        run_stage(job_object(tmp_path, subject="anna"), fail, excludes=excludes)
    assert caught.value.code == 1
    assert results(tmp_path) == []
    told = capfd.readouterr().err.strip().splitlines()
    assert len(told) == 1
    assert words in told[0]
    assert "Traceback" in (tmp_path / "job.log").read_text()


def test_result_left_out_is_a_bug(tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        run_stage(job_object(tmp_path), lambda job: job.output.report.write_text("{}"))
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
    assert first_exclusion([path, tmp_path / "absent"]) is None


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
