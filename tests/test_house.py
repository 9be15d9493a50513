"""The rules of the house: every module has its test and its size, every word its documentation."""

from __future__ import annotations

import ast
import importlib
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "imjoy"
REFERENCE = ROOT / "docs" / "reference"
MODULES = sorted(
    path for path in PACKAGE.rglob("*.py") if "web" not in path.relative_to(PACKAGE).parts
)
LINES = 600


def dotted(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)


def named(paths: list[Path]) -> list[object]:
    return [pytest.param(path, id=path.relative_to(PACKAGE).as_posix()) for path in paths]


@pytest.mark.parametrize("path", named(MODULES))
def test_a_module_is_small_and_says_its_job(path: Path) -> None:
    text = path.read_text("utf-8")
    assert text.count("\n") <= LINES
    if text.strip():
        assert ast.get_docstring(ast.parse(text)), "The first line should say the module's job."


def imports_of(path: Path) -> set[str]:
    """The modules of ours that a file imports or names in a string."""
    text = path.read_text("utf-8")
    found = set(re.findall(r"\bimjoy(?:\.\w+)+", text))
    for module, names in re.findall(r"^\s*from (imjoy[\w.]*) import \(?([^)#]*?)\)?$", text, re.M):
        found |= {f"{module}.{name}" for name in re.findall(r"\w+", names)}
    return found | ({"imjoy.__main__"} if '"-m", "imjoy"' in text else set())


def reached_by_tests_of(room: Path) -> set[str]:
    """What the tests of a room import, and what that imports of its own room."""
    seen: set[str] = set()
    todo = {name for file in room.glob("**/*.py") for name in imports_of(file)}
    while todo:
        name = todo.pop()
        seen.add(name)
        path = PACKAGE.parent.joinpath(*name.split(".")).with_suffix(".py")
        if not path.is_file():
            path = path.with_suffix("") / "__init__.py"
        if path.is_file():
            front = name == "imjoy.__main__"
            near = [n for n in imports_of(path) if front or n.split(".")[:2] == name.split(".")[:2]]
            todo |= set(near) - seen
    return seen


@pytest.mark.parametrize("path", named([p for p in MODULES if p.stem != "__init__"]))
def test_a_module_is_tested(path: Path) -> None:
    """By a file of its own, or through the module of its room that the tests there import."""
    relative = path.relative_to(PACKAGE)
    if (ROOT / "tests" / relative.parent / f"test_{path.stem.strip('_')}.py").is_file():
        return
    room = ROOT / "tests" / relative.parts[0] if len(relative.parts) > 1 else ROOT / "tests"
    assert dotted(path) in reached_by_tests_of(room), f"No test of the room reaches {dotted(path)}."


@pytest.mark.parametrize("path", named([p for p in MODULES if p.stem == "__init__"]))
def test_what_a_room_offers_is_listed_and_there(path: Path) -> None:
    imported = [
        alias.asname or alias.name
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, ast.ImportFrom) and node.module != "__future__"
        for alias in node.names
    ]
    if not imported:
        return
    module = importlib.import_module(dotted(path.parent))
    assert set(imported) <= set(module.__all__)
    for name in module.__all__:
        assert hasattr(module, name)


def test_every_flag_is_documented() -> None:
    from imjoy.cli.arguments import build_parser

    text = (REFERENCE / "cli.md").read_text("utf-8")
    flags = [flag for action in build_parser()._actions for flag in action.option_strings]
    assert [flag for flag in flags if f"`{flag}" not in text] == []


def test_every_error_is_documented() -> None:
    errors = json.loads((ROOT / "protocol" / "model.json").read_text("utf-8"))["errors"]
    text = (REFERENCE / "errors.md").read_text("utf-8")
    assert [code for code in errors if f"`{code}`" not in text] == []


def test_every_field_of_a_manifest_is_documented() -> None:
    schema = json.loads((ROOT / "protocol" / "manifest.schema.json").read_text("utf-8"))
    text = (REFERENCE / "plugin-file.md").read_text("utf-8")
    assert [name for name in schema["properties"] if f"`{name}`" not in text] == []


def test_every_capability_is_documented() -> None:
    schema = json.loads((ROOT / "protocol" / "manifest.schema.json").read_text("utf-8"))
    text = (REFERENCE / "permissions.md").read_text("utf-8")
    assert [name for name in schema["capabilities"] if f"| `{name}` |" not in text] == []


def test_every_function_of_the_api_is_documented() -> None:
    source = (ROOT / "web" / "packages" / "sdk" / "src" / "api.ts").read_text("utf-8")
    body = source[source.index("export interface ImJoyApi") :]
    names = re.findall(r"^  (?:readonly )?(\w+)[(<:]", body, re.MULTILINE)
    assert len(names) > 30
    text = (REFERENCE / "api.md").read_text("utf-8")
    assert [name for name in names if not re.search(rf"`(api\.)?{name}\b", text)] == []


def tracked() -> list[Path]:
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode != 0:
        pytest.skip("this is not a checkout")
    return [path for name in done.stdout.split("\0") if name and (path := ROOT / name).is_file()]


# Written in pieces, so that this file does not hold them.
FORBIDDEN = re.compile(
    "|".join(
        [
            "/work" + "/(main|shared)",
            "/root" + "/",
            "registry\\." + "npmjs",
            "files\\." + "pythonhosted",
            "deb\\." + "debian\\.org",
        ]
    )
)


def test_nothing_names_a_machine_or_a_registry() -> None:
    found = []
    # What may be shown of a failed installation depends on whose host it was, and pip and npm
    # ask these when nobody configured others.
    exceptions = {PACKAGE / "package_index.py", PACKAGE / "vendor" / "registry.py"}
    rest = [path for path in tracked() if path not in exceptions]
    for path in rest:
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{path.relative_to(ROOT)}: {match[0]}" for match in FORBIDDEN.finditer(text)]
    assert found == []


def test_links_between_documents_lead_somewhere() -> None:
    broken = []
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", path.read_text("utf-8")):
            if not re.match(r"[a-z]+:", link) and not (path.parent / link).exists():
                broken.append(f"{path.relative_to(ROOT)}: {link}")
    assert broken == []


def test_the_front_page_of_the_house_stays_short() -> None:
    assert len((ROOT / "ARCHITECTURE.md").read_text("utf-8").splitlines()) <= 200


@pytest.mark.parametrize("script", ["build_repository.py", "build_api_types.py"])
def test_generated_files_are_up_to_date(script: str) -> None:
    command = [sys.executable, str(ROOT / "scripts" / script), "--check"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
