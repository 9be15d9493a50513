"""Commands of plugins: with consent, without a shell, in the environment."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest

from imjoy.envs.store import Environment, EnvStore
from imjoy.errors import EnvError

from .conftest import LocalIndex


def make(home: Path, *commands: str, events: list[dict[str, Any]] | None = None) -> Environment:
    store, work = EnvStore(home, []), home / "work"
    work.mkdir(parents=True, exist_ok=True)
    spec = store.parse(None, [f"cmd: {command}" for command in commands])
    collect = events.append if events is not None else None
    return asyncio.run(store.ensure(spec, collect, work=work, agreed=commands))


def test_it_runs_in_the_environment_and_its_output_is_progress(home: Path) -> None:
    events: list[dict[str, Any]] = []
    made = make(
        home, "mkdir sub && cd sub && python -c 'import sys; print(sys.prefix)'", events=events
    )
    assert (home / "work" / "sub").is_dir()
    said = [event["message"] for event in events if event["message"].startswith("python: ")]
    assert said and made.key in said[-1]


def test_nothing_in_a_command_reaches_a_shell(home: Path) -> None:
    make(home, "echo 'a; touch seen' '*'")
    assert os.listdir(home / "work") == []


def test_pip_installs_without_a_pip_in_the_environment(index: LocalIndex, home: Path) -> None:
    index.add("tiny", "1.0")
    file, (content, _) = next(iter(index.files["tiny"].items()))
    (home / "work").mkdir(parents=True)
    (home / "work" / file).write_bytes(content)
    made = make(home, f"python -m pip install ./{file}")
    assert list(made.python.parents[1].glob("lib/*/site-packages/tiny.py"))


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("python -c 'raise SystemExit(3)'", "exit code 3"),
        ("no-such-program --x", 'the program "no-such-program"'),
        ("cd nowhere && python -V", 'the folder "nowhere"'),
    ],
)
def test_failures(home: Path, command: str, says: str) -> None:
    with pytest.raises(EnvError) as caught:
        make(home, command)
    assert caught.value.code == "env.build_failed" and says in caught.value.cause
    assert command in caught.value.cause
    assert os.listdir(home / "envs") == []
