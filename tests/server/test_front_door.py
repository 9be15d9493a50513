"""Nothing is reachable without a mark, and marked routes only as marked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from imjoy.server.routes import Access, Route, RouteTable

if TYPE_CHECKING:
    from server_harness import Answer, RunningServer

PUBLIC = {"/health", "/api/login", "/vendor/*", "/files/*", "/external.html", "/lib/*", "/*"}


def test_every_route_is_marked_and_no_more_are_public_than_meant(
    shared_server: RunningServer,
) -> None:
    routes = shared_server.app.table.routes
    assert all(isinstance(route.access, Access) for route in routes)
    assert {route.path for route in routes if route.access is Access.PUBLIC} == PUBLIC
    sockets = [route for route in routes if "websocket" in route.kinds]
    assert [(route.path, route.access) for route in sockets] == [
        ("/socket.io/", Access.SESSION_IN_HANDSHAKE)
    ]
    assert [route.path for route in routes if route.any_origin] == [
        "/vendor/*",
        "/files/*",
        "/lib/*",
    ]
    assert [route.path for route in routes if route.any_frame] == ["/external.html"]
    handshakes = [one for one in routes if one.access is Access.SESSION_IN_HANDSHAKE]
    assert handshakes == sockets


def test_a_route_without_a_mark_cannot_be_made(shared_server: RunningServer) -> None:
    app = shared_server.app.table.routes[0].app
    with pytest.raises(TypeError):
        Route("/new", app=app)  # type: ignore[call-arg]
    with pytest.raises(ValueError, match="/new"):
        RouteTable([Route("/new", None, app)])  # type: ignore[arg-type]


def test_every_session_route_refuses_without_a_session(shared_server: RunningServer) -> None:
    walked = 0
    for route in shared_server.app.table.routes:
        if route.access is not Access.SESSION:
            continue
        path = route.path.replace("*", "anything")
        for method in sorted(route.methods - {"HEAD"}):
            for secret in ("", "Bearer ", "Bearer ims_wrong", "Basic eDp5", "Bearer \xe4"):
                sent = {"Authorization": secret} if secret else {}
                answer = shared_server.ask(path, sent, method=method)
                assert answer.status == 401, (path, method, secret)
                assert json.loads(answer.body)["code"] == "auth.required"
                walked += 1
    assert walked >= 20


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "odd"])
def test_only_the_methods_of_a_route_work(shared_server: RunningServer, method: str) -> None:
    assert shared_server.ask("/health", method=method).status == 405
    assert shared_server.ask("/", method=method).status == 405


def test_the_socket_answers_no_other_requests(shared_server: RunningServer) -> None:
    def status(query: str, method: str = "GET", body: bytes = b"") -> int:
        return shared_server.ask(f"/socket.io/{query}", method=method, body=body).status

    assert status("") == status("?EIO=3&transport=polling") == 400
    assert status("?EIO=4") == status("?EIO=4&transport=websocket") == 400
    assert status("?EIO=4&transport=polling", "POST", b'40{"token":"x"}') == 400
    assert status("?EIO=4&transport=polling&sid=guessed", "POST", b"40") == 400
    assert status("?EIO=4&transport=polling", "DELETE") == 405
    assert status("?EIO=4&transport=polling&sid=guessed") == 400


def test_a_socket_elsewhere_is_refused(shared_server: RunningServer) -> None:
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
               "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}  # fmt: skip
    for path in ("/", "/health", "/api/login", "/socket.io", "/socket.io/x"):
        assert shared_server.ask(path, upgrade).status == 404, path


def test_a_body_over_the_limit_is_refused_unread(shared_server: RunningServer) -> None:
    sent = {"Content-Length": "10000000", "Content-Type": "application/json"}
    answer = shared_server.ask("/api/login", sent, method="POST")
    assert answer.status == 413 and answer.headers["connection"] == "close"
    chunks = b"1000\r\n" + b"x" * 4096 + b"\r\n1\r\nx\r\n0\r\n\r\n"
    head = (
        "POST /api/login HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n"
        "Content-Type: application/json\r\nConnection: close\r\n\r\n"
    )
    assert shared_server.raw(head.encode() + chunks).startswith(b"HTTP/1.1 413")


def test_headers_over_the_limit_are_refused(shared_server: RunningServer) -> None:
    assert shared_server.ask("/health", {"X": "y" * 40_000}).status == 431
    assert shared_server.ask("/health", {"X": "y" * 400_000}).status in (0, 400, 431)


def test_every_answer_has_the_security_headers(shared_server: RunningServer) -> None:
    answers: list[Answer] = [
        shared_server.ask("/"),
        shared_server.ask("/sw.js"),
        shared_server.ask("/health"),
        shared_server.ask("/none"),
        shared_server.ask("/api/logout", method="POST"),
        shared_server.ask("/", {"Origin": "null"}),
    ]
    for answer in answers:
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cross-origin-opener-policy"] == "same-origin"
        policy = answer.headers["content-security-policy"]
        assert "frame-ancestors 'self'" in policy and "frame-src 'self' blob: data:" in policy
        assert "script-src" not in policy and "default-src" not in policy
        assert "access-control-allow-origin" not in answer.headers
        assert "server" not in answer.headers


def test_only_the_page_for_pages_of_others_may_show_them(shared_server: RunningServer) -> None:
    policy = shared_server.ask("/external.html").headers["content-security-policy"]
    assert "frame-src http: https:;" in policy and "frame-ancestors 'self'" in policy
    other = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert shared_server.ask("/external.html", other).status == 403


def test_a_failing_handler_tells_nothing(
    shared_server: RunningServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(*_: object) -> None:
        raise RuntimeError("secret detail")

    route = next(one for one in shared_server.app.table.routes if one.path == "/health")
    monkeypatch.setattr(shared_server.app.table, "routes", (Route("/health", Access.PUBLIC, fail),))
    answer = shared_server.ask("/health")
    assert answer.status == 500 and b"secret" not in answer.body
    assert route.path in caplog.text
