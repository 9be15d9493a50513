"""`imjoy doctor` as a user runs it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from imjoy.cli import doctor_command
from imjoy.cli.checks import Check
from imjoy.settings import Settings


def run(*flags: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "imjoy", "doctor", "--no-network", "--port", "0", *flags]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_facts_for_programs_and_the_exit_code(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    (home / "token").write_text("not so secret any more")
    (home / "token").chmod(0o644)
    done = run("--home", str(home), "--json")
    facts = json.loads(done.stdout)
    by_name = {check["name"]: check for check in facts["checks"]}
    assert done.returncode == 1 and facts["ok"] is False
    assert by_name["Token file"]["state"] == "problem" and by_name["Token file"]["remedy"]
    assert by_name["Python"]["state"] == "ok" and "Network" not in by_name


def test_text_for_people(tmp_path: Path) -> None:
    done = run("--home", str(tmp_path / "new"))
    assert "uv" in done.stdout and not (tmp_path / "new").exists()
    assert done.stdout.rstrip().endswith(("All is well.", "See the arrows above."))


def test_a_check_that_fails_hides_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    table = [("bad", lambda: 1 // 0), ("good", lambda: Check("good", "ok", "yes"))]
    monkeypatch.setattr(doctor_command, "checks", lambda settings, network: table)
    found = list(doctor_command.run_checks(Settings(), True))
    assert [(check.name, check.state) for check in found] == [("bad", "problem"), ("good", "ok")]


@pytest.mark.parametrize("port", ["99999", "-1", "x"])
def test_a_port_that_is_none_is_refused(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        doctor_command.build_parser().parse_args([f"--port={port}"])
    assert "1 to 65535" in capsys.readouterr().err
