"""Every form of address leads to the file in the folder, and nothing leads out of it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from imjoy.plugins.mirror_folder import MirrorFolder

RAW = "https://raw.githubusercontent.com"
PLUGIN = '<config lang="json">{"name": "NAME", "type": "web-worker"}</config><script>1</script>'


def git(folder: Path, *words: str) -> None:
    who = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
    subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "mirror"
    plain = root / "imjoy-team" / "ImJoy-Plugins"
    (plain / "sub dir").mkdir(parents=True)
    (plain / "sub dir" / "One.imjoy.html").write_text(PLUGIN.replace("NAME", "One"))
    (plain / "broken.imjoy.html").write_text("nothing")
    kept = root / "user" / "repo"
    kept.mkdir(parents=True)
    git(kept, "init", "-q", "-b", "main")
    (kept / "a.imjoy.html").write_text("first")
    (kept / "manifest.imjoy.json").write_text('{"plugins": []}')
    git(kept, "add", "-A")
    git(kept, "commit", "-qm", "one")
    git(kept, "tag", "v1")
    (kept / "a.imjoy.html").write_text("second")
    git(kept, "commit", "-qam", "two")
    git(root, "clone", "-q", "--bare", str(kept), str(root / "user" / "bare.git"))
    (root / "user" / "repo@old").mkdir()
    (root / "user" / "repo@old" / "a.imjoy.html").write_text("plain old")
    (root / "gist" / "abc123").mkdir(parents=True)
    (root / "gist" / "abc123" / "g.imjoy.html").write_text("a gist")
    (root / "example.org" / "x").mkdir(parents=True)
    (root / "example.org" / "x" / "y.imjoy.html").write_text("elsewhere")
    (tmp_path / "secret").write_text("secret")
    (plain / "link").symlink_to(tmp_path / "secret")
    return root


def test_lists_the_repositories_that_have_plugins(folder: Path) -> None:
    (folder / "user" / "empty").mkdir()
    (folder / "user" / "file").write_text("no repository")
    found = MirrorFolder(folder).repositories()
    assert found == ["imjoy-team/ImJoy-Plugins", "user/bare", "user/empty", "user/repo"]
    assert MirrorFolder(folder / "nowhere").repositories() == []


@pytest.mark.parametrize(
    ("address", "text"),
    [
        (f"{RAW}/user/repo/main/a.imjoy.html", "second"),
        (f"{RAW}/user/repo/master/a.imjoy.html", "second"),
        (f"{RAW}/USER/Repo/HEAD/a.imjoy.html?x=1", "second"),
        (f"{RAW}/user/repo/v1/a.imjoy.html", "first"),
        (f"{RAW}/user/repo/old/a.imjoy.html", "plain old"),
        (f"{RAW}/user/bare/main/a.imjoy.html", "second"),
        (f"{RAW}/user/bare/v1/a.imjoy.html", "first"),
        (
            f"{RAW}/oeway/imjoy-plugins/master/sub%20dir/One.imjoy.html",
            PLUGIN.replace("NAME", "One"),
        ),
        ("https://gist.githubusercontent.com/raw/abc123/g.imjoy.html", "a gist"),
        ("https://gist.githubusercontent.com/user/abc123/raw/9f/g.imjoy.html", "a gist"),
        ("https://example.org/x/y.imjoy.html", "elsewhere"),
    ],
)
def test_an_address_is_found(folder: Path, address: str, text: str) -> None:
    assert MirrorFolder(folder).read(address) == text


def test_indexes_are_found_or_made(folder: Path) -> None:
    mirror = MirrorFolder(folder)
    assert mirror.read(f"{RAW}/user/repo/v1/manifest.imjoy.json") == '{"plugins": []}'
    made = json.loads(mirror.read(f"{RAW}/oeway/ImJoy-Plugins/master/manifest.imjoy.json") or "")
    (plugin,) = made["plugins"]
    assert {key: plugin[key] for key in ("name", "type", "uri")} == {
        "name": "One",
        "type": "web-worker",
        "uri": "sub%20dir/One.imjoy.html",
    }
    gist = json.loads(mirror.read("https://api.github.com/gists/abc123") or "")
    assert gist["files"]["g.imjoy.html"]["raw_url"].endswith("/raw/abc123/g.imjoy.html")


@pytest.mark.parametrize(
    "address",
    [
        f"{RAW}/user/repo/main/absent",
        f"{RAW}/user/repo/v9/a.imjoy.html",
        f"{RAW}/nobody/repo/main/a.imjoy.html",
        f"{RAW}/user/repo/--help/a.imjoy.html",
        f"{RAW}/user/repo/main/../../../../secret",
        f"{RAW}/user/repo/main/%2e%2e/%2e%2e/%2e%2e/secret",
        f"{RAW}/user/repo/main/..%2f..%2f..%2fsecret",
        f"{RAW}/user/repo/main/.git/config",
        f"{RAW}/imjoy-team/ImJoy-Plugins/master/link",
        f"{RAW}/imjoy-team/ImJoy-Plugins/v1/manifest.imjoy.json",
        "https://api.github.com/gists/..",
        "https://api.github.com/gists/none",
        "https://gist.githubusercontent.com/raw/none/x",
        "https://example.org/x",
        "https:///secret",
        "nonsense",
        "",
    ],
)
def test_what_is_not_there_is_none(folder: Path, address: str) -> None:
    assert MirrorFolder(folder).read(address) is None


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("https://github.com/user/repo", "user/repo"),
        ("https://www.github.com/User/Repo.git", "user/repo"),
        ("https://name:secret@github.com/user/bare", "user/bare.git"),
        ("git@github.com:user/bare.git", "user/bare.git"),
        ("ssh://git@github.com/user/repo/", "user/repo"),
        ("https://github.com/user/repo-other", None),
        ("https://github.com/imjoy-team/ImJoy-Plugins", None),  # plain files are no repository
        ("https://example.org/group/tools/code.git", "example.org/group/tools/code"),
        ("https://example.org/x", None),
        ("https://github.com/../user/repo", None),
        ("https://github.com/user", None),
        ("file:///etc", None),
    ],
)
def test_finds_the_git_repository_of_an_address(
    folder: Path, address: str, place: str | None
) -> None:
    code = folder / "example.org" / "group" / "tools" / "code"
    code.mkdir(parents=True)
    git(code, "init", "-q")
    found = MirrorFolder(folder).repository(address)
    assert found == (folder / place if place else None)
