"""Build hook: puts the built web app into the wheel and the source archive."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, str(Path(__file__).resolve().parent / "scripts"))

import build_web
import node_tools


class WebAppHook(BuildHookInterface):  # type: ignore[type-arg]
    """Builds the app when it is missing or older than its sources; brings Node along if needed."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Node as a package, only for a build that has to be done on a machine without one."""
        root = Path(self.root)
        if build_web.is_current(root) or node_tools.find_node():
            return []
        return [node_tools.locked_requirement(root / "requirements" / "node.lock")]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build, except for an installation in place, which `make` builds the app for."""
        if version == "editable":
            return
        try:
            build_web.ensure(Path(self.root))
        except build_web.WebBuildError as problem:
            raise SystemExit(f"\n{problem}") from None
