"""Reads files that say what an environment needs into the words that a manifest would use."""

from __future__ import annotations

import re
import sys
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from imjoy.envs.failures import env_error, requirement_error

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

STEP = "Reading the file of requirements"
LIMIT, DEEPEST = 1_000_000, 5
MORE = re.compile(r"(?:-r|--requirement)[ =]*(\S+)")
UNKNOWN = re.compile(r"(?:-r|--requirement|-c|--constraint|-e|--editable|-i|--index-url|-f)\b")
SCRIPT = re.compile(r"(?m)^# /// (?P<type>[a-zA-Z0-9-]+)$\s(?P<content>(?:^#(?:| .*)$\s)+)^# ///$")
Words = tuple[list[Any], list[Any]]
KINDS = "environment.yml, requirements.txt, pyproject.toml, pylock.toml or a script (.py)"


def read_spec_file(path: Path) -> Words:
    """The `env` and `requirements` entries that a file stands for. Raises EnvError."""
    text = _read(path)
    if path.suffix in (".yml", ".yaml"):
        return _environment(path, text)
    if path.suffix == ".toml":
        return [], [_project(path, text)]
    if path.suffix == ".py":
        found = script_requirements(text)
        return ([], [found]) if found else ([], [])
    if path.suffix in (".txt", ".in"):
        return [], [f"pip: {entry}" for entry in _entries(path, text, ())]
    raise _bad(path, f"it is not one of the known kinds ({KINDS})")


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:  # of a device or pipe the size is not known before
            data = file.read(LIMIT + 1)
        if len(data) > LIMIT:
            raise _bad(path, "it is too large to be one")
        return data.decode("utf-8").replace("\r\n", "\n")
    except OSError as exc:
        raise _bad(path, (exc.strerror or str(exc)).lower(), code="env.not_found") from exc
    except UnicodeDecodeError as exc:
        raise _bad(path, "it is not text") from exc


def _bad(path: Path, cause: str, code: str = "env.requirement") -> Exception:
    remedy = f"Give a file such as {KINDS}."
    return env_error(code, STEP, f'"{path.name or path}" cannot be read: {cause}.', remedy)


def _environment(path: Path, text: str) -> Words:
    try:
        data = yaml.safe_load(text)
    except yaml.YAMLError as exc:
        raise _bad(path, " ".join(str(exc).split())[:300]) from exc
    if not isinstance(data, dict) or not isinstance(data.get("dependencies") or [], list):
        raise _bad(path, "it has no list of dependencies")
    dependencies = data.get("dependencies") or []
    for item in dependencies:
        if isinstance(item, dict) and isinstance(item.get("pip"), list):
            item["pip"] = _entries(path, "\n".join(map(str, item["pip"])), ())
    return [{**data, "dependencies": dependencies}], []


def _project(path: Path, text: str) -> dict[str, Any]:
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as exc:
        raise _bad(path, str(exc)) from exc
    project = data.get("project")
    if not isinstance(project, dict):
        raise _bad(path, "it has no [project] table")
    return _wishes(project, data)


def _wishes(project: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
    """What counts of a project, with what its settings for uv say of the age of packages."""
    settings = (data.get("tool") or {}).get("uv") or {}
    places = {"requires-python": project, "dependencies": project, "exclude-newer": settings}
    return {key: place[key] for key, place in places.items() if key in place}


def script_requirements(code: str) -> dict[str, Any] | None:
    """The requirements written inside a script (PEP 723); None without. Raises EnvError."""
    blocks = [match for match in SCRIPT.finditer(code) if match["type"] == "script"]
    if not blocks:
        return None
    if len(blocks) > 1:
        raise requirement_error("# /// script", "The block is there twice.", "Leave one of them.")
    lines = (
        line[2:] if line.startswith("# ") else line[1:]
        for line in blocks[0]["content"].splitlines()
    )
    try:
        data = tomllib.loads("\n".join(lines))
    except tomllib.TOMLDecodeError as exc:
        raise requirement_error("# /// script", f"{exc}.", "Correct it.") from exc
    return _wishes(data, data)


def _entries(path: Path, text: str, within: tuple[Path, ...]) -> list[str]:
    """The requirements in a list of pip, with those of the lists that it names (`-r`)."""
    found: list[str] = []
    for number, line in enumerate(text.replace("\\\n", " ").splitlines(), 1):
        entry = re.sub(r"(?:^|\s)#.*", "", line).strip()
        entry = re.sub(r"\s--hash[= ]\S+", "", entry)
        if more := MORE.fullmatch(entry):
            found += _more(path, more[1], (*within, path))
        elif UNKNOWN.match(entry):
            raise _bad(path, f'line {number}, "{entry}", is not supported there')
        elif entry:
            found.append(entry)
    return found


def _more(path: Path, name: str, within: tuple[Path, ...]) -> list[str]:
    other, parts = path.parent / name, PurePosixPath(name).parts
    if name.startswith("/") or ".." in parts or other in within or len(within) > DEEPEST:
        raise _bad(path, f'"{name}" is not another file below its folder')
    return _entries(other, _read(other), within)
