"""Reads docstrings: what is said of each parameter, its limits and unit, and of the result."""

from __future__ import annotations

import re
from typing import Any

_SECTION = re.compile(r"^(?:args|arguments|parameters|params)\s*:?$", re.IGNORECASE)
_OTHER = re.compile(
    r"^(?:returns?|yields?|raises|notes?|examples?|see also|references|attributes)\s*:?$",
    re.IGNORECASE,
)

_NUMBER = r"(-?\d+(?:\.\d+)?)"
_RANGE = re.compile(
    rf"(?:from |between |[\[(])?{_NUMBER}\s*(?:to|and|-|–|\.\.\.?|,)\s*{_NUMBER}[\])]?"
)
_UNIT = re.compile(
    r"(?<![\w])(px|pixels?|voxels?|µm|um|nm|mm|cm|ms|s|seconds?|minutes?|degrees?|°|%|percent"
    r"|radians?|Hz|kHz|photons?)(?![\w])"
)


def limits_in(text: str) -> dict[str, Any]:
    """`min`, `max` and `unit` as a sentence gives them: "Width in pixels, 0 to 20."."""
    found: dict[str, Any] = {}
    ranged = _RANGE.search(text)
    if ranged:
        low, high = (_number(part) for part in ranged.groups())
        if low < high:
            found = {"min": low, "max": high}
    unit = _UNIT.search(text)
    if unit:
        found["unit"] = unit[1]
    return found


def parameter_docs(docs: str) -> dict[str, str]:
    """What a docstring says of each parameter, in the styles of numpy, Google and Sphinx."""
    found: dict[str, str] = {}
    for name, text in re.findall(
        r"^\s*:param (?:\w+ )?(\w+):\s*(.+?)(?=^\s*:|\n\s*\n|\Z)", docs, re.MULTILINE | re.DOTALL
    ):
        found[name] = " ".join(text.split())
    inside, name = False, ""
    indent = 0
    for line in docs.splitlines():
        plain = line.strip()
        if _SECTION.match(plain):
            inside, name = True, ""
        elif _OTHER.match(plain):
            inside = False
        elif inside and plain and not set(plain) <= {"-"}:
            entry = re.match(r"\s*\*{0,2}(\w+)\s*(?:\(([^)]*)\))?\s*:\s*(.*)", line)
            depth = len(line) - len(line.lstrip())
            if entry and (not name or depth <= indent):
                name, indent = entry[1], depth
                is_type = re.fullmatch(r"[\w.\[\], |]*(?:, optional)?", entry[3]) and depth == 0
                found[name] = "" if is_type else entry[3]
            elif name:
                found[name] = f"{found[name]} {plain}".strip()
    return found


def returns_docs(docs: str) -> str:
    """What a docstring says about the result."""
    found = re.search(r"(?:^|\n)\s*:?returns?\b:?(.*?)(?:\n\s*\n|\Z)", docs, re.I | re.DOTALL)
    return found[1] if found else ""


def _number(text: str) -> float | int:
    value = float(text)
    return int(value) if value.is_integer() and "." not in text else value


def first_sentence(docs: str) -> str:
    """The first paragraph, in one line."""
    first = docs.strip().split("\n\n")[0]
    return " ".join(first.split())
