"""Ids cannot be guessed, and a child is below its root and nothing else is."""

from __future__ import annotations

from imjoy.protocol.messages import is_address
from imjoy.rpc.addresses import is_within, new_id, root_of


def test_ids_are_addresses_and_never_the_same():
    ids = {new_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert all(is_address(one) for one in ids)


def test_what_lies_below_an_address():
    root, child = "a" * 32, "a" * 32 + "/" + "b" * 32
    assert is_within(root, root)
    assert is_within(child, root)
    assert not is_within(root, child)
    assert not is_within("a" * 32 + "b", root)
    assert root_of(child) == root_of(root) == root
