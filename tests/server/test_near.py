"""The socket for programs on this machine: who is told of it, and what it lets in."""

from __future__ import annotations

import json
import socket
import sys

import pytest
from server_harness import TOKEN, RunningServer

from imjoy.server.connections import MAX_UNAUTHENTICATED_OF_PEER
from imjoy.server.near import is_near, listen_near, name_of

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="names without files")


def log_in(server: RunningServer) -> dict[str, str]:
    sent = {"Content-Type": "application/json"}
    body = json.dumps({"token": TOKEN}).encode()
    return dict(json.loads(server.ask("/api/login", sent, "POST", body).body))


def connect(name: str) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(10)
    try:
        connection.connect(f"\0{name}")
    except OSError:
        connection.close()
        raise
    return connection


def first_line(connection: socket.socket, host: str, target: str = "/health") -> str:
    connection.sendall(f"GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    return connection.recv(65536).decode().split("\r\n")[0]


@linux
def test_each_engine_has_a_name_of_its_own_which_goes_with_it() -> None:
    one, two = listen_near(), listen_near()
    assert one is not None and two is not None
    name = name_of(one)
    assert name.startswith("imjoy-") and name != name_of(two)
    connect(name).close()
    one.close()
    two.close()
    with pytest.raises(OSError):
        connect(name)


def test_elsewhere_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    assert listen_near() is None and name_of(None) == ""


@linux
@pytest.mark.parametrize("what", ["socket", "bind"])
def test_an_engine_works_without_it_where_it_is_forbidden(
    monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    class Forbidden(socket.socket):
        def __init__(self, *args: int) -> None:
            if what == "socket":
                raise PermissionError
            super().__init__(*args)

        def bind(self, address: object) -> None:
            raise PermissionError

    monkeypatch.setattr(socket, "socket", Forbidden)
    assert listen_near() is None


@pytest.mark.parametrize(
    ("client", "near"),
    [
        (("127.0.0.1", 5), True),
        (("::1", 5), True),
        (("::1%lo", 5), True),
        (("192.168.1.4", 5), False),
        (("fe80::1%eth0", 5), False),
        (("testclient", 5), False),
        (None, False),
    ],
)
def test_only_programs_on_this_machine_are_told(client: tuple[str, int] | None, near: bool) -> None:
    assert is_near(client) is near


@linux
def test_the_same_rules_hold_there_as_on_the_network(shared_server: RunningServer) -> None:
    name = log_in(shared_server)["near"]
    with connect(name) as connection:
        assert " 200 " in first_line(connection, f"127.0.0.1:{shared_server.port}")
    with connect(name) as connection:
        assert " 421 " in first_line(connection, "evil.example")
    with connect(name) as connection:
        target = "/api/libraries"
        assert " 401 " in first_line(connection, f"127.0.0.1:{shared_server.port}", target)


@linux
def test_who_proves_nothing_there_is_crowded_out_as_on_the_network(server: RunningServer) -> None:
    name = log_in(server)["near"]
    silent = [connect(name) for _ in range(MAX_UNAUTHENTICATED_OF_PEER + 8)]
    try:
        with connect(name) as connection:
            assert " 200 " in first_line(connection, f"127.0.0.1:{server.port}")
        assert server.server.guard.unauthenticated <= MAX_UNAUTHENTICATED_OF_PEER
        assert silent[0].recv(1) == b""
    finally:
        for one in silent:
            one.close()


@linux
def test_wrong_tokens_count_for_both(server: RunningServer) -> None:
    name = log_in(server)["near"]
    body = json.dumps({"token": "imt_wrong"}).encode()
    head = (
        f"POST /api/login HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode()
    for _ in range(10):
        with connect(name) as connection:
            connection.sendall(head + body)
            assert b" 401 " in connection.recv(65536)
    sent = {"Content-Type": "application/json"}
    good = json.dumps({"token": TOKEN}).encode()
    assert server.ask("/api/login", sent, "POST", good).status == 429
