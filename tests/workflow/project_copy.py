"""A copy of the project in a folder of its own, to edit and to run Snakemake in."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

TOP = Path(__file__).parents[2]
SUBJECTS = (
    "subject\tmass_kg\theight_m\tsex\tstatic_file\tmodel\tmarker_set\n"
    "anna\t60\t1.70\tF\tanna_static.trc\trajagopal2016\trbds\n"
    "bert\t75\t1.80\tM\tbert_static.trc\trajagopal2016\trbds\n"
)
TRIALS = (
    "subject\ttrial\tfiles\tcondition\tspeed_m_s\tbelt_speed_m_s\tstart_s\tend_s\n"
    "anna\trun1\tanna_run1.c3d\theel_strike\t3.5\t\t\t\n"
    "bert\trun1\tbert_run1.c3d\tforefoot_upright\t3.5\t\t\t\n"
)


def first_rows(table: str, count: int) -> str:
    """Return the first lines of a table, its header among them."""
    return "".join(table.splitlines(keepends=True)[:count])


def make(folder: Path, *arguments: str, timeout_s: float = 300) -> subprocess.CompletedProcess[str]:
    """Run make in a folder; what a make above it was told is not passed on."""
    clean = {key: value for key, value in os.environ.items() if not re.match(r"M(AKE|FLAGS)", key)}
    return subprocess.run(
        ["make", *arguments, f"PYTHON={sys.executable}"],
        cwd=folder,
        env=clean,
        capture_output=True,
        text=True,
        check=False,
        timeout=timeout_s,
    )


class Copy:
    """A copy of the project with two runners whose results count as made."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("config", "models", "rules", "scripts"):
            ignore = shutil.ignore_patterns("__pycache__")
            shutil.copytree(TOP / name, folder / name, ignore=ignore)
        shutil.copy(TOP / "Snakefile", folder)
        for name in ("anna_static.trc", "bert_static.trc"):
            (folder / name).touch()
        for name in ("anna_run1.c3d", "anna_run2.c3d", "bert_run1.c3d"):
            (folder / name).touch()
        self.tables(SUBJECTS, TRIALS)

    def tables(self, subjects: str, trials: str) -> None:
        (self.folder / "config" / "subjects.tsv").write_text(subjects, encoding="utf-8")
        (self.folder / "config" / "trials.tsv").write_text(trials, encoding="utf-8")

    def empty_tables(self) -> None:
        """Leave the headers alone, so that the runners are virtual."""
        self.tables(first_rows(SUBJECTS, 1), first_rows(TRIALS, 1))

    def snakemake(
        self,
        *options: str,
        folder: Path | None = None,
        timeout_s: float = 600,
        **environment: str,
    ) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "snakemake", "--cores", "8", *options]
        clean = {key: value for key, value in os.environ.items() if key != "DATA"}
        return subprocess.run(
            command,
            cwd=folder or self.folder,
            env=clean | environment,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )

    def planned(self, *options: str, **environment: str) -> Counter[tuple[str, str]]:
        """Return how often a dry run plans each (rule, what it is about)."""
        run = self.snakemake("--dry-run", *options, **environment)
        assert run.returncode == 0, run.stdout + run.stderr
        jobs = re.findall(r"^Job \d+: \[(.*?)\] (\w+):", run.stdout + run.stderr, re.MULTILINE)
        return Counter((rule, about) for about, rule in jobs)

    def make_everything(self) -> None:
        """Make every output count as made, with Snakemake's own record of how."""
        run = self.snakemake("--summary")
        assert run.returncode == 0, run.stdout + run.stderr
        for line in run.stdout.splitlines():
            if line.startswith("results/"):
                path = self.folder / line.split("\t")[0]
                path.parent.mkdir(parents=True, exist_ok=True)
                path.touch()
        run = self.snakemake("--touch")
        assert run.returncode == 0, run.stdout + run.stderr
