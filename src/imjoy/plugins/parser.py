"""Reads a `.imjoy.html` file: blocks, manifest and code, with every error at its line."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from imjoy.plugins import lenient, yaml_text
from imjoy.plugins.blocks import (
    Attributes,
    Block,
    deindent,
    indent_of,
    manifest_error,
    normalize_text,
    split_blocks,
)
from imjoy.plugins.manifest import PluginManifest, read_manifest

_PYTHON_TYPES = ("native-python", "web-python", "web-python-window")
# What the names of plugin files end in.
SUFFIX = ".imjoy.html"
_NEEDS_SCRIPT = ("web-worker", "iframe", "window", *_PYTHON_TYPES)


@dataclass(frozen=True)
class Script:
    """One script block; `content` begins on that line and column, `indent` was taken off its lines."""

    content: str
    lang: str
    line: int
    attrs: Attributes
    column: int = 1
    indent: int = 0

    def place(self, line: int, column: int | None) -> tuple[int, int | None]:
        """Line and column of the file for those of the script."""
        if column is not None:
            column += self.indent + (self.column - 1 if line == 1 else 0)
        return self.line + line - 1, column


@dataclass(frozen=True)
class PluginSource:
    """A parsed plugin file."""

    manifest: PluginManifest
    tag: str | None
    code: str
    scripts: tuple[Script, ...]
    windows: tuple[str, ...]
    styles: tuple[str, ...]
    links: tuple[Attributes, ...]
    docs: str
    attachments: dict[str, str]
    config: Block

    def line_of(self, field: str) -> int:
        """The line of the file on which a field of the config block stands, or the block itself."""
        return line_of_key(self.config, field) if field else self.config.tag_line


def parse_plugin(text: str, tag: str | None = None) -> PluginSource:
    """Parse the text of a plugin file for one tag (the first one when None).

    Config blocks are read as JSON, as JSON with the usual slips, or as YAML.
    Raises ManifestError with `data` {line, column, cause, remedy}.
    """
    code = normalize_text(text)
    if "\0" in code:
        raise manifest_error(
            "This is not a text file.", "Choose a plugin file; its name ends in .imjoy.html."
        )
    blocks = split_blocks(code)
    config = _find_config(blocks)

    def line_of(name: str) -> int:
        return line_of_key(config, name) if name else config.tag_line

    manifest, chosen = read_manifest(_parse_config(config), tag, line_of)
    return PluginSource(
        manifest=manifest,
        tag=chosen,
        code=code,
        scripts=_read_scripts(blocks, chosen, manifest),
        windows=tuple(deindent(block.content).strip() for block in _of(blocks, "window")),
        styles=tuple(block.content for block in _of(blocks, "style")),
        links=tuple(block.attrs for block in _of(blocks, "link")),
        docs=_read_docs(blocks, manifest),
        attachments={
            str(block.attrs["name"]): block.content
            for block in _of(blocks, "attachment")
            if isinstance(block.attrs.get("name"), str)
        },
        config=config,
    )


def line_of_key(config: Block, name: str) -> int:
    """The line of the file on which a key of the config block stands."""
    found = re.search(rf"(?:^|(?<=[\s{{,]))[\"']?{re.escape(name)}[\"']?\s*:", config.content)
    return config.line + (config.content.count("\n", 0, found.start()) if found else 0)


def _of(blocks: list[Block], kind: str) -> list[Block]:
    return [block for block in blocks if block.type == kind]


def _find_config(blocks: list[Block]) -> Block:
    found = _of(blocks, "config")
    if not found:
        raise manifest_error(
            "There is no <config> block.",
            "A plugin file begins with a <config> block that gives its name and type.",
            1,
        )
    return found[0]


def _parse_config(config: Block) -> Any:
    if str(config.attrs.get("lang", "json")).lower() in ("yaml", "yml"):
        return yaml_text.loads(config.content, config.line, config.column)
    try:
        return lenient.loads(config.content)
    except lenient.LenientError as error:
        raise manifest_error(
            f"The <config> block is not valid JSON ({error}).",
            "Look for a missing comma, quote or bracket there.",
            config.line + error.line - 1,
            error.column + (config.column - 1 if error.line == 1 else 0),
        ) from None


def _read_scripts(
    blocks: list[Block], tag: str | None, manifest: PluginManifest
) -> tuple[Script, ...]:
    wanted = [block for block in _of(blocks, "script") if block.attrs.get("tag", tag) == tag]
    if not wanted and manifest.type in _NEEDS_SCRIPT and not manifest.fields.get("base_frame"):
        for_tag = f' for the tag "{tag}"' if tag else ""
        raise manifest_error(
            f"A plugin of type {manifest.type} needs a <script> block, and there is none{for_tag}.",
            'Add <script lang="javascript"> or <script lang="python"> with the code.',
            1,
        )
    usual = "python" if manifest.type in _PYTHON_TYPES else "javascript"
    return tuple(
        Script(
            deindent(block.content),
            _lang(block, usual),
            block.line,
            block.attrs,
            block.column,
            indent_of(block.content),
        )
        for block in wanted
    )


def _lang(block: Block, usual: str) -> str:
    lang = block.attrs.get("lang")
    if isinstance(lang, str):
        return lang.lower()
    # Only scripts for the page have these attributes.
    return "javascript" if "src" in block.attrs or "type" in block.attrs else usual


def _read_docs(blocks: list[Block], manifest: PluginManifest) -> str:
    found = _of(blocks, "docs")
    if found:
        return deindent(found[0].content).strip()
    docs = manifest.fields.get("docs")
    return docs if isinstance(docs, str) else ""
