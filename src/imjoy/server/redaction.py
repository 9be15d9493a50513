"""Keeps secrets out of every log line."""

from __future__ import annotations

import logging
import re
import sys
from typing import TextIO

HIDDEN = "[hidden]"
_PATTERNS = (
    re.compile(r"\bim[tcs]_[A-Za-z0-9_-]{8,}"),
    re.compile(r"(?i)(\b(?:token|session|secret|password)[\"']?\s*[=:]\s*[\"']?)([^\s\"'&,}]+)"),
    re.compile(r"(?i)(\b(?:bearer|basic)\s+)([^\s\"',]+)"),
)


class Redactor:
    """Replaces secrets in a text: those with our prefixes, those named as such, and those told."""

    def __init__(self) -> None:
        self._secrets: list[str] = []

    def hide(self, secret: str) -> None:
        """Remember a secret that has no prefix, such as a token chosen by the user."""
        if len(secret) >= 3 and secret not in self._secrets:
            self._secrets.append(secret)

    def clean(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        text = _PATTERNS[0].sub(HIDDEN, text)
        for pattern in _PATTERNS[1:]:
            text = pattern.sub(lambda match: match.group(1) + HIDDEN, text)
        return text


class RedactingFormatter(logging.Formatter):
    """Cleans the finished line, so that arguments and tracebacks are covered too."""

    def __init__(self, redactor: Redactor) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s", "%H:%M:%S")
        self._redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        return self._redactor.clean(super().format(record))


def configure_logging(redactor: Redactor, debug: bool, stream: TextIO | None = None) -> None:
    """Send all logs to `stream` (the terminal) and through the redactor."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(RedactingFormatter(redactor))
    root = logging.getLogger()
    for old in list(root.handlers):
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(logging.DEBUG if debug else logging.WARNING)
    # These repeat packets with everything in them, also what a page logs in with.
    for name in ("engineio", "socketio", "websockets", "asyncio", "uvicorn"):
        logging.getLogger(name).setLevel(logging.WARNING)
