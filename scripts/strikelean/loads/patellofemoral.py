"""Patellofemoral force and stress by three methods and two contact-area curves.

Absolute stress is not comparable between methods: the same runners gave 7.53 MPa from
the net moment and 15.18 MPa from static optimisation (Kernozek 2015,
10.1016/j.gaitpost.2015.05.017), and the area curve can turn a trend round. So all six
combinations are computed, always, and shown side by side.

1. ``net_moment``: net internal extension moment / effective quadriceps lever arm, times k.
2. ``quadriceps_sum``: sum of the quadriceps' tendon forces, times k.
3. ``joint_reaction``: resultant joint reaction on the patella. The frames and the
   geometry are the model's own, so neither the lever arm nor k takes part.

None of them has a frontal or transverse term: alone they can neither support nor refute
a claim about valgus or tibial rotation.

Sources, all collected by Nunes 2018 (10.1016/j.gaitpost.2017.12.018): the lever arm
(after van Eijden; the metre form, as the widely reprinted one mixes millimetres and
metres), k (its formula 1), the areas of Connolly 2009 and of Powers 1998.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from strikelean.formats.series import FloatArray

BoolArray = NDArray[np.bool_]

METHODS = ("net_moment", "quadriceps_sum", "joint_reaction")
"""The three ways to the joint's force; ``joint_reaction`` is the norm."""

LEVER_ARM_SOURCE = "Nunes 2018, 10.1016/j.gaitpost.2017.12.018, table 1, metre form"
RATIO_SOURCE = "Nunes 2018, 10.1016/j.gaitpost.2017.12.018, table 2, formula 1"

MM2_PER_M2 = 1e6


def effective_lever_arm(flexion_deg: ArrayLike) -> FloatArray:
    """Return the effective lever arm of the quadriceps in metres.

    Args:
        flexion_deg: knee flexion in degrees, positive in flexion, any shape.

    Source: Nunes 2018 (10.1016/j.gaitpost.2017.12.018), table 1. 4.62, 4.73, 4.51, 4.00
    and 3.38 cm at 0, 20, 30, 45 and 60 degrees. The cubic stays positive everywhere a
    knee flexes while running; beyond 90 degrees it has no data behind it.
    """
    x = np.asarray(flexion_deg, dtype=np.float64)
    return ((8e-8 * x - 1.29e-5) * x + 2.8e-4) * x + 0.0462


def force_ratio(flexion_deg: ArrayLike) -> FloatArray:
    """Return k, patellofemoral force over quadriceps force, without a unit.

    Args:
        flexion_deg: knee flexion in degrees, positive in flexion, any shape.

    Source: Nunes 2018 (10.1016/j.gaitpost.2017.12.018), table 2, formula 1, the one
    closest to van Eijden 1986; misprinted variants circulate. 0.462, 0.650, 0.743,
    0.864 and 0.947 at 0, 20, 30, 45 and 60 degrees.
    """
    x = np.asarray(flexion_deg, dtype=np.float64)
    numerator = 0.462 + (1.47e-3 - 3.84e-5 * x) * x
    denominator = 1.0 + ((-6.98e-7 * x + 1.55e-4) * x - 1.62e-2) * x
    return np.asarray(numerator / denominator, dtype=np.float64)


def _connolly(x: FloatArray) -> FloatArray:
    return (0.0781 * x + 0.6763) * x + 151.75


def _powers(x: FloatArray) -> FloatArray:
    return (((2.0e-5 * x - 0.0033) * x + 0.1099) * x + 3.5273) * x + 81.058


