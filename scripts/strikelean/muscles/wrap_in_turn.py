"""Paths around several cylinders: OpenSim lays them around one after the other, in rounds.

Each cylinder is tried on the path as the others have left it, for up to eight rounds, until the
path's length settles within half a millimetre. A path is a chain of numbered places: its points
come first, then two tangent points for every cylinder; ``after`` gives the place that follows
each, -1 where the chain ends or the place is not on it. One muscle in one frame is a column.

OpenSim 4.6 remembers where a tangent point is in the laboratory the first time it is asked, and
goes on with that place when a later round moves the point in its body. So the straight lines of
its path run between the tangent points of the first round, while lengths along the cylinders,
further wrapping, the points at which forces act and velocities are those of the last. That is a
mistake: such a path is up to 5 mm too short in running (gastrocnemius with a straight knee), its
pulls do not quite balance, and its lengthening speed changes with the spin of the whole body, by
up to 9 mm/s. It is reproduced (``seen_m`` beside ``places_m``) with ``engine_defect`` alone, to
compare with OpenSim.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from strikelean.formats.series import FloatArray
from strikelean.muscles.geometry import Index, WrappedPaths
from strikelean.muscles.wrap_cylinder import (
    INSIDE,
    MUST_WRAP,
    NONE,
    Contact,
    Frames,
    Surface,
    price,
    wrap_lines,
)

# OpenSim's rounds, and the change of length (m) that ends them.
ROUNDS, SETTLED_M = 8, 0.0005


@dataclass(frozen=True)
class _WrapCylinder:
    """One cylinder of every column.

    Attributes:
        number: which of the paths' cylinders.
        place: of its first tangent point; the second follows.
        present: (E,) whether a column's path has it.
        starts, ends: (E,) places it may lie between.
        frames, surface: where it is and its size, E rows.
    """

    number: int
    place: int
    present: NDArray[np.bool_]
    starts: Index
    ends: Index
    frames: Frames
    surface: Surface


class _Chains:
    """E paths of M places each.

    Attributes:
        points: how many places are path points.
        engine_defect: whether straight lines remember where tangent points were first.
        places_m: (3, M, E) in the laboratory.
        seen_m: (3, M, E) where OpenSim's straight lines take them to be, NaN while off the path.
        after: (M, E).
        arcs_m: (W, E) length along each cylinder, where it is on the path.
    """

    def __init__(
        self, points_m: FloatArray, counts: Index, cylinders: int, engine_defect: bool
    ) -> None:
        self.engine_defect = engine_defect
        self.points, columns = points_m.shape[1:]
        size = (self.points + 2 * cylinders, columns)
        self.places_m = np.zeros((3, *size))
        self.places_m[:, : self.points] = points_m
        self.seen_m = np.full((3, *size), np.nan)
        self.seen_m[:, : self.points] = points_m
        places = np.arange(size[0])[:, None]
        self.after = np.where(places < counts - 1, places + 1, -1)
        self.arcs_m = np.zeros((cylinders, columns))

    def lines(self) -> NDArray[np.bool_]:
        """Return (M, E): where a straight line leaves a place."""
        straight = self.after >= 0
        straight[self.points :: 2] = False  # from there the path follows the cylinder
        return straight

    def lengths(self) -> FloatArray:
        """Return the length (E,) of every path."""
        self._look()
        place, column = np.nonzero(self.lines())
        ends = self.seen_m[:, self.after[place, column], column]
        pieces = np.linalg.norm(ends - self.seen_m[:, place, column], axis=0)
        straight = np.bincount(column, pieces, minlength=self.after.shape[1])
        arcs = np.where(self.after[self.points :: 2] >= 0, self.arcs_m, 0.0)
        return np.asarray(straight + arcs.sum(axis=0))

    def _look(self) -> None:
        """Remember where tangent points lie that are on the path for the first time."""
        new = self.after >= 0
        if self.engine_defect:
            new &= np.isnan(self.seen_m[0])
        self.seen_m = np.where(new, self.places_m, self.seen_m)

    def where(self, place: Index, column: Index) -> FloatArray:
        """Return (3, n) where OpenSim's straight lines take some places to be."""
        here, seen = self.places_m[:, place, column], self.seen_m[:, place, column]
        return np.where(np.isnan(seen), here, seen) if self.engine_defect else here

    def remove(self, cylinder: _WrapCylinder, columns: Index) -> None:
        """Take a cylinder off some paths."""
        part = self.after[:, columns]
        following = part[cylinder.place + 1]
        part = np.where(part == cylinder.place, following, part)
        part[cylinder.place : cylinder.place + 2] = -1
        self.after[:, columns] = part

    def order(self, cylinder: _WrapCylinder, columns: Index) -> Index:
        """Return (M, n): the turn in which the line from each place is tried, -1 for never."""
        turns = np.full((len(self.after), len(columns)), -1, dtype=np.int64)
        here, rows = cylinder.starts[columns], np.arange(len(columns))
        for turn in range(len(self.after) - 1):
            going = np.flatnonzero((here != cylinder.ends[columns]) & (here >= 0))
            turns[here[going], rows[going]] = turn
            here[going] = self.after[here[going], columns[going]]
        return np.where(self.lines()[:, columns], turns, -1)

    def insert(
        self, cylinder: _WrapCylinder, columns: Index, place: Index, contact: Contact
    ) -> None:
        """Lay some paths around a cylinder: its tangent points (3, n) follow a place (n,) each."""
        self.places_m[:, cylinder.place, columns] = contact.first
        self.places_m[:, cylinder.place + 1, columns] = contact.second
        self.arcs_m[cylinder.number, columns] = contact.lengths_m
        self.after[cylinder.place + 1, columns] = self.after[place, columns]
        self.after[cylinder.place, columns] = cylinder.place + 1
        self.after[place, columns] = cylinder.place


