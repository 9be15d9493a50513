"""Chooses a version of a package: the one named, the newest of a range, or the nearest there is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

Number = tuple[int, int, int]
_VERSION = re.compile(r"[v=]?(\d+)(?:\.(\d+|[xX*]))?(?:\.(\d+|[xX*]))?(?:[-+](.+))?")
_RELEASE = re.compile(r"r(\d+)", re.IGNORECASE)
_SUFFIX = re.compile(r"\d-[a-zA-Z]")
_COMPARATOR = re.compile(r"(>=|<=|>|<|=|\^|~)?\s*([^\s<>=^~]+)")


def choose(
    versions: Iterable[str], tags: Mapping[str, str], wanted: str, nearest: bool = True
) -> str | None:
    """The version that `wanted` (exact, range, tag, `r49`) means, or the `nearest` one there is."""
    known = list(versions)
    if wanted in known:
        return wanted
    if wanted in ("", "*", "latest", "x") or wanted in tags:
        return _tagged(known, tags, wanted)
    release = _RELEASE.fullmatch(wanted)
    if release:
        wanted = f"0.{release[1]}.0"
    fitting = [version for version in known if _fits(version, wanted)]
    if fitting:
        return max(fitting, key=sort_key)
    return _nearest(known, wanted) if nearest else None


def parse(text: str) -> Number | None:
    """The three numbers of a version; missing ones are 0."""
    found = _VERSION.fullmatch(text.strip())
    if not found:
        return None
    major, minor, patch = (int(g) if g and g.isdigit() else 0 for g in found.groups()[:3])
    return major, minor, patch


def sort_key(version: str) -> tuple[Number, bool, list[tuple[int, str]]]:
    """Orders versions; one with a suffix such as -rc.1 comes before the release."""
    found = _VERSION.fullmatch(version)
    suffix = found[4] if found and found[4] else ""
    parts = [
        (int(part), "") if part.isdigit() else (1 << 30, part) for part in re.split(r"[.-]", suffix)
    ]
    return parse(version) or (0, 0, 0), not suffix, parts


def _tagged(known: list[str], tags: Mapping[str, str], wanted: str) -> str | None:
    named = tags.get(wanted) or tags.get("latest")
    if named in known:
        return named
    return max(known, key=sort_key, default=None)


def _fits(version: str, wanted: str) -> bool:
    number = parse(version)
    if number is None or "-" in version or _SUFFIX.search(wanted):
        return False
    alternatives = [part for part in wanted.split("||") if part.strip()]
    return any(_fits_all(number, part) for part in alternatives)


def _fits_all(number: Number, text: str) -> bool:
    comparators = _COMPARATOR.findall(text.strip())
    return bool(comparators) and all(_compare(number, *one) for one in comparators)


def _compare(number: Number, operator: str, text: str) -> bool:
    found = _VERSION.fullmatch(text)
    bound = parse(text)
    if not found or bound is None:
        return False
    given = sum(1 for group in found.groups()[:3] if group and group.isdigit())
    if operator == ">=":
        return number >= bound
    if operator == ">":
        return number > bound
    if operator == "<=":
        return number <= bound
    if operator == "<":
        return number < bound
    if operator == "^":
        fixed = next((i + 1 for i, part in enumerate(bound) if part), given)
        return number >= bound and number[:fixed] == bound[:fixed]
    if operator == "~":
        fixed = min(given, 2)
        return number >= bound and number[:fixed] == bound[:fixed]
    return number[:given] == bound[:given]


def _nearest(known: list[str], wanted: str) -> str | None:
    """The version with the smallest distance.

    Beside the versions of the same minor number those that came after are better than those before:
    they still have what the plugin was written for. No other major number is taken without need,
    and of one that came before the newest.
    """
    aim = parse(wanted)
    if aim is None:
        return None

    def distance(version: str) -> tuple[int, ...]:
        number = parse(version) or (1 << 20, 0, 0)
        if number[0] < aim[0]:
            return (aim[0] - number[0], 1, int("-" in version), -number[1], -number[2])
        apart = tuple(abs(a - b) for a, b in zip(number, aim, strict=True))
        is_older = int(number < aim)
        older_minor = is_older if number[1] != aim[1] else 0
        return (apart[0], older_minor, *apart[1:], is_older, int("-" in version))

    return min(known, key=distance, default=None)
