"""Remembers which lock was chosen for which requirements, and what each plugin uses and used before."""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from imjoy.envs.lock import EnvLock, lock_from_facts

KEPT = 5  # environments of a plugin that one can go back to


@dataclass(frozen=True)
class Choice:
    """What a user, that is a plugin or a name given by hand, uses now and used before, newest first.

    `digest` names the requirements that `locks[0]` was made from; a lock is kept as its facts.
    """

    user: str
    digest: str
    keys: tuple[str, ...]
    locks: tuple[dict[str, Any], ...]
    used: float

    @property
    def lock(self) -> EnvLock:
        """The lock in use. Raises KeyError, TypeError and ValueError when it is damaged."""
        return lock_from_facts(self.locks[0])


class Choices:
    """The folders `specs` and `users` below `home`; each file is replaced as a whole."""

    def __init__(self, home: Path) -> None:
        self.specs = home / "specs"
        self.users = home / "users"

    def key(self, digest: str, user: str | None) -> str | None:
        """The environment for some requirements of a user, without reading its lock."""
        choice = self.of(user) if user else None
        if choice is not None and choice.digest == digest:
            return choice.keys[0]
        facts = _read(self.specs / f"{digest}.json")
        return str(facts["key"]) if "key" in facts else None

    def recall(self, digest: str, user: str | None) -> EnvLock | None:
        """The lock for some requirements of a user; None when there is none, or it is damaged."""
        choice = self.of(user) if user else None
        with suppress(KeyError, TypeError, ValueError):
            if choice is not None and choice.digest == digest:
                return choice.lock
        with suppress(KeyError, TypeError, ValueError):
            return lock_from_facts(_read(self.specs / f"{digest}.json")["lock"])
        return None

    def remember(self, digest: str, lock: EnvLock) -> None:
        """Note the lock that others with the same requirements are to use."""
        _write(self.specs / f"{digest}.json", {"key": lock.key, "lock": lock.facts()})

    def of(self, user: str) -> Choice | None:
        """What a user uses."""
        return _choice_of(_read(self._file(user)))

    def all(self) -> list[Choice]:
        """What all users use."""
        found = (_choice_of(_read(file)) for file in self.users.glob("*.json"))
        return [choice for choice in found if choice is not None]

    def use(self, user: str, digest: str, lock: EnvLock) -> None:
        """Note that a user uses a lock from now on; what it used before is kept to go back to."""
        before = self.of(user)
        pairs = zip(before.keys, before.locks, strict=True) if before is not None else ()
        older = [pair for pair in pairs if pair[0] != lock.key][: KEPT - 1]
        keys = (lock.key, *(key for key, _ in older))
        locks = (lock.facts(), *(facts for _, facts in older))
        self._save(Choice(user, digest, keys, locks, time.time()))

    def touch(self, user: str) -> None:
        """Note that a user has used its environment just now."""
        file = self._file(user)
        with suppress(OSError):
            os.utime(file)

    def go_back(self, user: str) -> Choice | None:
        """Make the environment before the one in use the one in use; None when there is none."""
        choice = self.of(user)
        if choice is None or len(choice.keys) < 2:
            return None
        order = (1, 0, *range(2, len(choice.keys)))
        changed = replace(
            choice,
            keys=tuple(choice.keys[i] for i in order),
            locks=tuple(choice.locks[i] for i in order),
        )
        self._save(changed)
        return changed

    def forget(self, user: str) -> bool:
        """Forget a user; False when it is not known."""
        with suppress(FileNotFoundError):
            self._file(user).unlink()
            return True
        return False

    def forget_key(self, key: str) -> list[str]:
        """Forget the users that had no other environment than this, which was removed; gives them.

        Others keep their locks: it is made again when they need it, or go back to it.
        """
        gone = [choice.user for choice in self.all() if choice.keys == (key,)]
        for user in gone:
            self.forget(user)
        return gone

    def _save(self, choice: Choice) -> None:
        _write(
            self._file(choice.user),
            {
                "user": choice.user,
                "digest": choice.digest,
                "keys": list(choice.keys),
                "locks": list(choice.locks),
            },
        )

    def _file(self, user: str) -> Path:
        name = re.sub(r"[^A-Za-z0-9-]+", "-", user)[:40]
        return self.users / f"{name}-{hashlib.sha256(user.encode()).hexdigest()[:12]}.json"


def _choice_of(facts: dict[str, Any]) -> Choice | None:
    try:
        keys, locks = tuple(facts["keys"]), tuple(facts["locks"])
        choice = Choice(facts["user"], facts["digest"], keys, locks, facts["read"])
    except KeyError:
        return None
    return choice if keys and len(keys) == len(locks) else None


def _read(file: Path) -> dict[str, Any]:
    try:
        return {**json.loads(file.read_text("utf-8")), "read": file.stat().st_mtime}
    except (OSError, ValueError, TypeError):
        return {}


def _write(file: Path, facts: dict[str, Any]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        with temporary.open("w", encoding="utf-8") as opened:
            json.dump(facts, opened)
            opened.flush()
            os.fsync(opened.fileno())
        os.replace(temporary, file)
    finally:
        with suppress(FileNotFoundError):
            temporary.unlink()
