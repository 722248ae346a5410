"""docs/python.md: every example runs, on a virtual runner's recordings."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import strikelean as sl
from delivered import CONFIG, TOP
from page_examples import PAGE, examples
from single_stance import seen_from_the_road, single_stance
from strikelean.errors import ConfigError, RecordingError
from strikelean.formats.axes import Axes
from strikelean.formats.c3d import read_c3d
from strikelean.formats.c3d_write import write_c3d
from strikelean.formats.trc import write_trc
from strikelean.lab.baseline import remove_baseline
from strikelean.lab.contacts import ContactRules, find_contacts
from strikelean.verify.virtual_trial import virtual_runner


@pytest.fixture(scope="module")
def folder(generic_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the recordings that the page names, of a virtual runner, and nothing else."""
    empty = tmp_path_factory.mktemp("empty")
    for prefix, worn in (("", "virtual"), ("gait_", "plug_in_gait")):
        made = tmp_path_factory.mktemp("made")
        virtual = {**CONFIG["virtual"], "strides": 4, "marker_set": worn}
        runner = virtual_runner(made, TOP, generic_model, {**CONFIG, "virtual": virtual})
        (empty / f"{prefix}static.c3d").write_bytes(runner.static.read_bytes())
        (empty / f"{prefix}run.c3d").write_bytes(runner.files[0].read_bytes())
    recording = read_c3d(empty / "run.c3d", Axes())
    write_trc(empty / "run.trc", recording.markers)
    plate, _ = remove_baseline(recording.wrenches[0], 50.0)
    road = seen_from_the_road(recording.markers, plate, 3.5)
    rules = ContactRules()
    # the first and the last stance lack time around them
    whole = [one for one in find_contacts(plate, 0, 59.2, rules) if not one.reason][1:3]
    for number, contact in enumerate(whole, start=1):
        markers, part = single_stance(*road, contact)
        start_s = markers.time_s[0]
        write_c3d(
            empty / f"pass{number}.c3d",
            # a C3D file holds whole frames: the force samples of the last one are not there
            replace(
                markers, time_s=markers.time_s[:-1] - start_s, positions_m=markers.positions_m[:-1]
            ),
            replace(part, time_s=part.time_s - start_s),
        )
    return empty


@pytest.fixture(scope="module")
def page(folder: Path) -> dict[str, object]:
    """The names that the page's examples leave, run one after the other."""
    names: dict[str, object] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for code in examples("example"):
            exec(compile(code, str(PAGE), "exec"), names)
    return names


def test_the_first_example_has_ten_lines_and_a_knee_moment(page):
    lines = [line for line in examples("example")[0].splitlines() if line.strip()]
    assert len(lines) <= 10
    knee = page["knee"]
    assert knee.shape[0] == 101
    assert knee.attrs["unit"] == "N m"
    assert "extension positive" in knee.attrs["sign"]
    assert 1.5 < knee.max().mean() / 59.2 < 4.5


def test_moments_have_opensims_signs(page):
    # both of the same trial: peak extension is OpenSim's least moment
    extension = page["knee"]["right"].max().max()
    assert -page["moments"]["knee_angle_r_moment"].min() == pytest.approx(extension, rel=0.02)


def test_loads_of_a_virtual_runner_are_called_that(page):
    assert set(page["metrics"]["basis"]) == {"virtual"}


def test_a_changed_technique_is_a_prediction_with_a_band(page):
    predicted = page["predicted"]
    assert set(predicted["basis"]) == {"predicted"}
    assert (predicted["value_low"] <= predicted["value"]).all()
    assert (predicted["value"] <= predicted["value_high"]).all()
    assert predicted["value"].mean() < page["peak"]["value"].mean()


def test_recordings_of_other_laboratories_give_what_they_hold(page):
    knees = page["knees"]
    assert list(knees["trial"]) == ["pass1", "pass2"]
    assert set(knees["side"]) == {"right", "left"}
    assert ((knees["value"] > 1.5) & (knees["value"] < 4.5)).all()
    known = set(page["known"]["metric"])
    assert {"knee_flexion_angle_peak", "step_rate", "foot_strike_angle_contact"} <= known
    assert not any("moment" in name or "force" in name for name in known)
    stood, unstood = (
        page[name].waveform("knee_flexion_angle").max().mean() for name in ("bent", "ran")
    )
    assert unstood == pytest.approx(stood, abs=6.0)
    assert unstood != stood


def test_every_exported_function_has_an_example(page):
    code = "\n".join(examples("example") + examples("example: results"))
    functions = [name for name in sl.__all__ if name[0].islower()]
    assert [name for name in functions if f"sl.{name}(" not in code] == []


def test_what_does_not_exist_is_named_with_what_does(page, tmp_path):
    with pytest.raises(RecordingError, match="knee_extension_moment"):
        page["trial"].waveform("knee_moment")
    with pytest.raises(RecordingError, match=r"results/<cohort>"):
        sl.read_results(tmp_path)
    with pytest.raises(ConfigError, match="rajagopal2016"):
        sl.generic_model("mine")
    with pytest.raises(ConfigError, match="rajagopal_fullbody"):
        sl.scale_runner("static.c3d", name="x", mass_kg=60, height_m=1.7, marker_set="mine")
    with pytest.raises(AttributeError, match="nothing_of_the_kind"):
        sl.nothing_of_the_kind  # noqa: B018
