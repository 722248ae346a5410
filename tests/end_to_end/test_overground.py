"""Single stances cut out of a treadmill recording give the loads that the whole recording gives."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import strikelean as sl
from delivered import CONFIG, TOP
from single_stance import (
    across,
    seen_from_the_road,
    single_stance,
    unloaded,
    write_stance,
)
from strikelean.api import Runner, SolvedTrial
from strikelean.formats.axes import Axes
from strikelean.formats.c3d import read_c3d
from strikelean.formats.c3d_write import write_c3d
from strikelean.formats.contacts import FootContact
from strikelean.formats.series import Markers, Wrench
from strikelean.judging import Limits
from strikelean.lab.baseline import remove_baseline
from strikelean.quality import TrialResult, judge_quality
from strikelean.verify.virtual_trial import virtual_runner

KNEE = "knee_extension_moment_peak"
SPEED_M_S = CONFIG["virtual"]["speed_m_s"]
pytestmark = pytest.mark.long


@dataclass(frozen=True)
class Whole:
    """A virtual runner's treadmill recording, solved, and what single stances are cut from.

    Attributes:
        runner: scaled.
        trial: the whole recording.
        markers, plate: of it, the plate without its offset.
        knee: peak knee extension moment by side and step, N m.
    """

    runner: Runner
    trial: SolvedTrial
    markers: Markers
    plate: Wrench
    knee: pd.Series[float]

    def contacts(self) -> list[FootContact]:
        """Return the contacts that are solved."""
        return [contact for contact in self.trial.trial.contacts if contact.selected]


@pytest.fixture(scope="module")
def whole(generic_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Whole:
    """The recording, solved."""
    folder = tmp_path_factory.mktemp("made")
    config = {**CONFIG, "virtual": {**CONFIG["virtual"], "strides": 4}}
    made = virtual_runner(folder, TOP, generic_model, config)
    runner = sl.scale_runner(
        made.static,
        name="V01",
        mass_kg=made.mass_kg,
        height_m=made.height_m,
        marker_set="virtual",
        folder=folder / "V01",
        model=generic_model,
    )
    trial = sl.solve_trial(runner, made.files[0], speed_m_s=SPEED_M_S, belt_speed_m_s=SPEED_M_S)
    recording = read_c3d(made.files[0], Axes())
    plate, _ = remove_baseline(recording.wrenches[0], CONFIG["recording"]["contact_threshold_n"])
    metrics = trial.metrics()
    knee = metrics[metrics["metric"] == KNEE].set_index(["side", "step"])["value"]
    return Whole(runner, trial, recording.markers, plate, knee)


def _knee(solved: SolvedTrial) -> float:
    metrics = solved.metrics()
    (value,) = metrics.loc[metrics["metric"] == KNEE, "value"]
    return float(value)


Agree = Callable[[str, float, float, str], None]


def test_on_the_belt_nothing_but_the_other_stances_is_missing(whole: Whole, agree: Agree) -> None:
    worst = 0.0
    for number, contact in enumerate(whole.contacts()):
        markers, plate = single_stance(whole.markers, whole.plate, contact)
        files = write_stance(whole.runner.folder, f"belt{number}", markers, [plate])
        solved = sl.solve_trial(
            whole.runner,
            files,
            name=f"belt{number}",
            speed_m_s=SPEED_M_S,
            belt_speed_m_s=SPEED_M_S,
        )
        usual = whole.knee[contact.side, contact.step]
        worst = max(worst, abs(_knee(solved) / usual - 1.0))
    agree("knee moment of single stances against the whole recording", 100 * worst, 0.1, "%")


def test_on_the_road_and_on_one_plate_or_two_it_is_the_same_knee(
    whole: Whole, agree: Agree
) -> None:
    road = seen_from_the_road(whole.markers, whole.plate, SPEED_M_S)
    worst: dict[str, float] = {}
    for number, contact in enumerate(whole.contacts()):
        markers, plate = single_stance(*road, contact)
        ways = {"one plate": [plate]}
        if number < 2:
            ways |= {"two plates": [unloaded(plate), plate], "across two": list(across(plate))}
        for way, plates in ways.items():
            name = f"road{number}_{way.replace(' ', '_')}"
            files = write_stance(whole.runner.folder, name, markers, plates)
            solved = sl.solve_trial(whole.runner, files, name=name, speed_m_s=SPEED_M_S)
            apart = abs(_knee(solved) / whole.knee[contact.side, contact.step] - 1.0)
            worst[way] = max(worst.get(way, 0.0), apart)
    for way, apart in worst.items():
        agree(f"knee moment of single stances, {way}, against the belt", 100 * apart, 1.0, "%")


def test_a_c3d_file_of_a_stance_is_as_good(whole: Whole) -> None:
    road = seen_from_the_road(whole.markers, whole.plate, SPEED_M_S)
    contact = whole.contacts()[2]
    markers, plate = single_stance(*road, contact)
    path = whole.runner.folder / "stance.c3d"
    start = markers.time_s[0]
    # a C3D file holds whole frames: the force samples of the last one are not there
    write_c3d(
        path,
        replace(markers, time_s=markers.time_s[:-1] - start, positions_m=markers.positions_m[:-1]),
        replace(plate, time_s=plate.time_s - start),
    )
    solved = sl.solve_trial(whole.runner, path, name="c3d", speed_m_s=SPEED_M_S)
    assert _knee(solved) == pytest.approx(whole.knee[contact.side, contact.step], rel=0.01)


def test_stances_of_both_feet_make_a_condition(whole: Whole) -> None:
    road = seen_from_the_road(whole.markers, whole.plate, SPEED_M_S)
    results = []
    for number, contact in enumerate(whole.contacts()[:6]):
        markers, plate = single_stance(*road, contact)
        name = f"stance{number}"
        files = write_stance(whole.runner.folder, name, markers, [plate])
        solved = sl.solve_trial(whole.runner, files, name=name, speed_m_s=SPEED_M_S)
        own = solved.files
        results.append(TrialResult("V01", name, "heel_strike", own.quality, own.metrics, own.loads))
    quality = whole.runner.folder / "quality.csv"
    judge_quality(results, Limits(**CONFIG["quality"]), quality)
    judged = pd.read_csv(quality)
    assert set(judged["included"]) == {"yes"}
    assert set(judged["sides"]) == {"right left"}
    assert judged["plate_weight_error"].isna().all()
    figures = json.loads(results[0].quality.read_text(encoding="utf-8"))
    assert figures["step_length_mean_m"] is None


@pytest.mark.parametrize("technique", ["lean+05", "cadence+10", "forefoot"])
def test_a_technique_changes_stances_alone_as_it_changes_whole_strides(
    whole: Whole, agree: Agree, technique: str
) -> None:
    strides = sl.change_technique(whole.trial, technique).metrics()
    strides = strides[strides["metric"] == KNEE].set_index(["side", "step"])["value"]
    road = seen_from_the_road(whole.markers, whole.plate, SPEED_M_S)
    known = [c for c in whole.contacts() if (c.side, c.step) in strides.index]
    changes = np.empty((len(known), 2))
    for row, contact in zip(changes, known, strict=True):
        markers, plate = single_stance(*road, contact)
        name = f"alone{contact.step}"
        files = write_stance(whole.runner.folder, name, markers, [plate])
        solved = sl.solve_trial(whole.runner, files, name=name, speed_m_s=SPEED_M_S)
        row[0] = _knee(sl.change_technique(solved, technique)) - _knee(solved)
        row[1] = strides[contact.side, contact.step] - whole.knee[contact.side, contact.step]
    alone, usual = changes.mean(axis=0)
    what = f"{technique}: change of the knee moment, stances alone against whole strides"
    agree(f"{what}, mean of {len(known)}", 100 * abs(alone / usual - 1.0), 10.0, "%")
    # two steps of a stride share its balance; how, one of them alone cannot know
    assert [contact.step for contact in known] == list(range(known[0].step, known[-1].step + 1))
    of_strides = np.ptp(changes.reshape(-1, 2, 2).mean(axis=1), axis=1)
    agree(f"{what}, worst stride", 100 * of_strides.max() / abs(usual), 30.0, "%")
    worst = np.ptp(changes, axis=1).max()
    if technique != "forefoot":
        agree(f"{what}, worst of them", 100 * worst / abs(usual), 30.0, "%")
    apart = worst / whole.knee.mean()
    agree(f"{what}, worst stance, of the moment", 100 * apart, 4.0, "%")


def test_a_contact_of_each_foot_is_a_stride_that_a_technique_can_change(whole: Whole) -> None:
    road = seen_from_the_road(whole.markers, whole.plate, SPEED_M_S)
    first, second = whole.contacts()[2:4]
    both = FootContact(0, None, first.start_s, second.end_s)
    markers, plate = single_stance(*road, both)
    files = write_stance(whole.runner.folder, "both", markers, [plate])
    solved = sl.solve_trial(whole.runner, files, name="both", speed_m_s=SPEED_M_S)
    leaning = sl.change_technique(solved, "lean+05")
    table = pd.concat(
        [trial.metrics().set_index(["metric", "side"])["value"] for trial in (solved, leaning)],
        axis=1,
        keys=["own", "leaning"],
    )
    knee = table.loc[KNEE]
    assert len(knee) == 2
    assert (knee["leaning"] < 0.99 * knee["own"]).all()
    # the second foot has a step, from the first one's contact
    assert table["own"].loc["step_length"].notna().tolist().count(True) == 1
