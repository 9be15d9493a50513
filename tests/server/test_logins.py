"""Logging in by code and by token, logging out, and what happens to those who guess."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from server_harness import TOKEN

if TYPE_CHECKING:
    from server_harness import Answer, RunningServer


def log_in(server: RunningServer, **secrets: Any) -> Answer:
    sent = {"Content-Type": "application/json"}
    return server.ask("/api/login", sent, "POST", json.dumps(secrets).encode())


def with_session(server: RunningServer, path: str, session: str) -> Answer:
    return server.ask(path, {"Authorization": f"Bearer {session}"}, "POST", b"")


def test_a_code_opens_one_session(server: RunningServer) -> None:
    code = server.app.keys.codes.issue()
    answer = log_in(server, code=code)
    assert answer.status == 200 and answer.headers["cache-control"] == "no-store"
    assert json.loads(answer.body)["session"].startswith("ims_")
    again = log_in(server, code=code)
    assert again.status == 401
    record = json.loads(again.body)
    assert record["code"] == "auth.bad_token" and "used" in record["message"]


def test_the_token_opens_a_session_that_can_be_closed(server: RunningServer) -> None:
    session = json.loads(log_in(server, token=TOKEN).body)["session"]
    code = json.loads(with_session(server, "/api/code", session).body)["code"]
    assert log_in(server, code=code).status == 200
    assert with_session(server, "/api/logout", session).status == 200
    assert with_session(server, "/api/logout", session).status == 401


def test_guessing_is_limited_and_tells_nothing(server: RunningServer) -> None:
    for number in range(10):
        answer = log_in(server, token=f"imt_{number:064d}")
        assert answer.status == 401 and TOKEN.encode() not in answer.body
    limited = log_in(server, token=TOKEN)
    assert limited.status == 429
    assert json.loads(limited.body)["code"] == "auth.rate_limited"
    # The user's own fresh link works all the same.
    assert log_in(server, code=server.app.keys.codes.issue()).status == 200


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b"{}", b'{"token": 3}', b'{"token": ""}', b"\xff\xfe",
     b'{"token": "a", "code": "b"}', b"[" * 4000, b'{"token": "' + b"x" * 2000 + b'"}'],
)  # fmt: skip
def test_a_malformed_login_is_an_error_of_the_caller(server: RunningServer, body: bytes) -> None:
    answer = server.ask("/api/login", {"Content-Type": "application/json"}, "POST", body)
    assert answer.status == 400
    assert json.loads(answer.body)["code"] == "protocol.malformed"


@pytest.mark.parametrize("odd", ["\u00e4", "\ud800", "\0", "a\nb"])
def test_odd_characters_in_a_token_are_just_wrong(server: RunningServer, odd: str) -> None:
    assert log_in(server, token=odd).status == 401


def test_a_login_must_be_json_so_that_no_form_can_send_it(server: RunningServer) -> None:
    body = json.dumps({"token": TOKEN}).encode()
    for kind in ("text/plain", "application/x-www-form-urlencoded", ""):
        sent = {"Content-Type": kind} if kind else {}
        assert server.ask("/api/login", sent, "POST", body).status == 415


def test_a_token_in_the_query_is_not_read(server: RunningServer) -> None:
    assert server.ask(f"/api/code?token={TOKEN}", method="POST", body=b"").status == 401


def test_sessions_survive_a_restart_of_the_server(server: RunningServer) -> None:
    from imjoy.server.tokens import Sessions

    session = json.loads(log_in(server, token=TOKEN).body)["session"]
    assert Sessions(server.settings.home, TOKEN).find(session) is not None
