"""Recordings of virtual runners as any laboratory hands them over; ``make recordings``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from strikelean.errors import StrikeleanError
from strikelean.markersets_known import load_known
from strikelean.model.generic import build_generic_model
from strikelean.verify.prepare_trial import markerset_path, read_config
from strikelean.virtual.export import FileKind, export_recordings
from strikelean.virtual.runner import StudyInputs, read_study
from strikelean.virtual.settings import (
    MATCHED,
    MISMATCHED,
    RUNWAY,
    TREADMILL,
    RunwaySettings,
    VirtualSettings,
)

TOP = Path(__file__).parents[1]


def _say(line: str) -> None:
    print(line, flush=True)


def _arguments() -> argparse.Namespace:
    known = list(load_known(TOP / "models" / "markersets"))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="written to")
    parser.add_argument("--runners", nargs="+", default=["V01"])
    parser.add_argument("--marker-set", choices=known, default="virtual")
    parser.add_argument("--ground", choices=[TREADMILL, RUNWAY], default=TREADMILL)
    parser.add_argument("--plates", type=int, choices=[1, 2, 3], default=1)
    parser.add_argument("--aim", choices=["middle", "edge", "seam"], default="middle")
    parser.add_argument("--passes", type=int, help="a condition, on a runway")
    parser.add_argument("--strides", type=int, help="of a trial; as many as the passes need")
    parser.add_argument("--techniques", nargs="*", default=[], help="beside heel_strike")
    parser.add_argument("--laboratory", choices=[MATCHED, MISMATCHED], default=MATCHED)
    parser.add_argument("--text", action="store_true", help="TRC and MOT in place of C3D")
    parser.add_argument("--no-forces", action="store_true", help="markers alone")
    return parser.parse_args()


def main() -> int:
    """Make the runners and write the folder."""
    chosen = _arguments()
    config = read_config(TOP)
    section = config["virtual"] | {
        name: getattr(chosen, name) for name in ("marker_set", "ground", "techniques", "laboratory")
    }
    section["runway"] = section["runway"] | {
        "plates": chosen.plates,
        "aim": chosen.aim,
        "passes": chosen.passes or section["runway"]["passes"],
    }
    on_runway = RunwaySettings.from_config(section["runway"]) if chosen.ground == RUNWAY else None
    enough = max(section["strides"], on_runway.strides) if on_runway else section["strides"]
    section["strides"] = chosen.strides or enough
    kind = FileKind(chosen.text, not chosen.no_forces)
    try:
        with TemporaryDirectory() as scratch:
            generic = Path(scratch) / "generic.osim"
            recipe = TOP / "models" / "rajagopal2016.yaml"
            build_generic_model(recipe, generic, generic.with_suffix(".json"))
            marker_set = markerset_path(TOP, chosen.marker_set)
            inputs = StudyInputs(
                generic, marker_set, TOP / section["gait"], TOP / section["strike"]
            )
            strength = config["scaling"]["strength"]
            study = read_study(inputs, VirtualSettings.from_config(section), strength)
            export_recordings(study, chosen.runners, chosen.laboratory, chosen.folder, kind, _say)
    except StrikeleanError as error:
        print(f"strikelean: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
