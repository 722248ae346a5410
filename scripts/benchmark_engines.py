"""Run both engines on one trial and write benchmarks/engine.json; ``make benchmark``."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

# one core for both engines, before numpy starts its threads
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = "1"

from strikelean.errors import StrikeleanError  # noqa: E402
from strikelean.verify.benchmark import read_trial  # noqa: E402
from strikelean.verify.benchmark_techniques import benchmark_techniques  # noqa: E402
from strikelean.verify.compare_engines import benchmark_engines  # noqa: E402
from strikelean.verify.prepare_trial import markerset_path, read_config  # noqa: E402
from strikelean.verify.virtual_trial import prepare_trial  # noqa: E402
from strikelean.verify.workflow_costs import (  # noqa: E402
    costs_by_rule,
    read_costs,
    slower_than,
    workflow_figures,
)

TOP = Path(__file__).parents[1]


def main() -> int:
    """Prepare the trial, measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="folder with fullbody/; else a virtual runner's")
    parser.add_argument("--output", type=Path, default=TOP / "benchmarks" / "engine.json")
    parser.add_argument(
        "--run", type=Path, default=TOP / "logs" / "virtual", help="logs of a finished run's jobs"
    )
    chosen = parser.parse_args()
    try:
        with TemporaryDirectory() as scratch:
            folder = Path(scratch)
            trial_name, runner = prepare_trial(folder, TOP, chosen.data)
            markerset = markerset_path(TOP, runner.marker_set)
            print(f"benchmark: {trial_name}, one core", flush=True)
            trial, config = read_trial(folder, markerset), read_config(TOP)
            figures: dict[str, object] = {"trial": trial_name}
            figures |= benchmark_techniques(folder, runner, TOP, config, print)
            figures |= benchmark_engines(trial, folder / "stock", config, print)
            figures |= workflow_figures(chosen.run)
    except StrikeleanError as error:
        print(f"strikelean: {error}", file=sys.stderr)
        return 1
    before = {}
    if chosen.output.is_file():
        before = json.loads(chosen.output.read_text(encoding="utf-8"))
    chosen.output.parent.mkdir(parents=True, exist_ok=True)
    chosen.output.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    shown = {k: v for k, v in figures.items() if isinstance(v, float)}
    for key, value in shown.items():
        print(f"{key:28s} {value:.4g}")
    print(costs_by_rule(read_costs(chosen.run)).to_string(index=False, float_format="%.1f"))
    for line in slower_than(before, figures):
        print(f"slower than the record before: {line}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
