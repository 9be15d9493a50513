"""Writes new plugins from templates: one for each type, and for plain functions."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

FOLDER = Path(__file__).parent / "templates"
TYPES = Path(__file__).parent / "types"
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


def write_types(folder: Path) -> list[Path]:
    """Writes the types of `api` below `typings`, where editors look for them; gives the files.

    A `jsconfig.json` that is there already is left alone.
    """
    typings = folder / "typings"
    written = []
    for source in sorted(TYPES.rglob("*.*")):
        path = typings / source.relative_to(TYPES)
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, path)
        written.append(path)
    config = folder / "jsconfig.json"
    if not config.exists():
        options = {
            "checkJs": True,
            "strict": False,
            "target": "es2022",
            "lib": ["es2022", "dom", "dom.iterable"],
        }
        include = ["*.js", "*.mjs", "typings/*.d.ts"]
        text = json.dumps({"compilerOptions": options, "include": include}, indent=2)
        config.write_text(text + "\n", "utf-8")
        written.append(config)
    return written
