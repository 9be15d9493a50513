"""What a browser must load before the page can be used stays small."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

LIMIT = 200 * 1024
# One plugin as an app needs neither dock nor panels.
LITE_LIMIT = 180 * 1024


def first_load(app: Path, page: str) -> dict[str, int]:
    """The scripts that a page names, and what these import at once, with their compressed sizes."""
    wanted = re.findall(r'(?:src|href)="\./([^"]+\.js)"', (app / page).read_text("utf-8"))
    sizes: dict[str, int] = {}
    while wanted:
        name = wanted.pop()
        if name in sizes:
            continue
        data = (app / name).read_bytes()
        sizes[name] = len(gzip.compress(data, 9))
        found = re.findall(rb'(?:from|import)\s*"\./([^"]+\.js)"', data)
        wanted += [f"assets/{other.decode()}" for other in found]
    return sizes


@pytest.mark.parametrize("page,limit", [("index.html", LIMIT), ("lite.html", LITE_LIMIT)])
def test_the_first_load_is_small(app_folder: Path, page: str, limit: int) -> None:
    sizes = first_load(app_folder, page)
    assert len(sizes) > 2
    largest = sorted(sizes.items(), key=lambda entry: -entry[1])
    assert sum(sizes.values()) < limit, largest[:8]
