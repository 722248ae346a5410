"""Every mistake in configuration and tables is told at once, with its place and likely meaning."""

from __future__ import annotations

import copy
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from strikelean.config.checks import trial_problems
from strikelean.config.problems import ConfigMistakesError
from strikelean.config.project import Project, load_project
from strikelean.config.tables import Row
from strikelean.errors import ConfigError

TOP = Path(__file__).parents[2]
SUBJECT_COLUMNS = "subject\tmass_kg\theight_m\tsex\tstatic_file\tmodel\tmarker_set"
TRIAL_COLUMNS = "subject\ttrial\tfiles\tcondition\tspeed_m_s\tbelt_speed_m_s\tstart_s\tend_s"
ANNA = "anna\t60\t1.70\tF\tanna_static.trc\trajagopal2016\trbds"
BERT = "bert\t75.5\t1.81\tM\tbert_static.c3d\t\trbds"
RUN = "anna\trun1\tanna_run.trc;anna_run.mot\theel_strike\t3.5\t\t\t"
BERT_RUN = "bert\trun1\tbert_run.c3d\tforefoot_lean\t3.5\t3.5\t1.0\t20.0"
Load = Callable[..., Project]


class Laboratory:
    """A folder with recordings, tables and a configuration to make mistakes in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.top = folder / "project"
        self.config: dict[str, Any] = yaml.safe_load(
            (TOP / "config" / "config.yaml").read_text(encoding="utf-8")
        )
        shutil.copytree(TOP / "config" / "schemas", self.top / "config" / "schemas")
        shutil.copytree(TOP / "models", self.top / "models")
        for name in ("anna_static.trc", "anna_run.trc", "anna_run.mot", "bert_static.c3d"):
            (folder / name).touch()
        (folder / "bert_run.c3d").touch()
        self.config["data_root"] = str(folder)
        self.config["tables"] = {
            name: str(folder / f"{name}.tsv") for name in ("subjects", "trials")
        }
        self.subjects(ANNA, BERT)
        self.trials(RUN, BERT_RUN)

    def subjects(self, *rows: str, header: str = SUBJECT_COLUMNS) -> None:
        self._table("subjects", header, rows)

    def trials(self, *rows: str, header: str = TRIAL_COLUMNS) -> None:
        self._table("trials", header, rows)

    def _table(self, name: str, header: str, rows: tuple[str, ...]) -> None:
        text = "\n".join([header, *rows]) + "\n"
        (self.folder / f"{name}.tsv").write_text(text, encoding="utf-8")

    def load(self) -> Project:
        file = self.folder / "config.yaml"
        file.write_text(yaml.safe_dump(self.config), encoding="utf-8")
        return load_project(self.config, self.top, [file])

    def mistakes(self) -> list[str]:
        with pytest.raises(ConfigMistakesError) as caught:
            self.load()
        return [str(problem) for problem in caught.value.problems]


@pytest.fixture
def laboratory(tmp_path: Path) -> Laboratory:
    return Laboratory(tmp_path)


def test_tables_become_typed_rows(laboratory: Laboratory) -> None:
    project = laboratory.load()
    anna, bert = project.subjects["anna"], project.subjects["bert"]
    assert (anna.mass_kg, anna.height_m, anna.sex) == (60.0, 1.70, "F")
    assert bert.model == "rajagopal2016"  # blank: the configuration's
    assert bert.model_source == laboratory.top / "models" / "rajagopal2016.yaml"
    run = project.trials["anna", "run1"]
    assert [path.name for path in run.files] == ["anna_run.trc", "anna_run.mot"]
    assert run.belt_speed_m_s is None
    assert project.trials["bert", "run1"].end_s == 20.0
    assert project.warnings == ()


def test_empty_tables_are_no_mistake(laboratory: Laboratory) -> None:
    laboratory.subjects()
    laboratory.trials()
    laboratory.config["virtual"]["runners"] = 0
    assert laboratory.load().trials == {}


def test_empty_tables_mean_virtual_runners(laboratory: Laboratory) -> None:
    assert not laboratory.load().virtual
    laboratory.subjects()
    laboratory.trials()
    project = laboratory.load()
    assert project.virtual
    assert project.config["cohort"] == "virtual"
    assert list(project.subjects) == [f"V{number:02d}" for number in range(1, 7)]


def test_a_cohort_of_virtual_runners_takes_a_name_of_its_own(laboratory: Laboratory) -> None:
    laboratory.subjects()
    laboratory.trials()
    laboratory.config["cohort"] = "seed7"
    project = laboratory.load()
    assert project.config["cohort"] == "seed7"
    assert all(
        path.as_posix().startswith("results/seed7/")
        for trial in project.trials.values()
        for path in trial.files
    )
    assert "6 virtual ones run as cohort seed7" in project.warnings[0]


@pytest.mark.parametrize("name", ["virtual", "Virtual"])
def test_real_runners_cannot_be_kept_where_virtual_ones_are(
    laboratory: Laboratory, name: str
) -> None:
    laboratory.config["cohort"] = name
    (told,) = laboratory.mistakes()
    assert "cohort: expected another name than virtual, which virtual runners have" in told
    laboratory.subjects()
    laboratory.trials()
    assert laboratory.load().config["cohort"] == name


def test_virtual_runners_are_changed_as_asked_else_as_delivered(laboratory: Laboratory) -> None:
    laboratory.subjects()
    laboratory.trials()
    delivered = laboratory.config["virtual"]["derived"]
    project = laboratory.load()
    assert {trial.technique for trial in project.trials.values()} - {""} == set(delivered)
    laboratory.config["counterfactual"]["techniques"] = ["lean+05"]
    assert laboratory.load().config["counterfactual"]["techniques"] == ["lean+05"]
    laboratory.config["virtual"]["derived"] = ["cadense+19"]
    with pytest.raises(ConfigError, match=r"virtual\.derived"):
        laboratory.load()


def test_angles_of_a_sweep_that_are_asked_for_are_those_of_virtual_runners_too(
    laboratory: Laboratory,
) -> None:
    laboratory.subjects()
    laboratory.trials()
    delivered = laboratory.config["virtual"]["trunk_lean_change_deg"]
    assert laboratory.load().config["sweep"]["trunk_lean_change_deg"] == delivered
    laboratory.config["sweep"]["trunk_lean_change_deg"] = [0, 5]
    assert laboratory.load().config["sweep"]["trunk_lean_change_deg"] == [0, 5]


def test_relative_tables_are_looked_for_in_the_working_folder_then_in_the_project(
    laboratory: Laboratory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    laboratory.config["tables"] = {name: f"{name}.tsv" for name in ("subjects", "trials")}
    monkeypatch.chdir(laboratory.folder)
    assert set(laboratory.load().subjects) == {"anna", "bert"}
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    for told in laboratory.mistakes():
        assert f"found no such file. Paths are relative to {elsewhere}" in told
    for name in ("subjects", "trials"):
        shutil.copy(laboratory.folder / f"{name}.tsv", laboratory.top)
    assert set(laboratory.load().subjects) == {"anna", "bert"}
    # one of the two beside the runner's own is no half of a cohort
    shutil.copy(laboratory.folder / "subjects.tsv", elsewhere)
    assert [told.split(",")[0] for told in laboratory.mistakes()] == ["trials.tsv"]


def test_two_techniques_of_one_condition_are_a_mistake(laboratory: Laboratory) -> None:
    laboratory.config["virtual"]["techniques"] = ["cadence+10", "cadence+11", "leen+05"]
    with pytest.raises(ConfigMistakesError) as told:
        laboratory.load()
    assert "one technique of the condition cadence" in str(told.value)
    assert "leen+05" in str(told.value)


@pytest.mark.parametrize("without", ["cell", "column"])
def test_sex_may_be_left_out(laboratory: Laboratory, without: str) -> None:
    rows, header = [ANNA.replace("\tF\t", "\t\t"), BERT], SUBJECT_COLUMNS
    if without == "column":
        rows = [re.sub("\t(F|M|unknown)\t", "\t", row) for row in (ANNA, BERT)]
        header = header.replace("\tsex", "")
    laboratory.subjects(*rows, header=header)
    assert laboratory.load().subjects["anna"].sex == "unknown"


def test_comments_blank_lines_and_spaces_are_accepted(laboratory: Laboratory) -> None:
    laboratory.subjects("# measured in May", "", ANNA.replace("anna\t", " anna \t"), BERT)
    assert set(laboratory.load().subjects) == {"anna", "bert"}


def test_all_mistakes_are_told_at_once(laboratory: Laboratory) -> None:
    laboratory.config["filter"]["cutof_hz"] = 12
    laboratory.config["recording"]["axes"]["up"] = "+X"
    laboratory.config["muscles"]["capacity"] = "penated"
    laboratory.subjects(
        ANNA.replace("\t60\t", "\t\t"), BERT.replace("1.81", "181").replace("rbds", "rdbs")
    )
    laboratory.trials(RUN.replace("anna\t", "ana\t"), BERT_RUN.replace("bert_run", "bert_rum"))
    told = laboratory.mistakes()
    expected = [
        ("config.yaml, filter.cutof_hz", "unknown key"),
        ("config.yaml, recording.axes", "right-handed"),
        ("config.yaml, muscles.capacity", "Did you mean 'pennated'?"),
        ("subjects.tsv, line 2 (subject anna), mass_kg", "found nothing"),
        ("subjects.tsv, line 3 (subject bert), height_m", "centimetres, write 1.81"),
        ("subjects.tsv, line 3 (subject bert), marker_set", "Did you mean 'rbds'?"),
        ("trials.tsv, line 2 (subject ana, trial run1), subject", "Did you mean 'anna'?"),
        ("trials.tsv, line 3 (subject bert, trial run1), files", "Did you mean 'bert_run.c3d'?"),
    ]
    assert len(told) == len(expected)
    for place, words in expected:
        assert [text for text in told if place in text and words in text], (place, told)


def test_the_error_lists_every_mistake_in_its_text(laboratory: Laboratory) -> None:
    laboratory.subjects(ANNA.replace("\t60\t", "\t\t"), BERT.replace("75.5", ""))
    with pytest.raises(ConfigError, match=r"found 2 mistakes[\s\S]*anna[\s\S]*bert"):
        laboratory.load()


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (("60", ""), "mass_kg: expected a number between 30 and 200 (kilograms), found nothing"),
        (("1.70", ""), "height_m: expected a number between 1.2 and 2.3 (metres), found nothing"),
        (("60", "588"), "newtons, write 60"),
        (
            ("60", "sixty"),
            "mass_kg: expected a number between 30 and 200 (kilograms), found 'sixty'",
        ),
        (("60", "nan"), "mass_kg: expected a number"),
        (("1.70", "170"), "centimetres, write 1.7"),
        (("\tF\t", "\tf\t"), "Did you mean 'F'?"),
        (("anna\t", "an/na\t"), "letters, digits, dot, dash and underscore"),
        (("anna\t", "models\t"), "taken"),
        (("rajagopal2016", "rajagopall2016"), "Did you mean 'rajagopal2016'?"),
        (("rajagopal2016", "rajagopal2015"), "Near is 'rajagopal2016', but its number differs."),
        (("rajagopal2016", "mine.osim"), "no file mine.osim"),
        (("anna_static.trc", "anna_static.csv"), "C3D or TRC"),
    ],
)
def test_one_wrong_cell_of_a_subject_is_one_mistake(
    laboratory: Laboratory, cells: tuple[str, str], words: str
) -> None:
    laboratory.subjects(ANNA.replace(*cells, 1), BERT)
    # a renamed subject leaves her trial behind, and an odd file name is not there either
    told = [text for text in laboratory.mistakes() if "trials.tsv" not in text]
    assert words in told[0], told
    assert len([text for text in told if "no file anna_static.csv" not in text]) == 1, told


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (("3.5", ""), "speed_m_s: expected a number between 1 and 12 (metres per second)"),
        (("3.5", "12.6"), "km/h, write 3.5"),
        (("run1", "run1~lean+05"), "~ is kept for derived trials"),
        (("heel_strike", ""), "condition: expected heel_strike"),
        (("anna_run.trc;anna_run.mot", "anna_run.mot"), "markers (TRC or C3D) and forces (MOT)"),
        (("3.5\t\t\t", "3.5\t\t9\t3"), "end_s: expected more than start_s (9), found 3"),
    ],
)
def test_one_wrong_cell_of_a_trial_is_one_mistake(
    laboratory: Laboratory, cells: tuple[str, str], words: str
) -> None:
    laboratory.trials(RUN.replace(*cells, 1), BERT_RUN)
    told = laboratory.mistakes()
    assert len(told) == 1
    assert words in told[0]


def test_repeated_rows_name_the_first(laboratory: Laboratory) -> None:
    laboratory.subjects(ANNA, BERT, ANNA.replace("anna\t", "Anna\t", 1))
    laboratory.trials(RUN, RUN, BERT_RUN)
    told = laboratory.mistakes()
    assert len(told) == 2
    assert "line 4 (subject Anna), subject" in told[0]
    assert "another in line 2" in told[0]
    assert "line 3 (subject anna, trial run1), trial" in told[1]


def test_misspelt_columns_are_told_once(laboratory: Laboratory) -> None:
    laboratory.subjects(ANNA, BERT, header=SUBJECT_COLUMNS.replace("mass_kg", "mass"))
    told = laboratory.mistakes()
    assert "found 'mass'. Did you mean 'mass_kg'?" in told[0]
    assert not [text for text in told if "expected a column mass_kg" in text]


def rewrite(path: Path, change: Callable[[str], str], encoding: str) -> None:
    path.write_bytes(change(path.read_text(encoding="utf-8")).encode(encoding))


def as_csv(text: str, separator: str) -> str:
    """Return a table as a spreadsheet's CSV: cells with the separator quoted."""

    def cell(value: str) -> str:
        return f'"{value}"' if separator in value else value

    return "\n".join(
        separator.join(map(cell, line.split("\t"))) + separator * 2 * bool(line)
        for line in text.split("\n")
    )


