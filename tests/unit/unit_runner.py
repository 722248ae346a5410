"""A made-up runner on a treadmill whose loads can be worked out by hand.

Contacts of 0.2 s every 0.3 s, right foot first. Both legs do the same.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from strikelean.formats.contacts import Contacts, FootContact
from strikelean.formats.ground import GroundForces
from strikelean.formats.series import FloatArray, TimeSeries
from strikelean.loads.metrics_list import read_metrics_list
from strikelean.loads.metrics_waveforms import TrialTables
from strikelean.loads.trial_loads import LoadSettings, TrialFacts

METRICS_LIST = Path(__file__).parents[2] / "config" / "schemas" / "metrics.yaml"
METRICS = read_metrics_list(METRICS_LIST)
CONTACT_S, STEP_S, CONTACTS = 0.2, 0.3, 8
RATE_HZ, FORCE_RATE_HZ = 150.0, 1500.0
MASS_KG, HEIGHT_M, BELT_M_S = 70.0, 1.75, 3.5
FORCE_N, MOMENT_NM = 1600.0, 200.0
FLEXION_DEG = 40.0
MUSCLES = (
    *("recfem", "vasint", "vaslat", "vasmed"),
    *("bflh", "bfsh", "semimem", "semiten"),
    *("gasmed", "gaslat", "soleus"),
    *("glmax1", "glmax2", "glmax3"),
)
LEAN_DEG = 10.0
HEEL_M, PRESSURE_M = 0.02, (0.35, 0.02)
"""Height of the heel at contact; first pressure forward, and outward of the foot's axis."""


