"""Says what environment a plugin needs, read from the `env` and `requirements` of its manifest."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from imjoy.envs.conda_words import read_conda_words
from imjoy.envs.failures import requirement_error
from imjoy.envs.requirements import FORMS, read_pip_words

SCHEMA = 1
CREATE = re.compile(r"\s*(?:conda|mamba|micromamba)\s+(?:create|install)\b(.*)", re.DOTALL)
CHANNELS = re.compile(r"\s*conda\s+config\s+--(?:add|append|prepend)\s+channels\b.*", re.DOTALL)
PIP_INSTALL = re.compile(r"\s*(?:python3?\s+-m\s+)?pip3?\s+install\s+(.*)", re.DOTALL)
PREFIX = re.compile(r"\s*([A-Za-z]+)\s*:(?!//)\s*(.*)", re.DOTALL)


@dataclass(frozen=True)
class EnvSpec:
    """The environment a plugin asks for; equal specs share one environment.

    `python` is a version such as "3.9" or a range such as ">=3.8" (None: any), `packages` are pip
    requirements, `conda` the conda packages as written, `variables` are set for the process, and
    `notes` tell the user what was read differently from how it was written.
    """

    python: str | None = None
    packages: tuple[str, ...] = ()
    prerelease: bool = False
    conda: tuple[str, ...] = ()
    variables: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()

    @classmethod
    def parse(cls, env: Any, requirements: Any, tag: str | None = None) -> EnvSpec:
        """Read the two manifest fields for one tag. Raises EnvError (`env.requirement`)."""
        reader = _Reader()
        for entry in _entries(_choose(env, tag)):
            reader.read_env(entry)
        for entry in _entries(_choose(requirements, tag)):
            reader.read_requirement(entry)
        return reader.spec()

    def digest(self, interpreter: str) -> str:
        """A name for this spec with a given interpreter, used to find its lock again."""
        facts = [SCHEMA, self.python, sorted(set(self.packages)), self.prerelease, interpreter]
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:32]


def _choose(value: Any, tag: str | None) -> Any:
    if isinstance(value, dict) and "type" not in value:
        return value.get(tag) if tag in value else next(iter(value.values()), None)
    return value


def _entries(value: Any) -> Iterable[Any]:
    if value is None or value == "":
        return ()
    return value if isinstance(value, (list, tuple)) else (value,)


@dataclass
class _Reader:
    python: str | None = None
    packages: list[str] = field(default_factory=list)
    prerelease: bool = False
    conda: list[str] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def spec(self) -> EnvSpec:
        return EnvSpec(
            python=self.python,
            packages=tuple(dict.fromkeys(self.packages)),
            prerelease=self.prerelease,
            conda=tuple(self.conda),
            variables=tuple(sorted(self.variables.items())),
            notes=tuple(dict.fromkeys(self.notes)),
        )

    def read_env(self, entry: Any) -> None:
        if isinstance(entry, dict):
            self.read_settings(entry)
        elif not isinstance(entry, str):
            raise requirement_error(str(entry), "An env entry must be text.", FORMS)
        elif match := CREATE.fullmatch(entry):
            self.read_conda(match[1], entry)
        elif CHANNELS.fullmatch(entry):
            self.notes.append("Conda channels are left out: packages come from PyPI.")
        elif entry.strip():
            self.refuse_command(entry)

    def read_settings(self, entry: dict[str, Any]) -> None:
        kind, options = entry.get("type"), entry.get("options") or {}
        if kind == "variable" and isinstance(options, dict):
            self.variables.update({str(key): str(value) for key, value in options.items()})
        elif kind == "gputil":
            self.notes.append("The choice of a GPU (gputil) is left to the plugin's libraries.")
        elif kind == "binder":
            self.notes.append("The Binder settings are left out: the plugin runs on this engine.")
        else:
            cause = f'There is no env setting of the type "{kind}".'
            raise requirement_error(json.dumps(entry)[:200], cause, "Remove it.")

    def read_requirement(self, entry: Any) -> None:
        if not isinstance(entry, str):
            raise requirement_error(str(entry), "A requirement must be text.", FORMS)
        match = PREFIX.fullmatch(entry)
        kind, text = (match[1].lower(), match[2]) if match else ("pip", entry)
        if match and (" @" in entry.split(":")[0] or ";" in entry.split(":")[0]):
            kind, text = "pip", entry
        readers = {
            "pip": self.read_pip,
            "conda": self.read_conda,
            "cmd": self.read_command,
            "repo": self.refuse_repository,
        }
        if kind not in readers:
            raise requirement_error(entry, f'"{kind}:" is not a kind of requirement.', FORMS)
        if text.strip():
            readers[kind](text, entry)

    def read_pip(self, text: str, written: str) -> None:
        packages, prerelease = read_pip_words(text, written)
        self.packages += packages
        self.prerelease = self.prerelease or prerelease

    def read_conda(self, text: str, written: str) -> None:
        words = read_conda_words(text, written)
        self.python = words.python or self.python
        self.packages += words.packages
        self.conda += words.conda
        self.notes += words.notes

    def read_command(self, text: str, written: str) -> None:
        match = PIP_INSTALL.fullmatch(text)
        if match is None or any(sign in text for sign in "|&`"):
            self.refuse_command(written)
        else:
            self.read_pip(match[1], written)
            self.notes.append(f'"{written.strip()}" is read as pip requirements.')

    def refuse_command(self, written: str) -> None:
        raise requirement_error(
            written,
            "It is a command, and plugins cannot run commands on this engine.",
            'Ask the author for packages from PyPI instead, for example "pip: numpy".',
        )

    def refuse_repository(self, text: str, written: str) -> None:
        raise requirement_error(
            written,
            "It asks for a copy of a source repository, which is not available yet.",
            f'If it can be installed with pip, write "git+{text.split()[0]}".',
        )
