"""One side of a session: frames are numbered, kept until they have arrived, and sent again."""

from __future__ import annotations

from collections import deque
from typing import Any, Callable, Deque, Dict, Hashable, List, Optional, Tuple

from imjoy.errors import ImJoyError
from imjoy.protocol.frame import Frame, malformed
from imjoy.protocol.inbox import Inbox
from imjoy.protocol.messages import SESSION
from imjoy.protocol.outbox import Outbox
from imjoy.protocol.pieces import Cutter, size_of

__all__ = ["Session", "reconnect_delay"]

ACK_SECONDS, ACK_FRAMES, ACK_BYTES = (
    SESSION[f"ack_{what}"] for what in ("seconds", "frames", "bytes")
)
HEARTBEAT, DEAD = SESSION["heartbeat_seconds"], SESSION["dead_seconds"]
PROBE, JUMP = SESSION["probe_seconds"], SESSION["jump_seconds"]
RING_FRAMES, RING_BYTES = SESSION["ring_frames"], SESSION["ring_bytes"]
SMALLEST_BULK, LARGEST_BULK = SESSION["piece_bytes"], SESSION["bulk_bytes"]
NEAR_SECONDS, NEAR_BULK = SESSION["near_ms"] / 1000, SESSION["near_bulk_bytes"]
# A way that makes pieces wait longer than this, in seconds, gets fewer at a time.
SLOW, QUICK = 0.2, 0.05

Deliver = Callable[[Frame], None]
Progress = Callable[[Dict[str, Any], int, int], None]


# A frame that is not acknowledged yet: its number, itself, its size, when it was sent, and of which
# frame it is a piece.
_Sent = Tuple[int, Frame, int, float, Optional[Cutter]]


