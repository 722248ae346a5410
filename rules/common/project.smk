# The only place that reads the configuration and the tables. Rules get their values from here
# through params, never the tables as input: one changed mass then reruns one runner.
import re
from copy import deepcopy
from functools import partial

from strikelean.config.checks import SAFE_NAME
from strikelean.config.problems import ConfigMistakesError
from strikelean.errors import ConfigError
from strikelean.studies.reading import check_studies
from strikelean.virtual.settings import VirtualSettings
from strikelean.workflow_project import NO_DATA, read_project, with_delivered
from strikelean.config.rule_settings import RuleSettings, runner_sizes


def stop(text):
    """Say why nothing can run, without a traceback, and end with exit code 2."""
    print(text, file=sys.stderr)
    raise SystemExit(2)


# `snakemake check` asks for files to be looked at even where a table has mistakes
CHECKING = not IN_MODULE and workflow.is_main_process and "check" in sys.argv[1:]
DRY = {"-n", "--dry-run", "--dryrun", "--unlock", "--touch"}.intersection(sys.argv)
NOTHING_TO_CHECK = (
    "strikelean: expected recordings to check, found no rows in {subjects} and {trials}: a run "
    "would make virtual runners. Fill the tables in (config/README.md), or run "
    "make check DATA=folder with the public dataset."
)


def check_beside(mistakes):
    """Look at files though nothing can run, tell all of it, and end with exit code 2."""
    # loaded here: a run without mistakes has no use for it
    from strikelean.checking.in_part import tell_in_part

    say = partial(print, file=sys.stderr, flush=True)
    say("strikelean: tables or settings have mistakes; looking at the recordings all the same")
    stop(tell_in_part(config, TOP, mistakes.problems, Path("results"), say))


def checked_project():
    """Return the project, checked with the studies; stop where a person has to mend something."""
    delivered = TOP / "config" / "config.yaml"
    # Snakemake names the files of --configfile first; they are laid over the delivered one
    files = {delivered: None} | {Path(os.path.relpath(f)): None for f in workflow.configfiles}
    data = "" if IN_MODULE else os.environ.get("DATA", "")
    outside = "config of the module" if IN_MODULE else "command line"
    try:
        asked = workflow.config_settings.config
        project = read_project(config, TOP, list(files), data=data, asked=asked, outside=outside)
        if workflow.is_main_process:
            studies = [Path(path) for path in [*STUDIES, CLAIMS]]
            check_studies(studies, TOP / "config" / "schemas", list(map(Path, TECHNIQUES)))
    except ConfigMistakesError as error:
        if CHECKING and not DRY:
            check_beside(error)
        stop(f"strikelean: {error}")
    except ConfigError as error:
        stop(f"strikelean: {error}")
    # looking at the rules needs no recordings
    looking = {"--lint", "-l", "--list", "--list-rules", "--list-target-rules", "--lt"}
    if not project.trials and not looking.intersection(sys.argv):
        stop(NO_DATA.format(**project.config["tables"]))
    if project.virtual and CHECKING:
        stop(NOTHING_TO_CHECK.format(**project.config["tables"]))
    return project


if IN_MODULE:
    # a part is enough, and the other workflow's own values stay as they are
    config = with_delivered(deepcopy(config), TOP)

PROJECT = checked_project()
config.update(PROJECT.config)
SETTINGS = RuleSettings(config)
VIRTUAL_SETTINGS = VirtualSettings.from_config(config["virtual"])
VIRTUAL = PROJECT.virtual
if workflow.is_main_process:
    for line in PROJECT.warnings:
        print(f"strikelean: note: {line}", file=sys.stderr)


# A job is about a runner ({subject}) and mostly about one trial. What was measured is a recording:
# rules that read, solve or change one say {recorded}. The same runner with another technique is a
# derived trial, named <recorded>~<technique>, such as run1~forefoot_lean+07. Rules that take either
# alike say {trial}: trial = recorded, or trial = recorded~technique. `~` is in no recorded name, so
# that no file can be meant by two rules.
wildcard_constraints:
    cohort=re.escape(config["cohort"]),
    subject=SAFE_NAME,
    model=SAFE_NAME,
    trial="[A-Za-z0-9][A-Za-z0-9._+~-]*",
    recorded=SAFE_NAME,
    technique="[a-z][a-z0-9_+-]*",
