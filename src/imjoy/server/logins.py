"""Answers what a page asks about its session: log in, log out, another one-time code."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse

from imjoy.server.connections import peer_key
from imjoy.server.near import is_near
from imjoy.server.origins import Refusal
from imjoy.server.rate_limit import RateLimit
from imjoy.server.routes import Receive, Scope, Send
from imjoy.server.tokens import OneTimeCodes, Sessions, digest, same

logger = logging.getLogger(__name__)

MAX_BODY = 4096
SECRET_LIMIT = 1024
_NO_STORE = {"Cache-Control": "no-store"}


@dataclass
class Keys:
    """Everything that opens this engine."""

    token_digest: str
    codes: OneTimeCodes
    sessions: Sessions
    limit: RateLimit

    def log_in(self, peer: str, code: str | None, token: str | None) -> str:
        """Exchange a code or the private token for a session; raises Refusal."""
        # A code cannot be guessed, so it works even while others at this peer guess tokens.
        if code is not None and self.codes.redeem(code):
            return self.sessions.open()
        if self.limit.is_limited(peer):
            raise too_many()
        if token is not None and same(digest(token), self.token_digest):
            return self.sessions.open()
        self.limit.count_wrong(peer)
        logger.warning("A login from %s was refused", peer)
        what = "address has been used or is older than 5 minutes" if code else "token is not valid"
        raise Refusal(401, "auth.bad_token", f"This {what}. Take a fresh one from the terminal.")

    def check_session(self, peer: str, session: str) -> str | None:
        """The id of an open session; a wrong one counts as a guess."""
        session_id = self.sessions.find(session) if 0 < len(session) <= SECRET_LIMIT else None
        if session_id is None and session:
            self.limit.count_wrong(peer)
        return session_id


def too_many() -> Refusal:
    return Refusal(429, "auth.rate_limited", "Too many wrong tokens. Wait a minute and try again.")


class LoginRoutes:
    """The handlers of `api/login`, `api/logout` and `api/code`."""

    def __init__(self, keys: Keys, on_logout: Callable[[str], None]) -> None:
        self._keys, self._on_logout = keys, on_logout

    async def log_in(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        secrets = await _read_secrets(request)
        peer = peer_key(scope.get("client"))
        session = self._keys.log_in(peer, secrets.get("code"), secrets.get("token"))
        answer = {"session": session}
        near = scope.get("state", {}).get("imjoy.near")
        if near and is_near(scope.get("client")):
            answer["near"] = near
        await JSONResponse(answer, headers=_NO_STORE)(scope, receive, send)

    async def log_out(self, scope: Scope, receive: Receive, send: Send) -> None:
        session_id = scope["imjoy.session"]
        self._keys.sessions.close(session_id)
        self._on_logout(session_id)
        await JSONResponse({"status": "ok"}, headers=_NO_STORE)(scope, receive, send)

    async def new_code(self, scope: Scope, receive: Receive, send: Send) -> None:
        code = self._keys.codes.issue()
        await JSONResponse({"code": code}, headers=_NO_STORE)(scope, receive, send)


async def _read_secrets(request: Request) -> dict[str, str]:
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind != "application/json":
        raise Refusal(415, "protocol.malformed", "A login is sent as JSON.")
    try:
        content = json.loads(await request.body())
    except (ValueError, RecursionError):
        content = None
    if isinstance(content, dict):
        found = {
            key: content[key] for key in ("code", "token") if isinstance(content.get(key), str)
        }
        if len(found) == 1 and all(0 < len(secret) <= SECRET_LIMIT for secret in found.values()):
            return found
    raise Refusal(400, "protocol.malformed", "A login holds either a code or a token.")
