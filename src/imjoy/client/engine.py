"""Calls an engine and its plugins from a Python program."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Any

from imjoy.client.link import EngineLink
from imjoy.client.login import code_of, log_in, log_out
from imjoy.client.plugin import RemotePlugin
from imjoy.client.transfers import OnTransfer
from imjoy.errors import PeerGone
from imjoy.plugins.parser import parse_plugin
from imjoy.protocol.context import Codec
from imjoy.rpc.peer import Peer
from imjoy.rpc.remote import RemoteFunction
from imjoy.rpc.transports.socketio import EngineAddress


class EngineClient:
    """One program's connection to an engine: `async with`, or `await` it and `aclose` it later.

    Its plugins end with it. A connection that breaks is made again, and no call is lost by that.
    """

    def __init__(
        self, url: str, token: str | None = None, ssl: Any = None, near: bool = True
    ) -> None:
        self._address, self._ssl, self._may_be_near = EngineAddress.parse(url), ssl, near
        code = code_of(url)
        if token is None and code is None:
            raise ValueError("An engine asks for its token; `python -m imjoy token` shows it.")
        self._proof = {"token": token} if token is not None else {"code": str(code)}
        self._link: EngineLink | None = None
        self._peer: Peer | None = None
        self._session = ""

    def __await__(self) -> Generator[Any, None, EngineClient]:
        return self.open().__await__()

    async def __aenter__(self) -> EngineClient:
        return await self.open()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def open(self) -> EngineClient:
        """Log in and connect. Raises AuthError, PeerGone or OSError."""
        self._session, near = await log_in(self._address, self._proof, self._ssl)
        link = EngineLink(
            self._address,
            self._session,
            self._deliver,
            self._gone,
            self._ssl,
            near if self._may_be_near else "",
        )
        self._peer = Peer(link.page, link.send)
        self._link = link
        try:
            await link.open()
        except BaseException:
            await self.aclose()
            raise
        self._peer.uplink = link.engine
        return self

    async def aclose(self) -> None:
        """End the connection and the plugins that were started by it."""
        link, self._link = self._link, None
        peer, self._peer = self._peer, None
        if link is not None:
            await link.stop()
        if self._session:
            # While the connection is there: so the engine knows that it ends for good.
            session, self._session = self._session, ""
            await log_out(self._address, session, self._ssl)
        if link is not None:
            await link.aclose()
        if peer is not None:
            await peer.aclose()

    @property
    def is_connected(self) -> bool:
        return self._link is not None and self._link.is_connected

    @property
    def address(self) -> str:
        """The engine's address in the sense of the protocol."""
        return self._open_link().engine

    async def call(
        self, target: str, *args: Any, timeout: float | None = None, **kwargs: Any
    ) -> Any:
        """Call a function of the engine, such as `engine.info`; see Peer.call for what it raises."""
        peer, link = self._peer, self._link
        if peer is None or link is None:
            raise PeerGone("The connection to the engine was closed.")
        return await peer.call(link.engine, target, *args, timeout=timeout, **kwargs)

    def transfers(self, told: OnTransfer) -> AbstractContextManager[None]:
        """`with engine.transfers(told):` follows large arguments and results of the calls within.

        `told(way, done, total)` gets "sent" or "received" and bytes, for what travels in pieces:
        more than 512 KiB.
        """
        return self._open_link().transfers.watch(told)

    def remote(self, peer: str, target: str) -> RemoteFunction:
        """A function of a peer, to be called any number of times."""
        return self.peer.remote(peer, target)

    @property
    def peer(self) -> Peer:
        """Our end of the conversation; `export` on it lets others call functions of ours."""
        if self._peer is None:
            raise PeerGone("The connection to the engine was closed.")
        return self._peer

    def register_codec(
        self,
        name: str,
        type: type[Any] | None = None,
        encoder: Callable[[Any], Any] | None = None,
        decoder: Callable[[Any], Any] | None = None,
    ) -> None:
        """Have values of `type` encoded by `encoder` and decoded by `decoder`, as plugins do it."""
        self.peer.codecs.register(Codec(name, type, encoder, decoder))

    async def start(
        self,
        plugin: str | Path,
        tag: str | None = None,
        on_log: Callable[[list[dict[str, Any]]], object] | None = None,
        on_progress: Callable[[dict[str, Any]], object] | None = None,
    ) -> RemotePlugin:
        """Start a Python plugin: a file, or the text of one. Raises ManifestError or EnvError.

        `on_log` is called with lines of its output, `on_progress` while its environment is made.
        """
        text = plugin.read_text("utf-8") if isinstance(plugin, Path) else plugin
        manifest = parse_plugin(text, tag).manifest
        plugin_id = secrets.token_hex(8)
        described = {
            "id": plugin_id,
            "name": manifest.name,
            "code": text,
            "config": {
                **manifest.fields,
                "requirements": list(manifest.requirements),
                "env": manifest.env,
            },
            "tag": tag,
        }
        told = {"on_log": on_log, "on_progress": on_progress}
        callbacks = {name: one for name, one in told.items() if one is not None}
        facts = await self.call("engine.start", described, callbacks)
        return RemotePlugin(self, plugin_id, manifest.name, facts)

    def _open_link(self) -> EngineLink:
        if self._link is None:
            raise PeerGone("The connection to the engine was closed.")
        return self._link

    def _deliver(self, frame: Any) -> None:
        if self._peer is not None:
            self._peer.receive(frame)

    def _gone(self, engine: str, reason: str, code: str) -> None:
        if self._peer is not None and self._link is not None:
            self._peer.uplink = self._link.engine
            self._peer.peer_gone(engine, reason, code)


def connect(url: str, token: str | None = None, ssl: Any = None, near: bool = True) -> EngineClient:
    """The engine at `url`, to be entered by `async with` or awaited.

    `token` is the engine's private one. Without it `url` is an address that the engine printed,
    which works once. On the engine's own machine a Unix socket takes the place of the network; not
    with `near=False`, as for a program that listens to what passes at the address.
    """
    return EngineClient(url, token, ssl, near)
