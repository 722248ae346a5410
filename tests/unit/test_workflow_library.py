"""What rules are given of the configuration, and which files a run of a cohort makes."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from strikelean import workflow_files
from strikelean.config.project import Project, Subject, TrialRow
from strikelean.config.rule_settings import RuleSettings, runner_sizes
from strikelean.virtual.settings import VirtualSettings
from strikelean.workflow_project import laid_over, read_project, with_delivered

TOP = Path(__file__).parents[2]
DELIVERED: dict[str, Any] = yaml.safe_load(
    (TOP / "config" / "config.yaml").read_text(encoding="utf-8")
)


def subject(name: str) -> Subject:
    at = Path("x")
    return Subject(name, 60.0, 1.7, "unknown", at, "rajagopal2016", at, at)


def trial(of: str, name: str, technique: str = "") -> TrialRow:
    return TrialRow(of, name, (), "heel_strike", 3.5, None, None, None, technique=technique)


def project(*trials: TrialRow, virtual: bool = False) -> Project:
    names = sorted({t.subject for t in trials})
    return Project(
        config=deepcopy(DELIVERED),
        subjects={name: subject(name) for name in names},
        trials={(t.subject, t.name): t for t in trials},
        virtual=virtual,
    )


def test_each_setting_reaches_only_the_rules_that_use_it() -> None:
    config = deepcopy(DELIVERED)
    before = RuleSettings(deepcopy(config))
    config["filter"]["loading_rate_cutoff_hz"] = 60
    config["virtual"]["trunk_lean_change_deg"] = [5]
    config["quality"]["max_lag_s"] = 0.01
    after = RuleSettings(config)
    assert after.virtual() == before.virtual()
    assert after.trial() != before.trial()  # the filter
    config["filter"]["loading_rate_cutoff_hz"] = 50
    config["counterfactual"]["hip_share"] = 0.7
    assert after.trial() == before.trial()
    assert after.technique("sweep") != before.technique("sweep")


def test_a_place_is_no_method() -> None:
    methods = RuleSettings(DELIVERED).methods()
    assert not {"tables", "data_root"} & set(methods)
    assert set(methods) == set(DELIVERED) - {"tables", "data_root"}


def test_a_band_of_virtual_conditions_takes_their_own_number_of_strides() -> None:
    config = deepcopy(DELIVERED)
    config["virtual"]["band_strides"] = 4
    bands = RuleSettings(config).bands()["counterfactual"]
    assert (bands["strides"], bands["band_strides"]) == (4, 4)


def test_a_setting_that_is_not_there_is_an_error() -> None:
    with pytest.raises(KeyError):
        RuleSettings(DELIVERED).part("filter", "cutof_hz")


def test_a_source_falls_back_on_the_cohort() -> None:
    assert RuleSettings(DELIVERED).source() == "own"
    assert RuleSettings(DELIVERED | {"source": "doi 10.1/x"}).source() == "doi 10.1/x"


def test_runner_sizes_stand_in_the_order_of_names() -> None:
    sizes = runner_sizes(project(trial("bert", "run"), trial("anna", "run")))
    assert list(sizes) == ["anna", "bert"]
    assert sizes["anna"] == {"mass_kg": 60.0, "height_m": 1.7}


def test_the_knee_of_three_rotations_is_for_recordings_of_people() -> None:
    recorded, derived = trial("anna", "run"), trial("anna", "run~forefoot", "forefoot")
    people, made = project(recorded, derived), project(recorded, virtual=True)
    assert workflow_files.knee3_file(people, "anna", "run") == "kinematics_knee3.mot"
    assert workflow_files.knee3_file(people, "anna", "run~forefoot") is None
    assert workflow_files.knee3_file(made, "anna", "run") is None
    people.config["kinematics"]["knee3"] = False
    assert workflow_files.knee3_file(people, "anna", "run") is None


def test_predictions_alone_carry_a_band() -> None:
    people = project(trial("anna", "run"), trial("anna", "run~forefoot", "forefoot"))
    assert workflow_files.band_file(people, "anna", "run") is None
    assert workflow_files.band_file(people, "anna", "run~forefoot") == "run~forefoot/band.csv"
    made = project(trial("V01", "heel_strike"), trial("V01", "lean"), virtual=True)
    assert workflow_files.band_file(made, "V01", "heel_strike") is None
    assert workflow_files.band_file(made, "V01", "lean") == "heel_strike/bands/lean.csv"


def test_first_recordings_are_one_a_runner_in_their_order() -> None:
    cohort = project(
        trial("anna", "run2~lean", "lean"),
        trial("bert", "b"),
        trial("anna", "a"),
        trial("anna", "c"),
    )
    names = workflow_files.first_recordings(cohort, "grf.mot")
    assert names == ["results/{cohort}/anna/a/grf.mot", "results/{cohort}/bert/b/grf.mot"]
    own = workflow_files.first_recordings(cohort, "scaled.osim", of_trial=False)
    assert own == ["results/{cohort}/anna/scaled.osim", "results/{cohort}/bert/scaled.osim"]


def test_a_virtual_trial_has_its_recording_and_its_truth() -> None:
    delivered = VirtualSettings.from_config(DELIVERED["virtual"])
    settings = replace(delivered, techniques=("lean+05",))
    files = workflow_files.virtual_trials(settings)
    assert set(files) == {
        name + part
        for name in ("heel_strike", "lean")
        for part in ("", "_motion", "_ground", "_contacts")
    }
    assert files["lean"] == "results/{cohort}/{subject}/recordings/lean.c3d"
    assert list(workflow_files.virtual_bands(settings)) == ["lean"]


def test_a_part_of_the_configuration_is_laid_over_the_delivered_one() -> None:
    asked = {"virtual": {"runners": 2}, "filter": {"cutoff_hz": 20}}
    whole = with_delivered(asked, TOP)
    assert whole["virtual"]["runners"] == 2
    assert whole["virtual"]["seed"] == DELIVERED["virtual"]["seed"]
    assert whole["filter"]["order"] == DELIVERED["filter"]["order"]
    assert asked == {"virtual": {"runners": 2}, "filter": {"cutoff_hz": 20}}


def test_what_is_laid_over_replaces_lists_as_a_whole() -> None:
    assert laid_over({"a": [1, 2], "b": {"c": 1}}, {"a": [3], "b": 4}) == {"a": [3], "b": 4}


def test_the_public_dataset_answers_where_it_is_asked_for(tmp_path: Path) -> None:
    config = deepcopy(DELIVERED)
    assert read_project(config, TOP, []).virtual
    table = TOP / "config" / "examples" / "rbds" / "subjects.tsv"
    for line in table.read_text(encoding="utf-8").splitlines()[2:]:
        for kind in ("static", "runT35"):
            (tmp_path / f"{line.split()[0]}{kind}.c3d").touch()
    public = read_project(config, TOP, [], data=str(tmp_path), asked={"cohort": "mine"})
    assert not public.virtual
    assert len(public.trials) == 14
    assert public.config["cohort"] == "mine"
    assert config == DELIVERED
