"""Splits the text of a plugin file into its top-level blocks."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass

from imjoy.errors import ManifestError

_RAW = frozenset({"config", "script", "style", "attachment", "textarea"})
_EMPTY = frozenset({"link", "meta", "br", "hr", "img", "input", "base", "source", "wbr"})
_OPEN = re.compile(r"<([A-Za-z][^\s/>]*)")
_ATTRIBUTE = re.compile(
    r"""\s*([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+)))?""",
)
_CLOSE = re.compile(r"\s*(/?)>")
_ENTITIES = {
    "&lt;": "<",
    "&gt;": ">",
    "&quot;": '"',
    "&#39;": "'",
    "&#10;": "\n",
    "&#9;": "\t",
    "&amp;": "&",
}
_ENTITY = re.compile("|".join(_ENTITIES))

Attributes = dict[str, "str | bool"]


@dataclass(frozen=True)
class Block:
    """One top-level element; `content` begins on that line and column of the file."""

    type: str
    attrs: Attributes
    content: str
    line: int
    column: int
    tag_line: int


@dataclass(frozen=True)
class _Tag:
    name: str
    attrs: Attributes
    end: int
    closed: bool


def manifest_error(
    cause: str, remedy: str, line: int | None = None, column: int | None = None
) -> ManifestError:
    """An error about a plugin file; `line` and `column` count from 1."""
    where = "" if line is None else f"Line {line}: "
    if line is not None and column is not None:
        where = f"Line {line}, column {column}: "
    data: dict[str, object] = {"cause": cause, "remedy": remedy}
    if line is not None:
        data["line"] = line
    if column is not None:
        data["column"] = column
    return ManifestError(f"{where}{cause} {remedy}", data)


def normalize_text(text: str) -> str:
    """Remove a byte order mark and turn every line end into one newline."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def split_blocks(text: str) -> list[Block]:
    """All blocks of depth 0 in document order; comments and loose text are skipped.

    Raises ManifestError when a block is never closed.
    """
    breaks = [match.start() for match in re.finditer("\n", text)]
    blocks: list[Block] = []
    position = text.find("<")
    while position >= 0:
        skipped = _skip_markup(text, position)
        tag = None if skipped is not None else _read_tag(text, position)
        if tag is None:
            position = text.find("<", position + 1 if skipped is None else skipped)
            continue
        content, end = _read_content(text, tag, bisect_left(breaks, position) + 1)
        line, tag_line = bisect_left(breaks, tag.end) + 1, bisect_left(breaks, position) + 1
        column = tag.end - text.rfind("\n", 0, tag.end)
        blocks.append(Block(tag.name, tag.attrs, content, line, column, tag_line))
        position = text.find("<", end)
    return blocks


def indent_of(text: str) -> int:
    """The length of the white space that all lines share, when the first line of text has any."""
    used = [line for line in text.split("\n") if line.strip()]
    if not used or used[0][0] not in " \t":
        return 0
    return min(len(line) - len(line.lstrip(" \t")) for line in used)


def deindent(text: str) -> str:
    """Remove the white space that all lines share, when the first line of text has any."""
    common = indent_of(text)
    if common == 0:
        return text
    lines = text.split("\n")
    return "\n".join(line[min(common, len(line) - len(line.lstrip(" \t"))) :] for line in lines)


def _skip_markup(text: str, start: int) -> int | None:
    if text.startswith("<!--", start):
        end = text.find("-->", start + 4)
        return len(text) if end < 0 else end + 3
    if text.startswith(("<!", "<?", "</"), start):
        end = text.find(">", start)
        return len(text) if end < 0 else end + 1
    return None


def _read_tag(text: str, start: int) -> _Tag | None:
    opened = _OPEN.match(text, start)
    if opened is None:
        return None
    attrs: Attributes = {}
    position = opened.end()
    while True:
        closed = _CLOSE.match(text, position)
        if closed:
            return _Tag(opened[1], attrs, closed.end(), closed[1] == "/")
        attribute = _ATTRIBUTE.match(text, position)
        if attribute is None:
            return None
        value = next((group for group in attribute.groups()[1:] if group is not None), None)
        attrs[attribute[1]] = True if value is None else _decode(value)
        position = attribute.end()


def _decode(value: str) -> str:
    return _ENTITY.sub(lambda match: _ENTITIES[match[0]], value)


def _read_content(text: str, tag: _Tag, line: int) -> tuple[str, int]:
    if tag.closed or tag.name in _EMPTY:
        return "", tag.end
    depth = 1
    pattern = re.compile(rf"<(/?){re.escape(tag.name)}(?=[\s/>])[^>]*>", re.IGNORECASE)
    for match in pattern.finditer(text, tag.end):
        if match[1]:
            depth -= 1
        elif tag.name not in _RAW and not match[0].endswith("/>"):
            depth += 1
        if depth == 0:
            return text[tag.end : match.start()], match.end()
    raise manifest_error(
        f"The <{tag.name}> block is never closed.",
        f"Add </{tag.name}> after its last line.",
        line,
    )
