"""The child process for conda packages, run as the engine runs it."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from conda_channel import Package, index, tool

from imjoy.envs.conda import JOB, RUN_JOB
from imjoy.envs.conda_failures import conda_failure
from imjoy.errors import EnvError


def do(job: dict[str, object]) -> tuple[int, list[list[object]]]:
    command = [sys.executable, "-c", RUN_JOB, str(JOB)]
    done = subprocess.run(command, input=json.dumps(job), capture_output=True, text=True)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def test_it_tells_what_the_machine_offers() -> None:
    code, events = do({"do": "machine"})
    assert code == 0 and events[-1][0] == "machine"
    assert any(name in ("__glibc", "__osx") for name, _ in events[-1][1])  # type: ignore[attr-defined]


def test_a_failure_is_an_event() -> None:
    code, [[kind, name, _]] = do({"do": "read", "lock": "not a lock"})
    assert (code, kind) == (1, "failed") and name


class AlwaysAsked(SimpleHTTPRequestHandler):
    """Gives files that must be asked for again each time, and 304 for those that did not change."""

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "max-age=0")
        super().end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def own_channel(tmp_path: Path) -> Path:
    folder = tmp_path / "channel"
    (folder / "noarch").mkdir(parents=True)
    tool().write(folder)
    index(folder)
    return folder


@pytest.fixture
def address(own_channel: Path) -> Iterator[str]:
    handler = partial(AlwaysAsked, directory=str(own_channel))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def solve(channel: str, folder: Path) -> list[Any]:
    repodata = str(folder / "repodata")
    job = {"do": "solve", "specs": ["measure-tool"], "channels": [channel], "offline": False}
    return do({**job, "repodata": repodata})[1][-1]


def failure(lock: str, folder: Path) -> EnvError:
    places = {name: str(folder / name) for name in ("folder", "final", "packages")}
    code, events = do({"do": "install", "lock": lock, **places})
    assert (code, events[-1][0]) == (1, "failed")
    return conda_failure("Installing", str(events[-1][1]), str(events[-1][2]), ())


def test_an_index_that_did_not_change_is_fetched_anew(address: str, tmp_path: Path) -> None:
    first = solve(address, tmp_path)
    assert first[0] == "solved" and list((tmp_path / "repodata").glob("*.shards-cache-v1"))
    assert solve(address, tmp_path) == first


@pytest.mark.parametrize("is_local", [True, False])
def test_a_package_that_is_not_the_chosen_one_is_refused(
    is_local: bool, own_channel: Path, address: str, tmp_path: Path
) -> None:
    lock = solve(own_channel.as_uri() if is_local else address, tmp_path)[2]
    Package("measure-tool", "2.1", {"share/other.txt": b"other"}).write(own_channel)
    found = failure(lock, tmp_path)
    assert found.code == "env.checksum" and "measure-tool-2.1" in str(found)
    assert not (tmp_path / "folder" / "share" / "other.txt").exists()


@pytest.mark.parametrize("is_local", [True, False])
def test_a_package_that_is_gone_from_its_channel_is_named(
    is_local: bool, own_channel: Path, address: str, tmp_path: Path
) -> None:
    lock = solve(own_channel.as_uri() if is_local else address, tmp_path)[2]
    next(own_channel.rglob("measure-tool*.conda")).unlink()
    found = failure(lock, tmp_path)
    assert found.code == "env.not_found" and "measure-tool-2.1" in str(found)
