"""Who is alive: any byte counts, silence does not, and neither does a peer that takes nothing."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from imjoy.server import engineio
from imjoy.server.engineio import EngineIoSocket
from imjoy.wire.websocket import Overlong


class Carrier:
    """A connection whose bytes move when the test says so."""

    def __init__(self) -> None:
        self.queued = 0
        self.moves = False
        self.sent: list[Any] = []
        self.closed: list[int] = []

    def send_text(self, text: str) -> None:
        self.sent.append(text)

    send_binary = send_text

    def has_moved(self) -> bool:
        return self.moves

    def close(self, code: int = 1000, reason: str = "") -> None:
        self.closed.append(code)

    def trust(self) -> None:
        pass


class Link:
    def __init__(self) -> None:
        self.heard: list[Any] = []
        self.ended: list[str] = []

    def on_text(self, text: Any) -> None:
        if text == "4bad":
            raise ValueError("it is bad")
        self.heard.append(text)

    on_binary = on_text

    def on_end(self, reason: str) -> None:
        self.ended.append(reason)


@pytest.fixture
async def made(monkeypatch: pytest.MonkeyPatch) -> tuple[Carrier, Link, EngineIoSocket]:
    monkeypatch.setattr(engineio, "BEAT_SECONDS", 0.02)
    carrier, link = Carrier(), Link()
    return carrier, link, EngineIoSocket(carrier, "peer", lambda _: link)


async def until(holds: Any) -> None:
    for _ in range(300):
        if holds():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not happen")


async def test_a_silent_peer_is_gone(made: Any) -> None:
    carrier, link, socket = made
    await until(lambda: link.ended)
    assert link.ended == ["the page does not answer"] and carrier.closed == [1008]
    assert not socket.is_open
    socket.close()
    assert carrier.closed == [1008]


async def test_bytes_that_move_are_life_and_pings_go_out(
    made: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engineio, "PING_SECONDS", 1)
    carrier, link, socket = made
    carrier.moves = True
    await until(lambda: len(carrier.sent) > 5)
    assert set(carrier.sent) == {"2"} and link.ended == []
    carrier.queued = 5  # no ping behind what waits: the bytes that go out are enough
    carrier.sent.clear()
    await asyncio.sleep(0.2)
    assert carrier.sent == [] and socket.is_open
    carrier.moves = False
    await until(lambda: link.ended)


async def test_packets(made: Any) -> None:
    carrier, link, socket = made
    for text in ("4a", "3", "6", "2probe", Overlong(9, b"4b")):
        socket.on_text(text)
    socket.on_binary(b"x")
    assert link.heard == ["4a", Overlong(9, b"4b"), b"x"] and carrier.sent == ["3probe"]
    socket.on_text("1")
    assert link.ended == ["the page closed the connection"]
    socket.on_text("4late")
    assert "4late" not in link.heard


@pytest.mark.parametrize("text", ["4bad", "9", "", "x", Overlong(9, b"2x"), Overlong(9, b"")])
async def test_what_is_no_packet_ends_the_session(made: Any, text: Any) -> None:
    carrier, link, socket = made
    socket.on_text(text)
    assert carrier.closed == [1002] and "broke the protocol" in link.ended[0]
