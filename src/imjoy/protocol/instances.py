"""Looks at objects of users' classes: which fields and methods they show to others."""

from __future__ import annotations

import types
from typing import Any, Dict, Iterator

from imjoy.errors import Unserializable

__all__ = ["public_members"]

_METHODS = (types.FunctionType, types.BuiltinFunctionType, staticmethod, classmethod)


def public_members(value: Any) -> Dict[str, Any]:
    """Data fields and bound methods whose names do not begin with `_`.

    Raises Unserializable for an object whose class was not written in Python, or for a module.
    """
    kind = type(value)
    if not _shows_fields(value) or isinstance(value, types.ModuleType):
        raise Unserializable(
            f"This cannot be sent to another plugin: an object of the class {kind.__name__}."
        )
    members = {name: item for name, item in _fields(value) if _is_public(name)}
    for base in kind.__mro__[:-1]:
        for name, item in vars(base).items():
            if _is_public(name) and name not in members and isinstance(item, _METHODS):
                members[name] = getattr(value, name)
    return members


def _fields(value: Any) -> Iterator[Any]:
    for base in type(value).__mro__:
        slots = vars(base).get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            if name != "__dict__" and hasattr(value, name):
                yield name, getattr(value, name)
    yield from getattr(value, "__dict__", {}).items()


def _is_public(name: Any) -> bool:
    return isinstance(name, str) and not name.startswith("_")


# Objects of classes written in C mostly have neither a dictionary nor slots.
def _shows_fields(value: Any) -> bool:
    return hasattr(value, "__dict__") or any("__slots__" in vars(b) for b in type(value).__mro__)
