"""Damage a kilometre does to tissues, which a sum of impulses does not tell.

Under repeated load tissue fails after a number of cycles that falls with a high power of the load
(Edwards 2018, 10.1249/JES.0000000000000163), so damage adds up as peak to the power of m, not as
force times time: an impulse sum ranks short steps as neutral, an exponent of 7 as far better. The
exponent differs between tendon, bone and cartilage, and between tests of each; its values could
not be read at their source, so two exponents on either side stand for the range (project's choice).
What both agree on does not hang on it.

Values are contacts in a kilometre at a fixed load that would do the same damage. The fixed load
(project's choice, near what runners reach) drops out of every ratio between two conditions, and a
ratio is all that should be made of them: nobody measured what a runner's tissue bears.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from strikelean.formats.series import FloatArray
from strikelean.loads.metrics import Metric

EXPONENTS = (4, 12)

TISSUES = {
    # the patellar tendon carries what the quadriceps pull
    "patellar_tendon": ("quadriceps_force_peak_bw", 10.0),
    "achilles_tendon": ("achilles_force_peak_bw", 7.0),
    "tibia": ("tibiofemoral_compression_force_peak_bw", 14.0),
    "patellofemoral_cartilage": ("patellofemoral_stress_joint_reaction_powers_peak", 25.0),
}
"""Of each tissue the metric that loads it, and the reference load in its unit."""


def damage_metrics(metrics: Mapping[str, Metric], per_km: FloatArray) -> dict[str, Metric]:
    """Return the damage of a kilometre of each tissue by each exponent.

    Args:
        metrics: of the steps of one foot, peaks of the tissues' loads among them.
        per_km: (S,) contacts of this foot in a kilometre, NaN when unknown.
    """
    result = {}
    for tissue, (name, reference) in TISSUES.items():
        load = metrics[name]
        for exponent in EXPONENTS:
            damage = np.maximum(load.values / reference, 0.0) ** exponent * per_km
            result[f"{tissue}_damage_exponent_{exponent}_per_km"] = Metric(damage, load.basis)
    return result
