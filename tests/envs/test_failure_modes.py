"""What can go wrong in the world: each ends in a message with a remedy, and leaves nothing half done."""

from __future__ import annotations

import asyncio
import os
import shutil
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from imjoy.envs import build as build_module
from imjoy.envs import conda as conda_module
from imjoy.envs.manager import EnvManager
from imjoy.envs.spec import EnvSpec
from imjoy.envs.store import Environment, EnvStore
from imjoy.errors import EnvError

from .conftest import LocalIndex

IS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0


def ensure(home: Path, *requirements: str, channel: str | None = None) -> Environment:
    store = EnvStore(home, [channel] if channel else [])
    return asyncio.run(store.ensure(store.parse(None, list(requirements))))


def failure(home: Path, *requirements: str, channel: str | None = None) -> EnvError:
    """The error, after which no environment is there and nothing half done."""
    with pytest.raises(EnvError) as caught:
        ensure(home, *requirements, channel=channel)
    assert caught.value.step and caught.value.remedy
    if (home / "envs").is_dir():
        assert os.listdir(home / "envs") == []
    return caught.value


def works(made: Environment, module: str) -> bool:
    command = [str(made.python), "-c", f"import {module}"]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 4 MB."""
    yield from mounted(tmp_path, "size=4m")


@pytest.fixture
def disk_without_programs(tmp_path: Path) -> Iterator[Path]:
    yield from mounted(tmp_path, "size=64m,noexec")


def mounted(tmp_path: Path, options: str) -> Iterator[Path]:
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)]
    if not IS_ROOT or subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("file systems cannot be mounted here")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_disk_that_is_full_before_anything_is_fetched(
    index: LocalIndex, small_disk: Path
) -> None:
    index.add("large", "1.0", size=2_000_000)
    found = failure(small_disk / "home", "large")
    assert found.code == "env.disk"
    assert "need about 6 MiB" in found.cause and "are free" in found.cause
    assert not any(path.endswith(".whl") for path in index.requests)


@pytest.mark.parametrize("kind", ["pip", "conda"])
def test_a_disk_that_fills_up_meanwhile(
    index: LocalIndex,
    channel: str,
    small_disk: Path,
    kind: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    index.add("large", "1.0", size=5_000_000)
    monkeypatch.setattr(build_module, "UNPACKED", 0)  # somebody else fills it after the look
    wanted = {"pip": "large", "conda": "conda: measure-tool"}[kind]
    found = failure(small_disk / "home", wanted, channel=channel)
    assert found.code == "env.disk" and "no space left" in found.cause
    subprocess.run(["mount", "-o", "remount,size=200m", str(small_disk)], check=True)
    made = ensure(small_disk / "home", wanted, channel=channel)
    assert made.state == "built"
    assert asyncio.run(EnvManager(EnvStore(small_disk / "home")).verify(made.key)).is_whole


def test_a_disk_from_which_programs_cannot_be_run(
    index: LocalIndex, disk_without_programs: Path
) -> None:
    index.add("tiny", "1.0")
    found = failure(disk_without_programs / "home", "tiny")
    assert found.code == "env.folder" and "noexec" in found.cause and "--home" in found.remedy


def test_a_folder_that_cannot_be_written_to(index: LocalIndex, tmp_path: Path) -> None:
    index.add("tiny", "1.0")
    (tmp_path / "file").write_text("")
    found = failure(tmp_path / "file" / "home", "tiny")
    assert found.code == "env.folder" and "--home" in found.remedy


@pytest.mark.parametrize(
    ("kind", "name"), [("pip", "My files; $(touch bad) 'ä'"), ("conda", "My files ä")]
)
def test_a_folder_with_spaces_and_signs(
    index: LocalIndex, channel: str, tmp_path: Path, kind: str, name: str
) -> None:
    index.add("tiny", "1.0")
    home = tmp_path / name
    wanted = ["tiny"] if kind == "pip" else ["tiny", "conda: measure-tool"]
    made = ensure(home, *wanted, channel=channel)
    assert works(made, "tiny")
    if kind == "conda":
        out = subprocess.check_output([made.python.parent / "measure-tool"], text=True)
        assert out == f"measured by {made.python.parents[1]}/share/measure\n"
    assert not list(tmp_path.rglob("bad")) and not Path("bad").exists()


def test_a_path_that_is_too_long_for_conda(channel: str, tmp_path: Path) -> None:
    found = failure(tmp_path / ("x" * 120) / ("y" * 120), "conda: measure-tool", channel=channel)
    assert found.code == "env.folder"
    assert "255" in found.cause and "shorter" in found.remedy


def test_a_network_that_goes_away_in_the_middle(index: LocalIndex, home: Path) -> None:
    index.add("large", "1.0", size=3_000_000)
    index.add("tiny", "1.0")
    ensure(home, "tiny")
    shutil.rmtree(home / "envs")
    index.rate = 1_000_000

    async def main() -> EnvError:
        fetching = asyncio.Event()

        def heard(progress: dict[str, Any]) -> None:
            if progress["unit"] == "bytes" and progress["done"] > 0:
                fetching.set()

        spec = EnvSpec(packages=("large", "tiny"))
        task = asyncio.create_task(EnvStore(home).ensure(spec, heard))
        await asyncio.wait_for(fetching.wait(), 20)
        index.unplug()
        with pytest.raises(EnvError) as caught:
            await task
        return caught.value

    found = asyncio.run(main())
    assert found.code == "env.network"
    assert "Not stored yet: large." in found.cause and "network connection" in found.remedy
    assert os.listdir(home / "envs") == []


def test_without_a_network_what_is_missing_is_named(index: LocalIndex, home: Path) -> None:
    index.add("tiny", "1.0")
    ensure(home, "tiny")
    shutil.rmtree(home / "envs")
    index.unplug()
    found = failure(home, "tiny", "other")
    assert found.code == "env.network" and "Not stored yet: other." in found.cause


def test_a_certificate_that_is_not_trusted(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("there is no openssl here")
    authority, certificate = tmp_path / "authority.pem", tmp_path / "certificate.pem"
    key = tmp_path / "key.pem"
    request = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    signed = ["-CA", str(authority), "-CAkey", str(key), "-addext", "basicConstraints=CA:FALSE",
              "-addext", "subjectAltName=DNS:localhost"]  # fmt: skip
    for command in (
        [*request, "-subj", "/CN=Institute", "-keyout", str(key), "-out", str(authority)],
        [*request, "-subj", "/CN=localhost", "-out", str(certificate), *signed]
        + ["-keyout", str(tmp_path / "key of localhost.pem")],
    ):
        subprocess.run(command, check=True, capture_output=True)
    key = tmp_path / "key of localhost.pem"
    index = LocalIndex()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    index.server.socket = context.wrap_socket(index.server.socket, server_side=True)
    index.add("tiny", "1.0")
    for name in [name for name in os.environ if name.startswith(("UV_", "PIP_", "SSL_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("UV_DEFAULT_INDEX", f"https://localhost:{index.server.server_port}/simple")
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    monkeypatch.setenv("NO_PROXY", "localhost")
    try:
        found = failure(home, "tiny")
        assert found.code == "env.network"
        assert "certificate" in found.cause and "SSL_CERT_FILE" in found.remedy
        monkeypatch.setenv("SSL_CERT_FILE", str(authority))
        assert works(ensure(home, "tiny"), "tiny")
    finally:
        index.close()


def test_a_proxy_that_does_not_let_through(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
    from threading import Thread

    class Proxy(BaseHTTPRequestHandler):
        def do_CONNECT(self) -> None:
            self.send_error(407)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    for name in [name for name in os.environ if name.startswith(("UV_", "PIP_"))]:
        monkeypatch.delenv(name)
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{server.server_port}")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://packages.example/simple")
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    try:
        found = failure(home, "tiny")
        assert found.code == "env.network"
        assert "proxy" in found.cause and "HTTPS_PROXY" in found.remedy
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("times", [1, 9])
def test_a_file_that_is_not_the_chosen_one_is_fetched_once_more(
    index: LocalIndex, home: Path, times: int
) -> None:
    index.add("tiny", "1.0", size=100_000)
    index.corrupt = times
    if times == 1:
        assert works(ensure(home, "tiny"), "tiny")
    else:
        found = failure(home, "tiny")
        assert found.code == "env.checksum" and "tiny" in found.cause
        index.corrupt = 0
        assert works(ensure(home, "tiny"), "tiny")


@pytest.mark.parametrize("kind", ["pip", "conda"])
def test_an_installer_that_crashes_is_told_with_its_signal(
    index: LocalIndex,
    channel: str,
    home: Path,
    tmp_path: Path,
    kind: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    index.add("tiny", "1.0")
    dies = "import os, signal, sys\nsys.stderr.write('about to crash\\n')\nsys.stderr.flush()\n"
    dies += "os.kill(os.getpid(), signal.SIGSEGV)\n"
    program = tmp_path / "dies.py"
    program.write_text(f"#!{sys.executable}\n{dies}")
    program.chmod(0o755)
    if kind == "conda":
        monkeypatch.setattr(conda_module, "JOB", program)
        found = failure(home, "conda: measure-tool", channel=channel)
    else:
        monkeypatch.setattr("imjoy.envs.resolve.find_uv", lambda: program)
        found = failure(home, "tiny")
    assert "SIGSEGV" in found.cause and kind in found.cause
    assert "about to crash" in (found.data or {})["detail"]


def test_a_package_that_does_not_exist_is_guessed(index: LocalIndex, home: Path) -> None:
    index.add("tiny", "1.0")
    found = failure(home, "skimage")
    assert found.code == "env.not_found"
    assert '"skimage"' in found.cause and '"scikit-image"' in found.remedy


def test_a_missing_card_is_told_with_what_the_machine_has(home: Path, channel: str) -> None:
    found = failure(home, "conda: demo-gpu", channel=channel)
    assert found.code == "env.machine"
    assert "__cuda" in found.cause and "It offers" in found.cause and "__glibc" in found.cause


def test_who_waits_for_another_builder_sees_how_far_it_is(index: LocalIndex, home: Path) -> None:
    index.add("large", "1.0", size=3_000_000)
    index.rate = 1_500_000
    told: list[dict[str, Any]] = []

    async def main() -> None:
        first = asyncio.create_task(EnvStore(home).ensure(EnvSpec(packages=("large",))))
        await asyncio.sleep(0.3)
        second = EnvStore(home).ensure(EnvSpec(packages=("large",)), told.append)
        states = sorted(made.state for made in await asyncio.gather(first, second))
        assert states == ["built", "reused"]

    asyncio.run(main())
    shown = [one for one in told if one["unit"] == "bytes" and "by another start" in one["message"]]
    assert len({one["done"] for one in shown}) > 2
    assert not list((home / "locks").glob("*.progress"))
