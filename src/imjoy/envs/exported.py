"""Writes the locks of an environment for other computers, and reads them back."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from imjoy.envs.conda import PACKAGES, PIXI, CondaLock, CondaTool
from imjoy.envs.failures import env_error
from imjoy.envs.interpreters import find_interpreter
from imjoy.envs.lock import EnvLock, lock_from_facts, read_lock
from imjoy.errors import EnvError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

STEP = "Reading the lock"
SUMMARY = "environment.json"
PIP, LIST = "pylock.toml", "requirements.txt"
ABOUT = "How to make it again: imjoy env create --lock FOLDER"


def lock_files(facts: dict[str, Any]) -> dict[str, str]:
    """The files for an environment, from what is noted in it: name -> text. Raises EnvError."""
    try:
        lock = lock_from_facts(facts["lock"])
    except (KeyError, TypeError, ValueError) as exc:
        cause = "The environment was made by an older version and has no lock that can be exported."
        raise env_error("env.not_found", STEP, cause, "Update its plugin, then export it.") from exc
    summary = {
        "about": ABOUT,
        "key": lock.key,
        "python": lock.python,
        "platform": sys.platform,
        "packages": facts.get("packages", []),
    }
    files = {SUMMARY: json.dumps(summary, indent=1) + "\n"}
    if lock.packages:
        files[PIP] = lock.text
        files[LIST] = lock.requirements(True) + lock.requirements(False)
    if lock.conda.packages:
        files[lock.conda.file_name] = lock.conda.text
    return files


def write_lock_files(facts: dict[str, Any], folder: Path) -> list[Path]:
    """Write the files into a folder. Raises EnvError and OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, text in lock_files(facts).items():
        path = folder / name
        path.write_text(text, "utf-8")
        paths.append(path)
    return paths


async def read_lock_files(path: Path, conda: CondaTool) -> EnvLock:
    """The lock in a folder that was exported, or in a pylock.toml or pixi.lock. Raises EnvError."""
    folder = path if path.is_dir() else path.parent
    known = (PIP, PIXI, PACKAGES)
    wanted = known if path.is_dir() else (path.name,)
    pip, pixi, listed = (_text(folder / name) if name in wanted else "" for name in known)
    pixi = pixi or listed
    if not path.is_dir() and path.name not in known and path.suffix == ".toml":
        pip = _text(path)
    if not pip and not pixi and not (folder / SUMMARY).is_file():
        cause = f'"{path.name}" has neither a {PIP} nor a {PIXI}.'
        raise env_error("env.not_found", STEP, cause, 'Name a folder that "env export" wrote.')
    try:
        python = str(json.loads(_text(folder / SUMMARY) or "{}").get("python") or "")
        python = python or _python_of(pip)
        conda_lock = await conda.read(pixi) if pixi else CondaLock()
        if conda_lock.packages:
            lock = read_lock(pip, conda_lock.python, "")
            return EnvLock(lock.python, "", lock.packages, lock.text, conda_lock)
        return _for_this_computer(pip, python)
    except (ValueError, KeyError, TypeError) as exc:
        cause = f"The lock is damaged: {exc}."
        raise env_error("env.requirement", STEP, cause, "Export it again.") from exc


def _for_this_computer(pip: str, python: str) -> EnvLock:
    """With the same Python to the last digit where it is there, else with the same minor one."""
    try:
        interpreter = find_interpreter(python or None)
    except EnvError:
        interpreter = find_interpreter(".".join(python.split(".")[:2]))
    return read_lock(pip, interpreter.version, str(interpreter.path))


def _python_of(pip: str) -> str:
    return str(tomllib.loads(pip).get("requires-python") or "") if pip else ""


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeError) as exc:
        cause = f'"{path.name}" cannot be read.'
        raise env_error("env.not_found", STEP, cause, "Check its permissions.") from exc
