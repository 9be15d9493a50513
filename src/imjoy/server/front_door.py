"""The outermost layer for HTTP and WebSocket: what is not allowed by name is refused."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable

from imjoy.server.connections import HEADER_BYTES
from imjoy.server.headers import security_headers
from imjoy.server.origins import OriginRules, Refusal, Visitor
from imjoy.server.routes import Access, App, Message, Receive, Route, RouteTable, Scope, Send

logger = logging.getLogger(__name__)

BODY_SECONDS = 10.0
FindSession = Callable[[str], "str | None"]


class FrontDoor:
    """Checks host, origin, route, session and size of the body, in this order."""

    def __init__(
        self, rules: OriginRules, table: RouteTable, find_session: FindSession, lifespan: App
    ) -> None:
        self._rules = rules
        self._table = table
        self._find_session = find_session
        self._lifespan = lifespan

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(scope, receive, send)
        elif scope["type"] in ("http", "websocket"):
            route = self._table.find(scope["path"])
            await self._serve(route, scope, receive, self._with_headers(scope, send, route))

    async def _serve(self, found: Route | None, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            route = self._admit(found, scope)
        except Refusal as refusal:
            await refuse(scope, send, refusal)
            return
        guarded = _limited(receive, route) if scope["type"] == "http" else receive
        started = _Started(send)
        try:
            await route.app(scope, guarded, started)
        except Refusal as refusal:
            if not started.yes:
                await refuse(scope, send, refusal)
        except Exception:  # a wall: one failed request must not become a traceback on the wire
            logger.exception("A request for %s failed", route.name or route.path)
            if not started.yes:
                await refuse(scope, send, Refusal(500, "engine.internal", "The engine failed."))

    def _admit(self, route: Route | None, scope: Scope) -> Route:
        if sum(len(name) + len(value) for name, value in scope["headers"]) > HEADER_BYTES:
            raise Refusal(431, "protocol.too_large", "The headers of the request are too large.")
        server = scope.get("server")
        method = scope.get("method", "GET")
        self._rules.check(
            Visitor(
                kind=scope["type"],
                method=method,
                path=scope["path"],
                scheme=scope.get("scheme", "http"),
                headers=scope["headers"],
                local_address=server[0] if server else None,
            ),
            any_origin=route is not None and route.any_origin,
        )
        if route is None or scope["type"] not in route.kinds:
            raise Refusal(404, "auth.forbidden", "There is nothing here.")
        if scope["type"] == "http" and method not in route.methods:
            raise Refusal(405, "auth.forbidden", "This cannot be done here.")
        self._check_session(scope, route)
        if _declared_length(scope) > route.max_body:
            raise Refusal(413, "protocol.too_large", "The request is too large.")
        return route

    def _with_headers(self, scope: Scope, send: Send, route: Route | None) -> Send:
        host = next((value for key, value in scope["headers"] if key == b"host"), b"")
        extra = security_headers(
            scope.get("scheme", "http"),
            host,
            any_origin=route is not None and route.any_origin,
            any_frame=route is not None and route.any_frame,
            embed_in=self._rules.embed_in,
        )

        async def send_with_headers(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                message["headers"] = [*message.get("headers", ()), *extra]
            await send(message)

        return send_with_headers

    def _check_session(self, scope: Scope, route: Route) -> None:
        if route.access is not Access.SESSION:
            return
        session_id = self._find_session(bearer(scope))
        if session_id is None:
            raise Refusal(401, "auth.required", "Log in first, by the address in the terminal.")
        scope["imjoy.session"] = session_id


def bearer(scope: Scope) -> str:
    """The secret in the Authorization header, or the empty string."""
    values = [value for key, value in scope["headers"] if key == b"authorization"]
    scheme, _, secret = (
        values[0].decode("latin-1").partition(" ") if len(values) == 1 else ("",) * 3
    )
    return secret.strip() if scheme.lower() == "bearer" else ""


async def refuse(scope: Scope, send: Send, refusal: Refusal) -> None:
    """Answer with an error record and close the connection; the body is never read."""
    kind = "http" if scope["type"] == "http" else "websocket.http"
    if kind != "http" and "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": 1008})
        return
    body = json.dumps({"code": refusal.code, "message": refusal.message}).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"connection", b"close"),
    ]
    await send({"type": f"{kind}.response.start", "status": refusal.status, "headers": headers})
    await send({"type": f"{kind}.response.body", "body": body})


class _Started:
    """Passes messages on and remembers whether an answer has begun."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.yes = False

    async def __call__(self, message: Message) -> None:
        self.yes = True
        await self._send(message)


def _declared_length(scope: Scope) -> int:
    for key, value in scope["headers"]:
        if key == b"content-length":
            return int(value) if value.isdigit() and len(value) < 19 else 1 << 62
    return 0


def _limited(receive: Receive, route: Route) -> Receive:
    """Refuse bodies that are larger than allowed or come too slowly."""
    loop = asyncio.get_running_loop()
    end = loop.time() + BODY_SECONDS
    seen = 0
    complete = False

    async def receive_limited() -> Message:
        nonlocal seen, complete, end
        if complete:
            return await receive()  # waits for the peer to go away
        try:
            message = await asyncio.wait_for(receive(), max(0.0, end - loop.time()))
        except asyncio.TimeoutError:
            raise Refusal(408, "auth.forbidden", "The request came too slowly.") from None
        if route.slow_body:
            end = loop.time() + BODY_SECONDS
        seen += len(message.get("body", b""))
        if seen > route.max_body:
            raise Refusal(413, "protocol.too_large", "The request is too large.")
        complete = not message.get("more_body", False)
        return message

    return receive_limited
