"""Steps: which contacts are reported, how long, how far, and where the foot lands.

A step of the right foot runs from the left foot's contact before it to its own contact; where no
plate felt that one, as the feet's markers show it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from strikelean.formats.contacts import Contacts
from strikelean.formats.series import FloatArray, TimeSeries
from strikelean.loads.waveforms import resample, stance_grid


@dataclass(frozen=True)
class Steps:
    """The reported contacts of one foot, in time order.

    Attributes:
        side: ``right`` or ``left``.
        number: (S,) the contact's number in contacts.csv.
        start_s, end_s: (S,) first contact and toe-off, s.
        before_s: (S,) the other foot's contact before, NaN when it was missed.
        seen_time_s: (S,) time since it by the feet's markers, where no plate felt it; else NaN.
        seen_ahead_m, seen_across_m: (S,) from its heel to this one alike, laboratory X and Z.
        strike_angle_deg: (S,) foot-strike angle, NaN where unknown.
        strike_index_percent: (S,) strike index, NaN where unknown.
    """

    side: str
    number: NDArray[np.int64]
    start_s: FloatArray
    end_s: FloatArray
    before_s: FloatArray
    seen_time_s: FloatArray
    seen_ahead_m: FloatArray
    seen_across_m: FloatArray
    strike_angle_deg: FloatArray
    strike_index_percent: FloatArray

    @property
    def contact_time_s(self) -> FloatArray:
        """Time from contact to toe-off, (S,) s."""
        return self.end_s - self.start_s

    @property
    def step_time_s(self) -> FloatArray:
        """Time from the other foot's contact to this one, (S,) s."""
        return _else(self.start_s - self.before_s, self.seen_time_s)

    def at(self, rows: NDArray[np.int64]) -> Steps:
        """Return some of the steps."""
        parts = {f.name: getattr(self, f.name)[rows] for f in fields(self) if f.name != "side"}
        return replace(self, **parts)

    def grid(self) -> FloatArray:
        """Return the times of 0, 1, ... 100 % of stance, (S, 101) s."""
        return stance_grid(self.start_s, self.end_s)


def steps_of(contacts: Contacts, side: str) -> Steps:
    """Return the selected contacts of one foot.

    The contact before counts only when it is valid and of the other foot: one that was
    missed or cut by the recording's start would make a step of two, or of half.
    """
    rows = list(contacts)
    own = [
        (row, before)
        for before, row in zip([None, *rows[:-1]], rows, strict=True)
        if row.selected and row.side == side
    ]

    def column(name: str) -> FloatArray:
        return np.array([getattr(row, name) for row, _ in own], dtype=np.float64)

    known = [
        before.start_s if before and before.valid and before.side not in (None, side) else np.nan
        for _, before in own
    ]
    return Steps(
        side=side,
        number=np.array([row.step for row, _ in own], dtype=np.int64),
        start_s=column("start_s"),
        end_s=column("end_s"),
        before_s=np.array(known, dtype=np.float64),
        seen_time_s=column("step_time_s"),
        seen_ahead_m=column("heel_ahead_m"),
        seen_across_m=column("heel_across_m"),
        strike_angle_deg=column("foot_strike_angle_deg"),
        strike_index_percent=column("strike_index_percent"),
    )


def _else(known: FloatArray, other: FloatArray) -> FloatArray:
    """Return values, the other ones where they are not known."""
    return np.where(np.isfinite(known), known, other)


def points_at(
    points: TimeSeries, columns: Sequence[str], at_s: FloatArray
) -> dict[str, FloatArray]:
    """Return columns at given times, NaN where a column is absent or a time unknown."""
    known = [name for name in columns if name in points.columns]
    found = {name: np.full(at_s.shape, np.nan) for name in columns}
    if known:
        wanted = np.where(np.isfinite(at_s), at_s, -np.inf)
        values = points.values[:, [points.index(name) for name in known]]
        found |= dict(zip(known, resample(points.time_s, values, wanted), strict=True))
    return found


def spatiotemporal(
    steps: Steps, body_points: TimeSeries, belt_speed_m_s: float | None
) -> dict[str, FloatArray]:
    """Return time, rate, length and width of each step and where its foot lands.

    Args:
        steps: contacts of one foot.
        body_points: laboratory positions, m (columns ``heel_r_x``, ``com_x``, ...).
        belt_speed_m_s: belt speed of a treadmill, which carries the ground backwards;
            None overground.

    Returns:
        ``{metric: (S,)}``; NaN where a point or the contact before is unknown.
    """
    own, other = ("r", "l") if steps.side == "right" else ("l", "r")
    step_time = steps.step_time_s
    places = [f"{point}_{own}_x" for point in ("heel", "ankle", "hip")]
    now = points_at(body_points, [*places, f"heel_{own}_z", "com_x"], steps.start_s)
    then = points_at(body_points, [f"heel_{other}_{axis}" for axis in "xz"], steps.before_s)
    forward = _else(now[f"heel_{own}_x"] - then[f"heel_{other}_x"], steps.seen_ahead_m)
    length = (belt_speed_m_s or 0.0) * step_time + forward
    # Right minus left foot, whichever landed last: negative when the feet cross over.
    toward_right = 1.0 if own == "r" else -1.0
    across = _else(now[f"heel_{own}_z"] - then[f"heel_{other}_z"], steps.seen_across_m)
    width = toward_right * across
    metrics = {
        "contact_time": steps.contact_time_s,
        "step_time": step_time,
        "step_rate": 60.0 / step_time,
        "step_length": length,
        "step_width": width,
        "running_speed": length / step_time,
        "foot_strike_angle_contact": steps.strike_angle_deg,
        "strike_index_contact": steps.strike_index_percent,
    }
    for point in ("heel", "ankle"):
        for reference, column in (("hip", f"hip_{own}_x"), ("com", "com_x")):
            ahead = now[f"{point}_{own}_x"] - now[column]
            metrics[f"{point}_{reference}_distance_contact"] = ahead
    return metrics
