"""`imjoy env` as a user types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from imjoy.cli.env_command import main


def test_an_empty_folder_has_no_environments(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["list", f"--home={tmp_path}", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"environments": []}


def test_environments_are_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "envs" / "abc"
    folder.mkdir(parents=True)
    facts = {"key": "abc", "python": "3.11.2", "packages": [["numpy", "2.0"]], "created": 1.0}
    (folder / "READY.json").write_text(json.dumps(facts))
    assert main(["list", f"--home={tmp_path}"]) == 0
    assert "abc  Python 3.11.2  1 packages" in capsys.readouterr().out