class Session:
    """Numbers what is sent, drops what came twice, and sends again what did not arrive.

    `write(frame)` puts a frame on the socket, `deliver(frame)` takes one that has arrived.
    `on_progress(header, arrived, total)` is told of frames that travel in pieces, in bytes. Times
    are seconds of a clock that never goes back; the session itself has no clock and no socket.
    The header of a frame belongs to the session from then on, which writes its numbers into it.
    """

    def __init__(
        self, write: Deliver, deliver: Deliver, now: float, piece: int = SESSION["piece_bytes"]
    ) -> None:
        self._write_frame, self._deliver = write, deliver
        self.on_progress: Progress = lambda header, arrived, total: None
        # The last number that has arrived, in order.
        self.received = 0
        self.is_open = False
        self._sent = 0
        self._unacked: Deque[_Sent] = deque()
        self._unacked_bytes = self._bulk = 0
        self._bulk_limit, self._quickest = LARGEST_BULK // 2, 1e9
        self._outbox = Outbox(piece)
        self._inbox = Inbox()
        self._placing: Optional[Dict[str, Any]] = None
        self._acked, self._owed_frames, self._owed_bytes = 0, 0, 0
        self._owed_since = self._heard = self._wrote = self._ticked = now
        self._wall: Optional[float] = None

    @property
    def waiting_bytes(self) -> int:
        """Bytes of binary parts that wait to be sent."""
        return self._outbox.bytes

    @property
    def waiting_frames(self) -> int:
        return self._outbox.count

    @property
    def arriving_bytes(self) -> int:
        """The memory of frames that have begun to arrive in pieces."""
        return self._inbox.bytes

    def give_up_arriving(self, reason: ImJoyError) -> None:
        """Keep nothing of these frames; they fail with this reason when the rest of them comes."""
        self._inbox.give_up(reason)

    def waits_for(self, frame: Frame) -> bool:
        """Whether a frame that is sent now has to wait, so that its lane matters."""
        return bool(frame.buffers or self._outbox.count) or not self._has_room(len(frame.body))

    # The socket.

    def opened(self, received: int, now: float) -> None:
        """A new socket carries the session; the other side has received up to this number.

        Raises ProtocolError when what it lacks is not kept any more.
        """
        oldest = self._sent - len(self._unacked)
        if type(received) is not int or not oldest <= received <= self._sent:
            raise malformed("the other side has received what was never sent, or lost too much")
        self.is_open = True
        self._heard = self._wrote = now
        self._acked, self._owed_frames, self._owed_bytes = self.received, 0, 0
        self._arrived(received, now)
        for number, frame, _, _, _ in list(self._unacked):
            frame.header.pop("ack", None)
            frame.header["seq"] = number
            self._put(frame, now)
        self._pump(now)

    def closed(self) -> None:
        """The socket is gone; what is sent now waits for the next one."""
        self.is_open = False
        self._inbox.forget_places()

    def heard(self, now: float) -> None:
        """Bytes have arrived, if only a part of a frame."""
        self._heard = now

    # Frames.

    def send(self, frame: Frame, now: float, lane: Hashable = None) -> None:
        """Sends a frame, at once or when its turn has come. Raises ImJoyError (rpc.overloaded).

        A call may pass large ones between the same two peers if these have another `lane`.
        """
        outbox = self._outbox
        if not outbox.count:
            size = size_of(frame) if frame.buffers else len(frame.body)
            if self._has_room(size) and not (frame.buffers and outbox.cuts(frame)):
                self._number(frame, size, now, None)
                return
        if frame.header["type"] == "cancel" and self._withdraw(frame.header["id"], now):
            return
        answer = outbox.add(frame, lane)
        self._pump(now)
        if answer is not None:
            self._deliver(answer)

    def receive(self, frame: Frame, now: float) -> None:
        """Takes what came through the socket. Raises ProtocolError when numbers are missing."""
        self._heard = now
        header = frame.header
        if type(header) is not dict:
            raise malformed("it has no header")
        acked = header.pop("ack", None)
        kind, number = header.get("type"), header.pop("seq", None)
        if kind in ("ack", "ping"):
            if kind == "ping":
                self._acknowledge(now)
        elif type(number) is not int or number > self.received + 1:
            raise malformed("a message before this one is missing")
        elif number == self.received + 1:
            self.received = number
            if not self._owed_frames:
                self._owed_since = now
            self._owed_frames += 1
            self._owed_bytes += size_of(frame) if frame.buffers else len(frame.body)
            if (
                self._owed_frames >= ACK_FRAMES
                or self._owed_bytes >= ACK_BYTES
                or "pieces" in header
                or kind == "drop"
            ):
                self._acknowledge(now)
            if kind == "piece" or kind == "drop" or "pieces" in header:
                self._take_piece(frame, now)
            else:
                self._deliver(frame)
        if acked is not None:
            self._arrived(acked, now)
            if self._outbox.count:
                self._pump(now)

    def place(self, header: Any, size: int) -> Optional[memoryview]:
        """Where the next binary part of the frame of this header is to be received, so that it is
        not moved; None: anywhere. To be asked for the parts in their order.
        """
        if type(header) is not dict or header.get("seq") != self.received + 1:
            return None
        if "packed" in header:
            return None
        if header is not self._placing:
            self._inbox.forget_places()
            self._placing = header
        return self._inbox.place(header, size)

    # Time.

    def tick(self, now: float, wall: float) -> Optional[str]:
        """Acknowledges, pings and notices silence; to be called about once a second.

        `wall` is the time of day: when it jumps, the machine has slept. Gives the reason when the
        socket is dead, which the owner then closes.
        """
        slept = max(now - self._ticked, 0.0 if self._wall is None else wall - self._wall) > JUMP
        self._ticked, self._wall = now, wall
        if not self.is_open:
            return None
        if slept:
            if now - self._heard > PROBE:  # what came meanwhile may not have been read yet
                self._heard = now - DEAD + PROBE
            self._put(Frame({"type": "ping"}, "", []), now)
        if now - self._heard >= DEAD:
            return f"Nothing was heard for {DEAD} seconds."
        if self._owed_frames and now - self._owed_since >= ACK_SECONDS:
            self._acknowledge(now)
        elif now - self._wrote >= HEARTBEAT:
            self._put(Frame({"type": "ping"}, "", []), now)
        return None

    def reset(self) -> List[Frame]:
        """Begins anew, as with a page that was loaded again; gives the frames that did not arrive."""
        lost = [frame for _, frame, _, _, cutter in self._unacked if cutter is None]
        waiting = self._outbox.clear()
        for _, _, _, _, cutter in self._unacked:
            if cutter is not None and not any(cutter.frame is one for one in waiting):
                waiting.insert(0, cutter.frame)
        self._inbox = Inbox()
        self._unacked.clear()
        self._sent = self.received = self._acked = self._owed_frames = 0
        self._unacked_bytes = self._bulk = self._owed_bytes = 0
        self.is_open = False
        for frame in lost:
            frame.header.pop("seq", None)
            frame.header.pop("ack", None)
        return [frame for frame in [*lost, *waiting] if "pieces" not in frame.header]

    # Inside.

    def _take_piece(self, frame: Frame, now: float) -> None:
        whole = self._inbox.take(frame, lambda answer: self.send(answer, now))
        progress = self._inbox.progress
        if progress is not None:
            self.on_progress(*progress)
        if whole is not None:
            self._deliver(whole)

    def _acknowledge(self, now: float) -> None:
        self._put(Frame({"type": "ack"}, "", []), now)

    def _put(self, frame: Frame, now: float) -> None:
        """Writes a frame; what has arrived is acknowledged with it."""
        header = frame.header
        if self._acked != self.received or header["type"] in ("ack", "ping"):
            header["ack"] = self._acked = self.received
            self._owed_frames = self._owed_bytes = 0
        self._wrote = now
        if self.is_open:
            self._write_frame(frame)

    def _number(self, frame: Frame, size: int, now: float, cutter: Optional[Cutter]) -> None:
        self._sent += 1
        header = frame.header
        header["seq"] = self._sent
        self._unacked.append((self._sent, frame, size, now, cutter))
        self._unacked_bytes += size
        if cutter is not None:
            self._bulk += size
        if self._acked != self.received:
            header["ack"] = self._acked = self.received
            self._owed_frames = self._owed_bytes = 0
        self._wrote = now
        self._write_frame(frame)

    def _has_room(self, size: int) -> bool:
        if not self.is_open or len(self._unacked) >= RING_FRAMES:
            return False
        return self._unacked_bytes + size <= RING_BYTES or not self._unacked_bytes

    def _pump(self, now: float) -> None:
        """Sends what waits, as far as the ring and the pieces under way allow."""
        while self._outbox.count:
            bulk = self._bulk + max(self._outbox.piece, SMALLEST_BULK) <= self._bulk_limit
            entry = self._outbox.next(self._has_room, bulk)
            if entry is None:
                return
            self._number(entry.frame, entry.size, now, entry.cutter)

    def _arrived(self, number: Any, now: float) -> None:
        if type(number) is not int or number > self._sent:
            raise malformed("it acknowledges what was never sent")
        unacked = self._unacked
        while unacked and unacked[0][0] <= number:
            _, _, size, sent_at, cutter = unacked.popleft()
            self._unacked_bytes -= size
            if cutter is not None:
                self._piece_arrived(size, now - sent_at, cutter)

    def _piece_arrived(self, size: int, delay: float, cutter: Cutter) -> None:
        self._bulk -= size
        cutter.arrived += size
        # Small frames wait behind the pieces that are under way: so only as many as flow well.
        if size >= SMALLEST_BULK:
            self._quickest = min(self._quickest, delay)
            limit, most = self._bulk_limit, NEAR_BULK if delay < NEAR_SECONDS else LARGEST_BULK
            if delay - self._quickest > SLOW:
                limit //= 2
            elif delay - self._quickest < QUICK and limit < most:
                limit += SMALLEST_BULK // 4
            elif limit > most:
                limit -= SMALLEST_BULK // 4
            self._bulk_limit = max(SMALLEST_BULK, limit)
            self._outbox.piece = _piece_for(self._bulk_limit)
        self.on_progress(cutter.frame.header, cutter.arrived, cutter.total)

    def _withdraw(self, call: str, now: float) -> bool:
        """Takes back a call that is not sent yet, or not whole; its caller gets the answer here."""
        withdrawn = self._outbox.withdraw(call)
        if withdrawn is None:
            return False
        if withdrawn.drop is not None:
            self._outbox.add(withdrawn.drop)
        self._pump(now)
        self._deliver(withdrawn.answer)
        return True


def _piece_for(limit: int) -> int:
    """How large pieces are cut: at least four of them may be under way."""
    size: int = SMALLEST_BULK
    while 8 * size <= limit:
        size *= 2
    return size


def reconnect_delay(attempt: int, chance: float) -> float:
    """Seconds before a try to connect again; the first one is 0. `chance` is between 0 and 1."""
    longest: int = SESSION["last_delay_ms"]
    delay = min(SESSION["first_delay_ms"] * 2 ** min(attempt, 20), longest)
    return float(delay * (1 - 0.5 * chance) / 1000)
