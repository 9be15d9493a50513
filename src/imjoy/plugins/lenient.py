"""JSON as people write it: comments, single quotes, bare keys, trailing commas, line breaks."""

from __future__ import annotations

import json
import math
import re
from typing import Any

_SPACE = re.compile(r"(?:\s|\ufeff|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
_NAME = re.compile(r"[^\W\d][\w$]*|\$[\w$]*")
_NUMBER = re.compile(
    r"[+-]?(?:0[xX][0-9a-fA-F]+|Infinity|NaN|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"
)
_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "0": "\0"}
_CONSTANTS = {"true": True, "false": False, "null": None}
_DEPTH = 64


class LenientError(ValueError):
    """The text cannot be read; `line` and `column` count from 1."""

    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


def loads(text: str) -> Any:
    """Parse strict JSON, or else JSON5 in which strings may hold raw line breaks.

    Raises LenientError.
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return _Reader(text).document()


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.depth = 0

    def document(self) -> Any:
        value = self.value()
        self.space()
        if self.at < len(self.text):
            raise self.error()
        return value

    def error(self) -> LenientError:
        line = self.text.count("\n", 0, self.at) + 1
        column = self.at - (self.text.rfind("\n", 0, self.at) + 1) + 1
        if self.at >= len(self.text):
            return LenientError("invalid end of input", line, column)
        return LenientError(f"invalid character '{self.text[self.at]}'", line, column)

    def space(self) -> str:
        match = _SPACE.match(self.text, self.at)
        self.at = match.end() if match else self.at
        return self.text[self.at : self.at + 1]

    def value(self) -> Any:
        char = self.space()
        if char in ("{", "["):
            self.depth += 1
            if self.depth > _DEPTH:
                raise self.error()
            result = self.object() if char == "{" else self.array()
            self.depth -= 1
            return result
        if char and char in "\"'":
            return self.string(char)
        return self.plain()

    def object(self) -> dict[str, Any]:
        self.at += 1
        result: dict[str, Any] = {}
        while self.space() != "}":
            key = self.key()
            if self.space() != ":":
                raise self.error()
            self.at += 1
            result[key] = self.value()
            self.separator("}")
        self.at += 1
        return result

    def array(self) -> list[Any]:
        self.at += 1
        result: list[Any] = []
        while self.space() != "]":
            result.append(self.value())
            self.separator("]")
        self.at += 1
        return result

    def separator(self, end: str) -> None:
        char = self.space()
        if char == ",":
            self.at += 1
        elif char != end:
            raise self.error()

    def key(self) -> str:
        char = self.text[self.at : self.at + 1]
        if char and char in "\"'":
            return self.string(char)
        match = _NAME.match(self.text, self.at)
        if match is None:
            raise self.error()
        self.at = match.end()
        return match[0]

    def string(self, quote: str) -> str:
        self.at += 1
        parts: list[str] = []
        while True:
            char = self.text[self.at : self.at + 1]
            if not char:
                raise self.error()
            self.at += 1
            if char == quote:
                return "".join(parts)
            parts.append(self.escape() if char == "\\" else char)

    def escape(self) -> str:
        char = self.text[self.at : self.at + 1]
        self.at += 1
        if char == "\n":
            return ""
        digits = {"x": 2, "u": 4}.get(char)
        if digits is None:
            return _ESCAPES.get(char, char)
        code = self.text[self.at : self.at + digits]
        if not re.fullmatch(f"[0-9a-fA-F]{{{digits}}}", code):
            raise self.error()
        self.at += digits
        return chr(int(code, 16))

    def plain(self) -> Any:
        for name, value in _CONSTANTS.items():
            if re.compile(rf"{name}\b").match(self.text, self.at):
                self.at += len(name)
                return value
        match = _NUMBER.match(self.text, self.at)
        if match is None:
            raise self.error()
        self.at = match.end()
        return _number(match[0])


def _number(text: str) -> int | float:
    sign = -1 if text[0] == "-" else 1
    digits = text.lstrip("+-")
    if digits[:2] in ("0x", "0X"):
        return sign * int(digits, 16)
    if digits in ("Infinity", "NaN"):
        return sign * (math.inf if digits == "Infinity" else math.nan)
    return sign * (int(digits) if digits.isdigit() else float(digits))
