"""What waits to be sent in a session: small frames first, large ones in pieces, pairs in order."""

from __future__ import annotations

import json
from collections import OrderedDict, deque
from typing import (
    Any,
    Callable,
    Deque,
    Dict,
    Hashable,
    List,
    NamedTuple,
    Optional,
    Set,
    Tuple,
)

from imjoy.errors import CallCancelled, ImJoyError, bare_record
from imjoy.protocol.frame import Frame
from imjoy.protocol.messages import LIMITS
from imjoy.protocol.pieces import Cutter, size_of

__all__ = ["Entry", "Outbox", "Withdrawn", "answer_error"]

Pair = Tuple[str, str]
# What frames have their order for: kind, and for calls the lane (None: any).
Order = Tuple[str, Hashable]


class Entry(NamedTuple):
    """A frame to be numbered and written; `cutter`: of which frame it is a piece."""

    frame: Frame
    size: int
    cutter: Optional[Cutter]


class Withdrawn(NamedTuple):
    """A call that was taken back: what its caller is told, and what the receiver of pieces."""

    answer: Frame
    drop: Optional[Frame]


class _Transfer(NamedTuple):
    """A large frame that is being cut."""

    cutter: Cutter
    order: Order


class _Way:
    """What is large, or waits behind it, between the same two peers."""

    def __init__(self) -> None:
        self.large: Dict[int, Order] = {}
        self.behind: List[Tuple[Frame, Order]] = []
        self.orders: Set[Order] = set()  # of all of them

    def holds(self, order: Order) -> bool:
        """Whether a frame must wait for one of these."""
        return not all(_may_pass(order, one) for one in self.orders)

    def freed(self, number: int, cuts: Callable[[Frame], bool]) -> List[Tuple[Frame, Order]]:
        """A large frame has gone; gives what waited and may come next, in order."""
        del self.large[number]
        behind, self.behind = self.behind, []
        self.orders = set(self.large.values())
        free: List[Tuple[Frame, Order]] = []
        for frame, order in behind:
            is_held = self.holds(order)
            (self.behind if is_held else free).append((frame, order))
            if is_held or cuts(frame):
                self.orders.add(order)
        return free


