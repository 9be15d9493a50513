"""What plugins of one engine share is made once for it; GPUs are tested with test_gpus."""

from __future__ import annotations

from imjoy.engine.premises import Premises
from imjoy.rpc.router import Router


async def test_two_engines_share_nothing() -> None:
    one, other = Premises(Router("a" * 32)), Premises(Router("b" * 32))
    assert one.watch is not other.watch and one.guardian is not other.guardian
    one.gpus_taken[0] = 1
    one.free_gpus([0, 1])
    assert one.gpus_taken == {0: 0, 1: 0} and other.gpus_taken == {}
