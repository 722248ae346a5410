"""Markers that cannot be a runner's as they are read: every kind is named as what it is."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import body_runner as body
from strikelean.errors import ConfigError
from strikelean.formats.axes import Axes
from strikelean.formats.series import Markers
from strikelean.lab.check_markers import check_orientation
from strikelean.lab.check_segments import check_static, check_strays
from strikelean.lab.findings import Finding

RUNNING, STANDING = body.running(), body.standing()
ALL = {name: f"L{name[1:]}" for name in RUNNING.names if name.startswith("R")}
FEET = {name: other for name, other in ALL.items() if name[2:] in ("Heel", "MT5", "Toe", "Side")}


def right_handed() -> list[Axes]:
    names = [[f"{sign}{axis}" for sign in "+-"] for axis in "XYZ"]
    found = []
    for order in permutations(range(3)):
        for chosen in product(*(names[place] for place in order)):
            try:
                found.append(Axes(*chosen))
            except ConfigError:
                continue
    return found


AXES = right_handed()


def wrong(running=RUNNING, standing=STANDING, markerset=body.MARKERSET, axes=None) -> list[Finding]:
    found = check_orientation(running, standing, markerset, axes or Axes())
    return [finding for finding in found if finding.level != "plausible"]


def told(findings: list[Finding]) -> str:
    return "; ".join(map(str, findings))


def test_a_runner_as_they_are_is_plausible_in_every_figure() -> None:
    found = check_orientation(RUNNING, STANDING, body.MARKERSET, Axes())
    assert {finding.level for finding in found} == {"plausible"}
    assert all(np.isfinite(finding.value) for finding in found)
    assert len({finding.figure for finding in found}) == len(found)


def test_there_are_24_ways_to_name_right_handed_axes() -> None:
    assert len(AXES) == 24


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(AXES), st.sampled_from(AXES))
def test_wrong_axes_are_told_with_those_that_are_right(true: Axes, configured: Axes) -> None:
    # from the laboratory to the file by the true axes, and back by those that were configured
    turn = configured.rotation() @ true.rotation().T
    found = wrong(body.mapped(RUNNING, turn), body.mapped(STANDING, turn), axes=configured)
    if true == configured:
        assert found == []
    else:
        named = f"{{forward: {true.forward}, up: {true.up}, right: {true.right}}}"
        assert named in told(found)


@settings(max_examples=20, deadline=None)
@given(
    st.tuples(*[st.floats(-20.0, 20.0)] * 2), st.floats(-3.0, 3.0), st.randoms(), st.floats(0, 50)
)
def test_neither_origin_nor_stance_nor_order_nor_clock_changes_a_figure(
    place, turn_rad, chance, start_s
) -> None:
    shift = np.array([place[0], 0.0, place[1]])
    cos, sin = np.cos(turn_rad), np.sin(turn_rad)
    turn = np.array([[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]])
    order = list(range(len(RUNNING.names)))
    chance.shuffle(order)
    other = replace(
        RUNNING,
        time_s=RUNNING.time_s + start_s,
        names=tuple(RUNNING.names[i] for i in order),
        positions_m=RUNNING.positions_m[:, order] + shift,
    )
    # people stand as they like for a static trial: only the running trial must face forward
    found = check_orientation(other, body.mapped(STANDING, turn, shift), body.MARKERSET, Axes())
    for one, usual in zip(
        found, check_orientation(RUNNING, STANDING, body.MARKERSET, Axes()), strict=True
    ):
        assert (one.figure, one.level) == (usual.figure, usual.level)
        # an angle near zero is known to about the root of the smallest number
        assert one.value == pytest.approx(usual.value, abs=1e-5)


@pytest.mark.parametrize(
    ("factor", "unit"),
    [(1000.0, "look like mm, read as m"), (0.001, "look like m, read as mm"), (39.37, "in, read")],
)
@pytest.mark.parametrize(
    ("trials", "named"), [("rs", "both trials"), ("r", "running"), ("s", "standing")]
)
def test_another_unit_is_named_with_the_trial_it_is_in(factor, unit, trials, named) -> None:
    scale = factor * np.eye(3)
    found = wrong(
        body.mapped(RUNNING, scale) if "r" in trials else RUNNING,
        body.mapped(STANDING, scale) if "s" in trials else STANDING,
    )
    assert len(found) == 1
    assert unit in told(found)
    assert named in told(found)


def test_a_static_trial_in_other_axes_than_the_running_one_is_named() -> None:
    turned = body.mapped(STANDING, Axes("+X", "+Z", "-Y").rotation())
    assert "Export both trials in the same axes: up is -Z in the standing" in told(
        wrong(standing=turned)
    )


def test_a_floor_that_is_not_level_is_doubtful() -> None:
    lean = np.radians(15.0)
    turn = np.array([[np.cos(lean), np.sin(lean), 0], [-np.sin(lean), np.cos(lean), 0], [0, 0, 1]])
    (found,) = wrong(standing=body.mapped(STANDING, turn.T))
    assert found.level == "doubtful"
    assert "calibration of the floor" in str(found)


@pytest.mark.parametrize(("turn_deg", "level"), [(10, None), (30, "doubtful"), (60, "wrong")])
def test_a_runner_turned_from_the_axes_is_doubted_then_refused(turn_deg, level) -> None:
    angle = np.radians(turn_deg)
    turn = np.array(
        [[np.cos(angle), 0, np.sin(angle)], [0, 1, 0], [-np.sin(angle), 0, np.cos(angle)]]
    )
    levels = [finding.level for finding in wrong(body.mapped(RUNNING, turn))]
    assert levels == ([level] if level else [])


def test_a_runner_who_passes_through_a_small_volume_is_plausible() -> None:
    passing = RUNNING.positions_m.copy()
    passing[:, :, 0] += 5.0 * RUNNING.time_s[:, np.newaxis]
    overground = replace(RUNNING, positions_m=passing)
    feet = [name for name in RUNNING.names if name[2:] in ("Heel", "MT5", "Toe", "Side")]
    others = [name for name in RUNNING.names if name not in feet]
    # the pelvis comes into view a metre and a half before the feet leave it
    overground = body.blanked(overground, *others, frames=slice(150))
    overground = body.blanked(overground, *feet, frames=slice(195, None))
    assert wrong(overground) == []


def test_a_sprinters_feet_that_point_down_and_back_in_swing_do_not_turn_them() -> None:
    positions = RUNNING.positions_m.copy()
    for letter in "RL":
        heel = positions[:, RUNNING.names.index(f"{letter}.Heel")].copy()
        swing = heel[:, 1] > 0.04
        # a sprinter lifts the heel to where the toes stay above the floor
        heel[swing, 1] += 0.15
        own = positions[:, RUNNING.names.index(f"{letter}.Heel")]
        raised = heel - own
        own[:] = heel
        for name in ("MT5", "Toe", "Side"):
            place = RUNNING.names.index(f"{letter}.{name}")
            ahead = (positions[:, place] + raised - heel)[swing]
            # by 130 deg about the heel: behind it and below
            turned = np.stack(
                [-0.64 * ahead[:, 0] + 0.77 * ahead[:, 1],
                 -0.77 * ahead[:, 0] - 0.64 * ahead[:, 1], ahead[:, 2]], axis=1,
            )  # fmt: skip
            positions[swing, place] = heel[swing] + turned
    sprinter = replace(RUNNING, positions_m=positions)
    foot = np.median(sprinter.position("R.MT5") - sprinter.position("R.Heel"), axis=0)
    assert foot[0] < 0.5 * np.linalg.norm(foot), "median over the stride misleads"
    assert wrong(sprinter) == []


@pytest.mark.parametrize(
    ("trials", "named"), [("rs", "both trials"), ("r", "running trial"), ("s", "standing trial")]
)
@pytest.mark.parametrize(
    ("pairs", "words"),
    [(ALL, "every right marker on the left"), (FEET, "calcn, foot landmarks ex")],
)
def test_exchanged_sides_are_named_by_segment_and_trial(trials, named, pairs, words) -> None:
    found = wrong(
        body.renamed(RUNNING, pairs) if "r" in trials else RUNNING,
        body.renamed(STANDING, pairs) if "s" in trials else STANDING,
    )
    assert len(found) == 1
    assert named in told(found)
    assert words in told(found)


def test_a_mirrored_recording_is_named() -> None:
    mirror = np.diag([1.0, 1.0, -1.0])
    found = wrong(body.mapped(RUNNING, mirror), body.mapped(STANDING, mirror))
    assert "take the mirror out of the axes" in told(found)


def test_a_runner_and_their_mirror_image_have_the_same_figures() -> None:
    mirror = np.diag([1.0, 1.0, -1.0])
    trials = [body.renamed(body.mapped(t, mirror), ALL) for t in (RUNNING, STANDING)]
    found = check_orientation(*trials, body.MARKERSET, Axes())
    usual = check_orientation(RUNNING, STANDING, body.MARKERSET, Axes())
    assert [one.level for one in found] == [one.level for one in usual]
    np.testing.assert_allclose([f.value for f in found], [f.value for f in usual], atol=1e-5)


def landmarks(**changes: str):
    roles = {side: dict(own) for side, own in body.MARKERSET.landmarks.items()}
    for place, marker in changes.items():
        side, role = place.split("__")
        roles[side][role] = marker
    return replace(body.MARKERSET, landmarks=roles)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"right__heel": "R.Toe", "right__toe": "R.Heel"}, "right foot against pelvis"),
        (
            {"right__heel": "R.Toe", "right__toe": "R.Heel", "left__heel": "L.Toe",
             "left__toe": "L.Heel"},
            "right foot and left foot against pelvis, progression",
        ),
        ({"left__fifth_metatarsal": "L.Toe", "left__toe": "L.MT5"}, "fifth metatarsal lateral"),
        ({"right__heel": "L.Heel"}, "both on calcn_l"),
        ({"right__fifth_metatarsal": "L.MT5", "left__fifth_metatarsal": "R.MT5"}, "both on calcn"),
        (
            {f"{side}__{role}": f"{other}.{name}"
             for side, other in (("right", "L"), ("left", "R"))
             for role, name in (("heel", "Heel"), ("fifth_metatarsal", "MT5"), ("toe", "Toe"))},
            "foot landmarks exchanged",
        ),
        ({"right__toe": "R.Side", "left__toe": "L.Side"}, "heel to its toe landmark"),
    ],
)  # fmt: skip
def test_landmarks_of_the_wrong_marker_are_named(changes, words) -> None:
    found = wrong(markerset=landmarks(**changes))
    assert found
    assert words in told(found)
    assert {finding.level for finding in found} == {"wrong"}


def test_exchanged_pelvis_roles_are_named() -> None:
    trunk = dict(body.MARKERSET.trunk)
    for side in ("right", "left"):
        trunk[f"asis_{side}"], trunk[f"psis_{side}"] = trunk[f"psis_{side}"], trunk[f"asis_{side}"]
    found = wrong(markerset=replace(body.MARKERSET, trunk=trunk))
    assert "ASIS and PSIS are exchanged under trunk" in told(found)


@pytest.mark.parametrize("trial", ["running", "standing"])
def test_a_landmark_that_was_never_seen_is_named_with_what_it_is_for(trial) -> None:
    found = wrong(
        body.blanked(RUNNING, "R.Heel") if trial == "running" else RUNNING,
        body.blanked(STANDING, "R.Heel") if trial == "standing" else STANDING,
    )
    assert len(found) == 1
    assert "no frame with R.Heel (heel of the right foot)" in told(found)
    assert trial in told(found)
    assert "strike angle" in told(found)


def test_a_segment_that_was_never_seen_is_named() -> None:
    names = [f"R.Shank{number}" for number in range(1, 5)]
    assert "too few seen on tibia_r" in told(wrong(body.blanked(RUNNING, *names)))


def test_a_landmark_seen_for_a_while_is_enough() -> None:
    assert wrong(body.blanked(RUNNING, "R.Heel", frames=slice(100, None))) == []


@pytest.mark.parametrize("frames", [1, 2])
def test_a_few_frames_alone_bring_no_error_of_another_kind(frames) -> None:
    short = replace(
        RUNNING, time_s=RUNNING.time_s[:frames], positions_m=RUNNING.positions_m[:frames]
    )
    check_orientation(short, STANDING, body.MARKERSET, Axes())
    check_static(STANDING, short, body.MARKERSET)
    check_strays(short, body.MARKERSET)


def scaled(markers: Markers, **factors: float) -> Markers:
    positions = markers.positions_m.copy()
    for place, name in enumerate(markers.names):
        for part, factor in factors.items():
            if part in name:
                positions[:, place] *= factor
    return replace(markers, positions_m=positions)


def static_level(standing: Markers, running: Markers = RUNNING) -> str:
    """Return the worst level of all findings."""
    levels = {finding.level for finding in check_static(standing, running, body.MARKERSET)}
    return next(level for level in ("wrong", "doubtful", "plausible") if level in levels)


def test_the_own_static_trial_fits_to_the_millimetre() -> None:
    (size, ratio, displaced) = check_static(STANDING, RUNNING, body.MARKERSET)
    assert size.value < 1e-5
    assert ratio.value == pytest.approx(1.0, abs=1e-4)
    assert displaced.value == 0.0


@pytest.mark.parametrize(
    ("factor", "level"),
    [
        (1.004, "plausible"),
        (1.01, "doubtful"),
        (0.99, "doubtful"),
        (1.03, "wrong"),
        (0.88, "wrong"),
    ],
)
def test_a_larger_or_smaller_persons_static_trial_is_told(factor, level) -> None:
    assert static_level(body.mapped(STANDING, factor * np.eye(3))) == level


def test_a_single_stance_may_be_further_out_than_strides() -> None:
    other = body.mapped(STANDING, 1.009 * np.eye(3))
    stance = replace(RUNNING, time_s=RUNNING.time_s[:60], positions_m=RUNNING.positions_m[:60])
    assert static_level(other) == "doubtful"
    assert static_level(other, stance) == "plausible"
    assert static_level(body.mapped(STANDING, 1.12 * np.eye(3)), stance) == "wrong"


def test_another_persons_cluster_on_one_leg_is_told() -> None:
    other = STANDING
    for name in ("R.Thigh1", "R.Thigh3", "R.Shank2", "R.Shank4"):
        other = body.moved(other, name, (0.03, 0.02, 0.0))
    (found, *_) = check_static(other, RUNNING, body.MARKERSET)
    assert found.level == "wrong"
    assert "femur_r" in str(found)
    assert "static_file" in str(found)


def test_a_static_trial_in_another_unit_is_no_other_runner() -> None:
    (found,) = check_static(body.mapped(STANDING, 0.001 * np.eye(3)), RUNNING, body.MARKERSET)
    assert "unit" in str(found)


def test_one_marker_that_was_put_elsewhere_is_named_and_only_warns() -> None:
    other = body.moved(STANDING, "L.Thigh2", (0.04, 0.03, 0.0))
    size, _, displaced = check_static(other, RUNNING, body.MARKERSET)
    assert size.level == "plausible"
    assert displaced.level == "doubtful"
    assert "L.Thigh2" in str(displaced)


def test_markers_without_a_common_segment_are_not_judged() -> None:
    only = replace(STANDING, names=("X",), positions_m=STANDING.positions_m[:, :1])
    (found,) = check_static(only, RUNNING, body.MARKERSET)
    assert np.isnan(found.value)


def test_labels_exchanged_for_a_while_are_named() -> None:
    positions = RUNNING.positions_m.copy()
    pair = [RUNNING.names.index(name) for name in ("R.Thigh2", "R.Shank2")]
    positions[100:104, pair] = positions[100:104, pair[::-1]]
    found = check_strays(replace(RUNNING, positions_m=positions), body.MARKERSET)
    assert found.level == "doubtful"
    assert "R.Thigh2 in 0.89 % of frames" in str(found)
    assert check_strays(RUNNING, body.MARKERSET).level == "plausible"


def test_a_marker_that_slips_half_way_is_named() -> None:
    positions = RUNNING.positions_m.copy()
    positions[300:, RUNNING.names.index("L.Shank3")] += [0.05, 0.05, 0.0]
    found = check_strays(replace(RUNNING, positions_m=positions), body.MARKERSET)
    assert "L.Shank3" in str(found)
    assert "L.Shank1" not in str(found)


def test_a_gap_in_a_segment_does_not_hide_what_strays_elsewhere() -> None:
    positions = RUNNING.positions_m.copy()
    positions[200:210, RUNNING.names.index("R.Shank2")] += [0.1, 0.1, 0.0]
    holed = body.blanked(replace(RUNNING, positions_m=positions), "R.Shank1", frames=slice(150))
    assert "R.Shank2" in str(check_strays(holed, body.MARKERSET))
