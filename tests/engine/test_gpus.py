"""Graphics processors: what the driver's tool says, and who gets which."""

from __future__ import annotations

from pathlib import Path

import pytest

from imjoy.engine import gpus
from imjoy.engine.gpus import MB, Gpu, Gpus, choose, gpu_options
from imjoy.engine.premises import Premises
from imjoy.rpc.router import Router

# A stand-in with the output of the real tool, because the machine may have no such processor.
TOOL = """#!/bin/sh
case "$1" in
  *query-gpu*) echo '0, GPU-aa, NVIDIA A40, 46068, 40000, 97, 550.54'
               echo '1, GPU-bb, NVIDIA A40, 46068, 12, 0, 550.54'
               echo '2, GPU-cc, NVIDIA T4, 15360, 3000, 10, 550.54'
               echo '3, GPU-dd, NVIDIA T4, [N/A], 3000, 10, 550.54' ;;
  *compute-apps*) echo '100, 512'; echo '100, 512'; echo '101, [N/A]' ;;
esac
"""


@pytest.fixture
def tool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "nvidia-smi"
    path.write_text(TOOL)
    path.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return path


async def test_what_the_tool_says(tool: Path) -> None:
    found = Gpus()
    assert await found.list() == [
        Gpu(0, "GPU-aa", "NVIDIA A40", 46068 * MB, 40000 * MB, 97.0, "550.54"),
        Gpu(1, "GPU-bb", "NVIDIA A40", 46068 * MB, 12 * MB, 0.0, "550.54"),
        Gpu(2, "GPU-cc", "NVIDIA T4", 15360 * MB, 3000 * MB, 10.0, "550.54"),
    ]
    assert await found.memory_by_process() == {100: 1024 * MB}


async def test_a_tool_that_hangs_or_fails_or_is_not_there(
    tool: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gpus, "SECONDS", 0.2)
    for text in ("#!/bin/sh\nexec sleep 20\n", "#!/bin/sh\necho 0, x\nexit 9\n"):
        tool.write_text(text)
        assert await Gpus().list() == []
    tool.unlink()
    assert await Gpus().list() == []


async def test_the_choice(tool: Path) -> None:
    found = await Gpus().list()
    assert choose(found, {}, {}) == [1]
    assert choose(found, {"limit": 5}, {}) == [1, 2]
    assert choose(found, {"order": "last"}, {}) == [2]
    assert choose(found, {"order": "memory"}, {}) == [1]
    assert choose(found, {"order": "load", "excludeID": [1]}, {}) == [2]
    assert choose(found, {"maxLoad": 1, "maxMemory": 1, "limit": 3}, {}) == [0, 1, 2]
    assert choose(found, {}, {1: 1}) == [2]
    assert choose(found, {"maxMemory": 0.0, "limit": "x"}, {}) == []


def test_the_options_in_a_manifest() -> None:
    assert gpu_options(["conda create -n x", {"type": "gputil", "options": {"limit": 2}}]) == {
        "limit": 2
    }
    assert gpu_options({"type": "gputil"}) == {}
    assert gpu_options(None) is None and gpu_options(["x"]) is None


async def test_two_plugins_get_different_ones(tool: Path) -> None:
    premises = Premises(Router("e" * 32))
    config = {"env": {"type": "gputil", "options": {}}}
    first, variables, note = await premises.assign_gpus(config)
    second, _, _ = await premises.assign_gpus(config)
    assert (first, second) == ([1], [2])
    assert variables == {"CUDA_VISIBLE_DEVICES": "1", "CUDA_DEVICE_ORDER": "PCI_BUS_ID"}
    assert note == "It was given the GPU 1."
    premises.free_gpus(first)
    assert (await premises.assign_gpus(config))[0] == [1]
    assert await premises.assign_gpus({}) == ([], {}, "")
    tool.unlink()
    chosen, variables, note = await Premises(Router("e" * 32)).assign_gpus(config)
    assert chosen == [] and variables == {"CUDA_VISIBLE_DEVICES": ""} and "none is free" in note
