"""A lock: the exact files an environment is made of, from a pylock.toml and a pixi.lock."""

from __future__ import annotations

import hashlib
import json
import platform
import sys
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from imjoy.envs.commands import Command
from imjoy.envs.conda import CondaLock, CondaTool, read_conda_packages
from imjoy.envs.failures import RESOLVE, env_error
from imjoy.package_index import plain_name

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

SCHEMA = 2
CONDA = "conda:"  # before the names of conda packages, where pip packages are with them


@dataclass(frozen=True)
class LockedPackage:
    """One package of a lock; `line` installs it, `identity` names its content, `size` is in bytes."""

    name: str
    version: str
    line: str
    identity: tuple[str, ...]
    size: int
    wheel: str | None
    hashed: bool


@dataclass(frozen=True)
class EnvLock:
    """The packages of an environment. `text` is the pylock.toml that `packages` come from.

    With a `conda` part the Python comes from there and `interpreter` is empty. `commands` are run
    in the environment when it is made, in the folder `work`, for repositories at `commits`. `notes`
    say what was chosen otherwise than one may expect.
    """

    python: str
    interpreter: str
    packages: tuple[LockedPackage, ...]
    text: str
    conda: CondaLock = CondaLock()
    commands: tuple[Command, ...] = ()
    work: str = ""
    commits: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The name of the environment: equal content has equal names, on every such computer."""
        facts = [
            SCHEMA,
            self.python,
            sys.platform,
            platform.machine(),
            sorted([package.name, package.version, *package.identity] for package in self.packages),
            sorted(package.identity for package in self.conda.packages),
        ]
        if self.commands:  # what they do can depend on the files that they find
            facts += [[command.text for command in self.commands], self.work, self.commits]
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:20]

    @property
    def count(self) -> int:
        """The number of packages."""
        return len(self.packages) + len(self.conda.packages)

    def requirements(self, hashed: bool) -> str:
        """The lines of a requirements file: those with checksums, or those without (git)."""
        return "".join(f"{p.line}\n" for p in self.packages if p.hashed is hashed)

    def sizes_to_fetch(self, cache: Path, conda: CondaTool | None = None) -> dict[str, int]:
        """The bytes to download for each package that is not stored on this computer."""
        sizes = {p.name: p.size for p in self.packages if not is_cached(p, cache)}
        for package in self.conda.packages:
            if conda is None or not conda.is_cached(package):
                sizes[CONDA + package.name] = package.size
        return sizes

    def facts(self) -> dict[str, Any]:
        """Everything of this lock as JSON; `lock_from_facts` reads it."""
        return {
            "python": self.python,
            "interpreter": self.interpreter,
            "pylock": self.text,
            "pixi": self.conda.text,
            "conda": [asdict(package) for package in self.conda.packages],
            "commands": [asdict(command) for command in self.commands],
            "work": self.work,
            "commits": list(self.commits),
            "notes": list(self.notes),
        }


def lock_from_facts(facts: dict[str, Any]) -> EnvLock:
    """The lock that `EnvLock.facts` wrote. Raises KeyError, TypeError and ValueError."""
    lock = read_lock(facts["pylock"], facts["python"], facts["interpreter"])
    commands = (
        Command(each["text"], tuple(tuple(step) for step in each["steps"]))
        for each in facts["commands"]
    )
    return replace(
        lock,
        conda=CondaLock(read_conda_packages(facts["conda"]), facts["pixi"]),
        commands=tuple(commands),
        work=facts["work"],
        commits=tuple(facts["commits"]),
        notes=tuple(facts.get("notes", ())),
    )


def read_lock(text: str, python: str, interpreter: str) -> EnvLock:
    """Read a pylock.toml that was made for one interpreter. Raises EnvError."""
    packages = tuple(_read_package(entry) for entry in pylock_entries(text))
    return EnvLock(python, interpreter, packages, text)


def pylock_entries(text: str) -> list[dict[str, Any]]:
    """What a pylock.toml says of each package; an empty text says nothing."""
    return list(tomllib.loads(text).get("packages", []))


def _read_package(entry: dict[str, Any]) -> LockedPackage:
    name, version = entry["name"], entry.get("version", "")
    if "vcs" in entry:
        return _read_vcs(name, version, entry["vcs"])
    if "directory" in entry:
        raise env_error(
            "env.requirement",
            RESOLVE,
            f'"{name}" is a folder of this computer, which cannot be locked.',
            "Ask for a package of PyPI or a git address instead.",
        )
    wheels = entry.get("wheels", [])
    files = [*wheels, *([entry["sdist"]] if "sdist" in entry else [])]
    archive = entry.get("archive")
    if archive:
        address = archive.get("url") or Path(archive["path"]).absolute().as_uri()
        files, start = [archive], f"{name} @ {address}"
    else:
        start = f"{name}=={version}"
    hashes = sorted({f["hashes"]["sha256"] for f in files if f.get("hashes", {}).get("sha256")})
    marker = f" ; {entry['marker']}" if entry.get("marker") else ""
    best = _best(wheels) or (files[0] if files else {})
    return LockedPackage(
        name=name,
        version=version,
        line=start + marker + "".join(f" --hash=sha256:{value}" for value in hashes),
        identity=tuple(hashes) or (start,),
        size=int(best.get("size", 0)),
        wheel=_file_name(best) if wheels else None,
        hashed=bool(hashes),
    )


def _read_vcs(name: str, version: str, vcs: dict[str, Any]) -> LockedPackage:
    commit = vcs["commit-id"]
    folder = f"#subdirectory={vcs['subdirectory']}" if vcs.get("subdirectory") else ""
    line = f"{name} @ {vcs['type']}+{vcs['url']}@{commit}{folder}"
    return LockedPackage(name, version, line, (commit, folder), 0, None, hashed=False)


def _best(wheels: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The wheel uv will take: one made for this kind of computer before one for any."""
    return min(wheels, key=lambda w: "-none-any" in _file_name(w)) if wheels else None


def _file_name(file: dict[str, Any]) -> str:
    return str(file.get("name") or file.get("url") or file.get("path") or "").rpartition("/")[2]


def is_cached(package: LockedPackage, cache: Path) -> bool:
    """Whether a package is in uv's cache."""
    if package.wheel is None:
        return False
    parts = package.wheel.removesuffix(".whl").split("-")
    if len(parts) < 5:
        return False
    stem = "-".join([package.version, *parts[-3:]])
    name = plain_name(package.name)
    places = (f"wheels-v*/pypi/{name}/{stem}", f"wheels-v*/*/*/{name}/{stem}")
    return any(True for place in places for _ in cache.glob(place))
