"""Draw every delivered marker set on the generic model, for docs/markersets.md."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree import ElementTree

from strikelean.errors import StrikeleanError
from strikelean.markersets_known import load_known
from strikelean.model.generic import build_generic_model
from strikelean.report.markerset_picture import draw_marker_set, standing_model

TOP = Path(__file__).parents[1]


def main() -> int:
    """Write one SVG a set."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=TOP / "docs" / "markersets")
    output: Path = parser.parse_args().output
    output.mkdir(parents=True, exist_ok=True)
    try:
        with TemporaryDirectory() as scratch:
            generic = Path(scratch) / "generic.osim"
            recipe = TOP / "models" / "rajagopal2016.yaml"
            build_generic_model(recipe, generic, generic.with_suffix(".json"))
            for name, own in load_known(TOP / "models" / "markersets").items():
                drawn = draw_marker_set(own, standing_model(generic, own))
                text = ElementTree.tostring(drawn, encoding="unicode")
                (output / f"{name}.svg").write_text(text + "\n", encoding="utf-8")
    except StrikeleanError as error:
        print(f"strikelean: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
