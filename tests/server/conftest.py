"""Fixtures: a small web app and a real server for it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from imjoy.settings import Settings

sys.path.insert(0, str(Path(__file__).parent))
from server_harness import QuietHost, RunningServer, make_app


@pytest.fixture(scope="session")
def app_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_app(tmp_path_factory.mktemp("app"))


@pytest.fixture
def server(tmp_path: Path, app_dir: Path) -> Iterator[RunningServer]:
    """A server of which a test may use up limits."""
    with RunningServer(QuietHost, Settings(home=tmp_path / "home"), app_dir) as running:
        yield running


@pytest.fixture(scope="module")
def shared_server(
    tmp_path_factory: pytest.TempPathFactory, app_dir: Path
) -> Iterator[RunningServer]:
    """A server for tests that leave no trace in it."""
    home = tmp_path_factory.mktemp("home")
    with RunningServer(QuietHost, Settings(home=home), app_dir) as running:
        yield running
