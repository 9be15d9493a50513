"""Chooses the exact packages for a spec with uv and conda, without touching any environment."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from imjoy.envs.children import run_quietly
from imjoy.envs.conda import CondaLock, CondaTool
from imjoy.envs.conda_words import OTHER_ON_PYPI
from imjoy.envs.era import Pin, newest_pin
from imjoy.envs.failures import RESOLVE, not_stored
from imjoy.envs.git_settings import FindCopy, copies_of, git_settings, git_urls
from imjoy.envs.interpreters import Interpreter, own_interpreter
from imjoy.envs.lock import EnvLock, read_lock
from imjoy.envs.spec import EnvSpec
from imjoy.envs.uv_failures import names_not_stored, uv_failure
from imjoy.envs.uv_tool import find_uv, uv_environment
from imjoy.errors import EnvError

PLAIN_VERSION = re.compile(r"\d+(?:\.\d+)*(?:(?:a|b|rc|\.post)\d+)?")


@dataclass(frozen=True)
class Tools:
    """How to run uv: its path, its cache and the folder it is started in; and conda."""

    uv: Path
    cache: Path
    folder: Path
    conda: CondaTool
    find_copy: FindCopy | None = None

    @classmethod
    def find(cls, home: Path, find_copy: FindCopy | None = None) -> Tools:
        """The tools for environments below `home`. Raises EnvError."""
        cache, folder = home / "cache" / "uv", home / "envs"
        return cls(find_uv(), cache, folder, CondaTool(home), find_copy)

    def environment(self, retries: int, requirements: Sequence[str] = ()) -> dict[str, str]:
        """The variables for uv, which takes repositories in `requirements` from their copies."""
        env = uv_environment(self.cache)
        env.setdefault("UV_HTTP_RETRIES", str(retries))
        return env | git_settings(copies_of(git_urls(requirements), self.find_copy))

    async def forget(self, names: Sequence[str]) -> None:
        """Drop the stored files of some pip packages."""
        if names:
            command = [str(self.uv), "cache", "clean", "--force", *names]
            await run_quietly(command, self.environment(retries=0), self.folder)


async def resolve(
    spec: EnvSpec, interpreter: Interpreter | None, tools: Tools, channels: Sequence[str] = ()
) -> EnvLock:
    """Lock the packages of a spec; uses what is stored when there is no network.

    Without an `interpreter`, or with conda packages, Python itself comes from the conda channels.
    Raises EnvError.
    """
    if interpreter is not None and not spec.conda:
        options = ["--python", str(interpreter.path)]
        text, notes = await _resolve_pip(spec, tools, options, interpreter.version)
        lock = read_lock(text, interpreter.version, str(interpreter.path))
        return replace(lock, notes=notes)
    conda = await _resolve_conda(spec, tools.conda, channels)
    options = ["--python-version", conda.python, "--python", str(own_interpreter().path)]
    text, notes = await _resolve_pip(spec, tools, options, conda.python, conda)
    return replace(read_lock(text, conda.python, ""), conda=conda, notes=notes)


async def _resolve_conda(spec: EnvSpec, conda: CondaTool, channels: Sequence[str]) -> CondaLock:
    if spec.python is not None:
        return await conda.solve([_conda_python(spec.python), *spec.conda], channels)
    own = ".".join(own_interpreter().version.split(".")[:2])
    try:  # the Python that most packages are stored for already
        return await conda.solve([f"python {own}.*", *spec.conda], channels)
    except EnvError as failure:
        if failure.code not in ("env.conflict", "env.not_found", "env.python"):
            raise
        return await conda.solve(["python >=3.7", *spec.conda], channels)


def _conda_python(wanted: str) -> str:
    if re.fullmatch(r"[\d.]+", wanted):
        return f"python {wanted}.*" if wanted.count(".") < 2 else f"python {wanted}"
    return "python " + re.sub(r"==(\d+(?:\.\d+)?)(?![\d.])", r"\1.*", wanted)


async def _resolve_pip(
    spec: EnvSpec,
    tools: Tools,
    options: list[str],
    python: str,
    conda: CondaLock | None = None,
) -> tuple[str, tuple[str, ...]]:
    """The pylock.toml of a spec, and what is to be told of it."""
    if not spec.packages:
        return "", ()
    kept = _python_packages(conda) if conda is not None else {}
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        if kept:
            file.write("".join(f"{name}=={version}\n" for name, version in kept.items()))
            file.flush()
            options = [*options, "--constraint", file.name]
            options += [f"--no-emit-package={name}" for name in kept]
        if spec.exclude_newer:
            options = [*options, "--exclude-newer", spec.exclude_newer]
        code, text, errors = await _compile(spec, options, tools)
        if code:
            failure = uv_failure(RESOLVE, errors, python, code)
            if failure.code != "env.network":
                raise failure
            options = [*options, "--offline"]
            code, text, errors = await _compile(spec, options, tools)
            if code:
                raise not_stored(failure, names_not_stored(errors))
        pin = None if spec.exclude_newer else newest_pin(spec.packages, text, python)
        of_then = None if pin is None else await _of_its_time(pin, spec, options, tools)
        return of_then or (text, ())


async def _of_its_time(
    pin: Pin, spec: EnvSpec, options: list[str], tools: Tools
) -> tuple[str, tuple[str, ...]] | None:
    """The same with packages of the time of `pin`; None when there is no such choice."""
    for end in pin.ends():
        code, text, _ = await _compile(spec, [*options, "--exclude-newer", str(end)], tools)
        if code == 0:
            return text, (pin.note(end),)
    return None


def _python_packages(conda: CondaLock) -> dict[str, str]:
    """What conda brings under the names that pip knows, which pip then leaves alone."""
    found = {OTHER_ON_PYPI.get(each.name, each.name): each.version for each in conda.packages}
    return {name: version for name, version in found.items() if PLAIN_VERSION.fullmatch(version)}


async def _compile(spec: EnvSpec, options: list[str], tools: Tools) -> tuple[int, str, str]:
    command = [str(tools.uv), "pip", "compile", "-q", "--no-header", "--no-annotate"]
    command += ["--format", "pylock.toml", *options]
    command += ["--prerelease", "allow"] if spec.prerelease else []
    requirements = "".join(f"{package}\n" for package in spec.packages)
    env = tools.environment(retries=1, requirements=spec.packages)
    return await run_quietly([*command, "-"], env, tools.folder, requirements)
