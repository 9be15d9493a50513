"""What a plugin is: reading `.imjoy.html` files, without running anything of them."""

from __future__ import annotations

from imjoy.plugins.manifest import PluginManifest
from imjoy.plugins.parser import PluginSource, Script, parse_plugin

__all__ = ["PluginManifest", "PluginSource", "Script", "parse_plugin"]
