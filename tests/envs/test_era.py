"""Packages of the time of a plugin."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from imjoy.envs.era import newest_pin
from imjoy.envs.interpreters import Interpreter, own_interpreter
from imjoy.envs.lock import EnvLock
from imjoy.envs.resolve import Tools, resolve
from imjoy.envs.spec import EnvSpec

from .conftest import LocalIndex


def lock(home: Path, spec: EnvSpec, python: str = "3.7.16") -> EnvLock:
    """What is chosen when this computer's Python passes for that of a `python` version."""
    (home / "envs").mkdir(parents=True, exist_ok=True)
    interpreter = Interpreter(own_interpreter().path, python)
    return asyncio.run(resolve(spec, interpreter, Tools.find(home)))


def versions(lock: EnvLock) -> list[str]:
    return [f"{package.name} {package.version}" for package in lock.packages]


@pytest.fixture
def dated(index: LocalIndex) -> LocalIndex:
    index.add("model", "1.0", ("codec",), published="2019-10-16")
    index.add("codec", "3.0", published="2020-05-01")
    index.add("codec", "4.0", published="2022-06-01")
    index.add("late", "1.0", published="2024-01-01")
    index.add("extra", "0.1", published="2021-02-01")
    return index


def test_old_plugins_get_what_there_was_in_their_time(dated: LocalIndex, home: Path) -> None:
    found = lock(home, EnvSpec(packages=("model==1.0",)))
    assert versions(found) == ["codec 3.0", "model 1.0"]
    assert found.notes == (
        "model 1.0 is of October 2019: packages without a fixed version are those of October 2020.",
    )


def test_more_time_is_given_to_what_was_not_there_yet(dated: LocalIndex, home: Path) -> None:
    found = lock(home, EnvSpec(packages=("model==1.0", "extra")))
    assert versions(found) == ["codec 3.0", "extra 0.1", "model 1.0"]
    assert "April 2021" in found.notes[0]


@pytest.mark.parametrize(
    ("packages", "python"),
    [
        (("model==1.0",), "3.8.18"),  # may be kept up to date
        (("model",), "3.7.16"),  # nothing says how old it is
        (("model==1.*",), "3.7.16"),
        (("model==1.0", "codec>=4", "late"), "3.7.16"),  # it asks for what came much later
    ],
)
def test_others_get_the_newest(
    dated: LocalIndex, home: Path, packages: tuple[str, ...], python: str
) -> None:
    found = lock(home, EnvSpec(packages=packages), python)
    assert versions(found) == [
        "codec 4.0",
        *(["late 1.0"] if "late" in packages else []),
        "model 1.0",
    ]
    assert found.notes == ()


def test_an_index_that_does_not_say_when_changes_nothing() -> None:
    pylock = (
        '[[packages]]\nname = "model"\nversion = "1.0"\nwheels = [{ url = "https://x/model.whl" }]'
    )
    assert newest_pin(("model==1.0",), pylock, "3.7.16") is None


def test_a_plugin_can_say_itself_how_new_they_may_be(dated: LocalIndex, home: Path) -> None:
    script = """
# /// script
# dependencies = ["model"]
# [tool.uv]
# exclude-newer = "2021-12-31"
# ///
"""
    spec = EnvSpec.parse(None, None, script=script)
    assert versions(lock(home, spec, own_interpreter().version)) == ["codec 3.0", "model 1.0"]
