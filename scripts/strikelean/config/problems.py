"""Mistakes in configuration and tables: found one by one, told all at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from strikelean.errors import ConfigError
from strikelean.suggestions import NEAR, near, suggest


@dataclass(frozen=True)
class Problem:
    """One mistake a person made in one place.

    Attributes:
        file: file the mistake is in, as the user named it.
        place: row or subject, and key: ``subject RBDS001 (line 2), mass_kg``.
        expected: what should stand there.
        found: what stands there.
        hint: the likely meaning, or ''.
    """

    file: str
    place: str
    expected: str
    found: str
    hint: str = ""

    def __str__(self) -> str:
        hint = f" {self.hint}" if self.hint else ""
        return f"{self.file}, {self.place}: expected {self.expected}, found {self.found}.{hint}"


class ConfigMistakesError(ConfigError):
    """Every mistake of configuration and tables in one error.

    Attributes:
        problems: the mistakes, in the order of the files.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        super().__init__(
            "check_config",
            "configuration and tables without mistakes",
            f"{count} mistake{'' if count == 1 else 's'}",
            "Mend what is listed and run again",
        )

    def __str__(self) -> str:
        lines = [f"  {number}. {problem}" for number, problem in enumerate(self.problems, 1)]
        return "\n".join([super().__str__(), *lines])


def likely(word: str, known: Iterable[str], cutoff: float = NEAR) -> str | None:
    """Return the known word that is nearest to ``word``, or None; not fit to be suggested."""
    return next(iter(near(word, known, cutoff)), None)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return a safe suggestion, the known words when few, or ''."""
    names = sorted(known)
    few = f"Known: {', '.join(names)}." if 0 < len(names) <= 12 else ""
    return suggest(word, names) or few
