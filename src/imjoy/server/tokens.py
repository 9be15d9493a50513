"""Makes, keeps and compares the private token, the one-time codes and the sessions."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import secrets
import time
from collections.abc import Callable
from pathlib import Path

from imjoy.server.private_files import (
    create_private,
    ensure_private_folder,
    read_private,
    write_private,
)

logger = logging.getLogger(__name__)

TOKEN_PREFIX = "imt_"
CODE_PREFIX = "imc_"
SESSION_PREFIX = "ims_"
CODE_SECONDS = 300.0
SESSION_DAYS = 90
SESSION_LIMIT = 256
CODE_LIMIT = 64
_DAY = 86400


def digest(secret: str) -> str:
    """The form in which a secret is compared and stored: its sha256 in hex."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def same(left: str, right: str) -> bool:
    """Compare two digests in constant time."""
    return hmac.compare_digest(left.encode("ascii"), right.encode("ascii"))


def load_token(home: Path) -> str:
    """The private token in `home`, made when there is none.

    Raises OSError when the folder or the file cannot be written or read.
    """
    ensure_private_folder(home)
    path = home / "token"
    token = _read_token(path)
    if token is None:
        create_private(path, f"{TOKEN_PREFIX}{secrets.token_hex(32)}\n".encode())
        token = _read_token(path)
    if token is None:
        raise OSError(f"{path} holds no token; delete it to get a new one")
    return token


def _read_token(path: Path) -> str | None:
    data = read_private(path, 4096)
    return data.decode("utf-8", "replace").strip() or None if data is not None else None


class OneTimeCodes:
    """Codes that open one session each, within five minutes."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._ends: dict[str, float] = {}

    def issue(self) -> str:
        code = CODE_PREFIX + secrets.token_urlsafe(24)
        while len(self._ends) >= CODE_LIMIT:
            del self._ends[next(iter(self._ends))]
        self._ends[digest(code)] = self._clock() + CODE_SECONDS
        return code

    def redeem(self, code: str) -> bool:
        """Whether `code` is one of ours and fresh; it is used up by this."""
        wanted, found = digest(code), None
        for known in self._ends:
            if same(known, wanted):
                found = known
        if found is None:
            return False
        return self._ends.pop(found) > self._clock()


class Sessions:
    """The sessions that are open, kept in `home/sessions.json` as digests only.

    Each carries the generation of the private token: a changed token ends them all.
    """

    def __init__(self, home: Path, token: str, clock: Callable[[], float] = time.time) -> None:
        self._path = home / "sessions.json"
        self._generation = digest("generation:" + token)[:32]
        self._clock = clock
        self._used: dict[str, int] = self._load()

    def open(self) -> str:
        """Start a session and return its secret, which is not kept."""
        session = SESSION_PREFIX + secrets.token_urlsafe(32)
        while len(self._used) >= SESSION_LIMIT:
            del self._used[min(self._used, key=lambda key: self._used[key])]
        self._used[digest(session)] = int(self._clock())
        self._save()
        return session

    def find(self, session: str) -> str | None:
        """The id (digest) of an open session, or None."""
        wanted, found = digest(session), None
        for known in self._used:
            if same(known, wanted):
                found = known
        now = int(self._clock())
        if found is None or now - self._used[found] > SESSION_DAYS * _DAY:
            return None
        if now - self._used[found] > _DAY:
            self._used[found] = now
            self._save()
        return found

    def close(self, session_id: str) -> None:
        if self._used.pop(session_id, None) is not None:
            self._save()

    def is_open(self, session_id: str) -> bool:
        return session_id in self._used

    def _load(self) -> dict[str, int]:
        try:
            data = read_private(self._path)
            content = json.loads(data) if data else {}
            if content.get("generation") != self._generation:
                return {}
            sessions = content["sessions"]
            return {str(key): int(used) for key, used in sessions.items() if len(key) == 64}
        except (OSError, ValueError, AttributeError, KeyError, TypeError) as error:
            logger.warning(
                "The list of sessions cannot be read, everybody logs in again: %s", error
            )
            return {}

    def _save(self) -> None:
        content = {"version": 1, "generation": self._generation, "sessions": self._used}
        try:
            ensure_private_folder(self._path.parent)
            write_private(self._path, json.dumps(content).encode())
        except OSError as error:
            logger.warning("Sessions end with the engine, they cannot be written: %s", error)
