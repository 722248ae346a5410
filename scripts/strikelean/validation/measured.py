"""A technique made of what was measured to change between two recordings of a runner."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import fsum
from pathlib import Path

import pandas as pd

from strikelean.errors import RecordingError
from strikelean.formats.files import excluded_reason, read_rows
from strikelean.studies.cohort import STRIKE_ANGLE
from strikelean.studies.regressions import SPEED
from strikelean.techniques import Technique

Place = tuple[str, str]
LEAN = "trunk_lean_torso_axis_angle_mean"
RATE, CONTACT = "step_rate", "contact_time"
METRIC_OF = {
    "speed": SPEED,
    "cadence": RATE,
    "contact": CONTACT,
    "strike": STRIKE_ANGLE,
    "lean": LEAN,
}
"""What each part of a change is measured by."""
FIELD_OF = {
    "speed": "speed_percent",
    "cadence": "cadence_percent",
    "contact": "contact_percent",
    "strike": "strike_change_deg",
    "lean": "lean_deg",
}
RATIOS = ("speed", "cadence", "contact")
ASSUMED = "assumed"


def read_means(steps: Mapping[Place, Path]) -> dict[Place, pd.Series[float] | str]:
    """Return what can be asked, as means of each recording, the mean of its feet.

    Args:
        steps: metrics.csv by recording.

    Returns:
        By metric; why there are none where a recording was excluded.
    """
    found: dict[Place, pd.Series[float] | str] = {}
    for place, path in steps.items():
        why_not = excluded_reason(path)
        if why_not is not None:
            found[place] = why_not
            continue
        table = read_rows(path, {"side": str, "metric": str, "basis": str})
        # a trunk that nobody saw did not change
        known = table[table["metric"].isin(METRIC_OF.values()) & (table["basis"] != ASSUMED)]
        sides = known.groupby(["metric", "side"])["value"].mean()
        found[place] = sides.groupby(level="metric").mean()
    return found


def _change(
    means: Mapping[Place, pd.Series[float] | str], before: Place, after: Place, part: str
) -> float:
    """Return the change of one part: percent of a ratio, else degrees.

    Raises:
        RecordingError: it was not measured.
    """
    values = []
    for place in (before, after):
        own = means[place]
        told = own if isinstance(own, str) else f"no {METRIC_OF[part]} that was measured"
        if isinstance(own, str) or METRIC_OF[part] not in own.dropna():
            raise RecordingError(
                "predict_change",
                f"the {part} of {' '.join(place)}",
                told,
                "Leave that part out of the table's column ask",
            )
        values.append(float(own[METRIC_OF[part]]))
    if part in RATIOS:
        return 100.0 * (values[1] / values[0] - 1.0)
    return values[1] - values[0]


def measured_technique(
    parts: Sequence[str],
    pair: tuple[Place, Place],
    controls: Sequence[tuple[Place, Place]],
    means: Mapping[Place, pd.Series[float] | str],
) -> Technique:
    """Return the technique that asks of a recording what was measured to change.

    Args:
        parts: of the change, such as ``speed`` and ``strike``.
        pair: the recording and the one it is set beside.
        controls: pairs of others, whose mean change is taken off; those that lack it are left out.
        means: of all of them.

    Raises:
        RecordingError: a part was not measured.
    """
    asked = {}
    for part in parts:
        size = _change(means, *pair, part)
        others = []
        for other in controls:
            try:
                others.append(_change(means, *other, part))
            except RecordingError:
                continue
        if controls and not others:
            raise RecordingError(
                "predict_change",
                f"the {part} of a runner whose change is taken off",
                "none that was measured",
                "Add such a runner to the table of validations",
            )
        asked[FIELD_OF[part]] = size - fsum(others) / len(others) if others else size
    return Technique(**asked)
