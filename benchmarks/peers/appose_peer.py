"""Appose: a warm Python service called with nothing and with an array in shared memory."""

from __future__ import annotations

import json
import os
import sys
import time

import appose
import numpy as np

SCRIPT = "task.outputs['x'] = 1"
SUM = "a = data.ndarray(); task.outputs['x'] = int(a[0]) + int(a[-1])"


def main() -> None:
    calls, size, times = (int(text) for text in sys.argv[1:])
    # Its workers are started with the first Python on the path, which must have Appose too.
    os.environ["PATH"] = os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]])
    environment = appose.system()
    began = time.perf_counter()
    with environment.python() as service:
        service.task(SCRIPT).wait_for()
        started = time.perf_counter() - began
        noop = []
        for _ in range(calls):
            began = time.perf_counter()
            service.task(SCRIPT).wait_for()
            noop.append(time.perf_counter() - began)
        array, seconds = np.full(size, 3, np.uint8), []
        for _ in range(times):
            began = time.perf_counter()
            with appose.NDArray("uint8", [size]) as shared:
                shared.ndarray()[:] = array
                task = service.task(SUM, {"data": shared})
                task.wait_for()
                assert task.outputs["x"] == 6
            seconds.append(time.perf_counter() - began)
    print(json.dumps({"start": started, "noop": noop, "array": seconds}))


if __name__ == "__main__":
    main()
