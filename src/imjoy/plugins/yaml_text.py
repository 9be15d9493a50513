"""Reads the text of a `<config>` block that is written in YAML, by the core schema of YAML 1.2."""

from __future__ import annotations

import re
from typing import Any

import yaml

from imjoy.plugins.blocks import manifest_error

__all__ = ["loads"]


class _CoreLoader(yaml.SafeLoader):
    """Plain scalars as YAML 1.2 and the page read them: `yes` and dates stay texts."""

    yaml_implicit_resolvers: dict[str, Any] = {}

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        """The core schema has no merge keys."""


_SCALARS = (
    ("tag:yaml.org,2002:null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("tag:yaml.org,2002:bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("tag:yaml.org,2002:int", r"[-+]?(?:0|[1-9][0-9]*)", list("-+0123456789")),
    (
        "tag:yaml.org,2002:float",
        (
            r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?"
            r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
        ),
        list("-+.0123456789"),
    ),
)
for _tag, _pattern, _first in _SCALARS:
    _CoreLoader.add_implicit_resolver(_tag, re.compile(rf"^(?:{_pattern})$"), _first)


def loads(text: str, first_line: int, first_column: int = 1) -> Any:
    """The value of a YAML text that begins at that place of the file. Raises ManifestError."""
    try:
        return yaml.load(text, _CoreLoader)  # a SafeLoader: it makes plain values only
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line, column = first_line, None
        if mark:
            line += mark.line
            column = mark.column + (first_column if mark.line == 0 else 1)
        raise _invalid(error.problem or "it ends too early", line, column) from None
    except (yaml.YAMLError, RecursionError) as error:
        cause = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise _invalid(cause, first_line, None) from None


def _invalid(cause: str, line: int, column: int | None) -> Exception:
    return manifest_error(
        f"The <config> block is not valid YAML ({cause}).",
        "Check the indentation and the colons there.",
        line,
        column,
    )