def with_decimal_commas(text: str) -> str:
    return text.replace("1.70", "1,70").replace("75.5", "75,5").replace("3.5", "3,5")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize(
    "change",
    [
        lambda text: text,
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\n", "\r"),
        lambda text: text.replace("\n", "\t\t\n"),
        lambda text: "\n".join(
            "\t".join(f'"{cell}"' for cell in line.split("\t")) for line in text.split("\n")
        ),
        with_decimal_commas,
        lambda text: as_csv(with_decimal_commas(text), ";"),
        lambda text: "sep=;\n" + as_csv(text, ";"),
        lambda text: as_csv(with_decimal_commas(text), ","),
        lambda text: "# in May\n\n" + text,
    ],
    ids=[
        *("plain", "crlf", "cr", "trailing tabs", "quoted", "decimal commas"),
        *("semicolons", "separator stated", "commas", "comment first"),
    ],
)
def test_tables_are_read_as_spreadsheets_save_them(
    laboratory: Laboratory, change: Callable[[str], str], encoding: str
) -> None:
    (laboratory.folder / "anna_static.trc").rename(laboratory.folder / "änna static.trc")
    laboratory.subjects(ANNA.replace("anna_static", "änna static"), BERT)
    plain = laboratory.load()
    for name in ("subjects", "trials"):
        rewrite(laboratory.folder / f"{name}.tsv", change, encoding)
    read = laboratory.load()
    assert read.subjects == plain.subjects
    assert read.trials == plain.trials


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"PK\x03\x04" + bytes(100), "spreadsheet's own file"),
        (bytes(range(256)), "bytes that are no"),
        (b'subject\t"mass_kg\nanna\t60\n', "quotes in line 1 that do not match"),
        (b"PK\x03\x04" + bytes(100), "'Unicode text' or 'CSV', and name that file"),
        (SUBJECT_COLUMNS.replace("\t", " ").encode(), "Save the table as text"),
        (f"{SUBJECT_COLUMNS};\n{ANNA};x;y\n".replace("\t", ";").encode(), "needs quotes around it"),
        (SUBJECT_COLUMNS.replace("sex\t", "\t").encode(), "a column without a name"),
        (f"{SUBJECT_COLUMNS}\n{ANNA}\tx\n".encode(), "line 2: expected 7 cells, found 8"),
    ],
)
def test_what_is_no_table_is_told_as_what_it_is(
    laboratory: Laboratory, content: bytes, words: str
) -> None:
    (laboratory.folder / "subjects.tsv").write_bytes(content)
    assert words in laboratory.mistakes()[0]


