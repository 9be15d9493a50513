"""A plugin that runs on an engine, as a Python program sees it."""

from __future__ import annotations

from typing import Any, Protocol

from imjoy.rpc.remote import RemoteFunction


class Caller(Protocol):
    """What a plugin is reached through: the client of its engine."""

    async def call(self, target: str, *args: Any, **kwargs: Any) -> Any: ...
    def remote(self, peer: str, target: str) -> RemoteFunction: ...


class RemotePlugin:
    """Its functions are attributes: `await plugin.run(image)`; `functions` has their names.

    Where this class has a name for itself, such as `stop`, `plugin.function("stop")` is the plugin's.
    """

    def __init__(self, engine: Caller, plugin_id: str, name: str, facts: dict[str, Any]) -> None:
        self.id, self.name, self.facts = plugin_id, name, facts
        self.address = str(facts["peer"])
        self.functions = tuple(str(one) for one in facts.get("interface") or ())
        self._engine = engine

    def __getattr__(self, name: str) -> RemoteFunction:
        return self.function(name)

    def function(self, name: str) -> RemoteFunction:
        """One of its functions. Raises AttributeError when it has none of that name."""
        if name not in self.__dict__.get("functions", ()):
            raise AttributeError(f"The plugin {self.name} has no function {name}.")
        return self._engine.remote(self.address, name)

    async def stop(self) -> bool:
        """End the plugin; False when it has ended already."""
        return bool(await self._engine.call("engine.stop", self.id))

    async def log(self) -> list[dict[str, Any]]:
        """The lines of its output: time, stream, level and text."""
        lines: list[dict[str, Any]] = await self._engine.call("engine.log", self.id)
        return lines
