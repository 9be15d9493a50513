"""One flat table: nothing but exact names, and functions for as long as somebody holds them."""

from __future__ import annotations

import gc
import weakref

import pytest

from imjoy.rpc.exports import ExportTable

PAGE, FRAME, OTHER = "a" * 32, "a" * 32 + "/" + "b" * 32, "c" * 32


class Tool:
    def run(self) -> int:
        return 1

    def other(self) -> int:
        return 2


@pytest.mark.parametrize(
    "name", ["__class__", "run.__call__", "run.__globals__", "", "add", "find"]
)
def test_names_are_never_followed(name):
    table = ExportTable()
    table.add("run", Tool().run)
    assert table.find(name) is None
    export = table.find("run")
    assert export is not None
    assert export.function() == 1


def test_dots_are_plain_characters():
    table = ExportTable()
    table.add("api.alert", len, with_caller=True)
    assert table.find("api.alert") == (len, True)
    assert table.find("api") is None
    table.remove("api.alert")
    table.remove("api.alert")
    assert table.find("api.alert") is None


def test_the_same_function_has_one_target_and_counts_go_by_peer():
    table, tool = ExportTable(), Tool()
    target = table.retain(tool.run, PAGE)
    assert table.retain(tool.run, OTHER) == target
    assert table.retain(tool.run, OTHER) == target
    assert table.retain(tool.other, PAGE) != target
    assert table.retain(Tool().run, PAGE) != target
    table.release(target, PAGE, 1)
    table.release(target, OTHER, 1)
    assert table.find(target) is not None
    table.release(target, OTHER, 1)
    assert table.find(target) is None
    assert len(table) == 2


def test_a_peer_cannot_release_what_others_hold():
    table = ExportTable()
    target = table.retain(len, PAGE)
    table.release(target, OTHER, 100)
    table.release("fn:unknown", PAGE, 1)
    assert table.find(target) is not None


def test_a_named_export_is_not_released():
    table = ExportTable()
    table.add("run", len)
    table.release("run", PAGE, 1)
    assert table.find("run") is not None


def test_a_peer_that_goes_takes_its_references_and_those_below_it():
    table = ExportTable()
    first, second = table.retain(len, PAGE), table.retain(repr, FRAME)
    third = table.retain(max, OTHER)
    table.retain(len, OTHER)
    table.forget(PAGE)
    assert table.find(second) is None
    assert table.find(first) is not None
    table.forget(OTHER)
    assert [table.find(one) for one in (first, second, third)] == [None] * 3


def test_a_dropped_function_is_freed_and_its_place_is_not_taken_by_another():
    table, tool = ExportTable(), Tool()
    target = table.retain(tool.run, PAGE)
    alive = weakref.ref(tool)
    del tool
    assert alive() is not None
    table.release(target, PAGE, 1)
    gc.collect()
    assert alive() is None
    assert table.retain(Tool().run, PAGE) != target


def test_functions_that_cannot_be_hashed_or_compared_are_held_by_identity():
    class Odd:
        __hash__ = None  # type: ignore[assignment]

        def __eq__(self, other: object) -> bool:
            raise AssertionError("never compared")

        def run(self) -> None:
            pass

        def __call__(self) -> None:
            pass

    table, odd = ExportTable(), Odd()
    assert table.retain(odd, PAGE) == table.retain(odd, PAGE)
    assert table.retain(odd.run, PAGE) == table.retain(odd.run, PAGE)


def test_freeing_a_function_may_use_the_table_again():
    table = ExportTable()

    class Closing:
        def __call__(self) -> None:
            pass

        def __del__(self) -> None:
            table.retain(len, OTHER)

    target = table.retain(Closing(), PAGE)
    table.release(target, PAGE, 1)
    assert len(table) == 1
    table.clear()
    assert len(table) == 0
