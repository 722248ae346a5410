"""A laboratory's flaws: each as large as asked, and each can be nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from strikelean.formats.series import Wrench
from strikelean.markersets import load_markerset
from strikelean.virtual.flaws import SKIN, lose_markers, misplacements_m, plate_noise, skin_motion_m
from strikelean.virtual.settings import FLAWLESS, Flaws

TOP = Path(__file__).parents[2]
MARKERS = load_markerset(TOP / "models" / "markersets" / "virtual.yaml")
TIME_S = np.arange(400) / 200.0


def delivered() -> dict[str, Any]:
    text = (TOP / "config" / "config.yaml").read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.safe_load(text)["virtual"]["flaws"]
    return found


def random() -> np.random.Generator:
    return np.random.default_rng(3)


def wave(shift: float) -> np.ndarray:
    return np.sin(2.0 * np.pi * 1.4 * TIME_S + shift)


def skin(flaws: Flaws) -> dict[str, np.ndarray]:
    names = sorted({name for _, angles in SKIN.values() for name in angles})
    drives = {name: wave(place) for place, name in enumerate(names)}
    push = {"r": np.maximum(wave(0.0), 0.0), "l": np.maximum(wave(np.pi), 0.0)}
    return skin_motion_m(MARKERS, flaws, drives, push, random())


def plate() -> Wrench:
    time_s = np.arange(20000) / 1000.0
    return Wrench(time_s, np.zeros((20000, 3)), np.zeros((20000, 3)), 1000.0, "plate")


def test_a_flawless_laboratory_changes_nothing() -> None:
    positions = random().random((50, 4, 3))
    np.testing.assert_array_equal(lose_markers(positions, 200.0, FLAWLESS, random()), positions)
    for moved in misplacements_m(MARKERS, FLAWLESS, random()).values():
        np.testing.assert_array_equal(moved, 0.0)
    for moved in skin(FLAWLESS).values():
        np.testing.assert_array_equal(moved, 0.0)
    assert plate_noise(plate(), FLAWLESS, random()) is not None
    np.testing.assert_array_equal(plate_noise(plate(), FLAWLESS, random()).force_n, 0.0)


@pytest.mark.parametrize("name", sorted(set(delivered()) - {"soft_tissue_mm", "gap_s"}))
def test_every_flaw_can_be_switched_off_alone(name: str) -> None:
    section = delivered()
    section[name] = [0.0] * 3 if isinstance(section[name], list) else 0.0
    flaws = Flaws.from_config(section)
    value = getattr(flaws, name)
    assert value in (0.0, (0.0, 0.0, 0.0))


def test_skin_slides_as_far_as_asked_and_partly_together() -> None:
    flaws = Flaws.from_config(delivered())
    moved = skin(flaws)
    for body, (segment, _) in SKIN.items():
        own = [m.name for m in MARKERS.markers if m.body == body and m.name in moved]
        for name in own:
            rms = np.sqrt(np.mean((moved[name] ** 2).sum(axis=1)))
            assert rms == pytest.approx(1e-3 * flaws.soft_tissue_mm[segment], rel=1e-9)
    together = skin(replace(flaws, soft_tissue_shared=1.0))
    thigh = [m.name for m in MARKERS.markers if m.body == "femur_r" and m.name in together]
    for name in thigh[1:]:
        np.testing.assert_allclose(together[name], together[thigh[0]], atol=1e-12)


def test_noise_and_gaps_are_as_large_and_as_many_as_asked() -> None:
    flaws = Flaws(marker_noise_mm=0.5, gaps_per_s=0.2, gap_s=0.05)
    seen = lose_markers(np.zeros((4000, 30, 3)), 200.0, flaws, random())
    assert np.nanstd(seen) == pytest.approx(0.5e-3, rel=0.02)
    lost = np.isnan(seen[..., 0])
    np.testing.assert_array_equal(np.isnan(seen).all(axis=2), lost)
    begins = (np.diff(lost.astype(int), axis=0) == 1).sum()
    assert begins / (30 * 20.0) == pytest.approx(0.2, rel=0.2)


def test_plate_noise_is_slow_and_as_large_as_asked() -> None:
    flaws = Flaws(plate_noise_n=(8.0, 9.0, 5.0), plate_noise_nm=(1.0, 2.0, 3.0))
    found = plate_noise(plate(), flaws, random())
    np.testing.assert_allclose(found.force_n.std(axis=0), (8.0, 9.0, 5.0), rtol=1e-6)
    np.testing.assert_allclose(found.moment_nm.std(axis=0), (1.0, 2.0, 3.0), rtol=1e-6)
    power = np.abs(np.fft.rfft(found.force_n[:, 1])) ** 2
    hertz = np.fft.rfftfreq(20000, 1e-3)
    assert power[hertz > 120.0].sum() < 0.02 * power.sum()


def test_only_the_mismatched_laboratory_misplaces_markers() -> None:
    flaws = Flaws.from_config(delivered())
    off = misplacements_m(MARKERS, flaws, random())
    hip = [np.linalg.norm(v) for name, v in off.items() if name.endswith("HJC")]
    assert len(hip) == 2
    assert all(np.any(moved != 0.0) for moved in off.values())
    for moved in misplacements_m(MARKERS, flaws.without_misplacement(), random()).values():
        np.testing.assert_array_equal(moved, 0.0)
