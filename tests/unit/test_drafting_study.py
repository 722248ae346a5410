"""A folder of recordings becomes two tables and settings; what nobody said is blank and named."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml

import stick_runner as sticks
from c3d_made import MadePlate, laboratory_file, with_parameters
from strikelean.config.markersets import markerset_contradictions
from strikelean.config.problems import ConfigMistakesError
from strikelean.config.project import load_project
from strikelean.config.schema import schema_problems
from strikelean.drafting.new_study import main, new_study
from strikelean.drafting.people import Person, from_table, read_people, weighed_kg
from strikelean.errors import ConfigError
from strikelean.formats.c3d_file import read_file
from strikelean.formats.series import FloatArray, Markers, Wrench
from strikelean.formats.trc import write_trc
from strikelean.markersets import load_markerset
from text_files import Mot

TOP = Path(__file__).parents[2]
Rows = list[dict[str, str]]
LONG = {name: f"M{number:02d}" for number, name in enumerate(sticks.standing().names[::-1])}


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder of its own, as a laboratory does."""
    monkeypatch.chdir(tmp_path)


def forces(path: Path, start_s: float = 0.0) -> None:
    """Write a table of a foot's force that lasts as long as the running does."""
    time_s = start_s + np.arange(0.0, 2.8, 0.002)
    column = {
        f"ground_force_r_{part}{axis}": np.zeros(time_s.size) for part in "vp" for axis in "xyz"
    }
    Mot().write(path, time_s, column | {"ground_torque_r_y": np.zeros(time_s.size)})


def trc(name: str, markers: Markers) -> None:
    path = Path("recordings") / name
    path.parent.mkdir(parents=True, exist_ok=True)
    write_trc(path, markers)


def drafted(name: str = "mine") -> tuple[Rows, Rows, dict[str, object], str]:
    """Return both tables, the settings and the summary of a study of the recordings here."""
    summary = new_study(Path(name), Path("recordings"))
    tables = []
    for table in ("subjects.tsv", "trials.tsv"):
        lines = Path(name, table).read_text(encoding="utf-8").splitlines()
        plain = [line for line in lines if not line.startswith("#")]
        tables.append(list(csv.DictReader(plain, delimiter="\t")))
    config = yaml.safe_load(Path(name, "config.yaml").read_text(encoding="utf-8"))
    return tables[0], tables[1], config, summary


def mistakes(name: str = "mine") -> list[str]:
    """Return what the study's own check says of a draft."""
    delivered, own = TOP / "config" / "config.yaml", Path(name) / "config.yaml"
    config = yaml.safe_load(delivered.read_text(encoding="utf-8"))
    given = yaml.safe_load(own.read_text(encoding="utf-8"))
    config |= {key: given[key] for key in ("cohort", "tables", "data_root")}
    config["recording"] |= given["recording"]
    try:
        load_project(config, TOP, [delivered, own])
    except ConfigMistakesError as error:
        return [str(problem) for problem in error.problems]
    return []


def test_a_folder_of_two_files_waits_for_mass_and_stature_alone() -> None:
    trc("anna_static.trc", sticks.standing())
    trc("anna_run1.trc", sticks.running())
    forces(Path("recordings/anna_run1.mot"))
    subjects, trials, config, summary = drafted()
    assert subjects == [
        {
            **dict.fromkeys(("mass_kg", "height_m", "sex", "model"), ""),
            "subject": "anna",
            "static_file": "anna_static.trc",
            "marker_set": "plug_in_gait_lower",
        }
    ]
    assert trials[0]["files"] == "anna_run1.trc;anna_run1.mot"
    assert float(trials[0]["speed_m_s"]) == pytest.approx(3.0, abs=0.03)
    assert trials[0]["belt_speed_m_s"] == trials[0]["speed_m_s"]
    assert config["data_root"] == "recordings"
    assert "mass of anna" in summary
    assert "stature of anna" in summary
    told = mistakes()
    assert len(told) == 2
    assert all(words in " ".join(told) for words in ("mass_kg", "height_m"))


@pytest.mark.parametrize(
    ("rotation", "axes"),
    [
        ([[1, 0, 0], [0, 0, -1], [0, 1, 0]], ("+X", "+Z", "-Y")),
        ([[0, 0, 1], [1, 0, 0], [0, 1, 0]], ("+Y", "+Z", "+X")),
        ([[-1, 0, 0], [0, 0, 1], [0, 1, 0]], ("-X", "+Z", "+Y")),
    ],
)
def test_axes_are_the_recordings(rotation: list[list[int]], axes: tuple[str, ...]) -> None:
    turn = np.array(rotation, dtype=float)
    trc("anna_static.trc", sticks.turned(sticks.standing(), turn))
    trc("anna_run.trc", sticks.turned(sticks.running(), turn))
    *_, config, summary = drafted()
    assert tuple(config["recording"]["axes"].values()) == axes  # type: ignore[index]
    assert "RIGHT AND LEFT" not in summary


