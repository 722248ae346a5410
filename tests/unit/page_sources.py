"""What the tables of a page must say, row by row, from a cohort's CSV files.

Independent of the code that writes the page: it reads the files itself, finds the row of each
printed row by what stands in its first cells, and takes columns of the files by name. Printed
names of metrics are those that the page explains under "What the metrics mean", or words of the
name itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import h5py
import pandas as pd

from page_cohort import Expected, Row, Rows, Sources, between, cell, match, short, words
from page_reading import Table, is_rounding, plain, said
from strikelean.report.predictions import SLOPES
from strikelean.report.tables import KEY_METRICS
from strikelean.report.trust import LABORATORIES, SHOWN

# percent of steps from which a table says so
MANY_BEYOND = 10.0
BEYOND = re.compile(r" \(\d+ % of steps beyond the area data\)$")
DID = {
    "speed, m/s": ("running_speed", 1.0),
    "step rate, 1/min": ("step_rate", 1.0),
    "contact, ms": ("contact_time", 1000.0),
    "foot-strike angle, deg": ("foot_strike_angle_contact", 1.0),
    "strike index, %": ("strike_index_contact", 1.0),
    "impact peak, % of steps": ("ground_impact_peak_present", 100.0),
}


def by_label(label: str, rows: Rows, labels: Mapping[str, str] = KEY_METRICS) -> Row:
    """Return the row of the metric that is printed like this: by a label, else by its name."""
    names = {name for name, printed in labels.items() if printed == label}
    named = [row for row in rows if row["metric"] in names]
    spelt = [row for row in rows if words(row["metric"]).removesuffix(" bw") == label]
    spelt += [row for row in rows if words(row["metric"]) == label]
    return [*named, *spelt][0]


def who(sources: Sources, table: Table) -> Iterator[Expected]:
    """Trials in use."""
    for row in match(sources.rows("quality"), included="yes"):
        have = row.get
        strikes = [cell(have(f"strike_class_{side}")) or "\u2013" for side in ("right", "left")]

        def scaled(name: str, factor: float, have: Callable[..., Any] = have) -> float:
            return factor * float(have(name, float("nan")))

        yield {
            "runner": said(row["subject"]),
            "trial": said(row["trial"]),
            **{
                f"steps {side}": said(
                    "{} of {}", have(f"reported_steps_{side}"), have(f"valid_steps_{side}")
                )
                for side in ("right", "left")
            },
            "strike right / left": said(" / ".join(strikes)),
            "marker RMS, mm": said("{}", scaled("marker_rms_m", 1000.0)),
            "lag, ms": said("{}", scaled("lag_s", 1000.0)),
            "root residual RMS, N": said("{}", have("residual_force_rms_n")),
            "reserves, %": said("{}", scaled("reserves_carry_share", 100.0)),
        }


def excluded(sources: Sources, table: Table) -> Iterator[Expected]:
    """Trials that take no part."""
    for row in sources.rows("quality"):
        if row["included"] != "yes":
            yield {key: said(cell(row[key])) for key in ("subject", "trial", "reason")} | {
                "runner": said(row["subject"])
            }


def compare(sources: Sources, table: Table) -> Iterator[Expected]:
    """One contrast: the table names both conditions as headings of its columns."""
    n_column = table.header.index("n")
    a, b = table.header[n_column + 1], table.header[n_column + 2]
    own = [
        row
        for row in sources.rows("comparisons")
        if (words(row["condition_a"]), words(row["condition_b"])) == (a, b)
        and row["design"] != "mixed_model"
        and row["difference"] == row["difference"]
    ]
    for printed in table.rows:
        label = BEYOND.sub("", printed[0])
        row = by_label(label, own)
        share = 100.0 * sources.beyond_area(row["metric"])
        beyond = share > MANY_BEYOND
        modelled = row["virtual"] or (row["design"] == "one_runner" and row["predicted"])
        ends = "band" if modelled else "ci"
        interval = between(row[f"{ends}_low"], row[f"{ends}_high"])
        yield {
            "metric": said(f"{label} ({{}} % of steps beyond the area data)", share)
            if beyond
            else said(label),
            "unit": said(row["unit"]),
            "n": said("{} / {}", row["n_a"], row["n_b"]),
            a: said("{}", row["mean_a"]),
            b: said("{}", row["mean_b"]),
            "difference": said("{}", row["difference"]),
            "band": interval,
            "95 % CI": interval,
            "g": said("{}", row["effect_size"]),
            "p": said("{}", row["p_raw"]),
            "p (Holm)": said("{}", row["p_holm"]),
        }


def regressions(sources: Sources, table: Table) -> Iterator[Expected]:
    """Slopes against the foot-strike angle, per 10 degrees."""
    rows = sources.rows("regressions")
    plainly = [row for row in rows if not row["predictor"].endswith(" held")]
    adjusted = {row["metric"]: row for row in rows if row["predictor"].endswith(" held")}
    for printed in table.rows:
        row = by_label(printed[0], plainly)
        held = adjusted.get(row["metric"])
        beside = said("\u2013")
        if held:
            slopes = [10.0 * held[name] for name in ("slope", "ci_low", "ci_high")]
            known = slopes[1] == slopes[1]
            beside = said("{} ({} to {})", *slopes) if known else said("{} (\u2013)", slopes[0])
        yield {
            "unit per 10 deg": said(str(row["unit"]).removesuffix("/deg")),
            "n": said("{}", row["n"]),
            "slope": said("{}", 10.0 * row["slope"]),
            "95 % CI": between(10.0 * row["ci_low"], 10.0 * row["ci_high"]),
            "p": said("{}", row["p_raw"]),
            "p (Holm)": said("{}", row["p_holm"]),
            table.header[-1]: beside,
        }


def doses(sources: Sources, table: Table) -> Iterator[Expected]:
    """Slopes per degree of lean: in percent, per kilometre in the metric's own unit."""
    for printed in table.rows:
        names = {name for name, label in SLOPES.items() if label == printed[0]}
        (row,) = (
            row
            for row in sources.rows("dose_response")
            if row["metric"] in names and f"{row['unit']} per deg" == printed[1]
        )
        sources_once = dict.fromkeys(cell(row["source"]).split("; "))
        yield {
            "unit": said(f"{row['unit']} per deg"),
            "n": said("{}", row["n"]),
            "slope": said("{}", row["slope_per_deg"]),
            "band": between(row["band_low"], row["band_high"]),
            "95 % CI": between(row["ci_low"], row["ci_high"]),
            "published": said(cell(row["published"])),
            "by": said(", ".join(sources_once)),
        }