def _try_cylinder(chains: _Chains, cylinder: _WrapCylinder, columns: Index) -> NDArray[np.int8]:
    """Lay some paths around one cylinder, or off it; return what it did to the last line tried.

    The first line that must wrap is bent, else the one that may and grows least.
    """
    chains.remove(cylinder, columns)
    turns = chains.order(cylinder, columns)
    place, row = np.nonzero(turns >= 0)
    turn, column = turns[place, row], columns[row]
    end = chains.after[place, column]
    frames = cylinder.frames.of(column)
    first = frames.inwards(chains.places_m[:, place, column])
    second = frames.inwards(chains.places_m[:, end, column])
    found, (bent,), contact = wrap_lines(first, second, cylinder.surface.of(column), slide=True)
    contact = contact.outwards(frames.of(bent))
    ends = chains.where(place[bent], column[bent]), chains.where(end[bent], column[bent])
    costs, line = np.full(turns.shape, np.inf), np.zeros(turns.shape, dtype=np.int64)
    costs[turn[bent], row[bent]] = price(found[bent], ends, contact)
    line[turn[bent], row[bent]] = np.arange(len(bent))
    best = costs.argmin(axis=0)
    wraps = np.flatnonzero(costs[best, np.arange(len(columns))] < np.inf)
    chosen = line[best[wraps], wraps]
    chains.insert(cylinder, columns[wraps], place[bent[chosen]], contact.of(chosen))
    outcome = np.full(len(columns), NONE, dtype=np.int8)
    for step in range(turn.max(initial=-1) + 1):
        tried = turn == step
        last = outcome[row[tried]]
        outcome[row[tried]] = np.where(last == MUST_WRAP, MUST_WRAP, found[tried])
    return outcome


