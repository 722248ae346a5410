"""Every delivered marker set gives a virtual runner's truth back, within what the manual states.

Gates of docs/markersets.md: without flaws the knee extension moment within 2 % and the kneecap's
force within 10 % (1 % where the hip centres are recorded: the regression and the model disagree on
them), knee flexion within 2 deg RMS and the foot-strike angle within 0.2 deg; with the delivered
flaws 8 %, 14 %, 3 deg and 1 deg.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from strikelean.config.settings import Settings
from strikelean.errors import ConfigError
from strikelean.markersets_known import load_known
from strikelean.verify.compare_markersets import (
    NO_TRUNK,
    QUANTITIES,
    MarkerSetStudy,
    compare_markersets,
    table_lines,
)
from strikelean.virtual.recovery import RecoverySettings, Truth, recover_elsewhere
from strikelean.virtual.runner import (
    StudyInputs,
    VirtualStudy,
    compile_body,
    make_body,
    read_study,
    run_habitual,
)
from strikelean.virtual.settings import (
    HABITUAL,
    MATCHED,
    MATCHED_NOISE_FREE,
    MISMATCHED,
    VirtualSettings,
)
from strikelean.virtual.true_trial import TruthFiles, read_truth, write_truth

TOP = Path(__file__).parents[2]
SETS = TOP / "models" / "markersets"
CONFIG: dict[str, Any] = yaml.safe_load((TOP / "config" / "config.yaml").read_text("utf-8"))
RUNNER, STRIDES = "V01", 3
MOMENT, FORCE = "knee_extension_moment_peak", "patellofemoral_force_joint_reaction_peak"
FLEXION, STRIKE = "knee_flexion_angle", "foot_strike_angle_contact"
QUICK = {"plug_in_gait_lower_sacrum"}


def study_of(generic: Path, name: str) -> VirtualStudy:
    section = CONFIG["virtual"] | {"strides": STRIDES, "marker_set": name}
    inputs = StudyInputs(
        generic, SETS / f"{name}.yaml", TOP / section["gait"], TOP / section["strike"]
    )
    return read_study(inputs, VirtualSettings.from_config(section), CONFIG["scaling"]["strength"])


@dataclass(frozen=True)
class TrueFiles:
    """The habitual trial of one runner, the same whatever they wear."""

    generic: Path
    truth: TruthFiles


@pytest.fixture(scope="module")
def files(generic_model: Path, tmp_path_factory: pytest.TempPathFactory) -> TrueFiles:
    folder = tmp_path_factory.mktemp("truth")
    study = study_of(generic_model, "virtual")
    runner, model = study.runner(RUNNER), folder / "true_model.osim"
    make_body(study, runner, MATCHED, model)
    truth = TruthFiles(*(folder / f"{HABITUAL}_{part}" for part in ("m.mot", "g.mot", "c.csv")))
    write_truth(run_habitual(study, runner, compile_body(study, model)).trial, truth)
    return TrueFiles(generic_model, truth)


def recovered(
    files: TrueFiles, name: str, laboratory: str, folder: Path
) -> Mapping[str, Mapping[str, Any]]:
    study = study_of(files.generic, name)
    runner, model = study.runner(RUNNER), folder / "true_model.osim"
    make_body(study, runner, MATCHED, model)
    trial = read_truth(files.truth, compile_body(study, model), study.settings.speed_m_s)
    settings = RecoverySettings(Settings.from_config(CONFIG), SETS / f"{name}.yaml")
    truth = Truth.of(study, runner, model, trial, settings, MATCHED)
    rows = recover_elsewhere(truth, laboratory, {})
    return {str(row["quantity"]): row for _, row in rows}


def error(row: Mapping[str, Any]) -> float:
    """Return the relative error of a mean."""
    return abs(float(row["recovered_mean"]) / float(row["true_mean"]) - 1.0)


@pytest.mark.parametrize(
    "name",
    [
        name if name in QUICK else pytest.param(name, marks=pytest.mark.long)
        for name in load_known(SETS)
    ],
)
def test_every_set_gives_the_truth_back_as_stated(
    files: TrueFiles, name: str, tmp_path: Path
) -> None:
    hips_recorded = name in ("virtual", "opencap")
    rows = recovered(files, name, MATCHED_NOISE_FREE, tmp_path)
    assert error(rows[MOMENT]) < 0.02
    # hip centres of a regression: up to 10.2 % (cast), which docs/markersets.md says
    assert error(rows[FORCE]) < (0.01 if hips_recorded else 0.105)
    assert rows[FLEXION]["rms"] < 2.0
    assert rows[STRIKE]["rms"] < 0.2
    rows = recovered(files, name, MATCHED, tmp_path)
    assert error(rows[MOMENT]) < 0.08
    assert error(rows[FORCE]) < 0.14
    assert rows[FLEXION]["rms"] < 3.0
    assert rows[STRIKE]["rms"] < 1.0


def test_a_set_that_does_not_say_where_a_marker_sits_cannot_be_worn(
    generic_model: Path, tmp_path: Path
) -> None:
    document = yaml.safe_load((SETS / "rbds.yaml").read_text("utf-8"))
    for marker in document["markers"]:
        if marker["name"] == "R.Thigh.Top.Medial":
            del marker["location_m"]
    own = tmp_path / "own.yaml"
    own.write_text(yaml.safe_dump(document), encoding="utf-8")
    section = CONFIG["virtual"]
    inputs = StudyInputs(generic_model, own, TOP / section["gait"], TOP / section["strike"])
    with pytest.raises(ConfigError, match=r"R\.Thigh\.Top\.Medial"):
        read_study(inputs, VirtualSettings.from_config(section), "none")


@pytest.mark.long
def test_the_manuals_table_says_what_each_set_gives_back(
    generic_model: Path, tmp_path: Path
) -> None:
    config = CONFIG | {"virtual": CONFIG["virtual"] | {"strides": STRIDES}}
    inputs = MarkerSetStudy(TOP, generic_model, config, tmp_path)
    names, laboratories = ["virtual", "plug_in_gait_lower"], [MATCHED_NOISE_FREE, MISMATCHED]
    errors = compare_markersets(inputs, names, [RUNNER], laboratories)
    assert len(errors) == len(QUANTITIES) * len(names) * len(laboratories)
    found = errors.set_index(["marker_set", "laboratory", "quantity"])["error"].abs().sort_index()
    assert found["virtual", MATCHED_NOISE_FREE].max() < 0.2
    assert found["plug_in_gait_lower", MATCHED_NOISE_FREE][MOMENT] < 2.0
    assert found["plug_in_gait_lower", MISMATCHED][MOMENT] < 15.0
    unseen = errors[errors["note"] == NO_TRUNK]
    assert set(unseen["marker_set"]) == {"plug_in_gait_lower"}
    assert unseen["error"].isna().all()
    assert found["virtual", MISMATCHED].notna().all()
    lines = table_lines(errors)
    assert [line.split("|")[1].strip() for line in lines[3:]] == [f"`{name}`" for name in names]
