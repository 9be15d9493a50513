"""Writes new plugins from templates: one for each type, and for plain functions."""

from __future__ import annotations

import re
from pathlib import Path

FOLDER = Path(__file__).parent / "templates"
FUNCTIONS = {"python-function": ".py", "javascript-module": ".mjs"}


def template_names() -> list[str]:
    """What `imjoy plugin new --type` takes."""
    return sorted(path.name.split(".")[0] for path in FOLDER.iterdir() if path.is_file())


def new_plugin(name: str, kind: str) -> tuple[str, str]:
    """The file name and the text of a new plugin. Raises ValueError for a name that cannot be."""
    plain = " ".join(name.split())
    if not plain or len(plain) > 48 or re.search(r"[/\\\"'<>:@\x00-\x1f]", plain):
        raise ValueError(
            f"A plugin cannot be called {name!r}: use at most 48 letters, digits, spaces and dashes."
        )
    path = next(path for path in FOLDER.iterdir() if path.name.split(".")[0] == kind)
    text = path.read_text("utf-8").replace("@NAME@", plain)
    stem = re.sub(r"[^\w.-]+", "-", plain).strip("-.")
    if kind in FUNCTIONS:
        return re.sub(r"\W+", "_", stem).lower() + FUNCTIONS[kind], text
    return f"{stem.lower()}.imjoy.html", text
