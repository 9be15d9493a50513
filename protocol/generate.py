"""Writes the frame types, manifest words and capabilities of both languages; `--check` fails when they differ."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PYTHON = ROOT / "src/imjoy/protocol/messages.py"
TYPESCRIPT = ROOT / "web/packages/rpc/src/protocol/messages.ts"
PYTHON_CAPABILITIES = ROOT / "src/imjoy/plugins/capabilities.py"
TYPESCRIPT_CAPABILITIES = ROOT / "web/app/src/model/capabilities.ts"
PYTHON_WORDS = ROOT / "src/imjoy/plugins/manifest_words.py"
TYPESCRIPT_WORDS = ROOT / "web/app/src/model/manifest-words.ts"
NOTE = "Generated from protocol/model.json by protocol/generate.py; do not edit."
TS_TYPES = {"counts": "Readonly<Record<string, number>>", "boolean": "boolean"}
PY_TYPES = {"counts": "Dict[str, int]", "boolean": "bool"}
DEFAULTS = {"boolean": " = False", "string": ' = ""'}


def main(arguments: list[str]) -> int:
    model = json.loads((ROOT / "protocol/model.json").read_text(encoding="utf-8"))
    schema = json.loads((ROOT / "protocol/manifest.schema.json").read_text(encoding="utf-8"))
    table = json.dumps(schema["capabilities"], indent=2)
    texts = {
        PYTHON: python(model),
        TYPESCRIPT: typescript(model),
        PYTHON_CAPABILITIES: PYTHON_TABLE.format(note=TABLE_NOTE, table=python_literal(table)),
        TYPESCRIPT_CAPABILITIES: TYPESCRIPT_TABLE.format(note=TABLE_NOTE, table=table),
        PYTHON_WORDS: python_words(schema["words"]),
        TYPESCRIPT_WORDS: typescript_words(schema["words"]),
    }
    if "--check" not in arguments:
        for path, text in texts.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return 0
    stale = [path for path, text in texts.items() if not same(path, text)]
    for path in stale:
        name = path.relative_to(ROOT)
        sys.stderr.write(f"{name} differs from its source; run protocol/generate.py\n")
    return 1 if stale else 0


TABLE_NOTE = "Generated from protocol/manifest.schema.json by protocol/generate.py; do not edit."
PYTHON_TABLE = '''"""What plugins may be allowed to do; the choices of each go from the most to the least.

{note}
"""

from __future__ import annotations

from typing import Any

CAPABILITIES: dict[str, dict[str, Any]] = {table}
'''
TYPESCRIPT_TABLE = """/**
 * What plugins may be allowed to do; the choices of each go from the most to the least.
 * {note}
 */
