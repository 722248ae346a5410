"""Two result folders side by side: which tables and waveforms differ, by how much, and where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
import pandas as pd

from strikelean.formats.files import excluded_reason
from strikelean.formats.series import FloatArray

RELATIVE = 1e-6
ITERATED = 1e-4
"""Relative difference that is none, and the same for what is solved by iteration."""

ITERATED_FILES = ("sweep", "dose_response", "band", "bands", "choices", "cycle", "template")
"""Folders and files (without ending) that hold strides and their bands."""

FLOORS: Mapping[str, float] = {
    "N": 1.0,
    "BW": 1e-3,
    "N m": 0.1,
    "N m/kg": 1e-2,
    "deg": 0.1,
    "m": 1e-3,
    "s": 1e-3,
    "MPa": 1e-2,
    "W": 1.0,
    "W/kg": 1e-2,
    "%": 0.1,
}
"""Sizes by unit that are next to nothing: differences are held against no less."""

FLOOR = 1e-6
"""The same where no unit is stated: no metric is that small in its unit."""

SUFFIXES: Mapping[str, str] = {
    "_n": "N",
    "_nm": "N m",
    "_deg": "deg",
    "_m": "m",
    "_s": "s",
    "_mpa": "MPa",
    "_percent": "%",
}
"""Endings of a column's name, and the unit they state."""

KEYS = (
    *("subject", "trial", "laboratory", "condition", "side", "step", "metric", "quantity"),
    *("study", "contrast", "variable", "claim", "id", "condition_a", "condition_b", "design"),
    *("predictor", "trunk_lean_change_deg", "cluster", "choice", "phase", "coordinate"),
)
"""Columns that say which row it is; where they repeat, rows are counted."""


@dataclass(frozen=True)
class Difference:
    """One file that is not the same in both folders.

    Attributes:
        file: path within the folders.
        what: what differs, with the worst place.
        relative: largest relative difference, NaN where it is none of numbers.
    """

    file: str
    what: str
    relative: float = float("nan")


def _relative(a: FloatArray, b: FloatArray, floor: FloatArray | float) -> FloatArray:
    """Return |a - b| over the larger size (no less than the floor); infinite where one is blank."""
    size = np.maximum(np.maximum(np.abs(a), np.abs(b)), floor)
    with np.errstate(invalid="ignore", divide="ignore"):
        apart = np.abs(a - b) / size
    apart = np.where(a == b, 0.0, apart)
    blank_a, blank_b = ~np.isfinite(a), ~np.isfinite(b)
    return np.where(
        blank_a & blank_b & ~(np.isinf(a) | np.isinf(b)), 0.0, np.nan_to_num(apart, nan=np.inf)
    )


def _allowed(path: Path) -> float:
    parts = {*path.parts[:-1], path.stem}
    return ITERATED if parts & set(ITERATED_FILES) else RELATIVE


def _read(path: Path) -> pd.DataFrame:
    table = pd.read_csv(path, comment="#", keep_default_na=True)
    keys = [name for name in KEYS if name in table.columns]
    if not keys:
        return table
    table[keys] = table[keys].astype(str)
    table["occurrence"] = table.groupby(keys, sort=False).cumcount()
    return table.set_index([*keys, "occurrence"]).sort_index()


def _floors(table: pd.DataFrame, column: str) -> FloatArray | float:
    if "unit" in table.columns and column != "p_raw":
        return np.array([FLOORS.get(str(unit), FLOOR) for unit in table["unit"]])
    ending = next((unit for tail, unit in SUFFIXES.items() if column.endswith(tail)), "")
    return FLOORS.get(ending, FLOOR)


