"""What plugins of older versions rely on."""

from __future__ import annotations

import copy
import pickle
import sys
from collections.abc import Callable
from typing import Any

import pytest

from imjoy.protocol.context import ValueContext
from imjoy.protocol.encode import encode
from imjoy.worker.compat import (
    DotDict,
    StrictDotDict,
    camel_case,
    install_js,
    mapping_for,
    positional,
    receiving,
)


class _Functions(ValueContext):
    def encode_function(self, function: Callable[..., Any]) -> tuple[str, str]:
        return "peer", "target"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("alert", "alert"),
        ("show_message", "showMessage"),
        ("showMessage", "showMessage"),
        ("get_file_url", "getFileUrl"),
        ("ENGINE_URL", "ENGINE_URL"),
        ("on", "on"),
    ],
)
def test_names(name: str, expected: str) -> None:
    assert camel_case(name) == expected


def test_keyword_arguments() -> None:
    assert positional((), {"a": 1}) == [{"a": 1}]
    assert positional((1,), {"a": 1}) == [1, {"a": 1}]
    assert positional((1,), {}) == [1]


def test_a_missing_attribute_is_none_for_old_plugins() -> None:
    for version in ("0.1.2", "0.2.3", None, "x"):
        assert mapping_for({"api_version": version}) is DotDict
    value = DotDict([("a", 1)])
    assert (value.a, value.missing) == (1, None)
    value.b = 2
    assert value["b"] == 2
    del value.b
    assert "b" not in value
    assert copy.deepcopy(value) == pickle.loads(pickle.dumps(value)) == {"a": 1}


def test_a_function_of_another_plugin_comes_before_that_of_a_dictionary() -> None:
    value = DotDict({"clear": lambda: "cleared", "items": lambda: "theirs", "keys": [1]})
    assert value.clear() == "cleared"
    assert value.items() == "theirs"
    assert list(value.keys()) == ["clear", "items", "keys"]
    assert DotDict({"clear": 1}).clear() is None
    assert '"items":{"$":"ref"' in encode(value, _Functions())[0]


def test_a_missing_attribute_is_an_error_for_new_plugins() -> None:
    value = mapping_for({"api_version": "1.0"})({"a": 1})
    assert isinstance(value, StrictDotDict)
    assert value.a == 1
    with pytest.raises(AttributeError, match="There is: a"):
        _ = value.missing
    assert copy.copy(value) == {"a": 1}


def test_what_is_only_in_the_browser_is_said_on_an_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "js", raising=False)
    api = object()
    install_js(api)
    module = sys.modules.pop("js")
    assert module.api is api
    with pytest.raises(ImportError, match="js.document is only there in the browser"):
        _ = module.document
    assert not hasattr(module, "__path__")


async def test_own_functions_that_come_back_are_awaited_as_those_of_others() -> None:
    async def later(value: int) -> int:
        return value + 1

    def fail() -> None:
        raise ValueError("no")

    me = receiving(DotDict)([("now", len), ("later", later), ("fail", fail), ("n", 3)])
    assert isinstance(me, DotDict) and me.n == 3
    assert await me.now("abc") == 3 and me.now("abc").result() == 3
    assert await me.later(1) == 2
    assert await me.later(1).then(lambda value: value * 10) == 20
    with pytest.raises(ValueError, match="no"):
        await me.fail()
