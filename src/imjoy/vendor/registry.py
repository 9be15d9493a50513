"""Asks the npm registry that is configured on this machine, and nothing else on the network."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
import os
import re
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote, urlsplit

from imjoy.vendor.versions import choose

# What npm itself asks when nobody has configured another one.
DEFAULT = "https://registry.npmjs.org/"
PACKAGE = re.compile(r"(?:@[a-z0-9~-][\w.~-]*/)?[a-z0-9~-][\w.~-]*", re.IGNORECASE)
_SECONDS = 30.0
_FACTS_LIMIT = 96 << 20
TARBALL_LIMIT = 192 << 20
_MEMORY_SECONDS = 600.0
_CHUNK = 1 << 18
_COMMIT = re.compile(r"(?=.*[a-f])[0-9a-f]{7,40}|[0-9a-f]{40}")
_ACCEPT = "application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8"


class RegistryError(Exception):
    """The registry did not give what was asked for; `is_missing` when there is no such thing."""

    def __init__(self, cause: str, is_missing: bool = False) -> None:
        super().__init__(cause)
        self.cause, self.is_missing = cause, is_missing


@dataclass(frozen=True)
class Release:
    """One version of a package: where its archive is and what it must hash to."""

    name: str
    version: str
    archive: str
    integrity: str


def configured_registry(
    environment: Mapping[str, str] = os.environ, home: Path | None = None
) -> str:
    """The registry that npm would use: variable, `.npmrc` of the user, of the machine, default."""
    for name in ("npm_config_registry", "NPM_CONFIG_REGISTRY"):
        if environment.get(name):
            return _checked(environment[name])
    user = environment.get("NPM_CONFIG_USERCONFIG") or (home or Path.home()) / ".npmrc"
    for path in (Path(user), Path("/etc/npmrc"), Path("/usr/etc/npmrc")):
        found = _registry_in(path)
        if found:
            return _checked(found)
    return DEFAULT


class Registry:
    """A client of one registry. Blocks; call it from a thread."""

    def __init__(self, address: str | None = None) -> None:
        self.address = _checked(address or configured_registry())
        self._known: dict[str, tuple[float, dict[str, Any]]] = {}
        self._opener = urllib.request.build_opener(_SafeRedirects)

    def release(
        self, name: str, wanted: str, repository: str | None = None, nearest: bool = True
    ) -> Release:
        """The version that `wanted` means, or the `nearest`. Raises RegistryError.

        `repository`: the package must belong to it; `wanted` may be one of its commits.
        """
        if not PACKAGE.fullmatch(name):
            raise RegistryError(f'"{name[:80]}" is no name of a package.', is_missing=True)
        by_commit = bool(_COMMIT.fullmatch(wanted))
        facts = self._facts(name, complete=by_commit or repository is not None)
        versions = facts.get("versions")
        if not isinstance(versions, dict) or not versions:
            raise RegistryError(f"The package {name} has no versions.", is_missing=True)
        if repository is not None:
            _check_repository(name, facts, repository)
        if by_commit:
            wanted = _version_of_commit(versions, wanted)
        version = choose(versions, facts.get("dist-tags") or {}, wanted, nearest)
        if version is None:
            cause = f'The package {name} has no version like "{wanted[:80]}".'
            raise RegistryError(cause, is_missing=True)
        return self._release(name, version, versions[version])

    def download(self, release: Release, target: BinaryIO) -> None:
        """Write the archive of a release to `target` and check it. Raises RegistryError."""
        kind, _, expected = release.integrity.partition("-")
        digest = hashlib.new(kind)
        for chunk in self._read(release.archive, "application/octet-stream", TARBALL_LIMIT):
            digest.update(chunk)
            target.write(chunk)
        found = base64.b64encode(digest.digest()).decode()
        if not hmac.compare_digest(found.encode(), expected.encode()):
            raise RegistryError(
                f"The archive of {release.name} {release.version} is not the one that the "
                "registry lists: its checksum differs."
            )

    def _facts(self, name: str, complete: bool) -> dict[str, Any]:
        key = f"{name} {complete}"
        known = self._known.get(key)
        if known and time.monotonic() - known[0] < _MEMORY_SECONDS:
            return known[1]
        address = self.address + quote(name, safe="@")
        accept = "application/json" if complete else _ACCEPT
        try:
            body = b"".join(self._read(address, accept, _FACTS_LIMIT))
        except RegistryError as error:
            if error.is_missing:
                raise RegistryError(f"There is no package {name} on npm.", True) from None
            raise
        try:
            facts = json.loads(body)
        except ValueError:
            facts = None
        if not isinstance(facts, dict):
            raise RegistryError(f"The registry's answer about {name} cannot be read.")
        if len(self._known) > 64:
            self._known.clear()
        self._known[key] = (time.monotonic(), facts)
        return facts

    def _release(self, name: str, version: str, facts: Any) -> Release:
        dist = facts.get("dist") if isinstance(facts, dict) else None
        if not isinstance(dist, dict) or not isinstance(dist.get("tarball"), str):
            raise RegistryError(f"The registry does not say where {name} {version} is.")
        integrity = str(dist.get("integrity") or "").split(" ")[0]
        if not integrity and re.fullmatch(r"[0-9a-f]{40}", str(dist.get("shasum"))):
            integrity = "sha1-" + base64.b64encode(bytes.fromhex(dist["shasum"])).decode()
        if not re.fullmatch(r"sha(1|256|384|512)-[A-Za-z0-9+/]+=*", integrity):
            raise RegistryError(f"The registry gives no checksum for {name} {version}.")
        # Mirrors often repeat the address of where they copied from; the path is the same.
        path = urlsplit(dist["tarball"]).path
        at = path.find(f"/{name}/-/")
        relative = path[at + 1 :] if at >= 0 else f"{name}/-/{path.rsplit('/', 1)[-1]}"
        return Release(name, version, self.address + relative, integrity)

    def _read(self, address: str, accept: str, limit: int) -> Iterator[bytes]:
        request = urllib.request.Request(address, headers={"Accept": accept})
        try:
            with self._opener.open(request, timeout=_SECONDS) as answer:
                seen = 0
                while chunk := answer.read(_CHUNK):
                    seen += len(chunk)
                    if seen > limit:
                        raise RegistryError(f"The answer is larger than {limit >> 20} MB.")
                    yield chunk
        except urllib.error.HTTPError as error:
            error.close()
            missing = error.code in (403, 404, 410, 451)
            raise RegistryError(f"The npm registry answered {error.code}.", missing) from None
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "reason", None) or error
            cause = f"The npm registry cannot be reached ({str(reason)[:120]})."
            raise RegistryError(cause) from None


class _SafeRedirects(urllib.request.HTTPRedirectHandler):
    """Follows a registry to where it keeps its files, but never to something less safe."""

    def redirect_request(
        self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        before, after = urlsplit(req.full_url), urlsplit(newurl)
        if after.hostname != before.hostname and after.scheme != "https":
            raise RegistryError("The npm registry sends its visitors to an unsafe address.")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _registry_in(path: Path) -> str | None:
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeError):
        return None
    found = re.findall(r"^\s*registry\s*=\s*[\"']?(\S+?)[\"']?\s*$", text, re.MULTILINE)
    return found[-1] if found else None


def _checked(address: str) -> str:
    parts = urlsplit(address.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise RegistryError("The configured npm registry is no web address.")
    return address.strip().rstrip("/") + "/"


def _check_repository(name: str, facts: dict[str, Any], repository: str) -> None:
    given = facts.get("repository")
    address = str(given.get("url") if isinstance(given, dict) else given or "")
    found = re.search(r"github\.com[/:]([\w.-]+/[\w.-]+?)(?:\.git)?/?$", address)
    if (found[1].lower() if found else "") != repository:
        cause = f"The package {name} on npm is not made from github.com/{repository}."
        raise RegistryError(cause, is_missing=True)


def _version_of_commit(versions: Mapping[str, Any], wanted: str) -> str:
    """The version made from a commit; today's when none says that it was."""
    for version, facts in versions.items():
        if isinstance(facts, dict) and str(facts.get("gitHead", "")).startswith(wanted):
            return version
    return "latest"
