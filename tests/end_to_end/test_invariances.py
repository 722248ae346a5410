"""What must not change a number, from the recording to the metrics of every step.

Where nothing physical changes the metrics agree to the seven digits of their table. Markers
sampled twice as often, by interpolation, are filtered a little otherwise: the peaks that results
are read from agree to one percent.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.interpolate import CubicSpline

from road import CONFIG, TOP
from strikelean.formats.axes import Axes
from strikelean.formats.series import Markers, Recording
from strikelean.formats.trc import write_trc
from strikelean.lab import recording as stage
from strikelean.lab.recording import RecordingSettings
from strikelean.lab.static import read_static
from strikelean.lab.summary import write_recording
from strikelean.loads.trial import LoadInputs, LoadOutputs, compute_loads
from strikelean.loads.trial_loads import LoadSettings
from strikelean.markersets import load_markerset
from strikelean.motion.scale_model import scale_model
from strikelean.verify.prepare_trial import fullbody_runner, markerset_path, solve_stages

pytestmark = pytest.mark.long

MARKER_SET = markerset_path(TOP, "rajagopal_fullbody")
FILES = ("markers.trc", "grf.mot", "grf_unfiltered.mot", "contacts.csv", "recording.json")
TABLES = ("contacts.csv", "grf_unfiltered.mot", "markers.trc", "kinematics.mot", "body_points.sto",
          "moments.sto", "muscle_forces.sto", "joint_reactions.sto")  # fmt: skip
KEY = ["side", "step", "metric"]
Road = Callable[[Recording, Markers], pd.DataFrame]


@pytest.fixture(scope="module")
def recorded(data_folder: Path) -> tuple[Recording, Markers]:
    runner = fullbody_runner(data_folder)
    return stage.load_files(runner.files, Axes()), read_static(runner.static, Axes())


@pytest.fixture(scope="module")
def road(data_folder: Path, generic_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Road:
    """A function from a recording in memory to the metrics of its steps."""
    runner, own = fullbody_runner(data_folder), load_markerset(MARKER_SET)
    settings = RecordingSettings.from_config(
        CONFIG["recording"],
        CONFIG["steps"] | {"contacts_per_foot": 2},
        CONFIG["filter"],
        CONFIG["quality"]["max_missing_segment_share"],
    )
    loads = LoadSettings(
        subject="runner",
        trial="run",
        condition="heel_strike",
        mass_kg=runner.mass_kg,
        height_m=runner.height_m,
        belt_speed_m_s=3.7,
        loading_rate_cutoff_hz=CONFIG["filter"]["loading_rate_cutoff_hz"],
        filter_order=CONFIG["filter"]["order"],
        trunk_markers=own.trunk,
        metrics_list=TOP / "config" / "schemas" / "metrics.yaml",
    )

    def walk(recording: Recording, static: Markers) -> pd.DataFrame:
        folder = tmp_path_factory.mktemp("road")
        write_trc(folder / "static.trc", static)
        with pytest.MonkeyPatch.context() as patch:
            # files would round what is moved here
            patch.setattr(stage, "load_files", lambda files, axes: recording)
            trial = stage.read_recording(runner.files, static, own, runner.mass_kg, settings)
        write_recording(trial, *(folder / name for name in FILES))
        scale_model(
            generic_model,
            folder / "static.trc",
            MARKER_SET,
            folder / "scaled.osim",
            folder / "scaling.json",
            subject="runner",
            mass_kg=runner.mass_kg,
            height_m=runner.height_m,
            strength=CONFIG["scaling"]["strength"],
        )
        solve_stages(folder, CONFIG, MARKER_SET)
        metrics = folder / "metrics.csv"
        outputs = LoadOutputs(folder / "loads.h5", metrics, folder / "quality.json")
        compute_loads(LoadInputs(*(folder / name for name in TABLES)), outputs, loads)
        return pd.read_csv(metrics, comment="#").set_index(KEY)["value"]

    return walk


@pytest.fixture(scope="module")
def usual(road: Road, recorded: tuple[Recording, Markers]) -> pd.Series:
    return road(*recorded)


def moved(recording: Recording, by_m: np.ndarray) -> Recording:
    """Return markers and forces moved together."""
    markers = replace(recording.markers, positions_m=recording.markers.positions_m + by_m)
    wrenches = tuple(
        replace(wrench, moment_nm=wrench.moment_nm + np.cross(by_m, wrench.force_n))
        for wrench in recording.wrenches
    )
    return replace(recording, markers=markers, wrenches=wrenches)


def later(recording: Recording, by_s: float) -> Recording:
    """Return markers and forces on a clock that stands elsewhere."""
    markers = replace(recording.markers, time_s=recording.markers.time_s + by_s)
    wrenches = tuple(replace(w, time_s=w.time_s + by_s) for w in recording.wrenches)
    return replace(recording, markers=markers, wrenches=wrenches)


def shuffled(recording: Recording) -> Recording:
    """Return the markers in another order."""
    markers = recording.markers
    order = np.random.default_rng(11).permutation(len(markers.names))
    names = tuple(markers.names[i] for i in order)
    other = replace(markers, names=names, positions_m=markers.positions_m[:, order])
    return replace(recording, markers=other)


def twice_as_often(recording: Recording) -> Recording:
    """Return markers at twice their rate, by a cubic spline."""
    old = recording.markers
    time_s = old.time_s[0] + np.arange(2 * old.time_s.size - 1) / (2.0 * old.rate_hz)
    positions = np.full((time_s.size, len(old.names), 3), np.nan)
    for place in range(len(old.names)):
        path = old.positions_m[:, place]
        if np.isfinite(path).all():
            positions[:, place] = CubicSpline(old.time_s, path)(time_s)
    markers = replace(old, time_s=time_s, positions_m=positions, rate_hz=2.0 * old.rate_hz)
    return replace(recording, markers=markers)


@pytest.mark.parametrize(
    ("what", "change"),
    [
        ("origin 8 m behind and 3 m beside", lambda r: moved(r, np.array([8.0, 0.0, -3.0]))),
        ("clock at 4000 s", lambda r: later(r, 4000.0)),
        ("order of the markers", shuffled),
    ],
)
def test_what_is_no_change_of_the_runner_changes_no_metric(
    what, change, road, recorded, usual, agree
) -> None:
    found = road(change(recorded[0]), recorded[1])
    assert found.index.equals(usual.index)
    known = usual.notna()
    assert (found.notna() == known).all()
    size = np.maximum(usual.abs(), found.abs())[known]
    apart = ((found - usual).abs()[known] / size.where(size > 0.0, 1.0)).max()
    agree(f"{what}: metrics, relative", float(apart), 2e-6, "")


def test_where_the_runner_stood_for_the_static_trial_changes_nothing(road, recorded, usual) -> None:
    static = recorded[1]
    elsewhere = replace(static, positions_m=static.positions_m + np.array([3.0, 0.0, 2.0]))
    pd.testing.assert_series_equal(road(recorded[0], elsewhere), usual, rtol=1e-6)


def test_markers_sampled_twice_as_often_give_the_same_peaks(road, recorded, usual, agree) -> None:
    found = road(twice_as_often(recorded[0]), recorded[1])
    for metric in ("knee_extension_moment_peak", "ankle_plantarflexion_moment_peak",
                   "hip_extension_moment_peak", "knee_flexion_angle_peak"):  # fmt: skip
        one, other = (table.xs(metric, level="metric") for table in (usual, found))
        apart = float(((one - other).abs() / one.abs()).max())
        agree(f"twice the marker rate: {metric}, relative", apart, 0.01, "")
