"""The search for a Python interpreter."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from imjoy.envs import interpreters
from imjoy.envs.interpreters import find_interpreter, own_interpreter
from imjoy.errors import EnvError


@pytest.fixture
def only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A computer whose only Pythons are the engine's own and those in the returned folder."""
    for name in ("PYENV_ROOT", "UV_PYTHON_INSTALL_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return tmp_path


def put(path: Path, content: bytes = b"\x7fELF") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    path.chmod(0o755)


def test_the_engines_own_python_is_taken_when_it_fits(only: Path) -> None:
    own = own_interpreter()
    assert find_interpreter(None) == own
    assert find_interpreter("3") == own
    assert find_interpreter(">=3.8") == own
    assert own.version == "{}.{}.{}".format(*sys.version_info[:3])
    assert own.path.exists()


def test_versions_are_found_in_folders_and_on_the_path(only: Path) -> None:
    put(only / "PYENV_ROOT/versions/3.8.18/bin/python3.8")
    put(only / "PYENV_ROOT/versions/3.8.2/bin/python3.8")
    put(only / "UV_PYTHON_INSTALL_DIR/cpython-3.9.5-linux-x86_64-gnu/bin/python3.9")
    put(only / "bin/python3.7")
    assert find_interpreter("3.8").version == "3.8.18"
    assert find_interpreter("3.8.2").version == "3.8.2"
    assert find_interpreter("3.9").version == "3.9.5"
    assert find_interpreter(">=3.7,<3.8").path == only / "bin/python3.7"
    assert find_interpreter("~=3.8,<3.9").version == "3.8.18"


def test_scripts_of_version_managers_are_passed_over(only: Path) -> None:
    put(only / "bin/python3.8", b"#!/bin/sh\n")
    with pytest.raises(EnvError):
        find_interpreter("3.8")


def test_a_missing_version_is_named_with_a_remedy(only: Path) -> None:
    with pytest.raises(EnvError) as caught:
        find_interpreter("3.7")
    assert caught.value.code == "env.python"
    assert "Python 3.7" in caught.value.cause
    assert "uv python install 3.7" in caught.value.remedy


@pytest.mark.parametrize(
    ("wanted", "fits"),
    [
        (">3.8", True),
        (">3.9", False),
        ("<=3.9", True),
        ("<3.9", False),
        ("==3.9", True),
        ("!=3.9", False),
        ("~=3.7", True),
        ("~=2.7", False),
        ("3.9.1", False),
    ],
)
def test_ranges(wanted: str, fits: bool) -> None:
    found = interpreters.Interpreter(Path("/python"), "3.9")
    assert interpreters._fits(found, wanted) is fits
