"""A stock client behind a proxy that lets no WebSocket pass, and one that changes to it later."""

from __future__ import annotations

import asyncio
import json
import secrets
from typing import Any

import numpy
import pytest
import socketio
from page_client import Page, run, session_of
from server_harness import QuietHost, RunningServer

from imjoy.protocol.frame import Frame
from imjoy.server import connections
from imjoy.server.connections import LOGIN_MESSAGE_BYTES, MAX_UNAUTHENTICATED_OF_PEER

QUERY = "/socket.io/?EIO=4&transport=polling"


class PollingPage(Page):
    transports = ["polling"]

    async def connect(self, **auth: Any) -> None:
        payload = {"protocol": 1, "peer": secrets.token_hex(16)} | auth
        url = f"http://127.0.0.1:{self._port}"
        await self.client.connect(url, auth=payload, transports=self.transports, wait_timeout=5)


class UpgradingPage(PollingPage):
    transports = ["polling", "websocket"]


@pytest.mark.parametrize("kind", [PollingPage, UpgradingPage])
def test_frames_pass_both_ways(shared_server: RunningServer, kind: type[Page]) -> None:
    array = numpy.arange(300_000, dtype="uint16")

    async def work() -> None:
        page = kind(shared_server.port)
        await page.connect(token=session_of(shared_server))
        welcome = await asyncio.wait_for(page.welcome.get(), 5)
        assert welcome["peer"] == QuietHost.address
        for number in range(20):
            await page.send({"number": number}, "[1]", array.tobytes(), b"")
            frame = await page.next()
            assert frame == Frame({"number": number}, "[1]", [array.tobytes(), b""])
        carries = "polling" if kind is PollingPage else "websocket"
        assert page.client.eio.transport() == carries
        await page.client.disconnect()
        await page.client.shutdown()

    run(work())


def test_what_waits_while_a_page_changes_is_not_lost_and_stays_in_order(
    shared_server: RunningServer,
) -> None:
    async def work() -> None:
        page = UpgradingPage(shared_server.port)
        connecting = asyncio.create_task(
            page.connect(token=session_of(shared_server), peer="f" * 32)
        )
        while "f" * 32 not in shared_server.host.pages:
            await asyncio.sleep(0.001)
        send = shared_server.host.pages["f" * 32]
        for number in range(200):
            shared_server.loop.call_soon_threadsafe(send, Frame({"number": number}, "", [b"x"]))
            await asyncio.sleep(0)
        await connecting
        for number in range(200):
            assert (await page.next()).header == {"number": number}
        await page.client.disconnect()
        await page.client.shutdown()

    run(work())


def test_a_page_that_stops_asking_is_gone(server: RunningServer) -> None:
    async def work() -> None:
        page = PollingPage(server.port)
        await page.connect(token=session_of(server), peer="f" * 32)
        await page.client.disconnect()
        await page.client.shutdown()
        for _ in range(200):
            if server.host.left:
                break
            await asyncio.sleep(0.01)
        assert [address for address, _ in server.host.left] == ["f" * 32]

    run(work())


def begin(server: RunningServer) -> str:
    """A session that has not logged in."""
    body = server.ask(QUERY).body
    assert body.startswith(b"0{")
    return str(json.loads(body[1:])["sid"])


def test_before_the_login_only_a_login_is_heard(server: RunningServer) -> None:
    path = f"{QUERY}&sid={begin(server)}"
    for body in (b'42["frame",{"type":"call"},"[]"]', b"451-[]\x1ebAAAA", b"bAAAA"):
        assert server.ask(path, method="POST", body=body).status == 200
    assert server.host.frames == []
    assert server.ask(path, method="POST", body=b"4" * (LOGIN_MESSAGE_BYTES + 1)).status == 413
    assert server.ask(path, method="POST", body=b'40{"token":"ims_x"}').status == 200
    assert b"auth.bad_token" in server.ask(path).body
    assert server.ask(path, method="POST", body=b"b!").status == 400
    assert server.ask(path).status == 400  # a body that is no packets has ended the session


def test_a_session_that_does_not_log_in_is_ended(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("imjoy.server.polling.LOGIN_SECONDS", 0.3)
    path = f"{QUERY}&sid={begin(server)}"
    assert server.ask(path).body == b"1"  # waits for its end
    assert server.ask(path).status == 400


def test_sessions_that_prove_nothing_crowd_themselves_out(server: RunningServer) -> None:
    assert connections.LOGIN_SECONDS <= 5
    sids = [begin(server) for _ in range(MAX_UNAUTHENTICATED_OF_PEER + 5)]
    assert server.server.guard.unauthenticated <= MAX_UNAUTHENTICATED_OF_PEER
    assert server.ask(f"{QUERY}&sid={sids[0]}").status == 400
    assert server.ask(f"{QUERY}&sid={sids[-1]}", method="POST", body=b"2").status == 200


def test_a_session_of_the_stock_client_is_not_open_to_other_pages(server: RunningServer) -> None:
    path = f"{QUERY}&sid={begin(server)}"
    for origin in ("null", "https://elsewhere.example"):
        assert server.ask(path, {"Origin": origin}, "POST", b"40").status == 403


def test_a_client_without_a_login_ends(server: RunningServer) -> None:
    async def work() -> None:
        page = PollingPage(server.port)
        with pytest.raises(socketio.exceptions.ConnectionError):
            await page.connect(token="ims_wrong")
        assert page.refusal["message"] == "auth.bad_token"
        await page.client.shutdown()

    run(work())
