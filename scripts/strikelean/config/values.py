"""Settings that contradict each other: found before anything runs, all of them at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any

import numpy as np

from strikelean.config.checks import axis_vector
from strikelean.config.problems import Problem
from strikelean.config.schema import Locate
from strikelean.virtual.settings import RUNWAY, SEAM, RunwaySettings

Config = Mapping[str, Any]
# place of the setting, what is expected, what is found, hint
Contradiction = tuple[str, str, str, str]

SETTLED_PERIODS = 0.75
"""Periods of the filter's cut-off that must be solved before and after a contact (project choice):
angles of a virtual runner cut to their contacts and filtered differ within them by 0.04 % of their
range, accelerations by 1 % of their peak; with half a period by 5 %."""


def _axes(config: Config) -> Contradiction | None:
    axes = config["recording"]["axes"]
    forward, up, right = (axis_vector(axes[key]) for key in ("forward", "up", "right"))
    if np.allclose(np.cross(forward, up), right):
        return None
    found = f"{axes['forward']}, {axes['up']}, {axes['right']}"
    hint = "Anything else repeats an axis or mirrors the runner."
    return "recording.axes", "a right-handed frame of forward, up and right", found, hint


def _contacts(config: Config) -> Contradiction | None:
    low, high = config["recording"]["min_contact_s"], config["recording"]["max_contact_s"]
    if low < high:
        return None
    return "recording.min_contact_s", f"less than max_contact_s ({high:g} s)", f"{low:g}", ""


def _steps(config: Config) -> Contradiction | None:
    needed, asked = config["quality"]["min_valid_steps"], config["steps"]["contacts_per_foot"]
    if needed <= asked:
        return None
    return "quality.min_valid_steps", f"at most steps.contacts_per_foot ({asked})", f"{needed}", ""


def _margin(config: Config) -> Contradiction | None:
    margin, cutoff = config["steps"]["margin_s"], config["filter"]["cutoff_hz"]
    least = SETTLED_PERIODS / cutoff
    if margin >= least - 1e-9:
        return None
    expected = (
        f"at least {least:.2g} s, {SETTLED_PERIODS:g} periods of filter.cutoff_hz ({cutoff:g})"
    )
    return "steps.margin_s", expected, f"{margin:g}", "Within less the filter does not settle."


def _cutoffs(config: Config) -> Contradiction | None:
    low, high = config["filter"]["cutoff_hz"], config["filter"]["loading_rate_cutoff_hz"]
    if high >= low:
        return None
    hint = "Loading rates are what is left of the force above the filter of everything else."
    expected = f"at least filter.cutoff_hz ({low:g})"
    return "filter.loading_rate_cutoff_hz", expected, f"{high:g}", hint


def _too_few_strides(config: Config, section: str) -> Contradiction | None:
    """A stride has one contact of each foot: it gives one step a side."""
    strides, needed = config[section]["strides"], config["quality"]["min_valid_steps"]
    if strides >= needed:
        return None
    hint = "A stride gives one step a side: with fewer every such trial would be excluded."
    expected = f"at least quality.min_valid_steps ({needed})"
    return f"{section}.strides", expected, f"{strides}", hint


def _band_strides(config: Config, section: str) -> Contradiction | None:
    strides, band = config[section]["strides"], config[section]["band_strides"]
    if band <= strides:
        return None
    return f"{section}.band_strides", f"at most {section}.strides ({strides})", f"{band}", ""


def _derived(config: Config) -> Contradiction | None:
    asked = config["counterfactual"]["techniques"]
    return _too_few_strides(config, "counterfactual") if asked else None


def _derived_band(config: Config) -> Contradiction | None:
    asked = config["counterfactual"]["techniques"]
    return _band_strides(config, "counterfactual") if asked else None


def _sweep_band(config: Config) -> Contradiction | None:
    asked = config["sweep"]["trunk_lean_change_deg"]
    return _band_strides(config, "sweep") if asked else None


def _virtual_strides(config: Config) -> Contradiction | None:
    return _too_few_strides(config, "virtual")


def _virtual_band(config: Config) -> Contradiction | None:
    return _band_strides(config, "virtual")


def _virtual_sweep_band(config: Config) -> Contradiction | None:
    asked = config["virtual"]["trunk_lean_change_deg"]
    return _band_strides(config, "sweep") if asked else None


def _tendon(config: Config) -> Contradiction | None:
    muscles = config["muscles"]
    if muscles["capacity"] != "opensim_tool" or muscles["tendon"] != "compliant":
        return None
    hint = "OpenSim's static optimisation knows rigid tendons alone."
    return "muscles.tendon", f"rigid with muscles.capacity {muscles['capacity']}", "compliant", hint


def _virtual_muscles(config: Config) -> Contradiction | None:
    exponent = config["virtual"]["mismatch"]["muscle_exponent"]
    if exponent <= 2.0 or config["muscles"]["activation_min"] > 0.0:
        return None
    hint = "A cost beyond the square has no solution with muscles at rest."
    expected = f"more than 0, with virtual.mismatch.muscle_exponent above 2 ({exponent:g})"
    return "muscles.activation_min", expected, "0", hint


def _runway(config: Config) -> Contradiction | None:
    section = config["virtual"]
    runway = RunwaySettings.from_config(section["runway"])
    if section["ground"] != RUNWAY:
        return None
    if runway.aim == SEAM and runway.plates < 2:
        return "virtual.runway.plates", "at least 2, with virtual.runway.aim seam", "1", ""
    if runway.plates > 1 and runway.aim != SEAM and runway.apart_m < runway.plate_m[0]:
        expected = f"at least the length of a plate ({runway.plate_m[0]:g})"
        return "virtual.runway.apart_m", expected, f"{runway.apart_m:g}", ""
    most = len(runway.first_contacts(2 * section["strides"]))
    if runway.passes > most:
        hint = "Each pass is about other contacts of a trial: raise virtual.strides for more."
        expected = f"at most {most}, with virtual.strides {section['strides']}"
        return "virtual.runway.passes", expected, f"{runway.passes}", hint
    needed = config["quality"]["min_valid_steps"]
    # feet land on one plate in turn, and on two in every pass
    least = needed if runway.contacts > 1 else 2 * needed
    if runway.passes < least:
        hint = "With fewer every condition would be excluded."
        expected = f"at least {least}, for quality.min_valid_steps ({needed}) of each foot"
        return "virtual.runway.passes", expected, f"{runway.passes}", hint
    return None


Check = Callable[[Config], Contradiction | None]
ALWAYS: tuple[Check, ...] = (
    _axes,
    _contacts,
    _steps,
    _margin,
    _cutoffs,
    _tendon,
    _derived,
    _derived_band,
)
OF_PEOPLE: tuple[Check, ...] = (_sweep_band,)
OF_VIRTUAL: tuple[Check, ...] = (
    _virtual_strides,
    _virtual_band,
    _virtual_sweep_band,
    _virtual_muscles,
    _runway,
)


def setting_problems(config: Config, locate: Locate, *, virtual: bool) -> Iterator[Problem]:
    """Yield settings that contradict each other.

    Args:
        config: the configuration, wrong or missing values told already.
        locate: names the place that sets a value.
        virtual: whether the runners are virtual.
    """
    for check in (*ALWAYS, *(OF_VIRTUAL if virtual else OF_PEOPLE)):
        # what is missing or of the wrong kind has been told by the schema
        with suppress(KeyError, TypeError, ValueError, IndexError, ZeroDivisionError):
            problem = check(config)
            if problem is not None:
                file, place = locate(tuple(problem[0].split(".")))
                yield Problem(file, place, *problem[1:])
