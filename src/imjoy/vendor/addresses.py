"""Says which file of which npm package a web address means; looks nothing up and fetches nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from imjoy.vendor import equivalents

_HOST = re.compile(r"[a-z0-9][a-z0-9.-]{0,252}")
_NAME = r"(?:@[\w.~-]+/)?[\w.~-]+"
_NPM = re.compile(rf"({_NAME})(?:@([^/]+))?(?:/(.*))?")
_LIBRARY = re.compile(r"ajax/libs/([^/]+)/([^/]+)/(.+)")
_REPOSITORY = re.compile(r"([\w.-]+)/([\w.-]+?)(?:@([^/]+))?/(.+)")
_COMMIT = re.compile(r"([\w.-]+)/([\w.-]+)/([^/]+)/(.+)")
_LENGTH = 1024
LATEST = "latest"


@dataclass(frozen=True)
class Address:
    """A checked address: `host/path`, and the query where it tells one file from another."""

    host: str
    path: str
    query: str = ""

    def __str__(self) -> str:
        return f"{self.host}/{self.path}" + (f"?{self.query}" if self.query else "")


@dataclass(frozen=True)
class NpmFile:
    """A file of a package. `path` None asks for the file that the package offers to browsers.

    `repository` must be that of the package when it is given (`user/name` on GitHub): the name of
    the package is then a guess from the name of the repository.
    """

    package: str
    version: str
    path: str | None
    repository: str | None = None


def read_address(text: str) -> Address | None:
    """The address in a URL or in `host/path`; None for what no mirror can hold."""
    parts = urlsplit(text if "//" in text else f"https://{text}")
    host = (parts.hostname or "").lower()
    path = unquote(parts.path).lstrip("/")
    if parts.scheme not in ("http", "https", "") or not _HOST.fullmatch(host) or not path:
        return None
    if len(path) > _LENGTH or re.search(r"[\x00-\x1f\\]|(^|/)\.\.?(/|$)", path):
        return None
    host = equivalents.SAME_HOST.get(host, host)
    query = parts.query[:_LENGTH] if host in equivalents.HOSTS_WITH_QUERY else ""
    return Address(host, path, query)


def npm_files(address: Address) -> list[NpmFile]:
    """What may stand for the address, best first; empty when nothing is known of its host."""
    fixed = _fixed(address)
    if fixed:
        return fixed
    host, path = address.host, address.path
    if host == "unpkg.com":
        return _npm(path)
    if host == "cdn.jsdelivr.net":
        return _jsdelivr(path)
    if host in equivalents.LIBRARY_HOSTS:
        return _library(path)
    if host in equivalents.COMMIT_HOSTS:
        found = _COMMIT.fullmatch(path)
        return _repository(*found.groups()) if found else []
    if host.endswith(".github.io"):
        name, _, rest = path.partition("/")
        return _repository(host.removesuffix(".github.io"), name, None, rest) if rest else []
    return []


def why_unknown(address: Address) -> str:
    """Why no package is known for an address."""
    for host, why in equivalents.NOT_IN_NPM.items():
        if address.host == host or address.host.endswith("." + host):
            return why
    return f"{address.host} is not a host whose files are known to be in npm packages."


def _fixed(address: Address) -> list[NpmFile]:
    text = str(address)
    for pattern, files in equivalents.FIXED:
        found = re.fullmatch(pattern, text, re.IGNORECASE)
        if found:
            groups = {key: value or "" for key, value in found.groupdict().items()}
            return [
                NpmFile(
                    package.format(**groups).lower(),
                    version.format(**groups),
                    path.format(**groups),
                )
                for package, version, path in files
            ]
    return []


def _npm(path: str) -> list[NpmFile]:
    found = _NPM.fullmatch(path)
    if not found:
        return []
    name, version, rest = found.groups()
    return [NpmFile(name.lower() if "/" not in name else name, version or LATEST, rest or None)]


def _jsdelivr(path: str) -> list[NpmFile]:
    kind, _, rest = path.partition("/")
    if kind == "npm":
        return _npm(rest)
    if kind == "gh":
        found = _REPOSITORY.fullmatch(rest)
        return _repository(*found.groups()) if found else []
    if kind == "pyodide":
        found = re.fullmatch(r"v([^/]+)/(?:full|debug)/([^/]+)", rest)
        return [NpmFile("pyodide", found[1], found[2])] if found else []
    return []


def _library(path: str) -> list[NpmFile]:
    found = _LIBRARY.fullmatch(path)
    if not found:
        return []
    name, version, rest = found.groups()
    known = equivalents.LIBRARY_NAMES.get(name.lower())
    names = known or [name.lower(), re.sub(r"[.-]?js$", "", name.lower())]
    return [NpmFile(package, version, rest) for package in dict.fromkeys(names) if package]


def _repository(user: str, name: str, revision: str | None, path: str) -> list[NpmFile]:
    repository = f"{user}/{name}".lower()
    version = LATEST if revision in (None, "master", "main", "gh-pages", "HEAD") else str(revision)
    known = equivalents.REPOSITORIES.get(repository)
    if known:
        return [NpmFile(known, version, path)]
    plain = re.sub(r"[.-]?js$", "", name.lower())
    guesses = dict.fromkeys([name.lower(), plain, plain + "-js", plain + ".js"])
    return [NpmFile(guess, version, path, repository) for guess in guesses if guess]
