"""The compiled loops of muscles: moments shared in one frame, and tendons frame after frame.

What they solve, and why so, stands in :mod:`strikelean.muscles.redundancy` and
:mod:`strikelean.muscles.tendons`, which give them whole trials. A frame asks K coordinates' moments
of N muscles.
"""

from __future__ import annotations

import numpy as np

from strikelean.compiled import compiled
from strikelean.formats.series import FloatArray
from strikelean.muscles.kernel_values import Cost, Driven, Loaded, Pull, Table

MAX_ITERATIONS, MAX_ROUNDS = 100, 40
# Steps of a line search, and how exactly (of a full step) it finds the minimum.
MAX_LINE_STEPS, LINE_TOLERANCE = 60, 1e-12
# Largest moment error of a converged frame, of its largest moment (N m); of a tendon's force.
TOLERANCE_NM, TOLERANCE_N = 1e-8, 1.0
# Largest change of a round: of fibre speed (of the fastest) and of strain (of that at maximum
# isometric force); from round STEADY on ever less, so that no two states are taken in turn.
SPEED_STEP, STRAIN_STEP, STEADY = 0.2, 0.2, 8
# A slack tendon has no stiffness; this share of that at maximum force keeps a round's equations
# regular, and changes how many rounds it takes but not where they end.
LEAST_STIFFNESS = 0.01
# What the first frame of a contact begins with, of the strain at maximum isometric force.
START_STRAIN = 0.2


@compiled
def _answer(asked: float, lower: float, upper: float, exponent: float) -> float:
    """Return the activation for what is asked of it."""
    if exponent != 2.0:
        asked = float(max(asked, 0.0) ** (1.0 / (exponent - 1.0))) if asked == asked else asked
    # what is no number stays so
    if asked < lower:
        return lower
    return upper if asked > upper else asked


@compiled
def _slope(asked: float, lower: float, upper: float, exponent: float) -> float:
    """Return the derivative of the activation by what is asked; 0 at the bounds."""
    if exponent == 2.0:
        return 1.0 if asked > max(lower, 0.0) and asked < upper else 0.0
    power = exponent - 1.0
    if asked > max(lower, 0.0) ** power and asked < upper**power:
        return float(asked ** (1.0 / power - 1.0)) / power
    return 0.0


@compiled
def _line_search(
    raw: FloatArray,
    along: FloatArray,
    linear: float,
    quadratic: float,
    bounds: FloatArray,
    exponent: float,
) -> float:
    """Return the step length that minimises the dual along the Newton direction.

    Its derivative, ``sum(along * clip(raw + t along)) + quadratic t + linear``, grows with
    t in straight pieces, so that Newton's method finds its root in a few steps; bisection
    catches a step that leaves the bracket. A full step that does not overshoot is kept.

    Args:
        raw: (N,) what is asked of the activations.
        along: (N,) its change per unit of step.
        linear, quadratic: rest of the derivative.
        bounds, exponent: as of :func:`_share`.
    """
    length, low, high = 1.0, 0.0, 1.0
    for step in range(MAX_LINE_STEPS):
        slope, bend = quadratic * length + linear, quadratic
        for n in range(len(raw)):
            there = raw[n] + length * along[n]
            slope += along[n] * _answer(there, bounds[0, n], bounds[1, n], exponent)
            bend += along[n] * along[n] * _slope(there, bounds[0, n], bounds[1, n], exponent)
        if slope > 0.0:
            high = length
        else:
            low = length
        move = slope / bend
        near = length - move
        if not (near > low and near < high):
            near = 0.5 * (low + high)
        going = slope > 0.0 if step == 0 else abs(move) > LINE_TOLERANCE
        if not (going and high - low > LINE_TOLERANCE):
            break
        length = near
    return length


@compiled
def _newton_step(matrix: FloatArray, right: FloatArray) -> None:
    """Solve a positive matrix (K, K) for a right side (K,), in place, by Cholesky's method."""
    size = len(right)
    for j in range(size):
        for i in range(j, size):
            left = matrix[i, j]
            for k in range(j):
                left -= matrix[i, k] * matrix[j, k]
            matrix[i, j] = np.sqrt(left) if i == j else left / matrix[j, j]
        left = right[j]
        for k in range(j):
            left -= matrix[j, k] * right[k]
        right[j] = left / matrix[j, j]
    for j in range(size - 1, -1, -1):
        left = right[j]
        for k in range(j + 1, size):
            left -= matrix[k, j] * right[k]
        right[j] = left / matrix[j, j]


