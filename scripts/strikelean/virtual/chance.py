"""Chance by name: the same seed and names give the same numbers, whatever else was drawn."""

from __future__ import annotations

import zlib

import numpy as np


def chance(seed: int, *names: str) -> np.random.Generator:
    """Return the source of chance for a purpose: the same names give the same numbers."""
    keys = [zlib.crc32(name.encode("utf-8")) for name in names]
    return np.random.default_rng(np.random.SeedSequence([seed, *keys]))
