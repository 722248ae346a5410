"""What each delivered marker set gives back of virtual runners; ``make markersets``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from strikelean.errors import StrikeleanError
from strikelean.formats.files import write_table, write_text
from strikelean.markersets_known import load_known
from strikelean.model.generic import build_generic_model
from strikelean.verify.compare_markersets import (
    ANGLES,
    LOADS,
    MarkerSetStudy,
    compare_markersets,
    table_lines,
)
from strikelean.verify.prepare_trial import read_config
from strikelean.virtual.settings import LABORATORIES

TOP = Path(__file__).parents[1]
# two bodies, so that one runner's luck shows
RUNNERS = ["V01", "V04"]


def _say(line: str) -> None:
    print(line, flush=True)


def main() -> int:
    """Record, solve and compare; write all errors, and the manual's tables."""
    known = list(load_known(TOP / "models" / "markersets"))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", nargs="+", choices=known, default=known, metavar="SET")
    parser.add_argument("--runners", nargs="+", default=RUNNERS)
    parser.add_argument("--laboratories", nargs="+", choices=LABORATORIES, default=LABORATORIES)
    parser.add_argument("--strides", type=int, help="a trial; else virtual.strides")
    parser.add_argument("--output", type=Path, default=TOP / "benchmarks" / "markersets.csv")
    chosen = parser.parse_args()
    config = read_config(TOP)
    config["virtual"]["strides"] = chosen.strides or config["virtual"]["strides"]
    try:
        with TemporaryDirectory() as scratch:
            folder = Path(scratch)
            generic = folder / "generic.osim"
            recipe = TOP / "models" / "rajagopal2016.yaml"
            build_generic_model(recipe, generic, generic.with_suffix(".json"))
            inputs = MarkerSetStudy(TOP, generic, config, folder)
            errors = compare_markersets(
                inputs, chosen.sets, chosen.runners, chosen.laboratories, _say
            )
    except StrikeleanError as error:
        print(f"strikelean: {error}", file=sys.stderr)
        return 1
    chosen.output.parent.mkdir(parents=True, exist_ok=True)
    write_table(errors, chosen.output)
    table = "\n".join([*table_lines(errors, LOADS), "", *table_lines(errors, ANGLES)])
    write_text(chosen.output.with_suffix(".md"), table + "\n")
    print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
