"""Fixtures: a registry on loopback and a mirror that is filled from it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from imjoy.vendor.mirror import Mirror
from imjoy.vendor.registry import Registry

sys.path.insert(0, str(Path(__file__).parent))
from npm_server import NpmServer, npm_server


@pytest.fixture
def npm() -> Iterator[NpmServer]:
    with npm_server() as registry:
        yield registry


@pytest.fixture
def mirror(npm: NpmServer, tmp_path: Path) -> Mirror:
    return Mirror(tmp_path / "vendor", Registry(npm.address))
