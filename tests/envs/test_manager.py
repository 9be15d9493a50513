"""Seeing, checking, mending, updating, going back, exporting and removing environments."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import subprocess
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

import pytest

from imjoy.envs.exported import read_lock_files, write_lock_files
from imjoy.envs.manager import EnvManager
from imjoy.envs.progress import Reporter
from imjoy.envs.spec import EnvSpec
from imjoy.envs.store import Environment, EnvStore
from imjoy.errors import EnvError

from .conftest import LocalIndex

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


@pytest.fixture
def manager(home: Path) -> EnvManager:
    return EnvManager(EnvStore(home, []))


def make(manager: EnvManager, *packages: str, user: str | None = None) -> Environment:
    return run(manager.store.ensure(EnvSpec(packages=packages), user=user))


def module(made: Environment, name: str) -> Path:
    return next(made.python.parents[1].glob(f"lib/*/site-packages/{name}.py"))


def version(python: Path, name: str) -> str:
    command = [python, "-c", f"import {name}; print({name}.version)"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_list_and_show(index: LocalIndex, manager: EnvManager) -> None:
    index.add("tiny", "1.0", size=400_000)
    index.add("other", "1.0")
    one = make(manager, "tiny", user="Cells: a plugin")
    two = make(manager, "tiny", "other")
    listed = run(manager.list_all())
    assert [each["key"] for each in listed] == [two.key, one.key]
    assert listed[1]["users"] == ["Cells: a plugin"] and listed[0]["users"] == []
    assert all(each["size"] > 400_000 for each in listed)
    assert all(each["own"] < 100_000 for each in listed)  # the large file is linked, not copied
    shown = run(manager.show("Cells: a plugin"))
    assert shown["packages"] == [{"name": "tiny", "version": "1.0", "source": "pip"}]
    assert shown["key"] == run(manager.show(one.key[:6]))["key"] == one.key
    with pytest.raises(EnvError) as caught:
        manager.find("nosuch")
    assert caught.value.code == "env.not_found"
    (manager.store.envs.path / one.key / "READY.json").write_text("{")
    with pytest.raises(EnvError, match="damaged"):
        run(manager.show(one.key))


def test_update_keeps_what_was_and_going_back_makes_nothing(
    index: LocalIndex, manager: EnvManager
) -> None:
    store, spec = manager.store, EnvSpec(packages=("tiny",))
    index.add("tiny", "1.0")
    old = make(manager, "tiny", user="p")
    index.add("tiny", "2.0")
    assert make(manager, "tiny", user="p").key == old.key  # nothing changes on its own
    new = run(store.update(spec, user="p"))
    assert new.key != old.key and version(new.python, "tiny") == "2.0"
    assert make(manager, "tiny", user="p").key == new.key
    assert run(manager.list_all())[0]["can_go_back"] == ["p"]
    back = run(manager.rollback("p"))
    assert (back["key"], back["before"], back["state"]) == (old.key, new.key, "reused")
    assert make(manager, "tiny", user="p").key == old.key
    assert run(manager.rollback("p"))["key"] == new.key
    with pytest.raises(EnvError) as caught:
        run(manager.rollback("q"))
    assert caught.value.code == "env.not_found"


def test_a_plugin_can_be_given_another_environment(
    index: LocalIndex, manager: EnvManager, tmp_path: Path
) -> None:
    for number in ("1.0", "2.0"):
        index.add("tiny", number)
    index.add("other", "1.0")
    spec = EnvSpec(packages=("tiny",))
    own = make(manager, "tiny", user="p")
    older, wrong = make(manager, "tiny==1.0", "other"), make(manager, "other")
    assert run(manager.use(older.key, spec, "p", tmp_path)) == {"user": "p", "key": older.key}
    assert make(manager, "tiny", user="p").key == older.key
    assert make(manager, "tiny", user="q").key == own.key  # nobody else's choice
    with pytest.raises(EnvError) as caught:
        run(manager.use(wrong.key, spec, "p", tmp_path))
    assert caught.value.code == "env.unhealthy" and "tiny" in caught.value.cause
    assert make(manager, "tiny", user="p").key == older.key
    assert run(manager.rollback("p"))["key"] == own.key
    assert run(manager.use_for_known(older.key[:6], "p"))["before"] == own.key
    with pytest.raises(EnvError):
        run(manager.use_for_known(older.key, "never started"))


def test_an_update_that_does_not_work_changes_nothing(
    index: LocalIndex, manager: EnvManager
) -> None:
    index.add("tiny", "1.0")
    old = make(manager, "tiny", user="p")
    index.add("tiny", "2.0", code="raise RuntimeError('needs a newer card')\n")
    with pytest.raises(EnvError) as caught:
        run(manager.store.update(EnvSpec(packages=("tiny",)), user="p"))
    assert caught.value.code == "env.unhealthy"
    assert "needs a newer card" in caught.value.cause
    assert make(manager, "tiny", user="p").key == old.key
    with pytest.raises(EnvError):
        run(manager.rollback("p"))


def test_removing_an_environment_keeps_the_way_back(index: LocalIndex, manager: EnvManager) -> None:
    index.add("tiny", "1.0")
    old = make(manager, "tiny", user="p")
    index.add("tiny", "2.0")
    new = run(manager.store.update(EnvSpec(packages=("tiny",)), user="p"))
    run(manager.remove(new.key))
    assert not new.python.exists()
    assert run(manager.rollback("p"))["key"] == old.key
    run(manager.remove(old.key))
    again = make(manager, "tiny", user="p")  # and not what is newest by now
    assert (again.key, again.state) == (old.key, "built")
    assert version(again.python, "tiny") == "1.0"


def test_what_an_update_would_fetch_is_said_and_changes_nothing(
    index: LocalIndex, manager: EnvManager
) -> None:
    index.add("tiny", "1.0")
    spec = EnvSpec(packages=("tiny",))
    old = make(manager, "tiny", user="p")
    index.add("tiny", "2.0")
    now = run(manager.preview(spec, user="p"))
    later = run(manager.preview(spec, user="p", update=True))
    assert [each["version"] for each in now["packages"]] == ["1.0"]
    assert [(each["version"], each["stored"]) for each in later["packages"]] == [("2.0", False)]
    assert make(manager, "tiny", user="p").key == old.key


def test_an_earlier_environment_that_was_removed_is_made_again(
    index: LocalIndex, manager: EnvManager
) -> None:
    index.add("tiny", "1.0")
    old = make(manager, "tiny", user="p")
    index.add("tiny", "2.0")
    run(manager.store.update(EnvSpec(packages=("tiny",)), user="p"))
    result = run(manager.gc(days=0, previous=True))
    assert result["environments"] == [old.key]
    assert run(manager.rollback("p"))["state"] == "built"
    assert version(old.python, "tiny") == "1.0"


def test_damage_is_found_and_mended_with_what_it_was_linked_to(
    index: LocalIndex, manager: EnvManager
) -> None:
    index.add("tiny", "1.0")
    index.add("other", "1.0")
    made = make(manager, "tiny", "other", user="p")
    assert run(manager.verify("p")).is_whole
    with module(made, "tiny").open("a") as file:  # the stored file is changed as well
        file.write("# changed by hand\n")
    module(made, "other").unlink()
    report = run(manager.verify(made.key))
    assert report.damaged == ["other", "tiny"]
    assert report.facts()["changed"]["tiny"] and report.facts()["missing"]["other"]
    assert not run(manager.repair(made.key)).is_whole
    assert run(manager.verify(made.key)).is_whole
    assert "by hand" not in module(made, "tiny").read_text()
    fresh = make(manager, "tiny")
    assert "by hand" not in module(fresh, "tiny").read_text()


def test_files_that_others_added_are_found_and_gone_after_mending(
    index: LocalIndex, manager: EnvManager
) -> None:
    index.add("tiny", "1.0")
    made = make(manager, "tiny", user="p")
    subprocess.run([made.python, "-c", "import tiny, json"], check=True)  # compiles some
    assert run(manager.store.envs.damage(made.key)) is None
    added = module(made, "tiny").with_name("odd.pth")
    added.write_text("import os\n")
    program = made.python.with_name("odd")
    program.write_text("#!/bin/sh\n")
    report = run(manager.verify("p"))
    assert not report.is_whole and not report.damaged
    assert [Path(path).name for path in report.facts()["added"]] == ["odd", "odd.pth"]
    assert str(run(manager.store.envs.damage(made.key))) == "bin/odd and another file were added"
    run(manager.repair("p"))
    assert run(manager.verify("p")).is_whole and not added.exists() and not program.exists()


def test_a_look_finds_what_was_changed_in_place(index: LocalIndex, manager: EnvManager) -> None:
    index.add("tiny", "1.0")
    made = make(manager, "tiny")
    os.utime(module(made, "tiny"), (1, 1))  # another time alone is no damage
    assert run(manager.store.envs.damage(made.key)) is None
    module(made, "tiny").write_text("version = '2.0'\n")
    assert str(run(manager.store.envs.damage(made.key))) == "files of tiny are damaged"
    (made.python.parent / "activate").unlink(missing_ok=True)  # it has no checksum
    report = run(manager.verify(made.key))
    assert report.missing == {"environment": ["bin/activate"]}


@pytest.mark.parametrize("content", [b"tiny.py,sha256=!!!!,1\n\xff\xfe", b"x,sha256=a\n", b""])
def test_a_damaged_record_is_damage_of_its_package(
    index: LocalIndex, manager: EnvManager, content: bytes
) -> None:
    index.add("tiny", "1.0")
    made = make(manager, "tiny")
    next(made.python.parents[1].glob("lib/*/site-packages/tiny-*/RECORD")).write_bytes(content)
    assert not run(manager.verify(made.key)).is_whole
    run(manager.repair(made.key))
    assert run(manager.verify(made.key)).is_whole


def test_a_damaged_record_of_conda_is_damage_of_its_package(home: Path, channel: str) -> None:
    manager = EnvManager(EnvStore(home, [channel]))
    made = run(manager.store.ensure(manager.store.parse(None, "conda: measure-tool")))
    record = next(made.python.parents[1].glob("conda-meta/measure-tool-*.json"))
    for text in (
        "{",
        "[]",
        '{"paths_data": {"paths": [{"sha256": "zz", "path_type": "hardlink"}]}}',
    ):
        record.write_text(text)
        assert run(manager.verify(made.key)).damaged[-1] == "measure-tool"
    run(manager.repair(made.key))
    assert run(manager.verify(made.key)).is_whole


def test_a_wheel_of_this_computer(index: LocalIndex, manager: EnvManager, tmp_path: Path) -> None:
    index.add("tiny", "1.0")
    [(name, (data, _))] = index.files["tiny"].items()
    folder = tmp_path / "my wheels"
    folder.mkdir()
    (folder / name).write_bytes(data)
    spec = manager.store.parse(None, [f"tiny @ {(folder / name).as_uri()}"])
    made = run(manager.store.ensure(spec))
    assert version(made.python, "tiny") == "1.0"


def test_damage_of_conda_packages_is_found_and_mended(home: Path, channel: str) -> None:
    manager = EnvManager(EnvStore(home, [channel]))
    spec = manager.store.parse(None, "conda: measure-tool")
    made = run(manager.store.ensure(spec))
    assert run(manager.verify(made.key)).is_whole
    scale = made.python.parents[1] / "share/measure/scale.txt"
    scale.write_text("1 um\n")
    assert run(manager.verify(made.key)).damaged == ["measure-tool"]
    run(manager.repair(made.key))
    assert scale.read_text() == "0.65 um\n"


def test_gc_removes_what_nothing_uses_and_says_what_that_frees(
    index: LocalIndex, manager: EnvManager
) -> None:
    index.add("large", "1.0", size=500_000)
    index.add("tiny", "1.0")
    kept, unused = make(manager, "tiny", user="p"), make(manager, "large")
    assert run(manager.gc(days=30))["environments"] == []
    planned = run(manager.gc(days=0, dry_run=True))
    assert planned["environments"] == [unused.key] and unused.python.exists()
    assert 500_000 < planned["freed"] < 700_000
    before = os.statvfs(manager.store.home)
    done = run(manager.gc(days=0))
    assert done == planned and before.f_bsize
    assert not unused.python.exists() and version(kept.python, "tiny") == "1.0"
    assert os.listdir(manager.store.envs.path) == [kept.key]
    assert run(manager.verify("p")).is_whole
    again = make(manager, "large")  # what was stored for it is gone, so it is fetched again
    assert (again.key, again.state) == (unused.key, "built")


def test_what_runs_is_not_removed(index: LocalIndex, manager: EnvManager) -> None:
    index.add("tiny", "1.0")
    made = make(manager, "tiny")
    process = subprocess.Popen([made.python, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        assert run(manager.gc(days=0))["in_use"] == [made.key]
        assert run(manager.list_all())[0]["running"]
        for work in (manager.remove(made.key),):
            with pytest.raises(EnvError) as caught:
                run(work)
            assert caught.value.code == "env.in_use" and made.python.exists()
    finally:
        process.communicate(b"\n")
    assert run(manager.remove(made.key[:8]))["key"] == made.key
    assert os.listdir(manager.store.envs.path) == []


def test_a_lock_gives_the_same_environment_in_another_home(
    index: LocalIndex, manager: EnvManager, channel: str, tmp_path: Path
) -> None:
    index.add("tiny", "1.0")
    manager = EnvManager(EnvStore(manager.store.home, [channel]))
    spec = manager.store.parse(None, ["tiny", "conda: measure-tool"])
    made = run(manager.store.ensure(spec, user="p"))
    index.add("tiny", "2.0")
    paths = write_lock_files(manager.store.envs.facts(made.key), tmp_path / "lock")
    assert {path.name for path in paths} == {
        "environment.json", "pixi.lock", "pylock.toml", "requirements.txt",
    }  # fmt: skip
    assert json.loads((tmp_path / "lock/environment.json").read_text())["key"] == made.key
    other = EnvStore(tmp_path / "other", [])

    async def install() -> str:
        lock = await read_lock_files(tmp_path / "lock", other.tools().conda)
        await other.install(lock, Reporter(None))
        return lock.key

    assert run(install()) == made.key
    assert version(other.envs.path / made.key / "bin" / "python", "tiny") == "1.0"
    here, there = (contents(store.envs.path / made.key) for store in (manager.store, other))
    assert len(here) > 500 and here == there


def contents(environment: Path) -> dict[str, str]:
    """The hash of each file, with the place that it was made for and notes of it left out."""
    found = {}
    for path in sorted(environment.rglob("*")):
        name = str(path.relative_to(environment))
        if name.startswith(("conda-meta/", "READY.json", "FILES.json")):
            continue
        if path.is_symlink():
            found[name] = os.readlink(path)
        elif path.is_file() and "__pycache__" not in name:
            data = path.read_bytes().replace(str(environment.parents[1]).encode(), b"")
            found[name] = hashlib.sha256(data).hexdigest()
    return found


@pytest.mark.parametrize("text", ["", "not toml ["])
def test_a_lock_that_is_none(home: Path, tmp_path: Path, text: str) -> None:
    (tmp_path / "lock").mkdir()
    if text:
        (tmp_path / "lock" / "pylock.toml").write_text(text)
    with pytest.raises(EnvError):
        run(read_lock_files(tmp_path / "lock", EnvStore(home, []).tools().conda))


def test_the_preview_tells_sizes_what_is_stored_and_what_is_pinned(
    index: LocalIndex, manager: EnvManager
) -> None:
    index.add("tiny", "1.0", ("needed",), size=50_000)
    index.add("needed", "3.0")
    index.add("large", "1.0", size=300_000)
    make(manager, "needed")
    spec = EnvSpec(packages=("tiny==1.0", "large>=1"))
    preview = run(manager.preview(spec))
    found = {package["name"]: package for package in preview["packages"]}
    assert found["tiny"]["pinned"] and not found["large"]["pinned"]
    assert found["needed"]["stored"] and found["needed"]["asked"] is None
    assert preview["download"] == found["tiny"]["size"] + found["large"]["size"] > 350_000
    assert preview["disk"] > preview["download"] and preview["free"] > 0
    assert not preview["ready"] and not preview["cached"]
    index.add("large", "2.0")  # what was shown is what is installed
    made = run(manager.store.ensure(spec))
    assert made.key == preview["key"]
    again = run(manager.preview(spec))
    assert (again["ready"], again["download"]) == (True, 0)
