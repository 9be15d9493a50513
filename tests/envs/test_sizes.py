"""What environments take on the disk."""

from __future__ import annotations

import os
from pathlib import Path

from imjoy.envs.sizes import Size, freed_by, sizes_of


def test_files_in_common_count_once(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    for folder in (one, two):
        folder.mkdir()
    (one / "common").write_bytes(b"x" * 1000)
    os.link(one / "common", two / "common")
    (one / "own").write_bytes(b"x" * 10)
    (two / "own").write_bytes(b"x" * 300)
    os.link(two / "own", two / "again")
    sizes = sizes_of({"one": one, "two": two})
    assert sizes == {"one": Size(1010, 10, 510), "two": Size(1300, 300, 800)}
    assert freed_by([one]) == 10
    assert freed_by([one, two]) == sum(size.share for size in sizes.values())
