"""`imjoy env`: the environments of plugins, seen and changed from a terminal."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import errno
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from imjoy.cli.command_parser import CommandParser
from imjoy.cli.env_output import (
    ProgressLine,
    counted,
    error_facts,
    say_collected,
    say_environment,
    say_error,
    say_list,
    say_preview,
    say_report,
)
from imjoy.cli.terminal import Terminal, size
from imjoy.envs import EnvManager, EnvSpec, EnvStore
from imjoy.envs.collect import DAYS
from imjoy.envs.exported import read_lock_files, write_lock_files
from imjoy.envs.failures import READ, env_error, os_failure
from imjoy.envs.progress import Reporter
from imjoy.envs.spec_files import read_spec_file
from imjoy.errors import ImJoyError
from imjoy.settings import DEFAULT_HOME

OK, FAILED = 0, 1
NAME = "name of an environment, its beginning, or the name of a plugin"
STOPPED = "Stopped. Nothing was changed."


def build_parser() -> argparse.ArgumentParser:
    """The parser of everything after `imjoy env`."""
    parser = CommandParser(
        prog="python -m imjoy env",
        description="See and change the environments of plugins.",
        allow_abbrev=False,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")

    def command(name: str, text: str, run: Run) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=text, description=text, allow_abbrev=False)
        common = added.add_argument
        common("--home", type=Path, default=DEFAULT_HOME, metavar="FOLDER", help="engine's folder")
        common("--json", action="store_true", help="print one JSON object, for programs")
        added.set_defaults(run=run)
        return added

    command("list", "list the environments that are there", _list)
    _add_create(command("create", "make an environment, or find it", _create))
    show = command("show", "show one environment with its packages", _show)
    verify = command("verify", "compare the files of environments with their checksums", _verify)
    verify.add_argument("--repair", action="store_true", help="make damaged ones anew")
    back = command("rollback", "let a plugin use the environment that it had before", _rollback)
    use = command("use", "let a plugin use another environment from its next start on", _use)
    remove = command("remove", "remove an environment; it is made anew when needed", _remove)
    _add_gc(command("gc", "remove what nothing uses, and say what that frees", _gc))
    export = command("export", "write the locks of an environment for other computers", _export)
    for added in (show, back, use, remove, export):
        added.add_argument("name", help=NAME)
    verify.add_argument("name", nargs="*", help=f"{NAME} (all)")
    use.add_argument("user", metavar="PLUGIN", help="name of a plugin that was started before")
    export.add_argument("folder", type=Path, nargs="?", help="folder to write to (./NAME)")
    return parser


def _add_create(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("requirements", nargs="*", metavar="REQUIREMENT", help="such as numpy or conda:openjdk")
    add("--python", metavar="VERSION", help="version such as 3.12 or >=3.10")
    add(
        "--file",
        type=Path,
        action="append",
        default=[],
        help="environment.yml, requirements.txt, pyproject.toml or a script",
    )
    add("--lock", type=Path, metavar="FOLDER", help="what `env export` wrote, or a pylock.toml")
    add("--channel", action="append", default=[], help="conda channel; may be given several times")
    add("--name", help="name to go back, update and find it by")
    add("--work", type=Path, metavar="FOLDER", help="folder for repositories and commands (.)")
    add("--allow-commands", action="store_true", help="agree to the commands of cmd: requirements")
    add("--update", action="store_true", help="choose the newest packages; needs --name")
    add("--dry-run", action="store_true", help="only say what would be fetched")


def _add_gc(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--older", type=days, default=DAYS, metavar="DAYS", help="unused for so many days (30)")
    add("--previous", action="store_true", help="also those kept to go back to")
    add("--dry-run", action="store_true", help="only say what would be removed")


def days(text: str) -> float:
    """A number of days; argparse tells of what is none by this function's name."""
    number = float(text)
    if number < 0:
        raise ValueError
    return number


