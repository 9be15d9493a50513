"""Files through a real server: only to whoever knows the address, in ranges, whole or not at all."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from server_harness import TOKEN, QuietHost, RunningServer

from imjoy.files import FileStore, Roots
from imjoy.server import connections
from imjoy.server.app import Application
from imjoy.server.file_routes import read_range
from imjoy.settings import Settings

FRAME = {"Origin": "null", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"}


class FileServer(RunningServer):
    """A server that knows a store of files."""

    store: FileStore

    def application(self, host: object) -> Application:
        return Application(host, self.settings, TOKEN, self.app_dir, "9.9.9", files=self.store)  # type: ignore[arg-type]

    def address(self, path: str) -> str:
        return "/" + self.store.read_address(path, "page")

    def upload(self, path: str, overwrite: bool = False) -> str:
        return "/" + self.store.write_address(path, "page", overwrite)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, app_dir: Path) -> Iterator[FileServer]:
    folder = tmp_path_factory.mktemp("open")
    (folder / "a file.txt").write_bytes(b"0123456789")
    (folder / "page.html").write_text("<script>alert(1)</script>")
    (folder / "zarr" / "0").mkdir(parents=True)
    (folder / "zarr" / "0" / "0.0").write_bytes(b"chunk")
    home = tmp_path_factory.mktemp("home")
    started = FileServer(QuietHost, Settings(home=home), app_dir)
    started.store = FileStore(Roots([("Open", folder)]))
    with started as running:
        yield running


def folder_of(server: FileServer) -> Path:
    return server.store.roots.places[0][1]


def test_an_address_reads_its_file(server: FileServer) -> None:
    answer = server.ask(server.address("a file.txt"), FRAME)
    assert answer.status == 200 and answer.body == b"0123456789"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["content-disposition"].endswith("a%20file.txt")
    again = {**FRAME, "If-None-Match": answer.headers["etag"]}
    assert server.ask(server.address("a file.txt"), again).status == 304
    head = server.ask(server.address("a file.txt"), FRAME, method="HEAD")
    assert head.status == 200 and head.body == b"" and head.headers["content-length"] == "10"


def test_a_page_that_is_a_file_has_no_power(server: FileServer) -> None:
    answer = server.ask(server.address("page.html"))
    assert b"sandbox" in server.raw(
        f"GET {server.address('page.html')} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
        "Connection: close\r\n\r\n".encode()
    )
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("wanted", "status", "body", "shown"),
    [
        ("bytes=0-0", 206, b"0", "bytes 0-0/10"),
        ("bytes=2-4", 206, b"234", "bytes 2-4/10"),
        ("bytes=7-", 206, b"789", "bytes 7-9/10"),
        ("bytes=-2", 206, b"89", "bytes 8-9/10"),
        ("bytes=0-99", 206, b"0123456789", "bytes 0-9/10"),
        ("bytes=10-", 416, b"", "bytes */10"),
        ("bytes=5-2", 416, b"", "bytes */10"),
        ("bytes=-0", 416, b"", "bytes */10"),
        ("bytes=0-1,3-4", 200, b"0123456789", None),
        ("lines=1-2", 200, b"0123456789", None),
    ],
)
def test_ranges(server: FileServer, wanted: str, status: int, body: bytes, shown: object) -> None:
    answer = server.ask(server.address("a file.txt"), {**FRAME, "Range": wanted})
    assert (answer.status, answer.body) == (status, body), answer
    assert answer.headers.get("content-range") == shown


def test_a_range_of_another_version_gets_all(server: FileServer) -> None:
    headers = {**FRAME, "Range": "bytes=0-1", "If-Range": '"other"'}
    assert server.ask(server.address("a file.txt"), headers).body == b"0123456789"
    assert read_range(b"bytes=-", 10) == (0, 10) and read_range(b"bytes=-5", 0) is None


def test_a_folder_is_read_below_and_listed(server: FileServer) -> None:
    address = server.address("zarr")
    assert server.ask(f"{address}/0/0.0", FRAME).body == b"chunk"
    assert json.loads(server.ask(address, FRAME).body) == [{"name": "0", "type": "folder"}]


@pytest.mark.parametrize(
    "path",
    ["/files/", "/files/" + "0" * 48, "/files/" + "0" * 48 + "/a", "/files/short/a"],
)
def test_nobody_guesses_an_address(server: FileServer, path: str) -> None:
    assert server.ask(path, FRAME).status == 404
    assert server.ask(path, FRAME, method="PUT", body=b"x").status == 404


@pytest.mark.parametrize(
    "below", ["/../a%20file.txt", "/%2e%2e/a%20file.txt", "/..%2fa%20file.txt"]
)
def test_no_path_leads_out_of_a_folder(server: FileServer, below: str) -> None:
    answer = server.ask(server.address("zarr") + below, FRAME)
    assert answer.status in (403, 404) and b"0123" not in answer.body
    assert str(folder_of(server)).encode() not in answer.body


def test_an_address_ends_with_its_page(server: FileServer) -> None:
    address = "/" + server.store.read_address("a file.txt", "gone")
    server.store.grants.forget("gone")
    answer = server.ask(address, FRAME)
    assert answer.status == 404 and b"expired" in answer.body


def test_an_address_to_read_does_not_write_nor_the_other_way(server: FileServer) -> None:
    read, write = server.address("a file.txt"), server.upload("a file.txt", overwrite=True)
    assert server.ask(read, FRAME, method="PUT", body=b"x").status == 404
    assert server.ask(write, FRAME).status == 404
    assert server.ask(read, FRAME, method="DELETE").status == 405


def test_a_file_is_sent_as_a_body(server: FileServer) -> None:
    answer = server.ask(server.upload("sent.bin"), FRAME, method="PUT", body=b"bytes" * 1000)
    assert answer.status == 200 and json.loads(answer.body)["size"] == 5000
    assert (folder_of(server) / "sent.bin").read_bytes() == b"bytes" * 1000
    (folder_of(server) / "sent.bin").unlink()


def test_a_file_is_sent_as_a_form(server: FileServer) -> None:
    content = b"line\r\n--not the end\r\n\x00\xff"
    body = (
        b'--XX\r\nContent-Disposition: form-data; name="note"\r\n\r\nhello\r\n'
        b'--XX\r\nContent-Disposition: form-data; name="file"; filename="x.bin"\r\n'
        b"Content-Type: application/octet-stream\r\n\r\n" + content + b"\r\n--XX--\r\n"
    )
    headers = {**FRAME, "Content-Type": "multipart/form-data; boundary=XX"}
    answer = server.ask(server.upload("form.bin"), headers, method="POST", body=body)
    assert answer.status == 200, answer.body
    assert (folder_of(server) / "form.bin").read_bytes() == content
    (folder_of(server) / "form.bin").unlink()
    cut = server.ask(server.upload("cut.bin"), headers, method="POST", body=body[:200])
    assert cut.status != 200
    assert not (folder_of(server) / "cut.bin").exists()


def test_what_is_there_stays_unless_it_may_be_replaced(server: FileServer) -> None:
    address = server.upload("late.txt")
    (folder_of(server) / "late.txt").write_text("came first")
    answer = server.ask(address, FRAME, method="PUT", body=b"second")
    assert answer.status == 409 and json.loads(answer.body)["code"] == "file.exists"
    assert (folder_of(server) / "late.txt").read_text() == "came first"
    (folder_of(server) / "late.txt").unlink()


def test_an_upload_that_is_broken_off_leaves_nothing(server: FileServer) -> None:
    before = sorted(path.name for path in folder_of(server).iterdir())
    with server.connect() as connection:
        head = f"PUT {server.upload('cut.bin')} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
        connection.sendall((head + "Content-Length: 1000000\r\n\r\n").encode() + b"x" * 500_000)
        wait_for(lambda: any(p.suffix == ".part" for p in folder_of(server).iterdir()))
    wait_for(lambda: sorted(path.name for path in folder_of(server).iterdir()) == before)


def test_a_slow_upload_is_let_go_on(server: FileServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "BODY_SECONDS", 0.6)
    with server.connect() as connection:
        head = f"PUT {server.upload('slow.bin')} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
        connection.sendall((head + "Content-Length: 6\r\nConnection: close\r\n\r\n").encode())
        for _ in range(6):  # longer in all than a body may take elsewhere
            time.sleep(0.2)
            connection.sendall(b"x")
        assert b"200 OK" in connection.recv(65536)
    (folder_of(server) / "slow.bin").unlink()


def test_a_frame_may_ask_first(server: FileServer) -> None:
    headers = {**FRAME, "Access-Control-Request-Method": "PUT"}
    answer = server.ask(server.upload("asked.bin"), headers, method="OPTIONS")
    assert answer.status == 204 and "PUT" in answer.headers["access-control-allow-methods"]
    other = {**FRAME, "Host": "evil.example"}
    assert server.ask(server.address("a file.txt"), other).status == 421


def wait_for(holds: object, seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not holds():  # type: ignore[operator]
        assert time.monotonic() < end
        time.sleep(0.02)
