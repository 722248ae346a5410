"""Strides that are solved side by side come out as each does alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import figures
from strikelean.counterfactual.propose import Asked, Proposal, Task, propose_stride, propose_strides
from strikelean.errors import SolverError
from strikelean.stride.check import Solved, check_solution, check_solutions
from strikelean.stride.normal import RingEquations
from strikelean.stride.residuals import StrideResiduals
from strikelean.stride.scales import Scales, SolveRules
from strikelean.stride.solve import (
    Problem,
    Solution,
    moving_coordinates,
    solve_stride,
    solve_strides,
)
from strikelean.stride.stride import Stride
from strikelean.stride.targets import ask_lean, own_targets
from strikelean.stride.unknowns import stride_unknowns
from strikelean.techniques import Technique

# a sum over frames may be rounded otherwise, nothing more
SAME = {"rtol": 1e-9, "atol": 1e-12}


def _cut(stride: Stride, frames: int) -> Stride:
    """Return a stride with fewer frames, and contacts that end before it does."""
    feet = tuple(
        replace(
            foot,
            end_s=float(stride.time_s[frames - 1]) - 0.01,
            force_n=foot.force_n[:frames],
            point_m=foot.point_m[:frames],
            torque_nm=foot.torque_nm[:frames],
        )
        for foot in stride.feet
    )
    return replace(
        stride,
        time_s=stride.time_s[:frames],
        period_s=float(stride.time_s[frames - 1] + stride.time_s[1]),
        coordinates=stride.coordinates[:frames],
        speeds=stride.speeds[:frames],
        accelerations=stride.accelerations[:frames],
        feet=feet,
    )


@pytest.fixture(scope="module")
def problems(tmp_path_factory: pytest.TempPathFactory) -> list[Problem]:
    """Strides of three lengths, one with its feet in the other order, asked for several leans."""
    stride = figures.standing_stride(tmp_path_factory.mktemp("model") / "two_links.osim", 0.1)
    strides = [stride, _cut(stride, 61), _cut(stride, 47)]
    strides.append(replace(stride, feet=stride.feet[::-1], soles=stride.soles[::-1]))
    loose = SolveRules(scales=replace(Scales(), cop_m=0.008))
    found = []
    for number, own in enumerate(strides * 3):
        lean = 0.03 * (number - 4)
        targets = ask_lean(own, own_targets(own), lean, 0.5)
        found.append(Problem(own, targets, loose if number % 2 else SolveRules()))
    return found


def _same(one: Solution | Exception, other: Solution | Exception) -> None:
    assert isinstance(one, Solution)
    assert isinstance(other, Solution)
    assert one.iterations == other.iterations
    np.testing.assert_allclose(one.unknowns, other.unknowns, **SAME)
    np.testing.assert_allclose(one.cost, other.cost, rtol=1e-9)


def test_strides_side_by_side_are_solved_as_each_alone(problems: list[Problem]) -> None:
    for problem, found in zip(problems, solve_strides(problems), strict=True):
        alone = solve_stride(problem.stride, problem.targets, problem.rules)
        _same(found, alone)


def test_order_and_company_do_not_matter(problems: list[Problem]) -> None:
    every = solve_strides(problems)
    rng = np.random.default_rng(7)
    for count in (len(problems), 5, 2):
        chosen = rng.permutation(len(problems))[:count]
        for number, found in zip(chosen, solve_strides([problems[n] for n in chosen]), strict=True):
            _same(found, every[number])


def test_a_start_is_used_and_nothing_is_solved_of_nothing(problems: list[Problem]) -> None:
    first = solve_strides(problems[:1])[0]
    assert isinstance(first, Solution)
    again = solve_strides([replace(problems[0], start=first.unknowns), problems[5]])
    assert isinstance(again[0], Solution)
    assert again[0].iterations < first.iterations
    assert again[0].cost == pytest.approx(first.cost, rel=1e-5)
    assert solve_strides([]) == []


def test_one_that_does_not_settle_or_breaks_down_leaves_the_others_alone(
    problems: list[Problem],
) -> None:
    every = solve_strides(problems)
    hasty = replace(problems[2], rules=replace(problems[2].rules, iterations=1, gain=0.0))
    unknown = problems[4].targets
    blind = replace(problems[4], targets=replace(unknown, root=np.full_like(unknown.root, np.nan)))
    mixed = [*problems[:2], hasty, problems[3], blind, *problems[5:]]
    found = solve_strides(mixed)
    assert isinstance(found[2], SolverError)
    assert isinstance(found[4], np.linalg.LinAlgError)
    for number in set(range(len(mixed))) - {2, 4}:
        _same(found[number], every[number])


def test_joined_residuals_are_those_of_each_stride(problems: list[Problem]) -> None:
    parts = []
    for problem in problems[:3]:
        moving = moving_coordinates(problem.stride)
        rules = problem.rules
        parts.append(StrideResiduals(problem.stride, problem.targets, moving, rules.scales))
    solutions = [s for s in solve_strides(problems[:3]) if isinstance(s, Solution)]
    joined = StrideResiduals.joined(parts).at(
        type(solutions[0].change)(
            *(
                np.concatenate([getattr(s.change, name) for s in solutions])
                for name in ("coordinates", "speeds", "accelerations", "feet")
            )
        )
    )
    start = 0
    for part, solution in zip(parts, solutions, strict=True):
        own = part.at(solution.change)
        frames = slice(start, start + len(own.values))
        start = frames.stop
        np.testing.assert_allclose(joined.part(frames).values, own.values, **SAME)
        np.testing.assert_allclose(joined.slopes[frames], own.slopes, rtol=1e-9, atol=1e-9)
        assert joined.part(frames).cost == pytest.approx(own.cost, rel=1e-12)


def test_checks_together_are_those_of_each(problems: list[Problem]) -> None:
    solved = [
        Solved(problem.stride, problem.targets, solution, problem.stride)
        for problem, solution in zip(problems, solve_strides(problems), strict=True)
        if isinstance(solution, Solution)
    ]
    for one, found in zip(solved, check_solutions(solved), strict=True):
        alone = check_solution(one.base, one.targets, one.solution, one.own)
        np.testing.assert_allclose(found.added_residual, alone.added_residual, atol=1e-9)
        np.testing.assert_allclose(found.added_slip_m, alone.added_slip_m, atol=1e-12)
        assert found.reasons() == alone.reasons()


def test_proposals_stand_where_their_wishes_stood(problems: list[Problem]) -> None:
    hasty = SolveRules(iterations=1, gain=0.0)
    tasks = [
        Task(problem.stride, Asked(Technique(lean_deg=lean), rules=rules))
        for problem, lean, rules in zip(
            problems, (5, -5, 10), (SolveRules(), hasty, SolveRules()), strict=False
        )
    ]
    found = propose_strides(tasks)
    assert isinstance(found[1], SolverError)
    for place in (0, 2):
        alone = propose_stride(tasks[place].stride, tasks[place].asked)
        one = found[place]
        assert isinstance(one, Proposal)
        assert one.own is tasks[place].stride
        _same(one.solution, alone.solution)
    with pytest.raises(SolverError, match="settles within 1 steps"):
        propose_stride(tasks[1].stride, tasks[1].asked)


def test_the_cut_ring_solves_what_the_whole_matrix_does(
    problems: list[Problem], tmp_path: Path, agree
) -> None:
    worst = 0.0
    hop = figures.hopping_stride(tmp_path / "hopper.osim")
    for stride in (problems[0].stride, problems[2].stride, hop):
        moving = moving_coordinates(stride)
        unknowns = stride_unknowns(stride, moving, SolveRules())
        residuals = StrideResiduals(stride, own_targets(stride), moving, Scales())
        rng = np.random.default_rng(3)
        found = residuals.at(unknowns.change(0.01 * rng.normal(size=unknowns.size)))
        equations = RingEquations(unknowns.sums(found))
        scale = np.sqrt(equations.diagonal)
        solved = equations.factored().solve(equations.gradient)
        left = equations.matrix() @ solved - equations.gradient
        worst = max(
            worst, float(np.abs(left / scale).max() / np.abs(equations.gradient / scale).max())
        )
    agree("normal equations solved side by side of the ring, left over", worst, 1e-7, "")