def strikes_beside(sources: Sources, table: Table) -> Iterator[Expected]:
    """Predicted strikes beside real ones."""
    for printed, row in zip(table.rows, sources.rows("strike_check"), strict=True):
        assert printed[0] == words(row["metric"])
        yield {
            "unit": said(row["unit"]),
            "technique": said(row["technique"]),
            "in the technique": said(row["status"]),
            "recorded": said("{}", row["recorded"]),
            "asked": said("{}", row["asked"]),
            "predicted": said("{}", row["predicted"]),
            "others": said("{}", row["others"]),
            "nearer": said(cell(row["nearer"])),
            "runners": said("{} of {}", row["runners_nearer"], row["n"]),
        }


def over_steps(sources: Sources, table: Table) -> Iterator[Expected]:
    """Slopes over runners' own steps."""
    # a label leaves out that a load is per mass or weight, as those shown are where there are both
    rows = sorted(
        sources.rows("within_runner_slopes"),
        key=lambda row: not row["metric"].endswith(("_per_kg", "_bw")),
    )
    for printed in table.rows:
        row = by_label(printed[0], rows, {})
        yield {
            "unit": said(row["unit"]),
            "over steps": said("{}", row["covariation"]),
            "95 % CI": between(row["ci_low"], row["ci_high"]),
            "runners": said("{}", row["runners"]),
            "steps": said("{}", row["steps"]),
            "predicted": said("{}", row["predicted_intervention"]),
            "band": between(row["predicted_low"], row["predicted_high"]),
            "in the technique": said(cell(row["prediction"])),
        }


