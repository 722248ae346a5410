"""Build the statistics of heel strikers' cycles that virtual runners are drawn from."""

from stage import Job, run_stage
from strikelean.stride.mean_cycles import CycleInputs
from strikelean.virtual.gait_statistics import GaitInputs, build_gait, read_step_cycles


def main(job: Job) -> None:
    """Write means, spreads and principal variations of heel strikers."""
    given, params = job.input, job.params
    rows = zip(
        given.models,
        given.statics,
        given.marker_sets,
        given.kinematics,
        given.body_points,
        given.grf,
        given.grf_unfiltered,
        given.contacts,
        params.sizes,
        strict=True,
    )
    runners = []
    for model, static, markers, kinematics, points, grf, unfiltered, contacts, sizes in rows:
        cycle = CycleInputs(model, kinematics, points, grf, contacts, *sizes)
        runners.append(read_step_cycles(GaitInputs(cycle, unfiltered, static, markers)))
    build_gait(runners, params.source, job.output.gait)


run_stage(snakemake, main, on_error="stop")
