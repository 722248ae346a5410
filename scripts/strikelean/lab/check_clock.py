"""Do forces and markers share a clock? Newton's second law and the feet under the pressure say."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from strikelean.lab.evidence import MIDDLE, Evidence, Stances, look_at_stances
from strikelean.lab.findings import Finding
from strikelean.lab.newton import acceleration_at, contact_forces, correlation

LAG = "clock_error_s"
SCATTER = "pressure_scatter_under_foot_m"
SPANS = "forces_begin_after_markers_s"
FEET = "clock_error_right_less_left_s"
DRIFT = "clock_drift_s"

_STEP_S = 0.002
# Searched both ways where too few contacts tell the length of a step, half of which is searched.
_REACH_S = 0.15
# Vertical force against the vertical acceleration of the mass centre: 26 running trials of the
# public dataset -10 to -4 ms as recorded and -3 to 1 once corrected, five full-body trials 0 to 13
# ms, 30 virtual ones 0 to 2 ms. Smaller errors are for the whole model to find (quality.max_lag_s).
WRONG_LAG_S = 0.03
# What is left once the forces were moved, or were not (strikelean.lab.shared_clock). 5 ms move the
# peak knee moment of six runners of the public dataset by 9 %, the ankle's by 13 %.
DOUBTFUL_LAG_S = 0.005
# The same lag in the right contacts less that in the left ones, and in the second half of them less
# that in the first: 26 running trials of the public dataset -2.9 to 2.5 and -0.8 to 0.3 ms, full-
# body trials under 0.5 ms, 30 virtual ones -1.9 to 0.8 and -0.3 to 0.2 ms. 10 ms move a knee moment
# by a seventh.
_FEET_S = (0.005, 0.01)
_DRIFT_S = (0.003, 0.01)
_LEAST_A_PART = 2
# Where the pressure lies under the foot differs from stance to stance by 3 to 10 mm in the same
# trials; laid a step or more beside each other, by 16 to 70 mm.
_SCATTER_M = 0.013
# The right lag leaves less than this share of it, and no more than the right lag ever has: a
# pressure that is mirrored or turned fits another step a little better too.
_RIGHT_SHARE = 0.5
_RIGHT_M = 0.01
_SEARCH_S = 3.0
_LEAST_STANCES = 3
# Exports round the ends of a capture to a frame or two.
_SPAN_FRAMES = 3.0


def vertical_lag_s(evidence: Evidence, reach_s: float | None = None) -> float:
    """Return by how much the forces come later than the movement, modulo a step; NaN unknown.

    The lag at which vertical force and vertical acceleration of the mass centre, over all
    contacts, correlate best: a wrong mass or gain does not move it.

    Args:
        evidence: of the recording.
        reach_s: how far to look both ways, None: half a step.
    """
    body = evidence.mass_centre
    if body is None or not evidence.contacts:
        return float("nan")
    step = evidence.step_s
    reach = reach_s or (0.5 * step if np.isfinite(step) else _REACH_S)
    times, force = contact_forces(evidence)
    vertical = force[:, 1]
    count = int(np.floor(reach / _STEP_S))
    lags = np.arange(-count, count + 1) * _STEP_S
    fits = []
    for lag in lags:
        fits.append(correlation(acceleration_at(body, times - lag)[:, 1], vertical))
    fit = np.array(fits)
    if not np.any(np.isfinite(fit)):
        return float("nan")
    best = int(np.nanargmax(fit))
    lag_s = float(lags[best])
    if 0 < best < lags.size - 1:
        left, middle, right = fit[best - 1 : best + 2]
        bend = left - 2.0 * middle + right
        lag_s += 0.5 * _STEP_S * float((left - right) / bend) if bend < 0.0 else 0.0
    return lag_s


def scatter_m(stances: Stances) -> float:
    """Return how much the pressure's place under the foot differs from stance to stance, m.

    Root mean square distance, in the floor, of the pressure in mid stance from the foot, each
    foot about its own mean; NaN with fewer than three stances beyond one of each foot.
    """
    offset = stances.pressure_m - 0.5 * (stances.heel_m + stances.ball_m)
    middle = np.mean(offset[:, MIDDLE][..., [0, 2]], axis=1)
    squares, free = 0.0, 0
    for side in ("right", "left"):
        own = middle[stances.on(side)]
        own = own[np.all(np.isfinite(own), axis=1)]
        if own.shape[0] >= 2:
            squares += float(np.sum((own - np.mean(own, axis=0)) ** 2))
            free += own.shape[0] - 1
    return float(np.sqrt(squares / free)) if free >= _LEAST_STANCES else float("nan")


def _best_lag(evidence: Evidence, lag_s: float) -> tuple[float, float]:
    """Return the lag, whole steps beside ``lag_s``, with the least scatter, and that scatter."""
    step = evidence.step_s
    near = lag_s if np.isfinite(lag_s) else 0.0
    best = (near, float("inf"))
    if not np.isfinite(step):
        return best
    count = int(_SEARCH_S / step)
    # From the nearest outwards: a tie goes to the smaller error.
    for number in sorted(range(-count, count + 1), key=abs):
        scatter = scatter_m(look_at_stances(evidence.aligned(near + number * step)))
        if scatter < best[1]:
            best = (near + number * step, scatter)
    return best


def _small_lag(lag_s: float) -> Finding:
    """Judge a lag that proves no other clock."""
    if not abs(lag_s) > DOUBTFUL_LAG_S:
        return Finding(LAG, lag_s)
    return Finding(
        LAG,
        lag_s,
        "doubtful",
        f"forces and markers on one clock, within {1000 * DOUBTFUL_LAG_S:.0f} ms",
        f"forces that come {1000 * abs(lag_s):.0f} ms {'later' if lag_s > 0 else 'earlier'}",
        "See whether only one of them was filtered or resampled, and which clock starts first",
    )


def check_clock(evidence: Evidence, stances: Stances, whole_steps: bool) -> list[Finding]:
    """Return the clock error and the scatter of the pressure under the foot.

    Vertical movement repeats every step, so its lag is known but for whole steps; where the foot
    is set down does not repeat, so the scatter knows which step it is.

    Args:
        evidence: of the recording.
        stances: of its contacts.
        whole_steps: whether to look for whole steps: not where the force itself is turned, as its
            pressure then lies under no foot at any time.
    """
    lag, scatter = vertical_lag_s(evidence), scatter_m(stances)
    plausible = [_small_lag(lag), Finding(SCATTER, scatter)]
    late = np.isfinite(lag) and abs(lag) > WRONG_LAG_S
    loose = whole_steps and np.isfinite(scatter) and scatter > _SCATTER_M
    if not late and not loose:
        return plausible
    total, left = _best_lag(evidence, lag)
    told_by_feet = left < min(_RIGHT_SHARE * scatter, _RIGHT_M) and abs(total) > WRONG_LAG_S
    if not late and not told_by_feet:
        return plausible
    value = total if told_by_feet else lag
    order = "later" if value > 0.0 else "earlier"
    found = f"forces that come {abs(value):.2f} s {order} than the movement"
    if not told_by_feet:
        found += " (or that and a whole number of steps: too few steps to tell)"
    return [
        Finding(
            LAG,
            value,
            "wrong",
            f"forces and markers on one clock, within {1000 * WRONG_LAG_S:.0f} ms",
            found,
            "Export both from the same capture with the same start time, or shift the force file",
        ),
        Finding(SCATTER, scatter),
    ]


def _check_parts(
    evidence: Evidence,
    parts: tuple[NDArray[np.bool_], NDArray[np.bool_]],
    figure: str,
    bounds_s: tuple[float, float],
    words: tuple[str, str, str],
) -> Finding:
    """Judge by how much the clock errors of two parts (C,) of the contacts differ."""
    if any(np.count_nonzero(part) < _LEAST_A_PART for part in parts):
        return Finding(figure, float("nan"))
    one, other = (vertical_lag_s(evidence.only(part), WRONG_LAG_S) for part in parts)
    apart = one - other
    if not abs(apart) > bounds_s[0]:
        return Finding(figure, apart)
    wrong = abs(apart) > bounds_s[1]
    return Finding(
        figure,
        apart,
        "wrong" if wrong else "doubtful",
        f"{words[0]}, within {1000 * bounds_s[1 if wrong else 0]:g} ms",
        f"{words[1]} that come {1000 * abs(apart):.0f} ms {'later' if apart > 0 else 'earlier'}",
        words[2],
    )


def check_steady(evidence: Evidence, stances: Stances) -> list[Finding]:
    """Return how the clock error differs between the feet and from first to last contacts.

    Args:
        evidence: of the recording, clocks laid on each other.
        stances: of its contacts.
    """
    early = np.arange(len(evidence.contacts)) < len(evidence.contacts) // 2
    return [
        _check_parts(
            evidence,
            (stances.on("right"), stances.on("left")),
            FEET,
            _FEET_S,
            (
                "forces of both feet on one clock",
                "those of the right foot",
                "See whether both plates were recorded and filtered alike",
            ),
        ),
        _check_parts(
            evidence,
            (~early, early),
            DRIFT,
            _DRIFT_S,
            (
                "one clock from the first contact to the last",
                "forces in the second half",
                "See whether samples were lost, and whether the rates of markers and forces are "
                "the true ones",
            ),
        ),
    ]


def check_spans(evidence: Evidence) -> list[Finding]:
    """Return by how much forces begin later than markers that last equally long.

    Two files of one capture that last equally long began together; where their clocks say
    otherwise, one of them was set to another zero.
    """
    markers, forces = evidence.markers.time_s, evidence.wrenches[0].time_s
    frame = 1.0 / evidence.markers.rate_hz
    later = float(forces[0] - markers[0])
    longer = float((forces[-1] - forces[0]) - (markers[-1] - markers[0]))
    if abs(longer) > _SPAN_FRAMES * frame or abs(later) <= _SPAN_FRAMES * frame:
        return [Finding(SPANS, later)]
    return [
        Finding(
            SPANS,
            later,
            "doubtful",
            "forces and markers that last equally long to begin together",
            f"forces that begin {later:+.3f} s after the markers",
            "See whether both files count time from the same instant",
        )
    ]
