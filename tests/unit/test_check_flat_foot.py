"""A foot that stood otherwise in the static trial than it lies in mid stance is told."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import lab_runner as runner
from strikelean.formats.series import Markers
from strikelean.lab.check_flat_foot import FLAT, check_flat_foot
from strikelean.lab.contacts import Contact
from strikelean.lab.findings import Finding
from strikelean.lab.strike import standing_foot
from strikelean.markersets import SIDES

RUNNING = runner.markers()


def contacts(sides: tuple[str, ...] = SIDES) -> list[Contact]:
    return [
        Contact(start, start + runner.CONTACT_S, start, start + runner.CONTACT_S, 0, sides[n % 2])
        for n, start in enumerate(runner.starts_s())
    ]


def tiptoe(degrees: float, letters: str = "RL") -> Markers:
    """Return the static trial with heels raised about the fifth metatarsal."""
    static = runner.static()
    places = static.positions_m.copy()
    angle = np.radians(degrees)
    for letter in letters:
        ball, heel = (static.names.index(f"{letter}.{name}") for name in ("MT5", "Heel"))
        line = places[:, heel] - places[:, ball]
        length = np.hypot(line[:, 0], line[:, 2])
        places[:, heel] = places[:, ball] + line * [np.cos(angle), 1.0, np.cos(angle)]
        places[:, heel, 1] += length * np.sin(angle)
    return replace(static, positions_m=places)


def found(static: Markers, running: Markers = RUNNING, sides: tuple[str, ...] = SIDES) -> Finding:
    standing = {side: standing_foot(static, runner.MARKERSET, side) for side in SIDES}
    return check_flat_foot(contacts(sides), running, runner.MARKERSET, standing)


def test_feet_that_stood_flat_are_plausible() -> None:
    finding = found(runner.static())
    assert (finding.figure, finding.level) == (FLAT, "plausible")
    assert abs(finding.value) < 1.0


@pytest.mark.parametrize(
    ("degrees", "level"), [(3.0, "plausible"), (9.0, "doubtful"), (25.0, "wrong")]
)
@pytest.mark.parametrize("letters", ["R", "L", "RL"])
def test_heels_raised_in_the_static_trial_are_told(degrees, level, letters) -> None:
    finding = found(tiptoe(degrees, letters))
    assert finding.level == level
    assert finding.value == pytest.approx(degrees, abs=1.0)
    if level != "plausible" and len(letters) == 1:
        assert f"the {'right' if letters == 'R' else 'left'} one" in finding.found


def test_toes_raised_in_the_static_trial_only_warn() -> None:
    # so does a runner whose heels never come down
    assert found(tiptoe(-25.0)).level == "doubtful"


def test_a_mirror_image_has_the_same_angle() -> None:
    def mirror(own: Markers) -> Markers:
        names = tuple({"R": "L", "L": "R"}[name[0]] + name[1:] for name in own.names)
        return replace(own, names=names, positions_m=own.positions_m * [1.0, 1.0, -1.0])

    one, other = found(tiptoe(9.0)), found(mirror(tiptoe(9.0)), mirror(RUNNING), SIDES[::-1])
    assert other.value == pytest.approx(one.value, abs=0.1)


def test_feet_that_were_not_seen_are_not_judged() -> None:
    unseen = replace(RUNNING, positions_m=np.full_like(RUNNING.positions_m, np.nan))
    finding = found(runner.static(), unseen)
    assert finding.level == "plausible"
    assert np.isnan(finding.value)
