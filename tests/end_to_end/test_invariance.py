"""What must not change a number: the same run, written down in another way.

A virtual recording, and the public dataset's where it is at hand, go from file to metrics once as
they are and once with another clock, origin, axis names, side, order and names of markers, plate
offset, unit, sampling rate, number of plates and kind of file. Every metric of every step is held
against the first, to 1e-6 where nothing physical changed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.interpolate import CubicSpline

from delivered import CONFIG, TOP
from strikelean.config.settings import Settings
from strikelean.formats.axes import Axes
from strikelean.formats.c3d import read_c3d
from strikelean.formats.series import Markers, TimeSeries, Wrench
from strikelean.formats.sto import write_sto
from strikelean.formats.trc import write_trc
from strikelean.layout import RunnerFiles, TrialFiles
from strikelean.loads.trial_loads import TrialFacts
from strikelean.markersets import load_markerset
from strikelean.pipeline import solve_loads
from strikelean.runners import Running, record_trial, scale_runner, solve_recorded
from strikelean.standing import Sizes
from strikelean.trial_results import write_trial_loads
from strikelean.verify.compare_results import compare_results
from strikelean.verify.prepare_trial import Recorded, markerset_path
from strikelean.verify.virtual_trial import virtual_runner

pytestmark = pytest.mark.long

AXES = ("+X", "+Y", "+Z")
CONTACTS = 2
LOADED_N = 20.0


@dataclass(frozen=True)
class Run:
    """A recording in memory, and how it is written down.

    Attributes:
        standing, running: markers.
        plates: wrenches about the laboratory's origin.
        axes: names of the file's axes that point forward, up and right.
        in_mm: whether markers are written in millimetres.
    """

    standing: Markers
    running: Markers
    plates: tuple[Wrench, ...]
    axes: tuple[str, str, str] = AXES
    in_mm: bool = False


@dataclass(frozen=True)
class Case:
    """A runner whose recording is written down in many ways."""

    runner: Recorded
    run: Run
    folder: Path
    generic: Path
    belt_speed_m_s: float

    @property
    def trunk(self) -> bool:
        """Whether the trunk has markers."""
        return bool(load_markerset(markerset_path(TOP, self.runner.marker_set)).trunk)


def _metrics(case: Case, runner: Recorded, folder: Path, axes: tuple[str, str, str] = AXES) -> Path:
    """Go from a recording's files to metrics.csv in a folder of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    names = dict(zip(("forward", "up", "right"), axes, strict=True))
    recording = {**CONFIG["recording"], "axes": names}
    how = Settings.from_config({**CONFIG, "recording": recording}).with_contacts(runner.contacts)
    scaled = scale_runner(
        runner.static,
        Sizes("runner", runner.mass_kg, runner.height_m),
        markerset_path(TOP, runner.marker_set),
        case.generic,
        RunnerFiles(folder),
        how,
    )
    recorded = record_trial(Running(runner.files), scaled, how)
    trial = solve_recorded(recorded, scaled, how)
    trunk = load_markerset(markerset_path(TOP, runner.marker_set)).trunk
    sizes, belt = (runner.mass_kg, runner.height_m), case.belt_speed_m_s
    settings = how.loads(TrialFacts("runner", "run", *sizes, belt, trunk))
    result = TrialFiles(folder / "result")
    result.folder.mkdir()
    trial = solve_loads(trial, how.muscles, settings)
    write_trial_loads(trial, settings, result, {})
    return result.folder


def _columns(wrench: Wrench, plate: int) -> dict[str, Any]:
    """Return force, pressure and torque of a plate; force, pressure and torque give the wrench."""
    force, moment = wrench.force_n, wrench.moment_nm
    on = np.abs(force[:, 1]) > LOADED_N
    place = np.zeros_like(force)
    place[on, 0], place[on, 2] = moment[on, 2] / force[on, 1], -moment[on, 0] / force[on, 1]
    parts = {
        "force_{}_v": force,
        "force_{}_p": place,
        "torque_{}_": moment - np.cross(place, force),
    }
    return {
        f"ground_{name.format(plate)}{axis}": values[:, number]
        for name, values in parts.items()
        for number, axis in enumerate("xyz")
    }


def _write(run: Run, folder: Path, runner: Recorded) -> Recorded:
    """Write a run as TRC and MOT in the file's own axes, and say where."""
    folder.mkdir(parents=True, exist_ok=True)
    # from the laboratory's axes into the file's
    turn = Axes(*run.axes).rotation()
    for name, markers in (("static", run.standing), ("run", run.running)):
        path = folder / f"{name}.trc"
        scale = 1000.0 if run.in_mm else 1.0
        write_trc(path, replace(markers, positions_m=scale * markers.positions_m @ turn))
        if run.in_mm:
            text = path.read_text(encoding="utf-8")
            path.write_text(text.replace("\tm\t", "\tmm\t", 1), encoding="utf-8")
    columns: dict[str, Any] = {}
    for number, plate in enumerate(run.plates, start=1):
        columns |= _turned_columns(plate, number, turn)
    table = TimeSeries(
        run.plates[0].time_s, tuple(columns), np.column_stack(list(columns.values()))
    )
    write_sto(folder / "run.mot", table)
    files = (folder / "run.trc", folder / "run.mot")
    return replace(runner, files=files, static=folder / "static.trc")


