"""Reads what a Python script says about itself: its `# /// script` block, imports and docstring."""

from __future__ import annotations

import ast
import re
import sys
from dataclasses import dataclass, field
from typing import Any

from imjoy.plugins.blocks import manifest_error

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_BLOCK = re.compile(r"^# /// script\s*$\n(?P<content>(?:^#(?:| .*)$\n)+?)^# ///\s*$", re.MULTILINE)
# Packages whose name differs from that of the module.
PACKAGES = {
    "PIL": "pillow", "cv2": "opencv-python-headless", "skimage": "scikit-image",
    "sklearn": "scikit-learn", "yaml": "pyyaml", "bs4": "beautifulsoup4", "dateutil": "python-dateutil",
    "fitz": "pymupdf", "git": "gitpython", "serial": "pyserial", "mpl_toolkits": "matplotlib",
    "SimpleITK": "simpleitk", "umap": "umap-learn", "nd2reader": "nd2reader", "czifile": "czifile",
    "OpenSSL": "pyopenssl", "Crypto": "pycryptodome", "igraph": "python-igraph",
}  # fmt: skip
_OURS = {"imjoy", "imjoy_rpc", "js", "pyodide", "__future__"}


@dataclass(frozen=True)
class ScriptMetadata:
    """`requirements` are pip requirements; `fields` come from `[tool.imjoy]`."""

    requirements: tuple[str, ...]
    python: str = ""
    about: str = ""
    fields: dict[str, Any] = field(default_factory=dict)


def read_metadata(text: str, tree: ast.Module) -> ScriptMetadata:
    """The metadata of a script; without a block the packages are those that it imports.

    Raises ManifestError for a block that is not valid TOML.
    """
    about = (ast.get_docstring(tree) or "").split("\n\n")[0]
    about = " ".join(about.split())
    found = _BLOCK.search(text)
    if not found:
        return ScriptMetadata(imported_packages(tree), about=about)
    lines = found["content"].splitlines()
    line = text.count("\n", 0, found.start()) + 2
    try:
        content = tomllib.loads("\n".join(one[2:] for one in lines))
    except tomllib.TOMLDecodeError as error:
        raise manifest_error(
            f"The `# /// script` block is not valid TOML: {error}.",
            'Write it like `# dependencies = ["numpy"]`.',
            line,
        ) from None
    tools = content.get("tool", {})
    fields = tools.get("imjoy", {}) if isinstance(tools, dict) else {}
    return ScriptMetadata(
        requirements=tuple(str(one) for one in content.get("dependencies", ())),
        python=str(content.get("requires-python", "")),
        about=about,
        fields=fields if isinstance(fields, dict) else {},
    )


def imported_packages(tree: ast.Module) -> tuple[str, ...]:
    """The packages behind the modules that are imported and are not part of Python."""
    names: dict[str, None] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                names[alias.name.split(".")[0]] = None
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names[node.module.split(".")[0]] = None
    outside = [name for name in names if name not in sys.stdlib_module_names | _OURS]
    return tuple(sorted(PACKAGES.get(name, name) for name in outside))
