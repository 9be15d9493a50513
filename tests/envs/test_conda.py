"""Conda packages: chosen, installed, used and refused, from a real channel on this computer."""

from __future__ import annotations

import asyncio
import os
import subprocess
from pathlib import Path
from typing import Any

import psutil
import pytest

from imjoy.envs.spec import EnvSpec
from imjoy.envs.store import Environment, EnvStore
from imjoy.errors import EnvError

from .conftest import LocalIndex


def ensure(
    home: Path, channel: str, requirements: list[str], events: list[dict[str, Any]] | None = None
) -> Environment:
    store = EnvStore(home, [channel])
    collect = events.append if events is not None else None
    return asyncio.run(store.ensure(store.parse(None, requirements), collect))


def run(made: Environment, code: str) -> str:
    path = f"{made.python.parent}{os.pathsep}{os.environ['PATH']}"
    env = {"PATH": path, **made.variables}
    command = [str(made.python), "-c", code]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout


def test_a_package_without_python_beside_one_of_pip(
    index: LocalIndex, home: Path, channel: str
) -> None:
    index.add("tiny", "1.0", size=100_000)
    events: list[dict[str, Any]] = []
    made = ensure(home, channel, ["conda: measure-tool demo-lib=1.0", "tiny"], events)
    assert made.state == "built"
    code = "import demo_lib, tiny, subprocess; print(demo_lib.answer(), tiny.version)\n"
    code += "print(subprocess.check_output(['measure-tool'], text=True))"
    folder = made.python.parents[1]
    assert run(made, code).split() == ["41", "1.0", "measured", "by", f"{folder}/share/measure"]
    assert run(made, "import sys; print(sys.prefix)").strip() == str(folder)
    assert made.variables == {"MEASURE_HOME": f"{folder}/share/measure"}
    installed = [event for event in events if event["unit"] == "packages"]
    assert (installed[-1]["done"], installed[-1]["total"]) == (4, 4)
    assert {"pixi.lock", "pylock.toml", "READY.json"} <= set(os.listdir(folder))
    again = ensure(home, channel, ["conda: measure-tool demo-lib=1.0", "tiny"])
    assert (again.key, again.state, again.variables) == (made.key, "reused", made.variables)


def test_scripts_of_pip_packages_name_the_final_place(
    index: LocalIndex, home: Path, channel: str
) -> None:
    made = ensure(home, channel, ["conda: demo-lib"])
    assert ".tmp" not in "".join(
        file.read_text() for file in made.python.parent.iterdir()
        if not file.is_symlink() and file.read_bytes()[:2] == b"#!"
    )  # fmt: skip


def test_packages_of_conda_are_left_alone_by_pip(
    index: LocalIndex, home: Path, channel: str
) -> None:
    index.add("demo-lib", "1.1.0", code="def answer(): return 'from pip'\n")
    index.add("needs-demo", "1.0", ("demo-lib>=1",))
    made = ensure(home, channel, ["conda: demo-lib", "needs-demo"])
    assert run(made, "import demo_lib, needs_demo; print(demo_lib.answer())").strip() == "42"


def test_a_known_set_is_made_again_without_the_channel(
    home: Path, channel: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = ensure(home, channel, ["conda: demo-lib=1.0"])
    import shutil

    shutil.rmtree(home / "envs")
    monkeypatch.setenv("NO_PROXY", "*")
    again = ensure(home, channel, ["conda: demo-lib=1.0"])
    assert (again.key, again.state) == (made.key, "built")
    assert run(again, "import demo_lib; print(demo_lib.answer())").strip() == "41"


def test_the_second_environment_takes_little_room(home: Path, channel: str) -> None:
    one = ensure(home, channel, ["conda: demo-lib=1.0"])
    two = ensure(home, channel, ["conda: demo-lib=1.1"])
    seen, sizes = set(), []
    for made in (one, two):
        files = [path for path in made.python.parents[1].rglob("*") if path.is_file()]
        stats = [path.lstat() for path in files]
        sizes.append(sum(stat.st_size for stat in stats if stat.st_ino not in seen))
        seen |= {stat.st_ino for stat in stats}
    assert sizes[1] < 0.05 * sizes[0]


@pytest.mark.parametrize(
    ("requirement", "code", "says"),
    [
        ("conda: no-such-package", "env.not_found", "no-such-package"),
        ("conda: demo-broken", "env.conflict", "does-not-exist"),
        ("conda: demo-old demo-lib=1.1", "env.conflict", "demo-lib"),
        ("conda: demo-gpu", "env.machine", "NVIDIA"),
        ("conda: python=2.7 demo-lib", "env.python", "2.7"),
        ("conda: python=3.99 demo-lib", "env.python", "no Python 3.99"),
    ],
)
def test_failures_name_the_cause(
    home: Path, channel: str, requirement: str, code: str, says: str
) -> None:
    with pytest.raises(EnvError) as caught:
        ensure(home, channel, [requirement])
    assert caught.value.code == code, caught.value.data
    assert says in caught.value.cause and caught.value.remedy


def test_an_unreachable_channel_is_named(home: Path) -> None:
    with pytest.raises(EnvError) as caught:
        ensure(home, "http://127.0.0.1:9/lab", ["conda: openjdk"])
    assert caught.value.code == "env.network"
    with pytest.raises(EnvError) as caught:
        ensure(home, (home / "nowhere").as_uri(), ["conda: openjdk"])
    assert caught.value.code == "env.not_found"


def test_without_the_library_it_is_said_how_to_get_it(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("imjoy.envs.conda.find_spec", lambda name: None)
    with pytest.raises(EnvError) as caught:
        ensure(home, "conda-forge", ["conda: openjdk"])
    assert caught.value.code == "env.conda" and "imjoy[conda]" in caught.value.remedy


def test_cancelling_ends_the_child_and_leaves_nothing(home: Path, channel: str) -> None:
    store = EnvStore(home, [channel])
    spec = store.parse(None, ["conda: demo-app"])
    children = set(psutil.Process().children(recursive=True))

    async def main() -> None:
        for wait in (0.05, 0.3, 0.5, 0.8, 1.0):
            task = asyncio.create_task(store.ensure(spec))
            await asyncio.wait([task], timeout=wait)
            task.cancel()
            assert await asyncio.wait([task], timeout=10) == ({task}, set())

    asyncio.run(main())
    assert set(psutil.Process().children(recursive=True)) <= children
    left = [name for name in os.listdir(home / "envs") if name.startswith(".")]
    assert left == []
    assert asyncio.run(store.ensure(spec)).python.exists()


def test_packages_that_pypi_has_come_from_there_when_no_channel_answers(
    index: LocalIndex, home: Path
) -> None:
    index.add("torch", "1.0.0")
    store = EnvStore(home, [])
    spec = EnvSpec.parse(None, ["conda: pytorch=1.0 -c http://127.0.0.1:9/pytorch"])
    assert spec.conda == ("pytorch=1.0",)
    store.channels = ("http://127.0.0.1:9/none",)
    made = asyncio.run(store.ensure(spec))
    command = [str(made.python), "-c", "import torch; print(torch.version)"]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert out.strip() == "1.0.0"
