"""Who may load and end a plugin."""

from __future__ import annotations

import asyncio

import pytest

from imjoy.errors import PluginError
from imjoy.worker.owner import for_owner


def test_only_who_is_right_above_the_plugin_may_call() -> None:
    async def load(value: int) -> int:
        return value + 1

    guarded = for_owner("e/p", load)
    assert asyncio.run(guarded("e", 1)) == 2
    for caller in ("e/other", "e/p", "p", "", "e/p/x"):
        with pytest.raises(PluginError) as caught:
            asyncio.run(guarded(caller, 1))
        assert caught.value.code == "plugin.permission"
