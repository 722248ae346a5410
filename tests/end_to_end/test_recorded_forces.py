"""Forces of real runners: nothing is held against them, and each fault put into them is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from strikelean.errors import RecordingError
from strikelean.formats.axes import Axes
from strikelean.formats.files import read_yaml
from strikelean.formats.series import Markers, Wrench
from strikelean.lab import recording as stage
from strikelean.lab.baseline import OFFSET
from strikelean.lab.check_belt import Speeds
from strikelean.lab.check_forces import FORCE_FIGURES
from strikelean.lab.recording import RecordingSettings, TrialRecording, load_files, read_recording
from strikelean.lab.shared_clock import BODY, CORRECTED, LANDING
from strikelean.lab.static import read_static
from strikelean.markersets import MarkerSet, load_markerset
from strikelean.signals import at_times

TOP = Path(__file__).parents[2]
CONFIG = read_yaml(TOP / "config" / "config.yaml")
SETTINGS = RecordingSettings.from_config(
    CONFIG["recording"],
    CONFIG["steps"],
    CONFIG["filter"],
    CONFIG["quality"]["max_missing_segment_share"],
)
RBDS_TRIALS = 26
LARGEST_OFFSET_N = 60.0


@dataclass(frozen=True)
class Trial:
    """One recorded trial as its table would name it."""

    files: tuple[Path, ...]
    static: Markers
    markerset: MarkerSet
    mass_kg: float
    belt_m_s: float

    def read(self, change: Callable[[Wrench], Wrench] | None = None) -> TrialRecording:
        """Read it as the workflow does, every wrench changed first."""
        recording = load_files(self.files, Axes(), self.markerset.marker_names())
        if change is not None:
            wrenches = tuple(change(wrench) for wrench in recording.wrenches)
            recording = replace(recording, wrenches=wrenches)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(stage, "load_files", lambda files, axes, needed: recording)
            return read_recording(
                self.files,
                self.static,
                self.markerset,
                self.mass_kg,
                SETTINGS,
                speeds=Speeds(self.belt_m_s, self.belt_m_s),
            )


def rbds(folder: Path, name: str) -> Trial:
    prefix, _, speed = name.partition("runT")
    people = pd.read_csv(folder / "rbds" / "participants.csv").set_index("file_prefix")
    return Trial(
        (folder / "rbds" / f"{name}.c3d",),
        read_static(folder / "rbds" / f"{prefix}static.c3d", Axes()),
        load_markerset(TOP / "models" / "markersets" / "rbds.yaml"),
        float(people.loc[prefix, "mass_kg"]),
        int(speed) / 10.0,
    )


def full_body(folder: Path) -> Trial:
    own = folder / "fullbody"
    return Trial(
        (own / "motion_capture_run.trc", own / "grf_run.mot"),
        read_static(own / "static_run.trc", Axes()),
        load_markerset(TOP / "models" / "markersets" / "rajagopal_fullbody.yaml"),
        72.84,
        3.7,
    )


def said_of_forces(trial: TrialRecording) -> list[str]:
    """Return what the warnings say against the forces as they are used.

    Markers have their own tests, and so has a clock that was corrected.
    """
    lines = [line for line in trial.summary["warnings"] if line.startswith("expected")]
    moved = "and were moved by that"
    return [line for line in lines if not line.startswith("expected markers") and moved not in line]


@pytest.mark.long
def test_nothing_is_held_against_the_public_datasets_forces(data_folder, agree):
    names = sorted(path.stem for path in (data_folder / "rbds").glob("*runT*.c3d"))
    assert len(names) == RBDS_TRIALS
    largest = 0.0
    for name in names:
        trial = rbds(data_folder, name).read()
        assert not said_of_forces(trial), name
        figures = trial.summary["plausibility"]
        assert all(figures[figure] is not None for figure in FORCE_FIGURES), name
        largest = max(largest, figures[OFFSET])
        # one laboratory: all by about the same (4.1 to 7.2 ms), as no trunk or landing is
        assert -0.0080 < figures[CORRECTED] < -0.0035, name
    agree("largest offset of 26 recorded trials' plates", largest, LARGEST_OFFSET_N, "N")


def test_a_recording_that_begins_at_a_contact_keeps_its_baseline(data_folder):
    # its first samples are an unloaded plate for less time than a contact's edges take
    trial = rbds(data_folder, "RBDS012runT25").read()
    assert trial.summary["plausibility"][OFFSET] < LARGEST_OFFSET_N
    assert abs(trial.summary["plate_weight_error"]) < 0.05
    assert not said_of_forces(trial)


def turned(wrench: Wrench) -> Wrench:
    order, sign = [2, 1, 0], [1.0, 1.0, -1.0]
    return replace(
        wrench, force_n=wrench.force_n[:, order] * sign, moment_nm=wrench.moment_nm[:, order] * sign
    )


def pressed(ahead_m: float, right_m: float) -> Callable[[Wrench], Wrench]:
    arm = [ahead_m, 0.0, right_m]
    return lambda w: replace(w, moment_nm=w.moment_nm + np.cross(arm, w.force_n))


FAULTS = {
    "shear reversed": (lambda w: replace(w, force_n=w.force_n * [-1.0, 1.0, -1.0]), "is reversed"),
    "turned": (turned, "turned by 90 deg"),
    "no horizontal force": (lambda w: replace(w, force_n=w.force_n * [0.0, 1.0, 0.0]), "is absent"),
    "pressure 5 cm ahead": (pressed(0.05, 0.0), "too far ahead"),
    "pressure 5 cm back": (pressed(-0.05, 0.0), "too far back"),
    "pressure 5 cm left": (pressed(0.0, -0.05), "too far to the left"),
    "pressure 20 cm beside": (pressed(0.0, 0.2), "to the right of its middle"),
    "0.7 s late": (lambda w: replace(w, time_s=w.time_s + 0.7), "0.70 s later"),
    "1.3 s early": (lambda w: replace(w, time_s=w.time_s - 1.3), "1.30 s earlier"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_in_recorded_forces_is_named(data_folder, name):
    change, words = FAULTS[name]
    with pytest.raises(RecordingError) as refusal:
        full_body(data_folder).read(change)
    assert words in str(refusal.value)


def test_exchanged_columns_and_another_belt_are_named(data_folder):
    trial = full_body(data_folder)
    labels = {"right": "left", "left": "right"}
    recording = load_files(trial.files, Axes(), trial.markerset.marker_names())
    exchanged = replace(recording, feet=tuple(labels[str(foot)] for foot in recording.feet))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stage, "load_files", lambda files, axes, needed: exchanged)
        with pytest.raises(RecordingError, match="columns of right and left are exchanged"):
            read_recording(trial.files, trial.static, trial.markerset, trial.mass_kg, SETTINGS)
    with pytest.raises(RecordingError, match=r"at 2\.5 m/s, found 3\.\d+ m/s"):
        replace(trial, belt_m_s=2.5).read()


def test_forces_12_ms_late_are_read_and_measured(data_folder):
    trial = full_body(data_folder)
    on_time, late = trial.read(), trial.read(lambda w: replace(w, time_s=w.time_s + 0.012))
    apart = (
        late.summary["plausibility"]["clock_error_s"]
        - on_time.summary["plausibility"]["clock_error_s"]
    )
    assert apart == pytest.approx(0.012, abs=0.001)
    # this recording was filtered before it was published, which is said of it either way
    (filtered,) = said_of_forces(on_time)
    assert "they were low-passed before" in filtered
    (said,) = (line for line in said_of_forces(late) if line != filtered)
    assert "within 5 ms, found forces that come 14 ms later" in said


@pytest.mark.parametrize("by_s", [-0.006, 0.010])
def test_forces_shifted_by_a_known_time_end_up_on_the_same_clock(data_folder, by_s):
    trial = rbds(data_folder, "RBDS018runT35")
    as_is, shifted = trial.read(), trial.read(lambda w: replace(w, time_s=w.time_s + by_s))
    figures = [one.summary["plausibility"] for one in (as_is, shifted)]
    for figure in (BODY, LANDING, CORRECTED):
        assert figures[1][figure] - figures[0][figure] == pytest.approx(by_s, abs=5e-4)
    for one, other in zip(as_is.contacts, shifted.contacts, strict=True):
        assert other.start_s == pytest.approx(one.start_s, abs=5e-4)
        assert other.end_s == pytest.approx(one.end_s, abs=5e-4)
        assert other.selected == one.selected
        assert other.clock_corrected_s == pytest.approx(figures[1][CORRECTED], abs=1e-6)
        if np.isfinite(one.foot_strike_angle_deg):
            assert other.foot_strike_angle_deg == pytest.approx(one.foot_strike_angle_deg, abs=0.3)
    wanted_s = as_is.markers.time_s[10:-10]
    for foot in ("right", "left"):
        one, other = (
            at_times(t.grf.time_s, t.grf.foot(foot).force_n, wanted_s) for t in (as_is, shifted)
        )
        # some 40 N a millisecond
        assert np.max(np.abs(one - other)) < 20.0


def test_a_setting_leaves_forces_where_they_were_and_says_so(data_folder):
    trial = rbds(data_folder, "RBDS018runT35")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(globals(), "SETTINGS", replace(SETTINGS, correct_clock=False))
        left = trial.read()
    figures = left.summary["plausibility"]
    assert figures[CORRECTED] == 0.0
    assert figures[BODY] == pytest.approx(-0.006, abs=0.001)
    assert figures[LANDING] == pytest.approx(-0.005, abs=0.001)
    assert all(np.isnan(contact.clock_corrected_s) for contact in left.contacts)
    assert any(
        "within 5 ms, found forces that come 6 ms earlier" in line
        for line in left.summary["warnings"]
    )


def test_whole_body_and_landing_that_disagree_correct_nothing(data_folder):
    # published filtered at 100 Hz: the landing says 8 ms late, the whole body 2
    figures = full_body(data_folder).read().summary["plausibility"]
    assert figures[LANDING] - figures[BODY] > 0.005
    assert figures[CORRECTED] == 0.0
