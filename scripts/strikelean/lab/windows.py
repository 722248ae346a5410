"""Which contacts are solved, the stretches of time around them, and the window asked for."""

from __future__ import annotations

from collections.abc import Sequence

from strikelean.lab.contacts import Contact
from strikelean.lab.findings import Finding
from strikelean.markersets import SIDES

WINDOW = "window_beyond_recording_s"


def select_contacts(contacts: Sequence[Contact], per_foot: int) -> list[int]:
    """Return the places of the first ``per_foot`` valid contacts of each side, in order."""
    chosen: list[int] = []
    for side in SIDES:
        own = [i for i, contact in enumerate(contacts) if contact.valid and contact.side == side]
        chosen += own[:per_foot]
    return sorted(chosen)


def windows_around(
    spans_s: Sequence[tuple[float, float]], margin_s: float
) -> list[tuple[float, float]]:
    """Widen (start, end) spans by a margin on both sides and merge those that touch."""
    merged: list[tuple[float, float]] = []
    for start, end in sorted((start - margin_s, end + margin_s) for start, end in spans_s):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def check_window(
    start_s: float | None, end_s: float | None, span_s: tuple[float, float], frame_s: float
) -> Finding:
    """Return by how much the window asked for leaves the recording.

    Args:
        start_s: of the window, None for the recording's start.
        end_s: of the window, None for its end.
        span_s: first and last time of markers and forces together.
        frame_s: time between two frames: a recording of 30 s ends one frame before 30 s.
    """
    early = span_s[0] - start_s if start_s is not None else 0.0
    late = end_s - span_s[1] if end_s is not None else 0.0
    beyond = max(early, late, 0.0)
    # Who asks from zero on means the start, wherever the capture's clock begins.
    if start_s == 0.0:
        beyond = max(late, 0.0)
    asked = (
        f"a window from {'the start' if start_s is None else f'{start_s:g} s'} to "
        f"{'the end' if end_s is None else f'{end_s:g} s'}"
    )
    action = "Correct start_s and end_s in the trials table: they count on the recording's clock"
    inside = f"a window within the recording, {span_s[0]:.2f} to {span_s[1]:.2f} s"
    if (start_s is not None and start_s >= span_s[1]) or (end_s is not None and end_s <= span_s[0]):
        return Finding(WINDOW, beyond, "wrong", inside, f"{asked}: nothing is left of it", action)
    if beyond > 2.0 * frame_s:
        cut = f"{asked}: {beyond:.2f} s of it are not there"
        return Finding(WINDOW, beyond, "doubtful", inside, cut, action)
    return Finding(WINDOW, beyond)
