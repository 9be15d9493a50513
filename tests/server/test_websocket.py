"""The engine's socket frame by frame, as a client that is not ours sends them."""

from __future__ import annotations

import asyncio
import json
import secrets
import socket
from typing import Any

import pytest
import websockets
import wsproto
import wsproto.events as events
from page_client import run, session_of
from server_harness import RunningServer
from websockets.frames import Frame as RawFrame
from websockets.frames import Opcode

from imjoy.protocol.messages import LIMITS
from imjoy.server.connections import TEXT_BYTES

URL = "/socket.io/?EIO=4&transport=websocket"


def login(server: RunningServer, peer: str | None = None) -> str:
    payload = {"token": session_of(server), "protocol": 1, "peer": peer or secrets.token_hex(16)}
    return "40" + json.dumps(payload)


class RawClient:
    """A socket on which frames are written and read as they are."""

    def __init__(self, server: RunningServer) -> None:
        self.server = server
        self.socket = server.connect()
        self.socket.settimeout(10)
        self.stream = self.socket.makefile("rb")
        self.socket.sendall(
            f"GET {URL} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nConnection: Upgrade\r\n"
            "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n".encode()
        )
        self.head = b"".join(iter(self.stream.readline, b"\r\n"))
        self.opened = self.read()

    def __enter__(self) -> RawClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.stream.close()
        self.socket.close()

    def send(self, opcode: int, payload: bytes = b"", final: bool = True) -> None:
        frame = RawFrame(Opcode(opcode), payload, fin=final)
        self.socket.sendall(frame.serialize(mask=True))

    def read(self) -> tuple[int, bytes]:
        first, second = self.stream.read(2)
        assert second < 128, "a server does not mask"
        size = second
        if second > 125:
            size = int.from_bytes(self.stream.read(2 if second == 126 else 8), "big")
        return first, self.stream.read(size)

    def log_in(self) -> None:
        self.send(1, login(self.server).encode())
        assert self.read()[1].startswith(b"40") and self.read()[1].startswith(b'42["welcome"')

    def code_of_the_end(self) -> int:
        first, payload = self.read()
        assert first == 0x88
        assert self.stream.read() == b""  # and nothing after it
        return int.from_bytes(payload[:2], "big")


@pytest.fixture
def raw(shared_server: RunningServer) -> Any:
    with RawClient(shared_server) as client:
        yield client


def test_the_handshake_is_that_of_the_standard(raw: RawClient) -> None:
    assert raw.head.startswith(b"HTTP/1.1 101 ")
    # The example of RFC 6455; and compression was offered and is not taken.
    assert b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in raw.head
    assert b"xtension" not in raw.head
    assert raw.opened[0] == 0x81 and raw.opened[1].startswith(b'0{"sid":')


@pytest.mark.parametrize(
    "change,status",
    [
        ({"Sec-WebSocket-Version": "8"}, 426),
        ({"Sec-WebSocket-Key": "short"}, 400),
        ({"Sec-WebSocket-Key": "!" * 24}, 400),
        ({"Origin": "https://elsewhere.example"}, 403),
        ({"Host": "elsewhere.example"}, 421),
        ({}, 101),
    ],
)
def test_other_handshakes(
    shared_server: RunningServer, change: dict[str, str], status: int
) -> None:
    assert shared_server.upgrade(change) == status


def test_pieces_control_frames_and_the_end(raw: RawClient) -> None:
    raw.log_in()
    raw.send(9, b"are you there")
    assert raw.read() == (0x8A, b"are you there")
    text = '451-["frame",{"number":1},"é",{"_placeholder":true,"num":0}]'.encode()
    raw.send(1, text[:26], final=False)
    raw.send(9)
    raw.send(0, text[26:27], final=False)
    raw.send(10, b"unasked")
    raw.send(0, text[27:])
    raw.send(2, b"ab", final=False)
    raw.send(0, b"", final=False)
    raw.send(0, b"c")
    raw.send(1, b"2")
    assert raw.read() == (0x8A, b"")
    first, answer = raw.read()
    assert first == 0x81 and json.loads(answer[4:])[:3] == ["frame", {"number": 1}, "é"]
    assert raw.read() == (0x82, b"abc")
    assert raw.read() == (0x81, b"3")
    raw.send(8, (1001).to_bytes(2, "big") + b"bye")
    assert raw.code_of_the_end() == 1001


