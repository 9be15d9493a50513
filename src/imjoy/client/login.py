"""Exchanges the engine's token, or the code in its address, for a session."""

from __future__ import annotations

import asyncio
import http.client
import json
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from imjoy.errors import AuthError, PeerGone
from imjoy.rpc.transports.socketio import EngineAddress

SECONDS = 20.0


def code_of(url: str) -> str | None:
    """The one-time code in an address that the engine printed."""
    return parse_qs(urlsplit(url).fragment).get("code", [None])[0]


class Login(NamedTuple):
    """The secret of a session, and the engine's socket for programs on its machine if it has one."""

    session: str
    near: str


async def log_in(address: EngineAddress, proof: dict[str, str], ssl: Any = None) -> Login:
    """A new session, for a `token` or a `code`. Raises AuthError or PeerGone."""
    status, answer = await asyncio.to_thread(_post, address, "api/login", {}, proof, ssl)
    session = answer.get("session")
    if status == 200 and isinstance(session, str):
        near = answer.get("near")
        return Login(session, near if isinstance(near, str) and not address.secure else "")
    message = answer.get("message") or f"What answers there is no engine (status {status})."
    raise AuthError(str(message), code=str(answer.get("code") or "auth.forbidden"))


async def log_out(address: EngineAddress, session: str, ssl: Any = None) -> None:
    """End a session, its connections and its plugins; nothing happens when there is no engine."""
    headers = {"Authorization": f"Bearer {session}"}
    try:
        await asyncio.to_thread(_post, address, "api/logout", headers, {}, ssl)
    except PeerGone:
        pass


def _post(
    address: EngineAddress, path: str, headers: dict[str, str], content: dict[str, str], ssl: Any
) -> tuple[int, dict[str, Any]]:
    connection: http.client.HTTPConnection
    if address.secure:
        connection = http.client.HTTPSConnection(
            address.host, address.port, timeout=SECONDS, context=ssl
        )
    else:
        connection = http.client.HTTPConnection(address.host, address.port, timeout=SECONDS)
    try:
        sent = {"Content-Type": "application/json", **headers}
        connection.request("POST", address.path + path, json.dumps(content), sent)
        answer = connection.getresponse()
        content = json.loads(answer.read(1 << 16))
    except (OSError, http.client.HTTPException) as error:
        raise PeerGone(
            f"There is no engine at {address.authority} ({error}). Check that it is running."
        ) from None
    except ValueError:
        content = {}
    finally:
        connection.close()
    return answer.status, content if isinstance(content, dict) else {}
