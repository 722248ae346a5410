"""What the page's figures of waveforms show, and what a reader should see in them."""

from __future__ import annotations

from dataclasses import dataclass

from strikelean.loads.patellofemoral import METHODS
from strikelean.report.figures import Panel

CURVES = {"connolly": "Connolly", "powers": "Powers"}
MEASURED, MECHANICS, MODEL = "measured", "from measurements by mechanics", "model estimate"
METHOD_WORDS = {
    "net_moment": "from the net moment",
    "quadriceps_sum": "from quadriceps forces",
    "joint_reaction": "joint reaction",
}
STRESS_PANELS = tuple(
    Panel(
        f"patellofemoral_stress_{method}_{curve}",
        f"{METHOD_WORDS[method]}, {name} area",
        "MPa",
    )
    for curve, name in CURVES.items()
    for method in METHODS
)


@dataclass(frozen=True)
class Plan:
    """One figure of waveforms.

    Attributes:
        title: heading.
        basis: how far from measurement its numbers are.
        see: what a reader should see in it, whatever the cohort.
        panels: what is drawn.
        share_y: one scale for all panels.
    """

    title: str
    basis: str
    see: str
    panels: tuple[Panel, ...]
    share_y: bool = False


PLANS = (
    Plan(
        "Ground force and joint angles",
        MEASURED,
        "One hump of vertical force of two to three body weights. After a heel strike there is "
        "often an early shoulder and the ankle starts bent up; after a forefoot strike it starts "
        "pointed down.",
        (
            Panel("ground_vertical_force", "vertical ground force", "body weights", per="weight"),
            Panel("knee_flexion_angle", "knee flexion", "deg"),
            Panel("ankle_dorsiflexion_angle", "ankle dorsiflexion (toe up)", "deg"),
        ),
    ),
    Plan(
        "Knee out of the plane of running",
        MEASURED,
        "Small angles that carry the sliding of skin over bone: trust a difference in shape more "
        "than one in level. From the knee with three rotations; it takes no part in the loads.",
        (
            Panel("knee_adduction_angle", "knee adduction", "deg"),
            Panel("knee_internal_rotation_angle", "knee internal rotation", "deg"),
        ),
    ),
    Plan(
        "Net joint moments",
        MECHANICS,
        "The turning effect that all tissues of a joint must supply together, by Newton's laws "
        "and without any muscle model. What moves from the knee to the ankle shows as one curve "
        "falling and the other rising.",
        (
            Panel("knee_extension_moment", "knee extension", "N m/kg", per="mass"),
            Panel("ankle_plantarflexion_moment", "ankle plantarflexion", "N m/kg", per="mass"),
            Panel("hip_extension_moment", "hip extension", "N m/kg", per="mass"),
        ),
    ),
    Plan(
        "Force behind the kneecap (patellofemoral), by three methods",
        MODEL,
        "The same steps three times. The methods need not agree on the size; ask whether the "
        "groups differ in the same direction in all three.",
        tuple(
            Panel(
                f"patellofemoral_force_{method}",
                METHOD_WORDS[method],
                "body weights",
                per="weight",
            )
            for method in METHODS
        ),
        share_y=True,
    ),
    Plan(
        "Stress behind the kneecap, by three methods and two contact areas",
        MODEL,
        "Force over contact area. The two area curves can disagree on level and trend. A line "
        "stops where the knee of a runner bends beyond the data of the area curve (45 deg for "
        "Connolly, 75 deg for Powers): nothing is drawn there rather than guessed.",
        STRESS_PANELS,
        share_y=True,
    ),
    Plan(
        "Tibiofemoral, ankle and Achilles forces",
        MODEL,
        "What a way of running takes from the knee it may hand to the ankle and the Achilles "
        "tendon: look for curves that part in opposite directions.",
        (
            Panel("tibiofemoral_contact_force", "tibiofemoral", "body weights", per="weight"),
            Panel("ankle_contact_force", "ankle", "body weights", per="weight"),
            Panel("achilles_force", "Achilles tendon", "body weights", per="weight"),
        ),
    ),
)
DRAWN = frozenset(panel.quantity for plan in PLANS for panel in plan.panels)
"""Quantities of ``cohort.h5`` that any figure shows."""
