"""Says which package index the files of a lock are from: uv keeps its stored files by index."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from imjoy.package_index import FILES_OF_PYPI, PYPI, configured_index

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PACKAGE = re.compile(r'^\[\[packages\]\]\nname = "([^"]+)"\n', re.MULTILINE)


def with_indexes(text: str, env: Mapping[str, str]) -> str:
    """A pylock.toml as uv wrote it, with the index of each package; `env` is that of uv.

    Without it uv fetches a file again for each lock, and with it asks no index for what is stored.
    """
    indexes = {
        str(entry["name"]): index
        for entry in tomllib.loads(text).get("packages", [])
        if (index := _index_of(entry, env))
    }

    def named(match: re.Match[str]) -> str:
        index = indexes.get(match[1])
        return f"{match[0]}index = {json.dumps(index)}\n" if index else match[0]

    return PACKAGE.sub(named, text)


def _index_of(entry: dict[str, Any], env: Mapping[str, str]) -> str | None:
    files = [*entry.get("wheels", []), *([entry["sdist"]] if "sdist" in entry else [])]
    place = urlsplit(str(files[0].get("url", "")) if files else "")
    host = place.hostname
    if not host:
        return None
    chosen = urlsplit(configured_index(env))
    if host == chosen.hostname or (host == FILES_OF_PYPI and chosen.geturl() == PYPI):
        return f"{chosen.scheme}://{_without_password(chosen.netloc)}{chosen.path}"
    return f"{place.scheme}://{_without_password(place.netloc)}/simple"


def _without_password(netloc: str) -> str:
    return netloc.rpartition("@")[2]
