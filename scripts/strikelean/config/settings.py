"""What the configuration says of a trial, from its recording to its loads, in one typed value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from strikelean.formats.files import read_yaml
from strikelean.judging import Limits
from strikelean.lab.recording import RecordingSettings
from strikelean.motion.solve import SolveSettings
from strikelean.muscles.leg import MuscleSettings


@dataclass(frozen=True)
class Settings:
    """Sections of config.yaml that decide a trial's numbers.

    Attributes:
        engine: ``fast`` (own solvers) or ``opensim`` (its tools).
        recording: how recordings are read.
        strength: how muscles are scaled (``scaling.strength``).
        kinematics: how coordinates are solved and filtered.
        muscles: how moments are shared.
        loading_rate_cutoff_hz: low-pass of the ground force for peaks and rates.
        filter_order: order of all filters, both passes together.
        limits: what excludes a trial.
    """

    engine: str
    recording: RecordingSettings
    strength: str
    kinematics: SolveSettings
    muscles: MuscleSettings
    loading_rate_cutoff_hz: float
    filter_order: int
    limits: Limits

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Settings:
        """Build from a validated configuration."""
        filtering, steps = config["filter"], config["steps"]
        limits = Limits(**config["quality"])
        return cls(
            engine=str(config["engine"]),
            recording=RecordingSettings.from_config(
                config["recording"], steps, filtering, limits.max_missing_segment_share
            ),
            strength=config["scaling"]["strength"],
            kinematics=SolveSettings(
                str(config["engine"]),
                float(config["kinematics"]["accuracy"]),
                float(steps["margin_s"]),
                float(filtering["cutoff_hz"]),
                int(filtering["order"]),
            ),
            muscles=MuscleSettings.from_config(dict(config["muscles"])),
            loading_rate_cutoff_hz=float(filtering["loading_rate_cutoff_hz"]),
            filter_order=int(filtering["order"]),
            limits=limits,
        )

    @classmethod
    def read(cls, config_yaml: Path) -> Settings:
        """Read a complete configuration file, such as the delivered config/config.yaml."""
        return cls.from_config(read_yaml(config_yaml))

    def with_contacts(self, per_foot: int) -> Settings:
        """Return the same with another number of contacts selected a foot."""
        return replace(self, recording=replace(self.recording, contacts_per_foot=per_foot))

    def with_engine(self, engine: str) -> Settings:
        """Return the same with another engine."""
        return replace(self, engine=engine, kinematics=replace(self.kinematics, engine=engine))
