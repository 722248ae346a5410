"""What the configuration says of a trial, from its recording to its loads, in one typed value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from strikelean import resources
from strikelean.formats.files import read_yaml
from strikelean.lab.recording import RecordingSettings
from strikelean.loads.metrics_list import MetricDefinition, read_metrics_list
from strikelean.loads.trial_loads import LoadSettings, TrialFacts
from strikelean.motion.solve import SolveSettings
from strikelean.muscles.leg import MuscleSettings


@dataclass(frozen=True)
class TechniqueSettings:
    """Section ``counterfactual``: how another technique is worked out.

    Attributes:
        strides: of a recording that are changed.
        band_strides: of those, for the band.
        hip_share: part of a lean that comes from the hips.
        lean_step_rate: change of the step rate with a lean, % per degree forward.
        cadence_posture: whether another step rate changes posture and contact time as published.
        strike_contact_time, strike_vertical_force, strike_step_rate: whether a strike changes
            them as recorded runners do.
    """

    strides: int
    band_strides: int
    hip_share: float
    lean_step_rate: float
    cadence_posture: bool
    strike_contact_time: bool
    strike_vertical_force: bool
    strike_step_rate: bool

    @classmethod
    def from_config(cls, section: Mapping[str, Any]) -> TechniqueSettings:
        """Build from the section; its other values choose files."""
        return cls(
            int(section["strides"]),
            int(section["band_strides"]),
            float(section["hip_share"]),
            float(section["lean_step_rate_percent_per_deg"]),
            bool(section["cadence_posture"]),
            bool(section["strike_contact_time"]),
            bool(section["strike_vertical_force"]),
            bool(section["strike_step_rate"]),
        )


@dataclass(frozen=True)
class Settings:
    """Sections of config.yaml that decide a trial's numbers.

    Attributes:
        engine: ``fast`` (own solvers) or ``opensim`` (its tools).
        recording: how recordings are read.
        strength: how muscles are scaled (``scaling.strength``).
        kinematics: how coordinates are solved and filtered.
        muscles: how moments are shared.
        muscle_variants: the same, otherwise, by name (``muscles.variants``).
        loading_rate_cutoff_hz: low-pass of the ground force for peaks and rates.
        filter_order: order of all filters, both passes together.
        technique: how another technique is worked out; None where a job was told of none.
        reduce_residuals: whether motion and masses give way to what the ground gave
            (``dynamics.reduce_residuals``).
    """

    engine: str
    recording: RecordingSettings
    strength: str
    kinematics: SolveSettings
    muscles: MuscleSettings
    muscle_variants: Mapping[str, MuscleSettings]
    loading_rate_cutoff_hz: float
    filter_order: int
    technique: TechniqueSettings | None = None
    reduce_residuals: bool = False

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Settings:
        """Build from a validated configuration, or from the sections a job is given of it."""
        filtering, steps = config["filter"], config["steps"]
        technique = config.get("counterfactual")
        muscles = MuscleSettings.from_config(dict(config["muscles"]))
        return cls(
            engine=str(config["engine"]),
            recording=RecordingSettings.from_config(
                config["recording"],
                steps,
                filtering,
                float(config["quality"]["max_missing_segment_share"]),
            ),
            strength=config["scaling"]["strength"],
            kinematics=SolveSettings(
                str(config["engine"]),
                float(config["kinematics"]["accuracy"]),
                float(steps["margin_s"]),
                float(filtering["cutoff_hz"]),
                int(filtering["order"]),
            ),
            muscles=muscles,
            muscle_variants={
                variant["name"]: replace(
                    muscles, **{key: value for key, value in variant.items() if key != "name"}
                )
                for variant in config["muscles"]["variants"]
            },
            loading_rate_cutoff_hz=float(filtering["loading_rate_cutoff_hz"]),
            filter_order=int(filtering["order"]),
            technique=None if technique is None else TechniqueSettings.from_config(technique),
            reduce_residuals=bool(config["dynamics"]["reduce_residuals"]),
        )

    @classmethod
    def read(cls, config_yaml: Path) -> Settings:
        """Read a complete configuration file, such as the delivered config/config.yaml."""
        return cls.from_config(read_yaml(config_yaml))

    def loads(self, facts: TrialFacts) -> LoadSettings:
        """Return what the metrics of a trial need to know."""
        return LoadSettings(facts, self.loading_rate_cutoff_hz, self.filter_order, self.metrics)

    @cached_property
    def metrics(self) -> Mapping[str, MetricDefinition]:
        """The list of metrics, read once."""
        return read_metrics_list(resources.metrics_list())

    def techniques(self) -> TechniqueSettings:
        """Return how another technique is worked out; RuntimeError where that was not given."""
        if self.technique is None:
            raise RuntimeError("section counterfactual of the configuration was not given")
        return self.technique

    def with_strides(self, strides: int) -> Settings:
        """Return the same with another number of strides changed."""
        return replace(self, technique=replace(self.techniques(), strides=strides))

    def with_contacts(self, per_foot: int) -> Settings:
        """Return the same with another number of contacts selected a foot."""
        return replace(self, recording=replace(self.recording, contacts_per_foot=per_foot))

    def with_engine(self, engine: str) -> Settings:
        """Return the same with another engine."""
        return replace(self, engine=engine, kinematics=replace(self.kinematics, engine=engine))
