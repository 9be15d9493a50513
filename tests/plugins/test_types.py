"""The types of the api know what the templates use, and find what is misspelt."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from imjoy.plugins import parse_plugin
from imjoy.plugins.template import new_plugin, template_names, write_types

ROOT = Path(__file__).resolve().parents[2]
TSC = ROOT / "web" / "node_modules" / "typescript" / "bin" / "tsc"


def scripts(language: str) -> dict[str, str]:
    """The scripts of all templates in a language, by the names of files for them."""
    found = {}
    for kind in template_names():
        file_name, text = new_plugin("Try it", kind)
        if not file_name.endswith(".html"):
            if (language == "python") == file_name.endswith(".py"):
                found[file_name] = text
            continue
        for script in parse_plugin(text).scripts:
            if script.lang == language:
                suffix = "py" if language == "python" else "js"
                found[f"{kind.replace('-', '_')}.{suffix}"] = script.content
    return found


def node() -> str:
    sys.path.insert(0, str(ROOT / "scripts"))
    import node_tools

    tools = node_tools.find_node()
    assert tools is not None, "There is no Node; run `make setup`."
    return str(tools.node)


def compile_javascript(folder: Path, files: dict[str, str]) -> str:
    """What tsc says of scripts beside the types."""
    for name, text in files.items():
        # Each plugin has a realm of its own; only modules have so here.
        (folder / name).write_text(f"{text}\nexport {{}};\n", "utf-8")
    config = folder / "jsconfig.json"
    command = [node(), str(TSC), "-p", str(config), "--noEmit"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, timeout=100)
    return done.stdout


def check_python(folder: Path, files: dict[str, str]) -> str:
    """What mypy says of scripts beside the types."""
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
    # The data types of function plugins are names that only ImJoy reads.
    flags = [
        "--check-untyped-defs",
        "--ignore-missing-imports",
        "--disable-error-code=name-defined",
    ]
    command = [sys.executable, "-m", "mypy", "--no-incremental", "--config-file=", *flags, *files]
    environment = {**os.environ, "MYPYPATH": str(folder / "typings")}
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=folder, env=environment, timeout=100
    )
    return done.stdout


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    written = write_types(tmp_path)
    assert [path.name for path in written] == ["__init__.pyi", "imjoy.d.ts", "jsconfig.json"]
    assert [path.name for path in write_types(tmp_path)] == ["__init__.pyi", "imjoy.d.ts"]
    return tmp_path


def test_javascript_is_checked(folder: Path) -> None:
    files = scripts("javascript")
    assert len(files) >= 4
    assert compile_javascript(folder, files) == ""
    wrong = {
        "a.js": 'api.alrt("x");',
        "b.js": 'api.showStatus(5); api.show_status("x");',
        "c.js": 'const text = await api.prompt("?"); text.toFixed();',
    }
    said = compile_javascript(folder, wrong)
    assert re.findall(r"^(\w)\.js\(", said, re.M) == ["a", "b", "b", "c"]


def test_python_is_checked(folder: Path) -> None:
    files = scripts("python")
    assert len(files) >= 4
    said = check_python(folder, files)
    assert said.startswith("Success"), said
    wrong = {
        "a.py": "from imjoy import api\napi.alrt('x')",
        "b.py": "from imjoy import api\napi.show_status(5)\napi.showStatus('x')",
        "c.py": "from imjoy import api\nasync def f() -> int:\n    return await api.prompt('?')",
        "d.py": "from imjoy import api\napi.create_window(name='x', type='imjoy/image')",
    }
    said = check_python(folder, wrong)
    assert sorted(re.findall(r"^(\w)\.py:\d+: error", said, re.M)) == ["a", "b", "c"]
