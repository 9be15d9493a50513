"""Checks what belongs to plugins beside their files: JavaScript modules, and indexes of repositories."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from imjoy.errors import ManifestError
from imjoy.plugins.api_names import used_in
from imjoy.plugins.check_result import CheckResult, Problem, Weight
from imjoy.plugins.check_scripts import script_problems
from imjoy.plugins.module_plugin import plugin_from_module
from imjoy.plugins.parser import SUFFIX, Script, parse_plugin

__all__ = ["INDEX", "MODULES", "check_index", "check_javascript", "files_below"]

INDEX = "manifest.imjoy.json"
MODULES = (".mjs", ".js")
LIMIT = 1_000_000
_EXPORTED = re.compile(
    r"^export\s+(?:default\s+)?(?:async\s+)?(?:function\*?\s+(\w+)|const\s+(\w+)\s*=\s*(?:async\s*)?\()",
    re.MULTILINE,
)
_SKIPPED = {"node_modules", "typings", "__pycache__", "dist", "build"}


def files_below(folder: Path) -> Iterator[Path]:
    """All below a folder that can be checked: plugin files, indexes, and modules that are plugins."""
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder).parts
        if any(part in _SKIPPED or part.startswith(".") for part in inside) or not path.is_file():
            continue
        if path.name.endswith(SUFFIX) or path.name == INDEX or _is_module(path):
            yield path


def _is_module(path: Path) -> bool:
    """Whether a plain module is meant as a plugin; most that lie beside plugins are not."""
    if path.suffix not in (".py", *MODULES) or path.stat().st_size > LIMIT:
        return False
    text = path.read_bytes().decode("utf-8-sig", "replace")
    if path.suffix in MODULES:
        return "@returns" in text and _EXPORTED.search(text) is not None
    if not re.search(
        r"^# /// script|^def \w+\(.*\bimage\b|->\s*[\"']?(?:Image|Labels)", text, re.M
    ):
        return False
    try:
        plugin_from_module(text, path.name)
    except ManifestError:
        return "# /// script" in text
    return True


def check_javascript(text: str, file: str) -> CheckResult:
    """The result for a JavaScript module whose functions become a plugin."""
    result = CheckResult(file, type="web-worker")
    names = [found[1] or found[2] for found in _EXPORTED.finditer(text)]
    named = re.search(r"^\s*\*\s*@name\s+(.+)$", text, re.MULTILINE)
    result.name = named[1].strip() if named else re.sub(r"\.m?js$", "", Path(file).name)
    if kind := re.search(r"^\s*\*\s*@type\s+([\w-]+)\s*$", text, re.MULTILINE):
        result.type = kind[1]
    if not names:
        remedy = "Begin one with `export function name(image)`."
        result.add(Problem("There is no exported function.", remedy))
    if found := re.search(r"</script", text, re.IGNORECASE):
        cause = "The text </script> cannot stand in a module that becomes a plugin."
        line = text[: found.start()].count("\n") + 1
        result.add(Problem(cause, 'Write it in two pieces: "</" + "script>".', line))
    for problem in script_problems(Script(text, "javascript", 1, {"type": "module"})):
        result.add(problem)
    result.api = sorted(name for name, _ in used_in(text))
    return result


def check_index(path: Path) -> CheckResult:
    """The result for the index of a repository: whether it names the files that lie beside it."""
    result = CheckResult(str(path), name=path.parent.name, type="index")
    try:
        content = json.loads(path.read_text("utf-8-sig"))
    except json.JSONDecodeError as error:
        text = f"It is not valid JSON: {error.msg}."
        result.parsed = False
        result.add(Problem(text, "Correct the line.", error.lineno, error.colno))
        return result
    except UnicodeDecodeError:
        result.add(Problem("It is not UTF-8 text.", "Save it as UTF-8."))
        return result
    plugins = content.get("plugins") if isinstance(content, dict) else None
    if not isinstance(plugins, list):
        remedy = 'Give {"plugins": [{"name": "…", "uri": "…"}]}.'
        result.add(Problem("It has no list of plugins.", remedy))
        return result
    result.name = str(content.get("name") or path.parent.name)
    root = str(content.get("uri_root") or "")
    seen: set[str] = set()
    for number, entry in enumerate(plugins, 1):
        for problem in _entry_problems(path.parent, root, number, entry, seen):
            result.add(problem)
    return result


def _entry_problems(
    folder: Path, root: str, number: int, entry: Any, seen: set[str]
) -> Iterator[Problem]:
    name = entry.get("name") if isinstance(entry, dict) else None
    if not isinstance(name, str) or not name:
        yield Problem(f"Plugin {number} of the list has no name.", 'Give it a "name".')
        return
    if name in seen:
        yield Problem(
            f"{name} is in the list twice.", "Take one of the two out.", weight=Weight.WARNING
        )
    seen.add(name)
    uri = str(entry.get("uri") or f"{name}.imjoy.html")
    if re.match(r"https?:", uri) or re.match(r"https?:", root):
        return
    file = folder / root / unquote(uri.split("?")[0])
    if not file.is_file():
        remedy = "Correct its uri, or run the script that makes the list."
        yield Problem(f"{name}: there is no file {root}{'/' if root else ''}{uri}.", remedy)
        return
    try:
        own = parse_plugin(file.read_bytes().decode("utf-8-sig", "replace")).manifest.name
    except ManifestError:
        return  # the file has a line of its own
    if own != name:
        yield Problem(f"{name} is called {own} in its file.", "Use the name of the file.")
