"""Turns the parsed config block of a plugin into a complete, checked manifest."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NoReturn

from imjoy.plugins.blocks import manifest_error
from imjoy.plugins.manifest_words import FIELDS_BY_TAG, NAME_LIMIT, OLD_TYPES, PLUGIN_TYPES

__all__ = ["PluginManifest", "read_manifest"]


@dataclass(frozen=True)
class PluginManifest:
    """The checked fields of a config block; `fields` holds all of them as written."""

    name: str
    type: str
    version: str = ""
    api_version: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    permissions: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()
    dependencies: tuple[str, ...] = ()
    env: Any = None
    ui: Any = None
    inputs: Any = None
    outputs: Any = None
    icon: str | None = None
    cover: str | tuple[str, ...] | None = None
    defaults: dict[str, Any] = field(default_factory=dict)
    runnable: bool = True
    fields: dict[str, Any] = field(default_factory=dict)


def read_manifest(
    config: Any, tag: str | None, line_of: Callable[[str], int]
) -> tuple[PluginManifest, str | None]:
    """Check and complete a config block for one tag (the first one when None).

    `line_of` says on which line of the file a field stands. Raises ManifestError.
    """
    if not isinstance(config, dict):
        raise manifest_error(
            "The <config> block must hold an object.",
            'Begin it with { and give at least "name" and "type".',
            line_of(""),
        )
    return _Reader(line_of).read(config, tag)


class _Reader:
    def __init__(self, line_of: Callable[[str], int]) -> None:
        self.line_of = line_of

    def fail(self, name: str, cause: str, remedy: str) -> NoReturn:
        raise manifest_error(cause, remedy, self.line_of(name))

    def read(self, config: dict[str, Any], tag: str | None) -> tuple[PluginManifest, str | None]:
        tags = self.texts(config, "tags")
        chosen = self.choose_tag(tags, tag)
        fields = self.select(config, chosen)
        icon, defaults = fields.get("icon"), fields.get("defaults")
        manifest = PluginManifest(
            name=self.name(fields),
            type=self.type(fields),
            version=self.text(fields, "version"),
            api_version=self.text(fields, "api_version"),
            description=self.text(fields, "description"),
            tags=tags,
            flags=self.texts(fields, "flags"),
            permissions=self.texts(fields, "permissions"),
            requirements=self.texts(fields, "requirements"),
            dependencies=self.texts(fields, "dependencies"),
            env=fields.get("env"),
            ui=fields.get("ui"),
            inputs=fields.get("inputs"),
            outputs=fields.get("outputs"),
            icon=icon if isinstance(icon, str) else None,
            cover=_cover(fields.get("cover")),
            defaults=defaults if isinstance(defaults, dict) else {},
            runnable=fields.get("runnable") is not False,
            fields=fields,
        )
        return manifest, chosen

    def name(self, fields: dict[str, Any]) -> str:
        value = fields.get("name")
        name = value.strip() if isinstance(value, str) else ""
        if not name:
            self.fail("name", "The plugin has no name.", 'Add "name" to the <config> block.')
        if len(name) > NAME_LIMIT or re.search(r"[/\x00-\x1f]", name):
            self.fail(
                "name",
                "The plugin's name cannot be used.",
                f'Use at most {NAME_LIMIT} characters, without "/" and line breaks.',
            )
        return name

    def type(self, fields: dict[str, Any]) -> str:
        value = fields.get("type")
        value = fields.get("mode") if value is None else value
        given = value if isinstance(value, str) else ""
        kind = OLD_TYPES.get(given, given)
        if kind not in PLUGIN_TYPES:
            cause = f'There is no plugin type "{given}".' if given else "The plugin has no type."
            self.fail("type", cause, f'Set "type" to one of: {", ".join(PLUGIN_TYPES)}.')
        return kind

    def text(self, fields: dict[str, Any], name: str) -> str:
        value = fields.get(name)
        if value is None:
            return ""
        if isinstance(value, (str, int, float)) and not isinstance(value, bool):
            return str(value)
        self.fail(name, f'"{name}" must be text.', "Put its value in quotes.")

    def texts(self, fields: dict[str, Any], name: str) -> tuple[str, ...]:
        value = fields.get(name)
        if value is None or value == "":
            return ()
        if isinstance(value, str):
            return (value,)
        if isinstance(value, list) and all(isinstance(entry, str) for entry in value):
            return tuple(value)
        self.fail(name, f'"{name}" must be a list of texts.', 'Write it like ["one", "two"].')

    def choose_tag(self, tags: tuple[str, ...], asked: str | None) -> str | None:
        if not asked:
            return tags[0] if tags else None
        if asked in tags:
            return asked
        offered = f"It has: {', '.join(tags)}." if tags else "It has no tags."
        self.fail("tags", f'The plugin has no tag "{asked}".', offered)

    def select(self, config: dict[str, Any], tag: str | None) -> dict[str, Any]:
        selected = dict(config)
        for name in FIELDS_BY_TAG:
            value = config.get(name)
            if not isinstance(value, dict) or (name == "ui" and "properties" in value):
                continue  # a form may be written as a JSON Schema
            if tag is None:
                self.fail(
                    name,
                    f'"{name}" is an object, which is only possible for a plugin with tags.',
                    'Add "tags", or write its value directly.',
                )
            selected[name] = value.get(tag)
        return selected


def _cover(value: Any) -> str | tuple[str, ...] | None:
    if isinstance(value, list):
        return tuple(entry for entry in value if isinstance(entry, str))
    return value if isinstance(value, str) else None
