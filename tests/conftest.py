"""What all tests share: packages on this computer, and property tests that are always the same."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from local_index import LocalIndex

settings.register_profile(
    "imjoy", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("imjoy")


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalIndex]:
    local = LocalIndex()
    for name in list(os.environ):
        if name.startswith(("PIP_", "UV_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("UV_DEFAULT_INDEX", local.url)
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    yield local
    local.close()


@pytest.fixture(scope="session")
def channel() -> str:
    """The address of a conda channel on this computer."""
    from conda_channel import shared_channel

    return shared_channel().as_uri()
