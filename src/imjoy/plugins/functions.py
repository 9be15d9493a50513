"""Reads the functions of a plain Python module: parameters, type hints, docstrings; nothing runs."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from typing import Any

from imjoy.plugins.blocks import manifest_error
from imjoy.plugins.docstrings import first_sentence, limits_in, parameter_docs, returns_docs
from imjoy.plugins.type_hints import constant_of, is_array, note_of, parts_of, unwrap, word_of

LABEL_WORDS = ("labels", "labelsdata", "mask", "segmentation")
TABLE_WORDS = ("dataframe", "table", "list[dict]")


@dataclass(frozen=True)
class Parameter:
    """One parameter; `kind` is image, labels, axes, number, integer, choose, checkbox, json or string.

    `kind` is "" for one that no form can give. `may_be_none`: an empty field stands for None;
    else it stands for the default.
    """

    name: str
    kind: str
    default: Any = None
    has_default: bool = False
    options: tuple[Any, ...] = ()
    limits: dict[str, Any] = field(default_factory=dict)
    about: str = ""
    convert: str = ""
    may_be_none: bool = False


@dataclass(frozen=True)
class Function:
    """A public function of a module; `gives` is image, labels, table, value or "" (seen when run)."""

    name: str
    about: str
    docs: str
    parameters: tuple[Parameter, ...]
    gives: str
    line: int


def read_functions(text: str, name: str = "the module") -> tuple[Function, ...]:
    """The public functions of a module: those in `__all__`, else all whose name has no `_`.

    Raises ManifestError for a module that is not valid Python or has no function.
    """
    tree = parse_module(text, name)
    enums = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
    public = _listed(tree)
    found = [
        node
        for node in tree.body
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        and (node.name in public if public is not None else not node.name.startswith("_"))
    ]
    if not found:
        raise manifest_error(
            f"There is no public function in {name}.",
            "Define one with def; a name that begins with _ stays hidden.",
            1,
        )
    order = public or [node.name for node in found]
    found.sort(key=lambda node: order.index(node.name))
    return tuple(_read_function(node, enums) for node in found)


def parse_module(text: str, name: str) -> ast.Module:
    """The syntax tree. Raises ManifestError with the line of the mistake."""
    try:
        return ast.parse(text)
    except SyntaxError as error:
        raise manifest_error(
            f"{name} is not valid Python: {error.msg}.",
            "Correct the line; Python 3 is meant.",
            error.lineno or 1,
            error.offset,
        ) from None
    except ValueError as error:
        raise manifest_error(f"{name} is not valid Python: {error}.", "Check the file.") from None


def _listed(tree: ast.Module) -> list[str] | None:
    for node in tree.body:
        if isinstance(node, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id == "__all__" for target in node.targets
        ):
            value = constant_of(node.value)
            if isinstance(value, (list, tuple)):
                return [str(name) for name in value]
    return None


def _read_function(
    node: ast.FunctionDef | ast.AsyncFunctionDef, enums: dict[str, ast.ClassDef]
) -> Function:
    docs = ast.get_docstring(node) or ""
    abouts = parameter_docs(docs)
    given = [*node.args.posonlyargs, *node.args.args]
    defaults = [None] * (len(given) - len(node.args.defaults)) + list(node.args.defaults)
    pairs = [*zip(given, defaults, strict=True)]
    pairs += zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
    parameters: list[Parameter] = []
    for argument, default in pairs:
        first = not any(one.kind in ("image", "labels") for one in parameters)
        about = abouts.get(argument.arg, "")
        parameters.append(_read_parameter(argument, default, about, enums, first))
    return Function(
        name=node.name,
        about=first_sentence(docs),
        docs=docs,
        parameters=tuple(parameters),
        gives=_result_kind(node),
        line=node.lineno,
    )


def _read_parameter(
    argument: ast.arg,
    default: ast.expr | None,
    about: str,
    enums: dict[str, ast.ClassDef],
    first: bool,
) -> Parameter:
    value = constant_of(default) if default is not None else None
    hint, limits, may_be_none = unwrap(argument.annotation)
    limits = {**limits_in(about), **limits}
    about = str(limits.pop("about", about))
    kind, options, convert = _kind(argument.arg, hint, value, default, enums, first)
    if isinstance(default, ast.Attribute) and convert:
        value = default.attr
    # What cannot be read here, such as float("inf"), is known to the function alone.
    may_be_none = may_be_none and (default is None or value is not None)
    has_default = default is not None
    return Parameter(
        argument.arg, kind, value, has_default, options, limits, about, convert, may_be_none
    )


def _kind(
    name: str,
    hint: ast.expr | None,
    value: Any,
    default: ast.expr | None,
    enums: dict[str, ast.ClassDef],
    first: bool,
) -> tuple[str, tuple[Any, ...], str]:
    word = word_of(hint)
    if isinstance(hint, ast.Subscript) and word_of(hint.value) == "literal":
        return "choose", tuple(constant_of(part) for part in parts_of(hint)), ""
    if isinstance(hint, ast.Name) and hint.id in enums:
        members = _members(enums[hint.id])
        if members:
            return "choose", members, f"{hint.id}.__getitem__"
        if default is not None:
            return "", (), ""
    if name == "axes" and word in ("", "str"):
        return "axes", (), ""
    if word in LABEL_WORDS or (name in LABEL_WORDS and is_array(word) and default is None):
        return "labels", (), ""
    if is_array(word) or (word == "" and default is None and first):
        return "image", (), ""
    if word == "" and value is None and is_array(name):
        return "image", (), ""
    if word == "bool" or (word == "" and isinstance(value, bool)):
        return "checkbox", (), ""
    if word == "int" or (word == "" and isinstance(value, int)):
        return "integer", (), "int"
    if word in ("float", "number") or (word == "" and isinstance(value, float)):
        return "number", (), "float"
    if word in _CONVERTERS:
        return "string", (), _CONVERTERS[word]
    return _collection(word.split("[")[0], value, default)


# Of types that are written as a text.
_CONVERTERS = {
    "path": "__import__('pathlib').Path",
    "date": "__import__('datetime').date.fromisoformat",
    "datetime": "__import__('datetime').datetime.fromisoformat",
    "union": "_imjoy_either",
}
_COLLECTIONS = {"list": "list", "sequence": "list", "tuple": "tuple", "set": "set", "dict": "dict"}


def _collection(
    word: str, value: Any, default: ast.expr | None
) -> tuple[str, tuple[Any, ...], str]:
    """Lists and the like are JSON, which the form checks, where their default can be written so."""
    if word not in _COLLECTIONS:
        return "string", (), ""
    if default is None or value is None or _is_json(value):
        return "json", (), f"_imjoy_collected({_COLLECTIONS[word]})"
    return "string", (), "_imjoy_literal"


def _is_json(value: Any) -> bool:
    if isinstance(value, (list, tuple, set)):
        return all(map(_is_json, value))
    if isinstance(value, dict):
        return all(isinstance(key, str) and _is_json(one) for key, one in value.items())
    return isinstance(value, (str, bool, int, float))


def _result_kind(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    hint, _, _ = unwrap(node.returns)
    word = note_of(node.returns).lower() or word_of(hint)
    if word in LABEL_WORDS:
        return "labels"
    if word in TABLE_WORDS:
        return "table"
    if is_array(word):
        says = f"{node.name} {returns_docs(ast.get_docstring(node) or '')}".lower()
        return "labels" if re.search(r"label|segment", says) else "image"
    return "value" if word in ("int", "float", "str", "bool", "dict") else ""


def _members(node: ast.ClassDef) -> tuple[str, ...]:
    bases = {word_of(base) for base in node.bases}
    if not bases & {"enum", "strenum", "intenum"}:
        return ()
    return tuple(
        target.id
        for line in node.body
        if isinstance(line, ast.Assign)
        for target in line.targets
        if isinstance(target, ast.Name)
    )
