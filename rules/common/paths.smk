# Where the project lies, what rules read of it, and where their files go where another workflow
# uses them as a module.
import os
import sys
from pathlib import Path

from snakemake.io import local

# of this file, not of the workflow: that may be another one, elsewhere. Relative, so that a folder
# that is moved with its results does not start anew.
TOP = Path(os.path.relpath(workflow.current_basedir.get_path_or_uri(secret_free=True))).parents[1]
SCRIPTS = TOP / "scripts"
sys.path.insert(0, str(SCRIPTS.resolve()))

from strikelean import resources
from strikelean.provenance import library_hash

# whether another Snakefile uses these rules: it then owns the command line and the environment
IN_MODULE = not workflow.modifier.is_main_snakefile()
# puts a module's prefix before names of results
PLACES = workflow.modifier.path_modifier


def of_project(path):
    """Return a file of the project as an input, which no module's prefix moves."""
    return local(str(TOP / Path(path).relative_to(resources.top())))


METRICS_LIST = of_project(resources.metrics_list())
CLAIMS = of_project(resources.claims())
STUDIES = [of_project(path) for path in resources.studies()]
TECHNIQUES = [of_project(path) for path in resources.techniques()]
POSTURE = of_project(resources.cadence_posture())


def listed(value):
    """Return one path or several as a list."""
    return [value] if isinstance(value, str) else list(value)


def placed(given):
    """Return a function giving the paths of an input function as scripts find them.

    Snakemake puts a module's prefix before inputs and outputs, never into params.
    """

    def paths(wildcards):
        value = given(wildcards)
        if isinstance(value, str):
            return str(PLACES.modify(value))
        return [str(PLACES.modify(path)) for path in value]

    return paths


def code_of(rule_name):
    """Return the fingerprint of a rule's script with all it imports, so that an edit reruns it."""
    return library_hash(SCRIPTS / f"{rule_name}.py")


def library_code(module):
    """Return the fingerprint of a module of the library with all it imports."""
    return library_hash(SCRIPTS / "strikelean" / module, SCRIPTS)


# by what a check reads recordings and scales models; a study takes over what is still by the same
KEPT_BY = {
    "reading": library_code("lab/recording.py"),
    "scaling": library_code("standing.py"),
}
