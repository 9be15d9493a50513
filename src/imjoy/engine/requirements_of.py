"""What a plugin needs beside what it lists: the engines of before had numpy in every worker."""

from __future__ import annotations

import re
from typing import Any

__all__ = ["requirements_of"]

_NUMPY = re.compile(r"^[ \t]*(?:import|from)[ \t]+numpy\b", re.MULTILINE)
# From the next one on plugins run in environments of their own.
_LAST = (0, 1, 7)


def requirements_of(config: dict[str, Any], script: str) -> Any:
    """The requirements of a manifest; numpy for an old plugin that lists nothing and imports it."""
    given = config.get("requirements")
    if given or config.get("env") or not _NUMPY.search(script) or not _is_old(config):
        return given
    return ["numpy"]


def _is_old(config: dict[str, Any]) -> bool:
    numbers = re.findall(r"\d+", str(config.get("api_version") or ""))
    return bool(numbers) and tuple(int(number) for number in numbers[:3]) <= _LAST
