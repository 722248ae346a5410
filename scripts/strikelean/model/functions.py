"""OpenSim's scalar functions as exact piecewise polynomials in numpy."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import opensim as osim
from scipy.interpolate import PPoly

from strikelean.errors import ModelError
from strikelean.formats.series import FloatArray
from strikelean.model.walk_kernel import expand_pieces

# A cubic through four points of a segment is the segment itself.
_SAMPLES = np.array([0.0, 1.0, 2.0, 3.0]) / 3.0
# Width of the outer segments, in the argument's unit; OpenSim's splines go on with one
# polynomial beyond their ends, so any width gives the same function.
_OUTER = 1.0


@dataclass(frozen=True)
class Curve:
    """A piecewise cubic of one argument, or a straight line.

    Attributes:
        slope, offset: the line, used when ``pieces`` is None.
        pieces: value as a piecewise polynomial, extrapolating with its outer pieces.
    """

    slope: float
    offset: float
    pieces: PPoly | None = None

    @staticmethod
    def linear(slope: float, offset: float) -> Curve:
        """Return ``slope * x + offset``."""
        return Curve(slope, offset)

    def value(self, x: FloatArray) -> FloatArray:
        """Return the function at ``x`` (any shape)."""
        if self.pieces is None:
            return np.asarray(self.slope * x + self.offset, dtype=np.float64)
        return self.expand(x)[0]

    def derivative(self, x: FloatArray) -> FloatArray:
        """Return the first derivative at ``x`` (any shape)."""
        return self.expand(x)[1]

    @cached_property
    def polynomials(self) -> tuple[FloatArray, FloatArray]:
        """Where the P pieces begin, (P,), and their coefficients, (P, K), highest power first.

        No pieces for a straight line.
        """
        if self.pieces is None:
            return np.zeros(0), np.zeros((0, 1))
        return self.pieces.x[:-1].copy(), np.ascontiguousarray(self.pieces.c.T)

    def expand(self, x: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Return the function with its first three derivatives at ``x`` (any shape)."""
        if self.pieces is None:
            value = np.asarray(self.slope * x + self.offset, dtype=np.float64)
            nothing = np.zeros(np.shape(x))
            return value, np.full(np.shape(x), self.slope), nothing, nothing
        arguments = np.asarray(x, dtype=np.float64)
        found = expand_pieces(arguments.ravel(), *self.polynomials)
        value, slope, bend, third = found.reshape(4, *arguments.shape)
        return value, slope, bend, third

    def scaled(self, factor: float) -> Curve:
        """Return the function times ``factor``."""
        if self.pieces is None:
            return Curve.linear(self.slope * factor, self.offset * factor)
        return Curve(0.0, 0.0, PPoly(self.pieces.c * factor, self.pieces.x))


def _inner(function: osim.Function) -> osim.Function:
    multiplier = osim.MultiplierFunction.safeDownCast(function)
    return function if multiplier is None else _inner(multiplier.getFunction())


def _scale(function: osim.Function) -> float:
    multiplier = osim.MultiplierFunction.safeDownCast(function)
    return 1.0 if multiplier is None else multiplier.getScale() * _scale(multiplier.getFunction())


def _knots(function: osim.Function) -> list[float] | None:
    for kind in (osim.SimmSpline, osim.PiecewiseLinearFunction):
        spline = kind.safeDownCast(function)
        if spline is not None:
            return [spline.getX(i) for i in range(spline.getNumberOfPoints())]
    for kind in (osim.Constant, osim.LinearFunction):
        if kind.safeDownCast(function) is not None:
            return [0.0]
    return None


def _evaluate(function: osim.Function, x: float) -> float:
    return float(function.calcValue(osim.Vector(1, float(x))))


def _polynomial(function: osim.Function) -> Curve | None:
    """Return a polynomial of any degree, or None when the function is not one."""
    polynomial = osim.PolynomialFunction.safeDownCast(_inner(function))
    if polynomial is None:
        return None
    raw = polynomial.getCoefficients()
    # highest power first, as PPoly wants it; one piece about zero
    coefficients = np.array([raw.get(i) for i in range(raw.size())])
    return Curve(0.0, 0.0, PPoly(_scale(function) * coefficients[:, None], np.array([0.0, _OUTER])))


def compile_function(function: osim.Function) -> Curve:
    """Compile Constant, LinearFunction, PolynomialFunction, SimmSpline,
    PiecewiseLinearFunction, and any of them inside a MultiplierFunction.

    Raises:
        ModelError: another kind, or one that is not a cubic between its knots.
    """
    polynomial = _polynomial(function)
    if polynomial is not None:
        return polynomial
    inner = _inner(function)
    knots = _knots(inner)
    if knots is None:
        raise ModelError(
            "compile_model",
            "joint functions that are constants, lines, polynomials or splines",
            inner.getConcreteClassName(),
            "Use a model built of these",
        )
    edges = np.array([knots[0] - _OUTER, *knots, knots[-1] + _OUTER])
    coefficients = np.empty((4, len(edges) - 1))
    worst = 0.0
    for i, (start, end) in enumerate(pairwise(edges.tolist())):
        width = end - start
        values = [_evaluate(function, start + width * s) for s in _SAMPLES]
        coefficients[:, i] = np.polyfit(width * _SAMPLES, values, 3)
        middle = float(np.polyval(coefficients[:, i], 0.5 * width))
        worst = max(worst, abs(middle - _evaluate(function, start + 0.5 * width)))
    if worst > 1e-9:
        raise ModelError(
            "compile_model",
            "piecewise cubic joint functions",
            f"{inner.getConcreteClassName()} off by {worst:.1e}",
            "Use a model built of these",
        )
    if np.allclose(coefficients[:2], 0.0, atol=1e-12) and len(knots) == 1:
        slope = float(coefficients[2, 0])
        return Curve.linear(slope, _evaluate(function, 0.0))
    return Curve(0.0, 0.0, PPoly(coefficients, edges))
