"""Dask: an actor in another process called with nothing, and a function with an array."""

from __future__ import annotations

import json
import sys
import time

import numpy as np
from distributed import Client, LocalCluster


class Actor:
    def noop(self) -> int:
        return 1

    def ends(self, array: np.ndarray) -> int:
        return int(array[0]) + int(array[-1])


def main() -> None:
    calls, size, times = (int(text) for text in sys.argv[1:])
    began = time.perf_counter()
    with LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None) as cluster:
        with Client(cluster) as client:
            actor = client.submit(Actor, actor=True).result()
            actor.noop().result()
            started = time.perf_counter() - began
            noop = []
            for _ in range(calls):
                began = time.perf_counter()
                actor.noop().result()
                noop.append(time.perf_counter() - began)
            array, seconds = np.full(size, 3, np.uint8), []
            for _ in range(times):
                began = time.perf_counter()
                assert actor.ends(array).result() == 6
                seconds.append(time.perf_counter() - began)
    print(json.dumps({"start": started, "noop": noop, "array": seconds}))


if __name__ == "__main__":
    main()
