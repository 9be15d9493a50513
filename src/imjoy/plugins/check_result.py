"""What `imjoy plugin check` says about one file."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from imjoy.errors import ImJoyError

__all__ = ["CheckResult", "Problem", "Weight"]


class Weight(Enum):
    """How much something matters."""

    # The plugin cannot run.
    ERROR = "error"
    # It runs, but not all of it does what it says.
    WARNING = "warning"
    # It would be better otherwise; nothing is wrong.
    ADVICE = "advice"


class Problem(NamedTuple):
    """Something to be said about a plugin; `line` and `column` are those of the file, from 1."""

    text: str
    remedy: str
    line: int | None = None
    column: int | None = None
    weight: Weight = Weight.ERROR

    def said(self) -> str:
        """The text behind its place."""
        if self.line is None:
            return self.text
        column = "" if self.column is None else f", column {self.column}"
        text = self.text[:1].lower() + self.text[1:] if self.text[1:2].islower() else self.text
        return f"Line {self.line}{column}: {text}"

    @classmethod
    def of(cls, error: ImJoyError) -> Problem:
        """The problem that an error about a file tells of."""
        data = error.data or {}
        cause, remedy = str(data.get("cause", error)), str(data.get("remedy", ""))
        return cls(cause, remedy, data.get("line"), data.get("column"))


@dataclass
class CheckResult:
    """The answer for one file. `places` has line and column of each of the problems."""

    file: str
    name: str = ""
    type: str = ""
    ok: bool = True
    problems: list[str] = field(default_factory=list)
    api: list[str] = field(default_factory=list)
    remedies: list[str] = field(default_factory=list)
    places: list[dict[str, int | None]] = field(default_factory=list)
    advice: list[str] = field(default_factory=list)
    # Whether the file could be read; a name may be known all the same.
    parsed: bool = True

    def add(self, problem: Problem) -> None:
        """Note a problem and its remedy, each once; advice stands apart."""
        said = problem.said()
        if problem.weight is Weight.ADVICE:
            advice = f"{said} {problem.remedy}"
            self.advice += [] if advice in self.advice else [advice]
            return
        self.ok = self.ok and problem.weight is not Weight.ERROR
        if said not in self.problems:
            self.problems.append(said)
            self.places.append({"line": problem.line, "column": problem.column})
        if problem.remedy not in self.remedies:
            self.remedies.append(problem.remedy)
