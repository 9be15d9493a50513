"""When a plugin that has failed is started again."""

from __future__ import annotations

from imjoy.engine.restarts import MOST, Restarts


def test_only_who_asks_for_it() -> None:
    assert not Restarts(None).wanted
    assert not Restarts({"restart": "never"}).wanted
    assert Restarts({"restart": "on-failure"}).wanted


def test_pauses_grow_until_it_rests_and_are_forgotten_after_a_minute() -> None:
    restarts = Restarts({"restart": "on-failure"})
    assert [restarts.pause(now) for now in (0, 1, 2)] == [0.5, 1.0, 2.0]
    assert restarts.pause(3) is None and len(restarts) == MOST
    assert restarts.pause(61.5) == 1.0  # the first two are long ago
    assert restarts.pause(200) == 0.5 and len(restarts) == 1
