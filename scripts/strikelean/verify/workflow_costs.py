"""What the jobs of a finished run cost, by their own logs."""

from __future__ import annotations

import re
import resource
import subprocess
import sys
from pathlib import Path

import pandas as pd

# what nearly every job about a trial imports
IMPORTED = "strikelean.runners"
COLUMNS = ("rule", "jobs", "wall_s", "cpu_s")
# as scripts/stage.py writes it
_COSTS = re.compile(
    r"^took (\d+\.\d+) s, processor time (\d+\.\d+) s, memory (\d+) MB at most$", re.MULTILINE
)


def read_costs(folder: Path) -> pd.DataFrame:
    """Return what every job of a cohort cost, by the last lines of their logs.

    Args:
        folder: ``logs/<cohort>``.

    Returns:
        One row a job: ``rule``, ``about`` (the folder it lies in), ``wall_s``, ``cpu_s``,
        ``memory_mb`` at most and ``end_s``, when it ended.
    """
    rows = []
    for path in sorted(folder.rglob("*.log")):
        told = _COSTS.findall(path.read_text(encoding="utf-8", errors="replace"))
        if told:
            costs = [float(number) for number in told[-1]]
            about = path.parent.relative_to(folder).as_posix()
            rows.append((path.stem, about, *costs, path.stat().st_mtime))
    columns = ["rule", "about", "wall_s", "cpu_s", "memory_mb", "end_s"]
    return pd.DataFrame(rows, columns=columns)


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
    """Return what a finished run cost in all, what of it is overhead, and how it grows.

    Args:
        folder: ``logs/<cohort>``; without files there is nothing to say.

    Returns:
        ``workflow_useful_cpu_s`` is processor time less that of starting jobs,
        ``workflow_wall_per_useful_cpu`` the run's duration over it (half at best on two cores).
        ``workflow_jobs_at_a_time`` is how many ran at once, on average. ``workflow_runner_cpu_s``
        is what another runner adds, ``workflow_cohort_cpu_s`` what the cohort's tables take,
        ``workflow_memory_mb`` the most that any job held.
    """
    jobs = read_costs(folder)
    figures = {"job_start_s": job_start_s()}
    if jobs.empty:
        return figures
    start = float((jobs["end_s"] - jobs["wall_s"]).min())
    runners = jobs.loc[jobs["about"] != ".", "about"].str.split("/").str[0]
    own = jobs[jobs["about"].isin(set(jobs["about"]) - {".", "models"})]
    wall_s, cpu_s = float(jobs["end_s"].max()) - start, float(jobs["cpu_s"].sum())
    starts_s = len(jobs) * figures["job_start_s"]
    useful_s, of_runners_s = max(cpu_s - starts_s, 0.0), float(own["cpu_s"].sum())
    return figures | {
        "workflow_jobs": float(len(jobs)),
        "workflow_wall_s": wall_s,
        "workflow_cpu_s": cpu_s,
        "workflow_useful_cpu_s": useful_s,
        "workflow_wall_per_useful_cpu": wall_s / useful_s if useful_s else float("nan"),
        "workflow_start_share": starts_s / cpu_s,
        "workflow_jobs_at_a_time": float(jobs["wall_s"].sum()) / wall_s,
        "workflow_runner_cpu_s": of_runners_s / max(runners.nunique(), 1),
        "workflow_cohort_cpu_s": cpu_s - of_runners_s,
        "workflow_memory_mb": float(jobs["memory_mb"].max()),
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
