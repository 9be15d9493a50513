"""Slow and silent peers are closed, and never crowd out those who speak."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from server_harness import RunningServer

from imjoy.server import connections
from imjoy.server.connections import MAX_UNAUTHENTICATED_OF_PEER


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch, server: RunningServer) -> RunningServer:
    monkeypatch.setattr(connections, "HEADER_SECONDS", 0.5)
    monkeypatch.setattr(connections, "BODY_SECONDS", 0.5)
    monkeypatch.setattr(connections, "LOGIN_SECONDS", 0.5)
    return server


def test_the_times_are_those_promised() -> None:
    assert connections.HEADER_SECONDS <= 10 and connections.LOGIN_SECONDS <= 5


def is_closed(connection: socket.socket, dribble: bytes = b"") -> bool:
    """Send a byte now and then, until the server closes or for ten seconds."""
    started = time.monotonic()
    connection.settimeout(0.2)
    while time.monotonic() - started < 10:
        try:
            if not connection.recv(4096):
                return True
        except TimeoutError:
            pass
        except ConnectionError:
            return True
        try:
            connection.sendall(dribble)
        except ConnectionError:
            return True
    return False


HEAD = b"Host: localhost\r\n"
BODY = HEAD + b"Content-Type: application/json\r\nContent-Length: 99\r\n\r\n"


@pytest.mark.parametrize(
    "start,dribble",
    [
        (b"", b""),
        (b"G", b""),
        (b"GET / HTTP/1.1\r\n" + HEAD, b"x"),
        (b"POST /api/login HTTP/1.1\r\n" + BODY, b" "),
        (b"POST /health HTTP/1.1\r\n" + BODY, b" "),
        (b"GET /health HTTP/1.1\r\n" + HEAD + b"\r\nGET /heal", b"x"),
        (
            b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n"
            + HEAD
            + b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
            b"",
        ),
    ],
    ids=["silent", "one byte", "slow headers", "slow body", "unread body", "second request",
         "socket without login"],
)  # fmt: skip
def test_slow_peers_are_closed(impatient: RunningServer, start: bytes, dribble: bytes) -> None:
    with impatient.connect() as connection:
        connection.sendall(start)
        assert is_closed(connection, dribble)
    assert impatient.ask("/health").status == 200


@pytest.fixture
def crowd(server: RunningServer) -> Iterator[list[socket.socket]]:
    """Fifty connections that have sent half of a request."""
    with ExitStack() as stack:
        sockets = []
        for _ in range(50):
            connection = stack.enter_context(server.connect())
            connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX: ")
            sockets.append(connection)
        yield sockets


def test_fifty_slow_connections_do_not_keep_a_good_one_out(
    server: RunningServer, crowd: list[socket.socket]
) -> None:
    assert server.ask("/").status == 200
    assert server.server.guard.unauthenticated <= MAX_UNAUTHENTICATED_OF_PEER
    # Those over the cap were closed, oldest first.
    crowd[0].settimeout(2)
    try:
        assert crowd[0].recv(1) == b""
    except ConnectionError:
        pass
    crowd[-1].settimeout(0.2)
    with pytest.raises(TimeoutError):
        crowd[-1].recv(1)


def test_closed_connections_are_forgotten(server: RunningServer) -> None:
    for _ in range(5):
        assert server.ask("/health").status == 200
    deadline = time.monotonic() + 5
    while len(server.server.guard) and time.monotonic() < deadline:
        server.ask("/health")
        if len(server.server.guard) == 0:
            break
    assert len(server.server.guard) <= 1
