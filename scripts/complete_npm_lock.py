"""Completes web/package-lock.json with the binaries of other platforms.

`npm` writes only the optional packages that the registry in use offers, and then `npm ci` refuses
the lock file elsewhere. The parents name exact versions, so the entries can be written from those;
they have no checksum where the registry has no package.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

LOCK = Path(__file__).resolve().parents[1] / "web" / "package-lock.json"
SYSTEMS = (
    "android",
    "darwin",
    "freebsd",
    "linux",
    "netbsd",
    "openbsd",
    "openharmony",
    "sunos",
    "win32",
)
PROCESSORS = {"armv7": "arm", "arm": "arm", "arm64": "arm64", "ia32": "ia32", "x64": "x64"}
LIBRARIES = {"gnu": "glibc", "gnueabihf": "glibc", "musl": "musl", "musleabihf": "musl"}


def complete(lock: dict[str, Any]) -> int:
    """Add the missing entries to a parsed lock file; returns how many."""
    packages: dict[str, Any] = lock["packages"]
    added = 0
    for path, package in list(packages.items()):
        for name, version in package.get("optionalDependencies", {}).items():
            places = (f"node_modules/{name}", f"{path}/node_modules/{name}")
            if any(place in packages for place in places):
                continue
            if not re.fullmatch(r"\d[\w.+-]*", version):
                continue
            packages[places[0]] = _entry(name, version, package)
            added += 1
    lock["packages"] = dict(sorted(packages.items()))
    return added


def _entry(name: str, version: str, parent: dict[str, Any]) -> dict[str, Any]:
    words = name.replace("/", "-").split("-")
    entry: dict[str, Any] = {"version": version, "optional": True}
    if parent.get("dev"):
        entry["dev"] = True
    system = next((word for word in words if word in SYSTEMS), None)
    if system:
        entry["os"] = [system]
        last = words[words.index(system) + 1 :]
        entry["cpu"] = [PROCESSORS.get(word, word) for word in last[:1]]
        library = [LIBRARIES[word] for word in last if word in LIBRARIES]
        if system == "linux" and library:
            entry["libc"] = library
    return entry


def main() -> int:
    lock = json.loads(LOCK.read_text("utf-8"))
    added = complete(lock)
    if added:
        LOCK.write_text(json.dumps(lock, indent=2, ensure_ascii=False) + "\n", "utf-8")
    print(f"web/package-lock.json: {added} entries added.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
