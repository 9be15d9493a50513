"""The flags, as the manual writes them and as older versions had them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from imjoy.cli.arguments import Order, UsageError, build_parser, read_arguments


def read(*arguments: str, **environment: str) -> Order:
    order = read_arguments(arguments, environment)
    assert isinstance(order, Order)
    return order


def test_defaults() -> None:
    order = read()
    settings = order.settings
    assert (settings.host, settings.port, settings.serve) == ("127.0.0.1", 8080, False)
    assert settings.home == Path("~/ImJoyApp").expanduser()
    assert settings.workspace_dir == settings.home / "workspaces"
    assert settings.token is None and order.command == "" and order.notes == ()
    assert not settings.open_browser


@pytest.mark.parametrize(
    "arguments,field,value",
    [
        (["--serve"], "serve", True),
        (["--host=0.0.0.0"], "host", "0.0.0.0"),
        (["--host", "localhost"], "host", "127.0.0.1"),
        (["--port=0"], "port", 0),
        (["--port", "9527"], "port", 9527),
        (["--workspace=/w"], "workspaces", Path("/w")),
        (["--workspaces=/w"], "workspaces", Path("/w")),
        (["--home=/h"], "home", Path("/h")),
        (["--debug"], "debug", True),
        (["--open"], "open_browser", True),
        (["--open", "--no-open"], "open_browser", False),
        (["--embed-in=https://Lab.example/"], "embed_in", ("https://lab.example",)),
        (["--base-url=https://x.org"], "base_url", "https://x.org"),
        (["--force-quit-timeout=5"], "exit_seconds", 5.0),
        (["--force_quit_timeout=5"], "exit_seconds", 5.0),
        (["--freeze"], "port", 8080),
        (["--keep-idle=2.5"], "idle_seconds", 150.0),
        (["--token=abc"], "token", "abc"),
    ],
)
def test_each_flag(arguments: list[str], field: str, value: Any) -> None:
    assert getattr(read(*arguments).settings, field) == value


@pytest.mark.parametrize(
    "arguments",
    [["--port=x"], ["--port=70000"], ["--port=-1"], ["--prot=1"], ["other"],
     ["--force-quit-timeout=nan"], ["--force-quit-timeout=-1"], ["--serv"],
     ["--keep-idle=0"], ["--keep-idle=1000"], ["--keep-idle=x"],
     ["--embed-in=lab.example"], ["--embed-in=https://a.b/c"], ["--embed-in=https://a b"],
     ["--embed-in=*"]],
)  # fmt: skip
def test_what_has_no_meaning_is_an_error(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        read(*arguments)
    assert stopped.value.code == 2
    assert "error:" in capsys.readouterr().err


def test_a_token_on_the_command_line_is_taken_with_a_warning() -> None:
    order = read("--token=from-argv", IMJOY_TOKEN="from-variable")
    assert order.settings.token == "from-argv"
    assert any("IMJOY_TOKEN" in note and "ignored" in note for note in order.notes)
    assert any("--token-file" in note for note in order.notes)
    assert not any("from-" in note for note in order.notes)


def test_a_token_from_the_environment_or_a_file_needs_no_warning(tmp_path: Path) -> None:
    assert read(IMJOY_TOKEN="from-variable").settings.token == "from-variable"
    (tmp_path / "token").write_text("from-file\n")
    order = read(f"--token-file={tmp_path / 'token'}")
    assert order.settings.token == "from-file" and order.notes == ()


@pytest.mark.parametrize(
    "arguments", [["--token=a", "--token-file=b"], ["--token="], ["--token-file=/none/here"],
                  ["--token=" + "x" * 2000], ["--base-url=name"], ["--base-url=ftp://x"]],
)  # fmt: skip
def test_unusable_values_are_plain_errors(arguments: list[str]) -> None:
    with pytest.raises(UsageError):
        read(*arguments)


def test_the_token_is_not_part_of_the_settings_text() -> None:
    assert "secret-canary" not in repr(read("--token=secret-canary").settings)


def test_every_flag_is_explained() -> None:
    text = build_parser().format_help()
    for action in build_parser()._actions:
        assert action.help or action.dest == "command", action.dest
    assert "link" in text and "token" in text


def test_folders_that_are_open(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = tmp_path / "other"
    other.mkdir()
    given = read("--files", str(tmp_path), "--files", str(other)).settings
    assert given.files == (tmp_path, other)
    assert [name for name, _ in given.open_folders] == [tmp_path.name, "other"]
    assert read("--files", "none").settings.open_folders == []
    assert [name for name, _ in read().settings.open_folders] == ["Workspaces", "Home"]
    with pytest.raises(UsageError):
        read("--files", "none", "--files", str(tmp_path))
    with pytest.raises(SystemExit):
        read("--files", str(tmp_path / "absent"))
    assert "there is no folder" in capsys.readouterr().err