def test_a_mirror_image_is_told_and_no_axis_mends_it() -> None:
    mirror = np.diag([1.0, 1.0, -1.0])
    trc("anna_static.trc", sticks.turned(sticks.standing(), mirror))
    trc("anna_run.trc", sticks.turned(sticks.running(), mirror))
    *_, summary = drafted()
    assert "RIGHT AND LEFT" in summary


def test_overground_has_no_belt_and_who_runs_the_other_way_is_a_comment() -> None:
    back = np.diag([-1.0, 1.0, -1.0])
    trc("anna/static.trc", sticks.standing())
    for number in range(3):
        trc(f"anna/run{number}.trc", sticks.running(1.4, over_m_s=3.0))
    trc("anna/run3.trc", sticks.turned(sticks.running(1.4, over_m_s=3.0), back))
    _, trials, _, summary = drafted()
    assert [row["trial"] for row in trials] == ["run0", "run1", "run2"]
    assert {row["belt_speed_m_s"] for row in trials} == {""}
    assert float(trials[0]["speed_m_s"]) == pytest.approx(3.0, abs=0.05)
    assert "run3.trc: its row is a comment: the runner faces -X" in summary


def test_two_runners_in_folders_with_forces_beside() -> None:
    for who in ("S01", "S02"):
        trc(f"{who}/markers/standing.trc", sticks.standing())
        for number in (1, 2):
            trc(f"{who}/markers/run_{number}.trc", sticks.running())
            Path("recordings", who, "forces").mkdir(exist_ok=True)
            forces(Path("recordings", who, "forces", f"run_{number}_grf.mot"))
    subjects, trials, _, _ = drafted()
    assert [row["subject"] for row in subjects] == ["S01", "S02"]
    assert [row["files"] for row in trials] == [
        f"{who}/markers/run_{n}.trc;{who}/forces/run_{n}_grf.mot"
        for who in ("S01", "S02")
        for n in (1, 2)
    ]


def test_forces_of_another_time_belong_to_nobody_and_markers_alone_are_told() -> None:
    trc("anna_static.trc", sticks.standing())
    trc("anna_run.trc", sticks.running())
    forces(Path("recordings/anna_grf_run.mot"), start_s=50.0)
    _, trials, _, summary = drafted()
    assert trials[0]["files"] == "anna_run.trc"
    assert "joint angles alone" in summary
    assert "anna_grf_run.mot: forces that belong to no file of markers" in summary


def test_forces_of_the_same_name_are_paired_whatever_is_wrong_with_them() -> None:
    trc("anna_static.trc", sticks.standing())
    for name in ("run_1_ground", "run_FP1", "run_late", "run_broken"):
        trc(f"anna_{name}.trc", sticks.running())
        forces(Path(f"recordings/anna_{name}.mot"), start_s=50.0 if name == "run_late" else 0.0)
    broken = Path("recordings/anna_run_broken.mot")
    broken.write_text(broken.read_text("utf-8").replace("\t0\t", "\t0x3\t", 1), "utf-8")
    _, trials, _, summary = drafted()
    assert [row["files"].count(";") for row in trials] == [1, 1, 1, 1]
    assert "anna_run_broken.trc: forces not readable: read_table" in summary


def test_the_standing_trial_that_fits_is_taken_and_the_others_are_named() -> None:
    trc("anna_static_1.trc", sticks.standing())
    other = sticks.standing()
    moved = other.positions_m + np.where(np.arange(len(other.names)) % 2, 0.03, 0.0)[:, np.newaxis]
    trc("anna_static_0.trc", Markers(other.time_s, other.names, moved, other.rate_hz))
    trc("anna_run.trc", sticks.running())
    subjects, _, _, summary = drafted()
    assert subjects[0]["static_file"] == "anna_static_1.trc"
    assert "the others are not used: anna_static_0.trc" in summary


def test_a_second_of_standing_still_in_another_recording_stands_in_and_is_told() -> None:
    run, still = sticks.running(), sticks.standing()
    positions = np.concatenate([still.positions_m, run.positions_m])
    time_s = np.arange(len(positions)) / run.rate_hz
    trc("anna_run1.trc", sticks.running())
    trc("anna_run2.trc", Markers(time_s, run.names, positions, run.rate_hz))
    subjects, trials, _, summary = drafted()
    assert subjects[0]["static_file"] == "anna_run2.trc"
    assert [row["trial"] for row in trials] == ["run1", "run2"]
    assert "anna_run2.trc has a second of standing still" in summary


def larger(markers: Markers, by: float) -> Markers:
    """Return markers of somebody whose every length is larger."""
    return replace(markers, positions_m=markers.positions_m * by)


