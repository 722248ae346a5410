"""A mixed model on single steps, beside the paired test on the runners' means.

Value = condition + side + (1 + condition | runner). The condition's effect may differ from runner
to runner: without that random slope every step would count as a runner of its own. With as many
steps in every cell it is the paired t-test; where some runners have few good steps it weighs
them less. statsmodels gives Wald's normal p, too small with few runners: the fixed effect is
set against Student's t with runners less one degrees of freedom instead.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd

from strikelean.studies.statistics import t_p, t_quantile

FEWEST_RUNNERS = 3
"""Runners under which spread between and within them cannot be told apart (project definition)."""


@dataclass(frozen=True)
class MixedEffect:
    """A condition's effect, b minus a, over the steps of ``n`` runners."""

    n: int
    difference: float
    ci_low: float
    ci_high: float
    p: float


def mixed_effect(steps: pd.DataFrame, a: str, b: str) -> MixedEffect | None:
    """Fit the mixed model to the steps of one metric.

    Args:
        steps: ``subject``, ``side``, ``condition`` and ``value``, one row a step.
        a, b: conditions compared.

    Returns:
        None with fewer than three runners that have both conditions, a value that does not
        vary, or a fit that does not converge.
    """
    own = steps[steps["condition"].isin([a, b])].dropna(subset=["value"])
    shared = own.groupby("subject")["condition"].nunique() == 2
    own = own[own["subject"].isin(shared.index[shared])]
    runners = own["subject"].nunique()
    scale = float(own["value"].std())
    if runners < FEWEST_RUNNERS or not scale > 0.0:
        return None
    table = pd.DataFrame(
        {
            # brought to order one: the optimiser's tolerances are absolute
            "y": (own["value"] - own["value"].mean()) / scale,
            "b": (own["condition"] == b).astype(float),
            "side": (own["side"] == "left").astype(float),
            "subject": own["subject"],
        }
    )
    # loaded here: it takes longer than all tables of virtual runners, of whom nothing is fitted
    import statsmodels.formula.api as smf
    from statsmodels.tools.sm_exceptions import ConvergenceWarning

    formula = "y ~ b + side" if len(set(table["side"])) > 1 else "y ~ b"
    with warnings.catch_warnings():
        # a random effect of no size is no failure; what did not converge is told below
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.simplefilter("ignore", UserWarning)
        warnings.simplefilter("ignore", RuntimeWarning)
        try:
            fit = smf.mixedlm(formula, table, groups="subject", re_formula="~b").fit()
        except np.linalg.LinAlgError:
            return None
    error = float(fit.bse["b"])
    if not fit.converged or not np.isfinite(error) or error <= 0.0:
        return None
    effect = float(fit.params["b"])
    half, p = t_quantile(runners - 1) * error, t_p(effect / error, runners - 1)
    low, high = (scale * (effect + sign * half) for sign in (-1.0, 1.0))
    return MixedEffect(runners, scale * effect, low, high, p)
