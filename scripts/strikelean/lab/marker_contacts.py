"""When a foot is on the ground, from markers alone: for recordings without force plates.

The foot travels back under the body from the frame in which it is farthest ahead of the pelvis to
the one in which it is farthest behind (Zeni 2008, doi 10.1016/j.gaitpost.2007.07.007); a running
foot lands after the first and leaves before the second. Between them it lands with the first peak
of the upward acceleration of heel or metatarsals, whichever comes first, near its lowest height,
and leaves with a burst of the metatarsals upwards (Handsaker 2016, doi
10.1016/j.jbiomech.2016.10.013, who take the jerk of the big toe; no marker set here has one there,
and of the metatarsals the first peak of acceleration lies nearer).

Against plates (threshold 50 N), 2153 contacts in 26 trials of the public dataset (doi
10.7717/peerj.3298; 150 Hz, 2.5 to 4.5 m/s, rearfoot to forefoot): landing 0 +/- 4 ms late, 95 %
within 8 ms; leaving 0 +/- 7 ms, 95 % within 15 ms; 0.9 % of contacts missed,
none found that was not there. In five whole-body
trials at 100 Hz landing 11 ms late at most in the mean, leaving 33 ms; virtual runners, whose feet
meet the ground as cycles of group means do, 7 to 19 and 2 to 25 ms late.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from strikelean.formats.series import FloatArray, Markers
from strikelean.lab.contacts import Contact, ContactRules
from strikelean.lab.facing import seen_names
from strikelean.markersets import SIDES, MarkerSet
from strikelean.signals import lowpass, nearest_rows

# Of foot and pelvis, to find strides; of heel and metatarsals, to find the instants. Among 20, 25
# and 30 Hz the middle one errs least on the public dataset and the whole-body trials together.
_STRIDE_HZ = 8.0
_FOOT_HZ = 25.0
# Share of the sampling rate that a cut-off may reach: video at 60 Hz.
_MOST_OF_RATE = 0.4
# How far a foot goes back under the body at least; a runner at 2 m/s goes 0.6 m.
_LEAST_TRAVEL_M = 0.2
# From farthest ahead to farthest behind a running foot takes 0.25 to 0.45 s.
_TRAVEL_S = (0.15, 0.7)
# The foot lands in the first part of that way and leaves in the last.
_LANDING_PART = 0.6
_LEAVING_PART = 0.4
# A marker is at most so far over its lowest place when its part of the foot lands.
_NEAR_M = 0.02
# Less than this is noise of a second derivative.
_PEAK_M_S2 = 5.0
# When the foot leaves its metatarsals rise with this share of the fastest rise in what follows.
_RISING_SHARE = 0.2
_FINE_S = 0.0005
# It may land a little before it is farthest ahead; runners of the public dataset do 27 ms after.
_EARLIER_S = 0.03
_AS_OFTEN = 0.9


@dataclass(frozen=True)
class _Height:
    """Height of a marker as a curve.

    Attributes:
        curve: metres over seconds.
        time_s, seen: (T,) frames, and which of them hold it.
    """

    curve: CubicSpline
    time_s: FloatArray
    seen: NDArray[np.bool_]

    def known(self, at_s: FloatArray) -> NDArray[np.bool_]:
        """Return at which times the marker was seen."""
        return np.asarray(self.seen[nearest_rows(self.time_s, at_s)])


def _smooth(markers: Markers, path: FloatArray, cutoff_hz: float) -> FloatArray:
    """Return a path (T, ...) low-passed, NaN where it has gaps."""
    most = min(cutoff_hz, _MOST_OF_RATE * markers.rate_hz)
    return lowpass(path, markers.rate_hz, most, time_s=markers.time_s)


def _height(markers: Markers, path: FloatArray) -> _Height | None:
    height = _smooth(markers, path, _FOOT_HZ)[:, 1]
    seen = np.isfinite(height)
    if np.count_nonzero(seen) < 4:
        return None
    return _Height(CubicSpline(markers.time_s[seen], height[seen]), markers.time_s, seen)


def _peaks(values: FloatArray, prominence: float) -> NDArray[np.int64]:
    """Return where the peaks of (T,) values are that stand out by so much."""
    # slow to import, and recordings with plates do without
    from scipy.signal import find_peaks

    return np.asarray(find_peaks(values, prominence=prominence)[0])


def _strides(markers: Markers, foot: FloatArray, pelvis: FloatArray) -> Iterator[tuple[int, int]]:
    """Yield the frames in which a foot is farthest ahead of the pelvis and then behind it."""
    ahead = _smooth(markers, foot[:, 0] - pelvis[:, 0], _STRIDE_HZ)
    lowest = np.nanmin(ahead, initial=np.inf) if np.isfinite(ahead).any() else 0.0
    highest = np.nanmax(ahead, initial=-np.inf) if np.isfinite(ahead).any() else 0.0
    fronts = _peaks(np.where(np.isfinite(ahead), ahead, lowest), _LEAST_TRAVEL_M)
    backs = _peaks(np.where(np.isfinite(ahead), -ahead, -highest), _LEAST_TRAVEL_M)
    for front in fronts:
        later = backs[backs > front]
        if later.size:
            back = int(later[0])
            lasts = markers.time_s[back] - markers.time_s[front]
            if _TRAVEL_S[0] < lasts < _TRAVEL_S[1]:
                yield int(front), back


def _landing(parts: list[_Height], times: FloatArray) -> float:
    """Return when the first part of a foot lands, NaN where none was seen to."""
    early = times[times < times[0] + _LANDING_PART * (times[-1] - times[0])]
    instants = []
    for part in parts:
        height = part.curve(early)
        low = height < np.min(height) + _NEAR_M
        peaks = _peaks(part.curve(early, 2), _PEAK_M_S2)
        instants += [float(early[i]) for i in peaks if low[i]][:1]
    landing = min(instants, default=float("nan"))
    until = early[early <= landing]
    # of a part that was not seen all the way down nobody knows whether it was first
    return landing if all(part.known(until).all() for part in parts) else float("nan")


def _leaving(ball: _Height, times: FloatArray) -> float:
    """Return when the metatarsals leave the ground, NaN where they were not seen to."""
    late = times > times[0] + _LEAVING_PART * (times[-1] - times[0])
    late &= ball.known(times)
    rise = ball.curve(times, 1)
    if not late.any():
        return float("nan")
    fast = rise > _RISING_SHARE * np.max(rise[late])
    peaks = _peaks(ball.curve(times, 2), _PEAK_M_S2)
    return next((float(times[i]) for i in peaks if late[i] and fast[i]), float("nan"))


def _reason(lasts_s: float, rules: ContactRules) -> str:
    if lasts_s > rules.max_contact_s:
        return f"longer than {rules.max_contact_s:g} s: not running"
    if lasts_s < rules.min_contact_s:
        return f"shorter than {rules.min_contact_s:g} s"
    return ""


def _middle(markers: Markers, names: list[str]) -> FloatArray:
    """Return the middle (T, 3) of markers, NaN where one is not seen."""
    return np.asarray(np.mean([markers.position(name) for name in names], axis=0))


def _often(markers: Markers, names: list[str]) -> list[str]:
    """Return those of some markers that are seen nearly as often as the one seen most."""
    shares = [float(np.mean(np.isfinite(markers.position(name)[:, 0]))) for name in names]
    least = _AS_OFTEN * max(shares)
    return [name for name, share in zip(names, shares, strict=True) if share >= least]


def _pelvis(markers: Markers, markerset: MarkerSet) -> FloatArray:
    """Return the middle (T, 3) of the pelvis' markers that are seen most."""
    pelvis = next((n for body, n in markerset.bodies().items() if body.lower() == "pelvis"), ())
    names = seen_names(markers, pelvis)
    if not names:
        return np.full((markers.time_s.size, 3), np.nan)
    return _middle(markers, _often(markers, names))


