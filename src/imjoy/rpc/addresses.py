"""Random identifiers and the addresses that are made of them."""

from __future__ import annotations

import os

__all__ = ["is_within", "new_id", "root_of"]


def new_id() -> str:
    """32 hex digits from 128 random bits."""
    return os.urandom(16).hex()


def is_within(address: str, root: str) -> bool:
    """Whether `address` is `root` itself or lies below it."""
    return address == root or address.startswith(f"{root}/")


def root_of(address: str) -> str:
    """The page or engine to which an address belongs."""
    return address.split("/", 1)[0]
