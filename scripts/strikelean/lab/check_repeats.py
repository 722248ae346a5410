"""Was every sample measured, or are some copies of others, cut off or spikes?

A recorder that hangs, a file that was blown up to a higher rate by repeating samples, a stretch
stored twice: the copies are equal to the last digit, which noise never is.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from strikelean.formats.series import FloatArray, Markers, Wrench
from strikelean.lab.findings import Finding

FRAMES = "repeated_frame_share"
SAMPLES = "repeated_force_share"
TOP = "force_at_its_top_s"
SPIKE = "force_spike_n"

# 0 in every recorded and virtual trial.
_SHARE = 0.01
_LOADED_N = 100.0
# A plate that is loaded beyond its range stays at its largest value; at 16 bits and below 2 N a
# step, a peak stays on one step for under 3 ms.
_TOP_S = 0.008
_TOP_RATE_HZ = 400.0
# A single sample beside both its neighbours, any component: 26 running trials of the public
# dataset up to 470 N (at 300 Hz), full-body and virtual trials up to 21 N.
_SPIKE_N = 700.0


def _copies(rows: FloatArray) -> float:
    """Return the share of rows (N, D) that are equal to another row, less the first of each."""
    if rows.shape[0] < 2:
        return float("nan")
    return 1.0 - len(np.unique(rows, axis=0)) / len(rows)


def _longest_top_s(wrench: Wrench) -> float:
    """Return for how long the vertical force stays exactly at its largest, s."""
    vertical = wrench.force_n[:, 1]
    top = float(np.max(vertical, initial=0.0))
    if not top > _LOADED_N:
        return 0.0
    at_top = np.concatenate([[False], vertical == top, [False]])
    edges = np.flatnonzero(np.diff(at_top))
    return float(np.max(edges[1::2] - edges[::2]) - 1) / wrench.rate_hz


def _spike_n(wrench: Wrench) -> float:
    """Return by how much a single sample leaves both its neighbours, largest component, N."""
    before = wrench.force_n[1:-1] - wrench.force_n[:-2]
    after = wrench.force_n[1:-1] - wrench.force_n[2:]
    out = np.where(before * after > 0.0, np.minimum(np.abs(before), np.abs(after)), 0.0)
    return float(np.max(out, initial=0.0))


def check_repeats(markers: Markers, wrenches: Sequence[Wrench]) -> list[Finding]:
    """Return shares of copies among frames and loaded samples, a cut-off peak and a spike.

    Args:
        markers: as read, gaps not filled.
        wrenches: as read.
    """
    seen = np.isfinite(markers.positions_m).all(axis=2)
    # A frame in which nearly nothing was seen is like any other of its kind.
    rows = markers.positions_m[np.mean(seen, axis=1) > 0.5]
    frames = _copies(np.nan_to_num(rows.reshape(rows.shape[0], -1)))
    loaded = [w for w in wrenches if np.max(w.force_n[:, 1], initial=0.0) > _LOADED_N]
    blocks = [np.hstack([w.force_n, w.moment_nm])[w.force_n[:, 1] > _LOADED_N] for w in loaded]
    samples = max((_copies(block) for block in blocks), default=float("nan"))
    top = max((_longest_top_s(w) for w in loaded if w.rate_hz >= _TOP_RATE_HZ), default=0.0)
    spike = max((_spike_n(wrench) for wrench in loaded), default=0.0)
    found = [
        Finding(FRAMES, frames),
        Finding(SAMPLES, samples),
        Finding(TOP, top),
        Finding(SPIKE, spike),
    ]
    remedy = "Export the recording again at the rate it was measured with"
    if frames > _SHARE:
        found[0] = Finding(
            FRAMES,
            frames,
            "doubtful",
            "marker frames that were each measured",
            f"{100 * frames:.0f} % that are exact copies of another",
            remedy,
        )
    if samples > _SHARE:
        found[1] = Finding(
            SAMPLES,
            samples,
            "doubtful",
            "forces under load that were each measured",
            f"{100 * samples:.0f} % of samples that are exact copies of another",
            remedy,
        )
    if top > _TOP_S:
        found[2] = Finding(
            TOP,
            top,
            "doubtful",
            f"a vertical force that reaches its largest value for a moment, up to "
            f"{1000 * _TOP_S:g} ms",
            f"it there for {1000 * top:.0f} ms: the plate is at the end of its range",
            "Set a larger range at the amplifier; the peaks are lost",
        )
    if spike > _SPIKE_N:
        found[3] = Finding(
            SPIKE,
            spike,
            "doubtful",
            f"forces that no single sample leaves by over {_SPIKE_N:g} N",
            f"one that does by {spike:.0f} N",
            "Look for loose cables; take the spikes out before the export",
        )
    return found
