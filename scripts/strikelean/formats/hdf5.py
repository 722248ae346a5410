"""Waveforms per step in HDF5, each with its unit, sign, frame and basis beside it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
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


@contextmanager
def _opened(path: Path) -> Iterator[h5py.File]:
    """Open what :func:`write_waveforms` wrote, and say so where it cannot be read."""
    require_data(path, STEP)
    try:
        with h5py.File(path, "r") as store:
            yield store
    except Exception as problem:  # noqa: BLE001 - h5py raises whatever a garbled byte makes it
        raise RecordingError(
            STEP,
            f"waveforms with their attributes in {path}",
            f"that it was cut short or garbled ({type(problem).__name__}: {problem})",
            "Delete it and run again",
        ) from None


def _places(store: h5py.Group) -> list[str]:
    """Return the names of all groups and datasets, without opening one."""
    names: list[str] = []
    store.visit(names.append)
    return names


def read_waveforms(
    path: Path, quantities: Collection[str] | None = None
) -> tuple[dict[str, Waveform], dict[str, str]]:
    """Read what :func:`write_waveforms` wrote: waveforms by path, and provenance.

    Args:
        path: the file.
        quantities: last parts of the paths that are wanted, None for all: a cohort's file holds
            thousands, and opening each is what takes the time.

    Raises:
        RecordingError: absent, not HDF5, or a dataset without its four attributes.
        ExcludedError: an earlier step excluded the trial.
    """
    waveforms: dict[str, Waveform] = {}
    with _opened(path) as store:
        for place in _places(store):
            if quantities is not None and place.rsplit("/", 1)[-1] not in quantities:
                continue
            item = store[place]
            if isinstance(item, h5py.Dataset):
                texts = [str(item.attrs[attribute]) for attribute in _ATTRIBUTES]
                waveforms[place] = Waveform(np.asarray(item[()], dtype=np.float64), *texts)
        provenance = {key: str(value) for key, value in store[PROVENANCE].attrs.items()}
    return waveforms, provenance


@contextmanager
def collected_waveforms(
    path: Path, provenance: Mapping[str, str]
) -> Iterator[Callable[[Path, str, Collection[str]], None]]:
    """Write the waveforms of many files into one, whole or not at all.

    Args:
        path: where to.
        provenance: text attributes of ``/provenance``.

    Yields:
        A function that takes a file of :func:`write_waveforms`, the group that it becomes, and
        those of its own groups that are taken. It raises as :func:`read_waveforms` does.
    """
    with whole_file(path) as sibling, h5py.File(sibling, "w") as store:

        def collect(source: Path, place: str, groups: Collection[str]) -> None:
            with _opened(source) as own:
                for name in sorted(set(own) & set(groups)):
                    _check_attributes(own[name])
                    # in one piece: datasets need not be opened one by one
                    own.copy(name, store.require_group(place), name=name)

        yield collect
        store.create_group(PROVENANCE).attrs.update(dict(provenance))


def _check_attributes(group: h5py.Group) -> None:
    """KeyError where a dataset lacks one of the four."""
    for place in _places(group):
        item = group[place]
        for attribute in _ATTRIBUTES if isinstance(item, h5py.Dataset) else ():
            if attribute not in item.attrs:
                raise KeyError(f"no {attribute} of {place}")
