"""Writes the types of `api` for plugin writers, in JavaScript and Python, from its one description.

`python scripts/build_api_types.py [--check]`: api.ts of the sdk becomes `imjoy.d.ts` and
`imjoy/__init__.pyi` below `src/imjoy/plugins/types`.
"""

from __future__ import annotations

import functools
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "web" / "packages" / "sdk" / "src" / "api.ts"
REFERENCE = ROOT / "docs" / "reference" / "api.md"
TARGET = ROOT / "src" / "imjoy" / "plugins" / "types"
HEAD = (
    "Made by scripts/build_api_types.py from the description of the api; do not change it by hand."
)
NDARRAY = """/** An array with a shape, in C order. */
interface NdArray {
  readonly data: ArrayLike<number> & Iterable<number>;
  readonly shape: number[];
  readonly dtype: string;
}
/** What a parameter of a function plugin may be: the open image, or numbers for its objects. */
type Image = NdArray;
type Labels = NdArray;
declare const NdArray: {
  from(data: readonly unknown[] | ArrayBuffer | ArrayBufferView, shape?: number[], dtype?: string): NdArray;
};
"""
PYTHON_HEAD = f'''"""{HEAD}"""

from collections.abc import Awaitable, Callable, Generator, Mapping
from typing import Any, Generic, TypeVar

__all__ = ["Api", "Result", "api"]
__version__: str

T = TypeVar("T")

class Result(Awaitable[T], Generic[T]):
    """What a call will give: awaited, or followed by functions. A call is made either way."""

    def __await__(self) -> Generator[Any, None, T]: ...
    def then(self, done: Callable[[T], Any], failed: Callable[..., Any] = ...) -> Result[Any]: ...
    def catch(self, failed: Callable[..., Any]) -> Result[Any]: ...
    def finally_(self, ended: Callable[[], Any]) -> Result[T]: ...

'''
# Where Python differs: what only it has, and what is not a call there.
ONLY_PYTHON = """    WORK_DIR: str | None
    def is_cancelled(self) -> bool:
        \"\"\"Whether the call in which this is asked was cancelled.\"\"\"
    def check_cancelled(self) -> None:
        \"\"\"Ends the call in which this is asked if it was cancelled.\"\"\"
"""
NOT_IN_PYTHON = {"ndarray", "signal", "downloadFileFromUrl", "uploadFileToUrl"}
PLAIN = {
    "string": "str",
    "number": "float",
    "boolean": "bool",
    "unknown": "Any",
    "void": "None",
    "null": "None",
    "undefined": "None",
}


@dataclass
class Member:
    """One function or constant of an interface."""

    name: str
    doc: str
    parameters: list[tuple[str, bool, str]] | None
    gives: str


def split(text: str, separator: str) -> list[str]:
    """The parts of a text between separators that are not within brackets."""
    parts, depth, last = [], 0, 0
    for at, char in enumerate(text):
        if char in "([{<":
            depth += 1
        elif char in ")]}" or (char == ">" and text[at - 1] != "="):
            depth -= 1
        elif char == separator and depth == 0:
            parts.append(text[last:at].strip())
            last = at + 1
    return [part for part in [*parts, text[last:].strip()] if part]


def members(body: str) -> Iterator[Member]:
    """The members of the body of an interface."""
    docs: list[str] = []

    def take(found: re.Match[str]) -> str:
        docs.append(" ".join(found[1].split()))
        return f"/*{len(docs) - 1}*/"

    body = re.sub(r"/\*\*\s*(.*?)\s*\*/", take, body, flags=re.S)
    for statement in split(re.sub(r"^\s*//.*$", "", body, flags=re.M), ";"):
        numbers = re.findall(r"/\*(\d+)\*/", statement)
        doc = docs[int(numbers[-1])] if numbers else ""
        text = " ".join(re.sub(r"/\*\d+\*/", "", statement).split())
        if found := re.fullmatch(r"(?:readonly )?(\w+): (.*)", text):
            yield Member(found[1], doc, None, found[2])
        elif found := re.fullmatch(r"(\w+)(?:<\w+>)?\((.*)\): (.*)", text):
            yield Member(
                found[1], doc, [parameter(part) for part in split(found[2], ",")], found[3]
            )


def parameter(text: str) -> tuple[str, bool, str]:
    """Name of a parameter, whether it may be left out, and its type."""
    name, kind = text.split(":", 1)
    is_optional = name.endswith("?") or name.startswith("...")
    return name.rstrip("?"), is_optional, kind.strip()


