"""`imjoy env`: the environments of plugins, seen and changed from a terminal."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from imjoy.cli.env_arguments import build_parser
from imjoy.cli.env_create import create
from imjoy.cli.env_output import (
    ProgressLine,
    error_facts,
    say_collected,
    say_environment,
    say_error,
    say_list,
    say_report,
)
from imjoy.cli.env_run import FAILED, OK, EnvRun
from imjoy.cli.terminal import Terminal, size
from imjoy.envs import EnvManager, EnvStore
from imjoy.envs.exported import write_lock_files
from imjoy.envs.failures import READ, os_failure
from imjoy.errors import ImJoyError

STOPPED = "Stopped. Nothing was changed."


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
        return asyncio.run(
            _until_stopped(RUN[options.command](EnvRun(manager, options, terminal, line)))
        )
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


async def _list(env: EnvRun) -> int:
    found = await env.manager.list_all()
    return env.say({"environments": found}, lambda: say_list(found, env.terminal))


async def _show(env: EnvRun) -> int:
    shown = await env.manager.show(env.options.name)
    return env.say(shown, lambda: say_environment(shown, env.terminal))


async def _verify(env: EnvRun) -> int:
    names = env.options.name or [str(facts["key"]) for facts in env.manager.store.envs.all()]
    results = []
    for name in names:
        key = env.manager.find(name)
        report = await (
            env.manager.repair(key, env.line) if env.options.repair else env.manager.verify(key)
        )
        env.line.clear()
        mended = env.options.repair and not report.is_whole
        results.append({"key": key, **report.facts(), "repaired": mended})
        if not env.options.json:
            say_report(key, report, env.options.repair, env.terminal)
    env.say({"environments": results}, lambda: None)
    whole = all(result["whole"] for result in results)
    return OK if whole or env.options.repair else FAILED


async def _rollback(env: EnvRun) -> int:
    facts = await env.manager.rollback(env.options.name, env.line)
    env.line.clear()
    text = f"{facts['user']} uses {facts['key']} again (before: {facts['before']})."
    return env.say(facts, lambda: env.terminal.say(text))


async def _use(env: EnvRun) -> int:
    facts = await env.manager.use_for_known(env.options.name, env.options.user)
    text = (
        f"{facts['user']} uses {facts['key']} from its next start on (before: {facts['before']})."
    )
    return env.say(facts, lambda: env.terminal.say(text))


async def _remove(env: EnvRun) -> int:
    facts = await env.manager.remove(env.options.name)
    text = f"Removed {facts['key']}: {size(facts['freed'])}."
    return env.say(facts, lambda: env.terminal.say(text))


async def _gc(env: EnvRun) -> int:
    facts = await env.manager.gc(env.options.older, env.options.previous, env.options.dry_run)
    shown = {**facts, "dry_run": env.options.dry_run}
    return env.say(shown, lambda: say_collected(facts, env.options.dry_run, env.terminal))


async def _export(env: EnvRun) -> int:
    key = env.manager.find(env.options.name)
    folder = env.options.folder or Path(key)
    try:
        paths = [str(path) for path in write_lock_files(env.manager.store.envs.facts(key), folder)]
    except OSError as exc:
        raise os_failure("Writing the locks", exc) from exc
    return env.say({"key": key, "files": paths}, lambda: env.terminal.say("\n".join(paths)))


RUN: dict[str, Callable[[EnvRun], Awaitable[int]]] = {
    "list": _list,
    "create": create,
    "show": _show,
    "verify": _verify,
    "rollback": _rollback,
    "use": _use,
    "remove": _remove,
    "gc": _gc,
    "export": _export,
}
