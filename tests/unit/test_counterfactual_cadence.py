"""Another step rate: what runners change with it comes from a published table, and is optional."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest

from strikelean.counterfactual.bands import variants
from strikelean.counterfactual.cadence import (
    CONTACT_TIME,
    HIP,
    KNEE,
    Posture,
    ask_posture,
    read_posture,
    step_rate,
)
from strikelean.counterfactual.propose import Asked, Choices, retiming_of
from strikelean.errors import ConfigError
from strikelean.resources import cadence_posture
from strikelean.stride.stride import FootForce, Stride
from strikelean.stride.targets import Targets
from strikelean.techniques import parse_technique

NAMES = ("knee_angle_r", "hip_flexion_r", "knee_angle_l", "hip_flexion_l", "ankle_angle_r")
PERIOD_S, RATE_HZ = 0.7, 200.0


@pytest.fixture(scope="module")
def posture() -> Posture:
    return read_posture(cadence_posture())


def made_stride(start_s: float = 2.0) -> tuple[Stride, Targets]:
    """Return a stride whose hips flex most 0.03 s after contact, and targets that ask nothing."""
    time_s = start_s + np.arange(0.0, PERIOD_S, 1.0 / RATE_HZ)
    none = np.zeros((len(time_s), 3))
    contacts = {"right": start_s + 0.05, "left": start_s + 0.4}
    feet = tuple(FootForce(s, t, t + 0.25, none, none, none) for s, t in contacts.items())
    coordinates = np.zeros((len(time_s), len(NAMES)))
    for side, at in contacts.items():
        place = NAMES.index(f"hip_flexion_{side[0]}")
        coordinates[:, place] = -np.abs(time_s - at - 0.03)
    tree = SimpleNamespace(names=NAMES)
    stride = SimpleNamespace(
        tree=tree, time_s=time_s, period_s=PERIOD_S, feet=feet, coordinates=coordinates
    )
    nothing = np.zeros_like(coordinates)
    empty = np.zeros(0)
    targets = Targets(empty, nothing, empty, nothing.copy(), None, empty, empty, empty, empty)
    return cast(Stride, stride), targets


def test_the_table_has_what_was_published(posture: Posture) -> None:
    """Heiderscheit 2011, Table 3: means at -10, -5, 0, +5, +10 % of the preferred step rate."""
    published = {
        KNEE: (16.9, 17.0, 17.8, 18.7, 19.6),
        HIP: (30.7, 27.9, 26.7, 25.3, 23.6),
    }
    for quantity, means in published.items():
        for percent, mean in zip((-10, -5, 0, 5, 10), means, strict=True):
            found = np.degrees(posture.change(quantity, percent))
            assert found == pytest.approx(mean - means[2], abs=1e-6)
    assert "10.1249/MSS.0b013e3181ebedf4" in posture.source


@pytest.mark.parametrize(
    ("percent", "degrees"), [(0.0, 0.0), (7.5, 1.35), (20.0, 3.6), (-20.0, -1.8), (1.0, 0.18)]
)
def test_between_and_beyond_published_step_rates_it_is_a_line(
    posture: Posture, percent: float, degrees: float
) -> None:
    assert np.degrees(posture.change(KNEE, percent)) == pytest.approx(degrees)
    wider = np.degrees(posture.change(KNEE, percent, standard_errors=1.0))
    assert wider >= degrees


def test_contact_time_goes_with_the_root_of_the_step_time(posture: Posture) -> None:
    found = step_rate(10.0, posture)
    assert found.rate == 1.1
    assert found.of_contact("right") == found.of_contact("left") == pytest.approx(1.1**-0.5)
    nearer = step_rate(10.0, posture, contact_shift=1.0)
    assert nearer.of_contact("left") == pytest.approx(1.1**-0.8)
    assert step_rate(0.0, posture).same


def test_without_the_table_the_step_rate_changes_alone() -> None:
    found = step_rate(10.0, None)
    assert found.contact_time == {}
    assert found.of_contact("left") == pytest.approx(1 / 1.1)


def test_posture_is_asked_at_its_instants_of_each_foot(posture: Posture) -> None:
    stride, targets = made_stride()
    asked = ask_posture(stride, targets, posture, 10.0)
    for foot in stride.feet:
        for joint, change_deg, at in (
            ("knee_angle", 1.8, foot.start_s),
            ("hip_flexion", -3.1, foot.start_s + 0.03),
        ):
            place = NAMES.index(f"{joint}_{foot.side[0]}")
            row = int(np.argmin(np.abs(stride.time_s - at)))
            assert np.degrees(asked.coordinates[row, place]) == pytest.approx(change_deg, abs=0.1)
            assert int(np.argmax(asked.held[:, place])) == row
            # a quarter of a degree there, nothing of its own in mid-swing
            assert np.degrees(1.0 / asked.held[row, place]) == pytest.approx(0.25, abs=0.05)
            since = np.abs(stride.time_s - at)
            far = np.minimum(since, PERIOD_S - since) > 0.11
            assert not asked.coordinates[far, place].any()
    assert not asked.coordinates[:, NAMES.index("ankle_angle_r")].any()


def test_a_later_start_asks_the_same(posture: Posture) -> None:
    both = [ask_posture(*made_stride(start), posture, -5.0) for start in (2.0, 1234.0)]
    np.testing.assert_allclose(both[0].coordinates, both[1].coordinates, atol=1e-9)
    np.testing.assert_allclose(both[0].held, both[1].held, rtol=1e-6, atol=1e-9)


def test_a_knee_that_lands_more_flexed_by_a_standard_error(posture: Posture) -> None:
    stride, targets = made_stride()
    more, own = (ask_posture(stride, targets, posture, 10.0, shift) for shift in (1.0, 0.0))
    wider = np.degrees((more.coordinates - own.coordinates).max(axis=0))
    assert wider[NAMES.index("knee_angle_r")] == pytest.approx(0.86, abs=0.02)
    assert wider[NAMES.index("hip_flexion_r")] == 0.0


def test_what_was_built_in_is_in_the_band_and_leaves_with_it() -> None:
    technique = parse_technique("cadence+10")
    names = set(variants(technique, Choices()))
    alone = set(variants(technique, Choices(), posture=False))
    assert {name for name in names - alone if "standard error" in name} == names - alone
    assert len(names - alone) == 4
    assert not any("contact" in name for name in variants(parse_technique("lean+05"), Choices()))


def test_another_table_is_refused(tmp_path) -> None:
    path = tmp_path / "cadence.csv"
    path.write_text("# source: none\nquantity,unit\nx,deg\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=CONTACT_TIME):
        read_posture(path)


@pytest.mark.parametrize(("lean", "rate"), [("lean+10", 1.0375), ("lean-10", 0.9625)])
def test_steps_shorten_with_a_lean_only_where_that_is_set(
    posture: Posture, lean: str, rate: float
) -> None:
    technique = parse_technique(lean)
    assert retiming_of(Asked(technique, posture=posture)).same
    shorter = Asked(technique, Choices(lean_step_rate=0.375), posture=posture)
    assert retiming_of(shorter).rate == pytest.approx(rate)
    both = Asked(parse_technique("lean+10_cadence+05"), shorter.choices, posture=posture)
    # rates of parts multiply, as the parts of every technique do
    assert retiming_of(both).rate == pytest.approx(1.05 * 1.0375)
