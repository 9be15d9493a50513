"""The making of one environment."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from imjoy.envs.build import build
from imjoy.envs.interpreters import find_interpreter
from imjoy.envs.layout import Place
from imjoy.envs.lock import EnvLock
from imjoy.envs.progress import Reporter
from imjoy.envs.resolve import Tools, resolve
from imjoy.envs.spec import EnvSpec
from imjoy.envs.store import EnvStore
from imjoy.errors import EnvError

from .conftest import LocalIndex


def make(home: Path, name: str, *packages: str) -> tuple[EnvLock, list[dict[str, Any]]]:
    (home / "envs").mkdir(parents=True, exist_ok=True)
    events: list[dict[str, Any]] = []

    async def main() -> EnvLock:
        tools = Tools.find(home)
        lock = await resolve(EnvSpec(packages=packages), find_interpreter(None), tools)
        reporter = Reporter(events.append)
        await build(lock, tools, Place(home / name, home / name), reporter)
        reporter.close()
        return lock

    return asyncio.run(main()), events


def build_again(home: Path, name: str, lock: EnvLock) -> None:
    place = Place(home / name, home / name)

    async def main() -> None:
        await build(lock, Tools.find(home), place, Reporter(None))

    asyncio.run(main())


def test_bytes_are_counted_truly(index: LocalIndex, home: Path) -> None:
    index.add("large", "1.0", ("medium",), size=3_000_000)
    index.add("medium", "1.0", size=1_500_000)
    index.rate = 3_000_000
    lock, events = make(home, "one", "large")
    total = sum(package.size for package in lock.packages)
    assert total > 4_500_000
    steps = [event for event in events if event["step"] == "download"]
    assert {event["total"] for event in steps} == {total}
    done = [event["done"] for event in steps]
    assert done == sorted(done)
    assert done[-1] == total
    assert len({value for value in done if 0 < value < total}) >= 4
    assert [event["done"] for event in events if event["unit"] == "packages"][-1] == 2


def test_stored_packages_are_not_counted(index: LocalIndex, home: Path) -> None:
    index.add("large", "1.0", size=200_000)
    index.add("small", "1.0", size=50_000)
    make(home, "one", "large")
    lock, events = make(home, "two", "large", "small")
    small = next(package.size for package in lock.packages if package.name == "small")
    totals = {event["total"] for event in events if event["step"] == "download"}
    assert totals == {small}


def test_the_environment_can_be_renamed_and_is_isolated(index: LocalIndex, home: Path) -> None:
    index.add("tiny", "1.0")
    make(home, "one", "tiny")
    (home / "one").rename(home / "moved")
    code = "import tiny, sys; print(tiny.version, sys.prefix, *sys.path)"
    python = str(home / "moved/bin/python")
    out = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout
    version, prefix, *path = out.split()
    assert (version, prefix) == ("1.0", str(home / "moved"))
    assert [p for p in path if "site-packages" in p] == [
        str(next((home / "moved/lib").glob("*/site-packages")))
    ]
    assert (home / "moved/READY.json").exists()
    assert "sha256" in (home / "moved/pylock.toml").read_text()


def test_the_index_is_asked_once_and_each_file_is_fetched_once(
    index: LocalIndex, home: Path
) -> None:
    index.add("large", "1.0", ("medium",), size=200_000)
    index.add("medium", "1.0", size=50_000)
    lock, _ = make(home, "one", "large")
    pages = [path for path in index.requests if path.startswith("/simple/")]
    assert sorted(pages) == ["/simple/large/", "/simple/medium/"]
    index.requests.clear()
    build_again(home, "two", lock)
    assert index.requests == []
    index.add("small", "1.0")
    make(home, "three", "large", "small")
    files = [path for path in index.requests if path.endswith(".whl")]
    assert {path.split("/")[2] for path in files} == {"small"}


def test_a_file_that_has_moved_is_found_by_the_index(index: LocalIndex, home: Path) -> None:
    index.add("tiny", "1.0")
    lock, _ = make(home, "one", "tiny")
    shutil.rmtree(home / "cache")
    index.moved = "/elsewhere"
    build_again(home, "two", lock)
    assert any(path.startswith("/elsewhere/") for path in index.requests)
    code = [str(home / "two/bin/python"), "-c", "import tiny"]
    assert subprocess.run(code, check=False).returncode == 0


def test_source_packages_are_built_or_explained(index: LocalIndex, home: Path) -> None:
    index.add_file("broken", "broken-1.0.tar.gz", _source("raise SystemExit('no compiler here')"))
    with pytest.raises(EnvError) as caught:
        make(home, "one", "broken")
    assert caught.value.code == "env.build_failed"
    assert "broken" in caught.value.cause
    assert caught.value.data is not None
    assert "no compiler here" in caught.value.data["detail"]
    assert len(caught.value.data["detail"].splitlines()) <= 20


@pytest.fixture
def repository(index: LocalIndex, tmp_path: Path) -> Path:
    index.add_file("unused", "unused-1.0.tar.gz", b"")
    folder = tmp_path / "repository"
    _unpack(_source(BACKEND), folder)
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-C", str(folder)]
    for command in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "x"]):
        subprocess.run([*git, *command], check=True)
    return folder


def test_packages_of_git(home: Path, repository: Path) -> None:
    lock, _ = make(home, "one", f"broken @ git+file://{repository}")
    code = [str(home / "one/bin/python"), "-c", "import broken"]
    assert subprocess.run(code, check=False).returncode == 0
    assert len(lock.packages[0].identity[0]) == 40


def test_packages_come_from_copies_of_their_repositories(home: Path, repository: Path) -> None:
    url = "https://no.such.host.invalid/group/broken.git"
    store = EnvStore(home, [], {url: repository}.get)
    made = asyncio.run(store.ensure(EnvSpec(packages=(f"broken @ git+{url}",))))
    assert subprocess.run([made.python, "-c", "import broken"], check=False).returncode == 0
    assert url in store.envs.facts(made.key)["lock"]["pylock"]  # so that it holds elsewhere too


class _Usage(NamedTuple):
    free: int


def test_a_full_disk_is_told_before_anything_is_fetched(
    index: LocalIndex, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.add("large", "1.0", size=3_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: _Usage(5_000_000))
    with pytest.raises(EnvError) as caught:
        make(home, "one", "large")
    assert caught.value.code == "env.disk"
    assert "10 MiB" in caught.value.cause
    assert not any("/files/" in path and path.endswith(".whl") for path in index.requests[2:])


BACKEND = """
import zipfile
def build_wheel(folder, config_settings=None, metadata_directory=None):
    name = "broken-1.0-py3-none-any.whl"
    with zipfile.ZipFile(folder + "/" + name, "w") as z:
        z.writestr("broken.py", "")
        info = "broken-1.0.dist-info/"
        z.writestr(info + "METADATA", "Metadata-Version: 2.1\\nName: broken\\nVersion: 1.0\\n")
        z.writestr(info + "WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        z.writestr(info + "RECORD", "")
    return name
"""


def _source(backend: str) -> bytes:
    """A source package whose build backend is this code."""
    import io
    import tarfile

    files = {
        "backend.py": backend,
        "pyproject.toml": "[build-system]\nrequires = []\nbuild-backend = 'backend'\n"
        "backend-path = ['.']\n[project]\nname = 'broken'\nversion = '1.0'\n",
        "PKG-INFO": "Metadata-Version: 2.2\nName: broken\nVersion: 1.0\n",
    }
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, text in files.items():
            info = tarfile.TarInfo(f"broken-1.0/{name}")
            info.size = len(text.encode())
            archive.addfile(info, io.BytesIO(text.encode()))
    return buffer.getvalue()


def _unpack(content: bytes, folder: Path) -> None:
    import io
    import tarfile

    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        archive.extractall(folder.parent, filter="data")
    (folder.parent / "broken-1.0").rename(folder)
