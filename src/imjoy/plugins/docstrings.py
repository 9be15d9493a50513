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
_UNIT = (
    r"(px|pixels?|voxels?|µm|um|nm|mm|cm|ms|s|seconds?|minutes?|degrees?|°|%|percent"
    r"|radians?|Hz|kHz|photons?)(?![\w'’])"
)
_PLAIN = (
    rf"(?:{_NUMBER}\s*(?:to|-|–|\.\.\.?)\s*{_NUMBER}|\[{_NUMBER}\s*,\s*{_NUMBER}\]"
    rf"|(?:>=|≥)\s*{_NUMBER}|(?:<=|≤)\s*{_NUMBER})"
)
_WORDS = rf"(?:between {_NUMBER} and {_NUMBER}|from {_NUMBER} to {_NUMBER})"
_IN_UNIT = rf"(?:\s*,?\s*(?:in )?{_UNIT})?\s*"
_END = r"(?:\([^()]*\)\s*)?\.?\s*$"
# Numbers in the middle of a sentence are examples or settings: limits that were guessed from them
# would refuse good values. So a range begins or ends the text, or stands in brackets.
_RANGES = tuple(
    re.compile(pattern)
    for form, before in ((_WORDS, r"(?:^|[\s(])"), (_PLAIN, r"(?:^|[,;:(]\s*|\bin |\brange )"))
    for pattern in (
        rf"^\s*{form}{_IN_UNIT}(?:[,;:(]|\.\s|{_END})",
        rf"\({form}{_IN_UNIT}[,;)]",
        rf"{before}{form}{_IN_UNIT}(?:\)\s*)?{_END}",
    )
)
_NO_LIMIT = re.compile(r"(?:example|e\.g\.|typically|usually|often|default)\W*$", re.IGNORECASE)
_UNITS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\bin {_UNIT}(?=\s*(?:[,;:.()\[\]]|$)| (?:of|from|between) )",
        rf"(?:^|\s)[(\[](?:in )?{_UNIT}\s*[)\],;]",
        rf"^\s*{_UNIT}\s*(?:,|$)",
    )
)


def limits_in(text: str) -> dict[str, Any]:
    """`min`, `max` and `unit` as a sentence gives them: "Width in pixels, 0 to 20."."""
    found: dict[str, Any] = {}
    matches = (pattern.search(text) for pattern in _RANGES)
    ranged = next(
        (one for one in matches if one and not _NO_LIMIT.search(text[: one.start()])), None
    )
    if ranged:
        *numbers, unit = ranged.groups()
        found = _bounds(ranged[0], [_number(part) for part in numbers if part is not None])
        if unit:
            return {**found, "unit": unit}
    named = next(filter(None, (pattern.search(text) for pattern in _UNITS)), None)
    if named:
        found["unit"] = named[1]
    return found


def _bounds(text: str, numbers: list[float | int]) -> dict[str, Any]:
    """The limits that one or two numbers give; none when the lower one is not the first."""
    if len(numbers) == 1:
        return {"min" if re.search("[>≥]", text) else "max": numbers[0]}
    low, high = numbers
    return {"min": low, "max": high} if low < high else {}


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
