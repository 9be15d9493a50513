"""Decides from the headers alone whether a request can come from this engine's own page."""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from imjoy.settings import LOOPBACK_HOSTS, Settings

_HOST = re.compile(r"(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9_.-]+)(?::([0-9]{1,5}))?")
_NAVIGATION_PATHS = frozenset({"/", "/index.html", "/lite.html"})
Headers = Sequence[tuple[bytes, bytes]]


class Refusal(Exception):
    """A request that is not let in; `status`, `code` and `message` are what the peer is told."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


@dataclass(frozen=True)
class Visitor:
    """What the checks look at. `local_address` is the address on which the connection came in."""

    kind: str
    method: str
    path: str
    scheme: str
    headers: Headers
    local_address: str | None


@dataclass(frozen=True)
class OriginRules:
    """Host names that mean this engine, and the public address when there is one (`--base-url`).

    `embed_in`: origins whose pages may show the workbench. Browsers do not say which page asks for
    a frame, so any may ask when there are some; the policy of the answer names those that may show it.
    """

    names: frozenset[str]
    base_origin: str | None = None
    any_address: bool = False
    embed_in: tuple[str, ...] = ()

    @classmethod
    def from_settings(cls, settings: Settings) -> OriginRules:
        names = set(LOOPBACK_HOSTS)
        base_origin = None
        if not settings.is_loopback:
            names |= machine_names()
            names.add(settings.host.lower())
        if settings.base_url:
            parts = urlsplit(settings.base_url)
            names.add((parts.hostname or "").lower())
            base_origin = f"{parts.scheme}://{parts.netloc}".lower()
        names -= {"", "0.0.0.0", "::"}
        any_address = not settings.is_loopback
        return cls(frozenset(names), base_origin, any_address, settings.embed_in)

    def check(self, visitor: Visitor, any_origin: bool = False) -> None:
        """Raise Refusal unless Host, Origin and Sec-Fetch-Site all fit (`any_origin`: Host alone)."""
        host = self._check_host(visitor)
        if any_origin:
            return
        self._check_origin(visitor, host)
        self._check_fetch_site(visitor)

    def _check_host(self, visitor: Visitor) -> str:
        host = _single(visitor.headers, b"host")
        match = _HOST.fullmatch(host or "")
        if match is None or int(match.group(2) or 0) > 65535:
            raise Refusal(400, "auth.forbidden", "The request names no valid host.")
        name = match.group(1).strip("[]").lower()
        if name not in self.names and not self._is_own_address(name, visitor.local_address):
            raise Refusal(
                421,
                "auth.forbidden",
                "This engine does not answer to that host name. Open it by the address printed in "
                "its terminal, or start it with --base-url=http://NAME:PORT.",
            )
        return match.group(0).lower()

    def _is_own_address(self, name: str, local_address: str | None) -> bool:
        """An address is accepted only as the one on which the connection came in."""
        if not self.any_address or local_address is None:
            return False
        try:
            return _address(name) == _address(local_address)
        except ValueError:
            return False

    def _check_origin(self, visitor: Visitor, host: str) -> None:
        origin = _single(visitor.headers, b"origin")
        if origin is None:
            return
        scheme = {"ws": "http", "wss": "https"}.get(visitor.scheme, visitor.scheme)
        allowed = f"{scheme}://{host}"
        by_base = self.base_origin is not None and self.base_origin.endswith(f"://{host}")
        if origin != (self.base_origin if by_base else allowed):
            raise Refusal(403, "auth.forbidden", "Requests from other pages are refused.")

    def _check_fetch_site(self, visitor: Visitor) -> None:
        site = _single(visitor.headers, b"sec-fetch-site")
        if site is None or site in ("same-origin", "none"):
            return
        is_link = (
            visitor.kind == "http"
            and visitor.method == "GET"
            and visitor.path in _NAVIGATION_PATHS
            and site in ("same-site", "cross-site")
            and _single(visitor.headers, b"origin") is None
            and _single(visitor.headers, b"sec-fetch-mode") == "navigate"
            and _single(visitor.headers, b"sec-fetch-dest")
            in ("document", *(("iframe",) if self.embed_in else ()))
        )
        if not is_link:
            raise Refusal(403, "auth.forbidden", "Requests from other pages are refused.")


def machine_names() -> set[str]:
    """The names by which this machine is known on its network."""
    name = socket.gethostname().lower()
    short = name.split(".")[0]
    return {name, short, f"{short}.local"} if name else set()


def machine_addresses(families: Iterable[int] = (socket.AF_INET,)) -> list[str]:
    """The addresses of this machine's network cards, without loopback."""
    import psutil

    found = []
    for addresses in psutil.net_if_addrs().values():
        for entry in addresses:
            if entry.family in families and not _address(entry.address).is_loopback:
                found.append(entry.address)
    return sorted(set(found))


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    address = ipaddress.ip_address(text.split("%")[0])
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def _single(headers: Headers, name: bytes) -> str | None:
    """The value of a header that may be there once; twice is refused."""
    values = [value for key, value in headers if key == name]
    if len(values) > 1:
        raise Refusal(400, "auth.forbidden", "The request has a header twice.")
    return values[0].decode("latin-1") if values else None
