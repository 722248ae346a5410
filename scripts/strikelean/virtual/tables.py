"""The two tables of a cohort of virtual runners, as a laboratory would fill them in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from strikelean.formats.files import write_text
from strikelean.markersets import load_markerset
from strikelean.virtual.names import MARKER_SET, trial_names
from strikelean.virtual.sample import draw_runners


def virtual_tables(
    section: Mapping[str, Any], marker_set: Path, cohort: str
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the rows of subjects.tsv and trials.tsv.

    Args:
        section: ``virtual`` of the configuration.
        marker_set: of the laboratory, which says for what stature the generic model is.
        cohort: name of the run, in whose results the recordings are.
    """
    model_m = load_markerset(marker_set).model_height_m
    subjects, trials = [], []
    for runner in draw_runners(section, model_m):
        folder = Path("results") / cohort / runner.name / "recordings"
        subjects.append(
            {
                "subject": runner.name,
                "mass_kg": runner.sizes.mass_kg,
                "height_m": runner.sizes.height_m,
                "sex": runner.sex,
                "static_file": (folder / "static.c3d").as_posix(),
                "marker_set": MARKER_SET,
            }
        )
        for trial in trial_names(section):
            trials.append(
                {
                    "subject": runner.name,
                    "trial": trial,
                    "files": (folder / f"{trial}.c3d").as_posix(),
                    "condition": trial,
                    "speed_m_s": float(section["speed_m_s"]),
                    "belt_speed_m_s": float(section["speed_m_s"]),
                }
            )
    return subjects, trials


def write_tables(
    subjects: Sequence[Mapping[str, Any]],
    trials: Sequence[Mapping[str, Any]],
    subjects_tsv: Path,
    trials_tsv: Path,
) -> None:
    """Write both tables, so that the recordings can be run as anybody's own.

    Args:
        subjects, trials: rows of :func:`virtual_tables`.
        subjects_tsv, trials_tsv: files written.
    """
    for rows, path in ((subjects, subjects_tsv), (trials, trials_tsv)):
        lines = ["# Virtual runners: nobody ran this. data_root is the folder of results/."]
        lines += ["\t".join(rows[0])]
        lines += ["\t".join(str(value) for value in row.values()) for row in rows]
        write_text(path, "\n".join(lines) + "\n")
