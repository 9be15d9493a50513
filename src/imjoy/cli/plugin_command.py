"""`imjoy plugin`: makes, checks and builds plugins from a terminal."""

from __future__ import annotations

import argparse
import json
import re
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from imjoy.cli.command_parser import CommandParser
from imjoy.cli.judge import JudgeError, judge_files
from imjoy.cli.terminal import Terminal
from imjoy.errors import ImJoyError
from imjoy.plugins.check import CheckResult, check_text
from imjoy.plugins.check_others import (
    INDEX,
    MODULES,
    check_index,
    check_javascript,
    files_below,
)
from imjoy.plugins.check_scripts import Problem
from imjoy.plugins.module_plugin import plugin_from_module
from imjoy.plugins.template import new_plugin, template_names, write_types

OK, FAILED, REFUSED = 0, 1, 2
SUFFIX = ".imjoy.html"


def build_parser() -> argparse.ArgumentParser:
    """The parser of everything after `imjoy plugin`."""
    parser = CommandParser(
        prog="python -m imjoy plugin",
        description="Make, check and build plugins.",
        allow_abbrev=False,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    new = commands.add_parser("new", help="write a new plugin from a template")
    new.add_argument("name", help='name of the plugin, such as "Count cells"')
    new.add_argument("--type", choices=template_names(), default="python-function", help="template")
    new.add_argument("--folder", type=Path, default=Path(), metavar="FOLDER", help="where to write")
    check = commands.add_parser("check", help="check plugin files, one line for each")
    check.add_argument(
        "paths", nargs="+", type=Path, help="plugin files, modules, indexes, folders"
    )
    check.add_argument(
        "--run", action="store_true", help="also run each in a page without a person"
    )
    check.add_argument("--json", action="store_true", help="print JSON, for programs")
    check.add_argument(
        "--home", type=Path, metavar="FOLDER", help="keeps environments for next time"
    )
    types = commands.add_parser("types", help="write the types of the api for your editor")
    types.add_argument("folder", nargs="?", type=Path, default=Path(), help="where the plugins are")
    build = commands.add_parser("build", help="make a plugin file out of a plain Python module")
    build.add_argument("module", type=Path, help="the module, such as blur.py")
    build.add_argument("--output", type=Path, metavar="FILE", help="file to write")
    return parser


def main(arguments: list[str]) -> int:
    """Run one `imjoy plugin` command; returns the exit code."""
    options = build_parser().parse_args(arguments)
    terminal = Terminal()
    commands = {"new": _new, "check": _check, "build": _build, "types": _types}
    run = commands[options.command]
    try:
        return run(options, terminal)
    except (ImJoyError, OSError, ValueError) as error:
        terminal.warn(f"Error: {error}")
        return REFUSED


def read_plugin(path: Path) -> str:
    """The text of a plugin file, or of the one that a Python module becomes. Raises ManifestError."""
    text = path.read_bytes().decode("utf-8-sig", "replace")
    return plugin_from_module(text, path.name) if path.suffix == ".py" else text


def _new(options: argparse.Namespace, terminal: Terminal) -> int:
    file_name, text = new_plugin(options.name, options.type)
    path = options.folder / file_name
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        terminal.warn(f"Error: {path} is there already. Choose another name or folder.")
        return REFUSED
    terminal.say(
        f"{path} is written. `python -m imjoy dev {path}` opens it and reloads it on save."
    )
    return OK


def _types(options: argparse.Namespace, terminal: Terminal) -> int:
    for path in write_types(options.folder):
        terminal.say(f"{path} is written.")
    terminal.say("Editors, tsc and mypy (with MYPYPATH=typings) now know the api of plugins.")
    return OK


def _build(options: argparse.Namespace, terminal: Terminal) -> int:
    text = plugin_from_module(options.module.read_text("utf-8-sig"), options.module.name)
    path = options.output or options.module.with_name(options.module.stem + SUFFIX)
    path.write_text(text, "utf-8")
    terminal.say(f"{path} is written; drop it on the page, or publish it.")
    return OK


def _check(options: argparse.Namespace, terminal: Terminal) -> int:
    files = _files(options.paths)
    results: list[dict[str, Any]] = []
    for file in files:
        result = asdict(_check_file(file))
        results.append(result)
        if not options.run and not options.json:
            _print(result, terminal)
    if options.run:
        _run(files, results, options, terminal)
    if options.json:
        terminal.say(json.dumps(results, indent=1))
    elif len(results) > 1:
        good = sum(1 for result in results if result["ok"])
        terminal.say(f"{good} of {len(results)} plugins are in order.")
    return OK if all(result["ok"] for result in results) else FAILED


def _files(paths: list[Path]) -> list[Path]:
    found: dict[Path, None] = {}
    for path in paths:
        if not path.exists():
            raise OSError(f"There is no {path}.")
        for file in files_below(path) if path.is_dir() else [path]:
            found[file] = None
    if not found:
        raise OSError("There is no plugin, no module that is one, and no index there.")
    return list(found)


def _check_file(file: Path) -> CheckResult:
    try:
        if file.name == INDEX:
            return check_index(file)
        if file.suffix in MODULES:
            text = file.read_bytes().decode("utf-8-sig", "replace")
            return check_javascript(text, str(file))
        return check_text(read_plugin(file), str(file))
    except ImJoyError as error:
        result = CheckResult(str(file))
        data = error.data or {}
        place = f"Line {data['line']}: " if "line" in data else ""
        result.add(Problem(place + str(data.get("cause", error)), str(data.get("remedy", ""))))
        return result


def _run(
    files: list[Path],
    results: list[dict[str, Any]],
    options: argparse.Namespace,
    terminal: Terminal,
) -> None:
    """Run those that can be read, and add what became of them."""
    by_file = {result["file"]: result for result in results}
    with tempfile.TemporaryDirectory(prefix="imjoy-plugin-") as folder:
        originals: dict[str, str] = {}
        runnable = []
        for file in files:
            path = file
            if file.suffix == ".py" and by_file[str(file)]["name"]:
                path = Path(folder) / f"{file.stem}{SUFFIX}"
                path.write_text(read_plugin(file), "utf-8")
            originals[str(path)] = str(file)
            if by_file[str(file)]["name"] and file.name != INDEX:
                runnable.append(path)
            elif not options.json:
                _print(by_file[str(file)], terminal)

        def take(verdict: dict[str, Any]) -> None:
            result = by_file[originals[verdict["file"]]]
            _add_verdict(result, verdict)
            if not options.json:
                _print(result, terminal)

        if runnable:
            try:
                judge_files(runnable, home=options.home, on_verdict=take)
            except JudgeError as error:
                raise OSError(str(error)) from None


def _add_verdict(result: dict[str, Any], verdict: dict[str, Any]) -> None:
    """What was seen when it ran counts more than what was read in the file."""
    result["ok"] = bool(verdict["ok"])
    for key in ("problems", "remedies"):
        result[key] = list(dict.fromkeys([*verdict[key], *result[key]]))
    for key in ("loaded", "run", "windows", "asked", "unreachable", "seconds"):
        if key in verdict:
            result[key] = verdict[key]


def _print(result: dict[str, Any], terminal: Terminal) -> None:
    state = "ok    " if result["ok"] else "failed"
    kind = f" ({result['type']})" if result["type"] else ""
    problems = re.sub(r"\s+", " ", " ".join([*result["problems"], *result["remedies"]]))
    notes = f": {problems}" if problems else ""
    terminal.say(f"{state}  {result['file']}  {result['name']}{kind}{notes}")
