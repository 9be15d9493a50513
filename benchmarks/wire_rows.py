"""The rows of bench_wire: ours beside python-socketio, beside the limits of the machine, and by TCP."""

from __future__ import annotations

from typing import NamedTuple

from records import Record

BYTES = "asyncio with bytes alone, without calls"
STOCK = "python-socketio, the better of uvicorn and aiohttp"
TCP = "TCP on this machine"
Figures = dict[str, float]


class Measured(NamedTuple):
    """The best figures of each: the Python client, the same by TCP, python-socketio and limits."""

    ours: Figures
    by_tcp: Figures
    stock: Figures
    bytes_alone: Figures
    websockets: Figures
    tcp: dict[int, float]
    rounds: int


def rows(found: Measured) -> list[Record]:
    """All of them."""
    return [*_calls(found), *_arrays(found), *_beside_large(found)]


def _row(
    found: Measured,
    name: str,
    key: str,
    peer: Figures,
    whose: str = STOCK,
    target: float | None = None,
    ours: Figures | None = None,
) -> Record:
    """What is counted by the second is shown as a time, so that less is better in all rows."""
    mine = (found.ours if ours is None else ours)[key]
    other, unit = peer[key], key.split()[-1]
    if key.endswith("/s"):
        scale = 1000 * float(key.split()[1][:-2]) if key.startswith("echo") else 1e6
        mine, other = scale / mine, scale / other
        unit = "ms" if key.startswith("echo") else "us"
    return Record(name, mine, other, whose, unit, target, found.rounds)


def _calls(found: Measured) -> list[Record]:
    stock, limit = found.stock, found.bytes_alone
    shown = []
    for name, key, target in (
        ("call without content, p50", "noop us", 5),
        ("a call with 64 in flight", "flight/s", 15),
        ("a call, 100 clients", "clients/s", 6),
    ):
        shown += [
            _row(found, name, key, stock, target=target),
            _row(found, f"{name}, by TCP", key, stock, ours=found.by_tcp),
            _row(found, f"{name}, beside bytes", key, limit, BYTES),
        ]
    return [
        *shown,
        _row(found, "processor time of a call one by one", "noop cpu us", stock),
        _row(found, "processor time of a call, both ends", "cpu us", stock),
        _row(found, "processor time of a call, client", "cpu client us", stock),
        _row(found, "processor time of a call, engine", "cpu server us", stock),
        _row(found, "a callback, one by one", "callback/s", stock, target=4),
        _row(found, "an item of a stream", "stream/s", stock, target=15),
    ]


def _arrays(found: Measured) -> list[Record]:
    stock, tcp = found.stock, {f"echo {size}/s": speed for size, speed in found.tcp.items()}
    memory = found.ours["memory 128"], found.stock["memory 128"]
    return [
        _row(found, "1 MB there and back", "echo 1/s", stock),
        _row(found, "16 MB there and back", "echo 16/s", stock, target=4),
        _row(found, "128 MB there and back", "echo 128/s", stock, target=8),
        _row(found, "16 MB, beside TCP alone", "echo 16/s", tcp, TCP, 0.7, found.by_tcp),
        _row(found, "128 MB, beside TCP alone", "echo 128/s", tcp, TCP, 0.7, found.by_tcp),
        _row(found, "16 MB, beside websockets alone", "echo 16/s", found.websockets,
             "bare websockets"),
        Record("memory beside a 128 MB array", *memory, STOCK, "x", None, found.rounds),
    ]  # fmt: skip


def _beside_large(found: Measured) -> list[Record]:
    mine = found.ours["behind ms"]
    return [
        _row(found, "a call while 64 MB echo, same client", "behind ms", found.stock),
        Record("a call while 64 MB echo, beside the aim", mine, 10, "what is allowed", "ms", 1,
               found.rounds),
        _row(found, "a call while 64 MB echo, another client", "beside ms", found.stock),
    ]  # fmt: skip
