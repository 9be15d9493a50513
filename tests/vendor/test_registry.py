"""The registry of this machine is asked, its answers are checked, and nothing else is asked."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from npm_server import NpmServer, pack

from imjoy.vendor.registry import DEFAULT, Registry, RegistryError, Release, configured_registry


def test_the_configured_registry(tmp_path: Path) -> None:
    assert configured_registry({"npm_config_registry": "http://a.org/npm"}) == "http://a.org/npm/"
    (tmp_path / ".npmrc").write_text("fund=false\nregistry = https://b.org/\n")
    assert configured_registry({}, tmp_path) == "https://b.org/"
    (tmp_path / ".npmrc").write_text("fund=false\n")
    assert configured_registry({}, tmp_path).startswith(("http", DEFAULT))
    with pytest.raises(RegistryError, match="no web address"):
        configured_registry({"npm_config_registry": "file:///x"})


def test_a_release_is_downloaded_from_the_registry_itself(npm: NpmServer) -> None:
    npm.add("vue", "2.6.10", {"dist/vue.js": "x"})
    registry = Registry(npm.address)
    release = registry.release("vue", "2")
    assert release.version == "2.6.10" and release.archive.startswith(npm.address)
    target = io.BytesIO()
    registry.download(release, target)
    assert target.getvalue() == npm.packages["vue"]["2.6.10"]


def test_an_archive_with_another_checksum_is_refused(npm: NpmServer) -> None:
    npm.add("vue", "1.0.0", {"a.js": "good"})
    registry = Registry(npm.address)
    release = registry.release("vue", "1.0.0")
    npm.packages["vue"]["1.0.0"] = pack({"a.js": "evil"})
    with pytest.raises(RegistryError, match="checksum differs"):
        registry.download(release, io.BytesIO())


def test_a_commit_means_the_version_made_from_it(npm: NpmServer) -> None:
    for version in ("1.0.0", "1.1.0"):
        npm.add("jszip", version, {"a.js": version})
    npm.heads["jszip", "1.0.0"] = "9fb481ac" + "0" * 32
    registry = Registry(npm.address)
    assert registry.release("jszip", "9fb481ac").version == "1.0.0"
    assert registry.release("jszip", "abcdef12").version == "1.1.0"


def test_a_guessed_package_must_belong_to_the_repository(npm: NpmServer) -> None:
    npm.add("tool", "1.0.0", {"a.js": ""})
    registry = Registry(npm.address)
    with pytest.raises(RegistryError, match=r"not made from github\.com/me/tool"):
        registry.release("tool", "latest", "me/tool")
    npm.extra["tool"] = {"repository": {"url": "git+https://github.com/Me/Tool.git"}}
    assert Registry(npm.address).release("tool", "latest", "me/tool").version == "1.0.0"


@pytest.mark.parametrize("name", ["", "../x", "a/b/c", "@a/../../b", "a b", "a?b", "http://x"])
def test_only_names_of_packages_reach_the_registry(npm: NpmServer, name: str) -> None:
    with pytest.raises(RegistryError, match="no name of a package"):
        Registry(npm.address).release(name, "1")
    assert npm.asked == []


def test_a_missing_package_and_a_missing_network_are_told_apart(npm: NpmServer) -> None:
    with pytest.raises(RegistryError, match="There is no package nothing") as missing:
        Registry(npm.address).release("nothing", "1")
    assert missing.value.is_missing
    with pytest.raises(RegistryError, match="cannot be reached") as away:
        Registry("http://127.0.0.1:9/").release("vue", "1")
    assert not away.value.is_missing


@pytest.mark.registry
def test_the_real_registry_gives_what_plugins_name() -> None:
    release = Registry().release("spectre.css", "0.5.9")
    assert isinstance(release, Release) and release.version == "0.5.9"
