"""Techniques by name: what ``lean+05`` or ``forefoot_lean+07`` ask of a trial.

A derived trial is ``<trial>~<technique>``. A technique is one part or several joined by ``_``:
``lean+05`` (trunk lean changed by 5 deg forward), ``strike-08`` (landing at a foot-strike angle of
-8 deg, toe-up positive), ``forefoot`` (landing as recorded forefoot strikers do on average),
``forefoot+050`` (half the way there), ``cadence+10`` (10 % more steps a minute), ``speed+10`` (10 %
faster, with the step rate and contact time that go with it). What was measured to change in a
runner is a technique too, in numbers that no name has: it is made in code, and never parsed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import product

from strikelean.errors import ConfigError

# Beyond this the solve is a stretch (project experience, docs/counterfactual.md).
LEAN_WARNS_DEG, LEAN_MAX_DEG = 20, 30
STRIKE_MAX_PERCENT = 150
# Angles that can be asked for: those of recorded feet, -9 to 20 deg (means of the 28 feet of the
# public dataset at 3.5 m/s), and a little beyond: nothing is known of what goes with others.
STRIKE_MIN_DEG, STRIKE_MAX_DEG = -12, 25
CADENCE_MAX_PERCENT = 20
# From the middle one of three recorded speeds, 2.5, 3.5 and 4.5 m/s, to the others.
SPEED_MAX_PERCENT = 29
_PART = re.compile(r"^(lean|forefoot|strike|cadence|speed)(?:([+-])(\d{2,3}))?$")


def _size(value: float, digits: int) -> str:
    """Return a size as a name has it; with a decimal where it is not whole, which no name has."""
    whole = float(value).is_integer()
    return f"{value:+0{digits + 1}.0f}" if whole else f"{value:+0{digits + 3}.1f}"


@dataclass(frozen=True)
class Technique:
    """What a technique asks of a trial.

    Attributes:
        lean_deg: change of the trunk's lean, forward positive.
        strike_percent: share of the way from a foot's own foot-strike angle to the mean of
            recorded feet that land on the forefoot.
        cadence_percent: change of step rate; where the speed changes too, in all.
        strike_deg: foot-strike angle to land at, toe-up positive; None where none is asked for.
        speed_percent: change of running speed; without a ``cadence_percent`` of its own the step
            rate goes with it.
        contact_percent: change of contact time, 0 for what goes with step rate, speed and strike;
            of a measured change alone.
        strike_change_deg: change of each foot's foot-strike angle; of a measured change alone.
    """

    lean_deg: float = 0
    strike_percent: float = 0
    cadence_percent: float = 0
    strike_deg: float | None = None
    speed_percent: float = 0
    contact_percent: float = 0
    strike_change_deg: float = 0

    @property
    def strikes(self) -> bool:
        """Whether it asks for another foot-strike angle."""
        return bool(self.strike_percent or self.strike_change_deg) or self.strike_deg is not None

    def landing_deg(self, own_deg: float, forefoot_deg: float | None) -> float:
        """Return the foot-strike angle that a strike asks of a foot.

        Args:
            own_deg: of the foot as it lands.
            forefoot_deg: mean of recorded feet that land on the forefoot; a foot that lands so, or
                beyond, is left as it is.

        Raises:
            ConfigError: a share of the way to the forefoot, and nobody knows where that is.
        """
        if self.strike_deg is not None:
            return float(self.strike_deg)
        if self.strike_change_deg:
            return own_deg + self.strike_change_deg
        if forefoot_deg is None:
            raise ConfigError(
                "solve_counterfactual",
                "a template with the mean angle of at least five runners' forefoot strikes",
                "one without",
                "Ask by angle (strike-05), or set counterfactual.template to the delivered one",
            )
        return own_deg + self.strike_percent / 100.0 * min(forefoot_deg - own_deg, 0.0)

    @property
    def name(self) -> str:
        """The technique's name, as in ``<trial>~<technique>``."""
        parts = []
        if self.strike_percent:
            dose = "" if self.strike_percent == 100 else _size(self.strike_percent, 3)
            parts.append(f"forefoot{dose}")
        if self.strike_deg is not None:
            parts.append(f"strike{_size(self.strike_deg, 2)}")
        if self.lean_deg or not self.parts:
            parts.append(f"lean{_size(self.lean_deg, 2)}")
        sizes = {
            "cadence": self.cadence_percent,
            "speed": self.speed_percent,
            "contact": self.contact_percent,
            "turn": self.strike_change_deg,
        }
        parts += [f"{name}{_size(size, 2)}" for name, size in sizes.items() if size]
        return "_".join(parts)

    @property
    def parts(self) -> tuple[str, ...]:
        """Names of the parts that ask for something."""
        asked = {
            "forefoot": self.strike_percent,
            "strike": self.strike_deg is not None or self.strike_change_deg,
            "lean": self.lean_deg,
            "cadence": self.cadence_percent or self.contact_percent,
            "speed": self.speed_percent,
        }
        return tuple(name for name, size in asked.items() if size)

    @property
    def arm(self) -> str:
        """What is asked without how much of it: ``forefoot``, ``strike``, ``forefoot_lean``."""
        return "_".join(self.parts) or "lean"

    @property
    def dose(self) -> float:
        """How much: deg of lean, else % of step rate or speed, else of a strike; or NaN."""
        if self.parts == ("strike",):
            return float(self.strike_deg or 0)
        partial = self.strike_percent if self.strike_percent not in (0, 100) else 0
        size = self.lean_deg or self.cadence_percent or self.speed_percent or partial
        return float(size) if size or not self.parts else float("nan")

    @property
    def condition(self) -> str:
        """The condition its trials belong to, as in metrics.csv."""
        if self.parts == ("forefoot",):
            return "forefoot_upright"
        return "_".join(self.parts) or "unchanged"


