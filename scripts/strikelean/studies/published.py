"""Published effects beside the same contrasts computed here: studies.csv."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from strikelean.attempts import Failure, attempt
from strikelean.declarations import FOLLOWS, IMPOSED, KEPT
from strikelean.formats.files import write_table
from strikelean.studies.cohort import Cohort
from strikelean.studies.contrasts import BETWEEN, LINE, SPREAD_IS_SET, Sample, Unanswered, answers
from strikelean.studies.definitions import CORRELATION, PERCENT, SMD, Effect, Study
from strikelean.studies.estimates import Estimate, estimate, published_interval
from strikelean.studies.exact import Interval
from strikelean.studies.statistics import holm

STUDY_COLUMNS = (
    "study",
    "contrast",
    "metric",
    "published",
    "published_ci",
    "computed",
    "ci_low",
    "ci_high",
    "band_low",
    "band_high",
    "muscles_low",
    "muscles_high",
    "n",
    "same_sign",
    "covered",
    "ratio",
    "verdict",
    "evidence_level",
)
ALPHA = 0.05
MISSING = float("nan")
NO_INTERVAL: Interval = (MISSING, MISSING)


@dataclass(frozen=True)
class Beside:
    """One published effect and what the cohort has to say to it.

    Attributes:
        study, effect: what was published.
        metric: what is set beside it.
        found: computed, or why not.
    """

    study: Study
    effect: Effect
    metric: str
    found: Estimate | Unanswered


def published_ci(effect: Effect) -> Interval:
    """Return the published 95 % interval, derived where groups were printed; NaN without one."""
    if effect.groups is not None:
        return published_interval(*effect.groups)
    return NO_INTERVAL if effect.ci is None else effect.ci


def not_testable(found: Unanswered) -> str:
    """Return the verdict on what cannot be answered."""
    if found.kind in (IMPOSED, KEPT, FOLLOWS):
        return f"not testable here ({found.kind})"
    return f"not testable here ({found.reason})"


def crosses_zero(low: float, high: float) -> bool:
    """Whether an interval does not exclude zero; one that is not known does not."""
    return not (np.isfinite(low) and np.isfinite(high)) or low <= 0.0 <= high


def same_sign(effect: Effect, found: Estimate) -> str:
    """Return whether the computed sign is the published one, ``yes`` or ``no``.

    Where no difference was published there is no sign to share: ``none published``.
    """
    if effect.direction == "no difference":
        return "none published"
    return "yes" if (found.value > 0.0) == (effect.direction == "increase") else "no"


def sizes_agree(effect: Effect, found: Estimate) -> bool | None:
    """Whether both intervals overlap, or the computed one holds the published size.

    None where no size was published, or nothing computed has an interval. Of a prediction the
    model's band must hold the published size itself: an interval of few runners meets any band.
    """
    banded = found.predicted and bool(np.isfinite(found.band).all())
    low, high = found.band if banded else found.interval
    if not np.isfinite(effect.effect) or not (np.isfinite(low) and np.isfinite(high)):
        return None
    theirs = published_ci(effect)
    if banded or not np.isfinite(theirs).all():
        theirs = (effect.effect, effect.effect)
    return low <= theirs[1] and theirs[0] <= high


def predicted_verdict(effect: Effect, found: Estimate) -> str:
    """Return how a prediction stands to a published effect, in words; nothing is tested.

    A size agrees where the model's band covers it, whatever the sign.
    """
    low, high = found.band
    if not np.isfinite(found.band).all():
        certain = found.agreeing == 1.0
        aside = f"no band; {found.agreeing:.0%} of runners change that way"
    else:
        certain = not crosses_zero(low, high)
        aside = f"band {low:.3g} to {high:.3g}"
    size = sizes_agree(effect, found)
    if effect.effect and np.isfinite(effect.effect):
        aside += f"; {found.value / effect.effect:.2g} times the published size"
    if effect.direction == "no difference":
        return f"the model predicts {'a' if certain else 'no clear'} difference ({aside})"
    sign = "no clear sign"
    if certain:
        same = same_sign(effect, found) == "yes"
        sign = "the published direction" if same else "the opposite direction"
    if size is None:
        return f"the model predicts {sign} ({aside})"
    if size:
        return f"the model's band covers the published size ({sign}, {aside})"
    return f"the model's band leaves the published size out: {sign} ({aside})"


def study_verdict(effect: Effect, found: Estimate, p_holm: float, design: str) -> str:
    """Return whether a computed effect agrees with a published one, in words.

    Args:
        effect: published.
        found: computed.
        p_holm: its two-sided p, corrected in the study's family.
        design: of the study; one that changed runners is not answered by other runners.
    """
    sure = np.isfinite(p_holm) and p_holm < ALPHA
    if effect.direction == "no difference":
        verdict = "disagrees: a difference" if sure else "not contradicted"
    elif not sure:
        verdict = f"inconclusive ({'same' if same_sign(effect, found) == 'yes' else 'other'} sign)"
    elif same_sign(effect, found) == "no":
        verdict = "disagrees"
    else:
        size = sizes_agree(effect, found)
        verdict = "agrees" if size is None or size else "agrees in sign, not in size"
    notes = []
    if found.design in (BETWEEN, LINE) and design == "within_runners":
        notes.append("other runners, not the same ones changed")
    if found.held:
        notes.append(f"{', '.join(found.held)} held")
    return f"{verdict} ({'; '.join(notes)})" if notes else verdict


def _computed(
    sample: Sample | Unanswered, effect: Effect, *, virtual: bool
) -> Estimate | Unanswered:
    """Return what a sample says in the published unit."""
    if isinstance(sample, Unanswered):
        return sample
    if virtual and effect.unit == SMD:
        return Unanswered(SPREAD_IS_SET)
    found = attempt(lambda: estimate(sample, effect.unit))
    if isinstance(found, Failure):
        return Unanswered(found.reason)
    if found is None:
        why = "its design gives no correlation" if effect.unit == CORRELATION else ""
        return Unanswered(why or f"nothing here is in {effect.unit or 'its unit'}")
    # a percent change is of the size already, whatever the sign
    return found.turned() if effect.of_size and effect.unit != PERCENT else found


def _answers(cohort: Cohort, effect: Effect, metric: str) -> list[Sample | Unanswered]:
    found = attempt(lambda: answers(cohort, effect.contrast, metric))
    return [Unanswered(found.reason)] if isinstance(found, Failure) else found


def set_beside(cohort: Cohort, studies: Sequence[Study]) -> list[Beside]:
    """Answer every published effect with every metric that is set beside it.

    Where other runners answer for want of the same ones, a second row holds what is predicted of
    the same ones.
    """
    return [
        Beside(study, effect, metric, _computed(sample, effect, virtual=cohort.virtual))
        for study in studies
        for effect in study.effects
        for metric in effect.metrics
        for sample in _answers(cohort, effect, metric)
    ]


def _families(rows: Sequence[Beside]) -> list[float]:
    """Return p of every row corrected by Holm's method within its study's family.

    One quantity by several methods counts as often as it is listed: the correction is
    then rather too strict than too lax.
    """
    corrected = np.full(len(rows), np.nan)
    names = [row.study.family for row in rows]
    for family in dict.fromkeys(names):
        places = [i for i, name in enumerate(names) if name == family]
        raw = [
            row.found.p if isinstance(row.found, Estimate) else MISSING
            for row in (rows[i] for i in places)
        ]
        corrected[places] = holm(raw)
    return [float(p) for p in corrected]


def published_words(effect: Effect) -> str:
    """Return what was published in words and numbers: ``decrease: -27 %``."""
    if not np.isfinite(effect.effect):
        return effect.direction
    return f"{effect.direction}: {effect.effect:.4g} {effect.unit}".strip()


def _interval_words(interval: Interval) -> str:
    return f"{interval[0]:.4g} to {interval[1]:.4g}" if np.isfinite(interval).all() else ""


def runners_words(found: Estimate) -> str:
    """Return how many runners: ``7 / 7`` for groups, else one number."""
    return f"{found.n_a} / {found.n_b}" if found.design == BETWEEN else f"{found.n_a}"


def study_row(row: Beside, p_holm: float, *, virtual: bool) -> dict[str, Any]:
    """Return one row of studies.csv."""
    effect, found = row.effect, row.found
    result: dict[str, Any] = {
        "study": row.study.name,
        "contrast": f"{effect.contrast.label}: {effect.variable}",
        "metric": row.metric,
        "published": published_words(effect),
        "published_ci": _interval_words(published_ci(effect)),
        "computed": MISSING,
        "ci_low": MISSING,
        "ci_high": MISSING,
        "band_low": MISSING,
        "band_high": MISSING,
        "muscles_low": MISSING,
        "muscles_high": MISSING,
        "n": "",
        "same_sign": "",
        "covered": "",
        "ratio": MISSING,
        "evidence_level": effect.evidence_level,
    }
    if isinstance(found, Unanswered):
        return result | {"verdict": not_testable(found)}
    size = sizes_agree(effect, found)
    ratio = found.value / effect.effect if effect.effect else MISSING
    if virtual or found.predicted:
        verdict = predicted_verdict(effect, found)
    else:
        verdict = study_verdict(effect, found, p_holm, row.study.design)
    return result | {
        "computed": found.value,
        "ci_low": MISSING if virtual else found.low,
        "ci_high": MISSING if virtual else found.high,
        "band_low": found.band[0],
        "band_high": found.band[1],
        "muscles_low": found.muscles[0],
        "muscles_high": found.muscles[1],
        "n": runners_words(found),
        "same_sign": same_sign(effect, found),
        "covered": "" if size is None else "yes" if size else "no",
        "ratio": ratio,
        "verdict": verdict,
    }


def studies_table(cohort: Cohort, studies: Sequence[Study]) -> pd.DataFrame:
    """Set every published effect beside the computed one.

    Returns:
        The columns of studies.csv, one row an effect and metric. ``computed``, its
        interval and its band are in the published unit, or in the metric's own where only a
        direction was published, and of the size where the authors speak of the size of what is
        negative here. ``covered`` is whether the model's band holds the published size; of
        recordings, whether both intervals overlap. Virtual runners have no interval.
    """
    rows = set_beside(cohort, studies)
    corrected = _families(rows)
    table = [
        study_row(row, p, virtual=cohort.virtual) for row, p in zip(rows, corrected, strict=True)
    ]
    return pd.DataFrame(table, columns=list(STUDY_COLUMNS))


def compare_studies(cohort: Cohort, studies: Sequence[Study], output: Path) -> None:
    """Write studies.csv of a cohort."""
    write_table(studies_table(cohort, studies), output)