def test_a_standing_trial_of_nobody_is_that_of_the_only_runner_without_whom_it_fits() -> None:
    trc("calibration.trc", larger(sticks.standing(), 1.1))
    trc("anna_static.trc", sticks.standing())
    trc("anna_run.trc", sticks.running())
    trc("ben_run.trc", larger(sticks.running(), 1.1))
    subjects, _, _, _ = drafted()
    found = {row["subject"]: row["static_file"] for row in subjects}
    assert found == {"anna": "anna_static.trc", "ben": "calibration.trc"}


def test_trials_of_one_size_beside_one_standing_trial_are_one_runners() -> None:
    trc("static.trc", sticks.standing())
    for name in ("alpha_L1", "beta_R1", "gamma"):
        trc(f"{name}.trc", sticks.running(1.4, over_m_s=3.0))
    subjects, trials, _, summary = drafted()
    assert len(subjects) == 1
    assert subjects[0]["static_file"] == "static.trc"
    assert len(trials) == 3
    assert "write one label: steps are pooled by condition" in summary


def test_runners_of_two_sizes_stay_two() -> None:
    trc("alpha.trc", sticks.running())
    trc("beta.trc", larger(sticks.running(), 1.1))
    trc("alpha_static.trc", sticks.standing())
    subjects, *_ = drafted()
    assert [row["subject"] for row in subjects] == ["alpha", "beta"]
    assert [row["static_file"] for row in subjects] == ["alpha_static.trc", ""]


def test_without_a_standing_trial_the_cell_is_blank_and_named() -> None:
    trc("anna_run.trc", sticks.running())
    subjects, _, _, summary = drafted()
    assert subjects[0]["static_file"] == ""
    assert "no standing trial of anna" in summary


def test_mass_and_stature_of_a_header_and_the_mass_that_plates_weigh() -> None:
    on_plates("ben_static.c3d", np.full(900, 70.0 * 9.80665))
    named = with_parameters(
        laboratory_file(sticks.standing(), []),
        PROCESSING__Bodymass=np.array(61.5),
        PROCESSING__Height=np.array(1720.0),
    )
    named.write(Path("recordings/anna_static.c3d"))
    for who in ("anna", "ben"):
        trc(f"{who}_run.trc", sticks.running())
    subjects, _, _, summary = drafted()
    anna, ben = subjects
    assert (anna["mass_kg"], anna["height_m"]) == ("61.5", "1.72")
    assert (ben["mass_kg"], ben["height_m"]) == ("70", "")
    assert "PROCESSING:BODYMASS in anna_static.c3d" in summary
    assert "weighed by the force plates" in summary


def on_plates(name: str, *weights_n: FloatArray) -> Path:
    """Write a standing trial on plates that bear these weights (N,) at 600 Hz."""
    time_s = np.arange(900) / 600.0
    loads = []
    for number, weight in enumerate(weights_n):
        force = np.zeros((900, 3))
        force[:, 1] = weight
        wrench = Wrench(time_s, force, np.zeros_like(force), 600.0, "plate")
        loads.append((MadePlate(centre_m=(3.0 * number, 0.0, 0.0)), wrench))
    Path("recordings").mkdir(exist_ok=True)
    made = laboratory_file(sticks.standing(), loads)
    return made.write(Path("recordings") / name)


def test_feet_on_two_plates_are_weighed_together_and_an_empty_plate_not() -> None:
    path = on_plates("two.c3d", np.full(900, 300.0), np.full(900, 310.0), np.full(900, 12.0))
    assert weighed_kg(read_file(path)) == pytest.approx(610.0 / 9.80665, abs=0.1)


