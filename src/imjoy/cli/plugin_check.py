"""`imjoy plugin check`: reads plugin files, and runs them when that is asked for; one answer for each."""

from __future__ import annotations

import argparse
import json
import re
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from imjoy.cli.judge import JudgeError, judge_files
from imjoy.cli.plugin_addresses import PluginAddresses
from imjoy.cli.terminal import Terminal
from imjoy.errors import ImJoyError, ManifestError
from imjoy.plugins.check import check_text
from imjoy.plugins.check_dependencies import missing_problems, names_in
from imjoy.plugins.check_others import INDEX, MODULES, check_index, check_javascript, files_below
from imjoy.plugins.check_result import CheckResult, Problem
from imjoy.plugins.check_scripts import find_node
from imjoy.plugins.module_plugin import plugin_from_module
from imjoy.plugins.parser import SUFFIX, PluginSource, parse_plugin
from imjoy.server.app_files import packaged_app

OK, FAILED = 0, 1


def check_plugins(options: argparse.Namespace, terminal: Terminal) -> int:
    """Check what the options name; gives the exit code. Raises OSError when there is nothing."""
    files = _files(options.paths)
    results = [_check_file(file) for file in files]
    _add_dependencies(files, results, PluginAddresses(options.plugin_mirror))
    answers = [asdict(result) for result in results]
    if not options.run and not options.json:
        for answer in answers:
            _print(answer, terminal)
    if not options.run and find_node() is None:
        terminal.warn(
            "Note: the syntax of JavaScript is not checked, as there is no Node; --run does it."
        )
    if options.run:
        _run(files, answers, options, terminal)
    if options.json:
        terminal.say(json.dumps(answers, indent=1))
    elif len(answers) > 1:
        good = sum(1 for answer in answers if answer["ok"])
        terminal.say(f"{good} of {len(answers)} plugins are in order.")
    return OK if all(answer["ok"] for answer in answers) else FAILED


def _files(paths: list[Path]) -> list[Path]:
    found: dict[Path, None] = {}
    for path in paths:
        if not path.exists():
            raise OSError(f"There is no {path}. Name plugin files, or folders that have some.")
        for file in files_below(path) if path.is_dir() else [path]:
            found[file] = None
    if not found:
        text = "There is no plugin, no module that is one, and no index there."
        raise OSError(f"{text} Plugin files end in {SUFFIX}.")
    return list(found)


def _check_file(file: Path) -> CheckResult:
    try:
        if file.name == INDEX:
            return check_index(file)
        if file.suffix in MODULES:
            text = file.read_bytes().decode("utf-8-sig", "replace")
            return check_javascript(text, str(file))
        return check_text(_read_plugin(file), str(file))
    except ImJoyError as error:
        result = CheckResult(str(file), parsed=False)
        result.add(Problem.of(error))
        return result


def _read_plugin(path: Path) -> str:
    """The text of a plugin file, or of the one that a Python module becomes. Raises ManifestError."""
    text = path.read_bytes().decode("utf-8-sig", "replace")
    return plugin_from_module(text, path.name) if path.suffix == ".py" else text


# ---- the plugins that they depend on


def _add_dependencies(files: list[Path], results: list[CheckResult], read: PluginAddresses) -> None:
    """Note what nobody has of what the plugins depend on."""
    given = {result.name.lower() for result in results if result.name}
    beside: dict[Path, set[str]] = {}
    for file, result in zip(files, results, strict=True):
        if not file.name.endswith(SUFFIX) or not result.parsed:
            continue
        folder = file.parent
        for source in _variants(_read_plugin(file)):
            if source.manifest.dependencies and folder not in beside:
                beside[folder] = given | _names_in_folder(folder) | _names_of_the_app()
            for problem in missing_problems(source, beside.get(folder, ()), read):
                result.add(problem)


def _variants(text: str) -> Iterator[PluginSource]:
    first = parse_plugin(text)
    yield first
    for tag in first.manifest.tags[1:]:
        yield parse_plugin(text, tag)


def _names_in_folder(folder: Path) -> set[str]:
    """Names of the plugins that lie in a folder or stand in its index, and of their files, in small letters."""
    names = set()
    for file in folder.glob(f"*{SUFFIX}"):
        names.add(file.name.removesuffix(SUFFIX).lower())
        try:
            text = file.read_bytes().decode("utf-8-sig", "replace")
            names.add(parse_plugin(text).manifest.name.lower())
        except (OSError, ManifestError):
            continue
    index = folder / INDEX
    return names | (names_in(index.read_text("utf-8-sig", "replace")) if index.is_file() else set())


def _names_of_the_app() -> set[str]:
    app = packaged_app()
    index = app / "repository" / INDEX if app else None
    found = names_in(index.read_text("utf-8")) if index and index.is_file() else set()
    return found | {"browserfs"}


# ---- running them


def _run(
    files: list[Path],
    answers: list[dict[str, Any]],
    options: argparse.Namespace,
    terminal: Terminal,
) -> None:
    """Run those that can be read, and add what became of them."""
    by_file = {answer["file"]: answer for answer in answers}
    with tempfile.TemporaryDirectory(prefix="imjoy-plugin-") as folder:
        originals: dict[str, str] = {}
        runnable = []
        for file in files:
            path, answer = file, by_file[str(file)]
            if file.suffix == ".py" and answer["parsed"]:
                path = Path(folder) / f"{file.stem}{SUFFIX}"
                path.write_text(_read_plugin(file), "utf-8")
            originals[str(path)] = str(file)
            if answer["parsed"] and file.name != INDEX:
                runnable.append(path)
            elif not options.json:
                _print(answer, terminal)

        def take(verdict: dict[str, Any]) -> None:
            answer = by_file[originals[verdict["file"]]]
            _add_verdict(answer, verdict)
            if not options.json:
                _print(answer, terminal)

        if runnable:
            try:
                judge_files(
                    runnable,
                    home=options.home,
                    on_verdict=take,
                    plugin_mirror=options.plugin_mirror,
                )
            except JudgeError as error:
                raise OSError(str(error)) from None


def place_of(problem: str) -> dict[str, int | None]:
    """The line that a problem of a running plugin names, as in `no cells (a.imjoy.html, line 7)`."""
    found = re.search(r"\.imjoy\.html, line (\d+)\)", problem)
    return {"line": int(found[1]) if found else None, "column": None}


def _add_verdict(answer: dict[str, Any], verdict: dict[str, Any]) -> None:
    """What was seen when it ran counts more than what was read in the file."""
    answer["ok"] = bool(verdict["ok"])
    new = [text for text in verdict["problems"] if text not in answer["problems"]]
    answer["problems"] = [*new, *answer["problems"]]
    answer["places"] = [*map(place_of, new), *answer["places"]]
    answer["remedies"] = list(dict.fromkeys([*verdict["remedies"], *answer["remedies"]]))
    for key in ("loaded", "run", "windows", "after", "asked", "unreachable", "seconds"):
        if key in verdict:
            answer[key] = verdict[key]


def _print(answer: dict[str, Any], terminal: Terminal) -> None:
    state = "ok    " if answer["ok"] else "failed"
    kind = f" ({answer['type']})" if answer["type"] else ""
    said = re.sub(r"\s+", " ", " ".join([*answer["problems"], *answer["remedies"]]))
    advice = " ".join(answer["advice"])
    notes = (f": {said}" if said else "") + (f" Advice: {advice}" if advice else "")
    terminal.say(f"{state}  {answer['file']}  {answer['name']}{kind}{notes}")
