"""Values that came by a codec which is not known here, and go on by the same one."""

from __future__ import annotations

import weakref
from collections import abc
from typing import Any, Dict, List, Optional, Tuple

__all__ = ["note_codec", "noted_codec"]

# By identity, because most of these values have no hash: a reference to the value, and the codec.
_noted: Dict[int, Tuple["weakref.ref[Any]", str]] = {}


class _Dict(Dict[Any, Any]):
    """A dict that can be remembered without being kept alive."""


class _List(List[Any]):
    """A list that can be remembered without being kept alive."""


_REMEMBERED: Dict[type, Any] = {dict: _Dict, list: _List}


def note_codec(value: Any, name: str) -> Any:
    """The value itself, or an equal one; texts, numbers and the like forget how they came.

    Functions and streams do, too: they are not of this message alone, and go on by other ways.
    """
    if callable(value) or isinstance(value, (abc.Iterator, abc.AsyncIterator)):
        return value
    kind = _REMEMBERED.get(type(value))
    value = value if kind is None else kind(value)
    key = id(value)
    try:
        reference = weakref.ref(value, lambda _: _noted.pop(key, None))
    except TypeError:
        return value
    _noted[key] = reference, name
    return value


def noted_codec(value: Any) -> Optional[str]:
    """The codec by which a value came, when it was one that is not known here."""
    if not _noted:
        return None
    reference, name = _noted.get(id(value), (None, None))
    return name if reference is not None and reference() is value else None
