"""Ray: an actor in another process called with nothing and with an array."""

from __future__ import annotations

import json
import sys
import time

import numpy as np
import ray


@ray.remote
class Actor:
    def noop(self) -> int:
        return 1

    def ends(self, array: np.ndarray) -> int:
        return int(array[0]) + int(array[-1])


def main() -> None:
    calls, size, times = (int(text) for text in sys.argv[1:])
    ray.init(num_cpus=2, include_dashboard=False, logging_level="ERROR", log_to_driver=False)
    began = time.perf_counter()
    actor = Actor.remote()
    ray.get(actor.noop.remote())
    started = time.perf_counter() - began
    noop = []
    for _ in range(calls):
        began = time.perf_counter()
        ray.get(actor.noop.remote())
        noop.append(time.perf_counter() - began)
    array, seconds = np.full(size, 3, np.uint8), []
    for _ in range(times):
        began = time.perf_counter()
        assert ray.get(actor.ends.remote(array)) == 6
        seconds.append(time.perf_counter() - began)
    ray.shutdown()
    print(json.dumps({"start": started, "noop": noop, "array": seconds}))


if __name__ == "__main__":
    main()