def python_type(text: str) -> str:
    """The same type in Python, as far as Python has it."""
    text = text.strip()
    alternatives = split(text, "|")
    if len(alternatives) > 1:
        made = list(dict.fromkeys(python_type(part) for part in alternatives))
        return "Any" if "Any" in made else " | ".join(made)
    if text in PLAIN:
        return PLAIN[text]
    if found := re.fullmatch(r"Promise<(.*)>", text):
        return f"Result[{python_type(found[1])}]"
    if text.endswith("[]"):
        return f"list[{python_type(text[:-2])}]"
    if "=>" in text or text.startswith("new "):
        return "Callable[..., Any]"
    if text.startswith(("{", "Record<", "Partial<")) or text in ("WindowConfig", "RunContext"):
        return (
            "Mapping[str, Any]"
            if not text.startswith("Record<string, unknown>")
            else "dict[str, Any]"
        )
    return "Any"


def snake(name: str) -> str:
    if name.isupper() or "_" in name:
        return name
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def python_members(body: str, indent: str = "    ") -> Iterator[str]:
    """The lines of a class with these members, in both spellings."""
    for member in members(body):
        if member.name in NOT_IN_PYTHON:
            continue
        if member.parameters is None:
            kind = "_Utils" if member.name == "utils" else python_type(member.gives)
            yield f"{indent}{member.name}: {kind}"
            continue
        gives = python_type(member.gives)
        for name in dict.fromkeys([snake(member.name), member.name]):
            yield f"{indent}def {name}({', '.join(python_parameters(member))}) -> {gives}:"
            yield f'{indent}    """{member.doc or reference(member.name)}"""'


def python_parameters(member: Member) -> Iterator[str]:
    yield "self"
    takes_fields = False
    for name, is_optional, kind in member.parameters or []:
        if name.startswith("..."):
            yield f"*{snake(name[3:])}: Any"
            continue
        made = python_type(kind)
        takes_fields = takes_fields or "Mapping" in made or "dict" in made
        # Keyword arguments become the fields of an object, which then is not given itself.
        yield f"{snake(name)}: {made}" + (" = ..." if is_optional or takes_fields else "")
    if takes_fields or member.name == "registerCodec":
        yield "**fields: Any"


@functools.cache
def reference_lines() -> dict[str, str]:
    """What the reference says of each function."""
    lines = REFERENCE.read_text("utf-8").splitlines()
    found: dict[str, str] = {}
    for line in lines:
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        for name in re.findall(r"`api\.(\w+)", cells[0]) if len(cells) > 1 else []:
            text = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", cells[1])
            found.setdefault(name, text.split(". ")[0].rstrip(".") + ".")
    return found


def reference(name: str) -> str:
    return reference_lines().get(name, "See the reference of the api.")


def interfaces(text: str) -> dict[str, str]:
    """The bodies of the interfaces of a file, by name."""
    return dict(re.findall(r"^export interface (\w+) \{\n(.*?)^\}", text, re.S | re.M))


def make_python(text: str) -> str:
    body = interfaces(text)["ImJoyApi"]
    utils = next(member.gives for member in members(body) if member.name == "utils")
    lines = [
        "class _Utils:",
        *python_members(utils.strip()[1:-1]),
        "    def __getattr__(self, name: str) -> Any: ...",
        "",
        "class Api:",
        '    """The `api` of a plugin, in snake_case and camelCase."""',
        "",
        *python_members(body),
        ONLY_PYTHON.rstrip("\n"),
        "",
        "api: Api",
    ]
    return PYTHON_HEAD + "\n".join(lines) + "\n"


def make_typescript(text: str) -> str:
    plain = re.sub(r"^import .*\n", "", text, flags=re.M)
    plain = re.sub(r"^export (interface|type)", r"\1", plain, flags=re.M)
    plain = re.sub(r"^/\*\*.*?\*/\n", f"// {HEAD}\n", plain, count=1)
    api = "/** What a plugin sees without an import. */\ndeclare const api: ImJoyApi;\n"
    return f"{plain.rstrip()}\n\n{NDARRAY}\n{api}"


def main() -> int:
    """Write the files, or say whether they are up to date; returns the exit code."""
    text = SOURCE.read_text("utf-8")
    files = {
        TARGET / "imjoy.d.ts": make_typescript(text),
        TARGET / "imjoy" / "__init__.pyi": make_python(text),
    }
    for path, made in files.items():
        if "--check" in sys.argv:
            if not path.is_file() or path.read_text("utf-8") != made:
                print(f"{path.relative_to(ROOT)} is out of date: run scripts/build_api_types.py.")
                return 1
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(made, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
