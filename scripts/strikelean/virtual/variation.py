"""Steps that differ: when each foot lands, and how the step departs from the runner's mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.interpolate import BPoly, BSpline, make_lsq_spline

from strikelean.formats.series import FloatArray
from strikelean.markersets import SIDES
from strikelean.stride.mean_cycles import CYCLE, LEG
from strikelean.stride.splines import ClampedBasis
from strikelean.virtual.balance import Step
from strikelean.virtual.gait import Gait
from strikelean.virtual.gait_statistics import SOLE_HEIGHT, SWING_SPLIT
from strikelean.virtual.gait_table import ContactShape, GaitTable

# A step departs from the mean from the middle of one swing to the middle of the next; within so
# much of the phase it grows from nothing, and fades.
PASSES = 20.0
# Knots of a step's waves over phase, and of all of them over time: enough for 15 Hz.
WAVE_KNOTS, VARIATION_KNOT_S = 24, 0.025
# Variation grows from nothing at the trial's start, and fades to nothing at its end, within this.
GROWS_S = 0.15


def smooth_step(x: FloatArray) -> FloatArray:
    """Return a step from 0 (x = 0) to 1 (x = 1), two derivatives continuous."""
    x = np.clip(x, 0.0, 1.0)
    return np.asarray(x**3 * (10.0 - 15.0 * x + 6.0 * x**2))


@dataclass(frozen=True)
class Schedule:
    """When every foot lands.

    Attributes:
        start_s: of the trial, in the middle of a flight.
        starts_s, contacts_s: (steps,) rising through 50 N and duration, right foot first.
        scores: (steps, variations) of each step.
        gait: that steps vary about.
    """

    start_s: float
    starts_s: FloatArray
    contacts_s: FloatArray
    scores: FloatArray
    gait: Gait

    @property
    def end_s(self) -> float:
        """End of the trial, in the middle of a flight."""
        flight = 0.5 * self.gait.period_s - self.gait.contact_s
        return float(self.starts_s[-1] + self.contacts_s[-1] + 0.5 * flight)

    def edges(self) -> FloatArray:
        """Return starts and ends of the strides, (strides + 1,): middles of flights."""
        ends = self.starts_s + self.contacts_s
        inner = 0.5 * (ends[1:-1:2] + self.starts_s[2::2])
        return np.concatenate([[self.start_s], inner, [self.end_s]])

    def base_time(self, time_s: FloatArray) -> FloatArray:
        """Return the gait's own time at times of the trial; outside it runs on undisturbed."""
        gait, count = self.gait, len(self.starts_s)
        landed = 0.5 * gait.period_s * np.arange(count)
        events = np.column_stack([self.starts_s, self.starts_s + self.contacts_s]).ravel()
        meant = np.column_stack([landed, landed + gait.contact_s]).ravel()
        early = meant - events
        slopes = np.zeros(len(events))
        # as smooth as the motion: no kink where a foot lands
        slopes[1:-1] = (early[2:] - early[:-2]) / (events[2:] - events[:-2])
        known = np.column_stack([early, slopes, np.zeros(len(events))])
        curve = BPoly.from_derivatives(events, known)
        inside = np.clip(time_s, events[0], events[-1])
        return np.asarray(time_s + curve(inside))

    def envelope(self, time_s: FloatArray) -> FloatArray:
        """Return how much steps may vary at times, 0 to 1."""
        rise = smooth_step((time_s - self.start_s) / GROWS_S)
        return np.asarray(rise * smooth_step((self.end_s - time_s) / GROWS_S))


def draw_schedule(
    gait: Gait, table: GaitTable, strides: int, start_s: float, random: np.random.Generator
) -> Schedule:
    """Draw a trial's steps.

    Scores are scaled to mean 0 and standard deviation 1 over the steps, so that few steps show
    the variation of many.

    Args:
        gait: that steps vary about.
        table: how much.
        strides: how many.
        start_s: of the trial.
        random: random numbers.
    """
    count = 2 * strides
    scores = random.standard_normal((count, table.counts()[1]))
    scores -= scores.mean(axis=0)
    scores /= scores.std(axis=0, ddof=1)
    numbers = {name: scores @ table.within[name][:, 0] for name in ("cycle_time", "contact_time")}
    # two steps of independent length make a cycle
    steps_s = 0.5 * gait.period_s + numbers["cycle_time"] / np.sqrt(2.0)
    first = start_s - gait.basis.start_s
    starts = first + np.concatenate([[0.0], np.cumsum(steps_s[:-1])])
    return Schedule(start_s, starts, gait.contact_s + numbers["contact_time"], scores, gait)


