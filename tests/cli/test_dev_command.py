"""`imjoy dev` refuses what is no file and starts an engine for what is one."""

from __future__ import annotations

from pathlib import Path

import pytest

from imjoy.cli.arguments import Order, read_arguments
from imjoy.cli.dev_command import main


def test_what_cannot_be_opened_is_refused_with_the_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "some").mkdir()
    plugin = tmp_path / "some" / "a.imjoy.html"
    plugin.write_text("x")
    (tmp_path / "notes.txt").write_text("x")
    for name, cause, remedy in (
        ("none.py", "there is no such file", "imjoy plugin new"),
        ("empty", "it is a folder", "there is no plugin in it"),
        ("some", "it is a folder", str(plugin)),
        ("notes.txt", "it is no plugin by its name", ".imjoy.html, .py, .mjs or .js"),
    ):
        assert main([str(tmp_path / name)]) == 2
        said = capsys.readouterr().err
        assert said.startswith(f"Error: Opening {tmp_path / name}: {cause}")
        assert remedy in said and "--dev" not in said and said.count("\n") == 1


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
