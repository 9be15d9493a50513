"""Keeps the functions by which a plugin is loaded and ended for whoever made its process.

Other plugins learn a plugin's address from the functions that it hands out.
"""

from __future__ import annotations

import functools
from typing import Any, Awaitable, Callable

from imjoy.errors import PluginError

__all__ = ["for_owner"]


def for_owner(
    address: str, function: Callable[..., Awaitable[Any]]
) -> Callable[..., Awaitable[Any]]:
    """The function with the caller's address as first argument; it must be right above `address`.

    Raises PluginError (plugin.permission) for any other caller.
    """
    owner = address.rpartition("/")[0]

    @functools.wraps(function)
    async def guarded(caller: str, *args: Any, **kwargs: Any) -> Any:
        if caller != owner:
            error = PluginError("Only the workbench may control a plugin.")
            error.code = "plugin.permission"
            raise error
        return await function(*args, **kwargs)

    return guarded
