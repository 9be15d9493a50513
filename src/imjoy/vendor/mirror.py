"""The mirror: gives the content for a web address, from its folder or from an npm package."""

from __future__ import annotations

import posixpath
import re
import threading
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from imjoy.errors import ImJoyError
from imjoy.vendor.addresses import Address, NpmFile, npm_files, read_address, why_unknown
from imjoy.vendor.archive import Archive, ArchiveError, find_file
from imjoy.vendor.registry import Registry, RegistryError, Release
from imjoy.vendor.store import StoreError, VendorStore

MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".eot": "application/vnd.ms-fontobject",
    ".gif": "image/gif",
    ".html": "text/plain; charset=utf-8",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json; charset=utf-8",
    ".map": "application/json; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".otf": "font/otf",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".ttf": "font/ttf",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
    ".webp": "image/webp",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
}
_RETRY_SECONDS = 120.0
_MISSES = 2000


class NotMirrored(ImJoyError):
    """An address that the mirror cannot give; `data` has `address`, `cause` and `remedy`."""

    code = "plugin.load_failed"

    def __init__(self, address: str, cause: str, remedy: str) -> None:
        facts = {"address": address, "cause": cause, "remedy": remedy}
        super().__init__(f"{address} is not in the library mirror. {cause} {remedy}", facts)
        self.address, self.cause, self.remedy = address, cause, remedy


@dataclass(frozen=True)
class MirrorFile:
    """A file of the mirror, and which file of which package it is."""

    data: bytes
    media_type: str
    sha256: str
    package: str
    version: str
    path: str


class Mirror:
    """Gives files by address. Blocks; call it from a thread. One mirror for one folder."""

    def __init__(self, folder: Path, registry: Registry | None = None) -> None:
        self.store = VendorStore(folder)
        self._registry = registry
        self._guards: dict[str, threading.Lock] = defaultdict(threading.Lock)
        self._archives: dict[str, Archive] = {}
        self._misses: dict[str, tuple[float, NotMirrored]] = {}

    def held(self, address: Address) -> MirrorFile | None:
        """The file when the mirror holds it and it is what the lock says."""
        entry = self.store.entry(str(address))
        data = self.store.read(entry["sha256"]) if entry else None
        return _file(entry, data) if entry and data is not None else None

    def get(self, address: Address | str) -> MirrorFile:
        """The file, fetched from npm when it is not there yet. Raises NotMirrored."""
        checked = read_address(address) if isinstance(address, str) else address
        if checked is None:
            cause = "It is no web address of a library."
            raise NotMirrored(str(address)[:200], cause, "Check the plugin's requirements.")
        found = self.held(checked)
        if found:
            return found
        missed = self._misses.get(str(checked))
        if missed and time.monotonic() - missed[0] < _RETRY_SECONDS:
            raise missed[1]
        try:
            return self._fetch(checked)
        except NotMirrored as error:
            if len(self._misses) > _MISSES:
                self._misses.clear()
            self._misses[str(checked)] = (time.monotonic(), error)
            raise

    def _fetch(self, address: Address) -> MirrorFile:
        candidates = npm_files(address)
        if not candidates:
            raise NotMirrored(str(address), why_unknown(address), _OTHER_COPY)
        causes = []
        # A package with the very version is better than one that only has a similar one.
        for nearest in (False, True):
            for wanted in candidates:
                try:
                    return self._fetch_file(address, wanted, nearest)
                except RegistryError as error:
                    causes.append(error.cause)
                    if not error.is_missing:
                        raise NotMirrored(str(address), error.cause, _NO_NETWORK) from None
                except (ArchiveError, StoreError) as error:
                    causes.append(str(error))
        raise NotMirrored(str(address), causes[-len(candidates)], _OTHER_COPY)

    def _fetch_file(self, address: Address, wanted: NpmFile, nearest: bool) -> MirrorFile:
        locked = self.store.entry(str(address))
        version = locked["version"] if locked and locked["package"] == wanted.package else None
        with self._guards[wanted.package]:
            archive, release = self._archive(wanted, version or wanted.version, nearest)
        name = archive.main_file() if wanted.path is None else find_file(archive.names, wanted.path)
        if name is None:
            cause = f"{release.name} {release.version} has no file {wanted.path}."
            raise ArchiveError(cause)
        data = archive.read(name)
        entry = {
            "package": release.name,
            "version": release.version,
            "path": name,
            "sha256": self.store.keep(data),
            "size": len(data),
            # Whether it is the version that was asked for, or only the nearest one there is.
            "exact": wanted.version in ("latest", release.version)
            or release.version.startswith(wanted.version + "."),
        }
        self.store.lock_file(str(address), entry)
        return _file(entry, data)

    def _archive(self, wanted: NpmFile, version: str, nearest: bool) -> tuple[Archive, Release]:
        exact = f"{wanted.package}@{version}"
        known = self.store.package(exact)
        path = self.store.archive(known["sha256"]) if known else None
        if known and path:
            release = Release(wanted.package, version, "", known["integrity"])
            return self._opened(path), release
        self._registry = self._registry or Registry()
        release = self._registry.release(wanted.package, version, wanted.repository, nearest)
        name = f"{release.name}@{release.version}"
        known = self.store.package(name)
        path = self.store.archive(known["sha256"]) if known else None
        if path is None:
            path = self._download(name, release, known)
        return self._opened(path), release

    def _download(self, name: str, release: Release, known: dict[str, Any] | None) -> Path:
        if known and known["integrity"] != release.integrity:
            cause = f"{name} on npm is not what the lock of the mirror says: its checksum differs."
            raise RegistryError(cause)
        assert self._registry is not None
        with self.store.new_archive() as file:
            self._registry.download(release, file)
            sha256, path = self.store.keep_archive(file)
        self.store.lock_package(name, {"integrity": release.integrity, "sha256": sha256})
        return path

    def _opened(self, path: Path) -> Archive:
        if path.name not in self._archives:
            if len(self._archives) > 32:
                self._archives.clear()
            self._archives[path.name] = Archive(path)
        return self._archives[path.name]


_OTHER_COPY = "Name another copy of it in the plugin, such as one on cdn.jsdelivr.net/npm."
_NO_NETWORK = (
    "Connect this machine to the network, or fill the mirror elsewhere with "
    "`python -m imjoy vendor fetch` and copy its folder."
)


def _file(entry: dict[str, Any], data: bytes) -> MirrorFile:
    ending = re.sub(r".*(\.\w+)$", r"\1", posixpath.basename(entry["path"])).lower()
    media_type = MEDIA_TYPES.get(ending, "application/octet-stream")
    return MirrorFile(
        data, media_type, entry["sha256"], entry["package"], entry["version"], entry["path"]
    )
