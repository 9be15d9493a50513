"""Finds the time of plugins whose packages are old, as what came later often no longer fits them.

Old packages rarely say that they do not work with the releases of years to come. A plugin that asks
for tensorflow 1.15 and leaves the version of protobuf open would get one that it fails with.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from imjoy.envs.lock import pylock_entries
from imjoy.envs.requirements import EXTRAS, NAME
from imjoy.package_index import plain_name

PIN = re.compile(rf"({NAME}){EXTRAS}\s*={{2,3}}\s*[\w.!+-]+\s*(?:;.*)?")
# A plugin that runs with the oldest Python is not kept up to date, so its packages need not be either.
OLD_PYTHON, LAST_OF_IT = "3.7.", date(2023, 6, 27)
YEAR, MOST_YEARS, STEP = 365, 3, 182  # days, years, days


@dataclass(frozen=True)
class Pin:
    """A package whose version is fixed, and when that version was published."""

    name: str
    version: str
    published: date

    def ends(self) -> Iterator[date]:
        """Days up to which the other packages may be, the first that has them all is best."""
        later = range(YEAR, MOST_YEARS * YEAR + 1, STEP)
        days = (self.published + timedelta(days=number) for number in later)
        return (day for day in days if day < LAST_OF_IT)

    def note(self, end: date) -> str:
        """What is told of it."""
        return (
            f"{self.name} {self.version} is of {self.published:%B %Y}: "
            f"packages without a fixed version are those of {end:%B %Y}."
        )


def newest_pin(packages: Sequence[str], pylock: str, python: str) -> Pin | None:
    """The newest of the packages with a fixed version; None when nothing says how old they are."""
    if not python.startswith(OLD_PYTHON):
        return None
    fixed = {plain_name(match[1]) for text in packages if (match := PIN.fullmatch(text.strip()))}
    dated = (
        Pin(entry["name"], entry["version"], published)
        for entry in pylock_entries(pylock)
        if plain_name(entry["name"]) in fixed and (published := _published(entry))
    )
    return max(dated, key=lambda pin: pin.published, default=None)


def _published(entry: dict[str, Any]) -> date | None:
    files = [*entry.get("wheels", []), *([entry["sdist"]] if "sdist" in entry else [])]
    times = [file["upload-time"] for file in files if isinstance(file.get("upload-time"), datetime)]
    return min(times).date() if times else None