def _tables(name: str, path_a: Path, path_b: Path, allowed: float) -> Iterator[Difference]:
    a, b = _read(path_a), _read(path_b)
    if list(a.columns) != list(b.columns):
        strange = sorted(set(a.columns) ^ set(b.columns))
        yield Difference(name, f"columns: {', '.join(strange) or 'another order'}")
    if not a.index.equals(b.index):
        only_a, only_b = a.index.difference(b.index), b.index.difference(a.index)
        first = next(iter([*only_a.tolist(), *only_b.tolist()]), "another order")
        yield Difference(
            name, f"rows: {len(only_a)} only in A, {len(only_b)} only in B, such as {first}"
        )
        shared = a.index.intersection(b.index)
        a, b = a.loc[shared], b.loc[shared]
    for column in [column for column in a.columns if column in b.columns]:
        one, two = a[column], b[column]
        if pd.api.types.is_numeric_dtype(one) and pd.api.types.is_numeric_dtype(two):
            apart = _relative(one.to_numpy(float), two.to_numpy(float), _floors(a, column))
            if apart.size and apart.max() > allowed:
                worst = int(np.argmax(apart))
                place = f"{a.index[worst]}: {one.iloc[worst]:.9g} and {two.iloc[worst]:.9g}"
                count = int(np.count_nonzero(apart > allowed))
                yield Difference(
                    name, f"{column}, {count} of {apart.size}, {place}", float(apart.max())
                )
        else:
            other = one.fillna("").astype(str).to_numpy() != two.fillna("").astype(str).to_numpy()
            if other.any():
                worst = int(np.argmax(other))
                place = f"{a.index[worst]}: '{one.iloc[worst]}' and '{two.iloc[worst]}'"
                yield Difference(name, f"{column}, {int(other.sum())} of {other.size}, {place}")


def _datasets(path: Path) -> dict[str, FloatArray]:
    found: dict[str, FloatArray] = {}
    with h5py.File(path, "r") as store:
        store.visititems(
            lambda place, item: (
                found.__setitem__(place, np.asarray(item[()], dtype=np.float64))
                if isinstance(item, h5py.Dataset) and item.dtype.kind == "f"
                else None
            )
        )
    return found


def _stores(name: str, path_a: Path, path_b: Path, allowed: float) -> Iterator[Difference]:
    a, b = _datasets(path_a), _datasets(path_b)
    if a.keys() ^ b.keys():
        yield Difference(name, f"datasets: {', '.join(sorted(a.keys() ^ b.keys())[:5])}")
    for place in sorted(a.keys() & b.keys()):
        if a[place].shape != b[place].shape:
            yield Difference(name, f"{place}: shapes {a[place].shape} and {b[place].shape}")
            continue
        known = a[place][np.isfinite(a[place])]
        # a curve crosses zero: its differences are held against its peak
        floor = float(np.abs(known).max()) if known.size else FLOOR
        apart = _relative(a[place], b[place], max(floor, FLOOR))
        if apart.size and apart.max() > allowed:
            yield Difference(
                name,
                f"{place}, {np.count_nonzero(apart > allowed)} of {apart.size}",
                float(apart.max()),
            )


def compare_results(
    folder_a: Path, folder_b: Path, relative: float | None = None
) -> tuple[int, list[Difference]]:
    """Compare every CSV and HDF5 file of two result folders.

    Numbers may differ by ``RELATIVE`` of their size (``ITERATED`` for strides, sweeps and bands),
    text not at all. Rows are matched by the columns that say which row it is, whatever their order.

    Args:
        folder_a, folder_b: such as ``results/virtual`` before and after a change.
        relative: difference that is none, in place of the two above.

    Returns:
        How many files both folders have, and what differs, in the order of the files.
    """
    names: list[set[Path]] = []
    for folder in (folder_a, folder_b):
        files = {path for ending in ("*.csv", "*.h5") for path in folder.rglob(ending)}
        inner = {path.relative_to(folder) for path in files}
        # checksums and the like: what is compared is what they are of
        names.append({name for name in inner if not any(p[0] == "." for p in name.parts)})
    found = [Difference(str(name), "only in A") for name in sorted(names[0] - names[1])]
    found += [Difference(str(name), "only in B") for name in sorted(names[1] - names[0])]
    for name in sorted(names[0] & names[1]):
        a, b = folder_a / name, folder_b / name
        reasons = excluded_reason(a), excluded_reason(b)
        if any(reasons):
            if reasons[0] != reasons[1]:
                found.append(Difference(str(name), f"excluded: '{reasons[0]}' and '{reasons[1]}'"))
            continue
        compare = _tables if name.suffix == ".csv" else _stores
        found += compare(str(name), a, b, _allowed(name) if relative is None else relative)
    return len(names[0] & names[1]), found
