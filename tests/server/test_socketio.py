"""Pages speak to the engine through Socket.IO: who gets in, what arrives, and who is closed."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
from typing import Any

import numpy
import pytest
import socketio
import websockets
from page_client import PAGE, Page, page_of, run, session_of
from server_harness import TOKEN, QuietHost, RunningServer
from socketio.exceptions import ConnectionError as SocketIOError

from imjoy.errors import ProtocolError
from imjoy.protocol.frame import Frame
from imjoy.server import connections
from imjoy.server.connections import LOGIN_MESSAGE_BYTES
from imjoy.server.socketio import error_frame, frame_from


def test_a_logged_in_page_is_welcomed(shared_server: RunningServer) -> None:
    async def work() -> None:
        async with page_of(shared_server, peer=secrets.token_hex(16)) as page:
            welcome = await asyncio.wait_for(page.welcome.get(), 5)
            assert welcome.pop("greeting") == "nobody"
            assert welcome == {"protocol": 1, "peer": QuietHost.address, "version": "9.9.9"}

    run(work())


def test_the_engine_may_refuse_a_hello(shared_server: RunningServer) -> None:
    async def work() -> None:
        page = Page(shared_server.port)
        with contextlib.suppress(SocketIOError):
            hello = {"refuse": "rpc.fenced"}
            peer = secrets.token_hex(16)
            await page.connect(token=session_of(shared_server), peer=peer, hello=hello)
        assert page.refusal["message"] == "rpc.fenced"
        await page.client.shutdown()

    run(work())


def test_the_engine_reads_the_hello_and_adds_to_the_welcome(shared_server: RunningServer) -> None:
    async def work() -> None:
        hello = {"name": "Ada", "deep": [{"er": 1}]}
        async with page_of(shared_server, peer=secrets.token_hex(16), hello=hello) as page:
            welcome = await asyncio.wait_for(page.welcome.get(), 5)
            assert welcome["greeting"] == "Ada"
            assert welcome["peer"] == QuietHost.address
        async with page_of(shared_server, peer=secrets.token_hex(16), hello="none") as page:
            assert (await asyncio.wait_for(page.welcome.get(), 5))["greeting"] == "nobody"

    run(work())


@pytest.mark.parametrize(
    "auth,code",
    [
        ({"token": None}, "auth.required"),
        ({"token": ""}, "auth.bad_token"),
        ({"token": TOKEN}, "auth.bad_token"),  # the private token is for logging in only
        ({"token": "ims_wrong"}, "auth.bad_token"),
        ({"protocol": 2}, "protocol.version"),
        ({"peer": "short"}, "protocol.malformed"),
        ({"peer": PAGE + "/" + PAGE}, "protocol.malformed"),
        ({"peer": QuietHost.address}, "auth.forbidden"),
    ],
)
def test_others_are_refused(server: RunningServer, auth: dict[str, Any], code: str) -> None:
    async def work() -> None:
        page = Page(server.port)
        with pytest.raises(socketio.exceptions.ConnectionError):
            await page.connect(**({"token": session_of(server)} | auth))
        assert page.refusal["message"] == code
        assert server.host.pages == {} and server.host.frames == []
        await page.client.shutdown()

    run(work())


def test_a_frame_without_a_login_goes_nowhere(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "LOGIN_SECONDS", 1.0)

    async def work() -> None:
        url = f"ws://127.0.0.1:{server.port}/socket.io/?EIO=4&transport=websocket"
        async with websockets.connect(url) as socket:
            await socket.recv()
            await socket.send('42["frame",{"type":"call"},"[]"]')
            await socket.send('451-["frame",{"type":"call"},"[]",{"_placeholder":true,"num":0}]')
            await socket.send(b"data")
            with pytest.raises(websockets.ConnectionClosed):
                while True:
                    await asyncio.wait_for(socket.recv(), 8)
        assert server.host.frames == []

    run(work())


def test_wrong_sessions_are_limited(server: RunningServer) -> None:
    async def work() -> None:
        for number in range(12):
            page = Page(server.port)
            with pytest.raises(socketio.exceptions.ConnectionError):
                await page.connect(token=f"ims_{number}")
            expected = "auth.bad_token" if number < 9 else "auth.rate_limited"
            assert page.refusal["message"] == expected, number
            await page.client.shutdown()

    run(work())


def test_a_large_array_passes_both_ways(shared_server: RunningServer) -> None:
    array = numpy.random.default_rng(1).integers(0, 255, 16 << 20, dtype="uint8")

    async def work() -> None:
        async with page_of(shared_server, peer=secrets.token_hex(16)) as page:
            await page.send({"type": "call", "number": 7}, "[1]", array.tobytes(), b"", b"xyz")
            frame = await page.next()
            assert frame.header == {"type": "call", "number": 7} and frame.body == "[1]"
            assert numpy.array_equal(numpy.frombuffer(frame.buffers[0], "uint8"), array)
            assert frame.buffers[1:] == [b"", b"xyz"]

    run(work())


def test_every_kind_of_buffer_leaves_as_binary(shared_server: RunningServer) -> None:
    async def work() -> None:
        async with page_of(shared_server, peer="d" * 32) as page:
            await page.welcome.get()
            array = numpy.arange(6, dtype="<i2").reshape(2, 3)
            buffers = [memoryview(array), bytearray(b"ab"), b"", memoryview(b"cd")[1:]]
            send = shared_server.host.pages["d" * 32]
            shared_server.loop.call_soon_threadsafe(send, Frame({"a": 1}, "", buffers))
            frame = await page.next()
            assert frame.buffers == [array.tobytes(), b"ab", b"", b"d"]

    run(work())


def test_frames_stay_in_order(shared_server: RunningServer) -> None:
    async def work() -> None:
        async with page_of(shared_server, peer=secrets.token_hex(16)) as page:
            for number in range(300):
                buffers = [b"x" * number] * (number % 3)
                await page.send({"number": number}, "", *buffers)
            for number in range(300):
                frame = await page.next()
                assert frame.header == {"number": number}
                assert frame.buffers == [b"x" * number] * (number % 3)

    run(work())


def test_a_bad_frame_fails_alone(shared_server: RunningServer) -> None:
    async def work() -> None:
        async with page_of(shared_server, peer=secrets.token_hex(16)) as page:
            call = {"type": "call", "id": "c" * 32, "from": PAGE}
            for bad in [(call, 3), (call, "[]", "text"), (call, "[]", {"a": 1}), (call,)]:
                await page.client.emit("frame", bad)
                frame = await page.next()
                assert frame.header["type"] == "error" and frame.header["id"] == call["id"]
                assert json.loads(frame.body)["code"] == "protocol.malformed"
            for ignored in [(), (3,), ("text", "text"), ({"type": "result"}, None)]:
                await page.client.emit("frame", ignored)
            await page.client.emit("other", {"a": 1})
            await page.send({"still": "here"})
            assert (await page.next()).header == {"still": "here"}

    run(work())


def test_what_is_a_frame_and_who_is_told_of_a_bad_one() -> None:
    assert frame_from([{}, "", b"x"]) == Frame({}, "", [b"x"])
    assert error_frame([{"type": "call"}], "e", ProtocolError("bad")) is None


def test_a_nested_bomb_ends_only_its_own_connection(server: RunningServer) -> None:
    async def work() -> None:
        url = f"ws://127.0.0.1:{server.port}/socket.io/?EIO=4&transport=websocket"
        for bomb in ("42" + "[" * 60_000, "4" + "[" * 60_000, "2", "", "9", "4", "4é", "40{"):
            async with websockets.connect(url) as socket:
                await socket.recv()
                await socket.send(bomb)
        async with page_of(server) as page:
            await page.send({"still": "here"})
            assert (await page.next()).header == {"still": "here"}

    run(work())


def test_a_large_message_before_the_login_closes_the_connection(server: RunningServer) -> None:
    async def work() -> None:
        url = f"ws://127.0.0.1:{server.port}/socket.io/?EIO=4&transport=websocket"
        async with websockets.connect(url) as socket:
            await socket.recv()
            await socket.send("40" + "x" * LOGIN_MESSAGE_BYTES)
            with pytest.raises(websockets.ConnectionClosed) as closed:
                await asyncio.wait_for(socket.recv(), 3)
            assert closed.value.rcvd is not None and closed.value.rcvd.code == 1009

    run(work())


def test_a_newer_connection_of_a_page_replaces_the_older(server: RunningServer) -> None:
    async def work() -> None:
        session = session_of(server)
        async with page_of(server, token=session) as old, page_of(server, token=session) as new:
            await asyncio.wait_for(old.gone.wait(), 5)
            await new.send({"to": "new"})
            assert (await new.next()).header == {"to": "new"}
            assert old.frames.empty()
            assert list(server.host.pages) == [PAGE]
            assert server.host.left == []  # the host was told by `connect_page`

    run(work())


def test_a_page_of_another_session_cannot_be_taken_over(server: RunningServer) -> None:
    async def work() -> None:
        async with page_of(server):
            thief = Page(server.port)
            with pytest.raises(socketio.exceptions.ConnectionError):
                await thief.connect(token=session_of(server))
            assert thief.refusal["message"] == "auth.forbidden"
            await thief.client.shutdown()

    run(work())


def test_a_page_that_logs_in_again_keeps_its_address(server: RunningServer) -> None:
    async def work() -> None:
        session = session_of(server)
        async with page_of(server, token=session):
            pass
        sent = {"Authorization": f"Bearer {session}"}
        assert server.ask("/api/logout", sent, "POST", b"").status == 200
        async with page_of(server) as page:
            await page.send({"a": 1})
            assert (await page.next()).header == {"a": 1}

    run(work())


def test_logging_out_closes_the_sockets_of_the_session(server: RunningServer) -> None:
    async def work() -> None:
        session = session_of(server)
        async with page_of(server, token=session) as page, page_of(server, peer="b" * 32) as other:
            sent = {"Authorization": f"Bearer {session}"}
            answer = await asyncio.to_thread(server.ask, "/api/logout", sent, "POST", b"")
            assert answer.status == 200
            await asyncio.wait_for(page.gone.wait(), 2)
            assert not other.gone.is_set()

    run(work())


def test_the_same_page_comes_back_after_its_connection_was_lost(server: RunningServer) -> None:
    async def work() -> None:
        session = session_of(server)
        for _ in range(3):
            async with page_of(server, token=session) as page:
                number = secrets.randbits(30)
                await page.send({"number": number})
                assert (await page.next()).header == {"number": number}
        assert {address for address, _ in server.host.left} == {PAGE}

    run(work())
