"""Listens, serves until a signal comes, and stops within seconds."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import signal
import socket
from collections.abc import Callable, Iterator

import uvicorn

from imjoy.server.connections import HEADER_BYTES, guarded_protocols
from imjoy.server.near import listen_near, name_of
from imjoy.server.routes import App

BACKLOG = 512
ANSWER_SECONDS = 1
_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")


class ListenError(Exception):
    """The address cannot be listened on; `in_use` says whether another program does."""

    def __init__(self, message: str, in_use: bool = False) -> None:
        super().__init__(message)
        self.in_use = in_use


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; raises ListenError."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (socket.gaierror, UnicodeError, OverflowError):
        raise ListenError(
            f"`{host}` is not an address of this machine. "
            "Use --host=127.0.0.1 for this machine alone or --host=0.0.0.0 for its network."
        ) from None
    listener = socket.socket(family, kind, protocol)
    try:
        if os.name == "posix":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise _listen_error(error, host, port) from None
    listener.setblocking(False)
    return listener


def _listen_error(error: OSError, host: str, port: int) -> ListenError:
    if error.errno == errno.EADDRINUSE:
        return ListenError(f"Port {port} is in use by another program.", in_use=True)
    if error.errno == errno.EACCES:
        return ListenError(
            f"You may not use port {port}: ports below 1024 belong to the system. "
            "Choose another one with --port, for example --port=8080."
        )
    if error.errno == errno.EADDRNOTAVAIL:
        return ListenError(
            f"{host} is not an address of this machine. "
            "Use --host=127.0.0.1 for this machine alone or --host=0.0.0.0 for its network."
        )
    return ListenError(f"Cannot listen on {host}, port {port}: {error.strerror}.")


class EngineServer(uvicorn.Server):
    """uvicorn with the guarded protocols, ended by `stop` or a signal, without re-raising it."""

    def __init__(self, app: App) -> None:
        self.near = listen_near()
        guard, http, websocket = guarded_protocols(name_of(self.near))
        self.guard = guard
        super().__init__(
            uvicorn.Config(
                app,
                http=http,
                ws=websocket,  # type: ignore[arg-type]  # it receives into buffers of its own
                h11_max_incomplete_event_size=HEADER_BYTES,
                log_config=None,
                access_log=False,
                proxy_headers=False,
                server_header=False,
                lifespan="off",
                timeout_graceful_shutdown=ANSWER_SECONDS,
            )
        )

    def stop(self) -> None:
        """Stop serving; a second time: without waiting for answers under way."""
        self.force_exit = self.should_exit
        self.should_exit = True

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """The engine handles signals itself: a signal is a normal end, with exit code 0."""
        yield

    async def serve_on(self, listener: socket.socket) -> None:
        await self.serve(sockets=[listener, *filter(None, [self.near])])


@contextlib.contextmanager
def on_signals(stop: Callable[[], None]) -> Iterator[None]:
    """Call `stop` for Ctrl+C, termination and a closed terminal, while inside."""
    loop = asyncio.get_running_loop()
    wanted = [getattr(signal, name) for name in _SIGNALS if hasattr(signal, name)]
    installed, previous = [], {}
    for number in wanted:
        try:
            loop.add_signal_handler(number, stop)
            installed.append(number)
        except (NotImplementedError, RuntimeError, ValueError):
            with contextlib.suppress(ValueError):
                previous[number] = signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop))
    try:
        yield
    finally:
        for number in installed:
            loop.remove_signal_handler(number)
        for number, handler in previous.items():
            signal.signal(number, handler)
