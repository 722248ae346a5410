"""What a job loads before it starts: each of a run's jobs pays it anew, many for nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import strikelean

TESTS_OF_PEOPLE = ("scipy.stats", "statsmodels", "spm1d")
RECORDINGS = ("opensim", "scipy.interpolate", "scipy.optimize", "scipy.signal")


@pytest.mark.parametrize(
    ("module", "without"),
    [
        ("strikelean.report.page", (*RECORDINGS, *TESTS_OF_PEOPLE)),
        ("strikelean.studies.compare", (*RECORDINGS, *TESTS_OF_PEOPLE, "matplotlib")),
        ("strikelean.studies.claims", (*RECORDINGS, *TESTS_OF_PEOPLE, "matplotlib")),
        ("strikelean.studies.waveform_files", (*RECORDINGS, *TESTS_OF_PEOPLE, "matplotlib")),
        ("strikelean.runners", (*TESTS_OF_PEOPLE, "scipy.signal", "matplotlib", "jinja2")),
    ],
)
def test_a_job_does_not_load_what_it_has_no_use_for(module, without):
    told = f"import sys, {module}; print([n for n in {without!r} if n in sys.modules])"
    place = {"PYTHONPATH": str(Path(strikelean.__file__).parents[1])}
    found = subprocess.run(
        [sys.executable, "-c", told],
        capture_output=True, text=True, check=True, env=os.environ | place,
    )  # fmt: skip
    assert found.stdout.strip() == "[]"
