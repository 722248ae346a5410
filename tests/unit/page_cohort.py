"""A cohort's files as the tests of the page's numbers read them, without any code of the page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from page_reading import Said, said
from strikelean.techniques import TECHNIQUE_CONDITIONS

Row = dict[str, Any]
# columns that are text though they may look like numbers
TEXTS = {
    "studies": ("n", "published", "published_ci"),
    "dose_response": ("published", "source"),
    "published_summary": ("covered", "reason"),
}
Rows = list[Row]
Expected = dict[str, Said]


def words(name: object) -> str:
    """Return a name of the files as words, without what a metric is divided by."""
    return re.sub(r"_(?:bw|per_kg|per_height)\b", "", str(name)).replace("_", " ")


def short(text: object) -> str:
    """Return a text as words, its metrics without what they are divided by: the unit says that."""
    return words(re.sub(r"_(bw|per_kg|per_height)\b", "", str(text)))


def cell(value: object) -> str:
    """Return a cell of a file that may be blank."""
    return "" if value is None or value != value else str(value)


def between(low: object, high: object) -> Said:
    """Return an interval."""
    return said("{} to {}", low, high)


class Sources:
    """The files of a cohort.

    Attributes:
        results: folder of results.
        settings: the configuration of the run.
        claims, effects: as config/studies/claims.yaml has them and the smallest that matter.
    """

    def __init__(self, results: Path, settings: Mapping[str, Any], claims: Path) -> None:
        """Name the folder of results, and what it was made with."""
        self.results = results
        self.settings = settings
        declared = yaml.safe_load(claims.read_text(encoding="utf-8"))
        self.claims: list[dict[str, Any]] = declared["claims"]
        self.effects: list[dict[str, Any]] = declared["smallest_effects"]
        self._read: dict[str, Rows] = {}
        self._metrics: pd.DataFrame | None = None

    def rows(self, name: str) -> Rows:
        """Return the rows of a CSV file, none where there is no such file."""
        if name not in self._read:
            self._read[name] = self.table(name).to_dict("records")
        return self._read[name]

    def table(self, name: str) -> pd.DataFrame:
        """Return a CSV file, empty where there is none."""
        path = self.results / f"{name}.csv"
        text = dict.fromkeys(TEXTS.get(name, ()), str) | {"subject": str, "trial": str}
        if not path.is_file():
            return pd.DataFrame()
        return pd.read_csv(path, dtype=text, keep_default_na=False, na_values=[""])

    def habitual(self) -> pd.DataFrame:
        """Return one row a runner: means over recordings that no technique was asked of."""
        return _averaged(self.own_accord(), ["subject"])

    def by_condition(self) -> pd.DataFrame:
        """Return one row a runner and condition; of a name with recordings those alone count."""
        table = self.known()
        derived = table["trial"].str.contains("~")
        recorded = set(table.loc[~derived, "condition"])
        marked = derived & table["condition"].isin(recorded)
        named = table["condition"].where(~marked, table["condition"] + " (predicted)")
        return _averaged(table.assign(condition=named), ["subject", "condition"])

    def known(self) -> pd.DataFrame:
        """Return metrics.csv without what is assumed."""
        if self._metrics is None:
            table = self.table("metrics")
            table["condition"] = table["condition"].astype("object").fillna("")
            self._metrics = table[table["basis"] != "assumed"]
        return self._metrics

    def unasked(self) -> pd.DataFrame:
        """Return the rows of recordings that no technique was asked of."""
        table = self.known()
        own = table[~table["trial"].str.contains("~")]
        asked = own["condition"].isin(TECHNIQUE_CONDITIONS)
        some = (~asked).groupby(own["subject"]).transform("any")
        return own[~asked | ~some]

    def own_accord(self) -> pd.DataFrame:
        """Return those of each runner's condition that most runners have, of equals the first."""
        own = self.unasked()
        runners = own.groupby("condition")["subject"].nunique().to_dict()
        order = ["heel_strike", "forefoot_upright", "forefoot_lean"]
        chosen = {
            subject: min(
                set(part["condition"]),
                key=lambda name: (
                    -runners[name], order.index(name) if name in order else len(order), name
                ),
            )
            for subject, part in own.groupby("subject")
        }  # fmt: skip
        return own[own["condition"] == own["subject"].map(chosen)]

    def own_setting(self, subject: str) -> pd.DataFrame:
        """Return those of one runner at the one speed of theirs that is nearest to the usual."""
        own = self.own_accord()
        run = own[own["metric"] == "running_speed"]
        speeds = run.groupby(["subject", "trial"])["value"].mean()
        groups: dict[str, list[list[str]]] = {}
        last: dict[str, float] = {}
        for (name, trial), speed in speeds.sort_values().items():
            if name not in last or speed > 1.1 * last[name]:
                groups.setdefault(name, []).append([])
            groups[name][-1].append(trial)
            last[name] = speed
        means = {
            (name, place): sum(speeds[name, trial] for trial in trials) / len(trials)
            for name, parts in groups.items()
            for place, trials in enumerate(parts)
        }
        own = own[own["subject"] == subject]
        if subject not in groups:
            return own
        usual = pd.Series(means).median()
        mine = [key for key in means if key[0] == subject]
        _, place = min(mine, key=lambda key: abs(means[key] / usual - 1.0))
        return own[own["trial"].isin(groups[subject][place])]

    def steps(self, subject: str, trial: str, side: str, metric: str) -> pd.Series[float]:
        """Return a metric's known values over the steps of a foot."""
        table = self.known()
        own = table[(table["subject"] == subject) & (table["trial"] == trial)]
        values = own.loc[(own["side"] == side) & (own["metric"] == metric), "value"]
        return values.dropna()

    def beyond_area(self, metric: str) -> float:
        """Return the share of a metric's recorded steps that carry an area curve's bracket.

        Other metrics have none: what a technique made carries its own band there.
        """
        table = self.known()
        asked = table["condition"].isin(TECHNIQUE_CONDITIONS) & (table["basis"] == "virtual")
        own = table[(table["metric"] == metric) & table["value"].notna()]
        own = own[(own["basis"] != "predicted") & ~asked.reindex(own.index)]
        return float(own["value_high"].notna().mean()) if len(own) else 0.0

    def runner(self, place: str) -> str:
        """Return the runner whose own view has this id: they are numbered by name."""
        names = sorted({row["subject"] for row in self.rows("quality")})
        return str(names[int(place.removeprefix("own-")) - 1])

    def smallest(self, metric: str) -> float:
        """Return the smallest effect of a metric that matters, as claims.yaml declares it."""
        return next(
            float(one.get("percent", one.get("size")))
            for one in self.effects
            if any(fnmatchcase(metric, pattern) for pattern in one["metrics"])
        )


