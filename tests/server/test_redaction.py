"""No secret gets into a log line, whoever logs it."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from collections.abc import Iterator

import pytest
from server_harness import TOKEN, RunningServer

from imjoy.server.redaction import HIDDEN, Redactor, configure_logging

CANARIES = [
    TOKEN,
    "imc_canaryCanaryCanary",
    "ims_canaryCanaryCanary",
    "my own canary token",
]


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    stream, redactor = io.StringIO(), Redactor()
    redactor.hide(CANARIES[-1])
    configure_logging(redactor, debug=True, stream=stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)


def test_secrets_are_hidden_wherever_they_come_from(log: io.StringIO) -> None:
    logger = logging.getLogger("some.library")
    for canary in CANARIES:
        logger.warning("plain %s", canary)
        logger.error("in a record: %r", {"secret": canary, "list": [canary]})
        try:
            raise ValueError(f"in an error {canary}")
        except ValueError:
            logger.exception("failed")
    logger.info("http://host/#code=%s and Authorization: Bearer %s", "abcdefgh123", "Zm9vOmJhcg==")
    logger.info('{"token": "short", "session":"s3", password=hunter2}')
    text = log.getvalue()
    for secret in [*CANARIES, "Zm9vOmJhcg==", '"short"', "s3", "hunter2"]:
        assert secret not in text, secret
    assert text.count(HIDDEN) >= 12 and "failed" in text and "ValueError" in text


def test_other_text_is_left_as_it_is() -> None:
    redactor = Redactor()
    for text in ("error code: 404", "tokens are fine", "imjoy_rpc_something", "a session ended"):
        assert redactor.clean(text) == text


def test_a_whole_conversation_leaves_no_secret_in_the_log(
    log: io.StringIO, server: RunningServer
) -> None:
    import socketio

    code = server.app.keys.codes.issue()
    sent = {"Content-Type": "application/json"}

    def log_in(content: dict[str, str]) -> bytes:
        return server.ask("/api/login", sent, "POST", json.dumps(content).encode()).body

    session = json.loads(log_in({"code": code}))["session"]
    log_in({"code": code})
    log_in({"token": "wrongCanaryToken"})
    log_in({"token": TOKEN})
    server.ask(f"/api/x?token={TOKEN}", {"Authorization": f"Bearer {session}"})
    server.ask("/api/logout", {"Authorization": "Bearer wrongCanaryToken"}, "POST", b"")

    async def connect() -> None:
        for token in (session, "wrongCanaryToken"):
            client = socketio.AsyncClient(reconnection=False)
            auth = {"token": token, "protocol": 1, "peer": "a" * 32}
            url = f"http://127.0.0.1:{server.port}"
            try:
                await client.connect(url, auth=auth, transports=["websocket"])
                await client.emit("frame", ({"type": session}, session))
            except socketio.exceptions.ConnectionError:
                pass
            await client.disconnect()
            await client.shutdown()

    asyncio.run(connect())
    text = log.getvalue()
    assert "was refused" in text
    for secret in (code, session, TOKEN, "wrongCanaryToken"):
        assert secret not in text
