"""Says before an installation what it will fetch, what is there already and what is pinned."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

from imjoy.envs.build import UNPACKED
from imjoy.envs.gpu import find_gpu, gpu_text
from imjoy.envs.lock import EnvLock, is_cached
from imjoy.envs.requirements import NAME
from imjoy.envs.resolve import Tools
from imjoy.envs.spec import EnvSpec
from imjoy.package_index import plain_name

PIN = re.compile(r"===?(?!.*\*)|(?<![<>!~=])=(?!=)|@\s*git\+")


def preview_of(spec: EnvSpec, lock: EnvLock, tools: Tools, ready: bool) -> dict[str, Any]:
    """What making the environment of a lock means. Looks into the stores, not into the network."""
    asked = _asked(spec)
    packages = [
        {
            "name": each.name,
            "version": each.version,
            "source": "pip",
            "size": each.size,
            "stored": ready or is_cached(each, tools.cache),
            **_wish(each.name, asked),
        }
        for each in lock.packages
    ]
    packages += [
        {
            "name": each.name,
            "version": each.version,
            "source": "conda",
            "size": each.size,
            "stored": ready or tools.conda.is_cached(each),
            **_wish(each.name, asked),
        }
        for each in lock.conda.packages
    ]
    download = sum(package["size"] for package in packages if not package["stored"])
    gpu = find_gpu()
    return {
        "key": lock.key,
        "ready": ready,
        "python": lock.python,
        "notes": [*spec.notes, *lock.notes],
        "packages": sorted(packages, key=lambda package: (not package["asked"], package["name"])),
        "download": download,
        "disk": int(download * UNPACKED),
        "free": _free(tools.folder),
        "gpu": gpu_text(gpu, [package["name"] for package in packages]),
    }


def _asked(spec: EnvSpec) -> dict[str, str]:
    found = {}
    for text in (*spec.packages, *spec.conda):
        match = re.match(NAME, text)
        if match:
            found[plain_name(match[0])] = text
    return found


def _wish(name: str, asked: dict[str, str]) -> dict[str, Any]:
    text = asked.get(plain_name(name))
    return {
        "asked": text,
        "pinned": text is not None and bool(PIN.search(text.partition(";")[0])),
    }


def _free(folder: Path) -> int:
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return 0
