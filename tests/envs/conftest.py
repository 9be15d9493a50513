"""What the tests of environments share: a home for them."""

from __future__ import annotations

from pathlib import Path

import pytest
from local_index import LocalIndex

__all__ = ["LocalIndex"]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"
