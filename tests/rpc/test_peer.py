"""Conversations of two peers: calls, functions as values, cancelling, ends, attacks."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import threading
import time

import numpy as np
import pytest
from pythons import MINORS, run_everywhere

from imjoy.errors import (
    AuthError,
    CallCancelled,
    CallTimeout,
    MethodNotFound,
    PeerGone,
    ProtocolError,
    RemoteError,
    Unserializable,
)
from imjoy.protocol import messages
from imjoy.protocol.frame import Frame
from imjoy.protocol.values import Codec
from imjoy.rpc.addresses import new_id
from imjoy.rpc.peer import Peer
from imjoy.rpc.remote import RemoteFunction
from rpc import session
from rpc.memory import Pair, forever, settle


@pytest.fixture
async def pair():
    pair = Pair()
    yield pair
    await pair.a.aclose()
    await pair.b.aclose()


def held(peer: Peer) -> int:
    """Functions of this peer that others hold references to."""
    return len(peer._exports)


class TestCalls:
    async def test_values_go_there_and_back(self, pair):
        pair.b.export("echo", lambda value: value)
        for value in (1, "text", None, [1, {"a": 2.5}], b"bytes", 2**70, {1: 2}):
            assert await pair.a.call(pair.b.address, "echo", value) == value
        array = np.arange(12).reshape(3, 4)[:, ::2]
        assert (await pair.a.call(pair.b.address, "echo", array)).tolist() == array.tolist()

    async def test_arguments_by_name(self, pair):
        pair.b.export("f", lambda a, b=0, *rest, timeout=1, **more: [a, b, rest, timeout, more])
        call, remote = pair.a.call, pair.a.remote(pair.b.address, "f")
        assert await call(pair.b.address, "f", 1, b=2) == [1, 2, [], 1, {}]
        assert await remote(1, timeout=5, to=2, target=3) == [1, 0, [], 5, {"to": 2, "target": 3}]
        assert await remote({"b": 2}) == [{"b": 2}, 0, [], 1, {}]
        assert await remote(1, self=2) == [1, 0, [], 1, {"self": 2}]
        assert [frame.header.get("kwargs") for frame in pair.sent[::2]] == [True, True, None, True]

    async def test_many_at_once_each_with_its_own_answer(self, pair):
        async def later(value):
            for _ in range(value % 7):
                await asyncio.sleep(0)
            return value

        pair.b.export("later", later)
        calls = [pair.a.call(pair.b.address, "later", value) for value in range(200)]
        assert await asyncio.gather(*calls) == list(range(200))

    async def test_a_peer_calls_itself_with_copies(self, pair):
        array = np.zeros(3)
        pair.a.export("change", lambda given: given.fill(1))
        await pair.a.call(pair.a.address, "change", array)
        assert array.tolist() == [0, 0, 0]
        assert pair.sent == []

    async def test_the_function_is_told_who_calls(self, pair):
        pair.b.export("who", lambda caller: caller == pair.a.address, with_caller=True)
        assert await pair.a.call(pair.b.address, "who") is True

    async def test_a_function_is_called_until_it_is_taken_away(self, pair):
        pair.b.export("f", lambda: 1)
        assert await pair.a.call(pair.b.address, "f") == 1
        pair.b.unexport("f")
        with pytest.raises(MethodNotFound):
            await pair.a.call(pair.b.address, "f")

    async def test_a_call_is_sent_whether_it_is_awaited_or_not(self, pair):
        done = asyncio.Event()
        pair.b.export("set", done.set)
        pair.a.remote(pair.b.address, "set")()
        assert pair.types() == ["call"]
        await asyncio.wait_for(done.wait(), 5)

    async def test_a_failure_of_a_call_that_is_not_awaited_is_logged(self, pair, caplog):
        pair.b.export("fail", lambda: 1 / 0)
        pair.a.remote(pair.b.address, "fail")()
        await settle()
        assert "division by zero" in caplog.text
        assert pair.b.address not in caplog.text

    async def test_then_and_catch(self, pair):
        pair.b.export("half", lambda value: value / 2)
        half = pair.a.remote(pair.b.address, "half")
        assert await half(8).then(half).then(half) == 1
        assert await half("x").catch(lambda error: error.name) == "TypeError"

    async def test_arrays_of_a_call_may_be_changed_at_once(self, pair):
        kept: list[Frame] = []
        peer = Peer(new_id(), kept.append)
        array = np.zeros(100_000)
        result = peer.remote(new_id(), "show")(array, memoryview(bytearray(3)), bytearray(3))
        array.fill(1)
        assert not np.frombuffer(kept[0].buffers[0]).any()
        result.cancel()

    async def test_objects_are_made_with_the_given_class(self):
        class Attributes(dict):
            __getattr__ = dict.__getitem__

        pair = Pair(mapping=Attributes)
        pair.b.export("read", lambda config: config.deep.value)
        assert await pair.a.call(pair.b.address, "read", {"deep": {"value": 3}}) == 3

    async def test_codecs_of_both_sides(self, pair):
        class Box:
            def __init__(self, content):
                self.content = content

        for peer in (pair.a, pair.b):
            peer.codecs.register(Codec("box", Box, lambda box: box.content, Box))
        pair.b.export("double", lambda box: Box(box.content * 2))
        assert (await pair.a.call(pair.b.address, "double", Box(4))).content == 8


class TestErrors:
    async def test_what_the_function_raised(self, pair):
        def fail():
            raise KeyError("no such cell")

        pair.b.export("fail", fail)
        with pytest.raises(RemoteError) as caught:
            await pair.a.call(pair.b.address, "fail")
        error = caught.value
        assert (error.code, error.name) == ("plugin.error", "KeyError")
        assert "in fail" in error.traceback

    async def test_errors_with_codes_keep_them_over_several_peers(self, pair):
        def refuse():
            raise AuthError("No.", {"need": [1]}, code="auth.forbidden")

        pair.b.export("refuse", refuse)
        pair.a.export("pass on", lambda: pair.a.remote(pair.b.address, "refuse")())
        with pytest.raises(RemoteError) as caught:
            await pair.b.call(pair.a.address, "pass on")
        assert (caught.value.code, caught.value.name) == ("auth.forbidden", "AuthError")
        assert caught.value.data == {"need": [1]}

    async def test_arguments_that_cannot_be_sent(self, pair):
        with pytest.raises(Unserializable):
            await pair.a.call(pair.b.address, "f", [len, object()])
        with pytest.raises(Unserializable):
            await pair.a.remote(pair.b.address, "f")([len, object()])
        assert pair.sent == []
        assert held(pair.a) == 0

    async def test_results_that_cannot_be_sent(self, pair):
        pair.b.export("f", lambda: [len, threading.Lock()])
        with pytest.raises(Unserializable, match="lock"):
            await pair.a.call(pair.b.address, "f")
        assert held(pair.b) == 0

    async def test_code_of_users_that_fails_on_the_way(self, pair):
        class Bad:
            def __array__(self, dtype=None, copy=None):
                raise ValueError("no memory on the GPU")

        def explode(_):
            raise ValueError("broken codec")

        pair.b.codecs.register(Codec("bomb", decoder=explode))
        pair.a.codecs.register(Codec("bomb", frozenset, encoder=list))
        pair.b.export("echo", lambda value: value)
        with pytest.raises(Unserializable, match="GPU"):
            await pair.a.call(pair.b.address, "echo", Bad())
        with pytest.raises(ProtocolError.__mro__[1], match="broken codec") as caught:
            await pair.a.call(pair.b.address, "echo", frozenset([1]))
        assert caught.value.code == "protocol.malformed"

    async def test_error_data_that_cannot_be_sent_is_left_out(self, pair):
        def fail():
            raise AuthError("m", {"lock": threading.Lock()})

        pair.b.export("fail", fail)
        with pytest.raises(Unserializable):
            await pair.a.call(pair.b.address, "fail")

    async def test_a_link_that_refuses_frames(self):
        def refuse(frame):
            raise OSError("broken pipe")

        peer = Peer(new_id(), refuse)
        for call in (peer.call(new_id(), "f", len), peer.remote(new_id(), "f")(len)):
            with pytest.raises(Unserializable, match="broken pipe"):
                await call
        assert held(peer) == 0
        peer.export("f", lambda: len)
        peer.receive(Frame(messages.call(new_id(), peer.address, new_id(), "f"), "[]", []))
        assert held(peer) == 0

    @pytest.mark.parametrize(
        ("body", "code"),
        [
            ("", "protocol.malformed"),
            ("{}", "protocol.malformed"),
            ("null", "protocol.malformed"),
            ('[{"$":"eval"}]', "protocol.unknown_tag"),
            ("[" * 100 + "]" * 100, "protocol.too_deep"),
        ],
    )
    async def test_a_call_that_cannot_be_read_is_answered_with_the_reason(self, pair, body, code):
        called = []
        pair.b.export("f", called.append)
        header = messages.call(new_id(), pair.b.address, pair.a.address, "f")
        pair.b.receive(Frame(header, body, []))
        assert json.loads(pair.sent[0].body)["code"] == code
        assert pair.sent[0].header == messages.error(header["id"], pair.a.address, pair.b.address)
        assert called == []

    async def test_keyword_arguments_that_are_none(self, pair):
        pair.b.export("f", lambda **kwargs: kwargs)
        for body in ("[]", "[1]", '[{"$":"map","v":[[1,2]]}]'):
            header = messages.call(new_id(), pair.b.address, pair.a.address, "f", kwargs=True)
            pair.b.receive(Frame(header, body, []))
        assert {json.loads(frame.body)["code"] for frame in pair.sent} == {"protocol.malformed"}

    async def test_an_answer_that_cannot_be_read_fails_the_call(self, pair):
        waiting = asyncio.ensure_future(pair.a.call(pair.b.address, "f"))
        await asyncio.sleep(0)
        call = pair.sent[0].header["id"]
        answer = messages.result(call, pair.a.address, pair.b.address)
        pair.a.receive(Frame(answer, "[", []))
        with pytest.raises(ProtocolError):
            await waiting


class TestFunctions:
    async def test_a_callback_is_called_as_often_as_wanted(self, pair):
        async def count(report, times):
            return [await report(step) for step in range(times)]

        pair.b.export("count", count)
        steps = await pair.a.call(pair.b.address, "count", lambda step: step * 2, 100)
        assert steps == [step * 2 for step in range(100)]

    async def test_an_object_with_methods_acts_on_the_original(self, pair):
        class Counter:
            def __init__(self):
                self.value = 0

            def increase(self, by=1):
                self.value += by
                return self.value

        counter = Counter()
        pair.b.export("counter", lambda: counter)
        remote = await pair.a.call(pair.b.address, "counter")
        assert [await remote["increase"](), await remote["increase"](by=4)] == [1, 5]
        assert (remote["value"], counter.value) == (0, 5)

    async def test_a_function_has_one_proxy_and_goes_home_as_it_was(self, pair):
        kept = []
        pair.b.export("keep", kept.append)
        pair.b.export("give", lambda: kept[0])

        def function():
            pass

        for _ in range(3):
            await pair.a.call(pair.b.address, "keep", function)
        assert isinstance(kept[0], RemoteFunction)
        assert kept[0] is kept[1] is kept[2]
        assert await pair.a.call(pair.b.address, "give") is function

    async def test_dropped_proxies_are_released(self, pair):
        kept = []
        pair.b.export("keep", kept.append)
        function = [].append
        for _ in range(3):
            await pair.a.call(pair.b.address, "keep", function)
        assert held(pair.a) == 1
        kept.clear()
        await settle()
        assert held(pair.a) == 0
        release = pair.sent[-1].header
        assert release["type"] == "release"
        assert list(release["targets"].values()) == [3]

    async def test_a_release_that_crosses_a_new_reference_takes_nothing_away(self, pair):
        kept: list = []
        pair.b.export("keep", kept.append)

        def function():
            return "alive"

        await pair.a.call(pair.b.address, "keep", function)
        kept.clear()
        again = asyncio.ensure_future(pair.a.call(pair.b.address, "keep", function))
        await again
        await settle()
        assert held(pair.a) == 1
        assert await kept[0]() == "alive"

    async def test_results_of_cancelled_calls_are_released_too(self, pair):
        class Job(asyncio.Future):
            def on_cancel(self):
                self.set_result(lambda: 1)

        pair.b._running._run_sync = lambda *_: Job()
        pair.b.export("slow", lambda: None)
        with pytest.raises(CallTimeout):
            await pair.a.call(pair.b.address, "slow", timeout=0.01)
        await settle()
        assert held(pair.b) == 0
        assert pair.types() == ["call", "cancel", "result", "release"]

    async def test_a_million_calls_of_one_callback_leave_nothing(self, pair):
        pair.b.export("run", lambda callback: callback(len))
        pair.a.export("f", lambda: 1)
        for _ in range(50):
            assert (await pair.a.call(pair.b.address, "run", lambda given: None)) is None
        await settle()
        assert (held(pair.a), held(pair.b)) == (0, 0)
        assert (len(pair.a._proxies), len(pair.b._proxies)) == (0, 0)
        assert (len(pair.a._pending), len(pair.b._running)) == (0, 0)

    async def test_an_own_name_that_comes_back_is_the_function(self, pair):
        pair.b.export("call", lambda function, value: function(value))
        pair.b.export("double", lambda value: value * 2)
        double = pair.a.remote(pair.b.address, "double")
        assert await pair.a.call(pair.b.address, "call", double, 4) == 8


class TestCancelling:
    async def test_a_cancelled_task_cancels_its_call(self, pair):
        started, stopped = asyncio.Event(), asyncio.Event()

        async def work():
            started.set()
            try:
                await asyncio.Event().wait()
            finally:
                stopped.set()

        pair.b.export("work", work)
        task = asyncio.ensure_future(pair.a.call(pair.b.address, "work"))
        await started.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.wait_for(stopped.wait(), 5)
        await settle()
        assert pair.types() == ["call", "cancel", "error"]
        assert json.loads(pair.sent[-1].body)["code"] == "rpc.cancelled"
        assert pair.a._pending._abandoned == {}

    async def test_a_result_is_cancelled(self, pair):
        pair.b.export("work", forever)
        result = pair.a.remote(pair.b.address, "work")()
        await settle()
        assert result.cancel()
        await settle()
        assert pair.types() == ["call", "cancel", "error"]

    async def test_a_call_that_takes_too_long(self, pair):
        pair.b.export("work", forever)
        with pytest.raises(CallTimeout, match="work did not answer within 0.01 seconds"):
            await pair.a.call(pair.b.address, "work", timeout=0.01)
        await settle()
        assert pair.types() == ["call", "cancel", "error"]

    async def test_a_timeout_does_not_fire_after_the_answer(self, pair):
        pair.b.export("f", lambda: 1)
        assert await pair.a.call(pair.b.address, "f", timeout=0.01) == 1
        await asyncio.sleep(0.02)
        assert pair.types() == ["call", "result"]

    async def test_a_callee_that_gives_up_by_itself(self, pair):
        async def give_up():
            raise asyncio.CancelledError

        pair.b.export("work", give_up)
        with pytest.raises(CallCancelled):
            await pair.a.call(pair.b.address, "work")

    async def test_nobody_else_can_cancel_a_call(self, pair):
        pair.b.export("work", forever)
        task = asyncio.ensure_future(pair.a.call(pair.b.address, "work"))
        await settle()
        header = messages.cancel(pair.sent[0].header["id"], pair.b.address, new_id())
        pair.b.receive(Frame(header, "", []))
        await settle()
        assert not task.done()
        task.cancel()


class TestEnds:
    async def test_calls_to_a_peer_that_has_gone_fail(self, pair):
        pair.b.export("work", forever)
        task = asyncio.ensure_future(pair.a.call(pair.b.address, "work", len))
        result = pair.a.remote(pair.b.address, "work")()
        await settle()
        assert held(pair.a) == 1
        pair.a.peer_gone(pair.b.address, "it crashed")
        for call in (task, result):
            with pytest.raises(PeerGone, match="it crashed"):
                await call
        assert held(pair.a) == 0

    async def test_calls_of_a_peer_that_has_gone_are_stopped(self, pair):
        pair.b.export("work", forever)
        task = asyncio.ensure_future(pair.a.call(pair.b.address, "work"))
        await settle()
        pair.b.peer_gone(pair.a.address, "closed")
        await settle()
        assert len(pair.b._running) == 0
        assert pair.types() == ["call"]
        task.cancel()

    async def test_gone_is_believed_of_those_who_can_know(self, pair):
        engine, other = new_id(), new_id()
        worker = f"{engine}/{new_id()}"
        sent: list[Frame] = []
        peer = Peer(worker, sent.append)
        frame = Peer(f"{engine}/{new_id()}", sent.append)
        tasks = [
            asyncio.ensure_future(peer.call(to, "f"))
            for to in (frame.address, other, f"{other}/{new_id()}")
        ]
        await settle()
        for stranger in (frame.address, new_id(), f"{other}/{new_id()}"):
            peer.receive(Frame(messages.gone(worker, stranger, other, "a lie"), "", []))
        await settle()
        assert not any(task.done() for task in tasks)
        peer.receive(Frame(messages.gone(worker, engine, frame.address, "true"), "", []))
        peer.receive(Frame(messages.gone(worker, other, other, "true"), "", []))
        for task in tasks:
            with pytest.raises(PeerGone, match="true"):
                await task

    async def test_closing_stops_everything_now_and_later(self, pair):
        started, stopped = asyncio.Event(), []

        async def work():
            started.set()
            try:
                await forever()
            finally:
                stopped.append(1)

        pair.a.export("work", work)
        pair.b.export("work", forever)
        running = asyncio.ensure_future(pair.b.call(pair.a.address, "work"))
        waiting = asyncio.ensure_future(pair.a.call(pair.b.address, "work", timeout=100))
        remote = pair.a.remote(pair.b.address, "f")
        await started.wait()
        await pair.a.aclose()
        await pair.a.aclose()
        assert stopped == [1]
        for call in (waiting, pair.a.call(pair.b.address, "f"), remote(), remote(len)):
            with pytest.raises(PeerGone):
                await call
        header = messages.call(new_id(), pair.a.address, pair.b.address, "work")
        pair.a.receive(Frame(header, "[]", []))
        assert (held(pair.a), len(pair.a._running)) == (0, 0)
        running.cancel()

    async def test_a_function_may_close_its_own_peer(self, pair):
        async def leave():
            await pair.b.aclose()

        pair.b.export("leave", leave)
        task = asyncio.ensure_future(pair.a.call(pair.b.address, "leave"))
        await settle()
        pair.a.peer_gone(pair.b.address, "left")
        with pytest.raises(PeerGone):
            await task


class TestAttacks:
    @pytest.mark.parametrize(
        "target",
        [
            "__class__",
            "__init__",
            "run.__globals__",
            "run.__self__",
            "run.__call__",
            "export",
            "_exports",
            "codecs.register",
            "aclose",
            "run\0",
            "RUN",
            " run",
            "run.",
            "constructor",
        ],
    )
    async def test_names_are_not_followed(self, pair, target):
        pair.b.export("run", lambda: 1)
        with pytest.raises(MethodNotFound):
            await pair.a.call(pair.b.address, target)

    @pytest.mark.parametrize(
        "frame",
        [
            Frame(None, "", []),
            Frame({}, "", []),
            Frame({"type": "call"}, "[]", []),
            Frame({"type": "call", "id": [], "to": {}, "from": 1, "target": None}, "[]", []),
            Frame(messages.result("0" * 32, "a" * 32, "b" * 32), None, None),
            Frame(messages.call("0" * 32, "a" * 32, "b" * 32, "f"), None, None),
            Frame(messages.call("0" * 32, "a" * 32, "b" * 32, "f"), "[]", [object()]),
            Frame(messages.release("a" * 32, "b" * 32, {"fn:x": 2**70}), "", []),
        ],
    )
    async def test_frames_that_are_none_are_survived(self, pair, frame):
        pair.b.receive(frame)
        pair.b.export("f", lambda: 1)
        assert await pair.a.call(pair.b.address, "f") == 1

    async def test_answers_are_believed_of_the_callee_and_the_way_to_it(self):
        page = new_id()
        worker, address = f"{new_id()}/{new_id()}", f"{page}/{new_id()}"
        sent: list[Frame] = []
        peer = Peer(address, sent.append)
        for sender, believed in [
            (worker, True),
            (worker.split("/")[0], True),
            (page, True),
            (new_id(), False),
            (f"{page}/{new_id()}", False),
            (f"{worker}/{new_id()}", False),
        ]:
            task = asyncio.ensure_future(peer.call(worker, "f"))
            await asyncio.sleep(0)
            call = sent[-1].header["id"]
            peer.receive(Frame(messages.result(call, address, sender), "1", []))
            await asyncio.sleep(0)
            assert task.done() is believed
            task.cancel()

    async def test_an_answer_to_no_call_is_dropped(self, pair):
        pair.a.receive(Frame(messages.result(new_id(), pair.a.address, pair.b.address), "1", []))

    async def test_a_second_answer_is_dropped(self, pair):
        pair.b.export("f", lambda: 1)
        assert await pair.a.call(pair.b.address, "f") == 1
        pair.a.receive(pair.sent[-1])

    async def test_a_function_that_was_not_passed_cannot_be_had(self, pair):
        for target in ("fn:" + "0" * 32, "secret", "__class__"):
            body = json.dumps([{"$": "ref", "p": pair.b.address, "t": target}])
            header = messages.call(new_id(), pair.b.address, pair.a.address, "f")
            pair.b.export("f", lambda function: function())
            pair.b.receive(Frame(header, body, []))
        codes = {json.loads(frame.body)["code"] for frame in pair.sent}
        assert codes == {"protocol.malformed"}

    async def test_addresses_do_not_get_into_the_log(self, pair, caplog):
        caplog.set_level(logging.DEBUG, "imjoy")
        pair.b.export("f", lambda: 1 / 0)
        pair.a.remote(pair.b.address, "f")()
        pair.b.receive(Frame({"type": "call", "to": pair.b.address}, "", []))
        await settle()
        assert pair.a.address not in caplog.text
        assert pair.b.address not in caplog.text


class TestThreads:
    async def test_a_thread_calls_and_waits(self, pair):
        loop = asyncio.get_running_loop()
        pair.b.export("double", lambda value: value * 2)
        double = pair.a.remote(pair.b.address, "double")
        assert await loop.run_in_executor(None, lambda: double(4).result(10)) == 8
        assert await loop.run_in_executor(None, lambda: asyncio.run(_await(double(5)))) == 10

    async def test_many_threads_call_in_order(self, pair):
        loop = asyncio.get_running_loop()
        got: dict[int, list[int]] = {}
        pair.b.export("add", lambda thread, number: got.setdefault(thread, []).append(number))
        add = pair.a.remote(pair.b.address, "add")

        def work(thread):
            results = [add(thread, number) for number in range(100)]
            results[-1].result(10)

        await asyncio.gather(*(loop.run_in_executor(None, work, n) for n in range(4)))
        assert got == {thread: list(range(100)) for thread in range(4)}

    async def test_errors_in_a_thread(self, pair):
        loop = asyncio.get_running_loop()
        pair.b.export("fail", lambda: 1 / 0)
        fail = pair.a.remote(pair.b.address, "fail")
        with pytest.raises(RemoteError):
            await loop.run_in_executor(None, lambda: fail().result(10))
        with pytest.raises(Unserializable):
            await loop.run_in_executor(None, lambda: fail(object()).result(10))

    async def test_a_thread_cancels(self, pair):
        loop = asyncio.get_running_loop()
        pair.b.export("work", forever)
        work = pair.a.remote(pair.b.address, "work")
        result = await loop.run_in_executor(None, work)
        await settle()
        assert await loop.run_in_executor(None, result.cancel)
        await settle()
        assert pair.types() == ["call", "cancel", "error"]
        assert len(pair.a._pending) == 0

    async def test_functions_run_in_threads_and_call_back(self):
        loop = asyncio.get_running_loop()
        pair = Pair(
            run_sync=lambda f, args, kwargs: loop.run_in_executor(None, lambda: f(*args, **kwargs))
        )
        seen: list = []

        def work(report):
            assert threading.current_thread() is not threading.main_thread()
            return [report(step).result(10) for step in range(3)]

        pair.b.export("work", work)
        assert await pair.a.call(
            pair.b.address, "work", lambda step: seen.append(step) or step
        ) == [0, 1, 2]
        assert seen == [0, 1, 2]

    async def test_a_thread_may_drop_the_last_use_of_a_proxy(self, pair):
        kept: list = []
        pair.b.export("keep", kept.append)
        await pair.a.call(pair.b.address, "keep", lambda: 1)
        await asyncio.get_running_loop().run_in_executor(None, kept.clear)
        await settle()
        assert held(pair.a) == 0

    def test_a_loop_that_has_ended_fails_calls_of_threads(self):
        async def make():
            return Pair().a

        peer = asyncio.run(make())
        remote = peer.remote(new_id(), "f")
        with pytest.raises(PeerGone):
            remote(1).result(1)
        del remote
        gc.collect()

    def test_without_any_loop_there_is_no_call(self):
        with pytest.raises(PeerGone, match="event loop"):
            Peer(new_id(), lambda frame: None).remote(new_id(), "f")().result(1)


async def _await(result):
    return await result


async def test_a_call_costs_little(pair):
    """A guard against doing something silly on each call; the limit is far above the usual cost."""
    pair.b.export("nothing", lambda: None)
    nothing = pair.a.remote(pair.b.address, "nothing")
    start = time.process_time()
    for _ in range(300):
        await nothing()
    assert (time.process_time() - start) / 300 < 0.001


@pytest.mark.parametrize("minor", MINORS)
def test_a_conversation_on_every_python(minor):
    assert run_everywhere(session.__file__, minor) == "well\n"
