"""The pages of an engine: connecting, coming back, and ending when they do not."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any, Protocol

from imjoy.engine.page_link import PageLink, PlainLink, SendFrame, count_of
from imjoy.errors import ImJoyError
from imjoy.protocol import memory
from imjoy.protocol.frame import Frame
from imjoy.protocol.messages import LIMITS, SESSION
from imjoy.rpc.router import Router

TICK_SECONDS = 1.0
LOST_PAGE = "The connection to the page was lost."


class Host(Protocol):
    """Told when plugins of a page have to wait, when it is away long, and when it has gone."""

    def hold(self, page: str, waits: bool) -> None: ...
    def page_away(self, page: str) -> None: ...
    def page_ended(self, page: str) -> None: ...


class Pages:
    """All pages that are connected, or may come back. Used on the event loop only."""

    def __init__(
        self, router: Router, host: Host, grace_seconds: float, plain_grace_seconds: float
    ) -> None:
        self._router, self._host = router, host
        self._grace, self._plain_grace = grace_seconds, plain_grace_seconds
        # The host is told once a second of each page that is away for longer than this.
        self.idle_seconds = grace_seconds
        self.absent_seconds: float = SESSION["absent_seconds"]
        self.absent_bytes: int = SESSION["absent_bytes"]
        self._links: dict[str, PageLink | PlainLink] = {}
        self._ticker: asyncio.Task[None] | None = None

    def __contains__(self, page: object) -> bool:
        link = self._links.get(str(page))
        return link is not None and (isinstance(link, PageLink) or link.lost_since is None)

    def is_connected(self, page: str) -> bool:
        """Whether a page is there now, and not only expected back."""
        link = self._links.get(page)
        return link is not None and link.lost_since is None

    def connect(
        self, page: str, send: SendFrame, close: Callable[[], None], hello: dict[str, Any]
    ) -> dict[str, Any]:
        """Link a page (again); gives what the welcome adds. Raises ImJoyError (rpc.fenced)."""
        if self._ticker is None:
            self._ticker = asyncio.get_running_loop().create_task(self._tick())
        wanted, facts = hello.get("session"), {"limits": dict(LIMITS)}
        if not isinstance(wanted, dict):
            self._begin(page, PlainLink(page, self._router.route), send)
            return facts
        link = self._links.get(page)
        known = isinstance(link, PageLink) and link.is_session(wanted.get("id"), wanted.get("key"))
        if not known or not isinstance(link, PageLink):
            link = PageLink(page, self._router.route, time.monotonic())
            link.on_full = lambda full: self._host.hold(page, full)
            self._begin(page, link, link.send)
            link.connect(send, close, dict(wanted, received=0))
            return {**facts, "session": link.welcome()}
        if count_of(wanted.get("generation")) <= link.generation:
            raise ImJoyError("A newer connection has taken over.", code="rpc.fenced")
        if not wanted.get("fresh"):
            return {**facts, "session": link.connect(send, close, wanted)}
        calls = link.reload()
        self._router.detach(page, "The page was loaded again.", reloaded=True)
        self._router.attach(page, link.send)
        session = link.connect(send, close, dict(wanted, received=0))
        return {**facts, "session": {**session, "calls": calls}}

    def disconnect(self, page: str, reason: str, for_good: bool) -> None:
        """The socket of a page is gone; it may come back, unless `for_good`."""
        link = self._links.get(page)
        if link is None:
            return
        if for_good:
            self._end(page, reason)
        elif isinstance(link, PageLink):
            link.disconnect()
        elif link.lost_since is None:
            link.lost_since = time.monotonic()
            self._router.detach(page, reason)

    def receive(self, page: str, frame: Frame) -> None:
        link = self._links.get(page)
        if link is not None:
            link.receive(frame)

    def answer(self, page: str, frame: Frame) -> None:
        """Send a frame in the session of a page, if it has one."""
        link = self._links.get(page)
        if isinstance(link, PageLink):
            link.send(frame)

    def place(self, page: str, header: Any, size: int) -> memoryview | None:
        """See Session.place."""
        link = self._links.get(page)
        return link.place(header, size) if isinstance(link, PageLink) else None

    def fetch(self, page: str, call_id: str) -> str:
        """See PageLink.fetch."""
        link = self._links.get(page)
        return link.fetch(call_id) if isinstance(link, PageLink) else "unknown"

    def close(self) -> None:
        """Forget all pages, as when the engine ends."""
        if self._ticker is not None:
            self._ticker.cancel()
        memory.clear()
        self._links.clear()

    def _begin(self, page: str, link: PageLink | PlainLink, send: SendFrame) -> None:
        """A link that knows nothing of the one before: what that had under way is lost."""
        if page in self._links:
            self._router.detach(page, LOST_PAGE)
        self._links[page] = link
        self._router.attach(page, send)

    def _end(self, page: str, reason: str) -> None:
        del self._links[page]
        self._router.detach(page, reason)
        self._host.page_ended(page)

    async def _tick(self) -> None:
        every = min(TICK_SECONDS, self._grace / 4, self._plain_grace / 4)
        while True:
            memory.trim(time.monotonic())  # also at first: before that no memory is used again
            await asyncio.sleep(every)
            now, wall = time.monotonic(), time.time()
            for page, link in list(self._links.items()):
                link.tick(now, wall)
                grace = self._grace if isinstance(link, PageLink) else self._plain_grace
                away = 0.0 if link.lost_since is None else now - link.lost_since
                if away > grace:
                    self._end(page, "The page did not come back.")
                elif away > self.idle_seconds:
                    self._host.page_away(page)
            self._bound_absent(now)

    def _bound_absent(self, now: float) -> None:
        """Pages that are away keep half a transfer for a while, and not too much of all together."""
        held = [
            (link.lost_since, link.arriving_bytes, link)
            for link in self._links.values()
            if isinstance(link, PageLink) and link.lost_since is not None and link.arriving_bytes
        ]
        total = sum(size for _, size, _ in held)
        for since, size, link in sorted(held, key=lambda one: one[0]):
            if total > self.absent_bytes or now - since > self.absent_seconds:
                link.give_up_arriving()
                total -= size