def test_a_name_with_its_accents_encoded_otherwise_is_told_so(laboratory: Laboratory) -> None:
    (laboratory.folder / "a\u0308.c3d").touch()
    laboratory.trials(RUN, BERT_RUN.replace("bert_run", "\u00e4"))
    assert "accents encoded otherwise" in laboratory.mistakes()[0]


def test_markers_may_come_from_a_c3d_beside_a_table_of_forces(laboratory: Laboratory) -> None:
    laboratory.trials(RUN.replace("anna_run.trc", "bert_run.c3d"), BERT_RUN)
    files = laboratory.load().trials["anna", "run1"].files
    assert [path.name for path in files] == ["bert_run.c3d", "anna_run.mot"]


def test_absent_folders_and_tables_are_told_once(laboratory: Laboratory) -> None:
    laboratory.config["data_root"] = str(laboratory.folder / "nowhere")
    laboratory.config["tables"]["trials"] = "config/tirals.tsv"
    told = laboratory.mistakes()
    assert len(told) == 2
    assert "no such file" in told[0]
    assert "data_root: expected a folder" in told[1]


def test_subjects_without_any_trial_are_not_run_silently(laboratory: Laboratory) -> None:
    laboratory.trials()
    assert "at least one trial" in laboratory.mistakes()[0]
    laboratory.trials(RUN)
    project = laboratory.load()
    assert set(project.subjects) == {"anna"}
    assert "no trial for bert" in project.warnings[0]


