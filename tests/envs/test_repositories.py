"""Copies of source repositories, from real ones on this computer."""

from __future__ import annotations

import asyncio
import functools
import os
import subprocess
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from imjoy.envs.progress import Reporter
from imjoy.envs.repositories import Repository, RepositoryStore
from imjoy.errors import EnvError

from .conftest import LocalIndex


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=a", "-c", "user.email=a@localhost", "-c", "commit.gpgsign=false"]
    command = ["git", "-C", str(folder), *identity, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    folder = tmp_path / "origin"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=main")
    (folder / "requirements.txt").write_text("tiny\n")
    (folder / "setup.py").write_text(
        "from setuptools import setup\nsetup(name='local', version='1', py_modules=['local'])\n"
    )
    (folder / "local.py").write_text("place = __file__\n")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "-m", "one")
    return folder


def check_out(
    home: Path, work: Path, *wanted: Repository, copies: dict[str, Path] | None = None
) -> dict[str, str]:
    async def main() -> dict[str, str]:
        store = RepositoryStore(home, (copies or {}).get)
        return await store.check_out(wanted, work, Reporter(None))

    home.mkdir(exist_ok=True)
    return asyncio.run(main())


def test_two_plugins_share_the_store_and_have_copies_of_their_own(
    origin: Path, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = Repository(origin.as_uri(), "tools/code")
    one, two = tmp_path / "one", tmp_path / "two"
    commits = check_out(home, one, repository)
    assert commits == {"tools/code": git(origin, "rev-parse", "HEAD").strip()}
    assert check_out(home, two, repository) == commits
    assert len(list((home / "repos").iterdir())) == 1
    (one / "tools/code/local.py").write_text("changed by hand\n")
    monkeypatch.setenv("PATH", "")  # no program is started when all is there
    assert check_out(home, one, repository) == commits
    assert (one / "tools/code/local.py").read_text() == "changed by hand\n"
    assert "place" in (two / "tools/code/local.py").read_text()


def test_a_new_copy_has_the_newest_state(origin: Path, home: Path, tmp_path: Path) -> None:
    repository = Repository(origin.as_uri(), "code")
    check_out(home, tmp_path / "one", repository)
    (origin / "more.py").write_text("")
    git(origin, "add", ".")
    git(origin, "commit", "--quiet", "-m", "two")
    check_out(home, tmp_path / "two", repository)
    assert (tmp_path / "two/code/more.py").exists()
    assert not (tmp_path / "one/code/more.py").exists()
    os.rename(origin, tmp_path / "gone")  # without the origin, what is stored does
    check_out(home, tmp_path / "three", repository)
    assert (tmp_path / "three/code/more.py").exists()
    url = git(tmp_path / "three/code", "remote", "get-url", "origin").strip()
    assert url == repository.url


def test_a_branch(origin: Path, home: Path, tmp_path: Path) -> None:
    git(origin, "checkout", "--quiet", "-b", "other")
    (origin / "other.py").write_text("")
    git(origin, "add", ".")
    git(origin, "commit", "--quiet", "-m", "other")
    git(origin, "checkout", "--quiet", "main")
    check_out(home, tmp_path / "one", Repository(origin.as_uri(), "code", "other"))
    assert (tmp_path / "one/code/other.py").exists()
    with pytest.raises(EnvError) as caught:
        check_out(home, tmp_path / "two", Repository(origin.as_uri(), "code", "nosuch"))
    assert caught.value.code == "env.not_found" and "nosuch" in caught.value.cause
    assert os.listdir(tmp_path / "two") == []


@pytest.mark.parametrize("url", ["https://127.0.0.1:9/a/b.git", "http://no.such.host.invalid/a"])
def test_a_host_that_cannot_be_reached(home: Path, tmp_path: Path, url: str) -> None:
    with pytest.raises(EnvError) as caught:
        check_out(home, tmp_path / "one", Repository(url, "b"))
    assert caught.value.code == "env.network" and "network" in caught.value.remedy
    assert os.listdir(home / "repos") == []


def test_a_copy_on_this_computer_is_taken_in_place_of_the_host(
    origin: Path, home: Path, tmp_path: Path
) -> None:
    url = "https://no.such.host.invalid/code.git"
    secret = url.replace("//", "//me:hush@")
    check_out(home, tmp_path / "one", Repository(url, "code"), copies={url: origin})
    check_out(home, tmp_path / "two", Repository(secret, "code"), copies={url: origin})
    assert (tmp_path / "two/code/local.py").exists()
    assert git(tmp_path / "one/code", "remote", "get-url", "origin").strip() == url


def test_a_repository_that_does_not_exist_and_no_git(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = Repository((tmp_path / "nowhere").as_uri(), "b")
    with pytest.raises(EnvError) as caught:
        check_out(home, tmp_path / "one", repository)
    assert caught.value.code == "env.not_found"
    assert "does not" in caught.value.cause  # the reason, not git's advice below it
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EnvError) as caught:
        check_out(home, tmp_path / "one", repository)
    assert "git is not installed" in caught.value.cause
    assert "Install git" in caught.value.remedy


def test_git_is_given_no_way_to_run_other_programs(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_ALLOW_PROTOCOL", "ext")
    with pytest.raises(EnvError):
        check_out(home, tmp_path / "one", Repository(f"ext::touch {tmp_path}/seen", "b"))
    assert not (tmp_path / "seen").exists()


def test_a_plugin_with_a_repository_its_list_and_a_command(
    index: LocalIndex, origin: Path, home: Path, tmp_path: Path
) -> None:
    from imjoy.envs.store import EnvStore

    index.add("tiny", "1.0")
    index.add("setuptools", "80", code="")
    store, work = EnvStore(home, []), tmp_path / "work"
    command = "cd code && python make.py"
    (origin / "make.py").write_text("import sys; open(sys.prefix + '/made.txt', 'w').write('yes')")
    git(origin, "add", ".")
    git(origin, "commit", "--quiet", "-m", "make")
    requirements = [f"repo: {origin.as_uri()} code", "cmd: pip install -r code/requirements.txt"]
    spec = store.parse(None, [*requirements, f"cmd: {command}"])
    with pytest.raises(EnvError) as caught:
        asyncio.run(store.ensure(spec, work=work))
    assert caught.value.code == "env.consent" and command in caught.value.cause
    assert not work.exists()
    made = asyncio.run(store.ensure(spec, work=work, agreed=[command]))
    assert (made.python.parents[1] / "made.txt").read_text() == "yes"
    assert subprocess.run([made.python, "-c", "import tiny"], check=False).returncode == 0
    again = asyncio.run(store.ensure(spec, work=work, agreed=[command]))
    assert (again.key, again.state) == (made.key, "reused")
    other = asyncio.run(store.ensure(spec, work=tmp_path / "elsewhere", agreed=[command]))
    assert other.key != made.key  # what a command does can depend on where it runs


def test_a_repository_that_is_not_there_is_named(home: Path, tmp_path: Path) -> None:
    missing = tmp_path / "no-such-repository"
    with pytest.raises(EnvError) as caught:
        check_out(home, tmp_path / "work", Repository(missing.as_uri(), "code"))
    assert str(missing) in str(caught.value)


def test_the_secret_of_an_address_is_used_and_kept_nowhere(
    origin: Path, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(origin, "update-server-info")

    class Guarded(SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.headers.get("Authorization") == "Basic bWU6aHVzaA==":
                super().do_GET()
                return
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="code"')
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    serve = functools.partial(Guarded, directory=str(origin))
    server = ThreadingHTTPServer(("127.0.0.1", 0), serve)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    place = f"127.0.0.1:{server.server_port}/.git"
    try:
        with pytest.raises(EnvError):
            check_out(home, tmp_path / "none", Repository(f"http://{place}", "code"))
        commits = check_out(home, tmp_path, Repository(f"http://me:hush@{place}", "code"))
    finally:
        server.shutdown()
        server.server_close()
    assert commits == {"code": git(origin, "rev-parse", "HEAD").strip()}
    assert git(tmp_path / "code", "remote", "get-url", "origin").strip() == f"http://{place}"
    kept = [*(tmp_path / "code").rglob("*"), *(home / "repos").rglob("*")]
    assert not any(b"hush" in path.read_bytes() for path in kept if path.is_file())
