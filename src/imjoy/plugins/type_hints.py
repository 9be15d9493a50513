"""What a type hint of Python says: its plain type as a word, its limits, whether it may be None."""

from __future__ import annotations

import ast
from typing import Any

from imjoy.plugins.docstrings import limits_in

IMAGE_WORDS = ("ndarray", "image", "array", "nparray", "arraylike", "imagedata")


def unwrap(hint: ast.expr | None) -> tuple[ast.expr | None, dict[str, Any], bool]:
    """The plain type of a hint, what `Annotated[...]` says about limits, and whether it may be None."""
    limits: dict[str, Any] = {}
    if isinstance(hint, ast.Constant) and isinstance(hint.value, str):
        try:
            hint = ast.parse(hint.value, mode="eval").body
        except SyntaxError:
            return None, limits, False
    if isinstance(hint, ast.Subscript) and word_of(hint.value) == "annotated":
        first, *rest = parts_of(hint)
        for note in rest:
            limits.update(_limits_of(note))
        inside, inner, may_be_none = unwrap(first)
        return inside, {**inner, **limits}, may_be_none
    kinds = _alternatives(hint)
    if len(kinds) < 2:
        return hint, limits, False
    plain = [one for one in kinds if word_of(one) != "none"]
    inside, inner, _ = unwrap(_one_of(plain))
    return inside, inner, len(plain) < len(kinds)


def _one_of(kinds: list[ast.expr]) -> ast.expr:
    """The type that says most of what a form can give for any of these."""
    if len(kinds) == 1:
        return kinds[0]
    words = [word_of(one) for one in kinds]
    for word, one in zip(words, kinds, strict=True):
        if is_array(word):
            return one
    return ast.Name("float" if set(words) <= {"int", "float"} else "Union")


def _alternatives(hint: ast.expr | None) -> list[ast.expr]:
    """The types in `A | B`, `Union[A, B]` and `Optional[A]`."""
    if isinstance(hint, ast.BinOp) and isinstance(hint.op, ast.BitOr):
        return [*_alternatives(hint.left), *_alternatives(hint.right)]
    if isinstance(hint, ast.Subscript) and word_of(hint.value) == "union":
        return [one for part in parts_of(hint) for one in _alternatives(part)]
    if isinstance(hint, ast.Subscript) and word_of(hint.value) == "optional":
        return [*_alternatives(hint.slice), ast.Constant(None)]
    return [hint] if hint is not None else []


def parts_of(hint: ast.Subscript) -> list[ast.expr]:
    """What is in the brackets of a type."""
    return hint.slice.elts if isinstance(hint.slice, ast.Tuple) else [hint.slice]


_KEYWORDS = {
    "ge": "min", "gt": "min", "min": "min", "minimum": "min", "start": "min",
    "le": "max", "lt": "max", "max": "max", "maximum": "max", "stop": "max",
    "step": "step", "multiple_of": "step", "unit": "unit", "units": "unit",
    "label": "label", "title": "label", "description": "about", "doc": "about",
}  # fmt: skip


def _limits_of(note: ast.expr) -> dict[str, Any]:
    """The limits in `{"min": 0}`, `Field(ge=0)`, `Interval(0, 1)`, `range(0, 9)` or a text."""
    value = constant_of(note)
    if isinstance(value, str):
        return limits_in(value) or {"about": value}
    if isinstance(value, dict):
        return {_KEYWORDS[key]: one for key, one in value.items() if key in _KEYWORDS}
    if not isinstance(note, ast.Call):
        return {}
    found = dict(zip(("min", "max", "step"), map(constant_of, note.args), strict=False))
    if word_of(note.func) in ("ge", "gt", "le", "lt") and note.args:
        found = {_KEYWORDS[word_of(note.func)]: constant_of(note.args[0])}
    for keyword in note.keywords:
        if keyword.arg in _KEYWORDS:
            found[_KEYWORDS[keyword.arg]] = constant_of(keyword.value)
    return {key: one for key, one in found.items() if one is not None}


def note_of(hint: ast.expr | None) -> str:
    """The text in `Annotated[type, "text"]`."""
    if not isinstance(hint, ast.Subscript) or word_of(hint.value) != "annotated":
        return ""
    parts = parts_of(hint)
    note = constant_of(parts[1]) if len(parts) > 1 else None
    return note if isinstance(note, str) else ""


def word_of(hint: ast.expr | None) -> str:
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
        base = word_of(hint.value)
        return base if is_array(base) else f"{base}[{word_of(hint.slice)}]"
    return ""


def is_array(word: str) -> bool:
    return word in IMAGE_WORDS


def constant_of(node: ast.expr | None) -> Any:
    if node is None:
        return None
    try:
        return ast.literal_eval(node)
    except (ValueError, SyntaxError, TypeError):
        return None
