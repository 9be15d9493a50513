"""Choosing packages with uv."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from imjoy.envs.interpreters import find_interpreter
from imjoy.envs.resolve import Tools, resolve
from imjoy.envs.spec import EnvSpec
from imjoy.errors import EnvError

from .conftest import LocalIndex


def run(home: Path, *packages: str, prerelease: bool = False) -> list[tuple[str, str]]:
    (home / "envs").mkdir(parents=True, exist_ok=True)
    tools = Tools.find(home)
    spec = EnvSpec(packages=packages, prerelease=prerelease)
    lock = asyncio.run(resolve(spec, find_interpreter(None), tools))
    return [(package.name, package.version) for package in lock.packages]


def test_packages_and_what_they_need(index: LocalIndex, home: Path) -> None:
    index.add("tiny", "1.0", ("other>=1",))
    index.add("other", "1.0")
    index.add("other", "2.0rc1")
    assert run(home, "tiny") == [("other", "1.0"), ("tiny", "1.0")]
    assert run(home, "other", prerelease=True) == [("other", "2.0rc1")]


def test_what_is_stored_serves_without_a_network(
    index: LocalIndex, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.add("tiny", "1.0")
    index.add("more", "1.0")
    run(home, "tiny")
    run(home, "more")
    index.close()
    assert run(home, "tiny", "more") == [("more", "1.0"), ("tiny", "1.0")]
    with pytest.raises(EnvError) as caught:
        run(home, "tiny", "unknown")
    assert caught.value.code == "env.network"


@pytest.mark.parametrize(
    ("packages", "code", "says"),
    [
        (("nosuch",), "env.not_found", '"nosuch"'),
        (("tiny==9",), "env.not_found", "tiny==9"),
        (("tiny", "other<1"), "env.conflict", "other"),
        (("old",), "env.no_wheel", "Python 3.7: ask"),
        (("later",), "env.no_wheel", "Python"),
    ],
)
def test_failures(
    index: LocalIndex, home: Path, packages: tuple[str, ...], code: str, says: str
) -> None:
    index.add("tiny", "1.0", ("other>=1",))
    index.add("other", "1.0")
    index.add("other", "0.1")
    index.add("old", "1.0", tags="cp36-cp36m-manylinux1_x86_64")
    index.add("old", "1.0", tags="cp37-cp37m-manylinux1_x86_64")
    index.add("later", "1.0", requires_python=">=3.99")
    with pytest.raises(EnvError) as caught:
        run(home, *packages)
    assert caught.value.code == code, caught.value.data
    assert says in str(caught.value)
    assert "127.0.0.1" not in f"{caught.value} {caught.value.data}"
