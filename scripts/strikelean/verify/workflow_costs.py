"""What the jobs of a finished run cost, by Snakemake's benchmark files, and what is start-up."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

import pandas as pd

# what nearly every job about a trial imports
IMPORTED = "strikelean.runners"
COLUMNS = ("rule", "jobs", "wall_s", "cpu_s")


def read_costs(folder: Path) -> pd.DataFrame:
    """Return what every job of a cohort cost.

    Args:
        folder: ``benchmarks/<cohort>``.

    Returns:
        One row a job: ``rule``, ``about`` (the folder it lies in), ``wall_s``, ``cpu_s`` and
        ``end_s``, when it ended. Snakemake looks at a job now and then: the last seconds of its
        processor time may be missing.
    """
    rows = []
    for path in sorted(folder.rglob("*.tsv")):
        table = pd.read_csv(path, sep="\t")
        one, last = table.iloc[-1], path.stat().st_mtime
        # a job that was over before it was looked at has "-"
        told = str(one.get("cpu_time", "-"))
        cpu_s = 0.0 if told in ("-", "NA", "nan") else float(told)
        about = path.parent.relative_to(folder).as_posix()
        rows.append((path.stem, about, float(one["s"]), cpu_s, last))
    return pd.DataFrame(rows, columns=["rule", "about", "wall_s", "cpu_s", "end_s"])


def costs_by_rule(jobs: pd.DataFrame) -> pd.DataFrame:
    """Return number of jobs, seconds and processor seconds of each rule, the dearest first."""
    by_rule = jobs.groupby("rule").agg(
        jobs=("wall_s", "size"), wall_s=("wall_s", "sum"), cpu_s=("cpu_s", "sum")
    )
    return by_rule.sort_values("cpu_s", ascending=False).reset_index()[list(COLUMNS)]


def job_start_s() -> float:
    """Return the processor seconds that a job takes before it does anything: Python and imports."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    scripts = Path(__file__).parents[2]
    subprocess.run([sys.executable, "-c", f"import {IMPORTED}"], cwd=scripts, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def workflow_figures(folder: Path) -> dict[str, float]:
    """Return what a finished run cost in all, and the share of it that is starting jobs.

    Args:
        folder: ``benchmarks/<cohort>``; without files there is nothing to say.
    """
    jobs = read_costs(folder)
    figures = {"job_start_s": job_start_s()}
    if jobs.empty:
        return figures
    start = float((jobs["end_s"] - jobs["wall_s"]).min())
    runners = jobs.loc[jobs["about"] != ".", "about"].str.split("/").str[0]
    own = jobs[jobs["about"].isin(set(jobs["about"]) - {".", "models"})]
    return figures | {
        "workflow_jobs": float(len(jobs)),
        "workflow_wall_s": float(jobs["end_s"].max()) - start,
        "workflow_cpu_s": float(jobs["cpu_s"].sum()),
        "workflow_start_share": len(jobs) * figures["job_start_s"] / float(jobs["cpu_s"].sum()),
        "workflow_runner_cpu_s": float(own["cpu_s"].sum()) / max(runners.nunique(), 1),
    }


def slower_than(
    before: dict[str, object], now: dict[str, object], factor: float = 1.2
) -> list[str]:
    """Return a line for every time that grew by more than a factor against an earlier record.

    Args:
        before, now: figures by name; those in seconds or milliseconds are compared.
        factor: that is still taken for the machine's own mood.
    """
    lines = []
    for name, value in now.items():
        old = before.get(name)
        timed = name.endswith(("_s", "_ms", "_ms_per_frame")) or "_ms_" in name
        if not (timed and isinstance(value, float) and isinstance(old, float) and old > 0.0):
            continue
        if value > factor * old:
            lines.append(f"{name}: {value:.3g}, {value / old:.2f} times the {old:.3g} before")
    return lines
