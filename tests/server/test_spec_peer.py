"""protocol/SPEC.md says enough: a peer that was written from it alone speaks with an engine."""

from __future__ import annotations

import asyncio
import gc
import json
import struct
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from server_harness import TOKEN, RunningServer
from spec_peer import SpecPeer

from imjoy.engine.engine import Engine
from imjoy.settings import Settings

RAN: Counter[str] = Counter()


def echo(value: Any) -> Any:
    return value


async def with_function(function: Any, times: int) -> int:
    return sum([await function(number) for number in range(times)])


async def stream(end: int) -> AsyncIterator[int]:
    async def count() -> AsyncIterator[int]:
        for number in range(end):
            yield number

    return count()


async def slow(name: str) -> str:
    RAN[name] += 1
    await asyncio.sleep(0.2)
    return name


def large(size: int) -> bytes:
    return bytes(range(256)) * (size // 256)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    folder = tmp_path_factory.mktemp("engine")
    settings = Settings(home=folder / "home")
    app = Path(folder / "app")
    app.mkdir()
    (app / "index.html").write_text("<!doctype html>")
    with RunningServer(lambda: Engine(settings), settings, app) as running:
        for function in (echo, with_function, stream, slow, large):
            running.host.peer.export(f"spec.{function.__name__}", function)
        yield running


@pytest.fixture
def peer(server: RunningServer) -> Iterator[SpecPeer]:
    peer = SpecPeer(server.port, TOKEN)
    peer.connect()
    yield peer
    peer.cut()


@pytest.mark.parametrize(
    "value",
    [
        None,
        [1, 0.5, "é😀", True, {"a": [None]}],
        {"$": "int", "v": str(2**80)},
        {"$": "float", "v": "nan"},
        {"$": "float", "v": "-0"},
        {"$": "complex", "v": [1, {"$": "float", "v": "inf"}]},
        {"$": "dict", "v": [["$", "mine"]]},
        {"$": "map", "v": [[1, "one"], ["two", 2]]},
        {"$": "set", "v": [1]},
        {"$": "date", "v": 1700000000000},
    ],
)
def test_values_come_back_as_they_were(peer: SpecPeer, value: Any) -> None:
    assert peer.call("spec.echo", [value]) == value


def test_arrays_bytes_and_files(peer: SpecPeer) -> None:
    array = struct.pack("<6h", *range(6))
    value = {"a": {"$": "ndarray", "d": "<i2", "s": [2, 3], "b": 0}, "b": {"$": "bytes", "b": 1}}
    value["c"] = {"$": "blob", "b": 2, "m": "text/plain", "n": "note.txt", "t": 1000}
    call = peer.begin("spec.echo", [value], array, b"bytes", b"text")
    _, body, buffers = peer.answer(call)
    back = json.loads(body)
    assert back["a"].items() >= {"d": "<i2", "s": [2, 3]}.items()
    assert [buffers[back[key]["b"]] for key in "abc"] == [array, b"bytes", b"text"]
    assert back["c"]["n"] == "note.txt"


def test_functions_are_called_and_released(peer: SpecPeer) -> None:
    ref = peer.give(lambda number: number * 10)
    assert peer.call("spec.with_function", [ref, 4]) == 60
    gc.collect()
    while ref["t"] not in peer.released:
        peer.listen()
    assert peer.released[ref["t"]] == 1


def test_a_stream_is_pulled_with_credit(peer: SpecPeer) -> None:
    value = peer.call("spec.stream", [10])
    assert value["$"] == "stream"
    items, done = [], False
    while not done:
        batch = peer.call(value["t"], [4], to=value["p"])
        assert 1 <= len(batch["items"]) <= 4 or batch["done"]
        items += batch["items"]
        done = batch["done"]
    assert items == list(range(10))


def test_errors_have_their_codes(peer: SpecPeer) -> None:
    with pytest.raises(RuntimeError, match=r"rpc\.method_not_found"):
        peer.call("spec.nothing", [])
    with pytest.raises(RuntimeError, match=r"rpc\.peer_unknown"):
        peer.call("spec.echo", [], to="0" * 32)
    with pytest.raises(RuntimeError, match=r"protocol\.unknown_tag"):
        peer.call("spec.echo", [{"$": "nonsense"}])
    with pytest.raises(RuntimeError, match=r"protocol\.malformed"):
        peer.call("spec.echo", [{"$": "bytes", "b": 3}])


def test_a_cancelled_call_is_answered(peer: SpecPeer) -> None:
    call = peer.begin("spec.slow", ["cancelled"])
    peer.send({"type": "cancel", "id": call, "to": peer.engine, "from": peer.address})
    header, body, _ = peer.answer(call)
    assert header["type"] == "error"
    assert json.loads(body)["code"] == "rpc.cancelled"


def test_a_session_outlives_its_socket(server: RunningServer) -> None:
    peer = SpecPeer(server.port, TOKEN)
    peer.connect(with_session=True)
    calls = [peer.begin("spec.slow", [f"call {number}"]) for number in range(20)]
    peer.answer(calls[0])
    for _ in range(3):
        peer.cut()
        calls.append(peer.begin("spec.slow", [f"call {len(calls)}"]))
        peer.connect(with_session=True)
        assert peer.welcome["session"]["resumed"] is True
    for number, call in enumerate(calls[1:], 1):
        assert json.loads(peer.answer(call)[1]) == f"call {number}"
    assert all(RAN[f"call {number}"] == 1 for number in range(len(calls)))
    peer.cut()


def test_large_frames_come_in_pieces(server: RunningServer) -> None:
    peer = SpecPeer(server.port, TOKEN)
    peer.connect(with_session=True)
    size = 3 << 20
    header, body, buffers = peer.answer(peer.begin("spec.large", [size]))
    assert "pieces" in header
    assert json.loads(body) == {"$": "bytes", "b": 0}
    assert buffers == [large(size)]
    peer.cut()
