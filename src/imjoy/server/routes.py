"""The table of everything that can be asked of the engine, each entry marked with who may ask."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class Access(Enum):
    """Who may use a route."""

    PUBLIC = "public"  # anybody who passes the front door
    SESSION = "session"  # a logged-in page: `Authorization: Bearer SESSION`
    SESSION_IN_HANDSHAKE = "session-in-handshake"  # a socket: its first packet has the session


@dataclass(frozen=True)
class Route:
    """One entry of the table. `path` ending in `*` means everything below; no default access.

    `any_frame`: it is a page that may show pages of other sites.
    `any_origin`: plugin frames, which have no origin, may read it, and with them any web page.
    `slow_body`: what is sent may take any time, as long as it goes on.
    """

    path: str
    access: Access
    app: App
    methods: frozenset[str] = frozenset({"GET", "HEAD"})
    kinds: frozenset[str] = frozenset({"http"})
    max_body: int = 0
    name: str = ""
    any_origin: bool = False
    any_frame: bool = False
    slow_body: bool = False

    def matches(self, path: str) -> bool:
        if self.path.endswith("*"):
            return path.startswith(self.path[:-1])
        return path == self.path


class RouteTable:
    """Looks a path up in the entries, first match first; there is no way in beside it."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self.routes = tuple(routes)
        for route in self.routes:
            if not isinstance(route.access, Access):
                raise ValueError(f"the route {route.path} is not marked with who may use it")

    def find(self, path: str) -> Route | None:
        return next((route for route in self.routes if route.matches(path)), None)
