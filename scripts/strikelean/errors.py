"""One family of errors, each saying where, what was expected, what was found and what to do."""

from __future__ import annotations

from pathlib import Path


class StrikeleanError(Exception):
    """Base of every error this project raises on purpose.

    The text reads ``[runner trial lean=+5] step: expected, found. Do this.``; parts
    that are not known yet (a file reader does not know its runner) are filled in on
    the way up with :meth:`located`.

    Args:
        step: what was being done, a verb_object name such as ``read_recording``.
        expected: what should have been there.
        found: what was there instead.
        action: what the reader can do about it, an imperative sentence.
        subject: runner, when known.
        trial: trial, when known.
        lean_deg: trunk-lean change of a derived trial in degrees, when there is one.
    """

    def __init__(
        self,
        step: str,
        expected: str,
        found: str,
        action: str,
        *,
        subject: str | None = None,
        trial: str | None = None,
        lean_deg: float | None = None,
    ) -> None:
        self.step = step
        self.expected = expected
        self.found = found
        self.action = action
        self.subject = subject
        self.trial = trial
        self.lean_deg = lean_deg
        super().__init__(str(self))

    def located(self, subject: str | None = None, trial: str | None = None) -> StrikeleanError:
        """Return self with subject and trial filled in where they were unknown."""
        self.subject = self.subject or subject
        self.trial = self.trial or trial
        return self

    def __str__(self) -> str:
        place = [part for part in (self.subject, self.trial) if part]
        if self.lean_deg is not None:
            place.append(f"lean={self.lean_deg:+g}")
        where = f"[{' '.join(place)}] " if place else ""
        action = self.action.rstrip(".")
        return f"{where}{self.step}: expected {self.expected}, found {self.found}. {action}."


class ConfigError(StrikeleanError):
    """The configuration or a table is wrong; nothing can run until it is mended."""


class RecordingError(StrikeleanError):
    """A recording cannot be read, or cannot be used as it is."""


class ModelError(StrikeleanError):
    """A musculoskeletal model is missing something, or cannot be built or scaled."""


class SolverError(StrikeleanError):
    """A numerical solve failed or broke its own rules."""


class ExcludedError(StrikeleanError):
    """An earlier step has already excluded this trial; its reason is carried along."""

    PREFIX = "an exclusion: "

    @property
    def reason(self) -> str:
        """Why the earlier step did so."""
        return self.found.removeprefix(self.PREFIX)


class FailedError(StrikeleanError):
    """Something failed that is no fault of the recordings; the next run tries it again."""


class DamagedError(FailedError):
    """A result is not what the stage wrote that made it."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            "read_result",
            f"{path.as_posix()} as its stage wrote it",
            "one that was changed or damaged after it was written",
            "Delete it and run again",
        )
