"""docs/python.md: every example runs, on a virtual runner's recordings."""

from __future__ import annotations

from pathlib import Path

import pytest

import strikelean as sl
from delivered import CONFIG, TOP
from page_examples import PAGE, examples
from strikelean.errors import ConfigError, RecordingError
from strikelean.verify.virtual_trial import virtual_runner


@pytest.fixture(scope="module")
def folder(generic_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a virtual runner's static.c3d and run.c3d, and nothing else."""
    made, empty = tmp_path_factory.mktemp("made"), tmp_path_factory.mktemp("empty")
    config = {**CONFIG, "virtual": {**CONFIG["virtual"], "strides": 4}}
    runner = virtual_runner(made, TOP, generic_model, config)
    for source, name in ((runner.static, "static.c3d"), (runner.files[0], "run.c3d")):
        (empty / name).write_bytes(source.read_bytes())
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
