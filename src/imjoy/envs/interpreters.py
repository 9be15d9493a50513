"""Finds a Python interpreter on this computer for the version a plugin asks for."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from imjoy.envs.children import run_quietly
from imjoy.envs.failures import env_error

STEP = "Choosing the Python version"
OLDEST, NEWEST_TRIED = (3, 7), (3, 14)
CLAUSE = re.compile(r"(>=|<=|==|!=|~=|>|<)(\d[\d.]*)")


@dataclass(frozen=True)
class Interpreter:
    """A Python on this computer; `version` has two or three parts."""

    path: Path
    version: str

    @property
    def parts(self) -> tuple[int, ...]:
        return tuple(int(part) for part in self.version.split("."))


def find_interpreter(wanted: str | None) -> Interpreter:
    """The engine's own Python when it fits, else the newest one found that does.

    `wanted` is a version prefix ("3.9"), a range (">=3.8,<3.12") or None. Starts no process.
    Raises EnvError (`env.python`).
    """
    own = own_interpreter()
    if wanted is None or _fits(own, wanted):
        return own
    fitting = [found for found in _installed() if _fits(found, wanted)]
    if not fitting:
        raise env_error(
            "env.python",
            STEP,
            f"The plugin needs Python {wanted}, which was not found on this computer.",
            f'Install it (for example with "uv python install {_version_in(wanted)}"), '
            "then start the plugin again.",
        )
    return max(fitting, key=lambda found: (found.parts[:2], len(found.parts), found.parts))


def other_versions() -> list[str]:
    """The versions beside that of the engine which plugins can run in, newest first."""
    own = own_interpreter().parts[1]
    minors = range(NEWEST_TRIED[1], OLDEST[1] - 1, -1)
    return [f"3.{minor}" for minor in minors if minor != own]


async def exact_version(found: Interpreter, cwd: Path) -> Interpreter:
    """The same interpreter with all three parts of its version, asking it when they are unknown."""
    if len(found.parts) > 2:
        return found
    code = "import sys; print('%d.%d.%d' % sys.version_info[:3])"
    status, out, _ = await run_quietly([str(found.path), "-I", "-c", code], dict(os.environ), cwd)
    return Interpreter(found.path, out.strip()) if status == 0 and out.strip() else found


def combined_versions(one: str | None, other: str | None) -> str | None:
    """Both wishes for a Python version in one. Raises EnvError (`env.conflict`)."""
    if one is None or other is None or one == other:
        return one or other
    plain, wish = (other, one) if CLAUSE.search(one) else (one, other)
    if CLAUSE.search(plain):
        return f"{one},{other}"
    shorter, longer = sorted((one, other), key=len)
    if CLAUSE.search(wish):
        if "." not in plain:
            return wish
        possible = (Interpreter(Path(), plain + end) for end in ("", ".0", ".99"))
        if any(_fits(version, wish) for version in possible):
            return f"{wish},=={plain}"
    elif longer.startswith(f"{shorter}."):
        return longer
    raise env_error(
        "env.conflict",
        STEP,
        f"It asks for Python {one} and for Python {other}.",
        "Leave one of the two versions in the plugin's requirements.",
    )


def own_interpreter() -> Interpreter:
    """The interpreter that the engine's own environment was made from."""
    base = Path(getattr(sys, "_base_executable", None) or sys.executable)
    named = Path(sys.base_prefix) / "bin" / "python{}.{}".format(*sys.version_info[:2])
    path = named if named.exists() else base
    return Interpreter(path, "{}.{}.{}".format(*sys.version_info[:3]))


def _version_in(wanted: str) -> str:
    match = re.search(r"\d[\d.]*", wanted)
    return match[0] if match else wanted


def _fits(found: Interpreter, wanted: str) -> bool:
    if found.parts[:2] < OLDEST:
        return False
    clauses = CLAUSE.findall(wanted)
    if not clauses:
        parts = tuple(int(part) for part in wanted.split("."))
        return found.parts[: len(parts)] == parts
    return all(_satisfies(found.parts, sign, text) for sign, text in clauses)


def _satisfies(parts: tuple[int, ...], sign: str, text: str) -> bool:
    asked = tuple(int(part) for part in text.strip(".").split("."))
    have = (parts + (0, 0, 0))[: max(len(asked), 2)]
    asked = asked + (0,) * (len(have) - len(asked))
    results = {
        ">=": have >= asked,
        "<=": have <= asked,
        ">": have > asked,
        "<": have < asked,
        "==": have == asked,
        "!=": have != asked,
        "~=": have >= asked and have[: len(asked) - 1] == asked[:-1],
    }
    return results[sign]


def _installed() -> Iterator[Interpreter]:
    yield from _in_version_folders(_pyenv_root() / "versions", r"(\d+\.\d+\.\d+)")
    yield from _in_version_folders(_uv_root(), r"cpython-(\d+\.\d+\.\d+)[-+].*")
    yield from _on_path()


def _pyenv_root() -> Path:
    return Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")


def _uv_root() -> Path:
    given = os.environ.get("UV_PYTHON_INSTALL_DIR")
    data = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(given) if given else Path(data) / "uv" / "python"


def _in_version_folders(folder: Path, pattern: str) -> Iterator[Interpreter]:
    try:
        names = sorted(entry.name for entry in folder.iterdir())
    except OSError:
        return
    for name in names:
        match = re.fullmatch(pattern, name)
        if match:
            minor = match[1].rpartition(".")[0]
            path = folder / name / "bin" / f"python{minor}"
            if os.access(path, os.X_OK):
                yield Interpreter(path, match[1])


def _on_path() -> Iterator[Interpreter]:
    for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
        for minor in range(OLDEST[1], NEWEST_TRIED[1] + 1):
            path = Path(folder or ".") / f"python3.{minor}"
            if _is_program(path):
                yield Interpreter(path, f"3.{minor}")


def _is_program(path: Path) -> bool:
    """Whether this is a real program: version managers put scripts there that may not work."""
    try:
        with path.open("rb") as file:
            return os.access(path, os.X_OK) and file.read(2) != b"#!"
    except OSError:
        return False