@pytest.mark.parametrize(
    ("label", "meant"), [("heelstrike", "heel_strike"), ("forefoot-lean", "forefoot_lean")]
)
def test_a_label_near_a_known_one_is_kept_with_a_note(
    laboratory: Laboratory, label: str, meant: str
) -> None:
    laboratory.trials(RUN.replace("heel_strike", label), BERT_RUN)
    project = laboratory.load()
    assert project.trials["anna", "run1"].condition == label
    assert f"Did you mean '{meant}'?" in project.warnings[0]


@pytest.mark.parametrize("label", ["forefoot", "midfoot", "barefoot", "heel_strike"])
def test_a_free_label_needs_no_note(laboratory: Laboratory, label: str) -> None:
    laboratory.trials(RUN.replace("heel_strike", label), BERT_RUN)
    assert laboratory.load().warnings == ()


def test_own_model_is_taken_by_its_path(laboratory: Laboratory) -> None:
    (laboratory.folder / "models").mkdir()
    (laboratory.folder / "models" / "mine.osim").touch()
    laboratory.subjects(ANNA.replace("rajagopal2016", "models/mine.osim"), BERT)
    anna = laboratory.load().subjects["anna"]
    assert anna.model == "mine"
    assert anna.model_source == laboratory.folder / "models" / "mine.osim"