export const CAPABILITIES = {table} as const;
"""


def python_words(words: dict[str, Any]) -> str:
    parts = [
        f'"""The words of a manifest that the engine and the page know.\n\n{TABLE_NOTE}\n"""\n'
    ]
    parts.append("from __future__ import annotations\n")
    for name, value in words.items():
        literal = f"{value}"
        if isinstance(value, list):
            literal = "(\n" + "".join(f"    {quoted(word)},\n" for word in value) + ")"
        elif isinstance(value, dict):
            literal = python_table(value)
        parts.append(f"{WORD_NAMES[name]} = {literal}")
    return "\n".join(parts) + "\n"


def typescript_words(words: dict[str, Any]) -> str:
    parts = [
        f"/**\n * The words of a manifest that the engine and the page know.\n * {TABLE_NOTE}\n */"
    ]
    for name, value in words.items():
        fixed = "" if isinstance(value, int) else " as const"
        parts.append(f"export const {WORD_NAMES[name]} = {json.dumps(value, indent=2)}{fixed};")
    return "\n".join(parts) + "\n"


WORD_NAMES = {
    "types": "PLUGIN_TYPES",
    "old_types": "OLD_TYPES",
    "name_limit": "NAME_LIMIT",
    "fields_by_tag": "FIELDS_BY_TAG",
    "form_fields": "FORM_FIELDS",
    "renamed_repositories": "RENAMED_REPOSITORIES",
}


def python_literal(text: str) -> str:
    """JSON of objects, lists and texts as ruff would write it in Python."""
    text = re.sub(r"^( +)", lambda found: found[1] * 2, text, flags=re.MULTILINE)
    return re.sub(r"([^{\[,])\n", r"\1,\n", text).replace("[]", "[]")


def same(path: Path, text: str) -> bool:
    return path.exists() and path.read_text(encoding="utf-8") == text


def split(kind: str) -> tuple[str, bool]:
    """("boolean", True) of "boolean?": the type, and whether the field may be absent."""
    return kind.rstrip("?"), kind.endswith("?")


def python(model: dict[str, Any]) -> str:
    parts = [f'"""The frames, limits and error codes of the protocol.\n\n{NOTE}\n"""\n']
    parts.append("from __future__ import annotations\n")
    parts.append("import re\nfrom typing import Any, Callable, Dict, Set\n")
    parts.append("from imjoy.errors import ProtocolError\n")
    parts.append(f"PROTOCOL = {model['protocol']}\n")
    parts.append(f"LIMITS = {python_table(model['limits'])}\n")
    parts.append(f"SESSION = {python_table(model['session'])}\n")
    parts.append(f"ERRORS = {python_table(model['errors'])}\n")
    fields = {name: frame["fields"] for name, frame in model["frames"].items()}
    parts.append("# A type that ends in `?` is that of a field which may be absent.")
    parts.append("FIELDS: Dict[str, Dict[str, str]] = {")
    for name, kinds in fields.items():
        parts.append(f'    "{name}": {python_table(kinds, 4)},')
    parts.append("}\n")
    parts.append(python_checks(fields))
    parts.extend(python_builder(name, frame) for name, frame in model["frames"].items())
    return "\n".join(parts).rstrip("\n") + "\n"


def python_table(table: dict[str, Any], indent: int = 0) -> str:
    pad = " " * indent
    lines = [f"{pad}    {quoted(key)}: {quoted(value)},\n" for key, value in table.items()]
    return "{\n" + "".join(lines) + pad + "}"


def quoted(value: Any) -> str:
    return json.dumps(value) if isinstance(value, str) else f"{value:_}"


def python_builder(name: str, frame: dict[str, Any]) -> str:
    fields = [(field, *split(kind)) for field, kind in frame["fields"].items()]
    names = {field: f"{field}_" if field in ("from", "id") else field for field, _, _ in fields}
    arguments = [
        f"{names[field]}: {PY_TYPES.get(kind, 'str')}" + (DEFAULTS[kind] if optional else "")
        for field, kind, optional in fields
    ]
    given = [f'"{field}": {names[field]}' for field, _, optional in fields if not optional]
    required = ["type", *(field for field, _, optional in fields if not optional)]
    first = f"def {name}({', '.join(arguments)}) -> Dict[str, Any]:"
    if len(first) > 100:
        first = f"def {name}(\n    {', '.join(arguments)}\n) -> Dict[str, Any]:"
    lines = ["\n\n" + first]
    lines.append(f'    """{frame["doc"]}"""')
    head = [f'"type": "{name}"', *given]
    assert len(head) == len(required)
    optional_fields = [field for field, _, optional in fields if optional]
    literal = "{" + ", ".join(head) + "}"
    if not optional_fields:
        return "\n".join([*lines, *wrapped("return ", literal, head)])
    lines.extend(wrapped("header: Dict[str, Any] = ", literal, head))
    for field in optional_fields:
        lines.append(f'    if {names[field]}:\n        header["{field}"] = {names[field]}')
    return "\n".join([*lines, "    return header"])


def wrapped(start: str, literal: str, items: list[str]) -> list[str]:
    if len(start) + len(literal) + 4 <= 100:
        return [f"    {start}{literal}"]
    return [f"    {start}{{", *(f"        {item}," for item in items), "    }"]


PYTHON_CHECKS = '''_is_id = re.compile(r"[0-9a-z]{32}").fullmatch
_is_address = re.compile(r"[0-9a-z]{32}(?:/[0-9a-z]{32})*").fullmatch
# The same few addresses come with every frame: those that were good once are not read again.
_good: Set[str] = set()
MOST_GOOD, LONGEST_GOOD = 1024, 98


def is_address(value: Any) -> bool:
    if type(value) is not str:
        return False
    if value in _good:
        return True
    if _is_address(value) is None:
        return False
    if len(value) <= LONGEST_GOOD:
        if len(_good) >= MOST_GOOD:
            _good.clear()
        _good.add(value)
    return True


def _is_counts(value: Any) -> bool:
    return type(value) is dict and all(
        type(key) is str and type(count) is int and count > 0 for key, count in value.items()
    )


_CHECKS = {
    "id": lambda value: type(value) is str and _is_id(value) is not None,
    "address": is_address,
    "string": lambda value: type(value) is str,
    "boolean": lambda value: type(value) is bool,
    "counts": _is_counts,
}
# Each frame in one expression, true only when there is nothing wrong with it.
_GOOD: Dict[str, Callable[[Dict[str, Any]], Any]] = {
%s}


def check_header(header: Any) -> Dict[str, Any]:
    """The header itself when it is one of the frames above; raises ProtocolError otherwise."""
    try:
        if type(header) is dict and _GOOD[header["type"]](header):
            checked: Dict[str, Any] = header
            return checked
    except (KeyError, TypeError):
        pass
    raise ProtocolError(f"A message is not well formed: its header {_problem(header)}.")


def _problem(header: Any) -> str:
    kind = header.get("type") if type(header) is dict else None
    if type(kind) is not str or kind not in FIELDS:
        return "has no known type"
    for name, rule in FIELDS[kind].items():
        if name not in header:
            if rule.endswith("?"):
                continue
            return f'lacks "{name}"'
        if not _CHECKS[rule.rstrip("?")](header[name]):
            return f'has a wrong "{name}"'
    return "is not well formed"'''
# How the type of a field is checked in the expression for its frame.
PYTHON_TESTS = {
    "id": "_is_id({})",
    "address": "is_address({})",
    "string": "type({}) is str",
    "boolean": "type({}) is bool",
    "counts": "_is_counts({})",
}


def python_checks(fields: dict[str, dict[str, str]]) -> str:
    lines = ""
    for frame, kinds in fields.items():
        tests = []
        for name, kind in kinds.items():
            kind, optional = split(kind)
            test = PYTHON_TESTS[kind].format(f'header["{name}"]')
            tests.append(f'("{name}" not in header or {test})' if optional else test)
        fits = len(" and ".join(tests)) <= 92
        text = (" and " if fits else "\n        and ").join(tests)
        lines += f'    "{frame}": lambda header: (\n        {text}\n    ),\n'
    return PYTHON_CHECKS % lines


def typescript(model: dict[str, Any]) -> str:
    parts = [f"/**\n * The frames, limits and error codes of the protocol.\n * {NOTE}\n */"]
    parts.append('import { RpcError } from "../errors";\n')
    names = []
    for name, frame in model["frames"].items():
        names.append(f"{name.capitalize()}Header")
        parts.append(f"/** {frame['doc']} */\nexport type {names[-1]} = {{")
        parts.append(f'  readonly type: "{name}";')
        for field, kind in frame["fields"].items():
            parts.append(typescript_field(field, *split(kind)))
        parts.append("};\n")
    parts.append("export type Header =\n  | " + "\n  | ".join(names) + ";\n")
    parts.append(f"export const PROTOCOL = {model['protocol']};\n")
    parts.append(typescript_table("LIMITS", model["limits"]))
    parts.append("/** Times, in seconds, and sizes of a session. */")
    parts.append(typescript_table("SESSION", model["session"]))
    parts.append("/** What each error code means. */")
    parts.append(typescript_table("ERRORS", model["errors"]))
    parts.append('export type FieldType = "id" | "address" | "string" | "boolean" | "counts";\n')
    parts.append(
        "export interface Field {\n  readonly type: FieldType;\n  readonly optional: boolean;\n}\n"
    )
    parts.append("/** The fields of each frame besides `type`. */")
    parts.append(
        "export const FIELDS: Readonly<Record<string, Readonly<Record<string, Field>>>> = {"
    )
    for name, frame in model["frames"].items():
        parts.append(f"  {name}: {{")
        for field, kind in frame["fields"].items():
            kind, optional = split(kind)
            parts.append(f'    {field}: {{ type: "{kind}", optional: {str(optional).lower()} }},')
        parts.append("  },")
    parts.append("};\n")
    return "\n".join(parts) + TYPESCRIPT_CHECKS


def typescript_field(field: str, kind: str, optional: bool) -> str:
    # `from` is written by routers, which put the true sender on a frame.
    access = "" if field == "from" else "readonly "
    mark, none = ("?", " | undefined") if optional else ("", "")
    return f"  {access}{field}{mark}: {TS_TYPES.get(kind, 'string')}{none};"


def typescript_table(name: str, table: dict[str, Any]) -> str:
    key = json.dumps if any("." in key for key in table) else str
    lines = [f"  {key(item)}: {quoted(value)}," for item, value in table.items()]
    return f"export const {name} = {{\n" + "\n".join(lines) + "\n} as const;\n"


TYPESCRIPT_CHECKS = r"""
const ID = /^[0-9a-z]{32}$/;
const ADDRESS = /^[0-9a-z]{32}(\/[0-9a-z]{32})*$/;

