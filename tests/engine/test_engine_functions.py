"""The page about the functions of an engine names all of them, and no others."""

from __future__ import annotations

import re
from pathlib import Path

from imjoy.engine.engine import Engine
from imjoy.settings import Settings

PAGE = Path(__file__).resolve().parents[2] / "docs/reference/engine-functions.md"
TABLES = ("engine", "env", "files", "workspaces")


async def test_every_function_is_described(tmp_path: Path) -> None:
    described = set(re.findall(r"`(\w+\.\w+)\(", PAGE.read_text("utf-8")))
    async with Engine(Settings(home=tmp_path)) as engine:
        exported = engine.peer._exports._named
        assert {name for name in exported if name.split(".")[0] in TABLES} == described
