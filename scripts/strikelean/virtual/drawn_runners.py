"""Virtual runners drawn from what is published of real ones, and the two tables that list them.

A Latin hypercube (McKay 1979, doi 10.1080/00401706.1979.10489755) lets few runners stand for the
spread of many; draws are truncated, as the extremes of a normal curve are nobody.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np

from strikelean.formats.files import write_text
from strikelean.formats.series import FloatArray
from strikelean.markersets import load_markerset
from strikelean.virtual.settings import VirtualSettings


def random_source(seed: int, *names: str) -> np.random.Generator:
    """Return the random numbers of one purpose.

    The same seed and names give the same numbers, whatever else was drawn.
    """
    keys = [zlib.crc32(name.encode("utf-8")) for name in names]
    return np.random.default_rng(np.random.SeedSequence([seed, *keys]))


# What carries a segment's name in the model; both sides alike.
SEGMENTS: Mapping[str, tuple[str, ...]] = {
    "pelvis": ("pelvis",),
    "thigh": ("femur_{}", "patella_{}"),
    "shank": ("tibia_{}",),
    "foot": ("talus_{}", "calcn_{}", "toes_{}"),
    "torso": ("torso",),
    "arm": ("humerus_{}", "ulna_{}", "radius_{}", "hand_{}"),
}


@dataclass(frozen=True)
class BodySizes:
    """How large a runner is.

    Attributes:
        height_m, mass_kg: stature and mass.
        factors: size of each segment over the generic model's.
    """

    height_m: float
    mass_kg: float
    factors: Mapping[str, float]

    def by_body(self) -> dict[str, FloatArray]:
        """Return (3,) scale factors of every body."""
        found = {}
        for segment, names in SEGMENTS.items():
            for name in names:
                for side in "rl" if "{}" in name else "":
                    found[name.format(side)] = np.full(3, self.factors[segment])
                if "{}" not in name:
                    found[name] = np.full(3, self.factors[segment])
        return found


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


def draw_runners(settings: VirtualSettings, model_m: float) -> list[DrawnRunner]:
    """Draw runners.

    Args:
        settings: of virtual runners.
        model_m: stature of the generic model.
    """
    count, body = settings.runners, settings.body
    random = random_source(settings.seed, "runners")
    width = 2 + len(LENGTHS) + 1
    draws = _hypercube(count, width, settings.truncate_sd, random)
    women = round(count * body.share_women)
    sexes = random.permutation(["F"] * women + ["M"] * (count - women))
    runners = []
    for number, (sex, row) in enumerate(zip(sexes, draws, strict=True), 1):
        stature, bmi = body.stature_m[str(sex)], body.bmi_kg_m2[str(sex)]
        # as a laboratory writes them down
        height = round(float(stature[0] + stature[1] * row[0]), 3)
        mass = round(float((bmi[0] + bmi[1] * row[1]) * height**2), 1)
        lean = settings.trunk_lean_deg
        runners.append(
            DrawnRunner(
                name=runner_name(number),
                sex=str(sex),
                sizes=_sizes(height, mass, row[2:-1], body.segment_percent, model_m),
                lean_rad=float(np.radians(lean[0] + lean[1] * row[-1])),
            )
        )
    return runners


def runner_name(number: int) -> str:
    """Return the name of the first, second, ... runner."""
    return f"V{number:02d}"


def draw_scores(settings: VirtualSettings, variations: int) -> dict[str, FloatArray]:
    """Return every runner's scores of the principal variations between runners, by name.

    Over the runners drawn every score has mean 0, its standard deviation is ``style_spread``, and
    scores do not go together, as far as their number allows: a few runners then differ in every
    quantity as the variations say, and not by luck.

    Args:
        settings: of virtual runners.
        variations: how many there are.
    """
    count = settings.runners
    drawn = random_source(settings.seed, "styles").standard_normal((count, variations))
    drawn -= drawn.mean(axis=0)
    if count > variations:
        drawn, _ = np.linalg.qr(drawn)
    size = np.sqrt((drawn**2).sum(axis=0) / max(count - 1, 1))
    scores = settings.style_spread * drawn / np.where(size > 0.0, size, 1.0)
    return {runner_name(number): row for number, row in enumerate(scores, 1)}


def virtual_tables(
    settings: VirtualSettings, marker_set: Path, cohort: str
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the rows of subjects.tsv and trials.tsv.

    Args:
        settings: of virtual runners.
        marker_set: of the laboratory, which says for what stature the generic model is.
        cohort: name of the run, in whose results the recordings are.
    """
    model_m = load_markerset(marker_set).model_height_m
    subjects, trials = [], []
    for runner in draw_runners(settings, model_m):
        folder = Path("results") / cohort / runner.name / "recordings"
        subjects.append(
            {
                "subject": runner.name,
                "mass_kg": runner.sizes.mass_kg,
                "height_m": runner.sizes.height_m,
                "sex": runner.sex,
                "static_file": (folder / "static.c3d").as_posix(),
                "marker_set": settings.marker_set,
            }
        )
        for name, trial in settings.recordings().items():
            trials.append(
                {
                    "subject": runner.name,
                    "trial": name,
                    "files": (folder / f"{name}.c3d").as_posix(),
                    "condition": trial,
                    "speed_m_s": settings.speed_m_s,
                    "belt_speed_m_s": settings.belt_speed_m_s,
                }
            )
    return subjects, trials


def write_tables(
    subjects: Sequence[Mapping[str, Any]],
    trials: Sequence[Mapping[str, Any]],
    subjects_tsv: Path,
    trials_tsv: Path,
    root: str = "results/",
) -> None:
    """Write both tables, so that the recordings can be run as anybody's own.

    Args:
        subjects, trials: rows of :func:`virtual_tables`.
        subjects_tsv, trials_tsv: files written.
        root: what lies in the folder that names of files are relative to.
    """
    for rows, path in ((subjects, subjects_tsv), (trials, trials_tsv)):
        lines = [f"# Virtual runners: nobody ran this. data_root is the folder of {root}."]
        lines += ["\t".join(rows[0])]
        lines += ["\t".join(_cell(value) for value in row.values()) for row in rows]
        write_text(path, "\n".join(lines) + "\n")


def _cell(value: object) -> str:
    return "" if value is None else str(value)
