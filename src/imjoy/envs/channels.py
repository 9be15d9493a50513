"""Says which conda channels are used when a plugin names none: the user's own, or conda-forge."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml

VARIABLE = "IMJOY_CONDA_CHANNELS"
USUAL = ("conda-forge",)


def configured_channels(environment: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """The channels that the user chose for ImJoy; empty when they did not."""
    text = (os.environ if environment is None else environment).get(VARIABLE, "")
    return tuple(text.replace(",", " ").split())


def all_channels(named: Sequence[str], configured: Sequence[str], home: Path) -> tuple[str, ...]:
    """The channels to search, best first: those named, then the user's, else those of conda."""
    last = tuple(configured) or _channels_of_conda(home) or USUAL
    return tuple(dict.fromkeys(each for each in (*named, *last) if each != "defaults")) or USUAL


def _channels_of_conda(home: Path) -> tuple[str, ...]:
    """The channels in the settings of the user's own conda, which are a .condarc."""
    for path in (home / ".condarc", home / ".config" / "conda" / ".condarc", home / ".mambarc"):
        try:
            data = yaml.safe_load(path.read_text("utf-8"))
        except (OSError, UnicodeError, yaml.YAMLError):
            continue
        channels = data.get("channels") if isinstance(data, dict) else None
        if isinstance(channels, list) and channels:
            return tuple(str(channel) for channel in channels)
    return ()
