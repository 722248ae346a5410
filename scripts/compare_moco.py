"""One lean of one stance against OpenSim Moco; ``make moco``."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

# one core for both
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = "1"

from strikelean.counterfactual.recorded_trial import read_recorded  # noqa: E402
from strikelean.errors import StrikeleanError  # noqa: E402
from strikelean.verify.compare_moco import compare_moco  # noqa: E402
from strikelean.verify.prepare_trial import (  # noqa: E402
    markerset_path,
    read_config,
    recorded_files,
)
from strikelean.verify.virtual_trial import prepare_trial  # noqa: E402

TOP = Path(__file__).parents[1]


def main() -> int:
    """Solve the recording, ask both for the same lean, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="folder with fullbody/; else a virtual runner's")
    parser.add_argument("--lean", type=float, default=10.0, help="change of trunk lean, deg")
    parser.add_argument("--start", type=float, default=1.0, help="share of it to start from")
    parser.add_argument("--output", type=Path, default=TOP / "benchmarks" / "moco.json")
    chosen = parser.parse_args()
    try:
        with TemporaryDirectory() as scratch:
            folder = Path(scratch)
            trial_name, runner = prepare_trial(folder, TOP, chosen.data)
            print(f"Moco: {trial_name}, one core", flush=True)
            config = read_config(TOP)
            markers = markerset_path(TOP, runner.marker_set)
            files = recorded_files(folder, markers)
            base = read_recorded(files, 1, config["recording"]["cop_min_force_n"])
            share = config["counterfactual"]["hip_share"]
            figures = compare_moco(folder, base, chosen.lean, share, chosen.start)
    except StrikeleanError as error:
        print(f"strikelean: {error}", file=sys.stderr)
        return 1
    chosen.output.parent.mkdir(parents=True, exist_ok=True)
    chosen.output.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    for key, value in figures.items():
        print(f"{key:28s} {value:.4g}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
