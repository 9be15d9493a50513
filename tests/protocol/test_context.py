"""Codecs are found by name and by class; without a peer there are no functions."""

from __future__ import annotations

import pytest

from imjoy.protocol.context import Codec, CodecRegistry, ValueContext


def test_the_codec_registered_last_wins():
    registry = CodecRegistry()
    first = Codec("number", int, encoder=str)
    second = Codec("real", (int, float), encoder=repr)  # type: ignore[arg-type]
    registry.register(first)
    registry.register(second)
    assert registry.of(5) is second
    registry.register(first)
    assert registry.of(5) is first
    assert registry.of("text") is None


def test_a_codec_that_only_decodes_is_found_by_its_name_alone():
    registry = CodecRegistry()
    registry.register(Codec("n", int, decoder=int))
    assert registry.of(5) is None
    assert registry.named("n") is not None
    assert registry.named("__class__") is None


def test_without_a_peer_there_are_no_functions():
    with pytest.raises(TypeError):
        ValueContext().encode_function(len)
    with pytest.raises(TypeError):
        ValueContext().decode_ref("a" * 32, "run")
