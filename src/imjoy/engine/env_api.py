"""Exports what a page can do with the environments of its engine."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from imjoy.engine.pages import Pages
from imjoy.engine.supervisor import PluginSupervisor
from imjoy.envs import Environment, EnvManager
from imjoy.envs.collect import DAYS
from imjoy.errors import AuthError, ProtocolError
from imjoy.rpc.peer import Peer

logger = logging.getLogger(__name__)

Make = Callable[..., Awaitable[Environment]]


class EnvApi:
    """The table `env.*`. The first argument of each function is the caller's address."""

    def __init__(self, peer: Peer, supervisor: PluginSupervisor, pages: Pages) -> None:
        self._peer, self._supervisor, self._pages = peer, supervisor, pages
        self._manager = EnvManager(supervisor.store)

    def export(self) -> None:
        """Make the functions callable."""
        functions: dict[str, Callable[..., Awaitable[Any]]] = {
            "list": self.list_all,
            "show": self.show,
            "preview": self.preview,
            "create": self.create,
            "use": self.use,
            "verify": self.verify,
            "repair": self.repair,
            "update": self.update,
            "rollback": self.rollback,
            "remove": self.remove,
            "gc": self.gc,
            "export": self.export_lock,
        }
        for name, function in functions.items():
            self._peer.export(f"env.{name}", self._for_pages(function), with_caller=True)

    async def list_all(self) -> list[dict[str, Any]]:
        """All environments, newest first, with their sizes and who uses them."""
        return await self._manager.list_all()

    async def show(self, name: Any) -> dict[str, Any]:
        """One environment with its packages. Raises EnvError."""
        return await self._manager.show(str(name))

    async def preview(self, plugin: Any) -> dict[str, Any]:
        """What the first start of `{name, config, tag}` will fetch, and how large it is."""
        spec, user, work = self._supervisor.wish(_described(plugin))
        return await self._manager.preview(spec, user=user, work=work)

    async def create(self, plugin: Any, on_progress: Any = None) -> dict[str, Any]:
        """Make the environment of `{name, config, tag}`, or find it, without starting anything.

        Raises EnvError.
        """
        return await self._make(self._supervisor.store.ensure, plugin, on_progress)

    async def use(self, name: Any, plugin: Any) -> dict[str, Any]:
        """Let the plugin `{name, config, tag}` use an environment, if it has what it asks for.

        Raises EnvError (`env.unhealthy`).
        """
        spec, user, work = self._supervisor.wish(_described(plugin))
        return await self._manager.use(str(name), spec, user, work)

    async def verify(self, name: Any) -> dict[str, Any]:
        """Compare the files of an environment with their checksums. Raises EnvError."""
        return (await self._manager.verify(str(name))).facts()

    async def repair(self, name: Any, on_progress: Any = None) -> dict[str, Any]:
        """Make a damaged environment anew; gives what was damaged. Raises EnvError."""
        return (await self._manager.repair(str(name), _told(on_progress))).facts()

    async def update(self, plugin: Any, on_progress: Any = None) -> dict[str, Any]:
        """Choose the newest packages for `{name, config, tag}`, try them, then use them.

        The running plugin keeps what it runs in until it is started again. Raises EnvError.
        """
        return await self._make(self._supervisor.store.update, plugin, on_progress)

    async def _make(self, make: Make, plugin: Any, on_progress: Any) -> dict[str, Any]:
        described = _described(plugin)
        spec, user, work = self._supervisor.wish(described)
        agreed = described.get("agreed")
        known = agreed if isinstance(agreed, list) else ()
        made = await make(spec, _told(on_progress), user=user, work=work, agreed=known)
        return {"key": made.key, "state": made.state, "seconds": made.seconds}

    async def rollback(self, user: Any, on_progress: Any = None) -> dict[str, Any]:
        """Let a plugin use the environment before from its next start on. Raises EnvError."""
        return await self._manager.rollback(str(user), _told(on_progress))

    async def remove(self, name: Any) -> dict[str, Any]:
        """Remove an environment that nothing runs in. Raises EnvError."""
        return await self._manager.remove(str(name))

    async def gc(
        self, days: Any = DAYS, previous: Any = False, dry_run: Any = True
    ) -> dict[str, Any]:
        """Remove what nothing has used for some days, or only say what that would free."""
        if isinstance(days, bool) or not isinstance(days, (int, float)) or days < 0:
            raise ProtocolError("The days are a number.")
        return await self._manager.gc(float(days), previous is True, dry_run is not False)

    async def export_lock(self, name: Any) -> dict[str, str]:
        """The lock files of an environment: name -> text. Raises EnvError."""
        return self._manager.export(str(name))

    def _for_pages(self, function: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        """Plugins learn addresses below the engine's, so a page alone may do this."""

        async def checked(caller: str, *args: Any) -> Any:
            if caller not in self._pages:
                raise AuthError("Only the workbench page may do this.", code="auth.forbidden")
            return await function(*args)

        return checked


def _described(plugin: Any) -> dict[str, Any]:
    if not isinstance(plugin, dict) or not isinstance(plugin.get("config") or {}, dict):
        raise ProtocolError("A plugin is described by an object with its `config`.")
    if not isinstance(plugin.get("name"), str):
        raise ProtocolError("The description of a plugin lacks its `name`.")
    return plugin


def _told(on_progress: Any) -> Callable[[dict[str, Any]], object] | None:
    """A function of the page that is told how far it is; nobody waits for its answer."""
    if not callable(on_progress):
        return None

    def tell(progress: dict[str, Any]) -> None:
        result = on_progress(progress)
        if inspect.isawaitable(result):
            asyncio.ensure_future(result).add_done_callback(_ignore_failure)

    return tell


def _ignore_failure(future: asyncio.Future[Any]) -> None:
    """A page that has gone does not stop the work."""
    if not future.cancelled() and future.exception() is not None:
        logger.debug("A page was not told about progress: %s", future.exception())
