"""Wheels for the browser come from the package index, whole, and stay for times without one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from local_index import LocalIndex

from imjoy.package_index import PYPI, configured_index
from imjoy.vendor import NoWheel, WheelMirror

PLATFORM = "cp314-cp314-pyemscripten_2026_0_wasm32"


@pytest.fixture
def index() -> Iterator[LocalIndex]:
    index = LocalIndex()
    yield index
    if not index.is_unplugged:
        index.close()


def test_the_newest_that_runs_in_a_browser_is_taken_and_kept(
    index: LocalIndex, tmp_path: Path
) -> None:
    index.add("my-pkg", "1.9", ("other>=2", "extra ; extra == 'x'"))
    index.add("my-pkg", "1.10", ("other>=2", "extra ; extra == 'x'"))
    index.add("my-pkg", "2.0", tags="cp314-cp314-manylinux_2_28_x86_64")
    index.add("my-pkg", "3.0rc1")
    mirror = WheelMirror(tmp_path, index.url)
    found = mirror.get("My_Pkg", PLATFORM)
    assert found.filename == "my_pkg-1.10-py3-none-any.whl" and found.requires == ["other"]
    index.unplug()
    assert WheelMirror(tmp_path, index.url).get("my.pkg", PLATFORM) == found
    next(path for path in tmp_path.iterdir() if path.name == found.sha256).write_bytes(b"changed")
    with pytest.raises(NoWheel, match="cannot be reached"):
        mirror.get("my-pkg", PLATFORM)


def test_a_build_for_webassembly_is_better_than_none(index: LocalIndex, tmp_path: Path) -> None:
    index.add("fast", "1.0")
    index.add("fast", "1.0", tags=PLATFORM)
    index.add("fast", "1.0", tags="cp313-cp313-pyodide_2025_0_wasm32")
    assert (
        WheelMirror(tmp_path, index.url).get("fast", PLATFORM).filename.endswith(f"{PLATFORM}.whl")
    )


def test_why_there_is_none_is_said(index: LocalIndex, tmp_path: Path) -> None:
    index.add("native", "1.0", tags="cp314-cp314-win_amd64")
    index.add("bad", "1.0")
    index.add_file("broken", "broken-1.0-py3-none-any.whl", b"no zip")
    mirror = WheelMirror(tmp_path, index.url)
    for name, cause in (
        ("native", "no build of it"),
        ("absent", "does not have it"),
        ("../x", "no name of a package"),
        ("broken", "no wheel"),
    ):
        with pytest.raises(NoWheel, match=cause) as caught:
            mirror.get(name, PLATFORM)
        assert caught.value.data and "native-python" in caught.value.data["remedy"]
    index.corrupt = 1
    with pytest.raises(NoWheel, match="damaged"):
        mirror.get("bad", PLATFORM)
    assert mirror.get("bad", PLATFORM).filename.startswith("bad-1.0")


def test_the_index_is_that_of_the_machine() -> None:
    assert configured_index({}) == PYPI
    assert (
        configured_index({"PIP_INDEX_URL": "http://a/", "UV_DEFAULT_INDEX": "http://b/"})
        == "http://b/"
    )
