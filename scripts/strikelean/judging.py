"""Which figures of a trial exclude it, and which only warn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from strikelean.step_pools import Enough, TrialSteps, judge_pool

SHORTEST_STEP_M = 0.3
"""Mean step length below which nobody runs (project definition)."""


@dataclass(frozen=True)
class Limits:
    """What excludes a trial (``quality`` in the configuration).

    Attributes:
        min_valid_steps: valid steps of a foot, all trials of a runner's condition together.
        max_missing_segment_share: share of a step with a segment under 3 markers.
        max_marker_rms_m: marker error of inverse kinematics, m.
        max_solver_failure_share: share of stance frames without a muscle solution.
        max_lag_s: lag between force and markers, s.
        max_plate_weight_error: share of body weight.
        max_residual_share: largest force at the root that nothing explains, share of the
            largest ground force, where the trunk was seen.
    """

    min_valid_steps: int
    max_missing_segment_share: float
    max_marker_rms_m: float
    max_solver_failure_share: float
    max_lag_s: float
    max_plate_weight_error: float
    max_residual_share: float


@dataclass(frozen=True)
class Verdict:
    """Whether a trial counts, why not, and what to know about it."""

    included: bool
    reason: str
    warnings: str


RESIDUAL = "residual_force_peak_share_of_peak_grf"
RESIDUAL_DOUBTFUL = 0.8
"""Share of the limit of the root's residual force above which it warns (project choice)."""

UNSEEN_TRUNK = 1.7
"""How much larger the root's residual force may be where no marker showed the trunk.

Measured, largest in whole contacts over the largest ground force: 0.03-0.13 in virtual runners and
0.18-0.23 in three recorded trials with trunk markers; without, in the public dataset (doi
10.7717/peerj.3298), 0.22-0.49 at 2.5 and 3.5 m/s and up to 0.69 at 4.5 m/s: over half of the mass
is assumed there. Forces 30 and 50 ms late give 0.52-0.75 with a seen trunk; 100 ms late or in half
their size 0.94 and more with either."""

# Figures above these only warn: what sound recordings show is no warning, their figures stand in
# quality.csv. Ranges over 26 trials of the public dataset (doi 10.7717/peerj.3298, 14 runners, 2.5
# to 4.5 m/s) and whole-body ones of two runners (doi 10.1016/j.jbiomech.2012.11.024): standing
# markers 14 to 21 mm RMS, the worst 26 to 44 mm (OpenSim's best-practice page asks for 10 and 20);
# running 10 to 15 mm RMS, the worst 24 to 62 mm; up to 0.42 of a stance beyond Connolly's data.
_WARN_ABOVE = (
    ("static_marker_rms_m", 0.025, "static marker RMS {:.3f} m is over 0.025 m"),
    ("static_marker_max_m", 0.05, "static marker error {:.3f} m is over 0.05 m"),
    ("marker_rms_m", 0.02, "marker RMS {:.3f} m is over 0.02 m"),
    ("marker_max_m", 0.065, "marker error {:.3f} m is over 0.065 m"),
    # Once corrected (strikelean.lab.shared_clock) 26 trials of the public dataset have -1.5 to 3.4
    # ms left; 5 ms move an ankle moment by 13 %.
    ("lag_s", 0.005, "forces and markers are {:.3f} s apart, over 0.005 s"),
    # Up to 0.064 in the public dataset; a knee moment is off by as much.
    ("plate_weight_error", 0.07, "plate is off by {:.1%} of body weight, over 7 %"),
    ("unconverged_share", 0.0, "inverse kinematics did not converge in {:.1%} of frames"),
    (
        "reserve_peak_share",
        0.10,
        "a reserve reaches {:.0%} of its peak net moment, usual limit 10 %",
    ),
    ("reserves_carry_share", 0.0, "reserves carry moments in {:.1%} of stance frames"),
    (
        "connolly_beyond_data_share",
        0.45,
        "knee flexion leaves Connolly's area data in up to {:.0%} of a stance: stresses by it "
        "carry a bracket",
    ),
    (
        "powers_beyond_data_share",
        0.0,
        "knee flexion leaves Powers' data in {:.0%} of a stance",
    ),
)


def residual_limit(figures: Mapping[str, Any], limits: Limits) -> float:
    """Return the limit of the root's residual force, wider where the trunk was not seen."""
    return limits.max_residual_share * (UNSEEN_TRUNK if figures.get("trunk_assumed") else 1.0)