def test_own_model_needs_a_name_that_makes_a_path(laboratory: Laboratory) -> None:
    (laboratory.folder / "my model.osim").touch()
    laboratory.subjects(ANNA.replace("rajagopal2016", "my model.osim"), BERT)
    assert "letters, digits, dot, dash and underscore" in laboratory.mistakes()[0]


def test_two_models_of_one_name_are_refused(laboratory: Laboratory) -> None:
    (laboratory.folder / "rajagopal2016.osim").touch()
    laboratory.subjects(ANNA.replace("rajagopal2016", "rajagopal2016.osim"), BERT)
    assert "models with different names" in laboratory.mistakes()[0]


def test_mistakes_in_a_marker_set_and_a_recipe_are_told_too(laboratory: Laboratory) -> None:
    recipe = laboratory.top / "models" / "rajagopal2016.yaml"
    document = yaml.safe_load(recipe.read_text(encoding="utf-8"))
    document["edits"][0]["operation"] = "set_fiber_damping"
    recipe.write_text(yaml.safe_dump(document), encoding="utf-8")
    markers = laboratory.top / "models" / "markersets" / "rbds.yaml"
    document = yaml.safe_load(markers.read_text(encoding="utf-8"))
    document["landmarks"]["right"]["heel"] = "R.Heel.Botom"
    document["markers"][0]["wieght"] = 1
    document["markers"].append(copy.deepcopy(document["markers"][1]))
    markers.write_text(yaml.safe_dump(document), encoding="utf-8")
    told = laboratory.mistakes()
    twice = document["markers"][1]["name"]
    expected = [
        ("models/rajagopal2016.yaml, edits[1].operation", "Did you mean 'set_fibre_damping'?"),
        ("models/markersets/rbds.yaml, markers[1].wieght", "unknown key 'wieght'"),
        ("models/markersets/rbds.yaml, markers:", f"one marker {twice}"),
        ("models/markersets/rbds.yaml, landmarks.right.heel", "Did you mean 'R.Heel.Bottom'?"),
    ]
    assert len(told) == len(expected), told
    for place, words in expected:
        assert [text for text in told if place in text and words in text], (place, told)


