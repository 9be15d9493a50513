"""Errors keep what they are on their way to another process."""

from __future__ import annotations

import inspect
import json
from pathlib import Path

import pytest

from imjoy import errors
from imjoy.errors import (
    EnvError,
    ImJoyError,
    MethodNotFound,
    PeerGone,
    PluginCrashed,
    PluginError,
    ProtocolError,
    RemoteError,
    error_from_record,
    error_record,
)

CLASSES = [kind for _, kind in inspect.getmembers(errors, inspect.isclass)]
KNOWN = json.loads((Path(__file__).parents[1] / "protocol/model.json").read_text())["errors"]


def raised(error: BaseException) -> BaseException:
    try:
        raise error
    except type(error) as caught:
        return caught


@pytest.mark.parametrize("kind", CLASSES)
def test_every_class_is_public_drawn_in_the_tree_and_has_a_code_of_the_model(kind):
    if issubclass(kind, ImJoyError):
        assert kind.__name__ in errors.__all__
        assert kind.__name__ in (errors.__doc__ or "")
        assert kind.code in KNOWN


def test_an_error_keeps_code_message_and_data():
    error = PluginError("No file.", {"path": "a"}, code="data.unreadable")
    assert str(error) == error.message == "No file."
    assert error_record(error) == {
        "code": "data.unreadable",
        "name": "PluginError",
        "message": "No file.",
        "traceback": None,
        "data": {"path": "a"},
    }


def test_a_plugin_that_crashed_is_a_peer_that_has_gone():
    received = error_from_record(error_record(PluginCrashed("It ended with exit code 3.")))
    assert isinstance(received, PluginCrashed)
    assert isinstance(received, PeerGone)
    assert received.code == "plugin.crashed"


def test_an_env_error_says_step_cause_and_remedy():
    error = EnvError("Install", "No space.", "Free some.", {"free": 0}, code="env.disk")
    assert str(error) == "Install: No space. Free some."
    record = error_record(error)
    assert record["code"] == "env.disk"
    assert record["data"] == {
        "step": "Install",
        "cause": "No space.",
        "remedy": "Free some.",
        "free": 0,
    }


def test_an_exception_of_a_plugin_has_class_text_and_traceback():
    record = error_record(raised(ValueError("no image")))
    assert (record["code"], record["name"], record["message"]) == (
        "plugin.error",
        "ValueError",
        "no image",
    )
    assert "test_errors.py" in record["traceback"]


def test_an_expected_error_has_no_traceback_but_a_surprise_has():
    assert error_record(raised(MethodNotFound("m")))["traceback"] is None
    assert "test_errors.py" in error_record(raised(ImJoyError("m")))["traceback"]


def test_an_error_that_cannot_describe_itself_is_still_a_record():
    class Bad(Exception):
        def __str__(self) -> str:
            raise RuntimeError

    record = error_record(raised(Bad()))
    assert record["message"] == "The error could not be described."
    assert "test_errors.py" in record["traceback"]


def test_a_record_stays_the_same_over_several_processes():
    record = error_record(raised(ValueError("x")))
    for _ in range(3):
        error = error_from_record(record)
        assert isinstance(error, RemoteError)
        record = error_record(error)
    assert (record["name"], record["code"]) == ("ValueError", "plugin.error")


@pytest.mark.parametrize("kind", [errors.PeerGone, errors.CallTimeout, errors.Unserializable])
def test_errors_of_the_wire_come_back_as_their_class(kind):
    error = error_from_record(error_record(kind("m")))
    assert type(error) is kind
    assert error.message == "m"


@pytest.mark.parametrize(
    "record",
    [
        None,
        [],
        {},
        {"code": "x", "name": "E"},
        {"code": 1, "name": "E", "message": "m"},
        {"code": "x", "name": "E", "message": "m", "traceback": 1},
        {"code": "x", "name": "E", "message": "m", "data": []},
    ],
)
def test_what_is_not_a_record_is_malformed(record):
    with pytest.raises(ProtocolError) as caught:
        error_from_record(record)
    assert caught.value.code == "protocol.malformed"


def test_what_led_to_an_error_is_told_too() -> None:
    try:
        try:
            raise KeyError("inner")
        except KeyError as error:
            raise ValueError("outer") from error
    except ValueError as error:
        record = error_record(error)
    assert record["cause"]["name"] == "KeyError"
    received = error_from_record(record)
    assert isinstance(received.__cause__, RemoteError)
    assert received.__cause__.name == "KeyError"
    assert "cause" not in error_record(ValueError("alone"))


def test_a_long_chain_of_errors_is_cut() -> None:
    error: Exception = ValueError("first")
    for step in range(50):
        later = ValueError(str(step))
        later.__cause__ = error
        error = later
    record, length = error_record(error), 0
    while record.get("cause"):
        record, length = record["cause"], length + 1
    assert length == 8
