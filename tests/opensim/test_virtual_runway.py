"""Virtual runners on a runway: the same running from the road, and plates that feel what lands."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from strikelean.config.settings import Settings
from strikelean.formats.axes import Axes
from strikelean.formats.c3d import read_c3d
from strikelean.formats.series import Wrench
from strikelean.model.forward import place_points, solve_forward
from strikelean.verify.prepare_trial import markerset_path
from strikelean.virtual.laboratory import record_running
from strikelean.virtual.recovery import RecoverySettings, Truth, recover_elsewhere
from strikelean.virtual.runner import (
    StudyInputs,
    VirtualStudy,
    compile_body,
    happened,
    laboratory_of,
    make_body,
    read_study,
    run_habitual,
    soles_of,
)
from strikelean.virtual.runway import contact_rows, footprint, plate_wrenches, plates_of
from strikelean.virtual.settings import (
    HABITUAL,
    MARKER_SET,
    MATCHED,
    MATCHED_NOISE_FREE,
    RunwaySettings,
    VirtualSettings,
)
from strikelean.virtual.true_trial import TrueContact, TrueTrial

TOP = Path(__file__).parents[2]
CONFIG: dict[str, Any] = yaml.safe_load((TOP / "config" / "config.yaml").read_text("utf-8"))
RUNNER, STRIDES = "V03", 3


def study_of(generic: Path, **runway: object) -> VirtualStudy:
    section = CONFIG["virtual"] | {"strides": STRIDES, "ground": "runway"}
    section["runway"] = section["runway"] | {"passes": 2} | runway
    inputs = StudyInputs(
        generic, markerset_path(TOP, MARKER_SET), TOP / section["gait"], TOP / section["strike"]
    )
    return read_study(inputs, VirtualSettings.from_config(section), CONFIG["scaling"]["strength"])


@dataclass(frozen=True)
class Runner:
    """A runner with their true model and habitual trial, as on a belt."""

    generic: Path
    model: Path
    trial: TrueTrial

    def passes(self, **runway: object) -> tuple[VirtualStudy, dict[str, TrueTrial]]:
        """Return the passes over a runway."""
        study = study_of(self.generic, **runway)
        return study, happened(study, study.runner(RUNNER), HABITUAL, self.trial)

    def felt(self, **runway: object) -> tuple[TrueTrial, list[Wrench]]:
        """Return the first pass, and what plates feel of it."""
        study, made = self.passes(**runway)
        first = next(iter(made.values()))
        assert study.settings.runway is not None
        soles = soles_of(study.runner(RUNNER), first.tree)
        return first, plate_wrenches(first, soles, plates_of(study.settings.runway))


@pytest.fixture(scope="module")
def runner(generic_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Runner:
    study = study_of(generic_model)
    model = tmp_path_factory.mktemp("runway") / "true_model.osim"
    drawn = study.runner(RUNNER)
    make_body(study, drawn, MATCHED, model)
    return Runner(
        generic_model, model, run_habitual(study, drawn, compile_body(study, model)).trial
    )


def felt_contacts(trial: TrueTrial, wrench: Wrench) -> list[TrueContact]:
    """Return the contacts of which a plate felt something."""
    return [
        contact
        for contact in trial.contacts
        if wrench.force_n[contact_rows(trial.ground, contact), 1].max() > 50.0
    ]


def test_the_runner_moves_forward_and_the_foot_on_the_ground_stays(runner: Runner) -> None:
    study, made = runner.passes()
    assert list(made) == ["heel_strike_01", "heel_strike_02"]
    for trial in made.values():
        forward = trial.coordinates[:, trial.tree.coordinate_index("pelvis_tx")]
        speed = np.polyfit(trial.time_s, forward, 1)[0]
        assert speed == pytest.approx(study.settings.speed_m_s, rel=0.01)
        assert np.ptp(forward) == pytest.approx(CONFIG["virtual"]["runway"]["volume_m"], abs=0.05)
        contact = trial.contacts[len(trial.contacts) // 2]
        sole = next(s for s in soles_of(study.runner(RUNNER), trial.tree) if s.side == contact.side)
        phase = (trial.time_s - contact.start_s) / (contact.end_s - contact.start_s)
        frames = np.flatnonzero((phase > 0.3) & (phase < 0.6))
        pose = solve_forward(trial.tree, trial.coordinates[frames])
        toe = place_points(pose, np.array([sole.body]), sole.points_m[1:2])[:, 0, 0]
        assert np.ptp(toe) < 0.005


def test_feet_are_measured_in_turn_and_only_on_the_plate(runner: Runner) -> None:
    study, made = runner.passes()
    runway = study.settings.runway
    assert runway is not None
    sides = []
    for trial in made.values():
        soles = soles_of(study.runner(RUNNER), trial.tree)
        (plate,) = plate_wrenches(trial, soles, plates_of(runway))
        (contact,) = felt_contacts(trial, plate)
        assert len(trial.contacts) > 1
        own = trial.ground.wrench(contact.side)
        rows = contact_rows(trial.ground, contact)
        assert plate.force_n[rows] == pytest.approx(own.force_n[rows])
        assert plate.moment_nm[rows] == pytest.approx(own.moment_nm[rows])
        rest = np.setdiff1d(np.arange(len(plate.time_s)), rows)
        assert not plate.force_n[rest].any()
        foot = footprint(trial, soles, contact)
        assert abs(foot.middle_m) < 0.15
        sides.append(contact.side)
    assert sorted(sides) == ["left", "right"]


def test_plates_in_a_row_feel_feet_in_turn(runner: Runner) -> None:
    trial, (first, second) = runner.felt(plates=2, passes=1)
    (one,), (other,) = felt_contacts(trial, first), felt_contacts(trial, second)
    assert one.side != other.side
    assert other.start_s > one.end_s


def test_a_foot_across_a_seam_is_felt_by_both_plates_and_whole_in_their_sum(runner: Runner) -> None:
    trial, plates = runner.felt(plates=2, passes=1, aim="seam")
    (contact,) = felt_contacts(trial, plates[0])
    rows = contact_rows(trial.ground, contact)
    own = trial.ground.wrench(contact.side)
    for name in ("force_n", "moment_nm"):
        both = sum(getattr(plate, name)[rows] for plate in plates)
        assert both == pytest.approx(getattr(own, name)[rows], abs=1e-9)
    heel, toe = (plate.force_n[rows, 1] for plate in plates)
    early, late = rows.size // 6, -rows.size // 6
    assert heel[early] > toe[early]
    assert toe[late] > heel[late]


def test_a_foot_across_an_edge_is_felt_in_part(runner: Runner) -> None:
    trial, (plate,) = runner.felt(passes=1, aim="edge")
    (contact,) = felt_contacts(trial, plate)
    rows = contact_rows(trial.ground, contact)
    own = trial.ground.wrench(contact.side)
    share = plate.force_n[rows, 1].sum() / own.force_n[rows, 1].sum()
    assert 0.1 < share < 0.9


def test_a_file_of_a_pass_holds_its_plates(runner: Runner, tmp_path: Path) -> None:
    study, made = runner.passes(plates=2, passes=1)
    name, trial = next(iter(made.items()))
    laboratory = laboratory_of(study, study.runner(RUNNER), trial.tree, MATCHED_NOISE_FREE)
    record_running(laboratory, trial, name, tmp_path / "pass.c3d")
    _, wrenches = laboratory.running(trial, name)
    read = read_c3d(tmp_path / "pass.c3d", Axes())
    assert len(read.wrenches) == 2
    for found, true in zip(read.wrenches, wrenches, strict=True):
        count = len(found.time_s)
        # single precision in the file
        assert found.force_n == pytest.approx(true.force_n[:count], abs=1e-2)
        assert found.moment_nm == pytest.approx(true.moment_nm[:count], abs=1e-2)


@pytest.mark.long
def test_a_pass_gives_the_truth_back_as_a_belt_does(runner: Runner) -> None:
    study, made = runner.passes(passes=2)
    drawn = study.runner(RUNNER)
    settings = RecoverySettings(Settings.from_config(CONFIG), markerset_path(TOP, MARKER_SET))
    for name, trial in made.items():
        truth = Truth.of(study, drawn, runner.model, trial, settings, MATCHED)
        rows = {
            str(row["quantity"]): row for _, row in recover_elsewhere(truth, MATCHED_NOISE_FREE, {})
        }
        assert rows["knee_flexion_angle"]["rms"] < 0.1, name
        # forces of feet that no plate felt are filtered with the truth's, not with these
        for metric in ("knee_extension_moment_peak", "ankle_plantarflexion_moment_peak"):
            assert rows[metric]["relative_error"] < 0.01, (name, metric)
        assert rows["patellofemoral_force_joint_reaction_peak"]["relative_error"] < 0.02, name


def test_the_belt_is_as_it_was(runner: Runner) -> None:
    study = study_of(runner.generic)
    belt = replace(study, settings=replace(study.settings, runway=None))
    made = happened(belt, belt.runner(RUNNER), HABITUAL, runner.trial)
    assert list(made) == [HABITUAL]
    assert made[HABITUAL] is runner.trial
    assert belt.settings.recordings() == {name: name for name in belt.settings.trials()}


@pytest.mark.parametrize("plates", [1, 2, 3])
@pytest.mark.parametrize("passes", [1, 5, 8])
def test_no_contact_is_measured_in_two_passes(plates: int, passes: int) -> None:
    section = CONFIG["virtual"]["runway"] | {"plates": plates, "passes": passes}
    runway = RunwaySettings.from_config(section)
    chosen = list(runway.first_contacts(2 * runway.strides))[:passes]
    measured = [first + number for first in chosen for number in range(runway.contacts)]
    assert len(chosen) == passes
    assert len(set(measured)) == len(measured)
    assert len(runway.first_contacts(2 * (runway.strides - 1))) < passes
