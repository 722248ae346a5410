"""What every rule's script does around the one library call it is there for.

The log takes everything printed, by Python and by OpenSim's C++; results appear all together
once they are complete, each with its checksum; and a trial that cannot be used leaves its reason
instead of stopping the cohort, as does whatever goes wrong in making one table of many.
"""

from __future__ import annotations

import atexit
import errno
import gc
import locale
import os
import resource
import shutil
import socket
import sys
import time
import traceback
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout, suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal

from strikelean.errors import ConfigError, FailedError, StrikeleanError
from strikelean.exclusions import first_note, write_note
from strikelean.formats.checksums import is_changed, write_checksum
from strikelean.formats.files import Note

OnError = Literal["exclude", "note", "stop"]
# when the script began: nothing of ours is imported before
BEGAN_S = time.monotonic()
# As it ends Python looks through all objects several times for circles to take apart: half a second
# with what a job imports, for memory that is given back at once anyway.
atexit.register(gc.freeze)


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
        log: file that takes what is printed.
        terminal: descriptor of the error stream that a person sees.
    """

    def __init__(self, snakemake: Any, scratch: Path, terminal: int = 2) -> None:
        self.terminal = terminal
        self.rule = str(snakemake.rule)
        self.input = _paths(snakemake.input)
        self.params = SimpleNamespace(**dict(snakemake.params.items()))
        self.wildcards: dict[str, str] = dict(snakemake.wildcards.items())
        self.subject = self.wildcards.get("subject")
        self.recorded = self.wildcards.get("recorded")
        self.technique = self.wildcards.get("technique", "")
        derived = f"{self.recorded}~{self.technique}" if self.technique else self.recorded
        self.trial = self.wildcards.get("trial", derived)
        self.log = str(snakemake.log[0])
        self.kept: set[Path] = set()
        self._places = {name: Path(path) for name, path in snakemake.output.items()}
        self.output = SimpleNamespace(
            **{name: scratch / path.name for name, path in self._places.items()}
        )

    def keep(self, paths: Iterable[Path]) -> None:
        """Keep results of this job whatever becomes of the others: they are whole."""
        self.kept.update(paths)

    def say(self, line: str) -> None:
        """Put a line in the log at once."""
        print(line, flush=True)

    def tell(self, line: str) -> None:
        """Put a line in the log and before whoever waits for the run."""
        _say(self.terminal, line)

    def publish(self) -> None:
        """Move every output to its place; RuntimeError when the script left one out."""
        written: dict[str, Path] = vars(self.output)
        absent = [path.name for path in written.values() if not path.is_file()]
        if absent:
            raise RuntimeError(f"not written: {', '.join(absent)}")
        for name, place in self._places.items():
            write_checksum(place, written[name])
            written[name].replace(place)

    def given(self, left_out: Collection[str]) -> list[Path]:
        """Return every input file, those of some names left out."""
        values = [value for name, value in vars(self.input).items() if name not in left_out]
        return [path for value in values for path in _as_list(value)]


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


def _as_list(value: Path | list[Path]) -> list[Path]:
    return value if isinstance(value, list) else [value]


def _say(terminal: int, line: str) -> None:
    os.write(terminal, f"{line}\n".encode())
    with suppress(OSError):  # a log on a full disk
        print(line, flush=True)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and what led to it."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _out_of_room(error: Exception, job: Job) -> StrikeleanError | None:
    """Return what is to be said where the machine has no more disk or memory, else None."""
    for cause in _causes(error):
        full = isinstance(cause, OSError) and cause.errno in (errno.ENOSPC, errno.EDQUOT)
        # HDF5 keeps the number of the error to itself
        if full or "No space left on device" in str(cause):
            what = ("room on the disk for results", "a full disk", "Free some space and run again")
        elif isinstance(cause, MemoryError):
            what = ("enough memory", "none left", "Run again with fewer cores")
        else:
            continue
        return StrikeleanError(job.rule, *what, subject=job.subject, trial=job.trial)
    return None


def _note_of(error: Exception, job: Job, on_error: OnError) -> Note:
    """Return what is left in place of the results; raise again what must stop the job."""
    no_room = _out_of_room(error, job)
    if no_room is not None:
        raise no_room from None
    if on_error == "stop" or isinstance(error, ConfigError):
        raise error
    traceback.print_exc(file=sys.stdout)
    if isinstance(error, StrikeleanError):
        told = str(error.located(job.subject, job.trial))
        return Note(told, failed=on_error == "note" or isinstance(error, FailedError))
    where = " ".join(name for name in (job.subject, job.trial) if name)
    return Note(f"[{where}] {_bug(error, job)}" if where else _bug(error, job), failed=True)


def _bug(error: Exception, job: Job) -> str:
    return f"a bug in {job.rule}: {' '.join(repr(error).split())[:300]}, see {job.log}"


def _work(
    job: Job, function: Callable[[Job], None], on_error: OnError, reads_notes: Collection[str]
) -> tuple[Note | None, bool]:
    """Run the function; return what is left in place of its results, and whether it is new."""
    note = first_note(job.given(reads_notes))
    if note is not None:
        if on_error == "stop":
            raise StrikeleanError(job.rule, "data", note.reason.rstrip("."), "Mend that first")
        # what an earlier step has said already is not said again
        new = any(path.is_file() and is_changed(path) for path in job.given(reads_notes))
        return note, new
    try:
        function(job)
        job.publish()
    except Exception as error:  # noqa: BLE001 - whatever it is, it costs these results alone
        return _note_of(error, job, on_error), True
    return None, False


def _scratch(place: Path, rule: str) -> Path:
    """Make a folder beside a result for this process alone; remove those of killed ones."""
    # named after the output too: jobs of one rule may write side by side
    stem, host = f".{rule}.{place.name}", socket.gethostname()
    place.parent.mkdir(parents=True, exist_ok=True)
    for left in place.parent.glob(f"{stem}.{host}-*.partial"):
        process = left.name.removesuffix(".partial").rpartition("-")[2]
        if not (process.isdigit() and _is_running(int(process))):
            shutil.rmtree(left, ignore_errors=True)
    scratch = place.with_name(f"{stem}.{host}-{os.getpid()}.partial")
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    return scratch


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's
        return True
    return True


def run_stage(
    snakemake: Any,
    function: Callable[[Job], None],
    *,
    on_error: OnError = "exclude",
    reads_notes: Collection[str] = (),
    quiet: bool = True,
) -> None:
    """Run a rule's script.

    Args:
        snakemake: the object Snakemake gives the script.
        function: reads ``job.input`` and ``job.params``, writes every file of ``job.output``.
        on_error: what becomes of the results where something goes wrong. ``exclude``: a note that
            excludes this subject or trial. ``note``: one that says what is missing of the page.
            ``stop``: none, and the job fails, for what is to be kept elsewhere or what all others
            need. A mistake in the configuration and a full disk always fail.
        reads_notes: names of inputs whose notes the function reads itself; a note among the
            others is passed on.
        quiet: whether the error stream, too, goes to the log. False where a person waits for
            a download and wants to see it move.
    """
    locale.setlocale(locale.LC_NUMERIC, "C")
    places = [Path(path) for path in snakemake.output]
    scratch = _scratch(places[0], snakemake.rule)
    failed = False
    with _redirected(Path(snakemake.log[0]), quiet=quiet) as terminal:
        job = Job(snakemake, scratch, terminal)
        try:
            note, new = _work(job, function, on_error, reads_notes)
            if note is not None:
                rest = [path for path in vars(job.output).values() if path not in job.kept]
                for path in rest:
                    path.unlink(missing_ok=True)
                write_note(rest, note)
                job.publish()
                word = "failed" if note.failed else "excluded"
                if new:
                    _say(terminal, f"strikelean: {word}, {job.rule}: {note.reason}")
        except StrikeleanError as error:
            _print_exception()
            _say(terminal, f"strikelean: {error}")
            failed = True
        except Exception as error:  # noqa: BLE001 - whatever it is, the log must say it
            _print_exception()
            _say(terminal, f"strikelean: {_out_of_room(error, job) or _bug(error, job)}")
            failed = True
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
            with suppress(OSError):  # a log on a full disk
                print(_costs(), flush=True)
    if failed:
        sys.exit(1)


def _costs() -> str:
    """Return what the job cost, for the last line of its log.

    Its own processor time and that of programs it started, Python's start included. Snakemake's
    own benchmarks read through the memory of every job at every look (15 s of a run of 80 jobs),
    and miss what it took after the last look.
    """
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    most_mb = most / (1e6 if sys.platform == "darwin" else 1e3)
    took_s, cpu_s = time.monotonic() - BEGAN_S, sum(os.times()[:4])
    return f"took {took_s:.2f} s, processor time {cpu_s:.2f} s, memory {most_mb:.0f} MB at most"


def _print_exception() -> None:
    with suppress(OSError):  # a log on a full disk
        traceback.print_exc(file=sys.stdout)
