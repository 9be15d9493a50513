"""The choice of builds by graphics card."""

from __future__ import annotations

from pathlib import Path

import pytest

from imjoy.envs import gpu
from imjoy.envs.gpu import Gpu, choose_builds, driver_version, find_gpu, gpu_text


@pytest.fixture
def card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The files of a driver, and its program, as they are on a computer with a card."""
    (tmp_path / "gpus/0000:01:00.0").mkdir(parents=True)
    (tmp_path / "gpus/0000:01:00.0/information").write_text(
        "Model: \t\t NVIDIA RTX A4000\nIRQ: 1\n"
    )
    line = "NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.14  Thu Feb 22 01:44:30 UTC 2024"
    (tmp_path / "version").write_text(line)
    program = tmp_path / "nvidia-smi"
    program.write_text("#!/bin/sh\necho '| Driver Version: 550.54.14   CUDA Version: 12.4  |'\n")
    program.chmod(0o755)
    monkeypatch.setattr(gpu, "DRIVER", tmp_path)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)


def test_a_card_is_found_and_explained(card: None) -> None:
    found = find_gpu()
    assert found == Gpu("NVIDIA RTX A4000", "550.54.14", "12.4")
    assert "RTX A4000" in gpu_text(found, ["torch", "numpy"])
    assert "12.4" in gpu_text(found, ["torch"])
    assert gpu_text(found, ["numpy"]) == ""


def test_a_card_that_is_switched_off_is_none(card: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    assert find_gpu() is None and driver_version() is None


def test_no_card_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gpu, "DRIVER", tmp_path)
    assert find_gpu() is None
    assert "processor" in gpu_text(None, ["tensorflow"])


def test_builds_for_cards_only_are_replaced_where_there_is_none() -> None:
    asked = ["tensorflow-gpu==1.15", "numpy", "tensorflow_gpu>=2.4"]
    chosen, notes = choose_builds(asked, None)
    assert chosen == ["tensorflow==1.15", "numpy", "tensorflow>=2.4"]
    assert len(notes) == 2 and "no NVIDIA card" in notes[0]
    chosen, notes = choose_builds(asked, "550.54")
    assert chosen == ["tensorflow-gpu==1.15", "numpy", "tensorflow>=2.4"]
    assert notes == [
        '"tensorflow" is taken instead of "tensorflow-gpu": it is the same package by now.'
    ]