def main(arguments: list[str]) -> int:
    """Run one `imjoy env` command; returns the exit code."""
    options = build_parser().parse_args(arguments)
    home = options.home.expanduser().absolute()
    channels = tuple(getattr(options, "channel", ())) or None
    manager, terminal = EnvManager(EnvStore(home, channels)), Terminal()
    line = ProgressLine()
    try:
        if home.exists() and not home.is_dir():
            raise os_failure(READ, NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR)))
        return asyncio.run(_until_stopped(options.run(manager, options, terminal, line)))
    except ImJoyError as error:
        line.clear()
        if options.json:
            terminal.say(json.dumps(error_facts(error)))
        else:
            say_error(error, terminal)
        return FAILED
    except (KeyboardInterrupt, asyncio.CancelledError):
        line.clear()
        terminal.warn(STOPPED)
        return FAILED
    except BrokenPipeError:  # the reader of our output went away, as `| head` does
        sys.stderr.close()
        return FAILED


async def _until_stopped(work: Awaitable[int]) -> int:
    """Let SIGTERM cancel the work as Ctrl+C does, so that it leaves nothing behind."""
    task = asyncio.ensure_future(work)
    with contextlib.suppress(NotImplementedError):
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    return await task


Run = Callable[[EnvManager, argparse.Namespace, Terminal, ProgressLine], Awaitable[int]]


def _say(
    options: argparse.Namespace, terminal: Terminal, facts: Any, text: Callable[[], None]
) -> None:
    if options.json:
        terminal.say(json.dumps(facts))
    else:
        text()


async def _list(
    manager: EnvManager, options: argparse.Namespace, terminal: Terminal, line: ProgressLine
) -> int:
    found = await manager.list_all()
    _say(options, terminal, {"environments": found}, lambda: say_list(found, terminal))
    return OK


async def _create(
    manager: EnvManager, options: argparse.Namespace, terminal: Terminal, line: ProgressLine
) -> int:
    if options.update and not options.name:
        cause = "--update needs --name."
        raise env_error("env.requirement", READ, cause, "Add --name, the name of what to update.")
    if options.name is not None and not options.name.isprintable():
        cause = "The name has a line break or another character that cannot be shown."
        raise env_error("env.requirement", READ, cause, "Give --name a name of one line.")
    store = manager.store
    if options.lock is not None:
        _check_only_lock(options)
        return await _create_from_lock(manager, options, terminal, line)
    spec = _spec_of(store, options)
    work = (options.work or Path.cwd()).absolute()
    if options.dry_run:
        update = options.update
        preview = await manager.preview(spec, user=options.name, work=work, update=update)
        _say(options, terminal, preview, lambda: say_preview(preview, terminal))
        return OK
    agreed = [command.text for command in spec.commands] if options.allow_commands else []
    if options.update:
        made = await store.update(spec, line, user=options.name, work=work, agreed=agreed)
    else:
        made = await store.ensure(spec, line, user=options.name, work=work, agreed=agreed)
    notes = [] if options.json else [*spec.notes, *made.notes]
    line.clear()
    for note in notes:
        terminal.say(f"Note: {note}")
    return await _say_made(manager, options, terminal, made.key, made.state, made.seconds)


def _check_only_lock(options: argparse.Namespace) -> None:
    """Refuse what would be left out, as a lock says all packages. Raises EnvError."""
    given = [*options.requirements, *map(str, options.file)]
    given += ["--python"] if options.python else []
    given += ["--update"] if options.update else []
    if given:
        cause = f"--lock says all packages, so that nothing can be added: {', '.join(given)}."
        remedy = "Leave that out, or leave --lock out and name all requirements."
        raise env_error("env.requirement", READ, cause, remedy)


async def _create_from_lock(
    manager: EnvManager, options: argparse.Namespace, terminal: Terminal, line: ProgressLine
) -> int:
    reporter, tools = Reporter(line), manager.store.tools()
    lock = await read_lock_files(options.lock, tools.conda)
    try:
        state = await manager.store.install(lock, reporter)
    except OSError as exc:
        raise os_failure("Installing the packages", exc) from exc
    finally:
        reporter.close()
    line.clear()
    if options.name:
        manager.store.choices.use(options.name, f"lock {lock.key}", lock)
    return await _say_made(manager, options, terminal, lock.key, state, None)


