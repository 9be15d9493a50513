"""Host, Origin and Sec-Fetch-Site: exactly the combinations of the table of allowed ones pass."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from imjoy.server import origins
from imjoy.server.headers import security_headers
from imjoy.server.origins import OriginRules, Refusal, Visitor
from imjoy.settings import Settings

if TYPE_CHECKING:
    from server_harness import RunningServer

HOSTS = {
    "127.0.0.1:{port}": True,
    "localhost:{port}": True,
    "LOCALHOST:{port}": True,
    "[::1]:{port}": True,
    "localhost:9000": True,  # the near end of an ssh tunnel
    "evil.example:{port}": False,
    "127.0.0.1.evil.example:{port}": False,
    "localhost.evil.example": False,
    "10.1.2.3:{port}": False,
    "0.0.0.0:{port}": False,
    "app.localhost:{port}": False,
    "user@localhost:{port}": False,
}
ORIGINS = (None, "{own}", "null", "https://{host}", "http://evil.example", "http://localhost:1",
           "http://{host}.evil.example", "file://", "", "{own}/")  # fmt: skip
SITES = (None, "same-origin", "none", "same-site", "cross-site", "odd")
COMBINATIONS = list(itertools.product(HOSTS, ORIGINS, SITES))


def expected(host: str, origin: str | None, site: str | None) -> bool:
    """The table of allowed combinations."""
    return HOSTS[host] and origin in (None, "{own}") and site in (None, "same-origin", "none")


def headers(host: str, origin: str | None, site: str | None, port: int) -> dict[str, str]:
    name = host.format(port=port)
    sent = {"Host": name}
    if origin is not None:
        sent["Origin"] = origin.format(own=f"http://{name.lower()}", host=name.lower())
    if site is not None:
        sent["Sec-Fetch-Site"] = site
    return sent


@pytest.mark.parametrize("path,status", [("/health", 200), ("/api/logout", 401), ("/sw.js", 200)])
def test_every_combination_for_http(shared_server: RunningServer, path: str, status: int) -> None:
    method = "POST" if path.startswith("/api") else "GET"
    wrong = [
        (combination, answer.status)
        for combination in COMBINATIONS
        for answer in [
            shared_server.ask(path, headers(*combination, shared_server.port), method=method)
        ]
        if (answer.status == status) is not expected(*combination)
        or answer.status not in (status, 400, 403, 421)
    ]
    assert wrong == []


def test_every_combination_for_the_socket(shared_server: RunningServer) -> None:
    wrong = [
        (combination, status)
        for combination in COMBINATIONS
        for status in [shared_server.upgrade(headers(*combination, shared_server.port))]
        if (status == 101) is not expected(*combination) or status not in (101, 400, 403, 421)
    ]
    assert wrong == []


LINK = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize(
    "path,extra,status",
    [
        ("/", LINK, 200),
        ("/index.html", LINK, 200),
        ("/lite.html", LINK, 200),
        ("/", {**LINK, "Sec-Fetch-Dest": "iframe"}, 403),
        ("/", {**LINK, "Sec-Fetch-Mode": "no-cors"}, 403),
        ("/", {}, 403),
        ("/sw.js", LINK, 403),
        ("/health", LINK, 403),
        ("/", {**LINK, "Origin": "null"}, 403),
    ],
)
def test_a_link_from_elsewhere_opens_the_index_page_only(
    shared_server: RunningServer, site: str, path: str, extra: dict[str, str], status: int
) -> None:
    sent = {"Sec-Fetch-Site": site, **extra}
    assert shared_server.ask(path, sent).status == status


def test_pages_elsewhere_may_show_it_only_when_the_engine_was_started_so() -> None:
    frame = [(b"host", b"localhost"), (b"sec-fetch-site", b"cross-site"),
             (b"sec-fetch-mode", b"navigate"), (b"sec-fetch-dest", b"iframe")]  # fmt: skip
    visitor = Visitor("http", "GET", "/lite.html", "http", frame, "127.0.0.1")
    with pytest.raises(Refusal):
        OriginRules.from_settings(Settings()).check(visitor)
    lab = ("https://lab.example",)
    OriginRules.from_settings(Settings(embed_in=lab)).check(visitor)
    policies = [
        dict(security_headers("http", b"localhost", embed_in=origins))[b"content-security-policy"]
        for origins in ((), lab)
    ]
    assert policies[0].endswith(b"frame-ancestors 'self'")
    assert policies[1].endswith(b"frame-ancestors 'self' https://lab.example")


def test_a_form_from_elsewhere_is_refused(shared_server: RunningServer) -> None:
    sent = {"Sec-Fetch-Site": "cross-site", **LINK}
    assert shared_server.ask("/", sent, method="POST", body=b"").status == 403


@pytest.mark.parametrize("lines", ["", "Host: localhost\r\nHost: localhost\r\n", "Host: \r\n",
                                   "Host: a b\r\n", "Host: localhost:99999\r\n"])  # fmt: skip
def test_a_missing_or_double_or_malformed_host_is_refused(
    shared_server: RunningServer, lines: str
) -> None:
    for version in ("1.0", "1.1"):
        data = shared_server.raw(f"GET / HTTP/{version}\r\n{lines}\r\n".encode())
        assert data.startswith(b"HTTP/1.1 400 ")


def test_a_double_origin_is_refused(shared_server: RunningServer) -> None:
    own = f"127.0.0.1:{shared_server.port}"
    lines = f"Host: {own}\r\nOrigin: http://{own}\r\nOrigin: http://{own}\r\n"
    assert shared_server.raw(f"GET / HTTP/1.1\r\n{lines}\r\n".encode()).startswith(b"HTTP/1.1 400")


def visit(rules: OriginRules, host: str, local: str = "192.168.1.5", origin: str = "") -> bool:
    found = [(b"host", host.encode())] + ([(b"origin", origin.encode())] if origin else [])
    try:
        rules.check(Visitor("http", "GET", "/", "http", found, local))
    except Refusal:
        return False
    return True


def test_on_the_network_only_the_machines_own_names_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(origins.socket, "gethostname", lambda: "Lab-PC.example.org")
    rules = OriginRules.from_settings(Settings(host="0.0.0.0"))
    for name in ("192.168.1.5:8080", "lab-pc", "lab-pc.local:8080", "lab-pc.example.org"):
        assert visit(rules, name), name
    for name in ("192.168.1.6:8080", "evil.example", "0.0.0.0", "example.org", "local"):
        assert not visit(rules, name), name
    assert visit(rules, "192.168.1.5", local="::ffff:192.168.1.5")
    assert not visit(OriginRules.from_settings(Settings()), "192.168.1.5:8080")


def test_a_public_address_is_allowed_with_its_own_scheme() -> None:
    rules = OriginRules.from_settings(Settings(base_url="https://imjoy.example.org/"))
    assert visit(rules, "imjoy.example.org")
    assert visit(rules, "imjoy.example.org", origin="https://imjoy.example.org")
    assert not visit(rules, "imjoy.example.org", origin="http://imjoy.example.org")
    assert not visit(rules, "imjoy.example.org", origin="https://evil.example")
    assert visit(rules, "localhost:1", origin="http://localhost:1")
