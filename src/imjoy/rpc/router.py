"""Relays frames by their address, and believes nobody's word about who they are."""

from __future__ import annotations

import json
import logging
from collections import OrderedDict
from typing import Any, Callable, Dict, NamedTuple, Optional

from imjoy.errors import ImJoyError, PeerUnknown, ProtocolError, Unserializable, bare_record
from imjoy.protocol import messages
from imjoy.protocol.frame import Frame
from imjoy.rpc.addresses import is_within, root_of
from imjoy.rpc.peer import Peer

__all__ = ["Router"]

logger = logging.getLogger(__name__)

SendFrame = Callable[[Frame], None]
REMEMBERED = 10_000


class _Link(NamedTuple):
    address: str
    send: SendFrame
    # It carries a whole tree (page and engine), not one peer.
    tree: bool


class Gone(NamedTuple):
    """How a peer has gone: the reason, the code that calls to it fail with, and if it is back."""

    reason: str
    code: str
    reloaded: bool


class Router:
    """The links of one page or engine; `local` is the peer that has the router's own address."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.local: Optional[Peer] = None
        self._links: Dict[str, _Link] = {}
        # Peers whose end has been told, so that routers in a circle do not tell it forever.
        self._told: "OrderedDict[str, None]" = OrderedDict()

    def attach(self, address: str, send: SendFrame) -> None:
        """Adds the link to a child (below this address), or to another page or engine."""
        for peer in [peer for peer in self._told if is_within(peer, address)]:
            del self._told[peer]
        self._links[address] = _Link(address, send, not is_within(address, self.address))

    def detach(self, address: str, reason: str, code: str = "", reloaded: bool = False) -> None:
        """Removes a link and tells everybody else that the peer, and all below it, is gone."""
        if self._links.pop(address, None) is not None:
            self._tell_gone(address, Gone(reason, code, reloaded), except_link="")

    def send(self, frame: Frame) -> None:
        """Takes a frame from the local peer, which makes no bad ones. Never raises."""
        self._relay(frame, self._to_local)

    def route(self, frame: Frame, link: str) -> None:
        """Takes a frame from the link of that address, or from the local peer. Never raises."""
        try:
            header = messages.check_header(frame.header)
        except ProtocolError as error:
            logger.warning("A frame was dropped: %s", error)
            self._answer_malformed(frame.header, link, error)
            return
        if link == self.address:
            self._relay(frame, self._to_local)
            return
        source = self._links.get(link)
        if source is None:
            return
        sender = header["from"]
        if not source.tree:
            if sender != link:
                frame = frame._replace(header=dict(header, **{"from": link}))
        elif sender != link and not is_within(sender, link):
            logger.warning("A frame was dropped: it came with the name of another sender")
            return
        if header["type"] == "gone":
            self._on_gone(header, source)
        elif header["to"] == self.address and self.local is not None:
            self.local.receive(frame, True)
        else:
            self._relay(frame, source.send)

    def _answer_malformed(self, header: Any, link: str, error: ProtocolError) -> None:
        """Tells who waits for a call that went nowhere, if it can be seen who that is."""
        source = self._links.get(link)
        try:
            answer = messages.check_header(
                messages.error(header["id"], header["from"], self.address)
            )
        except (ProtocolError, KeyError, TypeError):
            return
        if source is not None and is_within(answer["to"], link):
            self._refuse(Frame(header, "", []), source.send, error)

    def _relay(self, frame: Frame, back: SendFrame) -> None:
        to = frame.header["to"]
        send = self._to_local if to == self.address else self._send_of(to)
        if send is None:
            self._refuse(frame, back, PeerUnknown("There is no such peer, or it has gone."))
            return
        try:
            send(frame)
        except Exception as error:  # noqa: BLE001  # one bad link must not end the rest
            self._refuse(frame, back, _not_passed_on(error))
            self._replace(frame, send, _not_passed_on(error))

    def _to_local(self, frame: Frame) -> None:
        if self.local is not None:
            self.local.receive(frame, True)

    def _send_of(self, to: str) -> Optional[SendFrame]:
        link = self._links.get(to)
        if link is None:
            key = root_of(to)
            if to.startswith(f"{self.address}/"):
                key = "/".join(to.split("/")[: self.address.count("/") + 2])
            link = self._links.get(key)
        return None if link is None else link.send

    def _replace(self, frame: Frame, send: SendFrame, error: ImJoyError) -> None:
        """Tells whoever waits for an answer why it cannot be passed on."""
        header = frame.header
        if header["type"] in ("result", "error"):
            answer = messages.error(header["id"], header["to"], header["from"])
            self._try_send(send, Frame(answer, json.dumps(bare_record(error)), []))

    def _refuse(self, frame: Frame, back: SendFrame, error: ImJoyError) -> None:
        """Answers a call that cannot be delivered; other frames are dropped."""
        header = frame.header
        if header["type"] != "call":
            return
        record = bare_record(error)
        answer = messages.error(header["id"], header["from"], self.address)
        self._try_send(back, Frame(answer, json.dumps(record), []))

    # A child cannot know who has gone, and another page or engine only of what it leads to.
    def _on_gone(self, header: Dict[str, Any], source: _Link) -> None:
        peer = header["peer"]
        if not source.tree or is_within(peer, self.address) or is_within(self.address, peer):
            return
        if root_of(peer) in self._links and root_of(peer) != source.address:
            return
        gone = Gone(header["reason"], header.get("code", ""), header.get("reloaded", False))
        self._tell_gone(peer, gone, except_link=source.address)

    def _tell_gone(self, peer: str, gone: Gone, except_link: str) -> None:
        if peer in self._told:
            return
        self._told[peer] = None
        if len(self._told) > REMEMBERED:
            self._told.popitem(last=False)
        if self.local is not None:
            self.local.peer_gone(peer, *gone)
        for link in list(self._links.values()):
            if link.address != except_link:
                header = messages.gone(link.address, self.address, peer, *gone)
                self._try_send(link.send, Frame(header, "", []))

    def _try_send(self, send: SendFrame, frame: Frame) -> None:
        try:
            send(frame)
        except Exception as error:  # noqa: BLE001  # whoever owns a broken link detaches it
            logger.debug("A frame could not be sent: %s", error)


def _not_passed_on(error: Exception) -> ImJoyError:
    if isinstance(error, ImJoyError):
        return error
    return Unserializable(f"The message could not be passed on: {error}")
