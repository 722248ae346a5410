"""What every rule's script does around the one library call it is there for.

The log takes everything printed, by Python and by OpenSim's C++; results appear all together
once they are complete; and a trial that cannot be used leaves its reason instead of stopping
the cohort.
"""

from __future__ import annotations

import locale
import os
import shutil
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from strikelean.errors import ConfigError, ExcludedError, StrikeleanError
from strikelean.exclusions import first_exclusion, write_exclusion


class Job:
    """One job as a script sees it.

    Attributes:
        input: paths by the names of the rule; a list where the rule gives one.
        output: paths to write, by the names of the rule; they are moved to their place after
            the script has ended well.
        params: values by the names of the rule.
        rule: name of the rule, which is also the script's and the log's.
        wildcards: of the job.
        subject: runner, or None for a rule of the whole cohort.
        recorded: recording that the job reads or changes, or None.
        technique: technique of a derived trial, or ''.
        trial: trial, or None.
    """

    def __init__(self, snakemake: Any, scratch: Path) -> None:
        self.rule = str(snakemake.rule)
        self.input = _paths(snakemake.input)
        self.params = SimpleNamespace(**dict(snakemake.params.items()))
        self.wildcards: dict[str, str] = dict(snakemake.wildcards.items())
        self.subject = self.wildcards.get("subject")
        self.recorded = self.wildcards.get("recorded")
        self.technique = self.wildcards.get("technique", "")
        derived = f"{self.recorded}~{self.technique}" if self.technique else self.recorded
        self.trial = self.wildcards.get("trial", derived)
        self._places = {name: Path(path) for name, path in snakemake.output.items()}
        self.output = SimpleNamespace(
            **{name: scratch / path.name for name, path in self._places.items()}
        )

    def say(self, line: str) -> None:
        """Put a line in the log at once."""
        print(line, flush=True)

    def publish(self) -> None:
        """Move every output to its place; RuntimeError when the script left one out."""
        written: dict[str, Path] = vars(self.output)
        absent = [path.name for path in written.values() if not path.is_file()]
        if absent:
            raise RuntimeError(f"not written: {', '.join(absent)}")
        for name, place in self._places.items():
            written[name].replace(place)


def _paths(items: Any) -> SimpleNamespace:
    named = {}
    for name, value in items.items():
        named[name] = Path(value) if isinstance(value, str) else [Path(item) for item in value]
    return SimpleNamespace(**named)


@contextmanager
def _redirected(log: Path, *, quiet: bool) -> Iterator[int]:
    """Send output, and errors when quiet, to a file; give a descriptor of the real error stream.

    Python's streams are replaced, and beneath them the descriptors that C and C++ write to.
    """
    terminal = os.dup(2)
    with ExitStack() as undo, log.open("w", encoding="utf-8", buffering=1) as stream:
        undo.callback(os.close, terminal)
        sys.stdout.flush()
        sys.stderr.flush()
        for descriptor in (1, 2) if quiet else (1,):
            saved = os.dup(descriptor)
            os.dup2(stream.fileno(), descriptor)
            undo.callback(os.close, saved)
            undo.callback(os.dup2, saved, descriptor)
        undo.enter_context(redirect_stdout(stream))
        if quiet:
            undo.enter_context(redirect_stderr(stream))
        yield terminal


def _say(terminal: int, line: str) -> None:
    print(line, flush=True)
    os.write(terminal, f"{line}\n".encode())


def _excluded(job: Job, function: Callable[[Job], None]) -> str | None:
    """Run the function; return why its trial is excluded, or None."""
    given = [path for value in vars(job.input).values() for path in _as_list(value)]
    reason = first_exclusion(given)
    if reason is not None:
        return reason
    try:
        function(job)
    except ExcludedError as error:
        return str(error.located(job.subject, job.trial))
    except StrikeleanError as error:
        if isinstance(error, ConfigError):
            raise
        traceback.print_exc(file=sys.stdout)
        return str(error.located(job.subject, job.trial, job.rule))
    return None


def _as_list(value: Path | list[Path]) -> list[Path]:
    return value if isinstance(value, list) else [value]


def run_stage(
    snakemake: Any,
    function: Callable[[Job], None],
    *,
    excludes: bool = True,
    quiet: bool = True,
) -> None:
    """Run a rule's script.

    Args:
        snakemake: the object Snakemake gives the script.
        function: reads ``job.input`` and ``job.params``, writes every file of ``job.output``.
        excludes: whether a StrikeleanError excludes this subject or trial. False in rules
            of the whole cohort, which read the notes of exclusion themselves and fail on errors.
        quiet: whether the error stream, too, goes to the log. False where a person waits for
            a download and wants to see it move.
    """
    locale.setlocale(locale.LC_NUMERIC, "C")
    places = [Path(path) for path in snakemake.output]
    # named after the output too: jobs of one rule may write side by side
    scratch = places[0].parent / f".{snakemake.rule}.{places[0].name}.partial"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    failed = False
    with _redirected(Path(snakemake.log[0]), quiet=quiet) as terminal:
        try:
            job = Job(snakemake, scratch)
            reason = None
            if excludes:
                reason = _excluded(job, function)
            else:
                function(job)
            if reason is None:
                job.publish()
            else:
                write_exclusion(places, reason)
                _say(terminal, f"strikelean: excluded, {snakemake.rule}: {reason}")
        except StrikeleanError as error:
            traceback.print_exc(file=sys.stdout)
            _say(terminal, f"strikelean: {error}")
            failed = True
        except Exception as error:  # noqa: BLE001 - whatever it is, the log must say it
            traceback.print_exc(file=sys.stdout)
            _say(terminal, f"strikelean: a bug in {snakemake.rule}: {error!r}; see its log")
            failed = True
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    if failed:
        sys.exit(1)
