"""Each check finds the trouble that it looks for, and says what to do."""

from __future__ import annotations

import os
import socket
import ssl
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from imjoy.cli import checks
from imjoy.cli.checks import NOTE, OK, PROBLEM
from imjoy.settings import Settings


def test_this_python_and_its_uv_are_well() -> None:
    assert checks.check_python().state == OK and checks.check_uv().state == OK


def test_an_old_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "OLDEST", (9, 9))
    found = checks.check_python()
    assert found.state == PROBLEM and "9.9 or newer" in found.remedy


def test_a_uv_that_does_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "uv"
    broken.write_text("#!/bin/sh\nexit 3\n")
    broken.chmod(0o700)
    monkeypatch.setattr(checks, "find_uv", lambda: broken)
    found = checks.check_uv()
    assert found.state == PROBLEM and "pip install --upgrade uv" in found.remedy


def test_a_folder_that_is_well_or_open_to_others(tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert checks.check_folder(home).state == OK and not home.exists()
    home.mkdir(mode=0o755)
    found = checks.check_folder(home)
    assert found.state == PROBLEM and found.remedy == f"Run `chmod 700 {home}`."
    home.chmod(0o700)
    assert checks.check_folder(home).state == OK and list(home.iterdir()) == []
    (tmp_path / "file").touch()
    assert "not a folder" in checks.check_folder(tmp_path / "file").found


def test_a_folder_that_cannot_be_written_to() -> None:
    found = checks.check_folder(Path("/proc/nowhere"))
    assert found.state == PROBLEM and "--home" in found.remedy


def test_a_disk_without_programs(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "noexec,size=1m", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("mounting needs more rights")
    try:
        disk.chmod(0o700)
        found = checks.check_folder(disk)
        assert found.state == PROBLEM and "noexec" in found.found
        assert checks.check_disk(disk).state == PROBLEM
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_a_token_that_others_can_read(tmp_path: Path) -> None:
    assert checks.check_token(tmp_path).state == OK
    token = tmp_path / "token"
    token.write_text("secret-secret-secret")
    token.chmod(0o644)
    found = checks.check_token(tmp_path)
    assert found.state == PROBLEM and "secret-secret" not in str(found)
    token.chmod(0o600)
    assert checks.check_token(tmp_path).state == OK


def test_a_port_that_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        found = checks.check_port(port)
        assert found.state == PROBLEM and f"process {os.getpid()}" in found.found
    assert checks.check_port(port).state == OK


def test_a_page_that_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = checks.check_page(Settings(home=tmp_path, app_dir=tmp_path / "none"))
    assert found.state == PROBLEM and found.remedy


@pytest.mark.parametrize(
    ("script", "state"),
    [
        ("echo 'NVIDIA A40, 46068 MiB, 550.54'", OK),
        ("echo 'Failed to initialize NVML: Driver/library version mismatch'; exit 18", PROBLEM),
    ],
)
def test_gpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, state: str) -> None:
    tool = tmp_path / "nvidia-smi"
    tool.write_text(f"#!/bin/sh\n{script}\n")
    tool.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    found = checks.check_gpu()
    assert found.state == state and ("A40" in found.found or "mismatch" in found.found)


class Index(BaseHTTPRequestHandler):
    code, secret = 200, ""

    def do_HEAD(self) -> None:
        knows = self.headers.get("Authorization", "") == self.secret or not self.secret
        self.send_response(self.code if knows else 401)
        self.end_headers()

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch):
    server = HTTPServer(("127.0.0.1", 0), Index)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setenv(
        "UV_DEFAULT_INDEX", f"http://user:hush@127.0.0.1:{server.server_port}/simple"
    )
    yield server
    server.shutdown()
    server.server_close()


def test_the_index_answers_or_refuses(index: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_DEFAULT_INDEX", f"http://127.0.0.1:{index.server_port}/simple")
    assert checks.check_network().state == OK
    monkeypatch.setattr(Index, "code", 403)
    found = checks.check_network()
    assert found.state == PROBLEM and "refuses access (403)" in found.found


def test_the_secret_of_an_address_is_used_and_not_shown(
    index: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Index, "secret", "Basic dXNlcjpodXNo")
    found = checks.check_network()
    assert found.state == OK and "hush" not in str(found)
    monkeypatch.setattr(Index, "secret", "Basic another")
    assert checks.check_network().state == PROBLEM


def test_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setenv("UV_DEFAULT_INDEX", f"http://127.0.0.1:{port}/simple")
    found = checks.check_network()
    assert found.state == NOTE and "Installed plugins work without" in found.remedy


def test_a_certificate_that_is_not_trusted(
    index: HTTPServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, certificate = tmp_path / "key", tmp_path / "certificate"
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=127.0.0.1"]
    made = subprocess.run(
        [*make, "-keyout", str(key), "-out", str(certificate)], capture_output=True, check=False
    )
    if made.returncode != 0:
        pytest.skip("there is no openssl")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = HTTPServer(("127.0.0.1", 0), Index)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *args: None  # type: ignore[method-assign]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("UV_DEFAULT_INDEX", f"https://127.0.0.1:{server.server_port}/simple")
    try:
        found = checks.check_network()
        assert found.state == PROBLEM and "SSL_CERT_FILE" in found.remedy
    finally:
        server.shutdown()
        server.server_close()


def test_certificates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "authority.pem"
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    found = checks.check_certificates()
    assert found.state == "problem" and "SSL_CERT_FILE" in found.remedy
    file.write_text("")
    assert checks.check_certificates().state == "ok"
    for name in ("SSL_CERT_FILE", "PIP_CERT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(checks, "machine_has_certificates", lambda: False)
    assert checks.check_certificates().state == "note"
