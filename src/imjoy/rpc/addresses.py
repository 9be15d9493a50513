"""Random identifiers and the addresses that are made of them."""

from __future__ import annotations

import os
from typing import List

__all__ = ["is_within", "new_id", "root_of"]


# Random ids that nobody has got yet: asking the system for each of them takes longer than a call.
_fresh: List[str] = []
AT_ONCE = 64


def new_id() -> str:
    """32 hex digits from 128 random bits."""
    try:
        return _fresh.pop()
    except IndexError:
        digits = os.urandom(16 * AT_ONCE).hex()
        _fresh.extend(digits[begin : begin + 32] for begin in range(32, len(digits), 32))
        return digits[:32]


if hasattr(os, "register_at_fork"):  # two processes must not hand out the same ids
    os.register_at_fork(after_in_child=_fresh.clear)


def is_within(address: str, root: str) -> bool:
    """Whether `address` is `root` itself or lies below it."""
    return address == root or address.startswith(f"{root}/")


def root_of(address: str) -> str:
    """The page or engine to which an address belongs."""
    return address.split("/", 1)[0]