def starts(side: str) -> FloatArray:
    """Return the instants at which a foot lands."""
    first = 0.5 if side == "right" else 0.5 + STEP_S
    return first + 2.0 * STEP_S * np.arange(CONTACTS // 2)


def bump(time_s: FloatArray, side: str) -> FloatArray:
    """Return half sines of height 1 over the contacts of a foot, 0 elsewhere."""
    total = np.zeros_like(time_s)
    for start in starts(side):
        share = (time_s - start) / CONTACT_S
        total += np.where((share >= 0) & (share <= 1), np.sin(np.pi * np.clip(share, 0, 1)), 0)
    return total


def contacts() -> Contacts:
    """Return contacts, the first foot's first one invalid, the last two not selected."""
    rows = []
    for number in range(CONTACTS):
        side = "right" if number % 2 == 0 else "left"
        start = 0.5 + number * STEP_S
        reason = "" if number else "too close to the start"
        chosen = 0 < number < CONTACTS - 2
        struck = (10.0 + number, 20.0, "rearfoot")
        rows.append(
            FootContact(
                number + 1, side, start, start + CONTACT_S, not reason, reason, chosen, *struck
            )
        )
    return Contacts(rows)


def table(columns: dict[str, FloatArray], rate_hz: float = RATE_HZ, **extra: object) -> TimeSeries:
    """Return a table over the recording's 3.5 s."""
    values = np.stack(list(columns.values()), axis=1)
    return TimeSeries(clock(rate_hz), tuple(columns), values, **extra)  # type: ignore[arg-type]


def clock(rate_hz: float = RATE_HZ) -> FloatArray:
    """Return the times of the recording."""
    return np.arange(int(3.5 * rate_hz)) / rate_hz


def made_up_tables(*, torso_observed: bool = True, scale: float = 1.0) -> TrialTables:
    """Return the runner's tables; ``scale`` multiplies every force and moment."""
    time = clock()
    one = np.ones_like(time)
    kinematics = {"pelvis_tilt": -8.0 * one, "pelvis_list": 5.0 * one, "pelvis_rotation": 3.0 * one}
    knee3, moments, forces, reactions = {}, {"lumbar_extension_moment": 50.0 * scale * one}, {}, {}
    net = {}
    points = {f"com_{axis}": 0.02 * one for axis in "xyz"}
    for side in ("right", "left"):
        s = side[0]
        pulse = scale * bump(time, side)
        kinematics |= {
            f"hip_flexion_{s}": 100.0 * time,
            f"hip_adduction_{s}": 4.0 * one,
            f"hip_rotation_{s}": -6.0 * one,
            f"knee_angle_{s}": FLEXION_DEG * one,
            f"ankle_angle_{s}": 12.0 * one,
            f"subtalar_angle_{s}": -2.0 * one,
        }
        knee3 |= {f"knee_adduction_{s}": 1.5 * one, f"knee_rotation_{s}": -4.0 * one}
        moments |= {
            f"hip_flexion_{s}_moment": -60.0 * scale * one,
            f"hip_adduction_{s}_moment": -30.0 * pulse,
            f"hip_rotation_{s}_moment": 5.0 * scale * one,
            f"knee_angle_{s}_moment": -MOMENT_NM * pulse,
            f"ankle_angle_{s}_moment": -250.0 * pulse,
            f"subtalar_angle_{s}_moment": 10.0 * scale * one,
        }
        for muscle in MUSCLES:
            # solved in stance only
            forces[f"{muscle}_{s}"] = np.where(pulse > 0, 1000.0 * pulse, np.nan)
        lateral = 1.0 if s == "r" else -1.0
        # extension 140, abduction 90, external rotation 12 N m
        for axis, size in zip("xyz", (-90.0 * lateral, -12.0 * lateral, 140.0), strict=True):
            net[f"knee_net_moment_{s}_{axis}"] = size * pulse
        for joint, body, force, moment in (
            ("hip", "femur", (0.0, -3000.0, 4000.0), (0.0, 0.0, 0.0)),
            ("walker_knee", "tibia", (300.0, -6000.0, 0.0), (lateral * 40.0, lateral * 25.0, 0.0)),
            ("patellofemoral", "patella", (3000.0, -4000.0, 0.0), (0.0, 0.0, 0.0)),
            ("ankle", "talus", (0.0, -8000.0, 6000.0), (0.0, 0.0, 0.0)),
        ):
            stem = f"{joint}_{s}_on_{body}_{s}_in_{body}_{s}_"
            for axis, f, m in zip("xyz", force, moment, strict=True):
                reactions[f"{stem}f{axis}"] = f * pulse
                reactions[f"{stem}m{axis}"] = m * pulse
        gone = (time[:, None] - starts(side)) / CONTACT_S
        sinking = np.where((gone >= 0) & (gone <= 1), np.clip(1.0 - 5.0 * gone, 0, 1), 0.0)
        points |= {
            f"heel_{s}_x": (0.25 if s == "r" else 0.23) * one,
            f"heel_{s}_y": HEEL_M * sinking.sum(axis=1),
            f"heel_{s}_z": lateral * 0.05 * one,
            f"mt5_{s}_x": 0.45 * one,
            f"mt5_{s}_y": 0.0 * one,
            f"mt5_{s}_z": lateral * 0.08 * one,
            f"toe_{s}_x": 0.45 * one,
            f"toe_{s}_z": lateral * 0.02 * one,
            f"ankle_{s}_x": 0.30 * one,
            f"hip_{s}_x": 0.0 * one,
            f"hip_{s}_y": 0.9 * one,
            f"hip_{s}_z": lateral * 0.08 * one,
        }
    points |= {
        "torso_axis_x": np.sin(np.radians(LEAN_DEG)) * one,
        "torso_axis_y": np.cos(np.radians(LEAN_DEG)) * one,
        "torso_axis_z": 0.0 * one,
    }
    observed = {"torso_observed": "yes" if torso_observed else "no"}
    return TrialTables(
        contacts=contacts(),
        kinematics=table(kinematics, in_degrees=True),
        body_points=table(points, header=observed),
        moments=table(moments),
        muscle_forces=table(forces),
        joint_reactions=table(reactions),
        ground=ground(scale),
        knee3=table(knee3, in_degrees=True),
        net_moments=table(net),
    )


def ground(scale: float = 1.0) -> GroundForces:
    """Return vertical half sines, and a full sine forward: braking, then propulsion."""
    time = clock(FORCE_RATE_HZ)
    made = GroundForces(time, np.zeros((len(time), 2, 3, 3)))
    for side in ("right", "left"):
        foot, pulse = made.foot(side), scale * bump(time, side)
        lateral = 1.0 if side == "right" else -1.0
        share = (time[:, None] - starts(side)) / CONTACT_S
        inside = (share >= 0) & (share <= 1)
        shear = -300.0 * scale * np.where(inside, np.sin(2 * np.pi * share), 0.0).sum(axis=1)
        foot.force_n[:, 0], foot.force_n[:, 1] = shear, FORCE_N * pulse
        foot.point_m[:, 0] = PRESSURE_M[0] * inside.any(axis=1)
        foot.point_m[:, 2] = lateral * (0.05 + PRESSURE_M[1]) * inside.any(axis=1)
    return made


def made_up_settings(**changes: object) -> LoadSettings:
    """Return the settings of the made-up runner."""
    facts: dict[str, object] = {
        "subject": "P1",
        "trial": "run1",
        "mass_kg": MASS_KG,
        "height_m": HEIGHT_M,
        "belt_speed_m_s": BELT_M_S,
        "trunk_markers": {},
    }
    facts |= {name: changes.pop(name) for name in [*facts, "virtual"] if name in changes}
    values = {"loading_rate_cutoff_hz": 50.0, "filter_order": 4, "metrics": METRICS}
    return LoadSettings(TrialFacts(**facts), **(values | changes))  # type: ignore[arg-type]
