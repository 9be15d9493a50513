"""Plugins that contradict each other run at once; a second start installs and fetches nothing."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from local_index import LocalIndex
from pythons import find_python
from supervisor_harness import Page, with_page

SCRIPT = """
    import sys, tiny
    api.export({"what": lambda: ["%d.%d" % sys.version_info[:2], tiny.version]})
"""


def test_python_3_7_and_3_13_with_contradictory_packages_at_once(
    index: LocalIndex, tmp_path: Path
) -> None:
    if not (find_python(7) and find_python(13)):
        pytest.skip("Python 3.7 and 3.13 are not both on this machine")
    index.add("tiny", "1.0")
    index.add("tiny", "2.0")

    async def use(page: Page) -> None:
        old = await page.start(
            SCRIPT, "old", env="conda create -n same python=3.7", requirements=["tiny==1.0"]
        )
        new = await page.start(
            SCRIPT, "new", env="conda create -n same python=3.13", requirements=["pip: tiny>=2"]
        )
        answers = await asyncio.gather(
            page.peer.call(old["peer"], "what"), page.peer.call(new["peer"], "what")
        )
        assert answers == [["3.7", "1.0"], ["3.13", "2.0"]]
        assert old["environment"]["key"] != new["environment"]["key"]
        listed = page.supervisor.list(page.address)
        assert [one["state"] for one in listed] == ["running", "running"]

    with_page(tmp_path, use)


ENGINE = """
import asyncio, pathlib, sys
sys.path.insert(0, {here!r})
from supervisor_harness import Page
async def main():
    page = Page(pathlib.Path({home!r}))
    started = await page.start(
        "import tiny\\napi.export({{'run': lambda: tiny.version}})", requirements=["tiny"]
    )
    assert await page.peer.call(started["peer"], "run") == "1.0"
    print(started["environment"]["state"], flush=True)
    await page.supervisor.aclose()
asyncio.run(main())
"""


def test_a_second_start_asks_no_network_and_starts_no_installer(
    index: LocalIndex, tmp_path: Path
) -> None:
    """Every process and connection of the engine and all that it starts is traced."""
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("there is no strace here")
    index.add("tiny", "1.0")
    here = Path(__file__).parent
    program = ENGINE.format(here=str(here), home=str(tmp_path / "home"))
    env = dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path))
    # A file for each process, or the calls of several would be written into each other.
    command = [strace, "-ff", "-qq", "-e", "trace=execve,connect,sendto", "-e", "signal=none"]
    run = [sys.executable, "-c", program]
    seen = []
    for expected in ("built", "reused"):
        output = ["-o", str(tmp_path / expected)]
        done = subprocess.run(
            [*command, *output, *run], env=env, capture_output=True, text=True, timeout=120
        )
        assert done.stdout.split() == [expected], done.stderr
        traces = sorted(tmp_path.glob(f"{expected}.*"), key=lambda path: int(path.suffix[1:]))
        seen.append("".join(path.read_text() for path in traces))
    first, second = seen
    assert "/uv" in first and "AF_INET" in first  # what the trace would show
    assert "AF_INET" not in second
    programs = re.findall(r'execve\("([^"]+)"[^\n]*= 0', second)
    assert [Path(name).name for name in programs[:1]] == [Path(sys.executable).name]
    plugin = [name for name in programs if name.startswith(str(tmp_path / "home/envs"))]
    assert len(plugin) == 1 and plugin[0].endswith("/bin/python")
    others = {Path(name).name for name in programs[1:] if name not in plugin}
    assert others <= {"sh"}, others  # the guardian