TECHNIQUE_CONDITIONS = frozenset(
    Technique(lean, percent, cadence, angle, speed).condition
    for lean, (percent, angle), cadence, speed in product(
        (0, 1), ((0, None), (100, None), (0, 0)), (0, 1), (0, 1)
    )
    if lean or percent or angle is not None or cadence or speed
)
"""Conditions of trials in which a technique was asked for."""


def parse_technique(name: str) -> Technique:
    """Return the technique of a name.

    Raises:
        ConfigError: a name that is none, or a size outside what can be asked.
    """

    def wrong(found: str) -> ConfigError:
        return ConfigError(
            "parse_technique",
            "a technique such as lean+05, forefoot, strike-08, forefoot_lean+07 or cadence+10",
            found,
            "Correct counterfactual.techniques",
        )

    sizes: dict[str, int] = {}
    for part in name.split("_"):
        match = _PART.match(part)
        if match is None or match[1] in sizes:
            raise wrong(f"'{name}'")
        kind, sign, digits = match.groups()
        if digits is None and kind != "forefoot":
            raise wrong(f"'{name}' without a size")
        sizes[kind] = 100 if digits is None else int(f"{sign}{digits}")
    if {"forefoot", "strike"} <= set(sizes):
        raise wrong(f"'{name}': one strike by its share and one by its angle")
    technique = Technique(
        sizes.get("lean", 0),
        sizes.get("forefoot", 0),
        sizes.get("cadence", 0),
        sizes.get("strike"),
        sizes.get("speed", 0),
    )
    limits = (
        (technique.lean_deg, -LEAN_MAX_DEG, LEAN_MAX_DEG, "deg of lean"),
        (technique.strike_percent, 0, STRIKE_MAX_PERCENT, "% of the way to a forefoot strike"),
        (technique.strike_deg or 0, STRIKE_MIN_DEG, STRIKE_MAX_DEG, "deg of foot-strike angle"),
        (technique.cadence_percent, -CADENCE_MAX_PERCENT, CADENCE_MAX_PERCENT, "% of cadence"),
        (technique.speed_percent, -SPEED_MAX_PERCENT, SPEED_MAX_PERCENT, "% of speed"),
    )
    for size, lowest, highest, unit in limits:
        if not lowest <= size <= highest:
            raise wrong(f"'{name}': {size:+.0f} {unit}, possible are {lowest} to {highest}")
    if technique.name != name:
        raise wrong(f"'{name}', which is written {technique.name}")
    return technique


def derived_name(trial: str, technique: Technique) -> str:
    """Return ``<trial>~<technique>``."""
    return f"{trial}~{technique.name}"


def split_name(name: str) -> tuple[str, Technique | None]:
    """Return the recorded trial and the technique of a trial's name, None for a recording."""
    trial, mark, technique = name.partition("~")
    return trial, parse_technique(technique) if mark else None
