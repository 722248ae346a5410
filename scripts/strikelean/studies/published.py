"""Published effects, and their signs beside the computed ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from strikelean.errors import ConfigError

DIRECTIONS = ("increase", "decrease", "no difference")
EVIDENCE_LEVELS = ("full_text", "abstract", "derived", "secondary", "title_only")
"""Levels that may be used; ``unverified`` figures never are."""

SIGN_COLUMNS = (
    "study",
    "citation",
    "doi",
    "condition_a",
    "condition_b",
    "variable",
    "metric",
    "published_direction",
    "published_effect",
    "published_unit",
    "published_ci",
    "published_n",
    "published_design",
    "evidence_level",
    "unit",
    "design",
    "n_a",
    "n_b",
    "difference",
    "ci_low",
    "ci_high",
    "effect_size",
    "effect_low",
    "effect_high",
    "p_raw",
    "p_holm",
    "same_sign",
    "slope",
    "slope_ci_low",
    "slope_ci_high",
    "slope_n",
    "slope_same_sign",
    "bracketed_share",
    "note",
)


@dataclass(frozen=True)
class PublishedEffect:
    """One published effect of a technique, b against a.

    Attributes:
        study: key of the study.
        citation: as printed.
        doi: DOI, or another stable identifier where the evidence gives none.
        condition_a, condition_b: conditions of this project it speaks about.
        variable: what the authors measured, in their words.
        metrics: this project's metrics that it is set beside.
        direction: ``increase``, ``decrease`` or ``no difference`` of b against a.
        effect: its size, NaN when only the direction is known.
        effect_unit: ``SMD``, ``%``, ...
        effect_ci: its interval as printed.
        n: runners, as printed.
        design: ``within_runners``, ``between_runners`` or ``meta_analysis``.
        evidence_level: how the figure was read.
        of_size: the authors speak of the size of a quantity that is negative here
            (work absorbed), so a decrease is a rise toward zero.
        note: conflicts and differences in definition.
    """

    study: str
    citation: str
    doi: str
    condition_a: str
    condition_b: str
    variable: str
    metrics: tuple[str, ...]
    direction: str
    effect: float
    effect_unit: str
    effect_ci: str
    n: str
    design: str
    evidence_level: str
    of_size: bool
    note: str


_OPTIONAL: Mapping[str, Any] = {
    "effect": float("nan"),
    "effect_unit": "",
    "effect_ci": "",
    "of_size": False,
    "note": "",
}


def _problem(path: Path, study: object, expected: str, found: object) -> ConfigError:
    return ConfigError("read_published", f"{expected} for {study}", f"{found}", f"Mend {path.name}")


def _effect(path: Path, entry: Any, common: Mapping[str, Any]) -> PublishedEffect:
    if not isinstance(entry, dict):
        raise _problem(path, "every effect", "keys and values", type(entry).__name__)
    study = entry.get("study", "an effect")
    values = {**_OPTIONAL, **common, **entry}
    names = {field.name for field in fields(PublishedEffect)}
    strange, missing = sorted(set(values) - names), sorted(names - set(values))
    if strange or missing:
        raise _problem(path, study, f"keys {sorted(names)}", f"strange {strange}, no {missing}")
    if values["direction"] not in DIRECTIONS:
        raise _problem(path, study, f"a direction of {DIRECTIONS}", values["direction"])
    if values["evidence_level"] not in EVIDENCE_LEVELS:
        level = values["evidence_level"]
        raise _problem(path, study, f"an evidence_level of {EVIDENCE_LEVELS}", level)
    values["metrics"] = tuple(values["metrics"])
    values["effect"] = float(values["effect"])
    values["n"] = str(values["n"])
    return PublishedEffect(**values)


def read_published(path: Path) -> tuple[PublishedEffect, ...]:
    """Read one file of published effects (config/studies/*.yaml).

    Raises:
        ConfigError: a key is missing or strange, a direction or evidence level is not
            one of those allowed; ``unverified`` is refused.
    """
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(document, dict) or not isinstance(document.get("effects"), list):
        raise _problem(path, "the file", "a list under 'effects'", type(document).__name__)
    common = {key: value for key, value in document.items() if key not in ("effects", "title")}
    return tuple(_effect(path, entry, common) for entry in document["effects"])


def check_metrics(effects: Sequence[PublishedEffect], known: Sequence[str], path: Path) -> None:
    """Check that every metric named is in the list of metrics; ConfigError otherwise."""
    for effect in effects:
        strange = sorted(set(effect.metrics) - set(known))
        if strange:
            raise _problem(path, effect.study, "metrics of config/schemas/metrics.yaml", strange)


def same_sign(direction: str, computed: float, low: float, high: float, of_size: bool) -> str:
    """Return whether a computed difference has the published sign.

    Args:
        direction: published direction.
        computed, low, high: difference and its interval, of the computed metric.
        of_size: whether the published direction is of the size of a negative quantity.

    Returns:
        ``yes`` or ``no``; `` (interval includes 0)`` is added where the computed sign is
        not certain. For ``no difference`` it is ``not contradicted`` while the interval
        includes 0: with few runners that proves nothing. ``unknown`` when nothing was
        computed.
    """
    if not np.isfinite(computed):
        return "unknown"
    uncertain = not (np.isfinite(low) and np.isfinite(high)) or low <= 0.0 <= high
    if direction == "no difference":
        return "not contradicted (interval includes 0)" if uncertain else "no"
    wanted = (1.0 if direction == "increase" else -1.0) * (-1.0 if of_size else 1.0)
    answer = "yes" if computed * wanted > 0.0 else "no"
    return f"{answer} (interval includes 0)" if uncertain else answer


def _numbers(row: pd.Series[Any] | None, names: Sequence[str]) -> dict[str, Any]:
    return {name: np.nan if row is None else row[name] for name in names}


def _first(table: pd.DataFrame, **wanted: str) -> pd.Series[Any] | None:
    chosen = table
    for name, value in wanted.items():
        chosen = chosen[chosen[name] == value]
    return chosen.iloc[0] if len(chosen) else None


def published_signs(
    effects: Sequence[PublishedEffect],
    compared: pd.DataFrame,
    regressed: pd.DataFrame,
    bracketed: Mapping[str, float],
) -> pd.DataFrame:
    """Set every published effect beside the computed one.

    Args:
        effects: published effects.
        compared: output of :func:`strikelean.studies.compare.comparisons`.
        regressed: output of :func:`strikelean.studies.compare.regressions`; the slope is
            per degree of toe-up, so its sign is turned before it is set beside a
            forefoot effect.
        bracketed: by metric, share of values that carry a bracket (a knee beyond the
            data of a contact-area curve).

    Returns:
        One row per effect and metric, numbers of runners included; an effect whose
        contrast the cohort does not have keeps its row with blanks.
    """
    rows = []
    for effect in effects:
        for metric in effect.metrics:
            own = _first(
                compared,
                metric=metric,
                condition_a=effect.condition_a,
                condition_b=effect.condition_b,
            )
            line = _first(regressed, metric=metric)
            values = _numbers(own, ("difference", "ci_low", "ci_high"))
            slopes = _numbers(line, ("slope", "ci_low", "ci_high", "n"))
            row: dict[str, Any] = {
                "study": effect.study,
                "citation": effect.citation,
                "doi": effect.doi,
                "condition_a": effect.condition_a,
                "condition_b": effect.condition_b,
                "variable": effect.variable,
                "metric": metric,
                "published_direction": effect.direction,
                "published_effect": effect.effect,
                "published_unit": effect.effect_unit,
                "published_ci": effect.effect_ci,
                "published_n": effect.n,
                "published_design": effect.design,
                "evidence_level": effect.evidence_level,
                "unit": "" if own is None else own["unit"],
                "design": "" if own is None else own["design"],
                "slope": slopes["slope"],
                "slope_ci_low": slopes["ci_low"],
                "slope_ci_high": slopes["ci_high"],
                "slope_n": slopes["n"],
                "bracketed_share": bracketed.get(metric, np.nan),
                "note": effect.note,
            }
            row |= values | _numbers(
                own, ("n_a", "n_b", "effect_size", "effect_low", "effect_high", "p_raw", "p_holm")
            )
            row["same_sign"] = same_sign(
                effect.direction,
                values["difference"],
                values["ci_low"],
                values["ci_high"],
                of_size=effect.of_size,
            )
            row["slope_same_sign"] = same_sign(
                effect.direction,
                -slopes["slope"],
                -slopes["ci_high"],
                -slopes["ci_low"],
                of_size=effect.of_size,
            )
            rows.append(row)
    return pd.DataFrame(rows, columns=list(SIGN_COLUMNS))