const CHECKS: Readonly<Record<FieldType, (value: unknown) => boolean>> = {
  id: (value) => typeof value === "string" && ID.test(value),
  address: (value) => typeof value === "string" && ADDRESS.test(value),
  string: (value) => typeof value === "string",
  boolean: (value) => typeof value === "boolean",
  counts: (value) =>
    isObject(value) &&
    Object.values(value).every((count) => Number.isSafeInteger(count) && (count as number) > 0),
};

/** The header itself when it is one of the frames above. Raises protocol.malformed. */
export function checkHeader(value: unknown): Header {
  const type = isObject(value) && Object.hasOwn(value, "type") ? value.type : undefined;
  if (!isObject(value) || typeof type !== "string" || !Object.hasOwn(FIELDS, type)) {
    throw malformed("its header has no known type");
  }
  for (const [name, field] of Object.entries(FIELDS[type] ?? {})) {
    const present = Object.hasOwn(value, name) && value[name] !== undefined;
    if (!present && field.optional) continue;
    if (!present) throw malformed(`its header lacks "${name}"`);
    if (!CHECKS[field.type](value[name])) throw malformed(`its header has a wrong "${name}"`);
  }
  return value as unknown as Header;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function malformed(why: string): RpcError {
  return new RpcError("protocol.malformed", `A message is not well formed: ${why}.`);
}
"""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
