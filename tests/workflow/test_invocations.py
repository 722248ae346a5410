"""What a person meets: no data, a mistake, the public dataset, an unusable recording."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from project_copy import SUBJECTS, TRIALS, Copy, first_rows


@pytest.fixture
def project(tmp_path: Path) -> Copy:
    return Copy(tmp_path / "project")


@pytest.mark.parametrize("options", [(), ("--dry-run",)])
def test_without_data_one_line_says_how_to_give_them(
    project: Copy, options: tuple[str, ...]
) -> None:
    project.empty_tables()
    config = project.folder / "config" / "config.yaml"
    text = config.read_text(encoding="utf-8")
    assert text.count("  runners: 6 ") == 1
    config.write_text(text.replace("  runners: 6 ", "  runners: 0 "), encoding="utf-8")
    run = project.snakemake(*options)
    assert run.returncode == 2
    lines = (run.stdout + run.stderr).strip().splitlines()
    assert len(lines) == 1
    assert "make rbds DATA=" in lines[0]
    assert not (project.folder / "results").exists()


def test_rules_can_be_looked_at_without_data(project: Copy) -> None:
    project.empty_tables()
    run = project.snakemake("--list-rules")
    assert run.returncode == 0
    assert "solve_trial" in run.stdout


def test_mistakes_are_listed_without_a_traceback(project: Copy) -> None:
    project.tables(SUBJECTS.replace("\t60\t", "\t\t"), TRIALS.replace("heel_strike", ""))
    run = project.snakemake("--config", "filter={cutof_hz: 3}")
    assert run.returncode == 2
    text = run.stdout + run.stderr
    assert "Traceback" not in text
    assert "found 3 mistakes" in text
    assert "Did you mean 'cutoff_hz'?" in text


def test_data_points_empty_tables_to_the_public_dataset(project: Copy) -> None:
    project.empty_tables()
    data = project.folder / "public"
    data.mkdir()
    table = project.folder / "config" / "examples" / "rbds" / "subjects.tsv"
    for line in table.read_text(encoding="utf-8").splitlines()[2:]:
        for kind in ("static", "runT35"):
            (data / f"{line.split()[0]}{kind}.c3d").touch()
    run = project.snakemake("--dry-run", "--quiet", "rules", DATA="public")
    assert run.returncode == 0, run.stdout + run.stderr
    assert "solve_trial" in run.stdout + run.stderr
    assert "14" in (run.stdout + run.stderr).split("solve_trial")[1].splitlines()[0]


def test_filled_tables_are_not_replaced_by_the_public_dataset(project: Copy) -> None:
    planned = project.planned(DATA="public")
    assert ("scale_model", "anna") in planned


def test_switching_the_knee_off_leaves_its_files_out(project: Copy) -> None:
    for off in ((), ("--config", "kinematics={knee3: false}")):
        run = project.snakemake("--summary", *off)
        assert run.returncode == 0, run.stdout + run.stderr
        made = {Path(line.split("\t")[0]).name for line in run.stdout.splitlines()}
        assert "loads.h5" in made
        assert ("kinematics_knee3.mot" in made) == (not off)


def write_own_model(path: Path) -> None:
    """Write the smallest model that OpenSim takes: one sliding block."""
    import opensim as osim

    model = osim.Model()
    block = osim.Body("block", 1.0, osim.Vec3(0), osim.Inertia(1, 1, 1))
    model.addBody(block)
    model.addJoint(osim.SliderJoint("slide", model.getGround(), block))
    model.finalizeConnections()
    model.printToXML(str(path))


@pytest.mark.long
def test_unusable_recording_ends_in_a_table_that_says_why(project: Copy) -> None:
    """Every job runs for real, on a standing trial that is no recording."""
    write_own_model(project.folder / "block.osim")
    subjects = first_rows(SUBJECTS, 2)
    project.tables(subjects.replace("rajagopal2016", "block.osim"), first_rows(TRIALS, 2))
    (project.folder / "anna_static.trc").write_text("not a TRC file\n", encoding="utf-8")
    run = project.snakemake("--cores", "2")
    assert run.returncode == 0, run.stdout + run.stderr
    with (project.folder / "results" / "own" / "quality.csv").open(encoding="utf-8") as stream:
        (row,) = csv.DictReader(stream)
    assert (row["subject"], row["trial"], row["included"]) == ("anna", "run1", "no")
    assert row["reason"].startswith("[anna] read_markers: expected a TRC header")
    assert (project.folder / "results" / "own" / "report.html").stat().st_size > 0
    assert "excluded, scale_model: [anna]" in run.stdout + run.stderr
    again = project.snakemake("--dry-run")
    assert "Nothing to be done" in again.stdout + again.stderr


def test_a_misspelt_metric_of_a_study_stops_everything_with_a_suggestion(project: Copy) -> None:
    path = project.folder / "config" / "studies" / "DiMichele2014.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("[contact_time]", "[contact_tiem]"), encoding="utf-8")
    run = project.snakemake("--dry-run")
    assert run.returncode == 2
    told = run.stdout + run.stderr
    assert "Traceback" not in told
    assert "DiMichele2014.yaml, effects[1].metrics" in told
    assert "Did you mean 'contact_time'?" in told
