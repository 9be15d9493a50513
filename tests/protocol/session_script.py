"""Plays a scripted conversation of protocol/vectors/sessions with one session, without a socket."""

from __future__ import annotations

from typing import Any

from imjoy.errors import ImJoyError
from imjoy.protocol.frame import Frame
from imjoy.protocol.session import Session

IDS = ("id", "to", "from", "peer")


def expanded(header: dict[str, Any]) -> dict[str, Any]:
    """Ids of one letter stand for 32 of it."""
    return {
        key: value * 32 if key in IDS and len(value) == 1 else value
        for key, value in header.items()
    } | ({"frame": expanded(header["frame"])} if "frame" in header else {})


def shortened(header: dict[str, Any]) -> dict[str, Any]:
    return {
        key: value[0] if key in IDS and value == value[0] * 32 else value
        for key, value in header.items()
    } | ({"frame": shortened(header["frame"])} if "frame" in header else {})


def frame_of(described: dict[str, Any]) -> Frame:
    buffers = [bytes(size) for size in described.get("buffers", [])]
    return Frame(expanded(described["header"]), described.get("body", ""), buffers)


def described(frame: Frame) -> dict[str, Any]:
    facts: dict[str, Any] = {"header": shortened(frame.header)}
    if frame.buffers:
        facts["buffers"] = [memoryview(part).nbytes for part in frame.buffers]
    return facts


class Script:
    """The session of one case; `play` gives what each step wrote and delivered."""

    def __init__(self, piece: int | None = None) -> None:
        self.now = 100.0
        self.wrote: list[Frame] = []
        self.delivered: list[Frame] = []
        options = {} if piece is None else {"piece": piece}
        self.session = Session(self.wrote.append, self.delivered.append, self.now, **options)

    def play(self, step: dict[str, Any]) -> dict[str, Any]:
        self.wrote.clear()
        self.delivered.clear()
        self.now += step.get("after", 0)
        outcome: dict[str, Any] = {}
        try:
            outcome.update(self._do(step))
        except ImJoyError as error:
            outcome["error"] = error.code
        if self.wrote:
            outcome["writes"] = [described(frame) for frame in self.wrote]
        if self.delivered:
            outcome["delivers"] = [described(frame) for frame in self.delivered]
        return outcome

    def _do(self, step: dict[str, Any]) -> dict[str, Any]:
        session, now = self.session, self.now
        name, given = step["do"], step.get("times", 1)
        for _ in range(given):
            if name == "open":
                session.opened(step["received"], now)
            elif name == "close":
                session.closed()
            elif name == "heard":
                session.heard(now)
            elif name == "send":
                session.send(frame_of(step), now)
            elif name == "receive":
                frame = frame_of(step)
                if frame.header.get("seq") == "next":
                    frame.header["seq"] = session.received + 1
                session.receive(frame, now)
            elif name == "reset":
                return {"lost": [shortened(frame.header) for frame in session.reset()]}
            elif name == "tick":
                wall = step.get("wall", now)
                return {"dead": True} if session.tick(now, wall) else {}
            else:
                raise AssertionError(name)
        return {}
