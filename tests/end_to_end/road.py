"""What the tests of the whole road share."""

from __future__ import annotations

from pathlib import Path

from strikelean.verify.prepare_trial import read_config

TOP = Path(__file__).parents[2]
CONFIG = read_config(TOP)
FIRST_RIGHT = (0.874, 1.098)
