"""Runs the commands that a plugin asks for and its user agreed to, in the environment being made."""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Sequence
from pathlib import Path

from imjoy.envs.children import run_by_lines
from imjoy.envs.commands import Command
from imjoy.envs.failures import env_error, tail
from imjoy.envs.progress import Reporter
from imjoy.envs.resolve import Tools

STEP = "Running the plugin's commands"
KEPT_LINES, LONGEST = 200, 10_000


def check_consent(commands: Sequence[Command], agreed: Collection[str]) -> None:
    """Raise EnvError (`env.consent`) unless the user has agreed to each command."""
    missing = [command.text for command in commands if command.text not in agreed]
    if missing:
        error = env_error(
            "env.consent",
            STEP,
            "The plugin wants to run commands on the computer of the engine: "
            + "; ".join(f'"{text}"' for text in missing)
            + ". Nobody has agreed to them.",
            "If you trust them, agree to them when you install the plugin, or use --allow-commands.",
        )
        error.data = {**(error.data or {}), "commands": missing}
        raise error


async def run_commands(
    commands: Sequence[Command], tools: Tools, folder: Path, work: Path, reporter: Reporter
) -> None:
    """Run each command by its list of arguments, from the plugin's folder `work`. Raises EnvError."""
    if commands:
        work.mkdir(parents=True, exist_ok=True)
    for command in commands:
        cwd = work
        for step in command.steps:
            reporter.report("install", f"Running {' '.join(step)[:100]}")
            if step[0] == "cd" and len(step) == 2:
                cwd = cwd / step[1]
            else:
                await _run(step, command, tools, folder, cwd, reporter)


async def _run(
    step: tuple[str, ...],
    command: Command,
    tools: Tools,
    folder: Path,
    cwd: Path,
    reporter: Reporter,
) -> None:
    env = {key: value for key, value in tools.environment(retries=1).items() if key != "NO_COLOR"}
    env["PATH"] = f"{folder / 'bin'}{os.pathsep}{env.get('PATH', os.defpath)}"
    env["VIRTUAL_ENV"] = str(folder)
    words = _with_uv(step, tools, folder)
    program = shutil.which(words[0], path=env["PATH"])
    if program is None or not cwd.is_dir():
        what = f'the program "{words[0]}"' if program is None else f'the folder "{cwd.name}"'
        remedy = "Install it, or ask the author of the plugin."
        raise env_error(
            "env.build_failed", STEP, f'"{command.text}" needs {what}, which is not there.', remedy
        )
    lines: list[str] = []

    def on_line(line: str) -> None:
        lines.append(line[:LONGEST])
        del lines[:-KEPT_LINES]
        reporter.report("install", f"{step[0]}: {line.strip()[:100]}")

    code, errors = await run_by_lines([program, *words[1:]], env, cwd, "", on_line, longest=LONGEST)
    if code:
        raise env_error(
            "env.build_failed",
            STEP,
            f'"{command.text}" stopped with exit code {code}.',
            "Read the details; the plugin's requirements may need a change.",
            tail("".join(lines) + "\n" + errors),
        )


def _with_uv(step: tuple[str, ...], tools: Tools, folder: Path) -> tuple[str, ...]:
    """The environments have no pip of their own: uv does the same, and faster."""
    words = step[2:] if step[0].startswith("python") and step[1:3] == ("-m", "pip") else step
    if words[0] in ("pip", "pip3") and words[1:2] == ("install",):
        python = str(folder / "bin" / "python")
        return (str(tools.uv), "pip", "install", "-p", python, *words[2:])
    return step
