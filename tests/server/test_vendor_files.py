"""Plugin frames read the library mirror; only those of a signed-in page make it fetch anything."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from server_harness import TOKEN, QuietHost, RunningServer

from imjoy.settings import Settings
from imjoy.vendor import Mirror, MirrorFile, NotMirrored

FRAME = {"Origin": "null", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"}
HELD = "cdn.jsdelivr.net/npm/held@1/a.js"


@pytest.fixture(scope="module")
def vendor_server(
    tmp_path_factory: pytest.TempPathFactory, app_dir: Path
) -> Iterator[RunningServer]:
    home = tmp_path_factory.mktemp("home")
    mirror = Mirror(home / "vendor")
    entry = {"package": "held", "version": "1.0.0", "path": "a.js", "size": 4, "exact": True}
    mirror.store.lock_file(HELD, {**entry, "sha256": mirror.store.keep(b"ab\xc3\xa9")})
    # This machine's registry must not be asked here: there is none at this address.
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("npm_config_registry", "http://127.0.0.1:9/")
        with RunningServer(QuietHost, Settings(home=home), app_dir) as running:
            yield running


@pytest.fixture(scope="module")
def session(vendor_server: RunningServer) -> str:
    body = json.dumps({"token": TOKEN}).encode()
    headers = {"Content-Type": "application/json"}
    answer = vendor_server.ask("/api/login", headers, method="POST", body=body)
    return str(json.loads(answer.body)["session"])


def facts(server: RunningServer, session: str) -> dict[str, object]:
    answer = server.ask("/api/libraries", {"Authorization": f"Bearer {session}"})
    assert answer.status == 200
    found: dict[str, object] = json.loads(answer.body)
    return found


def test_a_frame_reads_what_is_held(vendor_server: RunningServer) -> None:
    answer = vendor_server.ask(f"/vendor/{HELD}", FRAME)
    assert answer.status == 200 and answer.body == b"ab\xc3\xa9"
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert answer.headers["x-content-type-options"] == "nosniff"
    # A drawing may hold a script: opened in a tab, it must not run as the workbench.
    host = f"Host: 127.0.0.1:{vendor_server.port}"
    asked = f"GET /vendor/{HELD} HTTP/1.1\r\n{host}\r\nConnection: close\r\n\r\n"
    assert b"sandbox" in vendor_server.raw(asked.encode())
    again = {**FRAME, "If-None-Match": answer.headers["etag"]}
    assert vendor_server.ask(f"/vendor/{HELD}", again).status == 304


def test_without_a_key_nothing_is_fetched(vendor_server: RunningServer) -> None:
    before = len(vendor_server.app.vendor.mirror.store.entries())
    for prefix in ("", "~" + "0" * 32 + "/", "~short/", "~"):
        answer = vendor_server.ask(f"/vendor/{prefix}unpkg.com/vue@2/x.js", FRAME)
        assert answer.status == 404
    assert len(vendor_server.app.vendor.mirror.store.entries()) == before
    assert vendor_server.app.vendor.missing == []


def test_the_key_is_for_signed_in_pages(vendor_server: RunningServer, session: str) -> None:
    assert vendor_server.ask("/api/libraries").status == 401
    found = facts(vendor_server, session)
    assert "unpkg.com" in found["hosts"] and str(found["prefix"]).startswith("vendor/~")  # type: ignore[operator]


def test_with_a_key_the_mirror_is_asked(
    vendor_server: RunningServer, session: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def get(address: object) -> MirrorFile:
        asked.append(str(address))
        if "none" in str(address):
            raise NotMirrored(str(address), "It is not there.", "Look elsewhere.")
        return MirrorFile(b"new", "text/javascript", "0" * 64, "new", "1.0.0", "x.js")

    monkeypatch.setattr(vendor_server.app.vendor.mirror, "get", get)
    prefix = "/" + str(facts(vendor_server, session)["prefix"])
    assert vendor_server.ask(f"{prefix}unpkg.com/new@1/x.js", FRAME).body == b"new"
    missing = vendor_server.ask(f"{prefix}unpkg.com/none@1/x%20y.js", FRAME)
    assert missing.status == 307
    assert missing.headers["location"] == "https://unpkg.com/none@1/x%20y.js"
    assert asked == ["unpkg.com/new@1/x.js", "unpkg.com/none@1/x y.js"]
    reported = facts(vendor_server, session)["missing"]
    assert reported == [
        {"address": "unpkg.com/none@1/x y.js", "cause": "It is not there.", "remedy": "Look elsewhere."}
    ]  # fmt: skip


@pytest.mark.parametrize(
    "path",
    ["", "unpkg.com", "unpkg.com/", "unpkg.com/a/../../../etc/passwd", "unpkg.com/%2e%2e/%2e%2e/x",
     "..%2f..%2fvendor-lock.json", "unpkg.com/a%00b", "vendor-lock.json", "files/" + "0" * 64],
)  # fmt: skip
def test_no_path_reaches_a_file(vendor_server: RunningServer, path: str) -> None:
    assert vendor_server.ask(f"/vendor/{path}", FRAME).status == 404


def test_a_strange_host_is_refused_here_too(vendor_server: RunningServer) -> None:
    assert vendor_server.ask(f"/vendor/{HELD}", {"Host": "evil.example"}).status == 421
    assert vendor_server.ask(f"/vendor/{HELD}", FRAME, method="POST").status == 405
