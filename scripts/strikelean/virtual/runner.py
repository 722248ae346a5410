"""A virtual runner with all they truly are and do, made from the configuration."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from strikelean.counterfactual.templates import Template, read_template
from strikelean.errors import SolverError
from strikelean.formats.series import FloatArray
from strikelean.markersets import MarkerSet, load_markerset
from strikelean.model.engine import open_model
from strikelean.model.mismatch import Mismatch
from strikelean.model.tree import KinematicTree, compile_tree
from strikelean.stride.stride import Sole
from strikelean.techniques import parse_technique
from strikelean.virtual.body import build_body
from strikelean.virtual.chance import chance
from strikelean.virtual.check import TrialLaws, check_laws
from strikelean.virtual.cycle import RunnerStyle, stride_template
from strikelean.virtual.flaws import FLAWLESS, Flaws
from strikelean.virtual.gait import balance_gait
from strikelean.virtual.gait_table import GaitTable, read_gait_table
from strikelean.virtual.laboratory import Laboratory
from strikelean.virtual.names import HABITUAL, MATCHED, MATCHED_NOISE_FREE, MISMATCHED
from strikelean.virtual.rebalance import rebalance
from strikelean.virtual.sample import DrawnRunner, draw_runners, draw_scores
from strikelean.virtual.sole import shoe_soles
from strikelean.virtual.techniques import change_techniques
from strikelean.virtual.trial import TrueTrial, make_trial

STEP = "make_virtual_runner"
Progress = Callable[[str], None]

# What nature allows a true trial; force over the peak of the ground's, the rest SI.
MAX_RESIDUAL_SHARE, MAX_FRICTION, MAX_BELOW_M = 0.01, 0.8, 0.002
MAX_BEYOND_DEG, MAX_SLIP_M = 0.1, 0.005
# How often a trial that does not quite keep the laws is brought nearer to them.
POLISHES = 2


@dataclass(frozen=True)
class WorldInputs:
    """Files that virtual runners are made from.

    Attributes:
        generic_osim: edited generic model.
        marker_set: of the laboratory.
        gait: group statistics of heel strikers' cycles.
        strike: group means of a strike.
    """

    generic_osim: Path
    marker_set: Path
    gait: Path
    strike: Path


@dataclass(frozen=True)
class World:
    """Everything that virtual runners are made from, read once.

    Attributes:
        section: ``virtual`` of the configuration.
        strength: method of scaling maximum isometric force.
        generic_osim: edited generic model.
        marker_set: of the laboratory.
        table: statistics of heel strikers' cycles.
        strike: group means of a strike.
        runners: all runners drawn.
        scores: of the principal variations between runners, by runner.
    """

    section: Mapping[str, Any]
    strength: str
    generic_osim: Path
    marker_set: MarkerSet
    table: GaitTable
    strike: Template
    runners: Sequence[DrawnRunner]
    scores: Mapping[str, FloatArray]

    def runner(self, name: str) -> DrawnRunner:
        """Return a runner by name."""
        return next(runner for runner in self.runners if runner.name == name)


def read_world(inputs: WorldInputs, section: Mapping[str, Any], strength: str) -> World:
    """Read what virtual runners are made from, and draw them."""
    marker_set, table = load_markerset(inputs.marker_set), read_gait_table(inputs.gait)
    runners = draw_runners(section, marker_set.model_height_m)
    return World(
        section,
        strength,
        inputs.generic_osim,
        marker_set,
        table,
        read_template(inputs.strike),
        runners,
        draw_scores(section, table.counts()[0]),
    )


def make_body(world: World, runner: DrawnRunner, laboratory: str, output_osim: Path) -> None:
    """Write a runner's true model, as the laboratory's world has it."""
    mismatch, random = None, None
    if laboratory == MISMATCHED:
        mismatch = Mismatch.from_config(world.section["mismatch"])
        random = chance(int(world.section["seed"]), runner.name, "mismatch")
    build_body(
        world.generic_osim,
        world.marker_set,
        runner.sizes,
        world.strength,
        output_osim,
        mismatch,
        random,
    )


def compile_body(world: World, model_osim: Path) -> KinematicTree:
    """Return a true model compiled, with the markers of the marker set."""
    model = open_model(model_osim)
    model.initSystem()
    return compile_tree(model, [marker.name for marker in world.marker_set.markers])


def soles_of(runner: DrawnRunner, tree: KinematicTree) -> tuple[Sole, ...]:
    """Return a runner's soles, right first."""
    return shoe_soles(tree, runner.sizes.factors["foot"])