@compiled
def _share(
    gain: FloatArray,
    moments: FloatArray,
    reserve_squared: FloatArray,
    bounds: FloatArray,
    exponent: float,
    tolerance: float,
    y: FloatArray,
    active: FloatArray,
) -> float:
    """Share one frame's moments; return the largest moment error left.

    Args:
        gain: (K, N).
        moments, reserve_squared: (K,).
        bounds: (2, N) lowest and highest activations.
        exponent: of the cost.
        tolerance: largest moment error of a converged frame.
        y: (K,) multipliers to begin with, overwritten.
        active: (N,) activations, loaded.
    """
    coordinates, muscles = gain.shape
    raw, along, held = np.empty(muscles), np.empty(muscles), np.empty(muscles)
    gradient, step = np.empty(coordinates), np.empty(coordinates)
    curvature = np.empty((coordinates, coordinates))
    largest, steps = 0.0, 0
    while True:
        raw[:] = 0.0
        for k in range(coordinates):
            for n in range(muscles):
                raw[n] += y[k] * gain[k, n]
        for n in range(muscles):
            active[n] = _answer(raw[n], bounds[0, n], bounds[1, n], exponent)
        largest = 0.0
        for k in range(coordinates):
            gradient[k] = reserve_squared[k] * y[k] - moments[k]
            for n in range(muscles):
                gradient[k] += gain[k, n] * active[n]
            # what is no number counts as the largest
            if abs(gradient[k]) > largest or gradient[k] != gradient[k]:
                largest = abs(gradient[k])
        if not largest > tolerance or steps == MAX_ITERATIONS:
            break
        steps += 1
        for n in range(muscles):
            held[n] = _slope(raw[n], bounds[0, n], bounds[1, n], exponent)
        for k in range(coordinates):
            step[k] = -gradient[k]
            for m in range(k + 1):
                total = 0.0
                for n in range(muscles):
                    total += gain[k, n] * held[n] * gain[m, n]
                curvature[k, m] = total
            curvature[k, k] += reserve_squared[k]
        _newton_step(curvature, step)
        linear, quadratic = 0.0, 0.0
        along[:] = 0.0
        for k in range(coordinates):
            linear += (reserve_squared[k] * y[k] - moments[k]) * step[k]
            quadratic += reserve_squared[k] * step[k] ** 2
            for n in range(muscles):
                along[n] += step[k] * gain[k, n]
        length = _line_search(raw, along, linear, quadratic, bounds, exponent)
        for k in range(coordinates):
            y[k] += length * step[k]
    return largest


