"""Whose a recording is where names do not say: a runner's segments have one length in all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from strikelean.drafting.pairs import OWN_M, STRANGER_M, choose_standing, lengths_mismatch_m
from strikelean.drafting.recordings import MarkerFile
from strikelean.lab.steps import is_needed
from strikelean.markersets import MarkerSet
from strikelean.markersets_known import Recognition, recognise

Names = Mapping[Path, str]


def segments_of(
    recognition: Recognition, known: Mapping[str, MarkerSet]
) -> list[tuple[str, ...]] | None:
    """Return the recorded labels of each segment of pelvis and legs, None for an unknown set."""
    if recognition.marker_set is None:
        return None
    labels = {name: label for label, name in recognition.names.items()}
    bodies = known[recognition.marker_set].bodies()
    return [
        tuple(labels[name] for name in names if name in labels)
        for body, names in bodies.items()
        if is_needed(body)
    ]


class _People:
    """Files by the runner that their names speak of."""

    def __init__(
        self,
        names: Names,
        standing: Sequence[MarkerFile],
        running: Sequence[MarkerFile],
        known: Mapping[str, MarkerSet],
    ) -> None:
        self.names = dict(names)
        self.standing, self.known = standing, known
        self.running: dict[str, list[MarkerFile]] = {}
        for file in running:
            self.running.setdefault(names[file.place], []).append(file)

    def without_static(self) -> list[str]:
        have = {self.names[file.place] for file in self.standing}
        return [name for name in self.running if name not in have]

    def loose(self, spare: str) -> list[MarkerFile]:
        """Return standing trials whose names speak of nobody who runs."""
        return [
            file
            for file in self.standing
            if self.names[file.place] == spare or self.names[file.place] not in self.running
        ]

    def segments(self, name: str) -> list[tuple[str, ...]] | None:
        labels = [label for file in self.running[name] for label in file.markers.names]
        return segments_of(recognise(labels, self.known), self.known)

    def call(self, old: str, new: str) -> None:
        """Give all files of one name another one."""
        self.names = {place: new if own == old else own for place, own in self.names.items()}


def _fitting(people: _People, name: str, loose: Sequence[MarkerFile]) -> MarkerFile | None:
    """Return the only standing trial that is of a runner by its lengths."""
    own, parts = people.running[name], people.segments(name)
    sizes = [choose_standing([file], own, parts)[1] for file in loose]
    near = [file for file, size in zip(loose, sizes, strict=True) if size < OWN_M]
    doubtful = [size for size in sizes if size < STRANGER_M]
    return near[0] if len(near) == len(doubtful) == 1 else None


def _all_one(people: _People, names: Sequence[str]) -> bool:
    """Whether runners of several names, in one folder, all have one size."""
    files = [file for name in names for file in people.running[name]]
    if len(names) < 2 or len({file.place.parent for file in files}) > 1:
        return False
    first, parts = files[0], people.segments(names[0])
    sizes = [lengths_mismatch_m(first.markers, file.markers, parts) for file in files[1:]]
    return all(size < OWN_M for size in sizes)


def one_name_each(
    names: Names,
    standing: Sequence[MarkerFile],
    running: Sequence[MarkerFile],
    spare: str,
    known: Mapping[str, MarkerSet],
) -> dict[Path, str]:
    """Return the runner of every file, those brought together who are one by their lengths.

    A standing trial whose name speaks of nobody becomes that of the only runner without one whom
    it fits; where it fits several, their names were the trials', and they are one runner. So they
    are where nobody has a standing trial and all recordings of one folder have one size.

    Args:
        names: as the names of the files have it, of forces too.
        standing: standing trials.
        running: running trials.
        spare: name for a runner whom no file names.
        known: delivered marker sets.
    """
    people = _People(names, standing, running, known)
    loose = people.loose(spare)
    fits: dict[Path, list[str]] = {}
    for name in people.without_static():
        found = _fitting(people, name, loose)
        if found is not None:
            fits.setdefault(found.place, []).append(name)
    for place, own in fits.items():
        told = people.names[place]
        if len(own) == 1 and told not in people.running:
            people.names[place] = own[0]
            continue
        for name in own:
            people.call(name, told)
    left = [name for name in people.without_static() if name in people.names.values()]
    if not standing and _all_one(people, left):
        for name in left:
            people.call(name, spare)
    return people.names
