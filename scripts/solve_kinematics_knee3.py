"""Solve the kinematics of the knee with three rotations."""

from stage import Job, run_stage
from strikelean.formats.contacts import read_contacts
from strikelean.formats.sto import write_sto
from strikelean.formats.trc import read_trc
from strikelean.markersets import load_markerset
from strikelean.motion.solve import SolveSettings, solve_kinematics_knee3


def main(job: Job) -> None:
    """Write the variant model and its angles; nothing else uses them for loads."""
    found = solve_kinematics_knee3(
        job.input.model,
        read_trc(job.input.markers),
        read_contacts(job.input.contacts),
        load_markerset(job.input.marker_set),
        job.output.model,
        SolveSettings(**job.params.settings),
        progress=job.say,
    )
    write_sto(job.output.kinematics, found, "Coordinates")


run_stage(snakemake, main)