@pytest.mark.parametrize("weights", [[], [12.0], [700.0, 800.0], [5000.0], [200.0]])
def test_who_does_not_stand_still_on_a_plate_is_not_weighed(weights: list[float]) -> None:
    load = [np.tile(weights, 900 // len(weights))] if weights else []
    assert weighed_kg(read_file(on_plates("odd.c3d", *load))) is None


@pytest.mark.parametrize(
    "text",
    [
        "id,mass_kg,height_cm,sex\nanna,61.4,172,F\nben,70,180,M\n",
        "Participant;Body mass [kg];Stature (m);Gender\nAnna;61,4;1,72;female\nBen;70;1,80;male\n",
        "name\tweight\theight\tsex\nANNA\t61.4\t1720\tw\n",
    ],
)
def test_tables_of_runners_in_any_spelling(tmp_path: Path, text: str) -> None:
    path = tmp_path / "people.csv"
    path.write_text(text, encoding="utf-8")
    table = read_people(path)
    assert table is not None
    found = from_table(table, {"anna": Person(), "carl": Person()})
    assert found["anna"].values == {"mass_kg": 61.4, "height_m": 1.72, "sex": "F"}
    assert not found["carl"].values


def test_a_text_that_is_no_table_of_runners(tmp_path: Path) -> None:
    path = tmp_path / "readme.txt"
    path.write_text("Recorded in 2024, with a mass of data.\nAnd more, of it.\n", encoding="utf-8")
    assert read_people(path) is None


def unknown(rotation: FloatArray | None = None) -> None:
    turn = np.eye(3) if rotation is None else rotation
    for name, markers in (("static", sticks.standing()), ("run", sticks.running())):
        trc(f"anna_{name}.trc", sticks.relabelled(sticks.turned(markers, turn), LONG))


def test_an_unknown_set_is_drafted_and_refused_until_confirmed() -> None:
    unknown()
    subjects, *_ = drafted()
    assert subjects[0]["marker_set"] == "mine/markerset.yaml"
    told = [line for line in mistakes() if "markerset.yaml" in line]
    assert len(told) == 1
    assert "confirmed: expected true" in told[0]
    path = Path("mine/markerset.yaml")
    path.write_text(path.read_text("utf-8").replace("confirmed: false", "confirmed: true"), "utf-8")
    assert not [line for line in mistakes() if "markerset.yaml" in line]
    assert Path("mine/markerset.html").read_text("utf-8").count("<svg") == 3


@pytest.mark.parametrize("standing_deg", [0.0, 90.0, 200.0])
def test_an_unknown_set_is_drafted_right_whichever_way_the_runner_stands(
    standing_deg: float,
) -> None:
    angle = np.radians(standing_deg)
    cosine, sine = np.cos(angle), np.sin(angle)
    turn = np.array([[cosine, 0.0, sine], [0.0, 1.0, 0.0], [-sine, 0.0, cosine]])
    trc("anna_static.trc", sticks.relabelled(sticks.turned(sticks.standing(), turn), LONG))
    trc("anna_run.trc", sticks.relabelled(sticks.running(), LONG))
    drafted()
    own = load_markerset(Path("mine/markerset.yaml"))
    known = load_markerset(TOP / "models" / "markersets" / "plug_in_gait_lower.yaml")
    bodies = {marker.name: marker.body for marker in own.markers}
    computed = known.computed_names()
    right = {LONG[m.name]: m.body for m in known.markers if m.name not in computed}
    assert {name: bodies[name] for name in right} == right
    assert own.landmarks["left"] == {"heel": LONG["LHEE"], "toe": LONG["LTOE"]}
    assert own.trunk["asis_right"] == LONG["RASI"]


def test_a_drafted_set_has_the_shape_of_a_marker_set() -> None:
    unknown()
    drafted()
    document = yaml.safe_load(Path("mine/markerset.yaml").read_text("utf-8"))
    schema = TOP / "config" / "schemas" / "markerset.schema.yaml"
    assert not schema_problems(document, schema, lambda path: ("own", str(path)))
    told = [str(problem) for problem in markerset_contradictions(document, "own")]
    assert len(told) == 1
    assert "confirmed" in told[0]


def test_nothing_is_overwritten() -> None:
    trc("anna_run.trc", sticks.running())
    drafted()
    with pytest.raises(ConfigError, match="nothing is overwritten"):
        drafted()


@pytest.mark.parametrize(
    ("name", "folder", "words"),
    [
        ("mine", "nowhere", "no folder nowhere"),
        ("virtual", "recordings", "other than virtual"),
        ("my study", "recordings", "letters, digits"),
        ("mine", "empty", "C3D or TRC files"),
        ("mine", "still", "somebody running"),
        ("mine", "broken", "run.trc: read_markers: expected"),
    ],
)
def test_what_cannot_be_drafted_is_told_in_a_line(
    name: str, folder: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    trc("anna_run.trc", sticks.running())
    Path("empty").mkdir()
    Path("still").mkdir()
    write_trc(Path("still/anna_static.trc"), sticks.standing())
    Path("broken").mkdir()
    write_trc(Path("broken/static.trc"), sticks.standing())
    Path("broken/run.trc").write_text("no markers", encoding="utf-8")
    assert main([name, folder]) == 1
    told = capsys.readouterr().err
    assert words in told
    assert told.count("\n") == 1


def test_files_that_cannot_be_read_are_left_out_with_their_reason() -> None:
    trc("anna_run.trc", sticks.running())
    Path("recordings/broken.c3d").write_bytes(b"no recording")
    Path("recordings/angles.mot").write_text(
        "x\nnRows=1\nnColumns=2\nendheader\ntime\tknee\n0\t1\n"
    )
    *_, summary = drafted()
    assert "broken.c3d: read_c3d:" in summary
    assert "angles.mot: no columns of a ground force" in summary