def _turned_columns(wrench: Wrench, plate: int, turn: Any) -> dict[str, Any]:
    columns = _columns(wrench, plate)
    turned = {}
    for stem in (f"ground_force_{plate}_v", f"ground_force_{plate}_p", f"ground_torque_{plate}_"):
        vectors = np.column_stack([columns[stem + axis] for axis in "xyz"]) @ turn
        turned |= {stem + axis: vectors[:, number] for number, axis in enumerate("xyz")}
    return turned


def _case(folder: Path, generic: Path, runner: Recorded, belt_speed_m_s: float) -> Case:
    """Read a runner's C3D files, and keep their metrics as the reference."""
    recording = read_c3d(runner.files[0], Axes())
    standing = read_c3d(runner.static, Axes(), forces=False).markers
    run = Run(standing, recording.markers, recording.wrenches)
    case = Case(replace(runner, contacts=CONTACTS), run, folder, generic, belt_speed_m_s)
    _metrics(case, case.runner, folder / "as recorded")
    _metrics(case, _write(run, folder / "as text", case.runner), folder / "as text")
    return case


@pytest.fixture(scope="module", params=["virtual", "real"])
def case(
    request: pytest.FixtureRequest, generic_model: Path, tmp_path_factory: pytest.TempPathFactory
) -> Case:
    folder = tmp_path_factory.mktemp(request.param)
    if request.param == "virtual":
        config: Mapping[str, Any] = {**CONFIG, "virtual": {**CONFIG["virtual"], "strides": 4}}
        runner = virtual_runner(folder, TOP, generic_model, config)
        return _case(folder, generic_model, runner, CONFIG["virtual"]["speed_m_s"])
    data = Path(request.getfixturevalue("data_folder")) / "rbds"
    if not data.is_dir():
        pytest.skip("no public running dataset beside the full-body recording")
    files = (data / "RBDS012runT35.c3d",)
    runner = Recorded(files, data / "RBDS012static.c3d", "rbds", 73.05, 1.715)
    return _case(folder, generic_model, runner, 3.5)


def _clock(run: Run) -> Run:
    later = 7.31
    plates = tuple(replace(plate, time_s=plate.time_s + later) for plate in run.plates)
    return replace(
        run, running=replace(run.running, time_s=run.running.time_s + later), plates=plates
    )


def _moved(*way_m: float) -> Callable[[Run], Run]:
    way = np.array(way_m)

    def move(run: Run) -> Run:
        plates = tuple(
            replace(plate, moment_nm=plate.moment_nm + np.cross(way, plate.force_n))
            for plate in run.plates
        )
        running = replace(run.running, positions_m=run.running.positions_m + way)
        return replace(run, running=running, plates=plates)

    return move


def _stood_elsewhere(run: Run) -> Run:
    places = run.standing.positions_m + np.array([3.0, 0.0, 2.0])
    return replace(run, standing=replace(run.standing, positions_m=places))


def _markers_twice_as_often(run: Run) -> Run:
    old = run.running
    time_s = old.time_s[0] + np.arange(2 * old.time_s.size - 1) / (2.0 * old.rate_hz)
    places = np.full((time_s.size, len(old.names), 3), np.nan)
    for index in range(len(old.names)):
        seen = np.isfinite(old.positions_m[:, index, 0])
        if seen.any():
            spline = CubicSpline(old.time_s[seen], old.positions_m[seen, index])
            places[:, index] = spline(time_s)
    finer = replace(old, time_s=time_s, positions_m=places, rate_hz=2.0 * old.rate_hz)
    return replace(run, running=finer)


def _named(*axes: str) -> Callable[[Run], Run]:
    return lambda run: replace(run, axes=(axes[0], axes[1], axes[2]))


def _shuffled(run: Run) -> Run:
    def shuffle(markers: Markers) -> Markers:
        order = np.random.default_rng(3).permutation(len(markers.names))
        names = tuple(f"Ann:{markers.names[place]}" for place in order)
        return replace(markers, names=names, positions_m=markers.positions_m[:, order])

    return replace(run, standing=shuffle(run.standing), running=shuffle(run.running))


def _offset(run: Run) -> Run:
    force, moment = np.array([12.0, -18.0, 9.0]), np.array([4.0, -3.0, 6.0])
    plates = tuple(
        replace(plate, force_n=plate.force_n + force, moment_nm=plate.moment_nm + moment)
        for plate in run.plates
    )
    return replace(run, plates=plates)


def _two_plates(run: Run) -> Run:
    (plate,) = run.plates
    shares = [
        replace(plate, force_n=share * plate.force_n, moment_nm=share * plate.moment_nm)
        for share in (0.375, 0.625)
    ]
    return replace(run, plates=tuple(shares))


