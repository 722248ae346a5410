"""Scales of the residuals that the solve minimises; each is one standard deviation."""

from __future__ import annotations

from dataclasses import dataclass, field

# Rotations out of the sagittal plane are a runner's own: they are held tighter.
SIDEWAYS = (
    "hip_adduction",
    "hip_rotation",
    "subtalar_angle",
    "pelvis_list",
    "pelvis_rotation",
    "lumbar_bending",
    "lumbar_rotation",
)


@dataclass(frozen=True)
class Scales:
    """Scales of the solve's residuals; the project's own choices, effects in docs/methods.md.

    Attributes:
        root_moment_nm, root_force_n: residual at the root, less the recording's own. Tighter
            ones make the knots ring.
        angle_rad, sideways_rad, pelvis_m: coordinates about their template.
        templated_rad: the coordinates that a template of angles names (strike).
        turning_rad_s2, pelvis_m_s2: second derivatives of the changes.
        force_share: change of the ground force by body weights: forward, up, sideways.
        free_moment_nm: change of the ground's moment about the vertical.
        cop_m: centre of pressure relative to the foot that moves, about its template.
        thorax_rad: axes of the thorax about the asked ones.
        sole_m, swing_m: points of the sole about their targets, loaded and in swing.
        placement_m: where the whole foot is set down, forward and sideways.
        limit_rad: how far a joint goes beyond its limit, beyond where it was before.
    """

    root_moment_nm: float = 2.0
    root_force_n: float = 5.0
    angle_rad: float = 0.0873
    sideways_rad: float = 0.0349
    pelvis_m: float = 0.025
    templated_rad: float = 0.0175
    turning_rad_s2: float = 60.0
    pelvis_m_s2: float = 6.0
    force_share: tuple[float, float, float] = (0.06, 0.08, 0.03)
    free_moment_nm: float = 3.0
    cop_m: float = 0.002
    thorax_rad: float = 0.004
    sole_m: float = 0.002
    swing_m: float = 0.04
    placement_m: tuple[float, float] = (0.05, 0.01)
    limit_rad: float = 0.0009


@dataclass(frozen=True)
class SolveRules:
    """When to stop, and knots.

    Attributes:
        knot_s: spacing of the changes' knots; 23 ms passes what a 15 Hz filter passes.
        contact_intervals: spans between the knots of force and pressure changes.
        iterations: Gauss-Newton steps at most.
        memory: earlier steps that are mixed with each.
        tolerance: largest step of a coordinate's coefficient, rad or m, that ends it.
        gain: share of the cost that a step promises to save, below which it ends too.
        stall: share of the cost below which a saving is no progress.
    """

    knot_s: float = 0.023
    contact_intervals: int = 8
    iterations: int = 40
    memory: int = 4
    tolerance: float = 1e-5
    gain: float = 1e-6
    stall: float = 1e-5
    scales: Scales = field(default_factory=Scales)
