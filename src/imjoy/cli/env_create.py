"""`imjoy env create`: makes an environment from requirements, files or locks, or finds it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from imjoy.cli.env_output import counted, say_preview
from imjoy.cli.env_run import EnvRun
from imjoy.cli.terminal import size
from imjoy.envs import EnvSpec, EnvStore
from imjoy.envs.exported import read_lock_files
from imjoy.envs.failures import READ, env_error, os_failure
from imjoy.envs.progress import Reporter
from imjoy.envs.spec_files import read_spec_file


async def create(env: EnvRun) -> int:
    """Make what the options ask for, or say what would be fetched. Raises EnvError."""
    options, store = env.options, env.manager.store
    _check_name(options)
    if options.lock is not None:
        _check_only_lock(options)
        return await _create_from_lock(env)
    spec = _spec_of(store, options)
    work = (options.work or Path.cwd()).absolute()
    if options.dry_run:
        preview = await env.manager.preview(
            spec, user=options.name, work=work, update=options.update
        )
        return env.say(preview, lambda: say_preview(preview, env.terminal))
    agreed = [command.text for command in spec.commands] if options.allow_commands else []
    make = store.update if options.update else store.ensure
    made = await make(spec, env.line, user=options.name, work=work, agreed=agreed)
    env.line.clear()
    for note in [] if options.json else [*spec.notes, *made.notes]:
        env.terminal.say(f"Note: {note}")
    return await _say_made(env, made.key, made.state, made.seconds)


def _check_name(options: argparse.Namespace) -> None:
    """Refuse an update without a name, and a name that cannot be shown. Raises EnvError."""
    if options.update and not options.name:
        cause = "--update needs --name."
        raise env_error("env.requirement", READ, cause, "Add --name, the name of what to update.")
    if options.name is not None and not options.name.isprintable():
        cause = "The name has a line break or another character that cannot be shown."
        raise env_error("env.requirement", READ, cause, "Give --name a name of one line.")


def _check_only_lock(options: argparse.Namespace) -> None:
    """Refuse what would be left out, as a lock says all packages. Raises EnvError."""
    given = [*options.requirements, *map(str, options.file)]
    given += ["--python"] if options.python else []
    given += ["--update"] if options.update else []
    if given:
        cause = f"--lock says all packages, so that nothing can be added: {', '.join(given)}."
        remedy = "Leave that out, or leave --lock out and name all requirements."
        raise env_error("env.requirement", READ, cause, remedy)


async def _create_from_lock(env: EnvRun) -> int:
    reporter, tools = Reporter(env.line), env.manager.store.tools()
    lock = await read_lock_files(env.options.lock, tools.conda)
    try:
        state = await env.manager.store.install(lock, reporter)
    except OSError as exc:
        raise os_failure("Installing the packages", exc) from exc
    finally:
        reporter.close()
    env.line.clear()
    if env.options.name:
        env.manager.store.choices.use(env.options.name, f"lock {lock.key}", lock)
    return await _say_made(env, lock.key, state, None)


async def _say_made(env: EnvRun, key: str, state: str, seconds: float | None) -> int:
    shown = await env.manager.show(key)
    python = str(Path(shown["path"]) / "bin" / "python")
    damage = await env.manager.store.envs.damage(key) if state == "reused" else None
    facts = {**shown, "state": state, "seconds": seconds, "interpreter": python}
    facts["damage"] = str(damage) if damage else None
    took = f" in {seconds:.2f} s" if seconds is not None else ""

    def text() -> None:
        verb = "Made" if state == "built" else "Found"
        env.terminal.say(
            f"{verb} the environment {key}{took}: Python {shown['python']}, "
            f"{counted(shown['count'], 'package')}, {size(shown['size'])} "
            f"({size(shown['own'])} of it used by no other)."
        )
        env.terminal.say(python)
        if damage:
            remedy = f"`imjoy env verify {key} --repair` makes it anew."
            env.terminal.warn(f"It is not as it was made: {damage}. {remedy}")

    return env.say(facts, text)


def _spec_of(store: EnvStore, options: argparse.Namespace) -> EnvSpec:
    lines: list[Any] = [f"conda create python{_version(options.python)}"] if options.python else []
    requirements: list[Any] = list(options.requirements)
    for path in options.file:
        more_lines, more = read_spec_file(path)
        lines += more_lines
        requirements += more
    return store.parse(lines, requirements)


def _version(text: str) -> str:
    return f"={text}" if text[:1].isdigit() else f"'{text}'" if " " in text else text
