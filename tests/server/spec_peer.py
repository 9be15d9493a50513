"""A small peer written from protocol/SPEC.md alone: plain sockets and JSON, nothing of ImJoy."""

from __future__ import annotations

import base64
import http.client
import json
import os
import socket
import struct
from collections.abc import Callable
from typing import Any

Header = dict[str, Any]
Frame = tuple[Header, str, list[bytes]]


class SpecPeer:
    """One conversation with an engine; everything waits for its answer, so it needs no threads."""

    def __init__(self, port: int, token: str) -> None:
        self.port, self.address = port, os.urandom(16).hex()
        self.session = self._log_in(token)
        self.engine = ""
        self.welcome: Header = {}
        self.exported: dict[str, Callable[..., Any]] = {}
        self.released: dict[str, int] = {}
        self.answers: dict[str, Frame] = {}
        self._wire: socket.socket
        self.is_open = False
        # Section 6; None: a conversation without a session.
        self.keys: Header | None = None
        self.generation = self.received = self.sent = 0
        self.kept: list[tuple[Header, str, list[bytes]]] = []
        self.pieces: dict[int, tuple[list[int], bytearray]] = {}

    # Section 5: signing in, and Socket.IO over a WebSocket.

    def _log_in(self, token: str) -> str:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        sent = {"Content-Type": "application/json"}
        connection.request("POST", "/api/login", json.dumps({"token": token}), sent)
        session = json.loads(connection.getresponse().read())["session"]
        connection.close()
        return str(session)

    def connect(self, with_session: bool = False) -> None:
        self._open()
        hello: Header = {}
        if with_session:
            self.generation += 1
            known = {"generation": self.generation, "received": self.received}
            hello = {"session": {**(self.keys or {}), **known}}
        payload = {"token": self.session, "protocol": 1, "peer": self.address, "hello": hello}
        self._send_text("40" + json.dumps(payload))
        answer = self._next_text()
        assert answer.startswith("40"), answer
        name, self.welcome = json.loads(self._next_text()[2:])
        assert name == "welcome"
        self.engine = self.welcome["peer"]
        if with_session:
            facts = self.welcome["session"]
            if not facts["resumed"]:
                self.keys = {"id": facts["id"], "key": facts["key"]}
                self.received = self.sent = 0
                self.kept = []
            for header, body, buffers in self.kept:
                if header["seq"] > facts["received"]:
                    self._emit(header, body, buffers)
        self.is_open = True

    def cut(self) -> None:
        self.is_open = False
        self._wire.close()

    def _open(self) -> None:
        self._wire = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        key = base64.b64encode(os.urandom(16)).decode()
        self._wire.sendall(
            f"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n"
            f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
            "Sec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += self._wire.recv(1)
        assert b" 101 " in head.splitlines()[0], head
        assert self._next_text().startswith("0")

    def _send_message(self, opcode: int, data: bytes) -> None:
        size = len(data)
        if size < 126:
            head = struct.pack("!BB", 0x80 | opcode, 0x80 | size)
        elif size < 1 << 16:
            head = struct.pack("!BBH", 0x80 | opcode, 0x80 | 126, size)
        else:
            head = struct.pack("!BBQ", 0x80 | opcode, 0x80 | 127, size)
        self._wire.sendall(head + bytes(4) + data)  # a mask of zeros changes nothing

    def _send_text(self, text: str) -> None:
        self._send_message(1, text.encode())

    def _exactly(self, size: int) -> bytes:
        data = bytearray()
        while len(data) < size:
            part = self._wire.recv(size - len(data))
            if not part:
                raise ConnectionError("the engine has closed the connection")
            data += part
        return bytes(data)

    def _next_message(self) -> tuple[int, bytes]:
        kind, data = 0, b""
        while True:
            first, second = self._exactly(2)
            size = second & 127
            if size > 125:
                size = int.from_bytes(self._exactly(2 if size == 126 else 8), "big")
            part = self._exactly(size)
            if first & 15 == 9:
                self._send_message(10, part)
                continue
            kind, data = kind or first & 15, data + part
            if first & 0x80:
                return kind, data

    def _next_text(self) -> str:
        while True:
            kind, data = self._next_message()
            assert kind == 1, "bytes came where text was due"
            text = data.decode()
            if text != "2":
                return text
            self._send_text("3")

    # Section 2: frames as the event `frame`.

    def _emit(self, header: Header, body: str, buffers: list[bytes]) -> None:
        holders = [{"_placeholder": True, "num": number} for number in range(len(buffers))]
        start = f"45{len(buffers)}-" if buffers else "42"
        self._send_text(start + json.dumps(["frame", header, body, *holders]))
        for buffer in buffers:
            self._send_message(2, buffer)

    def send(self, header: Header, body: str = "", buffers: tuple[bytes, ...] = ()) -> None:
        if self.keys is not None:
            self.sent += 1
            header = {**header, "seq": self.sent}
            self.kept.append((header, body, list(buffers)))
        if self.is_open:
            self._emit(header, body, list(buffers))

    def _next_frame(self) -> Frame:
        text = self._next_text()
        count = int(text[2 : text.index("-")]) if text.startswith("45") else 0
        event = json.loads(text[text.index("[") :])
        assert event[0] == "frame"
        buffers = []
        for _ in range(count):
            kind, data = self._next_message()
            assert kind == 2
            buffers.append(data)
        return event[1], event[2], buffers

    def listen(self) -> None:
        """Take one frame and do what it asks for."""
        header, body, buffers = self._next_frame()
        if self.keys is not None:
            self.kept = [one for one in self.kept if one[0]["seq"] > header.get("ack", 0)]
            if "seq" not in header:
                return
            if header["seq"] <= self.received:
                return
            assert header["seq"] == self.received + 1
            self.received = header["seq"]
            self._emit({"type": "ack", "ack": self.received}, "", [])
        if header["type"] == "piece":
            if "sizes" in header:
                self.pieces[header["of"]] = (header["sizes"], bytearray())
            self.pieces[header["of"]][1].extend(b"".join(buffers))
            return
        if "pieces" in header:
            sizes, run = self.pieces.pop(header["pieces"])
            buffers = [bytes(run[sum(sizes[:i]) : sum(sizes[: i + 1])]) for i in range(len(sizes))]
        self._take(header, body, buffers)

    def _take(self, header: Header, body: str, buffers: list[bytes]) -> None:
        kind = header["type"]
        if kind in ("result", "error"):
            self.answers[header["id"]] = (header, body, buffers)
        elif kind == "release":
            self.released.update(header["targets"])
        elif kind == "call":
            answer = {"id": header["id"], "to": header["from"], "from": self.address}
            function = self.exported.get(header["target"])
            if function is None:
                record = {"code": "rpc.method_not_found", "name": "Unknown", "message": "No such."}
                record |= {"traceback": None, "data": None}
                self.send({"type": "error", **answer}, json.dumps(record))
            else:
                self.send({"type": "result", **answer}, json.dumps(function(*json.loads(body))))

    # Sections 2 and 3: calls and functions.

    def begin(
        self, target: str, args: list[Any], *buffers: bytes, to: str = "", **more: Any
    ) -> str:
        """Send a call; gives its id."""
        call = os.urandom(16).hex()
        header = {"type": "call", "id": call, "to": to or self.engine, "from": self.address}
        self.send({**header, "target": target, **more}, json.dumps(args), buffers)
        return call

    def answer(self, call: str) -> Frame:
        while call not in self.answers:
            self.listen()
        return self.answers.pop(call)

    def call(self, target: str, args: list[Any], *buffers: bytes, to: str = "") -> Any:
        """The body of the answer, parsed; raises RuntimeError with the code of an error."""
        header, body, _ = self.answer(self.begin(target, args, *buffers, to=to))
        if header["type"] == "error":
            raise RuntimeError(json.loads(body)["code"])
        return json.loads(body)

    def give(self, function: Callable[..., Any]) -> Header:
        """A function as a value."""
        target = f"fn:{os.urandom(16).hex()}"
        self.exported[target] = function
        return {"$": "ref", "p": self.address, "t": target}