def _force_sampled_higher(run: Run) -> Run:
    def finer(plate: Wrench) -> Wrench:
        time_s = np.arange(2 * plate.time_s.size - 1) / (2.0 * plate.rate_hz) + plate.time_s[0]
        force, moment = (
            CubicSpline(plate.time_s, values)(time_s) for values in (plate.force_n, plate.moment_nm)
        )
        return replace(
            plate, time_s=time_s, force_n=force, moment_nm=moment, rate_hz=2.0 * plate.rate_hz
        )

    return replace(run, plates=tuple(finer(plate) for plate in run.plates))


EXACT: dict[str, Callable[[Run], Run]] = {
    "another clock": _clock,
    "another origin, level": _moved(8.0, 0.0, -3.0),
    "a static trial recorded elsewhere": _stood_elsewhere,
    "axes of a Z-up laboratory": _named("+Y", "+Z", "+X"),
    "a runner who runs towards -X": _named("-X", "+Y", "-Z"),
    "millimetres": lambda run: replace(run, in_mm=True),
    "markers in another order, with a prefix": _shuffled,
    "a plate with an offset": _offset,
}


def _hold(case: Case, name: str, run: Run, relative: float = 1e-6) -> None:
    folder = case.folder / name
    runner = _write(run, folder, case.runner)
    found = _metrics(case, runner, folder, run.axes)
    _, differences = compare_results(case.folder / "as text" / "result", found, relative=relative)
    assert not differences, "\n".join(f"{d.file} {d.what} ({d.relative:.2g})" for d in differences)


@pytest.mark.parametrize("name", EXACT)
def test_nothing_physical_changed_and_no_number_does(case: Case, name: str) -> None:
    # metres away from the origin, the ten digits of a text file hold less of a moment
    _hold(case, name, EXACT[name](case.run), relative=1e-5 if "origin" in name else 1e-6)


def test_text_files_give_what_the_c3d_file_gives(case: Case) -> None:
    results = (case.folder / name / "result" for name in ("as recorded", "as text"))
    _, differences = compare_results(*results)
    assert not differences, differences


PEAKS = (
    "knee_extension_moment_peak",
    "knee_net_abduction_moment_peak",
    "ankle_plantarflexion_moment_peak",
    "hip_extension_moment_peak",
    "knee_flexion_angle_peak",
    "ground_vertical_force_peak",
    "patellofemoral_force_joint_reaction_peak",
)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        # each plate's threshold is its own, and the median between contacts is not linear
        ("two plates that share the force", _two_plates),
        ("force sampled twice as often", _force_sampled_higher),
        ("markers sampled twice as often", _markers_twice_as_often),
    ],
)
def test_another_way_to_measure_hardly_changes_a_peak(
    case: Case,
    name: str,
    change: Callable[[Run], Run],
    agree: Callable[[str, float, float, str], None],
) -> None:
    # between samples a spline is a guess, and gaps are filled from other neighbours
    folder = case.folder / name
    found = _metrics(case, _write(change(case.run), folder, case.runner), folder)
    tables = [
        pd.read_csv(place / "metrics.csv", comment="#").set_index(["metric", "side", "step"])[
            "value"
        ]
        for place in (case.folder / "as text" / "result", found)
    ]
    for metric in PEAKS:
        one, other = (table.loc[metric] for table in tables)
        apart = float((other / one - 1.0).abs().max())
        agree(f"{name}: {metric}, relative", apart, 0.04, "")


def _mirrored(name: str) -> str:
    return {"L": "R", "R": "L", "l": "r", "r": "l"}.get(name[0], name[0]) + name[1:]


def test_a_mirrored_runner_has_the_other_sides_numbers(
    case: Case, agree: Callable[[str, float, float, str], None]
) -> None:
    def mirror(markers: Markers) -> Markers:
        names = tuple(_mirrored(name) for name in markers.names)
        return replace(markers, names=names, positions_m=markers.positions_m * [1.0, 1.0, -1.0])

    plates = tuple(
        replace(
            plate,
            force_n=plate.force_n * [1.0, 1.0, -1.0],
            moment_nm=plate.moment_nm * [-1.0, -1.0, 1.0],
        )
        for plate in case.run.plates
    )
    run = Run(mirror(case.run.standing), mirror(case.run.running), plates)
    folder = case.folder / "mirrored"
    found = _metrics(case, _write(run, folder, case.runner), folder)
    path = found / "metrics.csv"
    table = pd.read_csv(path)
    table["side"] = table["side"].replace({"left": "right", "right": "left"})
    table.to_csv(path, index=False)
    (found / "loads.h5").unlink()
    reference = case.folder / "as text" / "result"
    if case.trunk:
        # the generic model's own trunk markers are not mirror images (CLAV, 17 mm off the middle)
        key = ["metric", "side", "step"]
        one, other = (
            pd.read_csv(place / "metrics.csv", comment="#").set_index(key)["value"]
            for place in (reference, found)
        )
        for metric in PEAKS:
            apart = float((other.loc[metric] / one.loc[metric] - 1.0).abs().max())
            agree(f"mirrored: {metric}, relative", apart, 0.02, "")
        return
    _, differences = compare_results(reference, found, relative=1e-4)
    told = [d for d in differences if d.what != "only in A"]
    assert not told, "\n".join(f"{d.file} {d.what} ({d.relative:.2g})" for d in told)
