"""Lets those who wait for another builder of the same environment see how far it is."""

from __future__ import annotations

import json
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from imjoy.envs.progress import Reporter

INTERVAL = 0.3
WAITING = "Another start is making the same environment; waiting for it"


class SharedProgress:
    """A note beside the lock of an environment: its builder writes it, others read it."""

    def __init__(self, lock: Path) -> None:
        self._path = lock.with_name(f"{lock.name}.progress")
        self._moment = 0.0
        self._told = ""

    def write(self, progress: dict[str, Any]) -> None:
        """Note how far the builder is; not at every report, as nobody looks so often."""
        now = time.monotonic()
        if now - self._moment < INTERVAL:
            return
        self._moment = now
        begun = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        with suppress(OSError):
            begun.write_text(json.dumps(progress), "utf-8")
            os.replace(begun, self._path)

    def tell(self, reporter: Reporter) -> None:
        """Report what the builder noted, when that is new."""
        text = ""
        with suppress(OSError, UnicodeError):
            text = self._path.read_text("utf-8")
        if text == self._told and self._moment:
            return
        self._told, self._moment = text, time.monotonic()
        try:
            noted = json.loads(text)
            numbers = int(noted["done"]), int(noted["total"]), str(noted["unit"])
            step, message = str(noted["step"]), f"{noted['message']} (by another start)"
        except (ValueError, KeyError, TypeError):
            reporter.report("install", WAITING)
        else:
            reporter.report(step, message, *numbers)

    def remove(self) -> None:
        """Nobody builds any more."""
        with suppress(OSError):
            self._path.unlink()
