"""Only what an object shows on purpose is seen of it; see also the tests of encoding."""

from __future__ import annotations

import types

import pytest

from imjoy.errors import Unserializable
from imjoy.protocol.instances import public_members


def test_a_field_hides_the_method_of_the_same_name():
    class Tool:
        def run(self):
            return "method"

    tool = Tool()
    tool.run = "field"  # type: ignore[method-assign]
    assert public_members(tool) == {"run": "field"}


def test_methods_are_bound_and_the_nearest_class_wins():
    class Base:
        def name(self):
            return "base"

    class Tool(Base):
        def name(self):
            return "tool"

        @classmethod
        def make(cls):
            return cls

    members = public_members(Tool())
    assert members["name"]() == "tool"
    assert members["make"]() is Tool


def test_data_of_the_class_and_nested_classes_are_not_shown():
    class Tool:
        version = 1

        class Inner:
            pass

    assert public_members(Tool()) == {}


def test_names_that_begin_with_an_underscore_are_not_shown():
    space = types.SimpleNamespace(a=1, _b=2, __c=3)
    assert public_members(space) == {"a": 1}


def test_what_is_not_of_a_python_class_is_refused():
    for value in (object(), types, iter([])):
        with pytest.raises(Unserializable):
            public_members(value)
