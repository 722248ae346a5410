"""What an unloaded plate reads: its offset, found between the contacts and taken off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from strikelean.errors import RecordingError
from strikelean.formats.series import FloatArray, Wrench
from strikelean.lab.contacts import smooth_vertical
from strikelean.lab.findings import Finding
from strikelean.lab.forces import centre_of_pressure, hold_nearest
from strikelean.signals import contiguous_runs, samples_in

STEP = "remove_baseline"
OFFSET = "plate_offset_n"
DRIFT_N = "plate_drift_n"
DRIFT_M = "plate_drift_of_pressure_m"
# The plate rings and the foot still peels off this close to a contact.
_SETTLE_S = 0.02
# Share of the high force above which the lowest force cannot be an unloaded plate's offset.
_LOADED_SHARE = 0.25
# A point written into the file stays where it was put to the last digit; the one that a
# noisy plate measures in flight wanders by decimetres.
_FIXED_M = 1e-6
_FIXED_SHARE = 0.5
# Below this a force says nothing of where it acts.
_FELT_N = 0.5
# Laboratories state a pressure from some 10 to 50 N on; below, a plate's noise decides it.
_STATED_N = 10.0
# 26 running trials of the public dataset: up to 24 N.
_ZEROED_N = 60.0
# From the first half of a trial to the second: up to 0.6 N and 0.3 mm of pressure there, 4.4 N and
# 1.8 mm in 30 virtual trials.
_STEADY_N = 10.0
_STEADY_M = 0.005


@dataclass(frozen=True)
class Baseline:
    """What an unloaded plate reads, and how noisy it is.

    Attributes:
        force_n: (3,) median force between contacts, removed.
        moment_nm: (3,) median moment about ``point_m``, removed.
        point_m: (3,) the plate's own point, in the middle of the pressure.
        noise_n: standard deviation of the vertical force that remains between contacts.
        stated_pressure: whether the file writes a point of its own in flight (zero, or the last
            one), so that the offset's moment is lost and the offset is taken off where the
            pressure is.
        drift_n: largest component of the force by which it changes from the first half to the
            second, NaN unknown.
        drift_m: how far that of the moment moves the pressure of the largest force, NaN unknown.
    """

    force_n: FloatArray
    moment_nm: FloatArray
    point_m: FloatArray
    noise_n: float
    stated_pressure: bool = False
    drift_n: float = float("nan")
    drift_m: float = float("nan")


def quiet_samples(wrench: Wrench, threshold_n: float) -> NDArray[np.bool_]:
    """Return which samples (N,) are between contacts and away from their edges.

    Raises:
        RecordingError: the plate is never unloaded (walking on one plate, or a plate that
            was never zeroed), or it pushes the runner down.
    """
    vertical = smooth_vertical(wrench)
    if vertical.size == 0 or not np.all(np.isfinite(vertical)):
        raise RecordingError(
            STEP, f"a force of {wrench.label}", "too few samples", "Check the force file"
        )
    low, high = (float(value) for value in np.percentile(vertical, [5.0, 99.0]))
    deepest = float(np.percentile(vertical, 1.0))
    if -deepest > max(high, 2.0 * threshold_n):
        raise RecordingError(
            STEP,
            f"a vertical force of {wrench.label} that pushes the runner up",
            f"{deepest:.0f} N",
            "Set recording.axes.up, or the sign of the plate's channels",
        )
    if high > 4.0 * threshold_n and low > _LOADED_SHARE * high:
        raise RecordingError(
            STEP,
            f"{wrench.label} unloaded between the steps",
            f"at least {low:.0f} N nearly all the time: both feet on one plate at once",
            "Use a running trial, or one force plate a foot",
        )
    unloaded = vertical < low + threshold_n
    settle = samples_in(_SETTLE_S, wrench.rate_hz)
    quiet = np.zeros(vertical.size, dtype=bool)
    for run in contiguous_runs(unloaded):
        start = run.start + (settle if run.start else 0)
        stop = run.stop - (settle if run.stop < vertical.size else 0)
        # A flight shorter than its edges has no quiet part, and no negative one either.
        quiet[start : max(start, stop)] = True
    return quiet if quiet.any() else unloaded


def pressure_centre(wrench: Wrench) -> FloatArray:
    """Return the plate's own point (3,), on the floor: where its changes of force act.

    The slope of the moment on the vertical force, by least squares. Unlike a mean of centres of
    pressure it knows neither the plate's offset nor where the laboratory's origin lies, so that
    moments about it do not change with either.
    """
    vertical = wrench.force_n[:, 1] - np.mean(wrench.force_n[:, 1])
    power = float(vertical @ vertical)
    if power == 0.0:
        return np.zeros(3)
    slope = vertical @ (wrench.moment_nm - np.mean(wrench.moment_nm, axis=0)) / power
    return np.array([slope[2], 0.0, -slope[0]])


def _repeated(wrench: Wrench) -> NDArray[np.bool_]:
    """Return which samples (N,) have the very point of pressure of the sample before."""
    felt = np.abs(wrench.force_n[:, 1]) > _FELT_N
    points = wrench.moment_nm[felt][:, [2, 0]] / wrench.force_n[felt, 1:2]
    same = np.all(np.abs(np.diff(points, axis=0)) < _FIXED_M, axis=1)
    repeated = np.zeros(felt.size, dtype=bool)
    repeated[felt] = np.append(False, same)
    return repeated


def _states_pressure(wrench: Wrench, quiet: NDArray[np.bool_]) -> bool:
    """Whether the points of an unloaded plate were written into the file, not measured.

    Many laboratories write zero, or hold the last point, where the force is small. The moment
    between contacts is then that of the offset about a point nobody measured.
    """
    force, moment = wrench.force_n[quiet], wrench.moment_nm[quiet]
    felt = np.abs(force[:, 1]) > _FELT_N
    if not felt.any():
        return False
    if not np.any(moment[:, [0, 2]]):
        return True
    points = moment[felt][:, [2, 0]] / force[felt, 1:2]
    # A plate without any noise is fixed too: only a point that stays while the force changes,
    # or that changes while the force stays, was put there.
    changes = np.ptp(force[felt, 1]) > _FIXED_M or bool(np.any(np.ptp(points, axis=0) > _FIXED_M))
    return bool(np.mean(_repeated(wrench)[quiet][felt]) > _FIXED_SHARE and changes)


def _offset_at_pressure(wrench: Wrench, force_n: FloatArray, quiet: NDArray[np.bool_]) -> Wrench:
    """Take a force's offset off where the file states the pressure, which stays where it is."""
    clean = wrench.force_n - force_n
    stated = centre_of_pressure(wrench.force_n, wrench.moment_nm, _STATED_N + force_n[1])
    # Where the file repeats a point it knows none; the nearest that it knows stands for it.
    stated[quiet | _repeated(wrench)] = np.nan
    point = hold_nearest(stated, np.ones(quiet.size, dtype=bool))
    torque = wrench.moment_nm - np.cross(point, wrench.force_n)
    turning = np.where(np.isfinite(stated[:, 0]), torque[:, 1], 0.0)
    moment: FloatArray = np.cross(point, clean).astype(np.float64)
    moment[:, 1] += turning
    return replace(wrench, force_n=clean, moment_nm=moment)