@compiled
def share_frames(
    gains: FloatArray,
    moments: FloatArray,
    reserve_squared: FloatArray,
    bounds: FloatArray,
    exponent: float,
    tolerance: FloatArray,
    y: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """Return activations (T, N) that share the moments of T frames, and the errors left (T,).

    Args:
        gains, moments: (T, K, N) and (T, K).
        reserve_squared: (K,).
        bounds: (T, 2, N) of activations, or (1, 2, N) where all frames have the same.
        exponent: of the cost.
        tolerance: (T,) largest moment error of a converged frame.
        y: (T, K) multipliers to begin with, overwritten.
    """
    residual = np.empty(len(gains))
    activations = np.empty((len(gains), gains.shape[2]))
    for t in range(len(gains)):
        own = t if len(bounds) > 1 else 0
        one = (gains[t], moments[t], reserve_squared, bounds[own], exponent, tolerance[t])
        residual[t] = _share(*one, y[t], activations[t])
    return activations, residual


@compiled
def _look_up(table: Table, muscle: int, x: float) -> tuple[float, float]:
    """Return a muscle's curve at an argument, and its derivative there."""
    if x != x:
        return x, x
    inside = min(max(x, table.first), table.last) - table.first
    piece = min(int(inside / table.step), table.pieces.shape[1] - 1)
    at = inside - piece * table.step
    p = table.pieces[table.which[muscle], piece]
    value = ((p[0] * at + p[1]) * at + p[2]) * at + p[3]
    if x > table.first and x < table.last:
        return value, (3.0 * p[0] * at + 2.0 * p[1]) * at + p[2]
    return value, 0.0


@compiled
def _fibre(
    own: Driven, n: int, length_m: float, speed_m_s: float, stiffening: float
) -> tuple[float, float, float, float]:
    """Return a muscle's force at full activation and that of its stretched fibres, N.

    Then how both fall for every metre more that the tendon stretches, N/m.

    Args:
        own, n: muscles, and which.
        length_m, speed_m_s: less what the tendon has stretched.
        stiffening: how much faster it stretches for every metre more, 1/s.
    """
    along = length_m - own.slack_m[n]
    fibre = np.hypot(along, own.thickness_m[n])
    clamped = along <= 0.0 or fibre < own.shortest_m[n]
    fibre = own.shortest_m[n] if clamped else fibre
    squared = max(1.0 - (own.thickness_m[n] / fibre) ** 2, 0.0)
    cosine, optimal, fastest = np.sqrt(squared), own.optimal_m[n], own.fastest_m_s[n]
    speed = 0.0 if clamped else speed_m_s * cosine / fastest
    length, by_length = _look_up(own.force_length, n, fibre / optimal)
    velocity, by_speed = _look_up(own.force_speed, n, speed)
    elastic, by_stretch = _look_up(own.elastic_force, n, fibre / optimal)
    # d cosine / d length along the tendon = sin^2 / fibre length
    turning = (1.0 - squared) / fibre
    active = own.strength[n] * own.max_isometric_n[n]
    passive = own.passive[n] * own.max_isometric_n[n]
    # at the shortest fibre the tendon is slack and passes nothing on, as in OpenSim
    pulls, stretched = 0.0, 0.0
    if not clamped and length * velocity > 0.0:
        pulls = velocity * (by_length * squared / optimal + length * turning)
        pulls += stiffening * max(length * by_speed * squared / fastest, 0.0)
    if not clamped and elastic > 0.0:
        stretched = by_stretch * squared / optimal + elastic * turning
    most = 0.0 if clamped or not length * velocity > 0.0 else length * velocity * cosine
    return active * most, passive * max(elastic, 0.0) * cosine, active * pulls, passive * stretched


@compiled
def _load(
    own: Driven,
    cost: Cost,
    asked: Pull,
    rate: float,
    offset_m_s: FloatArray,
    loaded: Loaded,
    t: int,
) -> None:
    """Bring fibres and tendons of one frame into equilibrium; reserves are left to the caller.

    Args:
        own, cost, asked: as of :func:`load_contact`.
        rate, offset_m_s: speed of stretch, of every metre of it and the (N,) rest; rate is 0 in a
            first frame.
        loaded, t: of all frames, and which; it holds what that begins with.
    """
    lengths, speeds, arms = asked.lengths_m[t], asked.speeds_m_s[t], asked.arms_m[t]
    coordinates, muscles = asked.arms_m.shape[1:]
    stretch, y, active = loaded.stretch_m[t], loaded.multipliers[t], loaded.activations[t]
    tendon, fibre, before = np.empty(muscles), np.empty(muscles), np.empty(muscles)
    gains, base, give = np.empty(muscles), np.empty(muscles), np.empty(muscles)
    units, bounds = np.empty(muscles), np.empty((2, muscles))
    gain, left = np.empty((coordinates, muscles)), np.empty(coordinates)
    power = 1.0 / (cost.exponent - 1.0)
    for rounds in range(1, MAX_ROUNDS + 1):
        for k in range(coordinates):
            left[k] = asked.moments_nm[t, k]
        for n in range(muscles):
            wanted = 0.0
            for k in range(coordinates):
                wanted += y[k] * arms[k, n]
            most, passive, falls, passive_falls = _fibre(
                own, n, lengths[n] - stretch[n], speeds[n] - rate * stretch[n] - offset_m_s[n], rate
            )
            loaded.active_n[t, n], loaded.passive_n[t, n] = most, passive
            force, stiffness = _look_up(own.tendon, n, stretch[n] / own.at_most_m[n])
            unit = own.max_isometric_n[n] / own.at_most_m[n]
            stiffness = max(stiffness * unit, LEAST_STIFFNESS * unit)
            wanted = max(most * wanted / own.weights[n], 0.0) ** power
            free = wanted > cost.lowest and wanted < cost.highest
            before[n] = min(max(wanted, cost.lowest), cost.highest)
            fibre[n] = before[n] * most + passive
            # a muscle with less capacity is also asked for less activation
            yielding = before[n] * falls * (1.0 + (power if free else 0.0)) + passive_falls
            yielding = max(yielding, -0.5 * stiffness)
            give[n] = stiffness + yielding
            # of a change in fibre force the tendon, which gives, passes on this share
            passed = stiffness / give[n] if own.elastic[n] else 1.0
            tendon[n] = own.max_isometric_n[n] * force if own.elastic[n] else fibre[n]
            gains[n] = most * passed
            base[n] = tendon[n] + (fibre[n] - tendon[n]) * passed - gains[n] * before[n]
            # w a^p = (w^(1/p) a)^p: the same problem in other units of activation
            units[n] = (passed * own.weights[n]) ** (1.0 / cost.exponent)
            bounds[0, n], bounds[1, n] = cost.lowest * units[n], cost.highest * units[n]
            for k in range(coordinates):
                gain[k, n] = arms[k, n] * gains[n] / units[n]
                left[k] -= arms[k, n] * base[n]
        scale = 1.0
        for k in range(coordinates):
            scale = max(scale, abs(left[k]))
        tolerance = TOLERANCE_NM * scale
        error = _share(
            gain, left, cost.reserve_squared, bounds, cost.exponent, tolerance, y, active
        )
        bold, worst = min(1.0, STEADY / rounds), 0.0
        for n in range(muscles):
            active[n] /= units[n]
            force = base[n] + gains[n] * active[n]
            loaded.forces_n[t, n] = force
            if not own.elastic[n]:
                stretch[n] = 0.0
                continue
            # both as they are, not as the step takes them to be
            off = max(abs(force - tendon[n]), abs(force - fibre[n]))
            if off > worst or off != off:
                worst = off
            more = fibre[n] - tendon[n] + loaded.active_n[t, n] * (active[n] - before[n])
            limit = STRAIN_STEP * own.at_most_m[n]
            if rate > 0.0:
                limit = min(limit, SPEED_STEP * own.fastest_m_s[n] / rate)
            limit *= bold
            stretch[n] = max(stretch[n] + min(max(more / give[n], -limit), limit), 0.0)
        loaded.residual_n[t] = worst
        loaded.converged[t] = np.isfinite(error) and error <= tolerance
        if loaded.converged[t] and worst <= TOLERANCE_N:
            break


@compiled
def load_contact(
    own: Driven,
    cost: Cost,
    asked: Pull,
    first: int,
    end: int,
    step_s: float,
    loaded: Loaded,
) -> None:
    """Bring fibres and tendons of a contact's frames into equilibrium, in turn.

    Args:
        own: muscles.
        cost: how moments are shared.
        asked: of all frames.
        first, end, step_s: frames of the contact, and the time between them.
        loaded: of all frames, zeros.
    """
    muscles = len(own.optimal_m)
    offset, stretch = np.zeros(muscles), loaded.stretch_m
    for t in range(first, end):
        behind = t - first
        rate = (0.0 if behind == 0 else 1.0 if behind == 1 else 1.5) / step_s
        for n in range(muscles):
            last = stretch[t - 1, n] if behind else 0.0
            if behind == 0:
                stretch[t, n] = START_STRAIN * own.at_most_m[n] if own.elastic[n] else 0.0
            elif behind == 1:
                offset[n], stretch[t, n] = -last / step_s, last
            else:
                offset[n] = (stretch[t - 2, n] - 4.0 * last) / (2.0 * step_s)
                stretch[t, n] = max(2.0 * last - stretch[t - 2, n], 0.0)
        if behind:
            for k in range(loaded.multipliers.shape[1]):
                loaded.multipliers[t, k] = loaded.multipliers[t - 1, k]
        _load(own, cost, asked, rate, offset, loaded, t)
