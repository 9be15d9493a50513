"""References: what is counted, passed on, given back to its owner, and taken back."""

from __future__ import annotations

import pytest

from imjoy.errors import ProtocolError
from imjoy.protocol.context import Codec
from imjoy.rpc.exports import ExportTable
from imjoy.rpc.peer_values import PeerValues
from imjoy.rpc.remote import ProxyTable, RemoteFunction
from rpc.memory import Pair

OWN, OTHER, THIRD = "a" * 32, "b" * 32, "c" * 32


@pytest.fixture
def values():
    exports = ExportTable()
    proxies = ProxyTable(lambda *_: None, lambda _: None)  # type: ignore[arg-type,return-value]
    return PeerValues(OWN, OTHER, exports, proxies, None, dict)


def test_own_functions_are_counted_and_can_be_taken_back(values):
    peer, target = values.encode_function(len)
    values.encode_function(len)
    assert peer == OWN
    assert values._exports.find(target).function is len
    values.undo()
    values.undo()
    assert len(values._exports) == 0


def test_own_functions_come_back_as_they_are(values):
    _, target = values.encode_function(len)
    assert values.decode_ref(OWN, target) is len


def test_functions_of_others_are_proxies_and_go_back_to_their_owner(values):
    proxy = values.decode_ref(OTHER, "fn:1")
    assert isinstance(proxy, RemoteFunction)
    assert values.decode_ref(OTHER, "fn:1") is proxy
    assert values.encode_function(proxy) == (OTHER, "fn:1")
    assert not proxy._holding.pinned
    assert len(values._exports) == 0


def test_a_proxy_that_is_passed_to_a_third_peer_is_kept(values):
    proxy = values.decode_ref(THIRD, "fn:1")
    assert values.encode_function(proxy) == (THIRD, "fn:1")
    assert proxy._holding.pinned


def test_an_own_function_that_is_no_longer_here_is_malformed(values):
    with pytest.raises(ProtocolError):
        values.decode_ref(OWN, "fn:1")


def test_a_function_that_asks_who_calls_is_told_who_sent_it(values):
    values._exports.add("who", lambda caller, value: (caller, value), with_caller=True)
    assert values.decode_ref(OWN, "who")(5) == (OTHER, 5)


class Chunked:
    """A large array that is read chunk by chunk."""

    def __init__(self) -> None:
        self.shape, self.read = (4, 4), []

    def chunk(self, row: int, column: int) -> bytes:
        self.read.append((row, column))
        return bytes([row, column])


async def test_a_codec_leaves_data_where_it_is_until_it_is_asked_for() -> None:
    pair, array = Pair(), Chunked()
    pair.b.codecs.register(
        Codec(
            "lazy-array",
            Chunked,
            lambda one: {
                "shape": list(one.shape),
                "read": lambda index: one.chunk(*index),
            },
        )
    )
    pair.b.export("open", lambda: array)
    seen = await pair.a.call(pair.b.address, "open")
    assert seen["shape"] == [4, 4] and array.read == []
    assert await seen["read"]([1, 3]) == b"\x01\x03"
    assert array.read == [(1, 3)]
