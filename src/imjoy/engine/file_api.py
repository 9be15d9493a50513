"""Exports what a page can do with the files of its engine's machine."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from imjoy.engine.pages import Pages
from imjoy.errors import AuthError, ProtocolError
from imjoy.files import FileStore
from imjoy.files.grants import USUAL_SECONDS
from imjoy.rpc.peer import Peer
from imjoy.vendor import WheelMirror

T = TypeVar("T")


class FileApi:
    """The table `files.*`. The first argument of each function is the caller's address."""

    def __init__(
        self, peer: Peer, store: FileStore, pages: Pages, wheels: WheelMirror | None = None
    ) -> None:
        self._peer, self._store, self._pages, self._wheels = peer, store, pages, wheels

    def export(self) -> None:
        """Make the functions callable."""
        functions: dict[str, Callable[..., Awaitable[Any]]] = {
            "places": self.places,
            "list": self.list,
            "find": self.find,
            "show": self.show,
            "read_address": self.read_address,
            "write_address": self.write_address,
            "written": self.written,
            "make_folder": self.make_folder,
            "remove": self.remove,
            "wheel": self.wheel,
        }
        for name, function in functions.items():
            self._peer.export(f"files.{name}", function, with_caller=True)

    async def places(self, caller: str) -> list[dict[str, str]]:
        """The folders that are open to pages: name and path of each."""
        return await self._ask(caller, self._store.places)

    async def list(self, caller: str, path: Any) -> dict[str, Any]:
        """`{path, parent, entries: [{name, path, type, size, modified}], more}`. Raises FileError."""
        return await self._ask(caller, self._store.list, path)

    async def find(self, caller: str, path: Any, text: Any) -> dict[str, Any]:
        """The same for what has the text in its name, in all folders below. Raises FileError."""
        return await self._ask(caller, self._store.find, path, text)

    async def show(self, caller: str, path: Any) -> dict[str, Any]:
        """One file or folder. Raises FileError."""
        return await self._ask(caller, self._store.show, path)

    async def read_address(self, caller: str, path: Any, seconds: Any = USUAL_SECONDS) -> str:
        """An address below the page's that reads a file or folder for a while. Raises FileError."""
        if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
            raise ProtocolError("The seconds are a number.")
        return await self._ask(caller, self._store.read_address, path, caller, float(seconds))

    async def write_address(self, caller: str, path: Any, overwrite: Any = False) -> str:
        """An address below the page's that takes the bytes of a file. Raises FileError."""
        return await self._ask(caller, self._store.write_address, path, caller, overwrite is True)

    async def written(self, caller: str, address: Any) -> dict[str, Any]:
        """Waits for the bytes to an address of `write_address`; gives `{id, path, size}`."""
        self._check_page(caller)
        parts = str(address).split("/")
        return await self._store.written.wait(parts[1] if len(parts) > 1 else "")

    async def make_folder(self, caller: str, path: Any) -> dict[str, Any]:
        """Make a folder. Raises FileError."""
        return await self._ask(caller, self._store.make_folder, path)

    async def remove(self, caller: str, path: Any) -> None:
        """Remove a file or an empty folder. Raises FileError."""
        await self._ask(caller, self._store.remove, path)

    async def wheel(self, caller: str, name: Any, platform: Any) -> dict[str, Any] | None:
        """A wheel for Python in the browser: filename, sha256, requires and data. Raises NoWheel."""
        if self._wheels is None:
            return None
        wheel = await self._ask(caller, self._wheels.get, str(name), str(platform))
        return {
            "filename": wheel.filename,
            "sha256": wheel.sha256,
            "requires": wheel.requires,
            "data": wheel.data,
        }

    async def _ask(self, caller: str, function: Callable[..., T], *args: Any) -> T:
        """Disks can be slow, so a thread waits for them. A page alone may do this."""
        self._check_page(caller)
        return await asyncio.to_thread(function, *args)

    def _check_page(self, caller: str) -> None:
        if caller not in self._pages:
            raise AuthError("Only the workbench page may do this.", code="auth.forbidden")