@dataclass(frozen=True)
class AreaCurve:
    """A published curve of patellofemoral contact area over knee flexion.

    Attributes:
        name: used in metric names.
        area_mm2: polynomial of flexion in degrees, mm^2.
        data_deg: first and last flexion the curve has data for.
        source: where the polynomial was read.
    """

    name: str
    area_mm2: Callable[[FloatArray], FloatArray]
    data_deg: tuple[float, float]
    source: str

    def beyond_data(self, flexion_deg: ArrayLike) -> BoolArray:
        """Return where flexion lies outside the curve's data (NaN does not count)."""
        x = np.asarray(flexion_deg, dtype=np.float64)
        return (x < self.data_deg[0]) | (x > self.data_deg[1])

    def area(self, flexion_deg: ArrayLike) -> FloatArray:
        """Return the area in mm^2, NaN outside the curve's data."""
        x = np.asarray(flexion_deg, dtype=np.float64)
        return np.where(self.beyond_data(x), np.nan, self.area_mm2(x))

    def area_held(self, flexion_deg: ArrayLike) -> FloatArray:
        """Return the area in mm^2, held at its end values outside the data.

        What is computed from it outside the data is flagged by a bracket.
        """
        x = np.clip(np.asarray(flexion_deg, dtype=np.float64), *self.data_deg)
        return self.area_mm2(x)


CONNOLLY = AreaCurve(
    "connolly",
    _connolly,
    (0.0, 45.0),
    "Connolly 2009 data, polynomial in Nunes 2018, 10.1016/j.gaitpost.2017.12.018",
)
POWERS = AreaCurve(
    "powers",
    _powers,
    (0.0, 75.0),
    "Powers 1998 data, polynomial in Nunes 2018, 10.1016/j.gaitpost.2017.12.018",
)
AREA_CURVES = (CONNOLLY, POWERS)


def quadriceps_force_from_moment(
    extension_moment_nm: ArrayLike, flexion_deg: ArrayLike
) -> FloatArray:
    """Return quadriceps force in newtons from the net internal extension moment.

    A net flexion moment (negative) gives zero: the quadriceps cannot push.

    Args:
        extension_moment_nm: internal moment, extension positive, N m.
        flexion_deg: knee flexion, degrees, of a shape that broadcasts with it.
    """
    moment = np.asarray(extension_moment_nm, dtype=np.float64)
    return np.maximum(moment, 0.0) / effective_lever_arm(flexion_deg)


def joint_force_from_quadriceps(quadriceps_n: ArrayLike, flexion_deg: ArrayLike) -> FloatArray:
    """Return patellofemoral force in newtons: k times the quadriceps force."""
    return force_ratio(flexion_deg) * np.asarray(quadriceps_n, dtype=np.float64)


def stress_mpa(joint_force_n: ArrayLike, flexion_deg: ArrayLike, curve: AreaCurve) -> FloatArray:
    """Return patellofemoral stress in MPa (N/mm^2), NaN outside the curve's data."""
    return np.asarray(joint_force_n, dtype=np.float64) / curve.area(flexion_deg)


def bracketing_stresses_mpa(
    joint_force_n: FloatArray, flexion_deg: FloatArray, curve: AreaCurve
) -> tuple[FloatArray, FloatArray]:
    """Return stress with the area held, and with its curve continued, beyond its data.

    Within the data both are the stress. Beyond them nobody measured: either the area
    stays what it was at the data's end or its polynomial goes on, and whatever is taken
    from the one is bracketed by the other. Running knees pass Connolly's 45 degrees at the
    very moment their load peaks, so leaving those frames out would bias a peak downwards,
    most in the runners who flex most.

    Args:
        joint_force_n: (S, P) patellofemoral force, steps by points of stance.
        flexion_deg: (S, P) knee flexion.
        curve: the area curve.

    Returns:
        Held and continued stress, (S, P) MPa; NaN only where force or flexion is missing.
    """
    return joint_force_n / curve.area_held(flexion_deg), joint_force_n / curve.area_mm2(flexion_deg)


def beyond_data_share(flexion_deg: FloatArray, curve: AreaCurve) -> FloatArray:
    """Return the share of stance (0 to 1) spent outside the curve's data, (S,)."""
    share = curve.beyond_data(flexion_deg).mean(axis=1)
    return np.where(np.isnan(flexion_deg).any(axis=1), np.nan, share)
