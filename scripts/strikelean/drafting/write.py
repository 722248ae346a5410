"""The files of a drafted study: two tables, the settings that differ, and a summary to read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from strikelean.drafting.draft import RunnerDraft, StudyDraft, TrialDraft
from strikelean.formats.files import write_text

SUBJECTS, TRIALS, CONFIG, SUMMARY = "subjects.tsv", "trials.tsv", "config.yaml", "summary.txt"
_SUBJECT_COLUMNS = ("subject", "mass_kg", "height_m", "sex", "static_file", "model", "marker_set")
_TRIAL_COLUMNS = (
    *("subject", "trial", "files", "condition", "speed_m_s", "belt_speed_m_s"),
    *("start_s", "end_s"),
)


def _cell(value: object) -> str:
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _table(notes: Iterable[str], columns: Sequence[str], rows: Iterable[str]) -> str:
    return "\n".join([*(f"# {note}" for note in notes), "\t".join(columns), *rows]) + "\n"


def _subject_row(runner: RunnerDraft) -> str:
    values = runner.person.values
    static = runner.static.place.as_posix() if runner.static else ""
    cells = [runner.name, *(values.get(key) for key in _SUBJECT_COLUMNS[1:4])]
    return "\t".join(map(_cell, [*cells, static, "", runner.marker_set]))


def subjects_table(draft: StudyDraft) -> str:
    """Return subjects.tsv."""
    notes = [
        "Drafted from the recordings: fill in what is blank, then run make check. A blank mass or",
        "stature stops the study; it is never guessed. sex may stay blank.",
    ]
    for source, names in sources(draft).items():
        notes.append(f"{source} ({_listed(names)})")
    return _table(notes, _SUBJECT_COLUMNS, map(_subject_row, draft.runners))


def sources(draft: StudyDraft) -> dict[str, list[str]]:
    """Return runners by what of them was found where, in words."""
    words = {"mass_kg": "mass", "height_m": "stature", "sex": "sex"}
    found: dict[str, list[str]] = {}
    for runner in draft.runners:
        for quantity, source in runner.person.sources.items():
            found.setdefault(f"{words[quantity]}: {source}", []).append(runner.name)
    everybody = [runner.name for runner in draft.runners]
    return {w: ["all"] if n == everybody and len(n) > 1 else n for w, n in found.items()}


def _listed(names: Sequence[str], most: int = 12) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _trial_row(trial: TrialDraft) -> str:
    files = ";".join(place.as_posix() for place in trial.files)
    cells = [trial.runner, trial.name, files, trial.condition]
    row = "\t".join(map(_cell, [*cells, trial.speed_m_s, trial.belt_m_s, "", ""]))
    return f"# {trial.doubt}\n# {row}" if trial.doubt else row


def trials_table(draft: StudyDraft) -> str:
    """Return trials.tsv; rows of doubtful recordings are comments."""
    notes = [
        "Drafted from the recordings. condition is what the files' names say: see whether it is",
        "right. Speeds are measured (feet on the ground, body over it), within 5 %, or those of",
        "the files' names where the measured ones agree; write what was set where you know it.",
        "belt_speed_m_s is blank overground.",
    ]
    return _table(notes, _TRIAL_COLUMNS, map(_trial_row, draft.trials))


def config_text(draft: StudyDraft, folder: Path, data_root: Path) -> str:
    """Return config.yaml, laid over the delivered configuration."""
    forward, up, right = draft.way
    tables = {
        name: json.dumps((folder / file).as_posix())
        for name, file in (("subjects", SUBJECTS), ("trials", TRIALS))
    }
    return f"""# Drafted from the recordings in data_root; laid over config/config.yaml.

cohort: {folder.resolve().name}
source: ""                         # where the recordings come from, with DOI, if they are published

tables:
  subjects: {tables["subjects"]}
  trials: {tables["trials"]}

data_root: {json.dumps(data_root.as_posix())}

recording:
  axes:                            # found from the markers: most files stand and run so
    forward: "{forward}"
    up: "{up}"
    right: "{right}"
"""


def write_study(
    draft: StudyDraft, folder: Path, data_root: Path, further: Mapping[str, str]
) -> None:
    """Write a drafted study into its folder.

    Args:
        draft: what was found.
        folder: written to.
        data_root: folder of the recordings, as the configuration names it.
        further: text of more files by their names.
    """
    texts = {
        SUBJECTS: subjects_table(draft),
        TRIALS: trials_table(draft),
        CONFIG: config_text(draft, folder, data_root),
        **further,
    }
    for name, text in texts.items():
        write_text(folder / name, text)
