"""Knows for which page the plugin's code runs: several pages may share one process."""

from __future__ import annotations

import contextlib
from contextvars import ContextVar
from typing import Iterator, Optional, Sequence

from imjoy.rpc.addresses import root_of

__all__ = ["page_of_now", "work_for"]

# The top of the address that the call came from. Tasks begun meanwhile keep it, threads do not.
_caller: ContextVar[Optional[str]] = ContextVar("caller", default=None)


@contextlib.contextmanager
def work_for(address: Optional[str]) -> Iterator[None]:
    """What runs inside was called from this address."""
    token = _caller.set(None if address is None else root_of(address))
    try:
        yield
    finally:
        _caller.reset(token)


def page_of_now(pages: Sequence[str]) -> str:
    """Of these pages, the one that has called; else the last, which came last."""
    caller = _caller.get()
    return caller if caller is not None and caller in pages else pages[-1]
