"""Which values of the configuration each rule is given, so that a changed one reruns what uses it.

Each function takes the whole, checked configuration and returns plain values: Snakemake compares
them with those of the last run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from strikelean.config.project import Project
from strikelean.virtual.settings import VirtualSettings

Values = dict[str, Any]

_TRIAL = (
    "engine",
    "recording",
    "steps",
    "filter",
    "scaling",
    "kinematics",
    "dynamics",
    "muscles",
)
# how another technique is carried out
_CARRIED_OUT = (
    "hip_share",
    "lean_step_rate_percent_per_deg",
    "cadence_posture",
    "strike_contact_time",
    "strike_vertical_force",
    "strike_step_rate",
)
# what comes after virtual runners are made, and so makes none of them anew
_AFTER_RUNNERS = (
    "derived",
    "trunk_lean_change_deg",
    "ranges",
    "band_strides",
    "contrast_laboratories",
)
# files and folders: they change no number
_PLACES = ("tables", "data_root")


def runner_sizes(project: Project) -> dict[str, dict[str, float]]:
    """Return mass and stature of every runner, as what may explain differences between them.

    In the order of their names: a reordered table changes nothing.
    """
    return {
        name: {"mass_kg": subject.mass_kg, "height_m": subject.height_m}
        for name, subject in sorted(project.subjects.items())
    }


@dataclass(frozen=True)
class RuleSettings:
    """The values of rules' ``params``.

    Attributes:
        config: the whole configuration, checked.
    """

    config: Mapping[str, Any]

    def part(self, section: str, *keys: str) -> Values:
        """Return some values of one section; KeyError where there is no such value."""
        return {key: self.config[section][key] for key in keys}

    def trial(self) -> Values:
        """Return the sections that decide a trial, from its recording to its loads."""
        return {name: self.config[name] for name in _TRIAL} | {
            # the others exclude trials that are solved already
            "quality": self.part("quality", "max_missing_segment_share")
        }

    def check(self) -> Values:
        """Return what the page of a check says of the settings."""
        return {"cohort": self.config["cohort"], "recording": self.config["recording"]}

    def technique(self, section: str) -> Values:
        """Return what decides how a technique is worked out.

        Args:
            section: ``counterfactual`` for a trial, ``sweep`` for a sweep.
        """
        strides = self.part(section, "strides", "band_strides")
        return self.trial() | {"counterfactual": self._choices() | strides}

    def bands(self) -> Values:
        """Return what decides how the bands of a virtual runner's conditions are worked out."""
        strides = self.config["virtual"]["band_strides"]
        few = {"strides": strides, "band_strides": strides}
        return self.trial() | {"counterfactual": self._choices() | few}

    def _choices(self) -> Values:
        """Return what is chosen about how every technique is carried out."""
        return self.part("counterfactual", *_CARRIED_OUT)

    def virtual(self) -> Values:
        """Return what decides who virtual runners are and what they do; not what comes after."""
        section = self.config["virtual"]
        return {key: value for key, value in section.items() if key not in _AFTER_RUNNERS}

    def virtual_techniques(self) -> dict[str, str]:
        """Return the technique of every trial of a virtual runner but the habitual one's."""
        trials = VirtualSettings.from_config(self.config["virtual"]).trials()
        return {trial: technique for trial, technique in trials.items() if technique}

    def methods(self) -> Values:
        """Return every value that can change a number, for the page; no file or folder."""
        asked = {key: value for key, value in self.config.items() if key not in _PLACES}
        own = {key: value for key, value in asked["validation"].items() if key != "table"}
        return asked | {"validation": own}

    def source(self) -> str:
        """Return where the recordings come from, for tables built from them."""
        return str(self.config["source"] or self.config["cohort"])
