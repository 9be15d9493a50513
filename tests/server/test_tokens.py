"""The token file, one-time codes and sessions."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from imjoy.server.private_files import create_private, read_private, write_private
from imjoy.server.tokens import CODE_SECONDS, OneTimeCodes, Sessions, load_token


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_token_is_long_private_and_kept(tmp_path: Path) -> None:
    home = tmp_path / "home"
    token = load_token(home)
    assert len(token.removeprefix("imt_")) == 64 and int(token.removeprefix("imt_"), 16) > 0
    assert mode(home / "token") == 0o600 and mode(home) == 0o700
    assert load_token(home) == token
    assert load_token(tmp_path / "other") != token
    assert [path.name for path in home.iterdir()] == ["token"]


def test_a_token_file_open_to_others_is_closed(tmp_path: Path) -> None:
    token = load_token(tmp_path)
    (tmp_path / "token").chmod(0o644)
    assert load_token(tmp_path) == token
    assert mode(tmp_path / "token") == 0o600


def test_a_home_that_others_can_write_to_is_closed(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    home.chmod(0o777)
    load_token(home)
    assert mode(home) == 0o755


def test_a_link_in_place_of_the_token_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("known to the attacker")
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "token").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError):
        load_token(tmp_path / "home")


def test_an_empty_token_file_is_an_error_not_an_empty_token(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("\n")
    with pytest.raises(OSError, match="holds no token"):
        load_token(tmp_path)


def test_a_pipe_in_place_of_a_private_file_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "token")
    with pytest.raises(OSError):
        read_private(tmp_path / "token")


def test_create_private_never_replaces(tmp_path: Path) -> None:
    assert create_private(tmp_path / "file", b"one")
    assert not create_private(tmp_path / "file", b"two")
    assert (tmp_path / "file").read_bytes() == b"one"


def test_a_failed_write_leaves_the_old_content(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_private(tmp_path / "file", b"old")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    for step in ("fsync", "replace"):
        with monkeypatch.context() as patch:
            patch.setattr(os, step, fail)
            with pytest.raises(OSError):
                write_private(tmp_path / "file", b"new")
        assert (tmp_path / "file").read_bytes() == b"old"
        assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_code_works_once_and_for_five_minutes() -> None:
    now = [0.0]
    codes = OneTimeCodes(clock=lambda: now[0])
    first, second = codes.issue(), codes.issue()
    assert codes.redeem(first)
    assert not codes.redeem(first)
    assert not codes.redeem("imc_" + "x" * 32) and not codes.redeem("")
    now[0] = CODE_SECONDS
    assert not codes.redeem(second)


def test_sessions_survive_a_restart_and_are_stored_as_digests(tmp_path: Path) -> None:
    session = Sessions(tmp_path, "token").open()
    assert session.encode() not in (tmp_path / "sessions.json").read_bytes()
    assert mode(tmp_path / "sessions.json") == 0o600
    again = Sessions(tmp_path, "token")
    found = again.find(session)
    assert found is not None and again.find(session + "x") is None
    again.close(found)
    assert again.find(session) is None
    assert Sessions(tmp_path, "token").find(session) is None


def test_another_token_ends_all_sessions(tmp_path: Path) -> None:
    session = Sessions(tmp_path, "token").open()
    assert Sessions(tmp_path, "another").find(session) is None


def test_a_session_ends_after_ninety_days_without_use(tmp_path: Path) -> None:
    now = [1e9]
    sessions = Sessions(tmp_path, "token", clock=lambda: now[0])
    used, unused = sessions.open(), sessions.open()
    for _ in range(3):
        now[0] += 40 * 86400
        assert sessions.find(used) is not None
    assert sessions.find(unused) is None


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"sessions": 3}', b"\xff" * 10])
def test_a_damaged_list_of_sessions_is_an_empty_one(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "sessions.json").write_bytes(content)
    sessions = Sessions(tmp_path, "token")
    assert sessions.find("anything") is None
    assert sessions.find(sessions.open()) is not None


def test_odd_characters_are_wrong_and_no_error(tmp_path: Path) -> None:
    sessions = Sessions(tmp_path, "token")
    for odd in ("ä", "\ud800", "\0", "x" * 100_000):
        assert sessions.find(odd) is None
