"""`imjoy dev` refuses what is no file and starts an engine for what is one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from imjoy.cli.arguments import Order, read_arguments
from imjoy.cli.dev_command import main


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "imjoy", "dev", str(tmp_path / "none.py")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert "there is no file" in done.stderr


def test_the_flags_of_the_engine_can_follow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "find.py"
    file.write_text("", "utf-8")
    given: list[list[str]] = []

    def start(words: list[str]) -> int:
        given.append(words)
        return 0

    monkeypatch.setattr("imjoy.cli.dev_command.start", start)
    assert main([str(file), "--host=0.0.0.0"]) == 0
    assert main([str(file), "--port", "9000"]) == 0
    orders = [read_arguments(words) for words in given]
    assert all(isinstance(order, Order) and order.settings.dev_file == file for order in orders)
    assert [order.settings.port for order in orders if isinstance(order, Order)] == [0, 9000]