def _drift(
    wrench: Wrench, about_point_nm: FloatArray, quiet: NDArray[np.bool_]
) -> tuple[float, float]:
    """Return by how much the unloaded force changes and the pressure with the moment."""
    places = np.flatnonzero(quiet)
    early, late = places[places < quiet.size // 2], places[places >= quiet.size // 2]
    load = float(np.max(wrench.force_n[:, 1], initial=0.0))
    if not (early.size and late.size and load > 0.0):
        return float("nan"), float("nan")
    force, moment = (
        np.abs(np.median(values[late], axis=0) - np.median(values[early], axis=0))
        for values in (wrench.force_n, about_point_nm)
    )
    return float(force.max()), float(moment[[0, 2]].max()) / load


def remove_baseline(wrench: Wrench, threshold_n: float) -> tuple[Wrench, Baseline]:
    """Take off what the plate reads while nothing touches it: the median between contacts.

    The median of a moment is taken about the plate's own point. About the laboratory's origin it
    would mix the noise of the force, times the distance, into it: a median is not linear, and
    results would change with the place of the origin.

    Returns:
        The wrench without its offset, and the offset.

    Raises:
        RecordingError: as in :func:`quiet_samples`.
    """
    quiet = quiet_samples(wrench, threshold_n)
    point = pressure_centre(wrench)
    about_point = wrench.moment_nm - np.cross(point, wrench.force_n)
    force = np.median(wrench.force_n[quiet], axis=0)
    moment = np.median(about_point[quiet], axis=0)
    stated = _states_pressure(wrench, quiet)
    if stated:
        clean = _offset_at_pressure(wrench, force, quiet)
    else:
        clean = replace(
            wrench,
            force_n=wrench.force_n - force,
            moment_nm=about_point - moment + np.cross(point, wrench.force_n - force),
        )
    noise = float(np.std(clean.force_n[quiet, 1]))
    return clean, Baseline(force, moment, point, noise, stated, *_drift(wrench, about_point, quiet))


def check_baselines(baselines: Sequence[tuple[str, Baseline]]) -> list[Finding]:
    """Return the largest force that an unloaded plate reads, and how it drifts."""
    return [_check_offset(baselines), *_check_drift(baselines)]


def _check_drift(baselines: Sequence[tuple[str, Baseline]]) -> list[Finding]:
    known = [(label, b) for label, b in baselines if np.isfinite(b.drift_n)]
    if not known:
        return [Finding(DRIFT_N, float("nan")), Finding(DRIFT_M, float("nan"))]
    label, worst = max(known, key=lambda pair: pair[1].drift_n)
    force = Finding(DRIFT_N, worst.drift_n)
    action = "Let the plate warm up, and record shorter trials; the mean was taken off"
    if worst.drift_n > _STEADY_N:
        force = Finding(
            DRIFT_N,
            worst.drift_n,
            "doubtful",
            f"an unloaded plate that reads the same all through, within {_STEADY_N:g} N",
            f"{label} to drift by {worst.drift_n:.0f} N",
            action,
        )
    label, worst = max(known, key=lambda pair: pair[1].drift_m)
    moment = Finding(DRIFT_M, worst.drift_m)
    if worst.drift_m > _STEADY_M:
        moment = Finding(
            DRIFT_M,
            worst.drift_m,
            "doubtful",
            f"moments of an unloaded plate that move no pressure, within {1000 * _STEADY_M:g} mm",
            f"those of {label} to drift by {1000 * worst.drift_m:.0f} mm",
            action,
        )
    return [force, moment]


def _check_offset(baselines: Sequence[tuple[str, Baseline]]) -> Finding:
    offsets = {label: float(np.max(np.abs(baseline.force_n))) for label, baseline in baselines}
    if not offsets:
        return Finding(OFFSET, float("nan"))
    label = max(offsets, key=lambda name: offsets[name])
    if offsets[label] <= _ZEROED_N:
        return Finding(OFFSET, offsets[label])
    return Finding(
        OFFSET,
        offsets[label],
        "doubtful",
        f"plates that were zeroed, within {_ZEROED_N:g} N",
        f"{offsets[label]:.0f} N on {label} between the contacts, which was taken off",
        "Zero the plate before the recording, and see whether it drifts",
    )
