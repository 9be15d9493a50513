"""The events of one plugin: handlers by name, called in order."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any, Callable, Dict, List, Optional

__all__ = ["Events"]

Handler = Callable[[Any], Any]


class Events:
    """`api.on`, `api.off` and the handlers' part of `api.emit`."""

    def __init__(self) -> None:
        self._handlers: Dict[str, List[Handler]] = {}
        self._missed: Dict[str, Any] = {}

    def on(self, name: str, handler: Handler, fire_if_emitted: bool = False) -> None:
        """Call the handler for each event of that name, and for one that nobody has heard yet."""
        self._handlers.setdefault(name, []).append(handler)
        if fire_if_emitted and name in self._missed:
            _start(handler(self._missed[name]))

    def off(self, name: str, handler: Optional[Handler] = None) -> None:
        """Take one handler away, or all of that name."""
        kept = [one for one in self._handlers.get(name, []) if handler not in (None, one)]
        self._handlers[name] = kept

    async def emit(self, name: str, value: Any = None) -> None:
        """Call every handler; raises the first error after all were called."""
        handlers = list(self._handlers.get(name, []))
        if not handlers:
            self._missed[name] = value
        errors = []
        for handler in handlers:
            try:
                result = handler(value)
                if inspect.isawaitable(result):
                    await result
            except Exception as error:  # noqa: BLE001  # a wall: the plugin's own code
                errors.append(error)
        if errors:
            raise errors[0]


def _start(value: Any) -> None:
    if inspect.isawaitable(value):
        asyncio.ensure_future(value)
