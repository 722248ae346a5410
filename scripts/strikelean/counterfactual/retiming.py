"""The same stride in another time: step rate, contact time and speed of running changed.

Poses come when the stride's clock says so (stride/clock.py), velocities and accelerations by the
chain rule. The ground carries the body's weight over the new stride as it did over the old one,
and gives and takes the same mean force forward; the soles travel with the ground.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from strikelean.formats.ground import FootGround
from strikelean.formats.series import FloatArray
from strikelean.stride.clock import Clock, contact_clock
from strikelean.stride.stride import FootForce, Stride
from strikelean.stride.targets import Targets, own_targets


@dataclass(frozen=True)
class Retiming:
    """What changes in a stride's time.

    Attributes:
        rate: new step rate over the own.
        contact_time: by side, new contact time over the own; a foot that is not named touches the
            ground for ``1 / rate`` of its time, as in a stride that is run through faster.
        speed: new speed of running over the own.
    """

    rate: float = 1.0
    contact_time: Mapping[str, float] = field(default_factory=dict)
    speed: float = 1.0

    def of_contact(self, side: str) -> float:
        """Return a foot's new contact time over its own."""
        return self.contact_time.get(side, 1.0 / self.rate)

    def along_with(self, other: Retiming) -> Retiming:
        """Return both changes together."""
        sides = {**self.contact_time, **other.contact_time}
        times = {side: self.of_contact(side) * other.of_contact(side) for side in sides}
        return Retiming(self.rate * other.rate, times, self.speed * other.speed)

    @property
    def same(self) -> bool:
        """Whether nothing changes."""
        named = all(time == 1.0 for time in self.contact_time.values())
        return self.rate == 1.0 and self.speed == 1.0 and named


@dataclass(frozen=True)
class ForceChange:
    """What one contact's ground force is multiplied with, as it acts for another time.

    Attributes:
        size: factor of force and torque: the mean vertical force over the stride stays.
        tilt: part of the own vertical force that is added forward: so does the mean forward force.
    """

    size: float = 1.0
    tilt: float = 0.0

    def apply(
        self, foot: FootGround | FootForce, rows: NDArray[np.int64] | slice = slice(None)
    ) -> None:
        """Change rows of what the ground does to a foot, in place."""
        up = self.tilt * foot.force_n[rows, 1]
        foot.force_n[rows] *= self.size
        foot.force_n[rows, 0] += up
        foot.torque_nm[rows] *= self.size


@dataclass(frozen=True)
class Retimed:
    """A stride in another time.

    Attributes:
        stride: in its new time.
        targets: what is asked of it: nothing but that time.
        clock: the recording's time by new time.
        forces: of the stride's contacts in turn.
        speed: new speed of running over the own.
    """

    stride: Stride
    targets: Targets
    clock: Clock
    forces: tuple[ForceChange, ...]
    speed: float = 1.0


def unchanged(stride: Stride) -> Retimed:
    """Return a stride in its own time."""
    return Retimed(
        stride,
        own_targets(stride),
        Clock(1.0, stride.period_s),
        tuple(ForceChange() for _ in stride.feet),
    )


def drifted_m(
    source_s: FloatArray, new_s: FloatArray, drift_m_s: float, speed: float
) -> FloatArray:
    """Return how far recorded poses lie ahead of where they belong in the laboratory, (K,) metres.

    Args:
        source_s: time of the recording since the first stride's start.
        new_s: new time since then.
        drift_m_s: mean forward velocity of the pelvis in the recording.
        speed: new speed of running over the own.
    """
    return np.asarray(drift_m_s * (source_s - speed * new_s))


def flight_rate(retiming: Retiming, duty: Mapping[str, float]) -> float | None:
    """Return the rate at which flights run, mean of a recording; None where it is not known.

    Args:
        retiming: what changes.
        duty: by side, contact time over the stride's period, mean over the recording.
    """
    if not duty:
        return None
    flown = 1.0 - sum(duty.values())
    left = 1.0 / retiming.rate - sum(retiming.of_contact(side) * d for side, d in duty.items())
    return flown / left if flown > 0.0 < left else None


