"""What is told of a plugin to its pages, and what its page has told of it."""

from __future__ import annotations

from typing import Any

from imjoy.engine.process import OUT_OF_MEMORY, ProcessEnd
from imjoy.envs import Environment
from imjoy.errors import LoadFailed
from imjoy.plugins.parser import parse_plugin


def texts_of(value: Any) -> list[str]:
    return [text for text in value if isinstance(text, str)] if isinstance(value, list) else []


def environment_facts(environment: Environment) -> dict[str, Any]:
    return {
        "key": environment.key,
        "state": environment.state,
        "seconds": environment.seconds,
    }


def exit_facts(reason: str, end: ProcessEnd, expected: bool, tail: list[str]) -> dict[str, Any]:
    cause = "stopped" if expected else "memory" if reason == OUT_OF_MEMORY else end.cause
    return {"reason": reason, "cause": cause, "code": end.code, "signal": end.signal, "tail": tail}


def scripts_of(plugin: dict[str, Any]) -> list[dict[str, Any]]:
    """The scripts as the page has found them, or else those of the plugin's file."""
    scripts = plugin.get("scripts")
    if scripts is None:
        parsed = parse_plugin(str(plugin.get("code") or ""), plugin.get("tag"))
        scripts = [
            {"content": s.content, "lang": s.lang, "attrs": s.attrs, "line": s.line}
            for s in parsed.scripts
        ]
    if not scripts:
        raise LoadFailed("The plugin has no script to run.")
    return list(scripts)
