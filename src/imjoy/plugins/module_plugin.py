"""Makes a plugin file out of a plain Python module: its functions become forms and operations."""

from __future__ import annotations

import json
import re
from pathlib import PurePath
from typing import Any

from imjoy.plugins.blocks import manifest_error, normalize_text
from imjoy.plugins.functions import Function, Parameter, parse_module, read_functions
from imjoy.plugins.module_glue import GLUE
from imjoy.plugins.script_metadata import ScriptMetadata, read_metadata

_FIELDS = {
    "name", "version", "description", "type", "icon", "labels", "network", "env", "flags", "runnable"
}  # fmt: skip


def plugin_from_module(text: str, file_name: str) -> str:
    """The text of a plugin file for the Python module in `text`.

    The module stands first and unchanged, so that every traceback has the lines of the module.
    Raises ManifestError.
    """
    code = normalize_text(text).rstrip("\n")
    if re.search(r"</script", code, re.IGNORECASE):
        line = code[: code.lower().index("</script")].count("\n") + 1
        raise manifest_error(
            "The text </script> cannot stand in a module that becomes a plugin.",
            'Write it in two pieces: "</" + "script>".',
            line,
        )
    name = PurePath(file_name).name
    functions = read_functions(code, name)
    metadata = read_metadata(code, parse_module(code, name))
    stem = re.sub(r"\.py$", "", name)
    config = _config(functions, metadata, stem)
    table = {one.name: _described(one) for one in functions}
    glue = GLUE.replace("@TABLE@", _python(table)).replace("@MAIN@", repr(functions[0].name))
    glue = glue.replace("@CONVERTERS@", _converters(functions))
    return "\n".join(
        [
            f'<script lang="python">{code}',
            "</script>",
            '<config lang="json">',
            json.dumps(config, indent=2, ensure_ascii=False).replace("</", "<\\/"),
            "</config>",
            f'<script lang="python" generated>{glue}</script>',
            f'<docs lang="markdown">\n{_docs(functions, metadata)}\n</docs>',
            "",
        ]
    )


def _config(functions: tuple[Function, ...], metadata: ScriptMetadata, stem: str) -> dict[str, Any]:
    main = functions[0]
    config: dict[str, Any] = {
        "name": _title(stem),
        "type": "native-python",
        "version": "0.1.0",
        "api_version": "0.1.8",
        "description": (metadata.about or main.about)[:250],
        "requirements": list(metadata.requirements),
        "ui": form_of(main),
    }
    version = re.search(r"\d+\.\d+", metadata.python)
    if version:
        config["env"] = f"conda create -n module python={version[0]}"
    config.update({key: one for key, one in metadata.fields.items() if key in _FIELDS})
    return config


def form_of(function: Function) -> list[dict[str, dict[str, Any]]]:
    """The form of a function, as the field `ui` of a plugin: one entry for each plain parameter."""
    fields = (_field(one) for one in function.parameters)
    return [entry for entry in fields if entry]


def _field(parameter: Parameter) -> dict[str, dict[str, Any]] | None:
    if parameter.kind in ("", "image", "labels", "axes"):
        return None
    widget: dict[str, Any] = {"id": parameter.name, "type": parameter.kind}
    if parameter.kind == "integer":
        widget |= {"type": "number", "step": 1}
    if parameter.kind == "choose":
        none = [{"label": "none", "value": None}] if _may_be_empty(parameter) else []
        widget["options"] = none + list(parameter.options)
    widget |= {
        key: parameter.limits[key]
        for key in ("min", "max", "step", "unit")
        if key in parameter.limits
    }
    if parameter.about:
        widget["about"] = parameter.about
    if widget["type"] == "number" and _may_be_empty(parameter):
        widget["optional"] = True
    widget["placeholder"] = _first_value(parameter)
    label = str(parameter.limits.get("label") or _title(parameter.name))
    return {re.sub(r"[:{}<>]", " ", label): widget}


def _may_be_empty(parameter: Parameter) -> bool:
    """Whether a field with nothing in it stands for None, or for the default."""
    return parameter.may_be_none or (parameter.has_default and parameter.default is None)


def _first_value(parameter: Parameter) -> Any:
    """What the field holds at first."""
    value = parameter.default
    if value is None and parameter.kind in ("number", "integer") and not _may_be_empty(parameter):
        return parameter.limits.get("min", 0)
    if value is None:
        return None if parameter.kind in ("number", "integer", "choose") else ""
    if parameter.kind == "json":
        return json.dumps(sorted(value) if isinstance(value, set) else value)
    return repr(value) if isinstance(value, (list, tuple, dict, set)) else value


def _described(function: Function) -> dict[str, Any]:
    return {
        "inputs": [
            [one.name, one.kind, one.may_be_none] for one in function.parameters if one.kind
        ],
        "required": [one.name for one in function.parameters if not one.has_default],
        "gives": function.gives,
        "title": _title(function.name),
        "ui": form_of(function),
    }


def _converters(functions: tuple[Function, ...]) -> str:
    entries = [
        f"({one.name!r}, {parameter.name!r}): {parameter.convert}"
        for one in functions
        for parameter in one.parameters
        if parameter.convert
    ]
    return "{" + ", ".join(entries) + "}"


def _python(table: dict[str, Any]) -> str:
    """The table as Python, in one line of JSON that Python reads."""
    return f"__import__('json').loads({json.dumps(table)!r})"


def _title(name: str) -> str:
    words = re.sub(r"[_-]+", " ", name).strip()
    return words[:1].upper() + words[1:]


def _docs(functions: tuple[Function, ...], metadata: ScriptMetadata) -> str:
    parts = [metadata.about]
    for one in functions:
        parts.append(f"## {_title(one.name)}\n\n{one.about}")
        rows = [f"- **{_title(p.name)}**: {p.about}" for p in one.parameters if p.about]
        parts.append("\n".join(rows))
    return "\n\n".join(part for part in parts if part).replace("</docs", "&lt;/docs")