def _averaged(table: pd.DataFrame, of: list[str]) -> pd.DataFrame:
    """Return means over steps, feet, trials, then conditions; a column a metric."""
    unit = [*of, "metric"]
    for levels in (["condition", "trial", "side"], ["condition", "trial"], ["condition"], []):
        keys = list(dict.fromkeys([*unit, *levels]))
        table = table.groupby(keys)["value"].mean().reset_index()
    return table.pivot_table(index=of, columns="metric", values="value")


def by_foot(table: pd.DataFrame) -> dict[str, tuple[dict[str, float], dict[str, float]]]:
    """Return by metric the means and step-to-step variances of one runner's feet."""
    grouped = table.groupby(["metric", "side", "trial"])["value"].agg(["mean", "var"])
    feet = grouped.groupby(level=["metric", "side"]).mean()
    found: dict[str, tuple[dict[str, float], dict[str, float]]] = {}
    for (metric, side), row in feet.iterrows():
        means, variances = found.setdefault(str(metric), ({}, {}))
        means[str(side)], variances[str(side)] = float(row["mean"]), float(row["var"])
    return found


def match(rows: Rows, **wanted: object) -> Rows:
    """Return the rows that have these values."""
    return [row for row in rows if all(row[key] == value for key, value in wanted.items())]