@pytest.mark.parametrize(
    "data,code",
    [
        (b"\x81\x01x", 1002),  # not masked
        (b"\xc1\x80\0\0\0\0", 1002),
        (b"\x80\x80\0\0\0\0", 1002),
        (b"\x09\x80\0\0\0\0", 1002),
        (b"\x81\x81\0\0\0\0\xff", 1007),
        (b"\x82\xff\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\0", 1002),
        (b"\x88\x81\0\0\0\0x", 1002),
        (b"\x82\xff\0\0\0\1\0\0\0\0\0\0\0\0", 1009),  # before the login
        (b"\x81\x81\0\0\0\x009", 1002),
    ],
)
def test_whoever_breaks_the_rules_is_told_why(raw: RawClient, data: bytes, code: int) -> None:
    raw.socket.sendall(data)
    assert raw.code_of_the_end() == code


def test_an_event_is_acknowledged_when_that_is_asked_for(raw: RawClient) -> None:
    raw.log_in()
    raw.send(1, b'427["frame",{"number":2},""]')
    assert raw.read()[1].startswith(b'42["frame",{"number":2}')
    assert raw.read()[1] == b"437[]"


def test_one_byte_at_a_time(raw: RawClient) -> None:
    raw.log_in()
    for byte in RawFrame(Opcode.TEXT, b'42["frame",{"n":1},""]').serialize(mask=True):
        raw.socket.sendall(bytes([byte]))
    assert raw.read()[1] == b'42["frame",{"n":1},""]'


CALL = {"type": "call", "id": "c" * 32, "from": "a" * 32}


def test_what_is_too_large_fails_alone(raw: RawClient, monkeypatch: pytest.MonkeyPatch) -> None:
    raw.log_in()
    head = json.dumps(CALL)
    count = LIMITS["buffers"] + 1
    raw.send(1, f'45{count}-["frame",{head},""]'.encode())
    for _ in range(count):
        raw.send(2)
    first, answer = raw.read()
    assert b"protocol.too_large" in answer and CALL["id"].encode() in answer
    # A text over the limit, of which only the beginning is kept.
    piece = b"x" * (1 << 20)
    raw.send(1, f'42["frame",{head},"'.encode(), final=False)
    for _ in range(TEXT_BYTES // len(piece) + 1):
        raw.send(0, piece, final=False)
    raw.send(0, b'"]')
    first, answer = raw.read()
    assert b"protocol.too_large" in answer and CALL["id"].encode() in answer
    raw.send(1, b'42["frame",{"still":"here"},""]')
    assert b"still" in raw.read()[1]


def test_a_peer_that_takes_nothing_holds_up_nobody(server: RunningServer) -> None:
    """And what it does not take is closed with it."""
    with RawClient(server) as lazy, RawClient(server) as other:
        lazy.log_in()
        other.log_in()
        lazy.send(1, b'451-["frame",{},"",{"_placeholder":true,"num":0}]')
        lazy.send(2, bytes(8 << 20))
        lazy.send(1, b'42["frame",{},""]')
        other.send(1, b'42["frame",{"n":1},""]')
        assert b'"n":1' in other.read()[1]


def test_the_socket_library_websockets_is_understood(shared_server: RunningServer) -> None:
    async def work() -> None:
        url = f"ws://127.0.0.1:{shared_server.port}{URL}"
        async with websockets.connect(url, max_size=None) as client:
            assert (await client.recv())[0] == "0"
            await client.send(login(shared_server))
            assert (await client.recv())[:2] == "40"
            assert "welcome" in await client.recv()
            await (await client.ping())
            data = secrets.token_bytes(3 << 20)
            await client.send('451-["frame",{"a":1},"",{"_placeholder":true,"num":0}]')
            await client.send([data[: 1 << 20], data[1 << 20 : -1], data[-1:]])
            assert (await client.recv())[:4] == "451-"
            assert await client.recv() == data
        assert client.close_code == 1000

    run(asyncio.wait_for(work(), 30))


def test_the_socket_library_wsproto_is_understood(shared_server: RunningServer) -> None:
    client = wsproto.WSConnection(wsproto.ConnectionType.CLIENT)
    with shared_server.connect() as connection:
        host = f"127.0.0.1:{shared_server.port}"
        connection.sendall(client.send(events.Request(host=host, target=URL)))
        heard = listen(client, connection)
        assert isinstance(next(heard), events.AcceptConnection)
        assert next(heard).data.startswith("0{")
        connection.sendall(client.send(events.TextMessage(login(shared_server))))
        assert next(heard).data.startswith("40")
        assert "welcome" in next(heard).data
        connection.sendall(client.send(events.Ping(b"!")))
        assert next(heard) == events.Pong(b"!")
        connection.sendall(client.send(events.CloseConnection(1000, "bye")))
        assert next(heard).code == 1000


def listen(client: wsproto.WSConnection, connection: socket.socket) -> Any:
    while True:
        client.receive_data(connection.recv(65536) or None)
        yield from client.events()
