"""`imjoy env` as a user types it, with a package index and a conda channel on this computer."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from local_index import LocalIndex

from imjoy.cli.env_command import main
from imjoy.cli.env_output import duration, progress_text


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


class Command:
    """Runs `imjoy env` in this process."""

    def __init__(self, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.home, self.capsys = home, capsys

    def text(self, *words: str, code: int = 0) -> str:
        assert main([*words, f"--home={self.home}"]) == code
        captured = self.capsys.readouterr()
        return captured.out + captured.err

    def json(self, *words: str, code: int = 0) -> Any:
        assert main([*words, f"--home={self.home}", "--json"]) == code
        return json.loads(self.capsys.readouterr().out)


@pytest.fixture
def command(home: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(home, capsys)


def test_an_empty_folder(command: Command) -> None:
    assert command.json("list") == {"environments": []}
    assert "no environments" in command.text("list")
    assert command.json("verify") == {"environments": []}
    assert command.json("gc")["freed"] == 0


def test_a_file_in_place_of_the_folder_is_told(command: Command) -> None:
    command.home.write_text("")
    for words in (("list",), ("create", "tiny")):
        assert "choose a folder with --home" in str(command.json(*words, code=1))


def test_the_whole_life_of_an_environment(
    index: LocalIndex,
    command: Command,
    tmp_path: Path,
) -> None:
    index.add("tiny", "1.0", size=100_000)
    shown = command.text("create", "tiny", "--dry-run")
    assert "to download" in shown and "tiny" in shown
    made = command.json("create", "tiny", "--name", "lab")
    assert (made["state"], made["count"], made["users"]) == ("built", 1, ["lab"])
    assert subprocess.run([made["interpreter"], "-c", "import tiny"], check=False).returncode == 0
    again = command.json("create", "tiny", "--name", "lab")
    assert (again["state"], again["key"]) == ("reused", made["key"])
    assert made["key"] in command.text("list") and "lab" in command.text("list")
    assert "tiny" in command.text("show", "lab")
    assert "all as installed" in command.text("verify", "lab")
    index.add("tiny", "2.0")
    new = command.json("create", "tiny", "--name", "lab", "--update")
    assert new["packages"][0]["version"] == "2.0"
    assert command.json("rollback", "lab")["key"] == made["key"]
    assert command.json("use", new["key"], "lab")["before"] == made["key"]
    assert command.json("use", made["key"], "lab")["key"] == made["key"]
    files = command.json("export", "lab", str(tmp_path / "lock"))["files"]
    assert len(files) == 3
    assert command.json("create", "--lock", str(tmp_path / "lock"))["key"] == made["key"]
    assert command.json("gc", "--older=0", "--previous")["environments"] == [new["key"]]
    assert command.json("remove", "lab")["key"] == made["key"]
    assert command.json("list") == {"environments": []}


def test_damage_is_told_and_mended(index: LocalIndex, command: Command) -> None:
    index.add("tiny", "1.0")
    made = command.json("create", "tiny")
    next(Path(made["path"]).glob("lib/*/site-packages/tiny.py")).unlink()
    assert "missing" in command.text("verify", code=1)
    assert "made anew" in command.text("verify", "--repair")
    assert command.json("verify")["environments"][0]["whole"] is True


def test_who_asks_for_a_damaged_environment_is_told(index: LocalIndex, command: Command) -> None:
    index.add("tiny", "1.0")
    made = command.json("create", "tiny")
    assert made["damage"] is None and command.json("create", "tiny")["damage"] is None
    next(Path(made["path"]).glob("lib/*/site-packages/tiny.py")).write_text("version = 2")
    assert command.json("create", "tiny")["damage"] == "files of tiny are damaged"
    assert f"`imjoy env verify {made['key']} --repair`" in command.text("create", "tiny")
    [mended] = command.json("verify", "--repair")["environments"]
    assert (mended["whole"], mended["repaired"]) == (False, True)


def test_secrets_of_addresses_are_not_shown(command: Command) -> None:
    for requirement, code in (
        ("repo: https://me:hush@127.0.0.1:1/x.git", 0),
        ("six @ https://me:hush@127.0.0.1:1/six-1.0-py3-none-any.whl", 1),
        ("six @ ttps://me:hush@127.0.0.1:1/six.whl", 1),
    ):
        assert "hush" not in command.text("create", requirement, "--dry-run", "--json", code=code)


def test_names_are_one_line_and_the_folder_is_private(index: LocalIndex, command: Command) -> None:
    index.add("tiny", "1.0")
    assert "one line" in command.text("create", "tiny", "--name", "a\nb", code=1)
    command.text("create", "tiny")
    assert command.home.stat().st_mode & 0o777 == 0o700


def test_all_at_once_with_a_program_from_conda(
    index: LocalIndex,
    channel: str,
    command: Command,
) -> None:
    index.add("tiny", "1.0")
    minor = "{}.{}".format(*sys.version_info[:2])
    words = ["create", "tiny", "conda:measure-tool", "--python", minor, "--channel", channel]
    made = command.json(*words)
    assert made["python"].startswith(minor)
    assert {package["source"] for package in made["packages"]} == {"pip", "conda"}
    assert (Path(made["path"]) / "bin" / "measure-tool").exists()


def test_files_of_requirements(index: LocalIndex, command: Command, tmp_path: Path) -> None:
    for name in ("one", "two", "three", "four"):
        index.add(name, "1.0")
    (tmp_path / "requirements.txt").write_text("one\n")
    (tmp_path / "environment.yml").write_text("dependencies: [{pip: [two]}]\n")
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "x"\ndependencies = ["three"]\n')
    (tmp_path / "script.py").write_text('# /// script\n# dependencies = ["four"]\n# ///\n')
    names = ("requirements.txt", "environment.yml", "pyproject.toml", "script.py")
    made = command.json("create", *(f"--file={tmp_path / name}" for name in names))
    assert {package["name"] for package in made["packages"]} == {"one", "two", "three", "four"}
    (tmp_path / "odd.xyz").write_text("")
    failed = command.json("create", f"--file={tmp_path / 'odd.xyz'}", code=1)
    assert failed["error"]["code"] == "env.requirement" and "odd.xyz" in failed["error"]["cause"]


def test_commands_need_consent(command: Command, tmp_path: Path) -> None:
    words = ["create", "cmd: touch made", f"--work={tmp_path}"]
    assert command.json(*words, code=1)["error"]["code"] == "env.consent"
    assert not (tmp_path / "made").exists()
    command.json(*words, "--allow-commands")
    assert (tmp_path / "made").exists()


def test_errors_are_plain(index: LocalIndex, command: Command) -> None:
    text = command.text("create", "nosuch", code=1)
    assert text.startswith("Error: ") and '"nosuch"' in text and "Traceback" not in text
    assert command.json("show", "nosuch", code=1)["error"]["code"] == "env.not_found"
    assert "--name" in command.text("create", "--update", code=1)
    with pytest.raises(SystemExit):
        command.text("gc", "--older=-1")
    assert "invalid days value: '-1'" in command.capsys.readouterr().err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_it_and_leaves_nothing(
    index: LocalIndex,
    home: Path,
    number: int,
) -> None:
    index.add("large", "1.0", size=5_000_000)
    index.rate = 500_000
    words = [sys.executable, "-m", "imjoy", "env", "create", "large", f"--home={home}"]
    env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env, text=True
    )
    assert index.downloading.wait(20)
    process.send_signal(number)
    _, errors = process.communicate(timeout=10)
    assert process.returncode == 1 and "Nothing was changed" in errors
    assert "Traceback" not in errors
    assert os.listdir(home / "envs") == []


def test_progress_is_in_real_units_with_the_time_left() -> None:
    progress = {"message": "Downloading numpy", "done": 5_000_000, "total": 20_000_000,
                "unit": "bytes", "seconds_left": 12.4}  # fmt: skip
    assert progress_text(progress) == "Downloading numpy, 5.0 MB of 20.0 MB, about 12 s left"
    assert [duration(value) for value in (3.2, 300, 7200)] == ["3 s", "5 min", "2 h"]


def test_nothing_is_added_to_a_lock(command: Command, tmp_path: Path) -> None:
    error = command.json("create", "six", f"--lock={tmp_path}", code=1)["error"]
    assert error["code"] == "env.requirement" and "six" in error["cause"]
    assert "leave --lock out" in error["remedy"]


@pytest.mark.parametrize(
    "words",
    [
        ["create", "--json", "--older", "1"],
        ["nonsense", "--json"],
        ["gc", "--older", "x", "--json"],
    ],
)
def test_wrong_flags_are_told_as_json_too(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as refused:
        main(words)
    assert refused.value.code == 2
    told = json.loads(capsys.readouterr().out)["error"]
    assert told["code"] == "cli.usage" and told["message"] and "--help" in told["remedy"]


def test_an_update_without_a_name_is_refused(command: Command) -> None:
    error = command.json("create", "six", "--update", code=1)["error"]
    assert error["code"] == "env.requirement" and error["step"]
    assert "--update" in error["cause"] and "--name" in error["remedy"]
