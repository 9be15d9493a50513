"""Routers relay by address, stamp who sent a frame, and tell who has gone."""

from __future__ import annotations

import asyncio
import json

import pytest

from imjoy.errors import MethodNotFound, PeerGone, PeerUnknown, Unserializable
from imjoy.protocol import messages
from imjoy.protocol.frame import Frame
from imjoy.rpc.addresses import new_id
from imjoy.rpc.router import Router
from rpc.memory import Tree, forever, settle


class Links:
    """A router whose links are lists of what was sent on them."""

    def __init__(self) -> None:
        self.router = Router(new_id())
        self.child = f"{self.router.address}/{new_id()}"
        self.other_child = f"{self.router.address}/{new_id()}"
        self.page, self.other_page = new_id(), new_id()
        self.sent: dict[str, list[Frame]] = {}
        for link in (self.child, self.other_child, self.page, self.other_page):
            self.sent[link] = []
            self.router.attach(link, self.sent[link].append)

    def call(self, to: str, sender: str, link: str) -> Frame:
        frame = Frame(messages.call(new_id(), to, sender, "f"), "[]", [b"untouched"])
        self.router.route(frame, link)
        return frame


@pytest.fixture
def links() -> Links:
    return Links()


def test_frames_go_to_their_address_unopened(links):
    frame = links.call(links.page, links.child, links.child)
    assert links.sent[links.page] == [frame]
    assert links.sent[links.page][0].buffers[0] is frame.buffers[0]
    below = links.call(f"{links.other_page}/{new_id()}", links.child, links.child)
    assert links.sent[links.other_page] == [below]
    deep = links.call(f"{links.other_child}/{new_id()}", links.page, links.page)
    assert links.sent[links.other_child] == [deep]


def test_a_link_of_one_peer_cannot_send_as_another(links):
    frame = links.call(links.page, links.page, links.child)
    assert links.sent[links.page][0].header == dict(frame.header, **{"from": links.child})


def test_a_link_of_a_tree_cannot_send_as_somebody_outside_of_it(links):
    for forged in (links.child, links.router.address, links.other_page, new_id()):
        links.call(links.other_page, forged, links.page)
    assert links.sent[links.other_page] == []
    frame_of_page = f"{links.page}/{new_id()}"
    links.call(links.other_page, frame_of_page, links.page)
    assert links.sent[links.other_page][0].header["from"] == frame_of_page


def test_calls_to_nobody_are_answered_and_other_frames_dropped(links):
    nobody = [new_id(), f"{links.router.address}/{new_id()}", f"{new_id()}/{new_id()}"]
    for to in nobody:
        frame = links.call(to, links.page, links.page)
        answer = links.sent[links.page].pop()
        assert answer.header == messages.error(frame.header["id"], links.page, links.router.address)
        assert json.loads(answer.body)["code"] == "rpc.peer_unknown"
        for header in (
            messages.result(new_id(), to, links.page),
            messages.cancel(new_id(), to, links.page),
            messages.release(to, links.page, {}),
        ):
            links.router.route(Frame(header, "1", []), links.page)
    assert links.sent[links.page] == []


def test_a_link_that_breaks_fails_the_call_and_nothing_else(links):
    def broken(frame):
        raise OSError("broken pipe")

    links.router.attach(links.child, broken)
    links.call(links.child, links.page, links.page)
    record = json.loads(links.sent[links.page][0].body)
    assert record["code"] == Unserializable.code
    assert "broken pipe" in record["message"]
    links.router.attach(links.page, broken)
    links.call(links.child, links.page, links.page)
    links.router.detach(links.other_page, "closed")


def test_an_answer_that_cannot_be_passed_on_becomes_the_error_of_its_call(links):
    sent = []

    def picky(frame):
        if frame.header["type"] == "result":
            raise Unserializable("The network cannot carry it.")
        sent.append(frame)

    links.router.attach(links.child, picky)
    header = messages.result(new_id(), links.child, links.page)
    links.router.route(Frame(header, "1", []), links.page)
    assert [frame.header for frame in sent] == [dict(header, type="error")]
    assert json.loads(sent[0].body)["code"] == Unserializable.code
    assert links.sent[links.page] == []


@pytest.mark.parametrize("header", [None, {}, {"type": "call"}, {"type": "x"}, []])
def test_what_is_no_frame_is_dropped(links, header):
    links.router.route(Frame(header, "", []), links.page)
    links.router.route(Frame(header, "", []), links.child)
    assert not any(links.sent.values())


def test_a_call_that_is_not_well_formed_is_answered_if_it_says_whose_it_is(links):
    header = messages.call(new_id(), links.other_page, links.page, "f")
    links.router.route(Frame(dict(header, target=7), "[]", []), links.page)
    (answer,) = links.sent[links.page]
    assert answer.header == messages.error(header["id"], links.page, links.router.address)
    assert json.loads(answer.body)["code"] == "protocol.malformed"
    for wrong in ({"id": "short"}, {"from": links.child}, {"from": 3}):
        links.router.route(Frame(dict(header, target=7, **wrong), "[]", []), links.page)
    assert sum(map(len, links.sent.values())) == 1


def test_unknown_links_are_not_listened_to(links):
    links.call(links.page, new_id(), new_id())
    assert links.sent[links.page] == []


def test_everybody_is_told_once_who_has_gone(links):
    links.router.detach(links.child, "it crashed")
    links.router.detach(links.child, "again")
    for link in (links.other_child, links.page, links.other_page):
        (frame,) = links.sent[link]
        assert frame.header == messages.gone(link, links.router.address, links.child, "it crashed")
    assert links.sent[links.child] == []


