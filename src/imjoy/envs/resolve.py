"""Chooses the exact packages for a spec with uv, without touching any environment."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from imjoy.envs.children import run_quietly
from imjoy.envs.failures import RESOLVE, uv_failure
from imjoy.envs.interpreters import Interpreter
from imjoy.envs.lock import EnvLock, read_lock
from imjoy.envs.spec import EnvSpec
from imjoy.envs.uv_tool import find_uv, uv_environment


@dataclass(frozen=True)
class Tools:
    """How to run uv: its path, its cache and the folder it is started in."""

    uv: Path
    cache: Path
    folder: Path

    @classmethod
    def find(cls, cache: Path, folder: Path) -> Tools:
        return cls(find_uv(), cache, folder)

    def environment(self, retries: int) -> dict[str, str]:
        env = uv_environment(self.cache)
        env.setdefault("UV_HTTP_RETRIES", str(retries))
        return env


async def resolve(spec: EnvSpec, interpreter: Interpreter, tools: Tools) -> EnvLock:
    """Lock the packages of a spec; uses what is stored when there is no network. Raises EnvError."""
    text = ""
    if spec.packages:
        code, text, errors = await _compile(spec, interpreter, tools, offline=False)
        if code:
            failure = uv_failure(RESOLVE, errors, interpreter.version)
            if failure.code != "env.network":
                raise failure
            code, text, _ = await _compile(spec, interpreter, tools, offline=True)
            if code:
                raise failure
    return read_lock(text, interpreter.version, str(interpreter.path))


async def _compile(
    spec: EnvSpec, interpreter: Interpreter, tools: Tools, offline: bool
) -> tuple[int, str, str]:
    command = [str(tools.uv), "pip", "compile", "-q", "--no-header", "--no-annotate"]
    command += ["--format", "pylock.toml", "--python", str(interpreter.path)]
    command += ["--prerelease", "allow"] if spec.prerelease else []
    command += ["--offline"] if offline else []
    requirements = "".join(f"{package}\n" for package in spec.packages)
    env = tools.environment(retries=1)
    return await run_quietly([*command, "-"], env, tools.folder, requirements)
