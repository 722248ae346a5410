"""Force and markers on one clock: what two independent means say of its error, and its correction.

Newton's law of the whole body (:mod:`strikelean.lab.check_clock`) and the landing of foot and shank
(:mod:`strikelean.lab.landing`) share no error: over 26 running trials of the public dataset (one
laboratory) they say -6.5 +/- 1.4 and -4.7 +/- 1.0 ms, uncorrelated (r = -0.1); their mean, -5.6
+/- 0.8 ms, scatters least, and by 0.4 ms over the three speeds of a runner. Where they agree, that
mean is what the forces are moved by.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from strikelean.formats.series import Wrench
from strikelean.lab.check_clock import DOUBTFUL_LAG_S, WRONG_LAG_S, vertical_lag_s
from strikelean.lab.evidence import Evidence
from strikelean.lab.findings import Finding
from strikelean.lab.landing import LandingLag, landing_lag

BODY = "clock_lag_by_body_s"
LANDING = "clock_lag_by_landing_s"
LANDING_ERROR = "clock_lag_by_landing_error_s"
APART = "clock_lags_apart_s"
CORRECTED = "clock_corrected_s"
CLOCK_FIGURES = (BODY, LANDING, LANDING_ERROR, APART, CORRECTED)

# What is corrected at all: less is within the errors of both means.
_LEAST_S = 0.002
_MOST_S = 0.02
# How far the two may lie apart. With the trunk seen, twice what the landing scatters by in the
# public dataset (1.0 ms) and the whole body errs by in virtual runners (-0.2 to 1.3 ms), rounded
# up. A trunk that is not seen moves the whole body's by more, with speed: they lie -1.9 to 5.7 ms
# apart in the 26 trials.
_APART_S = {True: 0.003, False: 0.006}
# Landings tell of the clock where foot and shank explain the quick part of the force, with about
# their own mass: public dataset 0.22 to 0.78, with 0.44 to 1.47 times the mass. Virtual runners,
# whose feet land as softly as group means do: 0.02 to 0.16, with 0.16 to 0.47.
_LEAST_EXPLAINED = 0.2
_MASS_RATIO = (0.33, 2.0)
# Standard error: 0.05 to 0.2 ms in the same trials.
_MOST_ERROR_S = 0.001


@dataclass(frozen=True)
class Clocks:
    """What both means say of a recording's clock.

    Attributes:
        body_s: by how much forces come late by Newton's law of the whole body; NaN unknown.
        landing: the same by the landing of foot and shank.
        trunk_seen: whether the trunk had markers of its own.
        corrected_s: by how much forces were moved to be earlier; 0 where they were not.
    """

    body_s: float = np.nan
    landing: LandingLag = field(default_factory=LandingLag)
    trunk_seen: bool = False
    corrected_s: float = 0.0

    @property
    def apart_s(self) -> float:
        """How much later the landing has the force than the whole body."""
        return self.landing.lag_s - self.body_s

    @property
    def landing_tells(self) -> bool:
        """Whether the landings are such as tell of the clock."""
        return (
            self.landing.explained >= _LEAST_EXPLAINED
            and _MASS_RATIO[0] <= self.landing.mass_ratio <= _MASS_RATIO[1]
            and self.landing.error_s <= _MOST_ERROR_S
        )

    @property
    def agreed_s(self) -> float:
        """What both means agree on, NaN where they do not or where one cannot be told."""
        agree = self.landing_tells and abs(self.apart_s) <= _APART_S[self.trunk_seen]
        return 0.5 * (self.body_s + self.landing.lag_s) if agree else np.nan

    @property
    def to_correct_s(self) -> float:
        """By how much forces are to be moved, 0 where nothing is to be corrected."""
        agreed = self.agreed_s
        same_way = self.body_s * self.landing.lag_s > 0.0
        return float(agreed) if same_way and _LEAST_S <= abs(agreed) <= _MOST_S else 0.0

    def findings(self) -> list[Finding]:
        """Return both estimates, how far they lie apart, and what was corrected."""
        return [
            Finding(BODY, self.body_s),
            Finding(LANDING, self.landing.lag_s if self.landing_tells else np.nan),
            Finding(LANDING_ERROR, self.landing.error_s if self.landing_tells else np.nan),
            Finding(APART, self.apart_s if self.landing_tells else np.nan),
            self._told(),
        ]

    def _told(self) -> Finding:
        by = self.corrected_s
        if abs(by) < DOUBTFUL_LAG_S:
            return Finding(CORRECTED, by)
        order = "later" if by > 0.0 else "earlier"
        return Finding(
            CORRECTED,
            by,
            "doubtful",
            f"forces and markers on one clock, within {1000 * DOUBTFUL_LAG_S:.0f} ms",
            f"forces that came {1000 * abs(by):.0f} ms {order} (whole body "
            f"{1000 * self.body_s:+.0f}, landing of the feet {1000 * self.landing.lag_s:+.0f} ms) "
            "and were moved by that",
            "See which clock starts first, and whether only one of them was filtered or resampled",
        )


def compare_clocks(evidence: Evidence) -> Clocks:
    """Return what both means say of a recording with forces."""
    body = evidence.mass_centre
    whole = [contact for contact in evidence.contacts if contact.valid]
    landing = landing_lag(
        evidence.markers, evidence.markerset, evidence.wrenches, whole, evidence.mass_kg
    )
    lag_s = vertical_lag_s(evidence, WRONG_LAG_S)
    return Clocks(lag_s, landing, body is not None and body.trunk_seen)


def moved_earlier(wrenches: Sequence[Wrench], by_s: float) -> tuple[Wrench, ...]:
    """Return the same forces on a clock that shows ``by_s`` less."""
    return tuple(replace(wrench, time_s=wrench.time_s - by_s) for wrench in wrenches)
