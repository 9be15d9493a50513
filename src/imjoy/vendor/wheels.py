"""Finds wheels for Python in the browser at the package index of this machine, and keeps them."""

from __future__ import annotations

import email.parser
import hashlib
import hmac
import io
import json
import os
import re
import urllib.error
import urllib.request
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from imjoy.errors import ImJoyError
from imjoy.package_index import configured_index, plain_name

__all__ = ["BrowserWheel", "NoWheel", "WheelMirror"]

_ACCEPT = "application/vnd.pypi.simple.v1+json"
_SECONDS = 30.0
_LIMIT = 96 << 20
_NAME = re.compile(r"[A-Za-z0-9](?:[\w.-]{0,98}[A-Za-z0-9])?")
# Plain Python, or built for WebAssembly; what else a wheel may be runs in no browser.
_PLAIN = re.compile(r"(?:py3|py2\.py3)-none-any")
_VERSION = re.compile(r"\d+(?:\.\d+)*(?:\.post\d+)?")


class NoWheel(ImJoyError):
    """A package that Python in the browser cannot have; `data` has cause and remedy."""

    code = "plugin.load_failed"

    def __init__(self, name: str, cause: str) -> None:
        remedy = "Run the plugin on a Python engine: set its type to native-python."
        cause = f"The package {name} cannot be used in the browser: {cause}."
        super().__init__(f"{cause} {remedy}", {"cause": cause, "remedy": remedy})


@dataclass(frozen=True)
class BrowserWheel:
    """A wheel with its bytes, and the packages that it always needs."""

    filename: str
    sha256: str
    data: bytes
    requires: list[str]


class WheelMirror:
    """Wheels by the names of packages. Blocks; call it from a thread.

    What was fetched once is kept, with its checksum, and found without a network.
    """

    def __init__(self, folder: Path, index: str | None = None) -> None:
        self._folder, self._index = folder, index or configured_index()

    def get(self, name: str, platform: str) -> BrowserWheel:
        """The newest wheel of a package for Python in the browser on that platform.

        `platform` is the tag such as `cp314-cp314-pyemscripten_2026_0_wasm32`. Raises NoWheel.
        """
        if not _NAME.fullmatch(name):
            raise NoWheel(name[:100], "it is no name of a package")
        plain = plain_name(name)
        held = self._held(plain)
        if held is not None:
            return held
        chosen = choose_wheel(self._files(plain), platform)
        if chosen is None:
            raise NoWheel(name, "there is no build of it for Python in the browser")
        data = self._fetch(plain, chosen["url"], chosen["sha256"])
        return self._keep(plain, chosen["filename"], data)

    def _files(self, name: str) -> list[dict[str, str]]:
        page = urljoin(self._index.rstrip("/") + "/", f"{name}/")
        request = urllib.request.Request(page, headers={"Accept": _ACCEPT})
        try:
            with urllib.request.urlopen(request, timeout=_SECONDS) as answer:
                found = json.loads(answer.read(_LIMIT))
        except urllib.error.HTTPError as error:
            error.close()
            cause = "the package index does not have it" if error.code == 404 else "it was refused"
            raise NoWheel(name, cause) from None
        except (OSError, ValueError):
            raise NoWheel(name, "the package index cannot be reached") from None
        return [
            {
                "filename": str(one["filename"]),
                "url": urljoin(page, str(one["url"])),
                "sha256": str(one.get("hashes", {}).get("sha256", "")),
            }
            for one in found.get("files", [])
            if not one.get("yanked")
        ]

    def _fetch(self, name: str, url: str, sha256: str) -> bytes:
        if urlsplit(url).scheme not in ("http", "https"):
            raise NoWheel(name, "its address is none of the web")
        try:
            with urllib.request.urlopen(url, timeout=_SECONDS) as answer:
                data = answer.read(_LIMIT + 1)
        except OSError:
            raise NoWheel(name, "its file could not be fetched") from None
        if len(data) > _LIMIT:
            raise NoWheel(name, "its file is too large")
        if not hmac.compare_digest(hashlib.sha256(data).hexdigest(), sha256):
            raise NoWheel(name, "its file is damaged")
        return bytes(data)

    def _held(self, name: str) -> BrowserWheel | None:
        try:
            facts = json.loads((self._folder / f"{name}.json").read_text("utf-8"))
            data = (self._folder / str(facts["sha256"])).read_bytes()
        except (OSError, ValueError, KeyError, TypeError):
            return None
        if hashlib.sha256(data).hexdigest() != facts["sha256"]:
            return None
        return BrowserWheel(facts["filename"], facts["sha256"], data, list(facts["requires"]))

    def _keep(self, name: str, filename: str, data: bytes) -> BrowserWheel:
        sha256 = hashlib.sha256(data).hexdigest()
        wheel = BrowserWheel(filename, sha256, data, requires_of(name, data))
        facts = {"filename": filename, "sha256": sha256, "requires": wheel.requires}
        self._folder.mkdir(parents=True, exist_ok=True)
        for path, content in (
            (self._folder / sha256, data),
            (self._folder / f"{name}.json", json.dumps(facts).encode()),
        ):
            part = path.with_name(f".{path.name}.{os.getpid()}.part")
            part.write_bytes(content)
            os.replace(part, path)
        return wheel


def choose_wheel(files: list[dict[str, str]], platform: str) -> dict[str, str] | None:
    """The newest release that has a wheel for the platform or in plain Python."""

    def rank(file: dict[str, str]) -> tuple[tuple[int, ...], bool] | None:
        parts = file["filename"].removesuffix(".whl").split("-")
        if not file["filename"].endswith(".whl") or len(parts) < 5:
            return None
        version, tag = parts[1], "-".join(parts[-3:])
        if not _VERSION.fullmatch(version) or not (_PLAIN.fullmatch(tag) or tag == platform):
            return None
        return tuple(int(number) for number in re.findall(r"\d+", version)), tag == platform

    ranked = [(order, file) for file in files if (order := rank(file)) is not None]
    return max(ranked, key=lambda each: each[0])[1] if ranked else None


def requires_of(name: str, data: bytes) -> list[str]:
    """The packages that a wheel always needs, as its metadata says. Raises NoWheel."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            inside = next(
                each for each in archive.namelist() if each.endswith(".dist-info/METADATA")
            )
            metadata: Any = email.parser.BytesParser().parsebytes(archive.read(inside))
    except (zipfile.BadZipFile, StopIteration, OSError, RuntimeError):
        raise NoWheel(name, "its file is no wheel") from None
    needed = [text for text in metadata.get_all("Requires-Dist", []) if ";" not in text]
    return [found[0] for text in needed if (found := _NAME.match(text.strip()))]
