"""The angles of a sweep over trunk lean as derived trials, for contrasts that name a dose of lean.

Each angle of a recording becomes ``<trial>~lean+05``: the recording's own values and how they
change from the sweep's unchanged angle, both from the same strides, so that a change has nothing
in it of which strides were taken.
"""

from __future__ import annotations

import pandas as pd

from strikelean.loads.choices import TRIAL_KEY, choice_columns
from strikelean.loads.metrics_table import METRIC_COLUMNS
from strikelean.techniques import Technique, derived_name

LEAN = "trunk_lean_change_deg"
SOLVED = "solved"
STEP = ["subject", "trial", "side", "metric"]
ENDS = ["value", "value_low", "value_high"]


def sweep_trials(sweep: pd.DataFrame, metrics: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return a sweep's solved angles as rows of metrics.csv and of choices.csv.

    Args:
        sweep: columns of sweep.csv. Refused angles and stretches of the model are left out, and
            so are recordings without an unchanged angle.
        metrics: of the same recordings, in the columns of metrics.csv; derived trials that stand
            there already are not repeated.

    Returns:
        One step a side; and how far it moves under each choice.
    """
    solved = sweep[sweep["status"] == SOLVED]
    unchanged = solved.loc[solved[LEAN] == 0, [*STEP, "value"]]
    known = metrics[metrics["basis"] != "assumed"]
    recorded = known.groupby([*STEP, "condition"], sort=False)["value"].mean().reset_index()
    base = unchanged.merge(recorded, on=STEP, suffixes=("_unchanged", "_recorded"))
    table = solved[solved[LEAN] != 0].merge(base, on=STEP)
    for end in ENDS:
        table[end] += table["value_recorded"] - table["value_unchanged"]
    techniques = {angle: Technique(lean_deg=int(angle)) for angle in table[LEAN].unique()}
    table["trial"] = [
        derived_name(trial, techniques[angle])
        for trial, angle in zip(table["trial"], table[LEAN], strict=True)
    ]
    there = pd.MultiIndex.from_frame(metrics[["subject", "trial"]])
    table = table[~pd.MultiIndex.from_frame(table[["subject", "trial"]]).isin(there)]
    table = table.assign(condition=Technique(lean_deg=1).condition, step=0, basis="predicted")
    return table[list(METRIC_COLUMNS)], table[[*TRIAL_KEY, *choice_columns(table)]]
