"""Recordings whose files are right and whose measurement was not: nothing in them is odd to read.

"knee" is the peak knee extension moment over that of the untouched recording, both worked out by
the first version, which read them without a word.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from cases import Right, by_foot, case, text
from scipy.signal import butter, sosfiltfilt
from written import Files, Made, moved, resampled_markers, resampled_wrench

from strikelean.formats.series import Markers, Wrench

LABORATORY = "Laboratories that measured wrongly"
FORWARD, UP = np.array([1.0, 0.0, 0.0]), np.array([0.0, 1.0, 0.0])
FEET = ("CAL", "HEE", "LHE", "TOE", "MT5")
Change = Callable[[Wrench], Wrench]


def _forces(name: str, before: str, right: Right, says: str, change: Change) -> None:
    """Add a case whose forces are changed as a whole."""

    @case(LABORATORY, name, before, right, says, moves=True)
    def make(made: Made, folder: Path) -> Files:
        return text(made, folder, wrench=change(made.plate))


def _right_plate(name: str, before: str, right: Right, says: str, change: Change) -> None:
    """Add a case of two plates, of which that under the right foot is changed."""

    @case(LABORATORY, name, before, right, says, moves=True)
    def make(made: Made, folder: Path) -> Files:
        feet = {"right": change(made.feet["right"]), "left": made.feet["left"]}
        return text(made, folder, named=by_foot(replace(made, feet=feet)))


def _markers(
    name: str,
    before: str,
    right: Right,
    says: str,
    running: Callable[[Markers], Markers] | None = None,
    standing: Callable[[Markers], Markers] | None = None,
) -> None:
    """Add a case whose markers are changed, in either trial."""

    @case(LABORATORY, name, before, right, says, moves=True)
    def make(made: Made, folder: Path) -> Files:
        files = text(made, folder, markers=running(made.running) if running else None)
        return replace(files, standing=standing(made.standing) if standing else None)


def _times(force: tuple[float, float, float], moment: float | None = None) -> Change:
    """Return a change of gain, of the moment where one is given."""
    return lambda w: replace(
        w,
        force_n=w.force_n * np.array(force),
        moment_nm=w.moment_nm * (1.0 if moment is None else moment),
    )


def _tilted(degrees: float) -> np.ndarray:
    """Return a turn about the axis to the right: up goes forward."""
    angle = np.radians(degrees)
    cos, sin = np.cos(angle), np.sin(angle)
    return np.array([[cos, sin, 0.0], [-sin, cos, 0.0], [0.0, 0.0, 1.0]])


def _tilt_forces(w: Wrench) -> Wrench:
    turn = _tilted(3.0)
    return replace(w, force_n=w.force_n @ turn.T, moment_nm=w.moment_nm @ turn.T)


def _tilt_markers(m: Markers) -> Markers:
    return replace(m, positions_m=m.positions_m @ _tilted(8.0).T)


def _at(w: Wrench, places: np.ndarray) -> Wrench:
    """Return the samples (N,) at other places of the recording."""
    rows = np.clip(places, 0, w.time_s.size - 1)
    return replace(w, force_n=w.force_n[rows], moment_nm=w.moment_nm[rows])


def _fast(w: Wrench) -> Wrench:
    """Let the clock of the forces run 0.5 % fast."""
    clock = 0.995 * (w.time_s - w.time_s[0]) + w.time_s[0]

    def stretched(values: np.ndarray) -> np.ndarray:
        return np.column_stack([np.interp(clock, w.time_s, values[:, i]) for i in range(3)])

    return replace(w, force_n=stretched(w.force_n), moment_nm=stretched(w.moment_nm))


def _lost(w: Wrench) -> Wrench:
    rows = np.arange(w.time_s.size)
    return _at(w, np.where(rows > rows.size // 2, rows - round(0.015 * w.rate_hz), rows))


def _held(w: Wrench) -> Wrench:
    every = round(w.rate_hz / 200.0)
    return _at(w, np.arange(w.time_s.size) // every * every)


def _spiked(w: Wrench) -> Wrench:
    force = w.force_n.copy()
    force[np.flatnonzero(force[:, 1] > 800.0)[::150]] += 1500.0 * FORWARD
    return replace(w, force_n=force)


def _shift(names: tuple[str, ...], way_m: tuple[float, float, float]) -> Callable:
    def change(m: Markers) -> Markers:
        chosen = np.array([name.startswith(names) for name in m.names])
        return replace(m, positions_m=m.positions_m + np.outer(chosen, way_m))

    return change


def _larger(share: float) -> Callable[[Markers], Markers]:
    return lambda m: replace(m, positions_m=m.positions_m * (1.0 + share))


def _smoothed(m: Markers) -> Markers:
    """Low-pass at 3 Hz, gaps bridged."""
    filtered = butter(2, 3.0, fs=m.rate_hz, output="sos")
    rows = np.arange(m.time_s.size)
    places = m.positions_m.copy()
    for path in places.reshape(rows.size, -1).T:
        known = np.isfinite(path)
        path[:] = sosfiltfilt(filtered, np.interp(rows, rows[known], path[known]))
    return replace(m, positions_m=places)


def _forces_smoothed(w: Wrench) -> Wrench:
    filtered = butter(2, 20.0, fs=w.rate_hz, output="sos")
    force, moment = (sosfiltfilt(filtered, v, axis=0) for v in (w.force_n, w.moment_nm))
    return replace(w, force_n=force, moment_nm=moment)


def _on_tiptoe(m: Markers) -> Markers:
    """Raise the heels by 20 deg about the fifth metatarsals."""
    places = m.positions_m.copy()
    for side in "RL":
        ball = m.names.index(f"{side}MT5")
        for name in ("CAL", "HEE", "LHE"):
            if f"{side}{name}" in m.names:
                heel = m.names.index(f"{side}{name}")
                behind = np.linalg.norm((places[:, heel] - places[:, ball])[:, [0, 2]], axis=1)
                places[:, heel, 1] += behind * np.tan(np.radians(20.0))
    return replace(m, positions_m=places)


def _exchanged(m: Markers) -> Markers:
    labels = {"RCAL": "RHEE", "RHEE": "RCAL"}
    return replace(m, names=tuple(labels.get(name, name) for name in m.names))


def _frames_held(m: Markers) -> Markers:
    return replace(m, positions_m=m.positions_m[np.arange(m.time_s.size) // 2 * 2])


_forces("forward force of twice its size", "included, knee x 1.46", "excluded", "gain",
        _times((2.0, 1.0, 1.0)))  # fmt: skip
_forces("forward force of half its size", "included, knee x 0.91", "warned", "gain",
        _times((0.5, 1.0, 1.0)))  # fmt: skip
_forces("5 % of the vertical force in the forward one", "included, knee x 0.82", "excluded",
        "tilted by 2.9 deg", lambda w: replace(
            w, force_n=w.force_n + 0.05 * np.outer(w.force_n[:, 1], FORWARD)))  # fmt: skip
_forces("forces tilted by 3 deg", "included, knee x 0.81", "excluded",
        r"tilted by (2\.9|3\.[01]) deg", _tilt_forces)  # fmt: skip
_forces("a force clock that is 0.5 % fast", "included, knee x 0.92", "warned",
        "one clock from the first contact to the last", _fast)  # fmt: skip
_forces("15 ms of the forces lost in the middle", "included, knee x 0.93", "excluded",
        "second half that come .* later", _lost)  # fmt: skip
_forces(
    "forces at 200 Hz stored five times", "included, knee x 0.97", "warned", "exact copies", _held
)
_forces("spikes of 1.5 kN, single samples", "included, knee x 0.97", "warned", "spikes", _spiked)
_forces("pressure 3 cm ahead", "included, knee x 0.76", "excluded", "too far ahead",
        lambda w: moved(w, (0.03, 0.0, 0.0)))  # fmt: skip
_forces("a plate whose moments drift by 40 N m in the trial", "included, knee x 0.90", "warned",
        "too far", lambda w: replace(w, moment_nm=w.moment_nm + np.linspace(
            0.0, 40.0, w.time_s.size)[:, np.newaxis] * [0.0, 0.0, 1.0]))  # fmt: skip

_forces("forces thinned out to 60 Hz, nothing filtered", "included",
        "warned", "60 Hz with", lambda w: resampled_wrench(w, 60.0))  # fmt: skip
_forces("forces low-passed at 20 Hz before", "included, loading rate x 0.74", "warned",
        "low-passed before", _forces_smoothed)  # fmt: skip

_right_plate("a right plate with 15 % more gain", "included, knee x 1.10", "warned",
             "more under the right", _times((1.15, 1.15, 1.15), 1.15))  # fmt: skip
_right_plate("a right plate with 30 % more gain", "excluded for its weight", "excluded",
             "more under the right", _times((1.3, 1.3, 1.3), 1.3))  # fmt: skip
_right_plate("a right plate without its forward force", "included, knee x 0.84", "excluded",
             "under the right foot", _times((0.0, 1.0, 1.0)))  # fmt: skip
_right_plate("a right plate with exchanged horizontal axes", "included, knee x 0.97", "excluded",
             "under the right foot", lambda w: replace(
                 w, force_n=w.force_n[:, [2, 1, 0]]))  # fmt: skip
_right_plate("a right plate that is 9 ms late", "included, knee x 0.88", "warned",
             "right foot that come . ms later", lambda w: _at(
                 w, np.arange(w.time_s.size) - round(0.009 * w.rate_hz)))  # fmt: skip
_right_plate("a right plate that is 20 ms late", "included, knee x 0.73", "excluded",
             "right foot that come", lambda w: _at(
                 w, np.arange(w.time_s.size) - round(0.02 * w.rate_hz)))  # fmt: skip
_right_plate("a right plate 3 cm ahead", "included, knee x 0.73", "excluded", "too far ahead",
             lambda w: moved(w, (0.03, 0.0, 0.0)))  # fmt: skip

_markers("markers of both trials tilted by 8 deg against the forces", "included, knee x 1.5",
         "excluded", "level", _tilt_markers, _tilt_markers)  # fmt: skip
_markers("markers low-passed at 3 Hz before", "included, knee x 0.71", "warned", "times as large",
         _smoothed)  # fmt: skip
_markers("marker frames at half the rate, each stored twice", "included, knee x 1.04",
         "warned", "exact copies", _frames_held)  # fmt: skip
_markers("markers at 50 Hz", "included", "warned", "markers at 60 Hz",
         lambda m: resampled_markers(m, 50.0))  # fmt: skip
_markers("a static trial on tiptoe", "included", "excluded", "in mid stance as it stood",
         None, _on_tiptoe)  # fmt: skip
_markers("labels of two heel markers exchanged while running", "included, strike angle -22 deg",
         "warned", "RCAL and RHEE were exchanged", _exchanged)  # fmt: skip
_markers("a left leg 3 cm ahead of its place (a camera moved)", "included, left knee x 1.22",
         "warned", "on the right one", _shift(("LT", "LLFC", "LLMAL", *(
             f"L{name}" for name in FEET)), (0.03, 0.0, 0.0)))  # fmt: skip
_markers("a static trial in soles 2 cm thicker", "included, knee x 1.08", "warned", "same shoes",
         None, _shift(tuple(f"{side}{name}" for side in "RL" for name in FEET),
                      (0.0, -0.02, 0.0)))  # fmt: skip
_markers("a static trial 1 % larger (another calibration)", "included, knee x 1.04", "warned",
         "calibration", None, _larger(0.01))  # fmt: skip
_markers("a static trial 3 % larger", "included, knee x 1.13", "excluded", "calibration|static",
         None, _larger(0.03))  # fmt: skip
