"""The plugins that lie beside one that is judged: those that it needs, and those that give it data."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from imjoy.errors import ManifestError
from imjoy.plugins import PluginManifest, parse_plugin
from imjoy.plugins.check_dependencies import plugin_name

__all__ = ["Beside"]

# Ways to come by the data of a plugin that are tried before it is said that it does not run.
CHAINS = 3


class Beside:
    """Plugin files by what others need of them."""

    def __init__(self, files: Sequence[Path]) -> None:
        self.texts = {file: file.read_bytes().decode("utf-8", "replace") for file in files}
        self._manifests: dict[Path, PluginManifest] = {}
        self._needs: dict[Path, list[str]] = {}
        self._by_name: dict[str, list[Path]] = {}
        for file, text in self.texts.items():
            try:
                manifest = parse_plugin(text).manifest
            except ManifestError:
                continue
            self._manifests[file] = manifest
            self._needs[file] = [plugin_name(address) for address in manifest.dependencies]
            self._by_name.setdefault(manifest.name.lower(), []).append(file)
        self._named = {file: needs + self._named_in(file) for file, needs in self._needs.items()}

    def needed_by(self, file: Path) -> list[Path]:
        """Files of what a plugin depends on, and of what these need; those needed come first."""
        found: list[Path] = []
        open_files = [file]
        while open_files:
            for name in self._named.get(open_files.pop(), []):
                there = self._nearest(name, file)
                if there is not None and there != file and there not in found:
                    found.insert(0, there)
                    open_files.append(there)
        return found

    def givers_for(self, file: Path) -> list[list[Path]]:
        """Plugins that give what the plugin takes when they are run one after the other."""
        return self._chains(file, (file,))[:CHAINS]

    def _chains(self, file: Path, known: tuple[Path, ...]) -> list[list[Path]]:
        manifest = self._manifests.get(file)
        if manifest is None:
            return []
        wanted = kinds_of(manifest.inputs)
        if manifest.inputs:
            givers = [
                one for one, other in self._manifests.items() if wanted & kinds_of(other.outputs)
            ]
        else:
            # Without a word about its data it may be that of the plugins it depends on.
            needed = [self._nearest(name, file) for name in self._needs.get(file, [])]
            givers = [one for one in needed if one is not None and self._runs_alone(one)]
        found = []
        for giver in givers:
            if giver not in known:
                before = self._chains(giver, (*known, giver)) if self._takes_kinds(giver) else [[]]
                found += [[*chain, giver] for chain in before]
        return sorted(found, key=len)

    def _takes_kinds(self, file: Path) -> bool:
        return bool(kinds_of(self._manifests[file].inputs))

    def _runs_alone(self, file: Path) -> bool:
        manifest = self._manifests[file]
        return "window" not in manifest.type and not manifest.inputs

    def _named_in(self, file: Path) -> list[str]:
        """Names of plugins that stand in quotes in the code, as in `api.getPlugin("Name")`."""
        # In a lookahead, so that what stands between the ends of two texts takes none of them away.
        quoted = set(re.findall(r"""(?=["'`]([^"'`\n]{2,100})["'`])""", self.texts[file].lower()))
        return sorted(quoted & self._by_name.keys())

    def _nearest(self, name: str, file: Path) -> Path | None:
        known = self._by_name.get(name.lower(), [])
        near = [one for one in known if one.parent == file.parent]
        return next(iter([*near, *known]), None)


def kinds_of(schema: Any) -> set[str]:
    """The values of `type` that a schema of inputs or outputs allows, such as "image/grayscale"."""
    properties = schema.get("properties", schema) if isinstance(schema, dict) else {}
    kind = properties.get("type") if isinstance(properties, dict) else None
    if not isinstance(kind, dict):
        return set()
    named = kind.get("enum", [kind["const"]] if "const" in kind else [])
    return (
        {value for value in named if isinstance(value, str)} if isinstance(named, list) else set()
    )
