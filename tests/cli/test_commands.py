"""The table of subcommands: each is listed, documented, imported when asked for and has its help."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

from imjoy.cli.arguments import UsageError, build_parser, read_arguments
from imjoy.cli.commands import COMMANDS, run_command
from imjoy.cli.main import main

CLI = Path(__file__).resolve().parents[2] / "docs" / "reference" / "cli.md"


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_listed_and_documented(name: str) -> None:
    assert f"  {name:8}{COMMANDS[name].does}" in build_parser().format_help()
    assert re.search(rf"python -m imjoy {name}\b", CLI.read_text("utf-8"))
    assert COMMANDS[name].module == f"imjoy.cli.{name}_command"
    assert callable(importlib.import_module(COMMANDS[name].module).main)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_has_its_own_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])
    assert ended.value.code == 0
    assert f"python -m imjoy {name}" in capsys.readouterr().out


def test_arguments_and_the_exit_code_are_passed_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["env", "list", f"--home={tmp_path}"]) == 0
    assert "no environments" in capsys.readouterr().out
    with pytest.raises(SystemExit) as ended:
        run_command("env", ["no-such-word"])
    assert ended.value.code == 2


def test_flags_before_the_command_get_a_remedy() -> None:
    with pytest.raises(UsageError, match="Write the command first"):
        read_arguments(["--port=1", "env", "list"], {})


def test_no_command_is_imported_before_it_is_asked_for() -> None:
    modules = [command.module for command in COMMANDS.values()]
    code = f"import sys, imjoy.cli.commands as c; print([m for m in {modules} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
