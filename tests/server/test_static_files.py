"""The app's files: what they are called, how they are cached, and that nothing else is served."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from server_harness import make_app

from imjoy.server.static_files import StaticFiles

if TYPE_CHECKING:
    from server_harness import RunningServer

CANARY = b"canary outside of the app"


def test_the_index_says_that_there_is_an_engine(shared_server: RunningServer) -> None:
    for path in ("/", "/index.html", "/?workspace=a"):
        answer = shared_server.ask(path)
        assert answer.status == 200
        assert b'<meta name="imjoy-engine" content="9.9.9">' in answer.body
        assert answer.headers["cache-control"] == "no-cache"
        assert answer.headers["content-type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize(
    "path,media_type,is_immutable",
    [
        ("/assets/main-a1B2c3D4.js", "text/javascript; charset=utf-8", True),
        ("/assets/logo.svg", "image/svg+xml", False),
        ("/sw.js", "text/javascript; charset=utf-8", False),
        ("/site.webmanifest", "application/manifest+json", False),
        ("/engine.wasm", "application/wasm", False),
    ],
)
def test_media_types_and_caching(
    shared_server: RunningServer, path: str, media_type: str, is_immutable: bool
) -> None:
    answer = shared_server.ask(path)
    assert answer.status == 200
    assert answer.body == shared_server.app_dir.joinpath(path[1:]).read_bytes()
    assert answer.headers["content-type"] == media_type
    assert ("immutable" in answer.headers["cache-control"]) is is_immutable
    head = shared_server.ask(path, method="HEAD")
    assert head.body == b"" and head.headers["content-length"] == str(len(answer.body))


def test_an_unchanged_file_is_not_sent_again(shared_server: RunningServer) -> None:
    for path in ("/", "/sw.js"):
        tag = shared_server.ask(path).headers["etag"]
        answer = shared_server.ask(path, {"If-None-Match": f'"other", W/{tag}'})
        assert answer.status == 304 and answer.body == b""
        assert shared_server.ask(path, {"If-None-Match": '"other"'}).status == 200


@pytest.fixture(scope="module")
def traps(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An app with links out of it, special files and hidden files."""
    root = tmp_path_factory.mktemp("traps")
    (root / "secret.txt").write_bytes(CANARY)
    (root / "outside").mkdir()
    (root / "outside" / "secret.txt").write_bytes(CANARY)
    app = make_app(root / "app")
    (root / "app-sibling").mkdir()
    (root / "app-sibling" / "secret.txt").write_bytes(CANARY)
    (app / "link.txt").symlink_to(root / "secret.txt")
    (app / "folder").symlink_to(root / "outside")
    (app / "chain").symlink_to(app / "folder")
    (app / "inside.js").symlink_to(app / "sw.js")
    (app / ".hidden").write_bytes(CANARY)
    os.mkfifo(app / "pipe")
    return app


ATTEMPTS = [
    "/../secret.txt", "/assets/../../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt",
    "/%2e%2e%2fsecret.txt", "/%252e%252e%252fsecret.txt", "/..%5csecret.txt", "/..\\secret.txt",
    "/assets/..%2f..%2fsecret.txt", "//secret.txt", "/./sw.js", "/assets//logo.svg",
    "/link.txt", "/folder/secret.txt", "/chain/secret.txt", "/.hidden", "/pipe", "/assets",
    "/assets/", "/sw.js%00.txt", "/sw.js/", "/%73w.js", "/../app-sibling/secret.txt",
    "/etc/passwd", "//etc/passwd", "/%2fetc%2fpasswd", "/C:/secret.txt", "/..;/secret.txt",
    "/\u2025/secret.txt", "/%c0%ae%c0%ae/secret.txt", "/proc/self/environ", "/~root", "/nul",
    "/" + "a/" * 3000, "/" + "../" * 30 + "etc/passwd",
]  # fmt: skip


@pytest.mark.parametrize("path", ATTEMPTS)
def test_no_path_leaves_the_app(
    traps: Path, path: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    status, body = serve(StaticFiles(traps, "1"), path)
    assert (status, CANARY in body) == (404, False)


def test_a_link_inside_of_the_app_is_served(traps: Path) -> None:
    assert serve(StaticFiles(traps, "1"), "/inside.js") == (200, b"// worker")


def test_attempts_over_the_wire(shared_server: RunningServer) -> None:
    for path in ATTEMPTS:
        if path.isascii() and path != "/%73w.js":
            assert shared_server.ask(path).status in (400, 404), path


def test_a_new_build_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = make_app(tmp_path / "app")
    files = StaticFiles(app, "1")
    (app / "assets" / "new-12345678.js").write_text("1")
    (app / "index.html").write_text("a longer page than before, after a new build of the app")
    monkeypatch.setattr("imjoy.server.static_files.RESCAN_SECONDS", 0.0)
    assert serve(files, "/assets/new-12345678.js") == (200, b"1")


def test_text_is_compressed_for_other_machines_only(tmp_path: Path) -> None:
    app = make_app(tmp_path / "app")
    (app / "big.js").write_text("x" * 10_000)
    files = StaticFiles(app, "1")
    assert len(serve(files, "/big.js", client="127.0.0.1")[1]) == 10_000
    assert len(serve(files, "/big.js", client="192.168.1.7")[1]) < 100


def serve(files: StaticFiles, path: str, client: str = "127.0.0.1") -> tuple[int, bytes]:
    """Ask the application itself, as the server does after splitting the request line."""
    import asyncio
    from urllib.parse import unquote

    sent: list[dict[str, object]] = []

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    async def receive() -> dict[str, object]:
        raise AssertionError("a file needs no body")

    scope = {
        "type": "http",
        "method": "GET",
        "path": unquote(path),
        "raw_path": path.encode("utf-8"),
        "headers": [(b"accept-encoding", b"gzip, br")],
        "client": (client, 1),
    }
    asyncio.run(files(scope, receive, send))  # type: ignore[arg-type]
    body = b"".join(bytes(one.get("body", b"")) for one in sent)  # type: ignore[call-overload]
    return int(str(sent[0]["status"])), body
