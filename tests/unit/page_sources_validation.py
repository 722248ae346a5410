"""What the tables about validation must say, from validation.csv, its summary and the sources."""

from __future__ import annotations

from collections.abc import Iterator

import yaml

from page_cohort import Expected, Row, Sources, match, words
from page_reading import Said, Table, said
from study_cohorts import ROOT

UNKNOWN = "\u2013"
BUILT = ROOT / "models" / "sources" / "built_from.yaml"


def _share(row: Row, name: str) -> Said:
    if not row[f"{name}_of"]:
        return said(UNKNOWN)
    own, low, high = (100.0 * row[f"{name}{part}"] for part in ("", "_low", "_high"))
    if low != low:
        return said("{} (" + UNKNOWN + "; {})", own, row[f"{name}_of"])
    return said("{} ({} to {}; {})", own, low, high, row[f"{name}_of"])


def validated(sources: Sources, table: Table) -> Iterator[Expected]:
    """How often predictions held."""
    for row in sources.rows("validation_summary"):
        name = row["quantity"] if row["comparison"] == "all" else row["comparison"]
        yield {
            "changes of": said("all of them" if name == "all" else words(name)),
            "changes": said("{}", row["changes"]),
            "runners": said("{}", row["runners"]),
            "covered": _share(row, "covered"),
            "better than no change": _share(row, "better_than_no_change"),
            "better than the group\u2019s mean": _share(row, "better_than_group_mean"),
            "band": said("{}", row["band_width_median"]),
            "interval": said("{}", row["interval_width_median"]),
            "size": said("{}", row["recorded_size_median"]),
            "error": said("{}", row["error_median"]),
            "skill": said("{}", row["skill"]),
        }


def changes_beside(sources: Sources, table: Table) -> Iterator[Expected]:
    """Changes of one metric, one by one."""
    rows = match(sources.rows("validation"), quantity="knee_extension_moment_peak", counted="yes")
    for row in rows:
        group = row["error_of_group_mean_difference"] + row["recorded_change"]
        yield {
            "comparison": said(words(row["comparison"])),
            "runner": said(row["subject"]),
            "recorded": said(
                "{} ({} to {})", row["recorded_change"], row["ci_low"], row["ci_high"]
            ),
            "predicted": said(
                "{} ({} to {})", row["predicted_change"], row["band_low"], row["band_high"]
            ),
            "covered": said(row["covered"]),
            "the group": said("{}", group),
        }


def built(sources: Sources, table: Table) -> Iterator[Expected]:
    """What was built from what."""
    document = yaml.safe_load(BUILT.read_text(encoding="utf-8"))
    names = {key: one["name"] for key, one in document["datasets"].items()}
    for entry in document["parts"]:
        used = "; ".join(names[name] for name in entry.get("datasets", ()))
        yield {"part": said(entry["part"]), "recordings": said(used or "none")}


def judges(sources: Sources, table: Table) -> Iterator[Expected]:
    """What judges."""
    document = yaml.safe_load(BUILT.read_text(encoding="utf-8"))
    for entry in document["judges"]:
        for name in entry["datasets"]:
            own = document["datasets"][name]
            yield {"recordings that judge": said(own["name"]), "doi": said(own["doi"])}
