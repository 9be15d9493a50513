"""Says what environment a plugin needs, read from the `env` and `requirements` of its manifest."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from imjoy.envs.commands import Command
from imjoy.envs.interpreters import combined_versions
from imjoy.envs.repositories import Repository
from imjoy.envs.spec_files import read_spec_file, script_requirements
from imjoy.envs.spec_reader import SpecReader, chosen, entries_of, unique

SCHEMA = 2


@dataclass(frozen=True)
class EnvSpec:
    """The environment a plugin asks for; equal specs share one environment.

    `python` is a version such as "3.9" or a range such as ">=3.8" (None: any), `packages` are pip
    requirements, `exclude_newer` is the day up to which their versions may be (None: any), `conda`
    are packages for conda from `channels`, and `twins` the same from PyPI where it has them all.
    `repositories` are to be in the plugin's folder, `files` there hold more requirements, `commands`
    need the user's consent, `variables` are set for the process, and `notes` say what was read
    differently from how it was written.
    """

    python: str | None = None
    packages: tuple[str, ...] = ()
    prerelease: bool = False
    exclude_newer: str | None = None
    conda: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    twins: tuple[str, ...] = ()
    repositories: tuple[Repository, ...] = ()
    files: tuple[str, ...] = ()
    commands: tuple[Command, ...] = ()
    variables: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()

    @classmethod
    def parse(
        cls,
        env: Any,
        requirements: Any,
        tag: str | None = None,
        *,
        script: str = "",
        prefer_conda: bool = False,
    ) -> EnvSpec:
        """Read the two manifest fields for one tag, and the block inside a Python `script`.

        `prefer_conda`: take conda packages from conda also where PyPI has them. Raises EnvError
        (`env.requirement`, `env.python`, `env.conflict`).
        """
        reader = SpecReader(prefer_conda)
        for entry in entries_of(chosen(env, tag)):
            reader.read_env(entry)
        for entry in entries_of(chosen(requirements, tag)):
            reader.read_requirement(entry)
        found = script_requirements(script) if script else None
        if found:
            reader.read_project(found, "# /// script")
        return cls(**reader.found())

    def with_files(self, folder: Path, prefer_conda: bool = False) -> EnvSpec:
        """This spec with what its `files` in the plugin's folder say. Raises EnvError."""
        spec = replace(self, files=())
        for name in self.files:
            env, requirements = read_spec_file(folder / name)
            spec = spec.merged(EnvSpec.parse(env, requirements, prefer_conda=prefer_conda))
        return spec

    def without_conda(self) -> EnvSpec:
        """This spec with the packages of conda taken from PyPI; only for one with `twins`."""
        packages = unique(self.twins + self.packages)
        return replace(self, packages=packages, conda=(), channels=(), twins=())

    def merged(self, other: EnvSpec) -> EnvSpec:
        """Both specs in one environment. Raises EnvError (`env.conflict`)."""
        return EnvSpec(
            python=combined_versions(self.python, other.python),
            packages=unique(self.packages + other.packages),
            prerelease=self.prerelease or other.prerelease,
            exclude_newer=self.exclude_newer or other.exclude_newer,
            conda=unique(self.conda + other.conda),
            channels=unique(self.channels + other.channels),
            twins=_all_twins(self, other),
            repositories=unique(self.repositories + other.repositories),
            files=unique(self.files + other.files),
            commands=unique(self.commands + other.commands),
            variables=unique(self.variables + other.variables),
            notes=unique(self.notes + other.notes),
        )

    def digest(self, interpreter: str) -> str:
        """A name for this spec with a given interpreter, used to find its lock again."""
        facts = [
            SCHEMA,
            self.python,
            sorted(set(self.packages)),
            self.prerelease,
            *([self.exclude_newer] if self.exclude_newer else []),
            sorted(set(self.conda)),
            self.channels,
            [[each.url, each.folder, each.branch] for each in self.repositories],
            [command.text for command in self.commands],
            interpreter,
        ]
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:32]


def _all_twins(one: EnvSpec, other: EnvSpec) -> tuple[str, ...]:
    complete = all(bool(spec.twins) == bool(spec.conda) for spec in (one, other))
    return unique(one.twins + other.twins) if complete else ()
