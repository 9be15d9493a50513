"""The keeping of environments: reuse, cancelling, killed builds, several builders at once."""

from __future__ import annotations

import asyncio
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from imjoy.envs import store as store_module
from imjoy.envs.interpreters import find_interpreter, other_versions, own_interpreter
from imjoy.envs.spec import EnvSpec
from imjoy.envs.store import Environment, EnvStore
from imjoy.errors import EnvError

from .conftest import LocalIndex

BUILDER = """
import asyncio, json, pathlib, sys
from imjoy.envs import EnvSpec, EnvStore
def say(progress): print(json.dumps(progress), flush=True)
made = asyncio.run(EnvStore(pathlib.Path(sys.argv[1])).ensure(EnvSpec(packages=tuple(sys.argv[2:])), say))
print(json.dumps({"key": made.key, "state": made.state}), flush=True)
"""


def ensure(home: Path, *packages: str, python: str | None = None) -> Environment:
    return asyncio.run(EnvStore(home).ensure(EnvSpec(packages=packages, python=python)))


def builder(home: Path, *packages: str) -> subprocess.Popen[str]:
    env = dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path))
    command = [sys.executable, "-c", BUILDER, str(home), *packages]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env)


def works(made: Environment, *modules: str) -> bool:
    command = [str(made.python), "-c", "import " + ", ".join(modules or ("sys",))]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def leftovers(home: Path) -> list[str]:
    return [path.name for path in (home / "envs").iterdir() if path.name.startswith(".")]


