"""Everything the command line prints."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TextIO

from imjoy.settings import Settings

_PROGRESS_SECONDS = 0.2


def link(base: str, code: str) -> str:
    """The address that logs a browser in once. The code is in the fragment, which is never sent."""
    return f"{base}/#code={code}"


def address(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class Terminal:
    """Writes plain text; results to `out`, what went wrong to `err`."""

    def __init__(self, out: TextIO | None = None, err: TextIO | None = None) -> None:
        self._out, self._err = out or sys.stdout, err or sys.stderr
        self._printed = 0.0

    def say(self, text: str = "") -> None:
        print(text, file=self._out, flush=True)

    def warn(self, text: str) -> None:
        print(text, file=self._err, flush=True)

    def copy_progress(self, files: int, all_files: int, done: int, total: int) -> None:
        """One line that is written over on a terminal, and a few lines elsewhere."""
        is_last = files == all_files
        now = time.monotonic()
        pause = _PROGRESS_SECONDS if self._out.isatty() else 5.0
        if not is_last and now - self._printed < pause:
            return
        self._printed = now
        text = f"Copying the web app: {files} of {all_files} files, {size(done)} of {size(total)}"
        if self._out.isatty():
            print(f"\r{text}", end="\n" if is_last else "", file=self._out, flush=True)
        else:
            self.say(text)

    def started(self, url: str, can_press_enter: bool) -> None:
        self.say("ImJoy runs. Open this address (it works once, within 5 minutes):")
        self.say()
        self.say(url)
        self.say()
        again = "Press Enter for another address. " if can_press_enter else ""
        self.say(f"{again}Ctrl+C stops the engine.")

    def reachable(self, settings: Settings, addresses: list[str], port: int, name: str) -> None:
        """What is safe and what is not when other machines can reach the engine."""
        where = _token_place(settings)
        self.say("Other machines reach this engine at:")
        for found in addresses:
            self.say(f"  {address(found, port)}/")
        self.say(f"There it asks for the token, which is {where}.")
        self.say(
            "Not safe: this is plain http. Anyone on the network path can read and change what is\n"
            "sent, the token included, and whoever has the token can run programs as you.\n"
            "Safe: start the engine without --host, and on the other machine run\n"
            f"  ssh -N -L {port}:127.0.0.1:{port} USER@{name}\n"
            "then open the address above there."
        )
        if settings.token is not None and len(settings.token) < 16:
            self.warn("The token is short and can be guessed. Use one of at least 16 characters.")


def _token_place(settings: Settings) -> str:
    if settings.token is not None:
        return "the one that you chose"
    return f"in {settings.home / 'token'} (`python -m imjoy token` prints it)"


def size(count: int) -> str:
    """Bytes for people: 12 bytes, 3.4 kB, 5.6 MB."""
    if count < 1000:
        return f"{count} bytes"
    value, units = count / 1000, ["kB", "MB", "GB"]
    while value >= 999.95 and len(units) > 1:
        value /= 1000
        del units[0]
    return f"{value:.1f} {units[0]}"


def problem(step: str, error: OSError, path: Path, remedy: str) -> str:
    """A plain sentence for a failed file operation."""
    reason = error.strerror or str(error)
    return f"{step}: {reason} ({error.filename or path}). {remedy}"