def test_a_value_of_the_wrong_kind_names_the_file_that_sets_it(
    laboratory: Laboratory, tmp_path: Path
) -> None:
    first, second = tmp_path / "first.yaml", tmp_path / "second.yaml"
    first.write_text(yaml.safe_dump(laboratory.config), encoding="utf-8")
    second.write_text("filter: {cutoff_hz: fast}\n", encoding="utf-8")
    laboratory.config["filter"]["cutoff_hz"] = "fast"
    with pytest.raises(ConfigMistakesError) as caught:
        load_project(laboratory.config, laboratory.top, [first, second])
    (problem,) = caught.value.problems
    assert problem.file.endswith("second.yaml")
    assert problem.place == "filter.cutoff_hz"


def test_a_mistake_of_the_command_line_is_not_blamed_on_a_file(
    laboratory: Laboratory, tmp_path: Path
) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(yaml.safe_dump(laboratory.config), encoding="utf-8")
    laboratory.config["data_root"] = "nowhere"
    laboratory.config["filter"] |= {"order": 3}
    del laboratory.config["cohort"]
    with pytest.raises(ConfigMistakesError) as caught:
        load_project(laboratory.config, laboratory.top, [file])
    told = {problem.place: problem.file for problem in caught.value.problems}
    assert told == {
        "data_root": "command line",
        "filter.order": "command line",
        "cohort": file.as_posix(),
    }


def test_numbers_given_as_text_on_the_command_line_are_numbers(laboratory: Laboratory) -> None:
    laboratory.config["kinematics"] |= {"accuracy": "1e-7", "knee3": "False"}
    laboratory.config["steps"]["contacts_per_foot"] = "5"
    config = laboratory.load().config
    assert config["kinematics"]["accuracy"] == 1e-7
    assert config["kinematics"]["knee3"] is False
    assert config["steps"]["contacts_per_foot"] == 5


def test_the_rbds_example_fits_its_recordings_by_name(tmp_path: Path) -> None:
    config = yaml.safe_load((TOP / "config" / "config.yaml").read_text(encoding="utf-8"))
    folder = TOP / "config" / "examples" / "rbds"
    config["tables"] = {name: str(folder / f"{name}.tsv") for name in ("subjects", "trials")}
    config["data_root"] = str(tmp_path)
    for line in (folder / "subjects.tsv").read_text(encoding="utf-8").splitlines()[2:]:
        name = line.split("\t")[0]
        (tmp_path / f"{name}static.c3d").touch()
        (tmp_path / f"{name}runT35.c3d").touch()
    project = load_project(config, TOP, [])
    assert len(project.subjects) == len(project.trials) == 14
    assert project.warnings == ()


def test_a_table_of_runners_that_cannot_be_read_makes_nobody_unknown(tmp_path: Path) -> None:
    rows = [Row("trials.tsv", 2, {"subject": "anna", "trial": "run1", "files": ""})]
    assert list(trial_problems(rows, [], tmp_path))
    assert not list(trial_problems(rows, [], tmp_path, told=True))
