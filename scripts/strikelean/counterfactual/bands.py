"""How much a prediction moves with what was chosen, not known: a band around every number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from strikelean.counterfactual.propose import Choices
from strikelean.techniques import Technique

# One choice at a time; what each moves is in docs/counterfactual.md. No published figure says how
# runners share a lean between hip and spine, or that it moves the centre of pressure.
LEAN: Mapping[str, Mapping[str, float | bool]] = {
    "lean from the hips alone": {"hip_share": 1.0},
    "lean from the spine alone": {"hip_share": 0.0},
    "pressure free by 8 mm": {"pressure_m": 0.008},
    "posture held to 2 deg": {"posture_rad": 0.035},
}
STRIKE: Mapping[str, Mapping[str, float | bool]] = {
    "template angles free by 1 deg": {"strike_angle_rad": 0.0175},
    "pressure held to 2 mm": {"strike_pressure_m": 0.002},
    "braking force kept": {"braking": False},
    "template knee a standard error less flexed": {"knee_shift": -1.0},
    "template knee a standard error more flexed": {"knee_shift": 1.0},
}
CADENCE: Mapping[str, Mapping[str, float | bool]] = {
    "pressure free by 8 mm": {"pressure_m": 0.008},
    "posture held to 2 deg": {"posture_rad": 0.035},
}
SPEED: Mapping[str, Mapping[str, float | bool]] = {
    "step rate goes more with speed": {"speed_rate": 1.0},
    "step rate goes less with speed": {"speed_rate": -1.0},
    "contact time falls less with speed": {"speed_contact": 1.0},
    "contact time falls more with speed": {"speed_contact": -1.0},
    "posture kept at the new speed": {"speed_posture": False},
    "shape of the ground force kept at the new speed": {"speed_forces": False},
    "posture held to 2 deg": {"posture_rad": 0.035},
}
VARIANTS: Mapping[str, Mapping[str, Mapping[str, float | bool]]] = {
    "lean": LEAN,
    "forefoot": STRIKE,
    "cadence": CADENCE,
    "speed": SPEED,
}


def variants(technique: Technique, choices: Choices) -> dict[str, Choices]:
    """Return the choices to try for a technique, by what is chosen otherwise."""
    found: dict[str, Choices] = {}
    for part in technique.parts:
        for name, change in VARIANTS[part].items():
            # a strike holds pressure and posture to its template
            if technique.strike_percent and part != "forefoot" and "pressure_m" in change:
                continue
            found[name] = replace(choices, **change)  # type: ignore[arg-type]
    return found
