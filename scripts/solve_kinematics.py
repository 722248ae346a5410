"""Solve inverse kinematics of a trial."""

from stage import Job, run_stage
from strikelean.formats.contacts import read_contacts
from strikelean.formats.trc import read_trc
from strikelean.layout import TrialFiles
from strikelean.markersets import load_markerset
from strikelean.motion.solve import SolveSettings, solve_kinematics, write_kinematics


def main(job: Job) -> None:
    """Write filtered angles, body points and marker errors."""
    found = solve_kinematics(
        job.input.model,
        read_trc(job.input.markers),
        read_contacts(job.input.contacts),
        load_markerset(job.input.marker_set),
        SolveSettings(**job.params.settings),
        progress=job.say,
    )
    write_kinematics(found, TrialFiles(job.output.kinematics.parent))


run_stage(snakemake, main)
