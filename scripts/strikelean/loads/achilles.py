"""Achilles tendon force and the forces of muscle groups.

The Achilles force is the sum of the tendon forces of soleus and both heads of
gastrocnemius. A second variant from the net ankle moment would need a tendon lever arm
for running with a source; the curves in print differ enough to change the shape of the
result (Holzer 2020, 10.1038/s41598-020-76625-x), so none is offered.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from strikelean.formats.series import FloatArray, TimeSeries

MUSCLE_GROUPS: Mapping[str, tuple[str, ...]] = {
    "achilles": ("soleus", "gasmed", "gaslat"),
    "quadriceps": ("recfem", "vasint", "vaslat", "vasmed"),
    "hamstrings": ("bflh", "bfsh", "semimem", "semiten"),
    "gastrocnemius": ("gasmed", "gaslat"),
    "soleus": ("soleus",),
    "gluteus_maximus": ("glmax1", "glmax2", "glmax3"),
}
"""Muscles of each group by their names in Rajagopal 2016 (10.1109/TBME.2016.2586891),
without the side's suffix."""


def group_force(
    muscle_forces: TimeSeries, group: str, side: str, groups: Mapping[str, tuple[str, ...]]
) -> FloatArray | None:
    """Return the summed tendon force of a muscle group.

    Args:
        muscle_forces: one column per muscle, N.
        group: key of ``groups``.
        side: ``right`` or ``left``.
        groups: members of each group, without the suffix ``_r``/``_l``.

    Returns:
        (T,) newtons, NaN where a member is; None when the model lacks a member, as a
        sum without it would look like a smaller force.
    """
    names = [f"{muscle}_{side[0]}" for muscle in groups[group]]
    if any(name not in muscle_forces.columns for name in names):
        return None
    columns = [muscle_forces.index(name) for name in names]
    return np.asarray(muscle_forces.values[:, columns].sum(axis=1), dtype=np.float64)
