"""Reports of progress."""

from __future__ import annotations

import asyncio
import itertools
import time
from typing import Any

from imjoy.envs.progress import DownloadMeter, Pace, Reporter


def test_at_most_ten_reports_a_second_and_none_lost_at_the_end_of_a_step() -> None:
    seen: list[tuple[float, dict[str, Any]]] = []

    async def report_often() -> None:
        reporter = Reporter(lambda progress: seen.append((time.monotonic(), progress)))
        for done in range(300):
            reporter.report("download", "x", done, 299, "bytes")
            await asyncio.sleep(0.001)
        reporter.report("install", "y", 1, 1, "packages")
        reporter.close()
        reporter.report("install", "late")

    asyncio.run(report_often())
    gaps = [b[0] - a[0] for a, b in itertools.pairwise(seen)]
    assert all(gap >= 0.095 for gap in gaps[:-2])
    assert [progress["done"] for _, progress in seen if progress["step"] == "download"][-1] == 299
    assert seen[-1][1] == {
        "step": "install",
        "message": "y",
        "done": 1,
        "total": 1,
        "unit": "packages",
        "seconds_left": None,
    }


def test_the_time_left_follows_the_pace() -> None:
    pace = Pace()
    assert pace.seconds_left("download", 0, 100, 0.0) is None
    assert pace.seconds_left("download", 10, 100, 0.2) is None
    assert pace.seconds_left("download", 20, 100, 1.0) == 4.0
    assert pace.seconds_left("install", 1, 2, 1.0) is None
    for second in range(2, 12):  # it became slower, and what is long past no longer counts
        left = pace.seconds_left("download", 20 + second, 100, float(second))
    assert left == 69.0
    assert pace.seconds_left("download", 100, 100, 12.0) == 0.0


def test_a_step_that_rested_for_another_is_not_taken_for_slow() -> None:
    pace = Pace()
    for tenth in range(11):  # packages of conda, at 10 a second
        left = pace.seconds_left("download", tenth, 30, tenth / 10)
    assert left == 2.0
    for second in range(1, 5):
        pace.seconds_left("install", second, 10, float(second))
    assert pace.seconds_left("download", 11, 30, 5.0) is None  # packages of pip come now
    assert pace.seconds_left("download", 21, 30, 6.0) == 0.9


def test_the_meter_never_goes_back() -> None:
    meter = DownloadMeter({"numpy": 100, "ruamel-yaml": 50})
    meter.update("numpy", 0.5, 101)
    meter.update("numpy", 0.2, 101)
    meter.update("ruamel.yaml", 1.0, 49)
    meter.update("cached", 1.0, 7)
    assert (meter.done, meter.total) == (100, 150)
    meter.finish()
    assert meter.done == meter.total == 150


def test_unknown_sizes_are_taken_from_the_bars() -> None:
    meter = DownloadMeter({"a": 0})
    meter.update("a", 0.5, 1000)
    assert (meter.done, meter.total) == (500, 1000)
