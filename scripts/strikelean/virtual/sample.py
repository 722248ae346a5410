"""Virtual runners drawn from what is published of real ones.

A Latin hypercube (McKay 1979, doi 10.1080/00401706.1979.10489755) lets few runners stand for the
spread of many; draws are truncated, as the extremes of a normal curve are nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np

from strikelean.formats.series import FloatArray
from strikelean.virtual.chance import chance
from strikelean.virtual.sizes import BodySizes

# Segments whose lengths vary beside stature; the torso makes up for the legs.
LENGTHS = ("pelvis", "thigh", "shank", "foot")
# Heights in the generic model's default pose (Rajagopal 2016, doi 10.1109/TBME.2016.2586891):
# from floor to ankle, ankle to knee, knee to hip, hip to the joint of pelvis and torso, m.
CHAIN_M: Mapping[str, float] = {"foot": 0.057, "shank": 0.397, "thigh": 0.408, "pelvis": 0.159}


@dataclass(frozen=True)
class DrawnRunner:
    """A runner as drawn.

    Attributes:
        name: of the runner.
        sex: ``F`` or ``M``.
        sizes: stature, mass and segments.
        lean_rad: trunk lean they are used to.
    """

    name: str
    sex: str
    sizes: BodySizes
    lean_rad: float


def _hypercube(count: int, width: int, limit: float, random: np.random.Generator) -> FloatArray:
    """Return (count, width) standard normal draws, truncated, spread evenly in every column."""
    # as scipy.stats draws one, which every job would have to load to read the configuration
    stream = random.spawn(1)[0]
    within = stream.uniform(size=(count, width))
    order = np.tile(np.arange(1, count + 1), (width, 1))
    for column in order:
        stream.shuffle(column)
    shares = (order.T - within) / count
    normal = NormalDist()
    lowest, highest = normal.cdf(-limit), normal.cdf(limit)
    inverse = np.vectorize(normal.inv_cdf)
    return np.asarray(inverse(lowest + shares * (highest - lowest)))


def _sizes(
    height_m: float,
    mass_kg: float,
    draws: FloatArray,
    spread_percent: Mapping[str, float],
    model_m: float,
) -> BodySizes:
    size = height_m / model_m
    factors = {
        name: size * (1.0 + 0.01 * spread_percent[name] * float(draw))
        for name, draw in zip(LENGTHS, draws, strict=True)
    }
    # what the legs are longer the trunk is shorter: the stature was drawn
    legs = sum(length * (factors[name] - size) for name, length in CHAIN_M.items())
    trunk = model_m - sum(CHAIN_M.values())
    return BodySizes(height_m, mass_kg, factors | {"torso": size - legs / trunk, "arm": size})


def draw_runners(section: Mapping[str, Any], model_m: float) -> list[DrawnRunner]:
    """Draw runners.

    Args:
        section: ``virtual`` of the configuration.
        model_m: stature of the generic model.
    """
    count, body = int(section["runners"]), section["body"]
    random = chance(int(section["seed"]), "runners")
    width = 2 + len(LENGTHS) + 1
    draws = _hypercube(count, width, float(section["truncate_sd"]), random)
    women = round(count * float(body["share_women"]))
    sexes = random.permutation(["F"] * women + ["M"] * (count - women))
    runners = []
    for number, (sex, row) in enumerate(zip(sexes, draws, strict=True), 1):
        stature, bmi = body["stature_m"][str(sex)], body["bmi_kg_m2"][str(sex)]
        # as a laboratory writes them down
        height = round(float(stature[0] + stature[1] * row[0]), 3)
        mass = round(float((bmi[0] + bmi[1] * row[1]) * height**2), 1)
        lean = section["trunk_lean_deg"]
        runners.append(
            DrawnRunner(
                name=runner_name(number),
                sex=str(sex),
                sizes=_sizes(height, mass, row[2:-1], body["segment_percent"], model_m),
                lean_rad=float(np.radians(lean[0] + lean[1] * row[-1])),
            )
        )
    return runners


def runner_name(number: int) -> str:
    """Return the name of the first, second, ... runner."""
    return f"V{number:02d}"


def draw_scores(section: Mapping[str, Any], variations: int) -> dict[str, FloatArray]:
    """Return every runner's scores of the principal variations between runners, by name.

    Over the runners drawn every score has mean 0, its standard deviation is ``style_spread``, and
    scores do not go together, as far as their number allows: a few runners then differ in every
    quantity as the variations say, and not by luck.

    Args:
        section: ``virtual`` of the configuration.
        variations: how many there are.
    """
    count = int(section["runners"])
    drawn = chance(int(section["seed"]), "styles").standard_normal((count, variations))
    drawn -= drawn.mean(axis=0)
    if count > variations:
        drawn, _ = np.linalg.qr(drawn)
    size = np.sqrt((drawn**2).sum(axis=0) / max(count - 1, 1))
    scores = float(section["style_spread"]) * drawn / np.where(size > 0.0, size, 1.0)
    return {runner_name(number): row for number, row in enumerate(scores, 1)}
