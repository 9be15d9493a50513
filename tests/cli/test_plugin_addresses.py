"""Addresses are read from the folder first, then from their hosts, each of which is asked once."""

from __future__ import annotations

import urllib.error
from email.message import Message
from pathlib import Path

import pytest

from imjoy.cli import plugin_addresses
from imjoy.cli.plugin_addresses import PluginAddresses


def test_the_folder_comes_first_and_silence_is_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "x.imjoy.html").write_text("here")
    asked: list[str] = []

    def urlopen(address: str, timeout: float) -> None:
        asked.append(address)
        if address.startswith("https://gone.example"):
            raise urllib.error.HTTPError(address, 404, "", Message(), None)
        raise urllib.error.URLError("no route")

    monkeypatch.setattr(plugin_addresses.urllib.request, "urlopen", urlopen)
    read = PluginAddresses(tmp_path)
    assert read("https://raw.githubusercontent.com/a/b/master/x.imjoy.html") == "here"
    assert asked == []
    for name in ("1", "2"):
        with pytest.raises(OSError, match=r"silent.example cannot be asked for it \(no route\)"):
            read(f"https://silent.example/{name}")
    for _ in range(2):
        assert read("https://gone.example/1") is None
    assert asked == ["https://silent.example/1", "https://gone.example/1"]