def _cylinders(
    wrapped_paths: WrappedPaths, frames: Frames, surface: Surface, count: int
) -> list[_WrapCylinder]:
    """Return the cylinders of G paths in ``count`` frames each, E = G * count columns."""
    found = []
    for number in range(wrapped_paths.cylinders.shape[1]):
        cylinders = wrapped_paths.cylinders[:, number]
        around = frames.of(cylinders)
        found.append(
            _WrapCylinder(
                number,
                wrapped_paths.points.shape[1] + 2 * number,
                np.repeat(cylinders >= 0, count),
                np.repeat(wrapped_paths.starts[:, number], count),
                np.repeat(wrapped_paths.ends[:, number], count),
                Frames(around.rotations.reshape(3, 3, -1), around.centres_m.reshape(3, -1)),
                surface.of(np.repeat(cylinders, count)),
            )
        )
    return found


def wrap_in_turn(
    wrapped_paths: WrappedPaths, points_m: FloatArray, frames: Frames, surface: Surface
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Lay paths around several cylinders each.

    Args:
        wrapped_paths: G paths.
        points_m: (3, P, T) path points in the laboratory.
        frames: of the W cylinders in T frames.
        surface: the W cylinders.

    Returns:
        Lengths (G, T); the pull of every place per newton, (6, G * M, T): force and moment
        about the laboratory's origin; and slips (3, G, M, T) whose products with the spins of
        the places' bodies add up to rates of length.
    """
    count = points_m.shape[2]
    cylinders = _cylinders(wrapped_paths, frames, surface, count)
    places = points_m[:, wrapped_paths.points.T].reshape(3, wrapped_paths.points.shape[1], -1)
    counts = np.repeat(wrapped_paths.counts, count)
    chains = _Chains(places, counts, len(cylinders), wrapped_paths.engine_defect)
    active = np.arange(places.shape[2])
    order = np.repeat(np.arange(len(cylinders))[:, None], len(active), axis=1)
    before = np.full(len(active), np.inf)
    for turn in range(ROUNDS):
        outcomes = np.full(order.shape, NONE, dtype=np.int8)
        for step in range(len(cylinders)):
            for cylinder in cylinders:
                columns = active[
                    (order[step, active] == cylinder.number) & cylinder.present[active]
                ]
                if len(columns):
                    outcomes[step, columns] = _try_cylinder(chains, cylinder, columns)
        lengths = chains.lengths()
        settled = np.abs(lengths - before) < SETTLED_M
        before = lengths
        active = active[~settled[active]]
        if not len(active):
            break
        if turn == 0:
            # the first let the path pass and the second found an end inside itself: OpenSim
            # begins again with the second
            swap = active[(outcomes[0, active] == NONE) & (outcomes[1, active] == INSIDE)]
            order[:2, swap] = order[1::-1, swap]
            chains.remove(cylinders[0], swap)
    found = _pulls(chains, np.repeat(wrapped_paths.bodies.T, count, axis=1))
    muscles, stops = len(wrapped_paths.counts), len(chains.after)
    net, slip = (part.reshape(len(part), stops, muscles, count).swapaxes(1, 2) for part in found)
    return before.reshape(muscles, count), net.reshape(6, muscles * stops, count), slip


def _pulls(chains: _Chains, bodies: Index) -> tuple[FloatArray, FloatArray]:
    """Return what the lines of paths pull, and what OpenSim's stale places add to their speed.

    Args:
        chains: the finished paths.
        bodies: (M, E) body of every place.

    Returns:
        Force and moment about the origin (6, M, E) on every place per newton of tension; and
        (3, M, E) the vector whose product with the spin of a place's body is a rate of length.
    """
    net, slip = np.zeros((6, *bodies.shape)), np.zeros((3, *bodies.shape))
    place, column = np.nonzero(chains.after >= 0)
    end = chains.after[place, column]
    line = chains.seen_m[:, end, column] - chains.seen_m[:, place, column]
    line /= np.linalg.norm(line, axis=0)
    across = bodies[place, column] != bodies[end, column]
    for at, sign in ((place, 1.0), (end, -1.0)):
        moment = np.cross(chains.places_m[:, at, column], line, axis=0)
        pull = sign * np.concatenate([line, moment])
        net[:, at[across], column[across]] += pull[:, across]
        slip[:, at[~across], column[~across]] -= pull[3:, ~across]
    return net, slip
