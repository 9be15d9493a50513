"""The command line as a user runs it: real processes, real ports, real signals."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import re
import select
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

import imjoy

TIMEOUT = 30
SOURCES = str(Path(imjoy.__file__).parents[1])


class Run:
    """One `python -m imjoy` and what it prints."""

    def __init__(self, folder: Path, *arguments: str, **environment: str) -> None:
        self.home = folder / "home"
        command = [sys.executable, "-m", "imjoy", "--port=0", f"--home={self.home}", *arguments]
        self.process = subprocess.Popen(
            command,
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            env=os.environ | {"PYTHONPATH": SOURCES} | environment,
        )
        self.text = ""

    def read_until(self, pattern: str) -> re.Match[str]:
        """Wait until the output has `pattern`."""
        assert self.process.stdout is not None
        end = time.monotonic() + TIMEOUT
        while (found := re.search(pattern, self.text)) is None:
            ready, _, _ = select.select([self.process.stdout], [], [], end - time.monotonic())
            data = os.read(self.process.stdout.fileno(), 65536) if ready else b""
            assert data, f"no {pattern!r} in: {self.text}"
            self.text += data.decode()
        return found

    def wait(self) -> int:
        """The exit code; reads the rest of the output."""
        output, _ = self.process.communicate(timeout=TIMEOUT)
        self.text += output.decode()
        return self.process.returncode


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@contextlib.contextmanager
def running(folder: Path, *arguments: str, **environment: str) -> Iterator[tuple[Run, int]]:
    run = Run(folder, *arguments, **environment)
    try:
        port = int(run.read_until(r"(?m)^http://127\.0\.0\.1:(\d+)/#code=\S+$").group(1))
        yield run, port
    finally:
        run.process.kill()
        run.process.communicate()


def post(port: int, path: str, content: dict[str, str], session: str = "") -> dict[str, str]:
    sent = {"Content-Type": "application/json", "Authorization": f"Bearer {session}"}
    data = json.dumps(content).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data, sent)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return dict(json.loads(answer.read()))


def fails(folder: Path, *arguments: str, **environment: str) -> str:
    """What is printed by a start that fails, without a traceback and with exit code 2."""
    run = Run(folder, *arguments, **environment)
    assert run.wait() == 2, run.text
    assert "Traceback" not in run.text and "Error: " in run.text
    return run.text


def test_the_printed_address_logs_in_once(folder: Path) -> None:
    with running(folder) as (run, port):
        code = run.read_until(r"#code=(\S+)").group(1)
        assert post(port, "/api/login", {"code": code})["session"]
        with pytest.raises(urllib.error.HTTPError) as refused:
            post(port, "/api/login", {"code": code})
        assert refused.value.code == 401
        refused.value.close()
        assert (run.home / "token").stat().st_mode & 0o777 == 0o600
        assert run.home.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_it_cleanly_though_a_request_is_half_sent(folder: Path, number: int) -> None:
    with running(folder) as (run, port):
        children = psutil.Process(run.process.pid).children(recursive=True)
        with socket.create_connection(("127.0.0.1", port)) as half:
            half.sendall(b"GET / HTTP/1.1\r\n")
            run.process.send_signal(number)
            assert run.wait() == 0
        assert "Traceback" not in run.text and "rror" not in run.text
        assert not any(child.is_running() for child in children)
        assert not (run.home / "engine.json").exists()


def test_a_port_in_use_is_named_with_a_remedy(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        text = fails(folder, f"--port={port}")
        assert f"Port {port} is in use" in text and "--port" in text
        assert f"process {os.getpid()}" in text


def test_a_second_engine_is_told_about_the_first(folder: Path) -> None:
    with running(folder) as (run, port):
        text = fails(folder, f"--port={port}")
        assert "an ImJoy engine runs there already" in text and "imjoy link" in text
        link = Run(folder, "link")
        assert link.wait() == 0
        code = re.fullmatch(rf"http://127.0.0.1:{port}/#code=(\S+)\n", link.text)
        assert code is not None, link.text
        assert post(port, "/api/login", {"code": code.group(1)})["session"]


def test_a_link_without_an_engine_is_a_plain_error(folder: Path) -> None:
    assert "No engine runs" in fails(folder, "link")


def test_the_token_command_prints_what_opens_the_engine(folder: Path) -> None:
    shown = Run(folder, "token")
    assert shown.wait() == 0
    with running(folder) as (_, port):
        assert post(port, "/api/login", {"token": shown.text.strip()})["session"]


def test_a_chosen_token_opens_it_and_is_never_printed(folder: Path) -> None:
    secret = "my-canary-token"
    with running(folder, f"--token={secret}", "--debug") as (run, port):
        session = post(port, "/api/login", {"token": secret})["session"]
        assert "--token-file" in run.text
        run.process.send_signal(signal.SIGTERM)
        assert run.wait() == 0
        assert secret not in run.text and session not in run.text
    files = [path for path in run.home.rglob("*") if path.is_file()]
    assert all(secret.encode() not in path.read_bytes() for path in files)


@pytest.mark.parametrize("arguments", [["--host=300.1.1.1"], ["--host=192.0.2.1"],
                                       ["--host=no.such.host.invalid"]])  # fmt: skip
def test_an_address_that_is_not_ours_is_a_plain_error(folder: Path, arguments: list[str]) -> None:
    assert "not an address of this machine" in fails(folder, *arguments)


def test_a_home_that_cannot_be_written_is_a_plain_error(folder: Path) -> None:
    (folder / "file").write_text("in the way")
    text = fails(folder, f"--home={folder / 'file' / 'home'}")
    assert str(folder / "file") in text and "--home" in text


def test_version_and_help() -> None:
    for flag, word in (("--version", "imjoy 1."), ("-v", "imjoy 1."), ("--help", "--serve")):
        done = subprocess.run(
            [sys.executable, "-m", "imjoy", flag],
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            env=os.environ | {"PYTHONPATH": SOURCES},
        )
        assert done.returncode == 0 and word in done.stdout


def test_on_the_network_it_says_what_is_safe(folder: Path) -> None:
    with running(folder, "--host=0.0.0.0") as (run, port):
        run.read_until("ssh -N -L")
        assert "plain http" in run.text and str(run.home / "token") in run.text


def make_app(folder: Path) -> Path:
    """An app where the package or the checkout would have it is not needed for these tests."""
    app = folder / "__ImJoy__"
    app.mkdir()
    (app / "index.html").write_text("<!--imjoy-engine--> a small app")
    import hashlib

    data = (app / "index.html").read_bytes()
    entry = {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
    (app / "imjoy-files.json").write_text(json.dumps({"index.html": entry}))
    return app


def get(port: int, path: str) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
        return str(answer.read().decode())


def test_a_copy_in_the_current_folder_is_served(folder: Path) -> None:
    app = make_app(folder)
    with running(folder) as (run, port):
        assert "a small app" in get(port, "/") and 'content="1.' in get(port, "/")
        assert str(app) in run.text


def test_a_damaged_copy_is_named(folder: Path) -> None:
    (make_app(folder) / "index.html").write_text("changed by somebody")
    with running(folder) as (run, port):
        assert "index.html is damaged" in run.text and "--serve" in run.text
        try:
            assert "changed by somebody" not in get(port, "/")
        except urllib.error.HTTPError as error:  # no app is built here: a page says so
            error.close()


def test_serve_writes_a_copy_or_says_that_no_app_is_built(folder: Path) -> None:
    from imjoy.server.app_files import check_copy, packaged_app

    if packaged_app() is None:
        assert "make serve" in fails(folder, "--serve")
        return
    with running(folder, "--serve") as (run, port):
        assert re.search(r"Copying the web app: (\d+) of \1 files", run.text)
        check_copy(folder / "__ImJoy__")
        assert "imjoy-engine" in get(port, "/")


def test_enter_prints_a_fresh_address(folder: Path) -> None:
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "imjoy", "--port=0", f"--home={folder / 'home'}"],
        stdin=slave, stdout=slave, stderr=slave, cwd=folder, start_new_session=True,
        env=os.environ | {"PYTHONPATH": SOURCES},
        preexec_fn=lambda: __import__("fcntl").ioctl(0, __import__("termios").TIOCSCTTY, 0),
    )  # fmt: skip
    os.close(slave)
    text = ""

    def read_addresses(count: int) -> list[str]:
        nonlocal text
        end = time.monotonic() + TIMEOUT
        while len(found := re.findall(r"http://\S+#code=\S+", text)) < count:
            assert time.monotonic() < end, text
            if select.select([master], [], [], 1)[0]:
                text += os.read(master, 65536).decode()
        return found

    try:
        read_addresses(1)
        assert "Press Enter" in text or select.select([master], [], [], 5)[0]
        os.write(master, b"\n")
        first, second = read_addresses(2)
        assert first != second
        process.send_signal(signal.SIGTERM)
        assert process.wait(TIMEOUT) == 0
    finally:
        process.kill()
        process.wait()
        os.close(master)
