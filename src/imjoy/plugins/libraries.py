"""Lists the web addresses of the libraries that a browser plugin loads."""

from __future__ import annotations

import re
from collections.abc import Iterator

from imjoy.plugins.parser import PluginSource

_PREFIX = re.compile(r"(?:js|css|mjs|cache|package)\s*:\s*")
_FILE = re.compile(
    r"""(?:https?:)?//[\w.-]+/[^\s"'`<>()\\]+?\.(?:m?js|css|wasm|woff2?|ttf)\b(?:\?[^\s"'`<>()\\]*)?""",
    re.IGNORECASE,
)


def libraries_of(source: PluginSource) -> list[str]:
    """Addresses in requirements, `src` and `href`, and those of script and style files in the text."""
    if source.manifest.type == "native-python":
        return []
    return list(dict.fromkeys(address for address in _addresses(source) if _is_web(address)))


def _addresses(source: PluginSource) -> Iterator[str]:
    for requirement in source.manifest.requirements:
        yield _PREFIX.sub("", requirement.strip(), count=1)
    for script in source.scripts:
        yield str(script.attrs.get("src") or "")
        yield from _FILE.findall(_without_comments(script.content))
    for link in source.links:
        yield str(link.get("href") or "")
    for text in (*source.windows, *source.styles):
        yield from _FILE.findall(text)


def _without_comments(text: str) -> str:
    """The script without lines that are comments, in which addresses are examples."""
    kept = [line for line in text.split("\n") if not line.lstrip().startswith(("//", "#", "*"))]
    return re.sub(r"/\*.*?\*/", "", "\n".join(kept), flags=re.DOTALL)


def _is_web(address: str) -> bool:
    return address.startswith(("https://", "http://", "//"))
