"""What a recording's forces must fulfil: each fault is named, and what is right is left alone."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import force_runner as runner
from strikelean.errors import RecordingError
from strikelean.formats.series import Wrench
from strikelean.lab.check_belt import Speeds
from strikelean.lab.check_clock import LAG, SPANS
from strikelean.lab.check_forces import FORCE_FIGURES, first_cause, timed_by
from strikelean.lab.findings import Finding, Level

RUN = runner.running()
SHEAR = np.array([-1.0, 1.0, -1.0])
QUARTER = (np.array([2, 1, 0]), np.array([1.0, 1.0, -1.0]))


def shifted(ahead_m: float = 0.0, right_m: float = 0.0):
    """Return a change that moves the pressure alone."""
    arm = [ahead_m, 0.0, right_m]
    return lambda w: replace(w, moment_nm=w.moment_nm + np.cross(arm, w.force_n))


def turned(wrench: Wrench, times: int = 1) -> Wrench:
    """Turn force and moment about the vertical by 90 deg, as another first corner does."""
    order, sign = QUARTER
    for _ in range(times):
        force, moment = wrench.force_n[:, order] * sign, wrench.moment_nm[:, order] * sign
        wrench = replace(wrench, force_n=force, moment_nm=moment)
    return wrench


def late(seconds: float):
    return lambda w: replace(w, time_s=w.time_s + seconds)


def torque_in_millimetres(wrench: Wrench) -> Wrench:
    moment = wrench.moment_nm.copy()
    # 0.003 m of the vertical force is the made-up runner's free torque
    moment[:, 1] += 999.0 * 0.003 * wrench.force_n[:, 1]
    return replace(wrench, moment_nm=moment)


FAULTS = {
    "shear reversed": (
        lambda w: replace(w, force_n=w.force_n * SHEAR),
        "sign of the horizontal force is reversed",
    ),
    "forces alone turned": (
        lambda w: replace(turned(w), moment_nm=w.moment_nm),
        "forces are turned by 90 deg about the vertical",
    ),
    "next corner": (turned, "listed from the next corner on"),
    "opposite corner": (lambda w: turned(w, 2), "listed from the opposite corner on"),
    "no horizontal force": (
        lambda w: replace(w, force_n=w.force_n * [0.0, 1.0, 0.0]),
        "the horizontal force is absent",
    ),
    "mirrored ahead": (
        lambda w: replace(w, moment_nm=w.moment_nm * [1.0, 1.0, -1.0]),
        "the pressure is mirrored",
    ),
    "mirrored aside": (
        lambda w: replace(w, moment_nm=w.moment_nm * [-1.0, 1.0, 1.0]),
        "the pressure is mirrored",
    ),
    "moments read as N mm": (
        lambda w: replace(w, moment_nm=w.moment_nm / 1000.0),
        "moments in N m",
    ),
    "moments of N mm as N m": (
        lambda w: replace(w, moment_nm=w.moment_nm * 1000.0),
        "moments in N m",
    ),
    "torque of N mm": (torque_in_millimetres, "N m, not in N mm"),
    "pressure 5 cm ahead": (shifted(0.05), "cm too far ahead"),
    "pressure 5 cm back": (shifted(-0.05), "cm too far back"),
    "pressure 5 cm right": (shifted(0.0, 0.05), "cm too far to the right"),
    "pressure 5 cm left": (shifted(0.0, -0.05), "cm too far to the left"),
    "pressure 20 cm beside": (shifted(0.0, 0.2), "to the right of its middle"),
    "pressure 40 cm behind": (shifted(-0.4), "behind"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_forces_that_cannot_be_this_runners_are_refused_with_their_cause(name):
    change, cause = FAULTS[name]
    with pytest.raises(RecordingError, match="read_recording: expected") as refusal:
        RUN.changed(change).read()
    assert cause in str(refusal.value)


@pytest.mark.parametrize("overground", [False, True])
@pytest.mark.parametrize("steps", [1, 2, 3, 8, 16])
@pytest.mark.parametrize("named", [False, True])
def test_nothing_is_said_of_forces_that_are_right(steps, overground, named):
    run = runner.running(steps, overground=overground)
    trial = (run.named() if named else run).read()
    assert not [line for line in trial.summary["warnings"] if line.startswith("expected")]
    assert set(trial.summary["plausibility"]) >= set(FORCE_FIGURES)
    assert sum(contact.valid for contact in trial.contacts) == steps


def test_columns_of_right_and_left_that_are_exchanged_are_named():
    with pytest.raises(RecordingError, match="columns of right and left are exchanged"):
        RUN.named("left", "right").read()


def test_a_single_contact_of_the_wrong_foot_costs_that_contact():
    run = RUN.named()
    right, left = run.recording.wrenches
    start = runner.FIRST_S + 2 * runner.STEP_S
    inside = (right.time_s > start - 0.01) & (right.time_s < start + runner.CONTACT_S + 0.01)
    given, taken = right.force_n.copy(), left.force_n.copy()
    moments = right.moment_nm.copy(), left.moment_nm.copy()
    taken[inside], given[inside] = right.force_n[inside], 0.0
    moments[1][inside], moments[0][inside] = right.moment_nm[inside], 0.0
    wrenches = (
        replace(right, force_n=given, moment_nm=moments[0]),
        replace(left, force_n=taken, moment_nm=moments[1]),
    )
    trial = replace(run, recording=replace(run.recording, wrenches=wrenches)).read()
    wrong = [
        contact
        for contact in trial.contacts
        if "from the force that the file gives" in contact.reason
    ]
    assert [round(contact.start_s, 1) for contact in wrong] == [round(start, 1)]


@settings(max_examples=12, deadline=None)
@given(st.floats(0.05, 1.3), st.sampled_from([-1.0, 1.0]))
def test_clocks_apart_are_refused_with_the_time_between_them(seconds, sign):
    with pytest.raises(RecordingError, match="on one clock") as refusal:
        RUN.changed(late(sign * seconds)).read()
    order = "later" if sign > 0.0 else "earlier"
    assert order in str(refusal.value) or "too few steps" in str(refusal.value)
    told = float(str(refusal.value).split("forces that come ")[1].split(" s ")[0])
    if "too few steps" not in str(refusal.value):
        assert told == pytest.approx(seconds, abs=0.02)


@settings(max_examples=8, deadline=None)
@given(st.floats(-0.02, 0.02))
def test_a_small_error_of_the_clock_is_measured_and_taken_for_nothing_else(seconds):
    trial = RUN.changed(late(seconds)).read()
    assert trial.summary["plausibility"]["clock_error_s"] == pytest.approx(seconds, abs=0.002)
    others = [line for line in trial.summary["warnings"] if line.startswith("expected")]
    assert not [line for line in others if not re.search("begin together|on one clock", line)]
    assert any("on one clock" in line for line in others) == (
        abs(trial.summary["plausibility"]["clock_error_s"]) > 0.005
    )


def test_files_that_last_equally_long_but_begin_apart_are_doubted():
    trial = RUN.changed(late(0.022)).read()
    assert any("begin together" in line for line in trial.summary["warnings"])


def test_a_reversed_sideways_force_alone_is_doubted():
    def aside(wrench: Wrench) -> Wrench:
        pressure = np.cross([0.0, 0.0, 0.0], wrench.force_n)
        return replace(
            wrench, force_n=wrench.force_n * [1.0, 1.0, -1.0], moment_nm=wrench.moment_nm + pressure
        )

    trial = RUN.changed(aside).read()
    assert any("sign of the sideways force" in line for line in trial.summary["warnings"])


@pytest.mark.parametrize(
    ("overground", "belt_m_s", "words"),
    [
        (False, 2.0, "moves back with the belt, at 2 m/s, found 3.00 m/s"),
        (False, None, "a treadmill without belt_speed_m_s"),
    ],
)
def test_a_belt_that_is_not_the_one_entered_is_refused(overground, belt_m_s, words):
    with pytest.raises(RecordingError) as refusal:
        RUN.read(Speeds(runner.SPEED_M_S, belt_m_s))
    assert words in str(refusal.value)


@pytest.mark.parametrize(
    ("overground", "speeds", "words"),
    [
        (True, Speeds(3.0, 3.0), "Leave belt_speed_m_s blank"),
        (False, Speeds(3.0, 2.75), "Correct belt_speed_m_s"),
        (True, Speeds(4.0, None), "Correct speed_m_s"),
        (False, Speeds(4.0, 3.0), "Correct speed_m_s"),
    ],
)
def test_speeds_that_spoil_no_joint_load_are_doubted(overground, speeds, words):
    trial = runner.running(overground=overground).read(speeds)
    assert any(words in line for line in trial.summary["warnings"])


def test_a_runner_who_starts_and_hardly_brakes_is_no_turned_force():
    # the same push in every contact: force and movement both gain it
    gain = 1.2
    centre = RUN.recording.markers
    positions = centre.positions_m.copy()
    positions[..., 0] += 0.5 * gain * centre.time_s[:, np.newaxis] ** 2

    def push(wrench: Wrench) -> Wrench:
        force = wrench.force_n.copy()
        force[:, 0] += gain / 9.80665 * force[:, 1]
        forward = np.zeros_like(force)
        forward[:, 0] = 0.5 * gain * wrench.time_s**2
        # the force leans, and with it the body over the foot
        return replace(wrench, force_n=force, moment_nm=wrench.moment_nm + np.cross(forward, force))

    run = replace(
        RUN, recording=replace(RUN.recording, markers=replace(centre, positions_m=positions))
    ).changed(push)
    try:
        run.read(Speeds(3.0, 3.0))
    except RecordingError as refusal:
        assert "turned" not in str(refusal)
        assert "reversed" not in str(refusal)


@pytest.mark.parametrize(
    ("window", "cut"),
    [
        ({"start_s": 0.0, "end_s": 40.0}, True),
        ({"start_s": 1.0, "end_s": 4.0}, False),
        ({"end_s": 6.36}, False),
    ],
)
def test_a_window_beyond_the_recording_is_said(window, cut):
    lines = RUN.read(**window).summary["warnings"]
    assert any("are not there" in line for line in lines) == cut


def test_a_window_that_leaves_nothing_names_the_recordings_span():
    with pytest.raises(
        RecordingError, match=r"within the recording, 0\.00 to 6\.3\d s.*nothing is left"
    ):
        RUN.read(start_s=20.0, end_s=30.0)
    with pytest.raises(RecordingError, match=r"outside the time window.*from 0\.00 to 6\.3"):
        RUN.read(start_s=2.0, end_s=2.1)


def test_a_plate_nobody_trod_on_adds_nothing():
    noise = 15.0 * np.random.default_rng(2).standard_normal(
        (RUN.recording.wrenches[0].time_s.size, 3)
    )
    idle = replace(RUN.recording.wrenches[0], force_n=noise, moment_nm=3.0 * noise, label="plate 2")
    both = replace(RUN.recording, wrenches=(*RUN.recording.wrenches, idle), feet=(None, None))
    alone, beside = RUN.read(), replace(RUN, recording=both).read()
    np.testing.assert_array_equal(alone.grf.values, beside.grf.values)


def test_what_a_first_fault_explains_is_reported_without_a_word():
    wrong = Finding("a", 1.0, "wrong", "x", "y", "Do z")
    said = first_cause([Finding("b", 2.0)], [wrong], [Finding("c", 3.0, "wrong", "x", "y", "Do")])
    assert [finding.level for finding in said] == ["plausible", "wrong", "plausible"]
    assert [finding.value for finding in said] == [2.0, 1.0, 3.0]


@pytest.mark.parametrize("figure", [LAG, SPANS])
@pytest.mark.parametrize("level", ["wrong", "doubtful"])
def test_feet_looked_at_by_a_wrong_clock_are_not_blamed(figure: str, level: Level) -> None:
    forces = [Finding("torque", 0.1), Finding(figure, 0.2, level, "x", "y", "Do z")]
    flat = Finding("flat", 18.0, "wrong", "x", "y", "Do")
    (said,) = timed_by(forces, [flat])
    assert said == (Finding("flat", 18.0) if level == "wrong" else flat)
    # another fault of the forces leaves the feet where they are
    other = [Finding("torque", 9.0, "wrong", "x", "y", "Do z")]
    assert timed_by(other, [flat]) == [flat]
