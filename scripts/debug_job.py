"""Run the script of one job outside Snakemake, to look into it with a debugger or a profiler.

Snakemake says which job makes a file, with its inputs, params and wildcards; the script is then run
in this process. Nothing is redirected to a log, nothing becomes a note of exclusion, no result is
touched: outputs go to a folder of their own. Inputs must be there (make them with snakemake first).
"""

from __future__ import annotations

import argparse
import os
import pdb
import runpy
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import yaml
from snakemake.api import SnakemakeApi
from snakemake.exceptions import RuleException, WorkflowError
from snakemake.settings.types import ConfigSettings, DAGSettings, OutputSettings, ResourceSettings

import stage

SCRIPTS = Path(__file__).parent


def find_job(target: str, configfiles: list[Path], config: dict[str, Any]) -> Any:
    """Return Snakemake's job that makes a file; SystemExit where there is none."""
    with SnakemakeApi(OutputSettings()) as api, Path(os.devnull).open("w") as nowhere:
        workflow = api.workflow(
            ResourceSettings(cores=1),
            ConfigSettings(config=config, configfiles=configfiles),
            snakefile=SCRIPTS.parent / "Snakefile",
        )
        with redirect_stdout(nowhere):  # asked for what it builds on its way
            try:
                workflow.dag(DAGSettings(targets={target}, forcetargets=True)).summary()
            except (RuleException, WorkflowError) as error:
                raise SystemExit(f"strikelean: {error}") from None
        for job in workflow._workflow.dag.jobs:
            if target in job.output:
                return job
    raise SystemExit(f"strikelean: expected a result in {target}, found no rule that makes it.")


def run_here(folder: Path) -> Callable[..., None]:
    """Return what takes the place of ``run_stage``: it calls the script's function, no more."""

    def run_stage(snakemake: Any, function: Callable[[stage.Job], None], **_: Any) -> None:
        print(f"strikelean: {snakemake.rule} writes to {folder}", file=sys.stderr)
        function(stage.Job(snakemake, folder))

    return run_stage


def main() -> None:
    """Find the job, and run its script."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "target", help="file that the job makes, such as results/own/anna/static.trc"
    )
    parser.add_argument("--folder", type=Path, default=Path("debug"), help="outputs go here")
    parser.add_argument("--pdb", action="store_true", help="stop in the debugger where it fails")
    parser.add_argument("--configfile", type=Path, nargs="+", default=[], help="as snakemake's")
    parser.add_argument("--config", nargs="+", default=[], metavar="KEY=VALUE", help="the same")
    asked = parser.parse_args()
    pairs = (text.partition("=") for text in asked.config)
    config = {key: yaml.safe_load(value) for key, _, value in pairs}
    job = find_job(os.path.relpath(asked.target), asked.configfile, config)
    absent = [path for path in job.input if not Path(path).exists()]
    if absent:
        raise SystemExit(
            f"strikelean: expected the job's inputs, found no {absent[0]}. Make them first: "
            f"snakemake --cores 1 {' '.join(absent)}"
        )
    asked.folder.mkdir(parents=True, exist_ok=True)
    stage.run_stage = run_here(asked.folder)
    script = SCRIPTS / Path(job.rule.script).name
    # what Snakemake gives a script, as far as ours look
    parts = ("input", "output", "params", "wildcards", "log")
    given = SimpleNamespace(rule=job.rule.name, **{part: getattr(job, part) for part in parts})
    try:
        runpy.run_path(str(script), {"snakemake": given}, run_name="__main__")
    except Exception:
        if not asked.pdb:
            raise
        pdb.post_mortem()


if __name__ == "__main__":
    main()
