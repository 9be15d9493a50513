"""A real engine behind a real server."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from imjoy.engine.engine import Engine
from imjoy.settings import Settings

sys.path.insert(0, str(Path(__file__).parents[1] / "server"))
from server_harness import RunningServer, make_app


@pytest.fixture(scope="module")
def engine_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    folder = tmp_path_factory.mktemp("engine")
    settings = Settings(home=folder / "home")
    with RunningServer(lambda: Engine(settings), settings, make_app(folder / "app")) as running:
        yield running
