"""Exports the workspaces that this engine keeps for its pages."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from imjoy.engine.pages import Pages
from imjoy.engine.workspace_store import WorkspaceStore
from imjoy.errors import AuthError
from imjoy.rpc.peer import Peer

T = TypeVar("T")


class WorkspaceApi:
    """The table `workspaces.*`. The first argument of each function is the caller's address."""

    def __init__(self, peer: Peer, store: WorkspaceStore, pages: Pages) -> None:
        self._peer, self._store, self._pages = peer, store, pages

    def export(self) -> None:
        """Make the functions callable."""
        store = self._store
        functions: dict[str, Callable[..., Any]] = {
            "list": store.summaries,
            "read": store.read,
            "write": store.write,
            "erase": store.erase,
            "history": store.history,
            "read_revision": store.read_revision,
            "blobs": store.blobs,
            "has_blob": store.has_blob,
            "read_blob": store.read_blob,
            "write_blob": store.write_blob,
            "remove_blob": store.remove_blob,
        }
        for name, function in functions.items():
            self._peer.export(f"workspaces.{name}", self._for_pages(function), with_caller=True)

    def _for_pages(self, function: Callable[..., T]) -> Callable[..., Awaitable[T]]:
        async def run(caller: str, *args: Any) -> T:
            if caller not in self._pages:
                raise AuthError("Only the workbench page may do this.", code="auth.forbidden")
            # Disks can be slow, so a thread waits for them.
            return await asyncio.to_thread(function, *args)

        return run
