"""Draw the read-me's pictures of a result; ``make pictures`` after a run."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from strikelean.errors import StrikeleanError
from strikelean.report.pictures import write_result_figure
from strikelean.report.predictions import write_sweep_figure

TOP = Path(__file__).parents[1]


def main() -> int:
    """Write stance waveforms by group, and changes with lean where angles were swept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("results", type=Path, help="folder of a cohort's results")
    parser.add_argument("--output", type=Path, default=TOP / "docs", help="folder of pictures")
    chosen = parser.parse_args()
    results, name = chosen.results, chosen.results.name
    try:
        write_result_figure(
            results / "metrics.csv",
            results / "cohort.h5",
            results / "quality.csv",
            chosen.output / f"{name}_result.png",
        )
        if (results / "sweep.csv").is_file():
            write_sweep_figure(results / "sweep.csv", chosen.output / f"{name}_lean.png")
    except StrikeleanError as error:
        print(f"strikelean: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
