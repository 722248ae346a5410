"""What a check has read and scaled is kept, and a study takes it over: nothing is read twice.

One archive a runner. An entry goes by a fingerprint of all that it was made from: the bytes of the
files, the settings, and the code. Whoever needs it works out that fingerprint anew and finds the
entry, or finds none and does the work itself; the result is the same to the last bit.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from strikelean.formats.checksums import checksum
from strikelean.formats.contacts import Contacts, FootContact
from strikelean.formats.ground import GroundForces
from strikelean.formats.series import Markers
from strikelean.lab.check_belt import Speeds
from strikelean.lab.recording import RecordingSettings, TrialRecording
from strikelean.layout import RunnerFiles
from strikelean.provenance import describe_environment
from strikelean.standing import Standing


@dataclass(frozen=True)
class ReadFrom:
    """All that decides what is read of a running trial.

    Attributes:
        files: of the recording.
        start_s, end_s: window, None for the recording's own.
        speeds: of runner and belt.
        static: static.trc of the runner.
        marker_set: file of the marker set.
        mass_kg: of the runner.
        settings: of the reader.
    """

    files: tuple[Path, ...]
    start_s: float | None
    end_s: float | None
    speeds: Speeds | None
    static: Path
    marker_set: Path
    mass_kg: float
    settings: RecordingSettings

    def key(self, code: str) -> str:
        """Return the fingerprint, given that of the code that reads."""
        values = (self.start_s, self.end_s, self.speeds, self.mass_kg, self.settings)
        return _fingerprint(code, (*self.files, self.static, self.marker_set), values)


@dataclass(frozen=True)
class ScaledFrom:
    """All that decides a runner's scaled model.

    Attributes:
        standing: the standing trial, or what is taken in its place, and how it is read.
        generic_osim: edited generic model.
        marker_set: file of the marker set.
        sizes: name, mass and stature.
        strength: how muscles are scaled.
    """

    standing: Standing
    generic_osim: Path
    marker_set: Path
    sizes: Any
    strength: str

    def key(self, code: str) -> str:
        """Return the fingerprint, given that of the code that scales."""
        standing = self.standing
        files = (*standing.files, self.generic_osim, self.marker_set)
        read = (standing.axes, standing.floor_height_m, standing.rules, standing.max_gap_s)
        values = (standing.file is None, *read, self.sizes, self.strength)
        return _fingerprint(code, files, values)


def _fingerprint(code: str, files: tuple[Path, ...], values: tuple[object, ...]) -> str:
    # names too: messages speak of them
    parts = [code, *(f"{path.name} {_digest(path)}" for path in files), repr(values)]
    parts += [f"{name} {version}" for name, version in sorted(describe_environment().items())]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _digest(path: Path) -> str:
    try:
        return checksum(path)
    except OSError:
        return ""  # whoever reads it says why it cannot be read


def _plain(value: Any) -> Any:
    """Return a number of numpy as Python's."""
    return value.item()


def keep_recording(archive: zipfile.ZipFile, key: str, recording: TrialRecording) -> None:
    """Put a recording into an archive."""
    markers = recording.markers
    told = {
        "names": markers.names,
        "rate_hz": markers.rate_hz,
        "notes": markers.notes,
        "contacts": [asdict(contact) for contact in recording.contacts],
        "summary": recording.summary,
    }
    arrays = io.BytesIO()
    np.savez(
        arrays,
        time_s=markers.time_s,
        positions_m=markers.positions_m,
        grf_time_s=recording.grf.time_s,
        grf=recording.grf.values,
        unfiltered_time_s=recording.grf_unfiltered.time_s,
        unfiltered=recording.grf_unfiltered.values,
    )
    archive.writestr(f"{key}.npz", arrays.getvalue())
    archive.writestr(f"{key}.json", json.dumps(told, default=_plain))


def take_recording(archive: Path, key: str) -> TrialRecording | None:
    """Return a recording that was kept, None where there is none, or none that can be read."""
    try:
        with zipfile.ZipFile(archive) as opened:
            told = json.loads(opened.read(f"{key}.json"))
            arrays = np.load(io.BytesIO(opened.read(f"{key}.npz")), allow_pickle=False)
            return TrialRecording(
                markers=Markers(
                    arrays["time_s"],
                    tuple(told["names"]),
                    arrays["positions_m"],
                    told["rate_hz"],
                    tuple(told["notes"]),
                ),
                grf=GroundForces(arrays["grf_time_s"], arrays["grf"]),
                grf_unfiltered=GroundForces(arrays["unfiltered_time_s"], arrays["unfiltered"]),
                contacts=Contacts([FootContact(**row) for row in told["contacts"]]),
                summary=told["summary"],
            )
    except (OSError, KeyError, ValueError, TypeError, zipfile.BadZipFile):
        return None  # whoever asks reads the recording itself


def keep_scaling(archive: zipfile.ZipFile, key: str, files: RunnerFiles) -> None:
    """Put a runner's standing trial and scaled model into an archive."""
    for path in (files.static, files.model, files.scaling):
        archive.write(path, f"{key}/{path.name}")


def take_scaling(archive: Path, key: str, files: RunnerFiles) -> bool:
    """Write the standing trial and scaled model that were kept; return whether there were any."""
    try:
        with zipfile.ZipFile(archive) as opened:
            found = {
                path: opened.read(f"{key}/{path.name}")
                for path in (files.static, files.model, files.scaling)
            }
    except (OSError, KeyError, zipfile.BadZipFile):
        return False
    files.folder.mkdir(parents=True, exist_ok=True)
    for path, content in found.items():
        path.write_bytes(content)
    return True