def find_marker_contacts(
    markers: Markers, markerset: MarkerSet, rules: ContactRules
) -> list[Contact]:
    """Find the contacts of both feet from their markers, in time order.

    Args:
        markers: filled, in laboratory axes.
        markerset: names the landmarks of the feet and the markers of the pelvis.
        rules: durations of a running contact; its threshold is a force's and not asked for.

    Returns:
        Contacts with their foot; those of a duration that is no running step carry a reason. One
        during which the foot was not seen to land or to leave is absent.

    Raises:
        ConfigError: the marker set names no heel, fifth metatarsal or toe.
    """
    pelvis = _pelvis(markers, markerset)
    found: list[Contact] = []
    for side in SIDES:
        named = {r: markerset.landmark(side, r) for r in ("heel", "fifth_metatarsal", "toe")}
        names = seen_names(markers, named.values())
        front = [name for name in names if name != named["heel"]]
        if named["heel"] not in names or not front:
            continue
        foot, ball = _middle(markers, names), _height(markers, _middle(markers, front))
        heights = [_height(markers, markers.position(name)) for name in _often(markers, names)]
        parts = [height for height in heights if height is not None]
        if ball is None:
            continue
        for start, end in _strides(markers, foot, pelvis):
            first = max(markers.time_s[start] - _EARLIER_S, markers.time_s[0])
            times = np.arange(first, markers.time_s[end], _FINE_S)
            landing, leaving = _landing(parts, times), _leaving(ball, times)
            if np.isfinite(landing) and np.isfinite(leaving) and landing < leaving:
                reason = _reason(leaving - landing, rules)
                found.append(Contact(landing, leaving, landing, leaving, 0, side, reason))
    return sorted(found, key=lambda contact: contact.start_s)
