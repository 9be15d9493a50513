"""Reads what lies behind the addresses of plugins: in a folder of repositories, else over the network."""

from __future__ import annotations

import ssl
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

from imjoy.plugins.mirror_folder import MirrorFolder

__all__ = ["PluginAddresses"]

SECONDS = 5.0
LIMIT = 16 << 20


class PluginAddresses:
    """Each address is read once, and a host that does not answer is not asked again."""

    def __init__(self, mirror: Path | None = None) -> None:
        self._mirror = MirrorFolder(mirror) if mirror else None
        self._texts: dict[str, str | None] = {}
        self._silent: dict[str, str] = {}

    def __call__(self, address: str) -> str | None:
        """The text; None when it is not there. Raises OSError when its host does not answer."""
        text = self._mirror.read(address) if self._mirror else None
        if text is not None:
            return text
        host = urlsplit(address).netloc
        if address not in self._texts:
            if host in self._silent:
                raise OSError(self._silent[host])
            try:
                self._texts[address] = _fetch(address)
            except (OSError, ValueError) as error:
                reason = getattr(error, "reason", error)
                why = reason.reason if isinstance(reason, ssl.SSLError) else reason
                self._silent[host] = f"{host} cannot be asked for it ({why})"
                raise OSError(self._silent[host]) from None
        return self._texts[address]


def _fetch(address: str) -> str | None:
    try:
        with urllib.request.urlopen(address, timeout=SECONDS) as answer:
            return str(answer.read(LIMIT).decode("utf-8-sig", "replace"))
    except urllib.error.HTTPError as error:
        error.close()
        if error.code in (404, 410):
            return None
        raise