class Outbox:
    """Frames between the same two peers keep their order as far as it can matter to them.

    An answer passes answers of other calls, and a call passes calls of other lanes: those of whom
    the sender knows that they do not follow from each other. All may pass what is between others.
    """

    def __init__(self, piece: int) -> None:
        self._cut_from = piece  # 0: nothing is cut
        # How large the pieces are that are cut now.
        self.piece = piece
        self._small: Deque[Frame] = deque()
        # Large frames that are being cut, in turns, and those that wait as the receiver takes no more
        # at a time.
        self._transfers: OrderedDict[int, _Transfer] = OrderedDict()
        self._later: OrderedDict[int, _Transfer] = OrderedDict()
        self._begun_bytes = 0
        self._ways: Dict[Pair, _Way] = {}
        self._lossy: Dict[Tuple[str, str, str], Frame] = {}
        self._cut = 0
        # What waits.
        self.count = self.bytes = 0

    def __len__(self) -> int:
        return self.count

    def cuts(self, frame: Frame) -> bool:
        """Whether a frame travels in pieces."""
        return 0 < self._cut_from < size_of(frame) - len(frame.body)

    def add(self, frame: Frame, lane: Hashable = None) -> Optional[Frame]:
        """Takes a frame; gives the answer to a call that this one makes needless, if any.

        Raises ImJoyError (rpc.overloaded) for a call or result when too much is waiting.
        """
        header, size = frame.header, size_of(frame)
        self._check_room(header["type"], size)
        answer = self._replace_lossy(frame) if "lossy" in header else None
        self.count += 1
        self.bytes += size
        order, way = _order(header, lane), self._ways.get(_pair(header))
        if way is not None and way.holds(order):
            way.behind.append((frame, order))
            way.orders.add(order)
        else:
            self._take(frame, order)
        return answer

    def _check_room(self, kind: str, size: int) -> None:
        """One frame may always wait; answers without much in them, and all else that is small, too."""
        is_much = self.bytes > 0 and self.bytes + size > LIMITS["waiting_bytes"]
        if kind == "call" and (is_much or self.count >= LIMITS["waiting_frames"]):
            message = "Too many calls wait for the connection. Try again when it is back."
            raise ImJoyError(message, code="rpc.overloaded")
        if kind == "result" and is_much:
            message = "Its value could not be kept, as too much waits for the connection already."
            raise ImJoyError(message, code="rpc.overloaded")

    def next(self, has_room: Callable[[int], bool], bulk: bool) -> Optional[Entry]:
        """The frame whose turn it is, or None; `bulk`: one more piece may be under way."""
        if self._small:
            frame = self._small[0]
            size = size_of(frame)
            if not has_room(size):
                return None
            self._small.popleft()
            self._left(frame, size)
            return Entry(frame, size, None)
        if not bulk or not has_room(self.piece):
            return None
        self._begin()
        if not self._transfers:
            return None
        number, transfer = self._transfers.popitem(last=False)
        cutter = transfer.cutter
        if not cutter.is_cut:
            before = cutter.cut
            piece = cutter.next(self.piece)
            self._transfers[number] = transfer  # behind the others, so that all go on
            return Entry(piece, cutter.cut - before, cutter)
        self._left(cutter.frame, size_of(cutter.frame))
        self._begun_bytes -= cutter.total
        self._follow(number, transfer)
        return Entry(cutter.last(), len(cutter.frame.body), None)

    def withdraw(self, call: str) -> Optional[Withdrawn]:
        """Takes a call back that has not gone out, or not as a whole."""
        for frame in self._small:
            if _is_call(frame, call):
                self._small.remove(frame)
                return self._withdrawn(frame, None)
        for number, transfer in [*self._transfers.items(), *self._later.items()]:
            cutter = transfer.cutter
            if _is_call(cutter.frame, call):
                if self._transfers.pop(number, None) is not None:
                    self._begun_bytes -= cutter.total
                self._later.pop(number, None)
                drop = Frame({"type": "drop", "of": cutter.number}, "", [])
                withdrawn = self._withdrawn(cutter.frame, drop if cutter.cut else None)
                self._follow(number, transfer)
                return withdrawn
        for way in self._ways.values():
            for frame, order in way.behind:
                if _is_call(frame, call):
                    way.behind.remove((frame, order))
                    return self._withdrawn(frame, None)
        return None

    def clear(self) -> List[Frame]:
        """Forgets everything; gives what was waiting."""
        frames = list(self._small)
        transfers = [*self._transfers.values(), *self._later.values()]
        frames += [transfer.cutter.frame for transfer in transfers]
        frames += [frame for way in self._ways.values() for frame, _ in way.behind]
        self._small.clear()
        self._transfers.clear()
        self._later.clear()
        self._begun_bytes = 0
        self._ways.clear()
        self._lossy.clear()
        self.count = self.bytes = 0
        return frames

    def _take(self, frame: Frame, order: Order) -> None:
        """Nothing holds the frame: it goes next, or begins to be cut."""
        if not self.cuts(frame):
            self._small.append(frame)
            return
        self._cut += 1
        way = self._ways.setdefault(_pair(frame.header), _Way())
        way.large[self._cut] = order
        way.orders.add(order)
        self._later[self._cut] = _Transfer(Cutter(frame, self._cut), order)

    def _begin(self) -> None:
        """Large frames that waited join those that are being cut, as many as the receiver takes."""
        while self._later and len(self._transfers) < LIMITS["large_frames"]:
            number, transfer = next(iter(self._later.items()))
            total = transfer.cutter.total
            if self._transfers and self._begun_bytes + total > LIMITS["large_bytes"]:
                return
            del self._later[number]
            self._transfers[number] = transfer
            self._begun_bytes += total

    def _follow(self, number: int, transfer: _Transfer) -> None:
        """What waited behind a large frame goes on, as far as nothing else holds it."""
        pair = _pair(transfer.cutter.frame.header)
        way = self._ways[pair]
        for frame, order in way.freed(number, self.cuts):
            self._take(frame, order)
        if not way.large:
            del self._ways[pair]

    def _left(self, frame: Frame, size: int) -> None:
        self.count -= 1
        self.bytes -= size
        if self._lossy and "lossy" in frame.header:
            self._lossy.pop(_lossy_key(frame.header), None)

    def _withdrawn(self, frame: Frame, drop: Optional[Frame]) -> Withdrawn:
        self._left(frame, size_of(frame))
        error = CallCancelled("The call was cancelled before it was sent.")
        return Withdrawn(answer_error(frame.header, error), drop)

    def _replace_lossy(self, frame: Frame) -> Optional[Frame]:
        """Takes the waiting call of the same key out: only the newest one is of interest."""
        key = _lossy_key(frame.header)
        old, self._lossy[key] = self._lossy.get(key), frame
        if old is None or old not in self._small:
            return None
        self._small.remove(old)
        self.count -= 1
        self.bytes -= size_of(old)
        return Frame(_back("result", old.header), "null", [])


def answer_error(call: Dict[str, Any], error: ImJoyError) -> Frame:
    """The answer to a call that ends in this error before it arrives."""
    record = bare_record(error)
    return Frame(_back("error", call), json.dumps(record), [])


def _back(kind: str, call: Dict[str, Any]) -> Dict[str, Any]:
    return {"type": kind, "id": call["id"], "to": call["from"], "from": call["to"]}


def _pair(header: Dict[str, Any]) -> Pair:
    return header.get("from", ""), header.get("to", "")


def _order(header: Dict[str, Any], lane: Hashable) -> Order:
    kind = header["type"]
    if kind == "call":
        return "call", lane
    return ("answer" if kind in ("result", "error") else kind), None


def _may_pass(order: Order, other: Order) -> bool:
    (kind, lane), (other_kind, other_lane) = order, other
    if kind == "cancel":  # of a call that has gone out, or it would have been taken back
        return True
    if kind != other_kind:
        return False
    return kind == "answer" or (
        kind == "call" and None not in (lane, other_lane) and lane != other_lane
    )


def _lossy_key(header: Dict[str, Any]) -> Tuple[str, str, str]:
    return header["from"], header["to"], header["lossy"]


def _is_call(frame: Frame, call: str) -> bool:
    return bool(frame.header["type"] == "call" and frame.header["id"] == call)
