"""How far another builder is, as seen by who waits for it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from imjoy.envs.progress import Reporter
from imjoy.envs.shared_progress import WAITING, SharedProgress

REPORT = {
    "step": "download",
    "message": "Downloading numpy",
    "done": 5,
    "total": 9,
    "unit": "bytes",
}


def test_what_one_writes_the_other_tells(tmp_path: Path) -> None:
    async def main() -> list[dict[str, Any]]:
        builder, waiter = SharedProgress(tmp_path / "key"), SharedProgress(tmp_path / "key")
        told: list[dict[str, Any]] = []
        reporter = Reporter(told.append)
        waiter.tell(reporter)
        builder.write(REPORT)
        for _ in range(3):
            waiter.tell(reporter)
        (tmp_path / "key.progress").write_text('{"step": 1')
        waiter.tell(reporter)
        builder.remove()
        reporter.close()
        return told

    told = asyncio.run(main())
    assert told[0]["message"] == told[-1]["message"] == WAITING
    [shown] = [one for one in told if one["unit"] == "bytes"]
    assert shown["message"] == "Downloading numpy (by another start)"
    assert (shown["done"], shown["total"]) == (5, 9)
    assert list(tmp_path.iterdir()) == []
