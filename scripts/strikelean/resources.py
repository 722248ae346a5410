"""Where the files lie that the library reads and that are no code: settings, schemas, models.

In a checkout of the project, and where it is installed editably, they are the checkout's own
``config/`` and ``models/``; in an installed package they are copies inside it.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parent


@cache
def top() -> Path:
    """Return the folder that holds ``config/`` and ``models/``.

    Raises:
        FileNotFoundError: neither a checkout nor a whole package.
    """
    # the package first: an installed one never takes what happens to lie two folders above it
    for folder in (PACKAGE / "data", PACKAGE.parents[1]):
        if (folder / "config" / "schemas" / "metrics.yaml").is_file():
            return folder
    raise FileNotFoundError(
        f"strikelean: expected config/ and models/ beside or inside {PACKAGE}, found neither. "
        "Install the package anew, or run from a whole checkout."
    )


def delivered_config() -> Path:
    """Return the delivered configuration, which holds every setting."""
    return top() / "config" / "config.yaml"


def schemas() -> Path:
    """Return the folder of the schemas of configuration, tables, models and studies."""
    return top() / "config" / "schemas"


def strike_template() -> Path:
    """Return the delivered group means that a strike takes its differences from."""
    return top() / "models" / "techniques" / "strike.csv"


def speed_slopes() -> Path:
    """Return the delivered table of what goes with running speed."""
    return top() / "models" / "techniques" / "speed.csv"


def cadence_posture() -> Path:
    """Return the delivered table of what runners change with their step rate."""
    return top() / "models" / "techniques" / "cadence.csv"


def metrics_list() -> Path:
    """Return the list of metrics: name, unit, sign, definition, source."""
    return schemas() / "metrics.yaml"


def claims() -> Path:
    """Return the article's claims."""
    return top() / "config" / "studies" / "claims.yaml"


def studies() -> list[Path]:
    """Return the published studies, by name; the claims are none."""
    return sorted(set((top() / "config" / "studies").glob("*.yaml")) - {claims()})


def techniques() -> list[Path]:
    """Return what each technique imposes, keeps and leaves free, by name."""
    return sorted((top() / "models" / "techniques").glob("*.yaml"))


def marker_sets() -> dict[str, Path]:
    """Return the marker sets by the name that the table of runners gives them."""
    return {path.stem: path for path in sorted((top() / "models" / "markersets").glob("*.yaml"))}


def recipes() -> dict[str, Path]:
    """Return the recipes of generic models by name."""
    return {path.stem: path for path in sorted((top() / "models").glob("*.yaml"))}
