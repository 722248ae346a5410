"""Our filter and peaks beside scipy's, which take long to import."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import butter, find_peaks, sosfiltfilt

from strikelean.butterworth import butterworth, standing_out, there_and_back

SCRIPTS = Path(__file__).parents[2] / "scripts"


@pytest.mark.parametrize("poles", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("share", [0.004, 0.05, 0.2, 0.45])
def test_the_filter_is_scipys(poles, share):
    values = np.cumsum(np.random.default_rng(poles).normal(size=(400, 3)), axis=0) + 700.0
    theirs = butter(poles, share * 300.0, fs=300.0, output="sos")
    ours = butterworth(poles, share * 300.0, 300.0)
    for padding in (3 * poles, 399):
        np.testing.assert_allclose(
            there_and_back(ours, values, padding),
            sosfiltfilt(theirs, values, axis=0, padlen=padding),
            rtol=1e-8,
        )


# few levels: equal neighbours are frequent
@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.one_of(st.integers(0, 6), st.just(float("nan"))), max_size=40), st.integers(0, 4)
)
def test_peaks_are_scipys(levels, height):
    values = np.array(levels, dtype=np.float64)
    theirs, _ = find_peaks(values, prominence=height)
    np.testing.assert_array_equal(standing_out(values, height), theirs)


def test_a_trial_is_solved_without_importing_scipys():
    told = "import sys, strikelean.runners, strikelean.trial_results; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", told], cwd=SCRIPTS, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert not {"scipy.signal", "scipy.stats"} & set(done.stdout.split())
