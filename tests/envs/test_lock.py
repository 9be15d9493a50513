"""Locks read from pylock.toml."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from imjoy.envs.commands import Command
from imjoy.envs.conda import CondaLock, LockedCondaPackage
from imjoy.envs.lock import lock_from_facts, read_lock
from imjoy.errors import EnvError

PYLOCK = """
lock-version = "1.0"
created-by = "uv"

[[packages]]
name = "numpy"
version = "2.0"
sdist = { url = "https://h/numpy-2.0.tar.gz", size = 20, hashes = { sha256 = "aa" } }
wheels = [
  { url = "https://h/numpy-2.0-py3-none-any.whl", size = 10, hashes = { sha256 = "cc" } },
  { url = "https://h/numpy-2.0-cp311-cp311-manylinux_2_27_x86_64.whl", size = 100, hashes = { sha256 = "bb" } },
]

[[packages]]
name = "tool"
version = "1.0"
vcs = { type = "git", url = "https://h/tool.git", commit-id = "1234" }

[[packages]]
name = "direct"
version = "3"
archive = { url = "https://h/direct-3-py3-none-any.whl", hashes = { sha256 = "dd" } }
"""


def test_lines_and_sizes(tmp_path: Path) -> None:
    lock = read_lock(PYLOCK, "3.11.7", "/python")
    assert lock.requirements(hashed=True).splitlines() == [
        "numpy==2.0 --hash=sha256:aa --hash=sha256:bb --hash=sha256:cc",
        "direct @ https://h/direct-3-py3-none-any.whl --hash=sha256:dd",
    ]
    assert lock.requirements(hashed=False) == "tool @ git+https://h/tool.git@1234\n"
    assert lock.sizes_to_fetch(tmp_path) == {"numpy": 100, "tool": 0, "direct": 0}


def test_cached_files_are_not_fetched(tmp_path: Path) -> None:
    lock = read_lock(PYLOCK, "3.11.7", "/python")
    cached = tmp_path / "wheels-v8/pypi/numpy/2.0-cp311-cp311-manylinux_2_27_x86_64"
    cached.mkdir(parents=True)
    assert lock.sizes_to_fetch(tmp_path) == {"tool": 0, "direct": 0}


def test_a_lock_is_read_back_as_it_was_written() -> None:
    lock = read_lock(PYLOCK, "3.11.7", "/python")
    package = LockedCondaPackage("openjdk", "8", "h0", "ee", 7, "https://h/x.conda", "x.conda")
    command = Command("make it", (("make", "it"),))
    lock = replace(
        lock, conda=CondaLock((package,), "version: 7"), commands=(command,), work="/w",
        commits=("ab",),
    )  # fmt: skip
    again = lock_from_facts(json.loads(json.dumps(lock.facts())))
    assert again == lock and again.key == lock.key
    assert replace(lock, commits=("cd",)).key != lock.key
    assert replace(lock, commands=()).key != lock.key


def test_the_key_names_the_content() -> None:
    lock = read_lock(PYLOCK, "3.11.7", "/python")
    comment = "# made by another command\n" + PYLOCK
    assert read_lock(comment, "3.11.7", "/python").key == lock.key
    assert read_lock(PYLOCK.replace('"bb"', '"be"'), "3.11.7", "/python").key != lock.key
    assert read_lock(PYLOCK.replace("1234", "1235"), "3.11.7", "/python").key != lock.key
    assert read_lock(PYLOCK, "3.11.8", "/python").key != lock.key
    assert read_lock(PYLOCK, "3.11.7", "/on/another/computer").key == lock.key


def test_no_packages() -> None:
    lock = read_lock("", "3.11.7", "/python")
    assert lock.packages == ()
    assert len(lock.key) == 20


def test_local_folders_are_refused() -> None:
    with pytest.raises(EnvError):
        read_lock('[[packages]]\nname = "a"\ndirectory = { path = "x" }\n', "3", "/python")
