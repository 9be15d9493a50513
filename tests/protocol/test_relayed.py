"""Values of codecs that are not known here keep the names of these, and are not kept alive for it."""

from __future__ import annotations

import gc
import json
from typing import Any

import numpy as np
import pytest

from imjoy.protocol import relayed
from imjoy.protocol.values import Codec, CodecRegistry, ValueContext, decode, encode


def received(value: Any) -> Any:
    """What arrives of a value that another peer has sent by a codec of its own."""
    context = ValueContext()
    context.codecs = CodecRegistry()
    context.codecs.register(Codec("theirs", Sent, lambda sent: sent.value))
    body, buffers = encode(Sent(value), context)
    return decode(body, buffers, ValueContext())


class Sent:
    def __init__(self, value: Any) -> None:
        self.value = value


def body_of(value: Any) -> Any:
    return json.loads(encode(value, ValueContext())[0])


@pytest.mark.parametrize("value", [{"a": 1}, [1, 2], np.arange(3)])
def test_a_value_goes_on_by_the_codec_that_it_came_by(value: Any) -> None:
    passed = received(value)
    assert isinstance(passed, type(value)) and list(passed) == list(value)
    body = body_of({"inside": [passed]})["inside"][0]
    assert (body["$"], body["n"]) == ("codec", "theirs")
    assert body["v"] == body_of(value)


def test_another_value_with_the_same_content_goes_as_it_is() -> None:
    passed = received({"a": 1})
    assert body_of(dict(passed)) == {"a": 1}
    assert body_of(received("text")) == "text"


def test_what_others_share_is_not_marked() -> None:
    function, stream = (lambda: None), iter([1])
    for value in (function, stream):
        assert relayed.note_codec(value, "theirs") is value
        assert relayed.noted_codec(value) is None


def test_nothing_is_kept_alive() -> None:
    before = len(relayed._noted)
    passed = [received({"a": 1}), received([1]), received(np.arange(3))]
    assert len(relayed._noted) == before + 3
    passed.clear()
    gc.collect()
    assert len(relayed._noted) == before