def test_reuse_takes_neither_process_nor_network(
    index: LocalIndex, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.add("tiny", "1.0")
    made = ensure(home, "tiny")
    assert made.state == "built"
    assert works(made, "tiny")
    index.close()
    monkeypatch.setattr(store_module.Tools, "find", None)
    monkeypatch.setattr(asyncio, "create_subprocess_exec", None)
    again = ensure(home, "tiny")
    assert (again.key, again.state) == (made.key, "reused")


def test_other_words_for_the_same_packages_share_an_environment(
    index: LocalIndex, home: Path
) -> None:
    index.add("tiny", "1.0", ("other",))
    index.add("other", "1.0")
    one, two = ensure(home, "tiny"), ensure(home, "tiny==1.0", "other")
    assert one.key == two.key
    assert (one.state, two.state) == ("built", "reused")


def test_a_removed_environment_is_made_again_from_its_lock_without_network(
    index: LocalIndex, home: Path
) -> None:
    index.add("tiny", "1.0")
    made = ensure(home, "tiny")
    index.add("tiny", "2.0")
    index.close()
    shutil.rmtree(home / "envs")
    again = ensure(home, "tiny")
    assert (again.key, again.state) == (made.key, "built")
    assert works(again, "tiny")


@pytest.mark.parametrize("damage", ["no Python", "no package", "no notes"])
def test_a_damaged_environment_is_made_again(index: LocalIndex, home: Path, damage: str) -> None:
    index.add("tiny", "1.0")
    made = ensure(home, "tiny")
    if damage == "no Python":
        made.python.unlink()
    elif damage == "no package":
        next(made.python.parents[1].glob("lib/*/site-packages/tiny.py")).unlink()
    else:
        (made.python.parents[1] / "READY.json").write_text("{")
    again = ensure(home, "tiny")
    assert again.state == "built"
    assert works(again, "tiny")
    assert not leftovers(home)


def test_no_packages_need_no_network(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:9/simple")
    made = ensure(home)
    assert made.state == "built"
    assert works(made, "json")
    assert not works(made, "psutil")
    assert ensure(home).state == "reused"


def test_another_python(index: LocalIndex, home: Path) -> None:
    index.add("tiny", "1.0")
    asked = "3.8" if sys.version_info[:2] != (3, 8) else "3.9"
    try:
        made = ensure(home, "tiny", python=asked)
    except EnvError as exc:
        assert exc.code == "env.python"
        pytest.skip(f"Python {asked} is not on this computer")
    code = "import sys, tiny; print('%d.%d' % sys.version_info[:2])"
    out = subprocess.run([str(made.python), "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == asked


def test_packages_without_a_build_for_this_python_get_another_one(
    index: LocalIndex, home: Path
) -> None:
    asked = next(filter(_is_here, other_versions()), None)
    if asked is None:
        pytest.skip("there is one Python on this computer")
    tag = f"cp{asked.replace('.', '')}"
    index.add("tiny", "1.0", tags=f"{tag}-none-any", requires_python="")
    made = ensure(home, "tiny")
    assert works(made, "tiny")
    assert len(made.notes) == 1 and f"It gets Python {asked}." in made.notes[0]
    assert ensure(home, "tiny").notes == made.notes
    with pytest.raises(EnvError) as caught:  # what is asked for counts
        ensure(home, "tiny", python=own_interpreter().version)
    assert caught.value.code == "env.no_wheel"


def _is_here(version: str) -> bool:
    with suppress(EnvError):
        return bool(find_interpreter(version))
    return False


def test_the_plan(index: LocalIndex, home: Path) -> None:
    index.add("tiny", "1.0")
    spec = EnvSpec.parse("conda create -n x numpy", ["tiny"])
    store = EnvStore(home)
    plan = store.plan(EnvSpec(packages=("tiny",)))
    assert plan["cached"] is False
    assert plan["commands"][-1] == "uv pip install tiny"
    assert not home.exists()
    assert store.plan(spec)["packages"] == ["numpy", "tiny"]
    assert store.plan(spec)["notes"]
    ensure(home, "tiny")
    plan = store.plan(EnvSpec(packages=("tiny",)))
    assert (plan["cached"], plan["commands"]) == (True, [])


def test_a_failure_leaves_nothing_and_can_be_put_right(index: LocalIndex, home: Path) -> None:
    index.add("tiny", "1.0")
    ensure(home, "tiny")
    index.add("other", "1.0")
    file, (content, _) = next(iter(index.files["other"].items()))
    spec = EnvSpec(packages=("other",))
    broken = EnvStore(home)

    async def main() -> None:
        with pytest.raises(EnvError) as caught:
            lock = asyncio.create_task(broken.ensure(spec))
            await lock
        assert caught.value.code == "env.checksum"

    index.files["other"][file] = (content, "")
    send_file = index._send_file

    def corrupt(handler: Any, name: str) -> None:
        if name == file:
            index._send(handler, content[:-50] + b"x" * 50, "application/octet-stream")
        else:
            send_file(handler, name)

    index._send_file = corrupt  # type: ignore[method-assign]
    asyncio.run(main())
    assert not leftovers(home)
    index._send_file = send_file  # type: ignore[method-assign]
    assert works(ensure(home, "other"), "other")


def test_cancelling_does_not_wait_for_the_download_and_leaves_nothing(
    index: LocalIndex, home: Path
) -> None:
    index.add("large", "1.0", size=20_000_000)
    index.rate = 1_000_000
    children = set(psutil.Process().children(recursive=True))

    async def main() -> None:
        started = asyncio.Event()

        def on_progress(progress: dict[str, Any]) -> None:
            if progress["step"] == "download" and progress["done"] > 0:
                started.set()

        task = asyncio.create_task(EnvStore(home).ensure(EnvSpec(packages=("large",)), on_progress))
        await asyncio.wait_for(started.wait(), 20)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(task, 10)

    asyncio.run(main())
    assert os.listdir(home / "envs") == []
    assert set(psutil.Process().children(recursive=True)) <= children
    index.rate = 0
    assert works(ensure(home, "large"), "large")


@pytest.mark.timeout(300)
@pytest.mark.parametrize("kills", [10, pytest.param(50, marks=pytest.mark.slow)])
def test_killed_builders_leave_nothing_that_harms(
    index: LocalIndex, home: Path, kills: int
) -> None:
    index.add("large", "1.0", ("tiny",), size=300_000)
    index.add("tiny", "1.0")
    index.rate = 1_500_000
    seed = random.randrange(10**6)
    moments = random.Random(seed)
    for number in range(kills):
        process = builder(home, "large")
        time.sleep(moments.uniform(0.15, 0.7))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        if moments.random() < 0.3:
            shutil.rmtree(home / "envs", ignore_errors=True)
        if number % 10 == 9:  # whatever was killed before, the next one is right
            made = ensure(home, "large")
            assert works(made, "large", "tiny"), f"seed {seed}"
            EnvStore(home).envs.sweep()
            assert os.listdir(home / "envs") == [made.key], f"seed {seed}"
            shutil.rmtree(home / "envs")
            shutil.rmtree(home / "cache", ignore_errors=moments.random() < 0.5)


def test_three_builders_at_once_make_one_environment(index: LocalIndex, home: Path) -> None:
    index.add("large", "1.0", size=600_000)
    index.rate = 1_000_000
    processes = [builder(home, "large") for _ in range(3)]
    outputs = [process.communicate(timeout=30)[0].splitlines() for process in processes]
    results = [json.loads(lines[-1]) for lines in outputs]
    assert sorted(result["state"] for result in results) == ["built", "reused", "reused"]
    assert len({result["key"] for result in results}) == 1
    assert any("another start" in line for lines in outputs for line in lines)
    assert os.listdir(home / "envs") == [results[0]["key"]]


def test_a_build_at_work_is_not_swept_away(index: LocalIndex, home: Path) -> None:
    index.add("large", "1.0", size=1_000_000)
    index.rate = 1_500_000
    process = builder(home, "large")
    assert index.downloading.wait(20)
    while not (home / "envs").exists() or not leftovers(home):
        time.sleep(0.01)
    assert EnvStore(home).envs.sweep() == 0
    assert json.loads(process.communicate(timeout=30)[0].splitlines()[-1])["state"] == "built"


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EnvError) as caught:
        ensure(tmp_path / "file", "tiny")
    assert caught.value.code == "env.folder"
    assert caught.value.remedy


@pytest.mark.registry
def test_a_real_package_of_the_public_index(home: Path) -> None:
    made = ensure(home, "six==1.17.0")
    assert made.state == "built"
    assert works(made, "six")
