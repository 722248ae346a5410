"""How much a prediction moves with what was chosen, not known: a band around every number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from strikelean.counterfactual.propose import Choices
from strikelean.counterfactual.speed import SpeedChoice
from strikelean.counterfactual.templates import Choice
from strikelean.techniques import Technique

# One choice at a time; what each moves is in docs/counterfactual.md. No published figure says how
# runners share a lean between hip and spine, or that it moves the centre of pressure.
LEAN: Mapping[str, Mapping[str, object]] = {
    "lean from the hips alone": {"hip_share": 1.0},
    "lean from the spine alone": {"hip_share": 0.0},
    "pressure free by 8 mm": {"pressure_m": 0.008},
    "posture held to 2 deg": {"posture_rad": 0.035},
    "residual turning with the trunk": {"root_turns": True},
}
STRIKE: Mapping[str, Mapping[str, object]] = {
    "template angles free by 1 deg": {"strike_angle_rad": 0.0175},
    "pressure held to its template": {"pressure_errors": 0.0},
    "pressure free by two standard errors": {"pressure_errors": 2.0},
    "braking force kept": {"braking": False},
    "template slopes within runners": {"slopes": Choice(within=True)},
    "template hip angle, not thigh": {"slopes": Choice(hip=True)},
    "knee slope a standard error lower": {"slopes": Choice(knee_errors=-1.0)},
    "knee slope a standard error higher": {"slopes": Choice(knee_errors=1.0)},
}
# What goes with a strike where it is not switched off, by the choice that switches it.
SWITCHED: Mapping[str, Mapping[str, Mapping[str, object]]] = {
    "contact_time": {
        "contact time slope a standard error lower": {"slopes": Choice(contact_errors=-1.0)},
        "contact time slope a standard error higher": {"slopes": Choice(contact_errors=1.0)},
    },
    "vertical": {
        "active peak slope a standard error lower": {"slopes": Choice(peak_errors=-1.0)},
        "active peak slope a standard error higher": {"slopes": Choice(peak_errors=1.0)},
    },
    "step_rate": {
        "step rate slope a standard error lower": {"slopes": Choice(rate_errors=-1.0)},
        "step rate slope a standard error higher": {"slopes": Choice(rate_errors=1.0)},
    },
}
CADENCE: Mapping[str, Mapping[str, object]] = {
    "pressure free by 8 mm": {"pressure_m": 0.008},
    "posture held to 2 deg": {"posture_rad": 0.035},
    "contact time a standard error nearer to the step time's": {"contact_shift": 1.0},
    "contact time a standard error nearer to the own": {"contact_shift": -1.0},
    "knee at contact a standard error less flexed": {"landing_shift": -1.0},
    "knee at contact a standard error more flexed": {"landing_shift": 1.0},
}
SPEED: Mapping[str, Mapping[str, object]] = {
    "step rate goes more with speed": {"speed": SpeedChoice(rate=1.0)},
    "step rate goes less with speed": {"speed": SpeedChoice(rate=-1.0)},
    "contact time falls less with speed": {"speed": SpeedChoice(contact=1.0)},
    "contact time falls more with speed": {"speed": SpeedChoice(contact=-1.0)},
    "posture kept at another speed": {"speed": SpeedChoice(posture=False)},
    "braking force kept at another speed": {"speed": SpeedChoice(braking=False)},
    "angles of another speed free by 5 deg": {"strike_angle_rad": 0.0873},
    "pressure held to its template": {"pressure_errors": 0.0},
    "pressure free by two standard errors": {"pressure_errors": 2.0},
    "posture held to 2 deg": {"posture_rad": 0.035},
}
VARIANTS: Mapping[str, Mapping[str, Mapping[str, object]]] = {
    "lean": LEAN,
    "forefoot": STRIKE,
    "strike": STRIKE,
    "cadence": CADENCE,
    "speed": SPEED,
}


MEASURED = tuple(name for name in SPEED if name.startswith(("step rate", "contact time")))
"""Choices that say nothing where step rate and contact time were measured."""


def _measured(technique: Technique) -> bool:
    return bool(technique.cadence_percent and technique.contact_percent)


PUBLISHED = ("contact_shift", "landing_shift")
"""Choices about what was built in of published changes with the step rate."""


def variants(technique: Technique, choices: Choices, *, posture: bool = True) -> dict[str, Choices]:
    """Return the choices to try for a technique, by what is chosen otherwise.

    Args:
        technique: what is asked.
        choices: as delivered.
        posture: whether another step rate changes posture and contact time as published.
    """
    found: dict[str, Choices] = {}
    for part in technique.parts:
        for name, change in VARIANTS[part].items():
            # a strike's pressure is as free as its template says
            if technique.strikes and VARIANTS[part] is not STRIKE and "pressure_m" in change:
                continue
            if not posture and any(key in change for key in PUBLISHED):
                continue
            if _measured(technique) and (name in MEASURED or "contact_shift" in change):
                continue
            found[name] = replace(choices, **change)  # type: ignore[arg-type]
    if technique.strikes:
        for switch, changes in SWITCHED.items():
            if getattr(choices, switch) and not (_measured(technique) and switch != "vertical"):
                for name, change in changes.items():
                    found[name] = replace(choices, **change)  # type: ignore[arg-type]
    return found