def recovered(sources: Sources, table: Table) -> Iterator[Expected]:
    """Errors by laboratory: mean over runners, and the worst runner's in percent."""
    laboratories = {printed: name for name, printed in LABORATORIES.items()}
    habitual = match(sources.rows("recovery"), trial="heel_strike")
    for printed in table.rows:
        quantities = {name for name, label in SHOWN.items() if label == printed[0]}
        own = [row for row in habitual if row["quantity"] in quantities]
        told: Expected = {"unit": said(own[0]["unit"])}
        for heading in table.header[2:]:
            part = match(own, laboratory=laboratories[heading])
            rms = sum(row["rms"] for row in part) / len(part) if part else None
            worst = 100.0 * max((row["relative_error"] for row in part), default=0.0)
            small = "below 0.01 %" if worst < 0.01 else None
            told[heading] = said("{} ({} %)", rms, worst, or_else=small)
        yield told


def contrasts_back(sources: Sources, table: Table) -> Iterator[Expected]:
    """What comes back of differences between conditions."""
    for printed in table.rows:
        quantities = {name for name, label in SHOWN.items() if label == printed[1]}
        own = [
            row
            for row in sources.rows("recovery")
            if words(row["trial"]) == printed[0] and row["quantity"] in quantities
        ]
        laboratory = printed[table.header.index("laboratory")]
        own = [row for row in own if LABORATORIES[row["laboratory"]] == laboratory]

        def mean(name: str, own: Rows = own) -> float:
            return sum(row[name] for row in own) / len(own)

        yield {
            "unit": said(own[0]["unit"]),
            "runners": said("{}", len(own)),
            "true": said("{}", mean("true_mean")),
            "recovered": said("{}", mean("recovered_mean")),
            "off in one runner": said(
                "{} ({} %)", mean("rms"), 100.0 * mean("rms") / abs(mean("true_mean"))
            ),
        }


def pooled(sources: Sources, table: Table) -> Iterator[Expected]:
    """What studies say together."""
    for row in sources.rows("published_summary"):
        yield {
            "contrast": said(words(row["contrast"])),
            "quantity": said(row["quantity"]),
            "studies": said("{}", row["k"]),
            "published": said("{}", row["pooled"]),
            "95 % CI": between(row["ci_low"], row["ci_high"]),
            "metric here": said(words(row["metric"])),
            "here": said("{}", row["computed"]),
            "band": between(row["band_low"], row["band_high"]),
            "covered": said(cell(row["covered"]) or cell(row["reason"])),
        }


def one_study(sources: Sources, table: Table) -> Iterator[Expected]:
    """A study's answered rows; a value's unit is the published one, or the metric's."""
    name = table.heading.split()[0]
    own = [
        row
        for row in match(sources.rows("studies"), study=name)
        if not row["verdict"].startswith("not testable")
    ]
    for printed, row in zip(table.rows, own, strict=True):
        ends = "ci" if row["ci_low"] == row["ci_low"] else "band"
        interval = between(row[f"{ends}_low"], row[f"{ends}_high"])
        here = printed[table.header.index("here")]
        unit = here.partition(" ")[2]
        spread = cell(row["published_ci"])
        published = cell(row["published"]) + (f" ({spread})" if spread else "")
        yield {
            "contrast and variable": said(row["contrast"]),
            "metric here": said(short(row["metric"])),
            "published": said(published.replace("{", "").replace("}", "")),
            "here": said(f"{{}} {unit}" if unit else "{}", row["computed"]),
            "95 % CI": interval,
            "band": interval,
            "n here": said(cell(row["n"]) or "\u2013"),
            "ratio": said("{}", row["ratio"]),
            "verdict": said(row["verdict"]),
            "read in": said(words(row["evidence_level"])),
        }