def retime_stride(
    stride: Stride, retiming: Retiming, duty: Mapping[str, float] | None = None
) -> Retimed:
    """Return a stride in another time, and what is asked of it.

    The mean speed of the pelvis in the laboratory and the ground's change with the speed; the
    runner's own residual at each pose stays. The soles are asked to travel with the ground, and in
    swing, seen from the pelvis, to reach as much less or more far as the foot travels in stance.

    Args:
        stride: as recorded.
        retiming: what changes; nothing is the stride itself.
        duty: by side, contact time over the stride's period, mean over the strides that follow one
            another: their clocks pass into each other in mid-flight.

    Raises:
        SolverError: the contacts cannot take that time.
    """
    if retiming.same:
        return unchanged(stride)
    contacts = [(f.start_s - stride.start_s, f.end_s - stride.start_s) for f in stride.feet]
    times = [retiming.of_contact(foot.side) for foot in stride.feet]
    joining = flight_rate(retiming, duty or {})
    clock = contact_clock(stride.period_s, contacts, retiming.rate, times, joining)
    new_s = _new_frames(stride, clock)
    source = clock.source_s(new_s)
    source_s = stride.start_s + source
    first, second = clock.source_s(new_s, 1)[:, None], clock.source_s(new_s, 2)[:, None]
    own = [
        _at(stride.time_s, part, source_s)
        for part in (stride.coordinates, stride.speeds, stride.accelerations)
    ]
    # the chain rule
    parts = [own[0], own[1] * first, own[2] * first**2 + own[1] * second]
    ahead = drifted_m(source, new_s, stride.drift_m_s, retiming.speed)
    forward = stride.tree.names.index("pelvis_tx")
    parts[0][:, forward] -= ahead
    parts[1][:, forward] -= stride.drift_m_s * (first[:, 0] - retiming.speed)
    parts[2][:, forward] -= stride.drift_m_s * second[:, 0]
    forces = tuple(_force_change(stride, foot, clock) for foot in stride.feet)
    feet = tuple(
        _retimed_foot(stride, foot, change, clock, source_s, ahead)
        for foot, change in zip(stride.feet, forces, strict=True)
    )
    retimed = replace(
        stride,
        time_s=stride.start_s + new_s,
        period_s=clock.period_s,
        coordinates=parts[0],
        speeds=parts[1],
        accelerations=parts[2],
        feet=feet,
        drift_m_s=stride.drift_m_s * retiming.speed,
        ground_m_s=stride.ground_m_s * retiming.speed,
    )
    asked = own_targets(retimed)
    root = _at(stride.time_s, own_targets(stride).root.T, source_s).T
    soles = _sole_paths(retimed, asked, retiming, source - retiming.speed * new_s)
    return Retimed(retimed, replace(asked, root=root, soles_m=soles), clock, forces, retiming.speed)


class Retimings:
    """Strides in other times, each worked out once.

    A strike that is asked for again keeps its time, and a lean on the forefoot has that of the
    forefoot alone.
    """

    def __init__(self) -> None:
        self._known: dict[int, list[tuple[Stride, Retiming, Mapping[str, float], Retimed]]] = {}

    def of(self, stride: Stride, retiming: Retiming, duty: Mapping[str, float]) -> Retimed:
        """Return a stride in another time, as :func:`retime_stride` does."""
        known = self._known.setdefault(id(stride), [])
        for _, own, of_duty, retimed in known:
            if own == retiming and of_duty == duty:
                return retimed
        retimed = retime_stride(stride, retiming, duty)
        # the stride is kept with it, or another might come to lie where it lay
        known.append((stride, retiming, duty, retimed))
        return retimed


def _at(time_s: FloatArray, values: FloatArray, wanted_s: FloatArray) -> FloatArray:
    return np.asarray(CubicSpline(time_s, values, axis=0)(wanted_s))


def _new_frames(stride: Stride, clock: Clock) -> FloatArray:
    """Return the new frames since the stride's start, as far apart as the recording's."""
    step = float(np.median(np.diff(stride.time_s)))
    first, last = clock.new_s(stride.time_s[[0, -1]] - stride.start_s)
    count = int(np.floor((clock.period_s - first) / step + 1e-9)) + 1
    count = min(count, int(np.floor((last - first) / step + 1e-9)) + 1)
    return np.asarray(first + step * np.arange(count))


def _force_change(stride: Stride, foot: FootForce, clock: Clock) -> ForceChange:
    """Return what keeps a contact's share of the mean forces, forward and up, over the stride."""
    if clock.curve is None:
        return ForceChange()
    # each frame lasts for one over the clock's rate
    lasts = 1.0 / clock.source_s(clock.new_s(stride.time_s - stride.start_s), 1)
    forward, up = foot.force_n[:, 0], foot.force_n[:, 1]
    size = float(up.sum() / clock.rate / (lasts @ up))
    return ForceChange(
        size, float((forward.sum() / clock.rate - size * (lasts @ forward)) / (lasts @ up))
    )


def _retimed_foot(
    stride: Stride,
    foot: FootForce,
    change: ForceChange,
    clock: Clock,
    source_s: FloatArray,
    ahead_m: FloatArray,
) -> FootForce:
    force, point, torque = (
        _at(stride.time_s, part, source_s) for part in (foot.force_n, foot.point_m, foot.torque_nm)
    )
    point[:, 0] -= ahead_m
    ends = np.array([foot.start_s, foot.end_s]) - stride.start_s
    start, end = (float(stride.start_s + t) for t in clock.new_s(ends))
    retimed = FootForce(foot.side, start, end, force, point, torque)
    change.apply(retimed)
    return retimed


def _sole_paths(
    retimed: Stride, asked: Targets, retiming: Retiming, early_s: FloatArray
) -> FloatArray:
    """Return where the sole points should be, (feet, 3, 3, K).

    Args:
        retimed: the stride in its new time.
        asked: its own targets.
        retiming: what changed.
        early_s: (K,) time that the ground travelled in the recording beyond what it should, at
            its old speed.
    """
    paths = asked.soles_m.copy()
    pelvis = retimed.pose.positions_m
    hips = pelvis[retimed.tree.joints[0].child][0]
    # velocity of the ground seen from the runner, who moves forward with the drift
    ground = (retimed.ground_m_s - retimed.drift_m_s) / retiming.speed
    for index, foot in enumerate(retimed.feet):
        forward = paths[index, 0]
        reach = retiming.speed * retiming.of_contact(foot.side)
        swing = hips + (forward - hips) * reach
        middle = 0.5 * (foot.start_s + foot.end_s)
        at = int(np.argmin(np.abs(retimed.time_s - middle)))
        stance = forward - ground * (early_s - early_s[at])
        stance += (swing - forward)[:, at, None]
        paths[index, 0] = swing + foot.load * (stance - swing)
    return paths