def _exclusions(figures: Mapping[str, Any], limits: Limits) -> Iterator[tuple[str, str, bool]]:
    """Yield figure, text and whether it excludes, for every rule that can be judged."""
    rules = (
        (
            "missing_segment_share",
            limits.max_missing_segment_share,
            "a segment has under 3 markers in {:.0%} of a step, limit {:.0%}",
        ),
        ("marker_rms_m", limits.max_marker_rms_m, "marker RMS {:.3f} m, limit {:.3f} m"),
        (
            "solver_failure_share",
            limits.max_solver_failure_share,
            "no muscle solution in {:.1%} of stance frames, limit {:.1%}",
        ),
        ("lag_s", limits.max_lag_s, "lag between force and markers {:.3f} s, limit {:.3f} s"),
        (
            "plate_weight_error",
            limits.max_plate_weight_error,
            "plate is off by {:.1%} of body weight, limit {:.1%}",
        ),
        (
            RESIDUAL,
            residual_limit(figures, limits),
            "forces at the pelvis that nothing explains reach {:.0%} of the largest ground force, "
            "limit {:.0%}: look at the axes, signs and units of the forces, the clock of forces "
            "and markers, mass_kg and static_file",
        ),
    )
    for name, limit, text in rules:
        value = figures.get(name)
        if value is not None:
            yield name, text.format(abs(value), limit), abs(value) > limit


RULED = (
    "missing_segment_share",
    "marker_rms_m",
    "solver_failure_share",
    "lag_s",
    "plate_weight_error",
    RESIDUAL,
)
"""Figures that can exclude a trial."""

OF_FORCES = (
    "solver_failure_share",
    "lag_s",
    "plate_weight_error",
    RESIDUAL,
    "connolly_beyond_data_share",
    "powers_beyond_data_share",
)
"""Figures that say nothing of a trial without forces."""

ANGLES_ONLY = (
    "used: angles only, no forces were recorded. Contacts are the markers', in public recordings "
    "95 % of landings within 8 ms, of leavings within 15 ms, of a plate's, and smoothed motion "
    "reads foot-strike angles 2 to 10 deg low (docs/recordings.md)"
)
"""What is said of a trial without forces."""


def _further_warnings(figures: Mapping[str, Any], limits: Limits) -> list[str]:
    """Return warnings that name more than one figure."""
    warnings = []
    share, limit = figures.get(RESIDUAL), residual_limit(figures, limits)
    if share is not None and RESIDUAL_DOUBTFUL * limit < share <= limit:
        text = "forces at the pelvis that nothing explains reach {:.0%} of the largest ground force"
        warnings.append(text.format(share))
    if figures.get("leg_joints_at_limit"):
        warnings.append(
            "a joint against a limit of its range in more frames than usual (hip, knee and ankle "
            f"14 %, subtalar 43 %): {figures['leg_joints_at_limit']}. Look at static_file, and "
            "where the marker set has that joint's markers"
        )
    return warnings


def judge(figures: Mapping[str, Any], limits: Limits, enough: Enough | None = None) -> Verdict:
    """Judge one trial: only the rules of the conventions exclude, the rest warns.

    Args:
        figures: as in quality.json.
        limits: what excludes.
        enough: whether the trials of its condition have enough steps; None: it has no others.
    """
    if enough is None:
        alone = TrialSteps.of(("", "", ""), figures)
        enough = judge_pool([alone], limits.min_valid_steps)
    judged = list(_exclusions(figures, limits))
    reasons = [enough.reason] if enough.reason else []
    reasons += [text for _, text, excludes in judged if excludes]
    known = {name for name, _, _ in judged}
    warnings = list(enough.warnings)
    angles_only = bool(figures.get("angles_only"))
    asked = [name for name in RULED if not (angles_only and name in OF_FORCES)]
    warnings += [ANGLES_ONLY] if angles_only else []
    warnings += [f"{name} is not known, not judged" for name in asked if name not in known]
    for name, limit, text in _WARN_ABOVE:
        value = None if angles_only and name in OF_FORCES else figures.get(name)
        if value is not None and abs(value) > limit:
            warnings.append(text.format(abs(value)))
    warnings += _further_warnings(figures, limits)
    length = figures.get("step_length_mean_m")
    if length is not None and length < SHORTEST_STEP_M:
        warnings.append(f"mean step length {length:.2f} m: a treadmill without belt_speed_m_s?")
    warnings += [str(figures["stage_warnings"])] if figures.get("stage_warnings") else []
    return Verdict(not reasons, "; ".join(reasons), "; ".join(warnings))
