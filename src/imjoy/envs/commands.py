"""Reads `cmd:` requirements into lists of arguments; nothing here or later goes through a shell."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass

from imjoy.envs.failures import requirement_error
from imjoy.envs.requirements import HARMLESS_OPTIONS

OPERATORS = frozenset({"|", "||", "&", ";", ">", ">>", "<", "<<", "(", ")", "|&"})
PIP = re.compile(r"(?:python3?(?:\.\d+)?\s+-m\s+)?pip3?\s+(install|uninstall)\s+(.*)", re.DOTALL)
ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=.*", re.DOTALL)
LOCAL = frozenset({"-e", "--editable", "."})
REMEDY = (
    'Write commands without pipes, redirections and variables, joined by "&&" if there are several.'
)


@dataclass(frozen=True)
class Command:
    """A command line that the user has to agree to, as written and as the programs it runs."""

    text: str
    steps: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class PipCommand:
    """A command that is only another way to write pip requirements."""

    packages: str
    files: tuple[str, ...]


def read_command(text: str, written: str) -> Command | PipCommand | None:
    """What a `cmd:` requirement asks for; None when it asks for nothing. Raises EnvError."""
    pip = PIP.fullmatch(text.strip())
    if pip and not any(sign in text for sign in "|&`;$"):
        words = _words(pip[2], written)
        if pip[1] == "uninstall":
            return None  # an environment has only what was asked for
        if not any(word in LOCAL or word.startswith("./") for word in words):
            return _read_pip(words)
    steps = [step for step in _split(text, written) if step]
    return Command(text.strip(), tuple(steps)) if steps else None


def _read_pip(arguments: list[str]) -> PipCommand:
    files: list[str] = []
    rest: list[str] = []
    words = iter(arguments)
    for word in words:
        if word in ("-r", "--requirement"):
            files.append(next(words, ""))
        elif word not in HARMLESS_OPTIONS:
            rest.append(word)
    return PipCommand(shlex.join(rest), tuple(files))


def _words(text: str, written: str) -> list[str]:
    try:
        reader = shlex.shlex(text, posix=True, punctuation_chars="|&;<>()")
        reader.whitespace_split = True
        reader.commenters = ""
        return list(reader)
    except ValueError as exc:
        raise requirement_error(written, "A quotation mark is not closed.", REMEDY) from exc


def _split(text: str, written: str) -> list[tuple[str, ...]]:
    steps: list[list[str]] = [[]]
    for line in text.splitlines() or [""]:
        for word in _words(line, written):
            if word == "&&":
                steps.append([])
            elif word in OPERATORS or "`" in word or "$" in word:
                raise requirement_error(written, f'"{word}" needs a shell.', REMEDY)
            else:
                steps[-1].append(word)
        steps.append([])
    for step in steps:
        if step and ASSIGNMENT.fullmatch(step[0]):
            cause = f'"{step[0]}" sets a variable, which needs a shell.'
            raise requirement_error(written, cause, 'Set it with {"type": "variable"} in "env".')
    return [tuple(step) for step in steps]