def step_shapes(schedule: Schedule, table: GaitTable) -> list[Step]:
    """Return every contact with what the ground does in it."""
    steps = []
    middle = schedule.starts_s + 0.5 * schedule.contacts_s
    weight = schedule.envelope(middle)
    names = {
        "forward": "ground_forward_force",
        "vertical": "ground_vertical_force",
        "outward": "ground_outward_force",
        "turn": "ground_free_moment",
        "along": "cop_along",
        "across": "cop_across",
        "height": SOLE_HEIGHT,
    }
    for number, start in enumerate(schedule.starts_s):
        side = SIDES[number % 2]
        base = schedule.gait.contacts[side]
        first, last = base.span
        inner = np.clip(base.percent, 0.0, 100.0)
        # nothing more where the force begins and ends
        fade = smooth_step((base.percent - first) / 8.0) * smooth_step((last - base.percent) / 8.0)
        values = {}
        for short, name in names.items():
            phases = table.phases[name]
            wave = weight[number] * schedule.scores[number] @ table.within[name]
            sign = -1.0 if short == "turn" else 1.0
            values[short] = base.values[short] + sign * fade * np.interp(inner, phases, wave)
        values["vertical"] = np.maximum(values["vertical"], 0.0)
        values["height"] -= values["height"].min()
        shape = ContactShape(base.percent, values)
        steps.append(Step(side, float(start), float(schedule.contacts_s[number]), shape))
    return steps


def _step_wave(phases: FloatArray, wave: FloatArray) -> BSpline:
    """Return a step's wave over phases from -50 to 150, smooth to its second derivative."""
    order = np.argsort(np.where(phases > SWING_SPLIT, phases - CYCLE, phases))
    place = np.where(phases > SWING_SPLIT, phases - CYCLE, phases)[order]
    inner = np.linspace(place[0], place[-1], WAVE_KNOTS)[1:-1]
    return make_lsq_spline(place, wave[order], np.r_[[place[0]] * 6, inner, [place[-1]] * 6], k=5)


@dataclass(frozen=True)
class AngleVariation:
    """How the legs' angles depart from the gait's, as splines over the trial."""

    basis: ClampedBasis
    coefficients: FloatArray

    def at(self, time_s: FloatArray) -> FloatArray:
        """Return the departures at times, (K, Q) rad."""
        return np.asarray(self.basis.matrix(time_s) @ self.coefficients)


def vary_angles(schedule: Schedule, table: GaitTable, names: Sequence[str]) -> AngleVariation:
    """Return how the legs' angles depart from the gait's.

    Waves over phase have kinks where a foot lands and leaves, as swing and stance pass at
    different rates; splines that follow 15 Hz take them out.
    """
    basis = ClampedBasis.over(schedule.start_s, schedule.end_s, VARIATION_KNOT_S)
    time_s = np.linspace(basis.start_s, basis.end_s, 8 * basis.count)
    angles = _raw_angles(schedule, table, time_s, names)
    coefficients = np.asarray(np.linalg.lstsq(basis.matrix(time_s), angles, rcond=None)[0], float)
    return AngleVariation(basis, coefficients)


def _raw_angles(
    schedule: Schedule, table: GaitTable, time_s: FloatArray, names: Sequence[str]
) -> FloatArray:
    """Return how the legs' angles depart from the gait's at times, (K, Q) rad."""
    out = np.zeros((len(time_s), len(names)))
    envelope = schedule.envelope(time_s)
    period, standard = schedule.gait.period_s, schedule.gait.contact_s
    for first, side in enumerate(SIDES):
        starts, contacts = schedule.starts_s[first::2], schedule.contacts_s[first::2]
        before = np.concatenate([[starts[0] - period + standard], (starts + contacts)[:-1]])
        after = np.concatenate([starts[1:], [starts[-1] + period]])
        for number, (start, contact) in enumerate(zip(starts, contacts, strict=True)):
            since = time_s - start
            phase = np.where(
                since < 0.0,
                100.0 * since / (start - before[number]),
                np.where(
                    since <= contact,
                    100.0 * since / contact,
                    100.0 + 100.0 * (since - contact) / (after[number] - start - contact),
                ),
            )
            early, late = float(SWING_SPLIT - CYCLE), float(SWING_SPLIT)
            rows = np.flatnonzero((phase > early) & (phase < late))
            inner = phase[rows]
            weight = envelope[rows] * smooth_step((inner - early) / PASSES)
            weight *= smooth_step((late - inner) / PASSES)
            scores = schedule.scores[first::2][number]
            for name in LEG:
                wave = _step_wave(table.phases[name], scores @ table.within[name])
                column = list(names).index(f"{name}_{side[0]}")
                out[rows, column] += weight * np.radians(wave(inner))
    return out
