"""Waveforms per step in HDF5, each with its unit, sign, frame and basis beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np

from strikelean.errors import RecordingError
from strikelean.formats.files import require_data, whole_file
from strikelean.formats.series import FloatArray

STEP = "read_waveforms"
PROVENANCE = "provenance"
_ATTRIBUTES = ("unit", "sign", "frame", "basis")


@dataclass(frozen=True)
class Waveform:
    """One quantity of one side.

    Attributes:
        values: (steps, 101), or (steps,) for step numbers.
        unit: as written in tables (``N m``).
        sign: which way is positive (``extension positive``).
        frame: axes it is expressed in; empty for a scalar.
        basis: ``measured``, ``virtual`` (of a virtual runner), ``assumed`` or ``predicted``.
    """

    values: FloatArray
    unit: str
    sign: str
    frame: str
    basis: str


def write_waveforms(
    path: Path, waveforms: Mapping[str, Waveform], provenance: Mapping[str, str]
) -> None:
    """Write waveforms, whole or not at all.

    Args:
        path: where to.
        waveforms: by HDF5 path without a leading slash (``right/knee_extension_moment``).
        provenance: text attributes of ``/provenance``.
    """
    with whole_file(path) as sibling, h5py.File(sibling, "w") as store:
        for place, waveform in waveforms.items():
            data = store.create_dataset(place, data=np.asarray(waveform.values, dtype=np.float64))
            for attribute in _ATTRIBUTES:
                data.attrs[attribute] = getattr(waveform, attribute)
        store.create_group(PROVENANCE).attrs.update(dict(provenance))


def read_waveforms(path: Path) -> tuple[dict[str, Waveform], dict[str, str]]:
    """Read what :func:`write_waveforms` wrote: waveforms by path, and provenance.

    Raises:
        RecordingError: absent, not HDF5, or a dataset without its four attributes.
        ExcludedError: an earlier step excluded the trial.
    """
    require_data(path, STEP)
    waveforms: dict[str, Waveform] = {}

    def keep(place: str, item: h5py.Group | h5py.Dataset) -> None:
        if isinstance(item, h5py.Dataset):
            texts = [str(item.attrs[attribute]) for attribute in _ATTRIBUTES]
            waveforms[place] = Waveform(np.asarray(item[()], dtype=np.float64), *texts)

    try:
        with h5py.File(path, "r") as store:
            store.visititems(keep)
            provenance = {key: str(value) for key, value in store[PROVENANCE].attrs.items()}
    except Exception as problem:  # noqa: BLE001 - h5py raises whatever a garbled byte makes it
        raise RecordingError(
            STEP,
            f"waveforms with their attributes in {path}",
            f"that it was cut short or garbled ({type(problem).__name__}: {problem})",
            "Delete it and run again",
        ) from None
    return waveforms, provenance
