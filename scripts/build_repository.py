"""Writes plugins/manifest.imjoy.json, the list of the built-in plugins, from the plugin files."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from imjoy.errors import ImJoyError
from imjoy.plugins.parser import PluginSource, parse_plugin

ROOT = Path(__file__).resolve().parents[1]
PLUGINS = ROOT / "plugins"
LIST = PLUGINS / "manifest.imjoy.json"


def build() -> str:
    """The text of the list; raises ImJoyError for a plugin file that is not valid."""
    files = sorted(PLUGINS.glob("*.imjoy.html"))
    entries = [_entry(path.name, parse_plugin(path.read_text("utf-8"))) for path in files]
    names = [entry["name"] for entry in entries]
    if len(set(names)) != len(names):
        raise ImJoyError("Two built-in plugins have the same name.")
    content = {
        "name": "ImJoy",
        "description": "The plugins that come with ImJoy.",
        "version": "1.0.0",
        "uri_root": "",
        "plugins": sorted(entries, key=lambda entry: entry["name"]),
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _entry(file: str, source: PluginSource) -> dict[str, Any]:
    manifest = source.manifest
    return {
        "name": manifest.name,
        "type": manifest.type,
        "version": manifest.version,
        "api_version": manifest.api_version,
        "description": manifest.description,
        "icon": manifest.icon,
        "labels": manifest.fields.get("labels", []),
        "requirements": list(manifest.requirements),
        "uri": file,
    }


def main(arguments: list[str]) -> int:
    """`build_repository.py [--check]`."""
    text = build()
    current = LIST.read_text("utf-8") if LIST.is_file() else ""
    if text == current:
        return 0
    if "--check" in arguments:
        print(f"{LIST.relative_to(ROOT)} is out of date: run scripts/build_repository.py.")
        return 1
    LIST.write_text(text, "utf-8")
    print(f"{LIST.relative_to(ROOT)} is written.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
