"""Ids cannot be guessed, and a child is below its root and nothing else is."""

from __future__ import annotations

import os

import pytest

from imjoy.protocol.messages import is_address
from imjoy.rpc.addresses import is_within, new_id, root_of


def test_ids_are_addresses_and_never_the_same():
    ids = {new_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert all(is_address(one) for one in ids)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_process_that_was_forked_has_ids_of_its_own():
    new_id()
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(write, "".join(new_id() for _ in range(70)).encode())
        os._exit(0)
    os.close(write)
    with open(read, encoding="ascii") as pipe:
        text = pipe.read()
    os.waitpid(child, 0)
    theirs = {text[begin : begin + 32] for begin in range(0, len(text), 32)}
    assert len(theirs) == 70
    assert not theirs & {new_id() for _ in range(70)}


def test_what_lies_below_an_address():
    root, child = "a" * 32, "a" * 32 + "/" + "b" * 32
    assert is_within(root, root)
    assert is_within(child, root)
    assert not is_within(root, child)
    assert not is_within("a" * 32 + "b", root)
    assert root_of(child) == root_of(root) == root
