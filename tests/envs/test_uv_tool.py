"""The uv program and the variables it gets."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from imjoy.envs import uv_tool
from imjoy.envs.uv_tool import find_uv, uv_environment
from imjoy.errors import EnvError


def test_uv_is_found() -> None:
    assert find_uv().exists()


def test_a_missing_uv_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setattr(uv_tool, "_from_package", lambda: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EnvError) as caught:
        find_uv()
    assert "pip install uv" in caught.value.remedy


def test_the_index_of_pip_is_used_when_uv_has_none() -> None:
    pip = {"PIP_INDEX_URL": "https://a/simple", "PIP_EXTRA_INDEX_URL": "https://b/simple"}
    env = uv_environment(Path("/cache"), pip)
    assert env["UV_DEFAULT_INDEX"] == "https://a/simple"
    assert env["UV_INDEX"] == "https://b/simple"
    env = uv_environment(Path("/cache"), {**pip, "UV_INDEX_URL": "https://c", "UV_INDEX": "d"})
    assert "UV_DEFAULT_INDEX" not in env
    assert env["UV_INDEX"] == "d"


def test_what_must_not_reach_uv() -> None:
    given = {"PYTHONPATH": "x", "VIRTUAL_ENV": "y", "IMJOY_TOKEN": "z", "HOME": "/h"}
    env = uv_environment(Path("/cache"), given)
    assert not {"PYTHONPATH", "VIRTUAL_ENV", "IMJOY_TOKEN"} & set(env)
    assert env["HOME"] == "/h"
    assert env["UV_CACHE_DIR"] == "/cache"
    assert env["UV_PYTHON_DOWNLOADS"] == "never"


def test_uv_trusts_what_the_machine_trusts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uv_tool, "machine_has_certificates", lambda: True)
    assert uv_environment(Path("/cache"), {})["UV_SYSTEM_CERTS"] == "1"
    for chosen in ({"UV_SYSTEM_CERTS": "0"}, {"UV_NATIVE_TLS": "0"}):
        env = uv_environment(Path("/cache"), chosen)
        assert env.get("UV_SYSTEM_CERTS", "0") == "0"
    monkeypatch.setattr(uv_tool, "machine_has_certificates", lambda: False)
    assert "UV_SYSTEM_CERTS" not in uv_environment(Path("/cache"), {})


def test_an_empty_folder_of_certificates_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    assert not uv_tool.machine_has_certificates()
    (tmp_path / "authority.pem").write_text("", "utf-8")
    assert uv_tool.machine_has_certificates()
