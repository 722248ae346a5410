"""The clock by the landing of foot and shank: landings of two masses whose clock is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from landing_runner import MASS_KG, Landing, markerset, recording
from strikelean.formats.series import Markers
from strikelean.lab.landing import LandingLag, landing_lag

RATES = [(100.0, 1000.0), (150.0, 300.0), (200.0, 2000.0), (120.0, 443.0), (500.0, 1000.0)]
# A landing's own offset: what the leg's damper passes on to the body comes after foot and shank.
OWN_S = (0.0002, 0.003)


def told(landing: Landing | None = None, **recorded) -> LandingLag:
    markers, wrench, contacts = recording(landing or Landing(), **recorded)
    return landing_lag(markers, markerset(), [wrench], contacts, MASS_KG)


@pytest.mark.parametrize("rates_hz", RATES)
@pytest.mark.parametrize("late_s", [-0.008, -0.003, 0.005, 0.008])
def test_a_known_delay_is_found_at_any_rates(rates_hz, late_s):
    noise = (2e-4, 8.0)
    on_time = told(rates_hz=rates_hz, noise=noise)
    late = told(rates_hz=rates_hz, noise=noise, late_s=late_s)
    assert late.lag_s - on_time.lag_s == pytest.approx(late_s, abs=2e-4)
    assert OWN_S[0] < on_time.lag_s < OWN_S[1]
    assert on_time.error_s < 2e-4
    assert on_time.explained > 0.6


def test_the_rates_hardly_move_the_answer():
    lags = [told(rates_hz=rates).lag_s for rates in RATES]
    assert max(lags) - min(lags) < 2.5e-4


@pytest.mark.parametrize(
    "landing",
    [
        Landing(fall_m_s=0.6),
        Landing(fall_m_s=1.5),
        Landing(sole_n=600.0),
        Landing(sole_n=4000.0),
        Landing(leg_n_s_m=50.0),
        Landing(leg_n_m=12000.0),
        Landing(leg_n_m=40000.0),
    ],
)
def test_soles_speeds_and_legs_move_it_by_less_than_3_ms(landing):
    found = told(landing)
    assert OWN_S[0] <= found.lag_s < OWN_S[1]
    assert 0.6 < found.mass_ratio < 1.0


def test_skin_that_swings_over_the_shank_has_markers_late():
    assert -0.007 < told(Landing(skin_hz=20.0)).lag_s - told().lag_s < -0.003


def test_neither_when_the_clock_starts_nor_the_other_side_changes_it():
    markers, wrench, contacts = recording(Landing(), noise=(2e-4, 8.0))
    lag_s = landing_lag(markers, markerset(), [wrench], contacts, MASS_KG).lag_s
    later = 86400.0
    moved = landing_lag(
        replace(markers, time_s=markers.time_s + later),
        markerset(),
        [replace(wrench, time_s=wrench.time_s + later)],
        [replace(c, start_s=c.start_s + later, end_s=c.end_s + later) for c in contacts],
        MASS_KG,
    )
    assert moved.lag_s == pytest.approx(lag_s, abs=1e-6)
    mirror = np.array([1.0, 1.0, -1.0])
    names = {"right": "left", "left": "right"}
    other = landing_lag(
        Markers(
            markers.time_s,
            tuple(
                next(n.replace(a, b) for a, b in names.items() if n.startswith(a))
                for n in markers.names
            ),
            markers.positions_m * mirror,
            markers.rate_hz,
        ),
        markerset(),
        [replace(wrench, force_n=wrench.force_n * mirror)],
        [replace(c, side=names[str(c.side)]) for c in contacts],
        MASS_KG,
    )
    assert other.lag_s == pytest.approx(lag_s, abs=1e-9)


@pytest.mark.parametrize("steps", [1, 2, 5])
def test_a_few_landings_tell_nothing(steps):
    found = told(steps=steps)
    assert np.isnan(found.lag_s)
    assert found.contacts == steps


def test_a_foot_that_is_not_seen_lands_without_being_counted():
    markers, wrench, contacts = recording(Landing())
    hidden = markers.positions_m.copy()
    gone = (markers.time_s > contacts[3].start_s - 0.02) & (markers.time_s < contacts[3].start_s)
    hidden[gone] = np.nan
    found = landing_lag(
        replace(markers, positions_m=hidden), markerset(), [wrench], contacts, MASS_KG
    )
    assert found.contacts == len(contacts) - 1
    assert found.lag_s == pytest.approx(told().lag_s, abs=2e-4)


def test_without_markers_on_the_shank_nothing_is_told():
    markers, wrench, contacts = recording(Landing())
    feet = [i for i, name in enumerate(markers.names) if "Shank" not in name]
    bare = Markers(
        markers.time_s,
        tuple(markers.names[i] for i in feet),
        markers.positions_m[:, feet],
        markers.rate_hz,
    )
    assert np.isnan(landing_lag(bare, markerset(), [wrench], contacts, MASS_KG).lag_s)
