"""What the configuration says of virtual runners, in one typed value, and their fixed names."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from strikelean.techniques import parse_technique

LABORATORIES = ("matched_noise_free", "matched", "mismatched")
MATCHED_NOISE_FREE, MATCHED, MISMATCHED = LABORATORIES
# The condition, and the trial, that virtual runners are used to.
HABITUAL = "heel_strike"
MARKER_SET = "virtual"
# The cohort of virtual runners where none is named, and no name for real ones.
COHORT = "virtual"
# Said wherever results of virtual runners are kept.
VIRTUAL_RUNNERS = (
    "virtual: made by a model, recorded of nobody; differences between their conditions are model "
    "predictions"
)

MeanSd = tuple[float, float]
"""Mean and standard deviation over runners."""


def _mean_sd(values: Any) -> MeanSd:
    mean, spread = values
    return float(mean), float(spread)


@dataclass(frozen=True)
class BodyStatistics:
    """How large people are who run.

    Attributes:
        share_women: share of the runners.
        stature_m, bmi_kg_m2: by sex, ``F`` and ``M``.
        segment_percent: standard deviation of a segment's length over stature.
    """

    share_women: float
    stature_m: Mapping[str, MeanSd]
    bmi_kg_m2: Mapping[str, MeanSd]
    segment_percent: Mapping[str, float]

    @classmethod
    def from_config(cls, section: Mapping[str, Any]) -> BodyStatistics:
        """Build from ``virtual.body`` of the configuration."""
        return cls(
            share_women=float(section["share_women"]),
            stature_m={sex: _mean_sd(known) for sex, known in section["stature_m"].items()},
            bmi_kg_m2={sex: _mean_sd(known) for sex, known in section["bmi_kg_m2"].items()},
            segment_percent={k: float(v) for k, v in section["segment_percent"].items()},
        )


@dataclass(frozen=True)
class Flaws:
    """Sizes of a laboratory's flaws.

    Attributes:
        soft_tissue_mm: by segment, root mean square of a marker's motion over the bone while
            running.
        soft_tissue_shared: share of its variance that all markers of a segment have in common.
        marker_noise_mm: standard deviation of each coordinate.
        misplacement_mm: of a landmark's marker beside the landmark, each coordinate.
        hip_centre_mm: of the standing trial's hip centres, each coordinate.
        gaps_per_s: how often a marker is lost.
        gap_s: mean length of a gap.
        plate_noise_n: (3,) standard deviation of the force, laboratory axes.
        plate_noise_nm: (3,) of the moment about the plate's middle.
        sway_mm: of the standing body.
    """

    soft_tissue_mm: Mapping[str, float] = field(default_factory=dict)
    soft_tissue_shared: float = 0.0
    marker_noise_mm: float = 0.0
    misplacement_mm: float = 0.0
    hip_centre_mm: float = 0.0
    gaps_per_s: float = 0.0
    gap_s: float = 0.0
    plate_noise_n: tuple[float, float, float] = (0.0, 0.0, 0.0)
    plate_noise_nm: tuple[float, float, float] = (0.0, 0.0, 0.0)
    sway_mm: float = 0.0

    @classmethod
    def from_config(cls, section: Mapping[str, Any]) -> Flaws:
        """Build from ``virtual.flaws`` of the configuration."""
        vectors = {name: tuple(section[name]) for name in ("plate_noise_n", "plate_noise_nm")}
        return cls(**{**section, **vectors})

    def without_misplacement(self) -> Flaws:
        """Return the flaws with every marker and joint centre where it is meant to be."""
        return replace(self, misplacement_mm=0.0, hip_centre_mm=0.0)


FLAWLESS = Flaws()

TREADMILL, RUNWAY = "treadmill", "runway"
MIDDLE, EDGE, SEAM = "middle", "edge", "seam"


@dataclass(frozen=True)
class RunwaySettings:
    """A runway with force plates let into it, one behind the other.

    Attributes:
        passes: recordings a condition.
        plates: how many.
        plate_m: (2,) length and width of a plate.
        apart_m: from the middle of a plate to that of the next.
        volume_m: length of the runway in which markers are seen, the plates in its middle.
        aim: where feet land: in the ``middle`` of a plate, across its front ``edge``, or across
            the ``seam`` of two plates that lie side by side.
    """

    passes: int
    plates: int
    plate_m: tuple[float, float]
    apart_m: float
    volume_m: float
    aim: str

    @classmethod
    def from_config(cls, section: Mapping[str, Any]) -> RunwaySettings:
        """Build from ``virtual.runway`` of the configuration."""
        length, width = section["plate_m"]
        return cls(
            passes=int(section["passes"]),
            plates=int(section["plates"]),
            plate_m=(float(length), float(width)),
            apart_m=float(section["apart_m"]),
            volume_m=float(section["volume_m"]),
            aim=str(section["aim"]),
        )

    @property
    def contacts(self) -> int:
        """How many contacts in turn a pass is meant to record."""
        return self.plates if self.aim == MIDDLE else 1

    @property
    def strides(self) -> int:
        """The fewest strides of a trial that has contacts for all passes."""
        return math.ceil((self.passes * self.contacts + 2) / 2)

    def first_contacts(self, contacts: int) -> range:
        """Return the first contact of every pass that a trial of some contacts allows.

        The trial's own first and last contact are left out: a pass has the foot before and after.
        No contact is measured in two passes.
        """
        return range(1, contacts - self.contacts, self.contacts)


def trial_of(recording: str) -> str:
    """Return the trial that a virtual runner's recording is of, a pass's number left out."""
    return re.sub(r"_\d\d$", "", recording)


@dataclass(frozen=True)
class VirtualSettings:
    """Who virtual runners are, what they do, and the laboratory that records them.

    Attributes:
        runners: how many.
        seed: of all random numbers: the same seed gives the same bytes.
        strides: of a trial.
        speed_m_s: of running, and of the belt.
        techniques: names of the techniques they run with beside the habitual one.
        laboratory: that records the cohort, one of ``LABORATORIES``.
        runway: that they run on; None on a treadmill.
        marker_set: that runners wear, a file in ``models/markersets/`` without its ending.
        truncate_sd: standard deviations beyond which no body is drawn.
        style_spread: of the recorded heel strikers' standard deviation, how far styles differ.
        trunk_lean_deg: forward positive.
        body: how large runners are.
        flaws: of the laboratory.
        mismatch: how a mismatched body differs from the scaled generic model, the values of
            :class:`strikelean.model.mismatch.Mismatch`.
    """

    runners: int
    seed: int
    strides: int
    speed_m_s: float
    techniques: tuple[str, ...]
    laboratory: str
    runway: RunwaySettings | None
    marker_set: str
    truncate_sd: float
    style_spread: float
    trunk_lean_deg: MeanSd
    body: BodyStatistics
    flaws: Flaws
    mismatch: Mapping[str, float]

    @classmethod
    def from_config(cls, section: Mapping[str, Any]) -> VirtualSettings:
        """Build from the section ``virtual`` of a validated configuration.

        What comes after the runners are made (the sweep, bands, files) is left out.
        """
        return cls(
            runners=int(section["runners"]),
            seed=int(section["seed"]),
            strides=int(section["strides"]),
            speed_m_s=float(section["speed_m_s"]),
            techniques=tuple(str(name) for name in section["techniques"]),
            laboratory=str(section["laboratory"]),
            runway=(
                RunwaySettings.from_config(section["runway"])
                if section["ground"] == RUNWAY
                else None
            ),
            marker_set=str(section["marker_set"]),
            truncate_sd=float(section["truncate_sd"]),
            style_spread=float(section["style_spread"]),
            trunk_lean_deg=_mean_sd(section["trunk_lean_deg"]),
            body=BodyStatistics.from_config(section["body"]),
            flaws=Flaws.from_config(section["flaws"]),
            mismatch={name: float(value) for name, value in section["mismatch"].items()},
        )

    def trials(self) -> dict[str, str]:
        """Return ``{trial: technique}``, the habitual one first, with an empty technique."""
        asked = [parse_technique(name) for name in self.techniques]
        return {HABITUAL: ""} | {technique.condition: technique.name for technique in asked}

    @property
    def belt_speed_m_s(self) -> float | None:
        """Speed of the belt, None on a runway."""
        return self.speed_m_s if self.runway is None else None

    def recordings(self) -> dict[str, str]:
        """Return ``{recording: trial}``: one of each trial, or on a runway one of each pass."""
        return {name: trial for trial in self.trials() for name in self.recordings_of(trial)}

    def recordings_of(self, trial: str) -> list[str]:
        """Return the names of a trial's recordings."""
        if self.runway is None:
            return [trial]
        return [f"{trial}_{number:02d}" for number in range(1, self.runway.passes + 1)]