async def _say_made(
    manager: EnvManager,
    options: argparse.Namespace,
    terminal: Terminal,
    key: str,
    state: str,
    seconds: float | None,
) -> int:
    shown = await manager.show(key)
    python = str(Path(shown["path"]) / "bin" / "python")
    damage = await manager.store.damage(key) if state == "reused" else None
    facts = {**shown, "state": state, "seconds": seconds, "interpreter": python}
    facts["damage"] = str(damage) if damage else None
    took = f" in {seconds:.2f} s" if seconds is not None else ""

    def text() -> None:
        verb = "Made" if state == "built" else "Found"
        terminal.say(
            f"{verb} the environment {key}{took}: Python {shown['python']}, "
            f"{counted(shown['count'], 'package')}, {size(shown['size'])} "
            f"({size(shown['own'])} of it used by no other)."
        )
        terminal.say(python)
        if damage:
            remedy = f"`imjoy env verify {key} --repair` makes it anew."
            terminal.warn(f"It is not as it was made: {damage}. {remedy}")

    _say(options, terminal, facts, text)
    return OK


def _spec_of(store: EnvStore, options: argparse.Namespace) -> EnvSpec:
    env: list[Any] = [f"conda create python{_version(options.python)}"] if options.python else []
    requirements: list[Any] = list(options.requirements)
    for path in options.file:
        more_env, more = read_spec_file(path)
        env += more_env
        requirements += more
    return store.parse(env, requirements)


def _version(text: str) -> str:
    return f"={text}" if text[:1].isdigit() else f"'{text}'" if " " in text else text


async def _show(
    manager: EnvManager, options: argparse.Namespace, terminal: Terminal, line: ProgressLine
) -> int:
    shown = await manager.show(options.name)
    _say(options, terminal, shown, lambda: say_environment(shown, terminal))
    return OK


async def _verify(
    manager: EnvManager, options: argparse.Namespace, terminal: Terminal, line: ProgressLine
) -> int:
    names = options.name or [str(facts["key"]) for facts in manager.store.all()]
    results = []
    for name in names:
        key = manager.find(name)
        report = await (manager.repair(key, line) if options.repair else manager.verify(key))
        line.clear()
        mended = options.repair and not report.is_whole
        results.append({"key": key, **report.facts(), "repaired": mended})
        if not options.json:
            say_report(key, report, options.repair, terminal)
    if options.json:
        terminal.say(json.dumps({"environments": results}))
    whole = all(result["whole"] for result in results)
    return OK if whole or options.repair else FAILED


async def _rollback(
    manager: EnvManager, options: argparse.Namespace, terminal: Terminal, line: ProgressLine
) -> int:
    facts = await manager.rollback(options.name, line)
    line.clear()
    text = f"{facts['user']} uses {facts['key']} again (before: {facts['before']})."
    _say(options, terminal, facts, lambda: terminal.say(text))
    return OK


async def _use(
    manager: EnvManager, options: argparse.Namespace, terminal: Terminal, line: ProgressLine
) -> int:
    facts = await manager.use_for_known(options.name, options.user)
    text = (
        f"{facts['user']} uses {facts['key']} from its next start on (before: {facts['before']})."
    )
    _say(options, terminal, facts, lambda: terminal.say(text))
    return OK


async def _remove(
    manager: EnvManager, options: argparse.Namespace, terminal: Terminal, line: ProgressLine
) -> int:
    facts = await manager.remove(options.name)
    text = f"Removed {facts['key']}: {size(facts['freed'])}."
    _say(options, terminal, facts, lambda: terminal.say(text))
    return OK


async def _gc(
    manager: EnvManager, options: argparse.Namespace, terminal: Terminal, line: ProgressLine
) -> int:
    facts = await manager.gc(options.older, options.previous, options.dry_run)
    shown = {**facts, "dry_run": options.dry_run}
    _say(options, terminal, shown, lambda: say_collected(facts, options.dry_run, terminal))
    return OK


async def _export(
    manager: EnvManager, options: argparse.Namespace, terminal: Terminal, line: ProgressLine
) -> int:
    key = manager.find(options.name)
    folder = options.folder or Path(key)
    try:
        paths = [str(path) for path in write_lock_files(manager.store.facts(key), folder)]
    except OSError as exc:
        raise os_failure("Writing the locks", exc) from exc
    _say(options, terminal, {"key": key, "files": paths}, lambda: terminal.say("\n".join(paths)))
    return OK