def laboratory_of(world: World, runner: DrawnRunner, tree: KinematicTree, name: str) -> Laboratory:
    """Return the laboratory of a name with its flaws."""
    flaws = Flaws.from_config(world.section["flaws"])
    if name == MATCHED:
        flaws = flaws.without_misplacement()
    elif name == MATCHED_NOISE_FREE:
        flaws = FLAWLESS
    soles = soles_of(runner, tree)
    seed = int(world.section["seed"])
    return Laboratory(name, runner.name, tree, soles, world.marker_set, flaws, seed)


def _broken(laws: TrialLaws) -> list[str]:
    """Return the laws that a trial breaks, each with its figure."""
    limits = {
        "residual_share": MAX_RESIDUAL_SHARE,
        "friction_peak": MAX_FRICTION,
        "below_floor_m": MAX_BELOW_M,
        "beyond_limit_deg": MAX_BEYOND_DEG,
        "slip_m": MAX_SLIP_M,
        "flight_force_n": 0.0,
    }
    found = laws.figures()
    return [f"{name} {found[name]:.3g}" for name, limit in limits.items() if found[name] > limit]


def require_lawful(laws: TrialLaws, what: str) -> None:
    """Refuse a trial that nature would not allow.

    Raises:
        SolverError: with the law that is broken.
    """
    broken = _broken(laws)
    if broken:
        raise SolverError(
            STEP,
            f"{what} within nature's laws",
            ", ".join(broken),
            "Take another seed, or ask for a smaller change",
        )


@dataclass(frozen=True)
class TrueRun:
    """A true trial, and how it keeps nature's laws."""

    trial: TrueTrial
    laws: TrialLaws


def _lawful_run(
    trial: TrueTrial, soles: tuple[Sole, ...], what: str, progress: Progress
) -> TrueRun:
    laws = check_laws(trial, soles)
    for _ in range(POLISHES):
        if not _broken(laws):
            break
        trial = rebalance(trial, soles)
        laws = check_laws(trial, soles)
    require_lawful(laws, what)
    progress(f"{what}: residual {100 * laws.residual_share:.2f} % of the peak force")
    return TrueRun(trial, laws)


def run_habitual(
    world: World,
    runner: DrawnRunner,
    tree: KinematicTree,
    progress: Progress = lambda line: None,
) -> TrueRun:
    """Return a runner's habitual trial.

    Args:
        world: what runners are made from.
        runner: who runs.
        tree: the true model, compiled.
        progress: called with a line of text now and then.

    Raises:
        SolverError: no balance is found, or a law is broken.
    """
    section = world.section
    soles = soles_of(runner, tree)
    height = runner.sizes.height_m
    style = RunnerStyle(world.table.runner(world.scores[runner.name], height), runner.lean_rad)
    template = stride_template(world.table, style, tree.names, height)
    gait = balance_gait(tree, soles, template, float(section["speed_m_s"]))
    progress("gait in balance")
    random = chance(int(section["seed"]), runner.name, "steps")
    trial = make_trial(gait, world.table, int(section["strides"]), random)
    return _lawful_run(trial, soles, f"{runner.name} {HABITUAL}", progress)


def run_techniques(
    world: World,
    runner: DrawnRunner,
    habitual: TrueTrial,
    techniques: Sequence[str],
    progress: Progress = lambda line: None,
) -> Iterator[TrueRun | SolverError]:
    """Yield a runner's trial with each of some techniques, as truly run.

    Args:
        world: what runners are made from.
        runner: who runs.
        habitual: their habitual trial.
        techniques: their names.
        progress: called with a line of text now and then.

    Yields:
        The trial; where no balance is found or a law is broken, the error in its place.
    """
    soles, asked = soles_of(runner, habitual.tree), [parse_technique(name) for name in techniques]
    trials = change_techniques(habitual, soles, asked, world.strike, progress)
    for technique, trial in zip(techniques, trials, strict=True):
        if isinstance(trial, SolverError):
            yield trial
            continue
        try:
            yield _lawful_run(trial, soles, f"{runner.name} {technique}", progress)
        except SolverError as error:
            yield error