def claim_tests(sources: Sources, table: Table) -> Iterator[Expected]:
    """The answered tests of a claim, found by the words of its rows."""
    own = match(sources.rows("claim_tests"), claim=int(table.row))
    answered = [row for row in own if row["estimate"] == row["estimate"]]
    for printed in table.rows:
        row = _printed_test(answered, table.header, printed)
        unit = "" if row["unit"] == "1" else f" {row['unit']}"
        ends = "band" if row["predicted"] == "yes" else "ci"
        kind = "band" if row["predicted"] == "yes" else "95 %"
        asked, numbers = f"{{}}{unit}", [row["smallest_effect"]]
        if row["smallest_effect"] != row["smallest_effect"]:
            asked = "{}"
        if row["size_asked"] == row["size_asked"]:
            within = row["within"] == row["within"]
            asked += "; asked {} +- {}" if within else "; asked {} or more"
            numbers += [row["size_asked"], *([row["within"]] if within else [])]
        share = row["expected_share"]
        low, high = row[f"{ends}_low"], row[f"{ends}_high"]
        told = said(f"{{}} to {{}} ({kind})", low, high, or_else=f"\u2013 ({kind})")
        groups = row["design"] == "between_runners"
        yield {
            # the row was found by this text
            "quantity": said(printed[0].replace("{", "")),
            "expected": said(row["expected"]),
            "change": said(f"{{}}{unit}", row["estimate"]),
            "interval": told,
            # all rows are bands there
            "range": between(low, high),
            "p": said("{}", row["p"]),
            "p (asked)": said("{}", row["p_asked"]),
            "matters": said(asked, *numbers),
            "detectable": said("{}", row["detectable"]),
            "runners that way": said("{} %", 100.0 * share),
            "runners": said("{} / {}", row["n_a"], row["n_b"])
            if groups
            else said("{}", row["n_a"]),
            "answer": said(f"{row['answer']} {short(row['reason'])}".replace("{", "")),
        }


def _printed_test(rows: Rows, header: tuple[str, ...], printed: tuple[str, ...]) -> Row:
    """Return the test of a printed row: its role, metric, contrast, and its size."""
    change = re.match(r"\S+", printed[header.index("change")])
    assert change is not None, printed
    for row in rows:
        held = f", {short(row['held'])} held" if cell(row["held"]) else ""
        note = f"; {row['note']}" if cell(row["note"]) else ""
        start = f"{row['role']}: {short(row['metric'])} {row['contrast']}{held}{note}"
        if plain(printed[0]) == plain(start) and is_rounding(change[0], row["estimate"]):
            return row
    raise AssertionError(f"no test of claim_tests.csv reads {printed[0]}: {change[0]}")


def did(sources: Sources, table: Table) -> Iterator[Expected]:
    """What runners did of their own accord: over steps, feet, trials, then conditions."""
    by_condition = "condition" in table.header
    means = sources.by_condition() if by_condition else sources.habitual()
    if by_condition:
        means.index = pd.MultiIndex.from_tuples([(one, words(two)) for one, two in means.index])
    for printed in table.rows:
        place = printed[:2] if by_condition else printed[0]
        own = means.loc[place]
        yield {"runner": said(printed[0]), "condition": said(printed[1])} | {
            heading: said("{}", factor * own.get(metric, float("nan")))
            for heading, (metric, factor) in DID.items()
        }


def settings(sources: Sources, table: Table) -> Iterator[Expected]:
    """Every setting."""
    for printed in table.rows:
        found: Any = sources.settings
        for key in printed[0].split("."):
            found = found[key]
        yield {"key": said(printed[0]), "value": said(found)}


def provenance(sources: Sources, table: Table) -> Iterator[Expected]:
    """Versions."""
    with h5py.File(sources.results / "cohort.h5") as store:
        told = dict(store["provenance"].attrs)
    for printed in table.rows:
        yield {"what": said(printed[0]), "version": said(told[printed[0]])}