def test_a_peer_that_comes_back_can_go_again(links):
    for _ in range(2):
        links.router.detach(links.child, "gone")
        links.router.attach(links.child, lambda frame: None)
    assert len(links.sent[links.page]) == 2


def test_gone_is_passed_on_from_those_who_can_know(links):
    frame_of_page = f"{links.page}/{new_id()}"

    def tell(peer: str, link: str, sender: str) -> bool:
        count = len(links.sent[links.other_child])
        header = messages.gone(links.router.address, sender, peer, "r")
        links.router.route(Frame(header, "", []), link)
        return len(links.sent[links.other_child]) > count

    assert not tell(links.page, links.child, links.child)
    assert not tell(links.child, links.page, links.page)
    assert not tell(links.router.address, links.page, links.page)
    assert not tell(links.other_page, links.page, links.page)
    assert tell(frame_of_page, links.page, links.page)
    assert not tell(frame_of_page, links.page, links.page)
    assert [frame.header["type"] for frame in links.sent[links.page]] == []


def test_who_has_gone_is_not_remembered_forever(links, monkeypatch):
    monkeypatch.setattr("imjoy.rpc.router.REMEMBERED", 3)
    for _ in range(10):
        child = f"{links.router.address}/{new_id()}"
        links.router.attach(child, lambda frame: None)
        links.router.detach(child, "gone")
    assert len(links.router._told) == 3


class TestTree:
    """Pages, engines and plugins talk through their routers."""

    async def test_every_peer_reaches_every_other(self):
        tree = Tree()
        page, engine = tree.root(), tree.root()
        peers = [page, engine, tree.child(page), tree.child(engine), tree.child(engine)]
        for peer in peers:
            peer.export("who", lambda caller: caller, with_caller=True)
        for caller in peers:
            for callee in peers:
                assert await caller.call(callee.address, "who", timeout=5) == caller.address

    async def test_a_function_passed_on_is_called_where_it_lives(self):
        tree = Tree()
        page, engine = tree.root(), tree.root()
        frame, worker, other = tree.child(page), tree.child(engine), tree.child(engine)
        kept: list = []
        worker.export("pass on", lambda function: worker.call(other.address, "keep", function))
        other.export("keep", kept.append)
        await frame.call(worker.address, "pass on", lambda value: value * 2)
        await settle()
        assert await kept[0](4) == 8
        # The one between may forget it; only its own end would end the promise.
        assert await kept[0](5) == 10

    async def test_a_function_that_went_around_comes_home_as_it_was(self):
        tree = Tree()
        page, engine = tree.root(), tree.root()
        frame, worker, other = tree.child(page), tree.child(engine), tree.child(engine)
        other.export("home", lambda function: frame_call(function))
        worker.export("pass on", lambda function: worker.call(other.address, "home", function))

        def frame_call(function):
            return other.call(frame.address, "is it", function)

        def mine():
            pass

        frame.export("is it", lambda function: function is mine)
        assert await frame.call(worker.address, "pass on", mine) is True

    async def test_unknown_peers_are_answered_by_the_router_on_the_way(self):
        tree = Tree()
        page, engine = tree.root(), tree.root()
        frame = tree.child(page)
        for address in (new_id(), f"{engine.address}/{new_id()}", f"{page.address}/{new_id()}"):
            for caller in (frame, page):
                with pytest.raises(PeerUnknown):
                    await caller.call(address, "f", timeout=5)
        with pytest.raises(MethodNotFound):
            await frame.call(engine.address, "f", timeout=5)

    async def test_the_end_of_a_worker_fails_the_calls_to_it_everywhere(self):
        tree = Tree()
        page, engine = tree.root(), tree.root()
        frame, worker, other = tree.child(page), tree.child(engine), tree.child(engine)
        worker.export("work", forever)
        tasks = [
            asyncio.ensure_future(caller.call(worker.address, "work"))
            for caller in (page, engine, frame, other)
        ]
        await settle(50)
        tree.routers[engine.address].detach(worker.address, "it crashed")
        for task in tasks:
            with pytest.raises(PeerGone, match="it crashed"):
                await asyncio.wait_for(task, 5)
        with pytest.raises(PeerUnknown):
            await frame.call(worker.address, "work", timeout=5)
        await worker.aclose()

    async def test_the_end_of_a_page_stops_the_calls_that_it_and_its_plugins_made(self):
        tree = Tree()
        page, engine = tree.root(), tree.root()
        frame, worker = tree.child(page), tree.child(engine)
        worker.export("work", forever)
        task = asyncio.ensure_future(frame.call(worker.address, "work", lambda: 1))
        await settle(50)
        assert len(worker._running) == 1
        tree.routers[engine.address].detach(page.address, "closed")
        await settle(50)
        assert len(worker._running) == 0
        assert len(worker._proxies) == 0
        task.cancel()

    async def test_a_worker_cannot_speak_for_another(self):
        tree = Tree()
        engine = tree.root()
        worker, victim = tree.child(engine), tree.child(engine)
        engine.export("who", lambda caller: caller, with_caller=True)
        liar = tree.link(tree.routers[engine.address], worker.address)
        call = new_id()
        liar(Frame(messages.call(call, engine.address, victim.address, "who"), "[]", []))
        answers: list[Frame] = []
        worker.receive = answers.append  # type: ignore[method-assign]
        await settle()
        assert json.loads(answers[0].body) == worker.address
