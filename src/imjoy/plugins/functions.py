"""Reads the functions of a plain Python module: parameters, type hints, docstrings; nothing runs."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from typing import Any

from imjoy.plugins.blocks import manifest_error
from imjoy.plugins.docstrings import first_sentence, limits_in, parameter_docs, returns_docs

IMAGE_WORDS = ("ndarray", "image", "array", "nparray", "arraylike", "imagedata")
LABEL_WORDS = ("labels", "labelsdata", "mask", "segmentation")
TABLE_WORDS = ("dataframe", "table", "list[dict]")


@dataclass(frozen=True)
class Parameter:
    """One parameter; `kind` is image, labels, axes, number, integer, choose, checkbox or string."""

    name: str
    kind: str
    default: Any = None
    has_default: bool = False
    options: tuple[Any, ...] = ()
    limits: dict[str, Any] = field(default_factory=dict)
    about: str = ""
    convert: str = ""


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
            value = _constant(node.value)
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
    value = _constant(default) if default is not None else None
    hint, limits = _unwrap(argument.annotation)
    limits = {**limits_in(about), **limits}
    about = str(limits.pop("about", about))
    kind, options, convert = _kind(argument.arg, hint, value, default, enums, first)
    if isinstance(default, ast.Attribute) and convert:
        value = default.attr
    return Parameter(
        argument.arg, kind, value, default is not None, options, limits, about, convert
    )


def _kind(
    name: str,
    hint: ast.expr | None,
    value: Any,
    default: ast.expr | None,
    enums: dict[str, ast.ClassDef],
    first: bool,
) -> tuple[str, tuple[Any, ...], str]:
    word = _word(hint)
    if isinstance(hint, ast.Subscript) and _word(hint.value) == "literal":
        parts = hint.slice.elts if isinstance(hint.slice, ast.Tuple) else [hint.slice]
        return "choose", tuple(_constant(part) for part in parts), ""
    if isinstance(hint, ast.Name) and hint.id in enums:
        members = _members(enums[hint.id])
        if members:
            return "choose", members, f"{hint.id}.__getitem__"
    if name == "axes" and word in ("", "str"):
        return "axes", (), ""
    if word in LABEL_WORDS or (name in LABEL_WORDS and _is_array(word) and default is None):
        return "labels", (), ""
    if _is_array(word) or (word == "" and default is None and first):
        return "image", (), ""
    if word == "bool" or (word == "" and isinstance(value, bool)):
        return "checkbox", (), ""
    if word == "int" or (word == "" and isinstance(value, int)):
        return "integer", (), "int"
    if word in ("float", "number") or (word == "" and isinstance(value, float)):
        return "number", (), "float"
    if word.split("[")[0] in ("list", "tuple", "dict", "set", "sequence"):
        return "string", (), "_imjoy_literal"
    if word == "path":
        return "string", (), "__import__('pathlib').Path"
    return "string", (), ""


def _unwrap(hint: ast.expr | None) -> tuple[ast.expr | None, dict[str, Any]]:
    """The plain type of a hint, and what `Annotated[...]` says about limits."""
    limits: dict[str, Any] = {}
    if isinstance(hint, ast.Constant) and isinstance(hint.value, str):
        try:
            hint = ast.parse(hint.value, mode="eval").body
        except SyntaxError:
            return None, limits
    if isinstance(hint, ast.Subscript) and _word(hint.value) == "annotated":
        first, *rest = hint.slice.elts if isinstance(hint.slice, ast.Tuple) else [hint.slice]
        for note in rest:
            limits.update(_limits_of(note))
        return first, limits
    if isinstance(hint, ast.Subscript) and _word(hint.value) == "optional":
        return hint.slice, limits
    if isinstance(hint, ast.BinOp) and isinstance(hint.op, ast.BitOr):
        left, right = hint.left, hint.right
        return (right if _word(left) == "none" else left), limits
    return hint, limits


_KEYWORDS = {
    "ge": "min", "gt": "min", "min": "min", "minimum": "min", "start": "min",
    "le": "max", "lt": "max", "max": "max", "maximum": "max", "stop": "max",
    "step": "step", "multiple_of": "step", "unit": "unit", "units": "unit",
    "label": "label", "title": "label", "description": "about", "doc": "about",
}  # fmt: skip


def _limits_of(note: ast.expr) -> dict[str, Any]:
    """The limits in `{"min": 0}`, `Field(ge=0)`, `Interval(0, 1)`, `range(0, 9)` or a text."""
    value = _constant(note)
    if isinstance(value, str):
        return limits_in(value) or {"about": value}
    if isinstance(value, dict):
        return {_KEYWORDS[key]: one for key, one in value.items() if key in _KEYWORDS}
    if not isinstance(note, ast.Call):
        return {}
    found = dict(zip(("min", "max", "step"), map(_constant, note.args), strict=False))
    if _word(note.func) in ("ge", "gt", "le", "lt") and note.args:
        found = {_KEYWORDS[_word(note.func)]: _constant(note.args[0])}
    for keyword in note.keywords:
        if keyword.arg in _KEYWORDS:
            found[_KEYWORDS[keyword.arg]] = _constant(keyword.value)
    return {key: one for key, one in found.items() if one is not None}


def _result_kind(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    hint, _ = _unwrap(node.returns)
    word = _note_of(node.returns).lower() or _word(hint)
    if word in LABEL_WORDS:
        return "labels"
    if word in TABLE_WORDS:
        return "table"
    if _is_array(word):
        says = f"{node.name} {returns_docs(ast.get_docstring(node) or '')}".lower()
        return "labels" if re.search(r"label|segment", says) else "image"
    return "value" if word in ("int", "float", "str", "bool", "dict") else ""


def _note_of(hint: ast.expr | None) -> str:
    """The text in `Annotated[type, "text"]`."""
    if not isinstance(hint, ast.Subscript) or _word(hint.value) != "annotated":
        return ""
    parts = hint.slice.elts if isinstance(hint.slice, ast.Tuple) else []
    note = _constant(parts[1]) if len(parts) > 1 else None
    return note if isinstance(note, str) else ""


def _word(hint: ast.expr | None) -> str:
    """A type as one lower-case word: `np.ndarray`, `NDArray[np.uint8]` and `"Image"` alike."""
    if hint is None:
        return ""
    if isinstance(hint, ast.Constant):
        return "none" if hint.value is None else str(hint.value).lower()
    if isinstance(hint, ast.Attribute):
        return hint.attr.lower()
    if isinstance(hint, ast.Name):
        return hint.id.lower()
    if isinstance(hint, ast.Subscript):
        base = _word(hint.value)
        return base if _is_array(base) else f"{base}[{_word(hint.slice)}]"
    return ""


def _is_array(word: str) -> bool:
    return word in IMAGE_WORDS


def _members(node: ast.ClassDef) -> tuple[str, ...]:
    bases = {_word(base) for base in node.bases}
    if not bases & {"enum", "strenum", "intenum"}:
        return ()
    return tuple(
        target.id
        for line in node.body
        if isinstance(line, ast.Assign)
        for target in line.targets
        if isinstance(target, ast.Name)
    )


def _constant(node: ast.expr | None) -> Any:
    if node is None:
        return None
    try:
        return ast.literal_eval(node)
    except (ValueError, SyntaxError, TypeError):
        return None
