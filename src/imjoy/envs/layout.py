"""Where an environment is made, and what is where in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

READY = "READY.json"
PYTHON = Path("bin") / "python"


@dataclass(frozen=True)
class Place:
    """Where an environment is made, where it will be, and what its children hold open."""

    folder: Path
    final: Path
    keep: tuple[int, ...] = ()
