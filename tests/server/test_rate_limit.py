"""Limits on guessing."""

from __future__ import annotations

from imjoy.server.rate_limit import PEER_LIMIT, RateLimit


def test_ten_wrong_in_a_minute_then_wait() -> None:
    now = [0.0]
    limit = RateLimit(clock=lambda: now[0])
    for _ in range(10):
        assert not limit.is_limited("10.0.0.1")
        limit.count_wrong("10.0.0.1")
    assert limit.is_limited("10.0.0.1")
    assert not limit.is_limited("10.0.0.2")
    now[0] = 60.0
    assert not limit.is_limited("10.0.0.1")


def test_sixty_wrong_from_all_peers_limit_everybody() -> None:
    now = [0.0]
    limit = RateLimit(clock=lambda: now[0])
    for number in range(60):
        limit.count_wrong(f"10.0.0.{number}")
    assert limit.is_limited("10.0.1.1")
    now[0] = 61.0
    assert not limit.is_limited("10.0.1.1")


def test_one_peer_cannot_use_up_the_limit_of_all() -> None:
    limit = RateLimit(clock=lambda: 0.0)
    for _ in range(1000):
        limit.count_wrong("10.0.0.1")
    assert not limit.is_limited("10.0.0.2")


def test_a_network_of_ipv6_addresses_is_one_peer() -> None:
    limit = RateLimit(clock=lambda: 0.0)
    for number in range(10):
        limit.count_wrong(f"2001:db8::{number:x}")
    assert limit.is_limited("2001:db8::ffff")
    assert not limit.is_limited("2001:db8:0:1::1")


def test_many_peers_do_not_fill_the_memory() -> None:
    now = [0.0]
    limit = RateLimit(clock=lambda: now[0])
    for number in range(3 * PEER_LIMIT):
        now[0] += 0.1
        limit.count_wrong(f"peer {number}")
    assert len(limit._wrong) <= PEER_LIMIT
