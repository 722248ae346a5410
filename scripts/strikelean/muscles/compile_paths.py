"""Muscle paths read out of an OpenSim model once.

Paths of points fixed to bodies that wrap cylinders (method ``hybrid``) are compiled. Any other
path, one with a moving or conditional point, another kind of wrap object or method, is left to
OpenSim's own evaluation, muscle by muscle.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import opensim as osim
from numpy.typing import NDArray
from scipy.sparse import csr_array

from strikelean.dynamics.multibody import Multibody
from strikelean.errors import ModelError
from strikelean.formats.series import FloatArray
from strikelean.model.engine import rotation_matrix, vec3
from strikelean.model.tree import GROUND, KinematicTree
from strikelean.muscles.geometry import (
    Crossing,
    Cylinders,
    Index,
    MusclePaths,
    Points,
    Segments,
    WrappedPaths,
)
from strikelean.muscles.wrap_cylinder import Surface

QUADRANT_AXES = {"x": 0, "y": 1}


class _Wrap(NamedTuple):
    """A cylinder of a path, and the points (counted from 0) it may lie between."""

    cylinder: int
    start: int
    end: int


class _Path(NamedTuple):
    muscle: int
    points: tuple[int, ...]
    wraps: tuple[_Wrap, ...]


class _Reader:
    """Collects points and cylinders while paths are read."""

    def __init__(self, tree: KinematicTree) -> None:
        self.body_of = {name: index for index, name in enumerate(tree.bodies)} | {GROUND: -1}
        self.bodies: list[int] = []
        self.locations: list[FloatArray] = []
        self.found: dict[str, tuple[int, osim.WrapCylinder]] = {}

    def point(self, point: osim.PathPoint) -> int:
        """Return the index of a path point."""
        frame = point.getParentFrame()
        self.bodies.append(self.body_of[frame.findBaseFrame().getName()])
        offset = frame.findTransformInBaseFrame()
        place = vec3(point.get_location())
        self.locations.append(rotation_matrix(offset.R()) @ place + vec3(offset.p()))
        return len(self.bodies) - 1

    def cylinder(self, surface: osim.WrapCylinder) -> int:
        """Return the index of a cylinder."""
        place = surface.getAbsolutePathString()
        return self.found.setdefault(place, (len(self.found), surface))[0]

    def cylinders(self) -> Cylinders:
        """Return every cylinder that was met."""
        surfaces = [surface for _, surface in self.found.values()]
        bodies, rotations, centres, axes, signs = [], [], [], [], []
        for surface in surfaces:
            frame = surface.getFrame()
            bodies.append(self.body_of[frame.findBaseFrame().getName()])
            offset, own = frame.findTransformInBaseFrame(), surface.getTransform()
            turn = rotation_matrix(offset.R())
            rotations.append(turn @ rotation_matrix(own.R()))
            centres.append(turn @ vec3(own.p()) + vec3(offset.p()))
            quadrant = surface.get_quadrant().lower()
            axes.append(QUADRANT_AXES.get(quadrant[-1], 0))
            signs.append(0 if quadrant == "all" else -1 if quadrant[0] == "-" else 1)
        surface = Surface(
            np.array([surface.get_radius() for surface in surfaces], dtype=np.float64),
            0.5 * np.array([one.get_length() for one in surfaces], dtype=np.float64),
            _index(axes),
            _index(signs),
        )
        return Cylinders(
            _index(bodies),
            np.array(rotations).reshape(-1, 3, 3),
            np.array(centres).reshape(-1, 3),
            surface,
        )


def _index(values: Sequence[int]) -> Index:
    return np.array(values, dtype=np.int64)


def _geometry(muscle: osim.Muscle) -> osim.GeometryPath:
    path = osim.GeometryPath.safeDownCast(muscle.getPath())
    if path is None:
        raise ModelError(
            "follow_paths",
            f"{muscle.getName()} to run along points and wrap objects",
            muscle.getPath().getConcreteClassName(),
            "Give the muscle a GeometryPath",
        )
    return path


def path_bodies(muscle: osim.Muscle) -> tuple[str, ...]:
    """Return the bodies that a muscle's path points and wrap objects sit on.

    Raises:
        ModelError: a path that is a function of coordinates.
    """
    path = _geometry(muscle)
    points, wraps = path.getPathPointSet(), path.getWrapSet()
    frames = [points.get(i).getParentFrame() for i in range(points.getSize())]
    frames += [wraps.get(i).getWrapObject().getFrame() for i in range(wraps.getSize())]
    return tuple(dict.fromkeys(frame.findBaseFrame().getName() for frame in frames))


def _fixed_points(path: osim.GeometryPath) -> list[osim.PathPoint] | None:
    points = path.getPathPointSet()
    found = [points.get(i) for i in range(points.getSize())]
    if any(point.getConcreteClassName() != "PathPoint" for point in found):
        return None
    return [osim.PathPoint.safeDownCast(point) for point in found]


def _cylinders_of(path: osim.GeometryPath) -> list[tuple[osim.WrapCylinder, int, int]] | None:
    """Return active cylinders with the points they may lie between, None for anything else."""
    wraps, last = path.getWrapSet(), path.getPathPointSet().getSize() - 1
    found = []
    for i in range(wraps.getSize()):
        wrap = wraps.get(i)
        surface = osim.WrapCylinder.safeDownCast(wrap.getWrapObject())
        if surface is None or wrap.getMethodName().lower() != "hybrid":
            return None
        # half along the axis: nothing to compile
        if surface.get_quadrant()[-1].lower() == "z":
            return None
        start, end = wrap.getStartPoint() - 1, wrap.getEndPoint() - 1
        start, end = max(start, 0), last if end < 0 else end
        if not start <= end <= last:
            return None
        found.append((surface, start, end))
    names = [surface.getAbsolutePathString() for surface, _, _ in found]
    active = [entry for entry in found if entry[0].get_active()]
    # for OpenSim an idle cylinder still makes a path one around several, and lines are told
    # apart by their cylinder: too rare to follow
    if len(set(names)) < len(names) or (len(active) < len(found) and len(found) > 1):
        return None
    return active


def _read_path(reader: _Reader, muscle: osim.Muscle, number: int) -> _Path | None:
    path = _geometry(muscle)
    points, around = _fixed_points(path), _cylinders_of(path)
    if points is None or around is None:
        return None
    wraps = tuple(_Wrap(reader.cylinder(surface), start, end) for surface, start, end in around)
    return _Path(number, tuple(reader.point(point) for point in points), wraps)


def _segments(paths: Sequence[_Path]) -> Segments:
    muscles: list[int] = []
    starts: list[int] = []
    ends: list[int] = []
    wrapping: list[int] = []
    cylinders: list[int] = []
    choices = [0]
    for path in paths:
        base = len(muscles)
        muscles += [path.muscle] * (len(path.points) - 1)
        starts += path.points[:-1]
        ends += path.points[1:]
        for wrap in path.wraps:
            wrapping += range(base + wrap.start, base + wrap.end)
            cylinders += [wrap.cylinder] * (wrap.end - wrap.start)
        if len(wrapping) > choices[-1]:
            choices.append(len(wrapping))
    return Segments(
        _index(muscles),
        _index(starts),
        _index(ends),
        _index(wrapping),
        _index(cylinders),
        tuple(choices),
    )


def _wrapped_paths(
    paths: Sequence[_Path], points_on: Index, cylinders_on: Index, engine_defect: bool
) -> WrappedPaths:
    points = max((len(path.points) for path in paths), default=0)
    wraps = max((len(path.wraps) for path in paths), default=0)
    shape = (len(paths), wraps)
    table = np.zeros((len(paths), points), dtype=np.int64)
    cylinders = np.full(shape, -1, dtype=np.int64)
    starts, ends = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    for row, path in enumerate(paths):
        table[row] = path.points[-1]
        table[row, : len(path.points)] = path.points
        for k, wrap in enumerate(path.wraps):
            cylinders[row, k], starts[row, k], ends[row, k] = wrap
    counts = _index([len(path.points) for path in paths])
    # nothing pulls at places that a path does not have; any of its bodies may stand there
    around = np.where(cylinders < 0, points_on[table[:, -1:]], cylinders_on[cylinders])
    bodies = np.hstack([points_on[table], around.repeat(2, axis=1)])
    muscles = _index([path.muscle for path in paths])
    return WrappedPaths(muscles, table, counts, cylinders, starts, ends, bodies, engine_defect)


def _pulls(
    segments: Segments, wrapped_paths: WrappedPaths, points: Points, cylinders: Cylinders
) -> list[tuple[int, int, int, float]]:
    """Return (muscle, body, line, sign) of every pull of a line on a body."""
    found = []
    bodies, carriers = points.bodies.tolist(), cylinders.bodies.tolist()
    straight = len(segments.starts)
    wrapping = {segment: c for c, segment in enumerate(segments.wrapping.tolist())}
    parts = (segments.muscles.tolist(), segments.starts.tolist(), segments.ends.tolist())
    for line, (muscle, start, end) in enumerate(zip(*parts, strict=True)):
        first, second = bodies[start], bodies[end]
        if line in wrapping:
            c = wrapping[line]
            around, last = carriers[segments.cylinders[c]], straight + c
            found += [(muscle, first, line, 1.0), (muscle, around, line, -1.0)]
            found += [(muscle, around, last, 1.0), (muscle, second, last, -1.0)]
        elif first != second:  # a line within one body pulls on nothing
            found += [(muscle, first, line, 1.0), (muscle, second, line, -1.0)]
    line = straight + len(segments.wrapping)
    for g, muscle in enumerate(wrapped_paths.muscles.tolist()):
        own = wrapped_paths.bodies[g].tolist()
        found += [(muscle, body, line + place, 1.0) for place, body in enumerate(own)]
        line += len(own)
    return found


def _crossings(
    tree: KinematicTree, muscles: Index, bodies: Index, loose: NDArray[np.bool_]
) -> tuple[Crossing, ...]:
    """Return the joints that muscles cross; the pulls of ``loose`` ones (N,) need not balance."""
    found = []
    count = len(loose)
    # ground, body -1, moves with no joint
    moved = np.hstack([tree.descends(), np.zeros((len(tree.joints), 1), dtype=bool)])
    for joint, beyond in enumerate(moved[:, bodies]):
        inside = np.bincount(muscles[beyond], minlength=count)
        crosses = (inside > 0) & (loose | (inside < np.bincount(muscles, minlength=count)))
        rows = np.flatnonzero(beyond & crosses[muscles])
        if len(rows):
            names, firsts = np.unique(muscles[rows], return_index=True)
            found.append(Crossing(joint, names, rows, firsts))
    return tuple(found)


def compile_paths(
    engine: Multibody,
    tree: KinematicTree,
    muscles: Sequence[str],
    *,
    compiled: bool = True,
    engine_defect: bool = False,
) -> MusclePaths:
    """Read the paths of some muscles.

    Args:
        engine: the model; kept for muscles whose paths cannot be compiled.
        tree: the same model, compiled.
        muscles: N names.
        compiled: False leaves every muscle to OpenSim, to check the compiled paths against.
        engine_defect: lay paths around several cylinders as OpenSim 4.6 does, mistake included
            (see ``muscles/wrap_in_turn.py``); for verification only.

    Raises:
        ModelError: a path that is a function of coordinates.
    """
    reader = _Reader(tree)
    parts = [engine.model.getMuscles().get(name) for name in muscles]
    read = [_read_path(reader, part, i) if compiled else None for i, part in enumerate(parts)]
    paths = [path for path in read if path is not None]
    segments = _segments([path for path in paths if len(path.wraps) < 2])
    points = Points(_index(reader.bodies), np.array(reader.locations).reshape(-1, 3))
    cylinders = reader.cylinders()
    several = [path for path in paths if len(path.wraps) > 1]
    wrapped_paths = _wrapped_paths(several, points.bodies, cylinders.bodies, engine_defect)
    by_engine = tuple(number for number, path in enumerate(read) if path is None)
    pulls = _pulls(segments, wrapped_paths, points, cylinders)
    touched = {(muscle, body) for muscle, body, _, _ in pulls}
    for number in by_engine:
        touched |= {(number, reader.body_of[name]) for name in path_bodies(parts[number])}
    pairs = sorted(touched)
    place = {pair: row for row, pair in enumerate(pairs)}
    rows = [place[muscle, body] for muscle, body, _, _ in pulls]
    columns = [column for _, _, column, _ in pulls]
    signs = np.array([sign for _, _, _, sign in pulls], dtype=np.float64)
    lines = len(segments.starts) + len(segments.wrapping) + wrapped_paths.bodies.size
    gather = csr_array((signs, (rows, columns)), shape=(len(pairs), lines))
    gather.eliminate_zeros()
    loose = np.isin(np.arange(len(read)), [*by_engine, *wrapped_paths.muscles])
    pair_muscles = _index([muscle for muscle, _ in pairs])
    pair_bodies = _index([body for _, body in pairs])
    return MusclePaths(
        tree=tree,
        muscles=tuple(muscles),
        points=points,
        cylinders=cylinders,
        segments=segments,
        wrapped_paths=wrapped_paths,
        by_engine=by_engine,
        engine=engine,
        pair_muscles=pair_muscles,
        pair_bodies=pair_bodies,
        gather=gather,
        crossings=_crossings(tree, pair_muscles, pair_bodies, loose),
    )
