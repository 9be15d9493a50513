"""The texts that `imjoy env` prints for people, and the line that shows how far a step is."""

from __future__ import annotations

import sys
import time
from typing import Any

from imjoy.cli.terminal import Terminal, size
from imjoy.envs.verify import Report
from imjoy.errors import ImJoyError

INTERVAL = 0.2


class ProgressLine:
    """One line of the error output, written over on a terminal; nothing elsewhere."""

    def __init__(self) -> None:
        self._shown = 0.0
        self._length = 0
        self._is_shown = sys.stderr.isatty()

    def __call__(self, progress: dict[str, Any]) -> None:
        now = time.monotonic()
        if not self._is_shown or now - self._shown < INTERVAL:
            return
        self._shown = now
        text = progress_text(progress)[:110]
        print(f"\r{text.ljust(self._length)}", end="", file=sys.stderr, flush=True)
        self._length = len(text)

    def clear(self) -> None:
        if self._length:
            print("\r" + " " * self._length + "\r", end="", file=sys.stderr, flush=True)
            self._length = 0


def progress_text(progress: dict[str, Any]) -> str:
    """A step with its bytes or packages and the time left."""
    parts = [str(progress["message"])]
    if progress["unit"] == "bytes":
        parts.append(f"{size(progress['done'])} of {size(progress['total'])}")
    elif progress["unit"] == "packages":
        parts.append(f"{progress['done']} of {progress['total']} packages")
    left = progress.get("seconds_left")
    if left is not None and left >= 1:
        parts.append(f"about {duration(left)} left")
    return ", ".join(parts)


def duration(seconds: float) -> str:
    """Seconds for people: 8 s, 2 min, 3 h."""
    if seconds < 90:
        return f"{round(seconds)} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{round(seconds / 3600)} h"


def counted(number: int, noun: str) -> str:
    """Such as 1 package, 2 packages."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def say_list(found: list[dict[str, Any]], terminal: Terminal) -> None:
    if not found:
        terminal.say("There are no environments yet.")
        return
    terminal.say(f"{'name':20}  {'Python':8}  packages  {'size':>9}  {'only its':>9}  used by")
    for each in found:
        users = ", ".join(each["users"]) or "nothing"
        before = f"; before: {', '.join(each['before'])}" if each["before"] else ""
        running = " (running)" if each["running"] else ""
        terminal.say(
            f"{each['key']:20}  {each['python']:8}  {each['count']:8}  {size(each['size']):>9}  "
            f"{size(each['own']):>9}  {users}{before}{running}"
        )
    if len(found) > 1:
        total = sum(each["share"] for each in found)
        terminal.say(f"{counted(len(found), 'environment')}, {size(total)} on the disk")


def say_environment(shown: dict[str, Any], terminal: Terminal) -> None:
    say_list([shown], terminal)
    terminal.say(f"It is in {shown['path']}")
    for name, value in shown["variables"].items():
        terminal.say(f"It sets {name}={value}")
    for command in shown["commands"]:
        terminal.say(f"It was made with the command: {command}")
    for package in shown["packages"]:
        terminal.say(f"  {package['name']:30} {package['version']:16} {package['source']}")


def say_preview(preview: dict[str, Any], terminal: Terminal) -> None:
    for package in preview["packages"]:
        where = "is stored" if package["stored"] else size(package["size"])
        pinned = ", pinned" if package["pinned"] else ""
        asked = "" if package["asked"] else ", needed by others"
        terminal.say(
            f"  {package['name']:30} {package['version']:16} {package['source']:5} "
            f"{where}{asked}{pinned}"
        )
    for text in (*preview["notes"], preview["gpu"]):
        if text:
            terminal.say(text)
    for command in preview["consent"]:
        terminal.say(f"It wants to run: {command}")
    if preview["ready"]:
        terminal.say(f"This environment is there already: {preview['key']}.")
    else:
        terminal.say(
            f"{counted(len(preview['packages']), 'package')} for Python {preview['python']}: "
            f"{size(preview['download'])} to download, about {size(preview['disk'])} on the disk "
            f"({size(preview['free'])} free)."
        )


def say_report(key: str, report: Report, repaired: bool, terminal: Terminal) -> None:
    if report.is_whole:
        terminal.say(f"{key}: {counted(report.files, 'file')}, all as installed.")
        return
    for what, found in (("missing", report.missing), ("changed", report.changed)):
        for package, files in found.items():
            many, first = counted(len(files), "file"), files[0]
            terminal.say(f"{key}: {what} of {package}: {many}, such as {first}")
    if report.added:
        many, first = counted(len(report.added), "file"), report.added[0]
        terminal.say(f"{key}: added by something else: {many}, such as {first}")
    if repaired:
        terminal.say(f"{key}: It was made anew.")
    else:
        terminal.say(f"{key}: Mend it with `python -m imjoy env verify {key} --repair`.")


def say_collected(facts: dict[str, Any], dry_run: bool, terminal: Terminal) -> None:
    verb = "Would remove" if dry_run else "Removed"
    terminal.say(
        f"{verb} {counted(len(facts['environments']), 'environment')} and "
        f"{counted(len(facts['packages']), 'stored package')}: {size(facts['freed'])}."
    )
    for key in facts["environments"]:
        terminal.say(f"  {key}")
    for key in facts["in_use"]:
        terminal.say(f"  {key} is left: a program runs in it")


def say_error(error: ImJoyError, terminal: Terminal) -> None:
    """What went wrong; below it, set in, what the program that failed said."""
    terminal.warn(f"Error: {error}")
    for line in str((error.data or {}).get("detail") or "").splitlines():
        terminal.warn(f"  | {line}")


def error_facts(error: ImJoyError) -> dict[str, Any]:
    return {"error": {"code": error.code, "message": error.message, **(error.data or {})}}
