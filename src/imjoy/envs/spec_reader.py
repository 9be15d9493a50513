"""Reads the `env` and `requirements` of a manifest, in all their forms, into what they ask for."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import PurePosixPath
from typing import Any

from imjoy.envs.commands import Command, PipCommand, read_command
from imjoy.envs.conda import has_conda
from imjoy.envs.conda_words import (
    COMMON_CHANNELS,
    CondaPackage,
    CondaWords,
    read_channel,
    read_conda_package,
    read_conda_words,
    read_python_version,
)
from imjoy.envs.failures import READ, env_error, requirement_error
from imjoy.envs.interpreters import combined_versions
from imjoy.envs.repositories import Repository, read_repository
from imjoy.envs.requirements import FORMS, LONGEST, read_pip_words

CONDA = r"\s*(?:conda|mamba|micromamba)\s+"
CREATE = re.compile(CONDA + r"(?:create|install)\b(.*)", re.DOTALL)
CREATE_FROM_FILE = re.compile(CONDA + r"env\s+(?:create|update)\b(.*)", re.DOTALL)
CHANNELS = re.compile(CONDA + r"config\s+--(?:add|append|prepend)\s+channels\s+(\S+)\s*", re.DOTALL)
PREFIX = re.compile(r"\s*([A-Za-z]+)\s*:(?!//)\s*(.*)", re.DOTALL)
PYTHON = re.compile(r"python([<>=!~].*)?", re.IGNORECASE)
MOST = 1000  # requirements of one plugin
PROJECT_KEYS = frozenset({"dependencies", "requires-python"})
DATE = re.compile(r"\d{4}-\d\d-\d\d(?:[T ][\d:.]+(?:Z|[+-]\d\d:\d\d))?")


def unique(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """Each value once, in their order."""
    return tuple(dict.fromkeys(values))


def chosen(value: Any, tag: str | None) -> Any:
    """What a field of a manifest says for one tag."""
    if isinstance(value, dict) and "type" not in value and not PROJECT_KEYS & value.keys():
        return value.get(tag) if tag in value else next(iter(value.values()), None)
    return value


def entries_of(value: Any) -> Iterable[Any]:
    """A list, a single value or nothing as a list. Raises EnvError."""
    if value is None or value == "":
        return ()
    if isinstance(value, (list, tuple)) and len(value) > MOST:
        cause = f"It has {len(value)} entries, and {MOST} are allowed."
        raise requirement_error("The list of requirements", cause, "Leave out what is not needed.")
    return value if isinstance(value, (list, tuple)) else (value,)


@dataclass
class SpecReader:
    """Gathers what the forms of requirements ask for, one after the other, for one EnvSpec."""

    prefer_conda: bool
    python: str | None = None
    packages: list[str] = field(default_factory=list)
    prerelease: bool = False
    exclude_newer: str | None = None
    conda: list[CondaPackage] = field(default_factory=list)
    channels: list[str] = field(default_factory=list)
    repositories: list[Repository] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    commands: list[Command] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def found(self) -> dict[str, Any]:
        """The fields of an EnvSpec."""
        use_conda = self.uses_conda()
        twins = [package.pip for package in self.conda if package.pip]
        if not use_conda:
            for package in self.conda:
                self.notes.append(f'The conda package "{package.spec}" is taken from PyPI.')
        return {
            "python": self.python,
            "packages": unique((*(() if use_conda else twins), *self.packages)),
            "prerelease": self.prerelease,
            "exclude_newer": self.exclude_newer,
            "conda": unique(tuple(package.spec for package in self.conda)) if use_conda else (),
            "channels": unique(tuple(self.channels)) if use_conda else (),
            "twins": tuple(twins) if use_conda and len(twins) == len(self.conda) else (),
            "repositories": unique(tuple(self.repositories)),
            "files": unique(tuple(self.files)),
            "commands": unique(tuple(self.commands)),
            "variables": tuple(sorted(self.variables.items())),
            "notes": unique(tuple(self.notes)),
        }

    def uses_conda(self) -> bool:
        """Only where it has to be: what PyPI has as well comes faster from there."""
        if any(package.pip is None for package in self.conda):
            return True
        wanted = self.prefer_conda or bool(set(self.channels) - COMMON_CHANNELS)
        return bool(self.conda) and wanted and has_conda()

    def read_env(self, entry: Any) -> None:
        if isinstance(entry, dict):
            self.read_settings(entry)
        elif not isinstance(entry, str):
            raise requirement_error(str(entry), "An env entry must be text.", FORMS)
        elif len(entry) > LONGEST:
            raise requirement_error(entry, f"It has more than {LONGEST} characters.", FORMS)
        elif match := CREATE.fullmatch(entry):
            self.read_conda(match[1], entry)
        elif match := CREATE_FROM_FILE.fullmatch(entry):
            self.read_environment_command(match[1].split(), entry)
        elif match := CHANNELS.fullmatch(entry):
            self.channels.append(read_channel(match[1], entry))
        elif entry.strip():
            self.read_command(entry, entry)

    def read_settings(self, entry: dict[str, Any]) -> None:
        kind, options = entry.get("type"), entry.get("options") or {}
        if kind is None and isinstance(entry.get("dependencies"), list):
            self.read_environment(entry)
        elif kind == "variable" and isinstance(options, dict):
            self.variables.update({str(key): str(value) for key, value in options.items()})
        elif kind == "gputil":
            pass  # the engine chooses one when the plugin starts
        elif kind == "binder":
            self.notes.append("The Binder settings are left out: the plugin runs on this engine.")
        else:
            cause = f'There is no env setting of the type "{kind}".'
            raise requirement_error(json.dumps(entry)[:200], cause, "Remove it.")

    def read_environment(self, entry: dict[str, Any]) -> None:
        """The content of an environment.yml."""
        words = CondaWords()
        for channel in entries_of(entry.get("channels")):
            self.channels.append(read_channel(str(channel), "channels"))
        for item in entry["dependencies"]:
            if isinstance(item, dict) and set(item) == {"pip"}:
                for line in entries_of(item["pip"]):
                    self.read_pip(str(line), f"pip: {line}")
            elif isinstance(item, str):
                read_conda_package(item, item, words)
            else:
                raise requirement_error(str(item), "It is not a package.", FORMS)
        self.take_conda(words, "environment.yml")
        for key, value in dict(entry.get("variables") or {}).items():
            self.variables[str(key)] = str(value)

    def read_environment_command(self, words: list[str], written: str) -> None:
        files = [
            after for flag, after in zip(words, words[1:], strict=False) if flag in ("-f", "--file")
        ]
        if len(files) > 1:
            raise requirement_error(written, "It names more than one file.", FORMS)
        self.read_file(files[0] if files else "environment.yml", written)

    def read_file(self, name: str, written: str) -> None:
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or not path.parts or "\\" in name:
            cause = f'"{name}" is not a file inside the plugin\'s own folder.'
            raise requirement_error(written, cause, "Name a file of a repository it asks for.")
        self.files.append(str(path))

    def read_requirement(self, entry: Any) -> None:
        if isinstance(entry, dict) and PROJECT_KEYS & entry.keys():
            self.read_project(entry, "dependencies")
            return
        if not isinstance(entry, str):
            raise requirement_error(str(entry), "A requirement must be text.", FORMS)
        if len(entry) > LONGEST:
            cause = f"It has {len(entry)} characters, and {LONGEST} are allowed."
            raise requirement_error(entry, cause, "Write it as several requirements.")
        match = PREFIX.fullmatch(entry)
        kind, text = (match[1].lower(), match[2]) if match else ("pip", entry)
        if match and (" @" in entry.split(":")[0] or ";" in entry.split(":")[0]):
            kind, text = "pip", entry
        readers = {
            "pip": self.read_pip,
            "conda": self.read_conda,
            "cmd": self.read_command,
            "repo": self.read_repo,
        }
        if kind not in readers:
            raise requirement_error(entry, f'"{kind}:" is not a kind of requirement.', FORMS)
        if text.strip():
            readers[kind](text, entry)

    def read_project(self, project: dict[str, Any], written: str) -> None:
        """Keys as in the [project] table of a pyproject.toml."""
        python, dependencies = project.get("requires-python"), project.get("dependencies") or []
        if not isinstance(dependencies, list) or not isinstance(python, (str, type(None))):
            raise requirement_error(written, "Its dependencies are not a list.", FORMS)
        for line in dependencies:
            self.read_pip(str(line)[: LONGEST + 1], f"{line}")
        if python:
            self.want_python(python, written)
        if day := project.get("exclude-newer"):
            if not isinstance(day, (str, date)) or not DATE.fullmatch(str(day)):
                raise requirement_error(written, "exclude-newer is no day.", 'Write "2020-12-31".')
            self.exclude_newer = str(day)

    def want_python(self, version: str, written: str) -> None:
        wanted, notes = read_python_version(version.replace(" ", ""), written)
        self.notes += notes
        self.python = combined_versions(self.python, wanted)

    def read_pip(self, text: str, written: str) -> None:
        packages, prerelease = read_pip_words(text, written)
        for package in packages:
            if python := PYTHON.fullmatch(package):
                self.want_python(python[1] or "", written)
            else:
                self.packages.append(package)
        self.prerelease = self.prerelease or prerelease

    def read_conda(self, text: str, written: str) -> None:
        self.take_conda(read_conda_words(text, written), written)

    def take_conda(self, words: CondaWords, written: str) -> None:
        self.python = combined_versions(self.python, words.python)
        self.conda += words.packages
        self.channels += words.channels
        self.notes += words.notes

    def read_repo(self, text: str, written: str) -> None:
        repository = read_repository(text, written)
        for other in self.repositories:
            if other.folder == repository.folder and other != repository:
                raise env_error(
                    "env.conflict",
                    READ,
                    f'Two repositories are to be copied into the folder "{other.folder}".',
                    'Give one of them another folder: "repo: ADDRESS FOLDER".',
                )
        self.repositories.append(repository)

    def read_command(self, text: str, written: str) -> None:
        command = read_command(text, written)
        if isinstance(command, Command):
            self.commands.append(command)
        elif isinstance(command, PipCommand):
            if command.packages:
                self.read_pip(command.packages, written)
            for name in command.files:
                self.read_file(name, written)
            self.notes.append(f'"{written.strip()}" is read as pip requirements.')
        else:
            self.notes.append(f'"{written.strip()}" is left out: it would change nothing.')
