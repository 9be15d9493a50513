"""What git is told by its environment: copies on this computer, and secrets that nobody else sees."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path

# Of the address of a repository, its copy on this computer.
FindCopy = Callable[[str], Path | None]

GIT_URL = re.compile(r"(?<![\w.])git\+([^\s#;]+)")


def git_settings(replaced: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The variables with which git reads from the second address where the first one is named."""
    pairs = [(f"url.{there}.insteadOf", url) for url, there in replaced]
    variables = {"GIT_CONFIG_COUNT": str(len(pairs))} if pairs else {}
    for at, (key, value) in enumerate(pairs):
        variables |= {f"GIT_CONFIG_KEY_{at}": key, f"GIT_CONFIG_VALUE_{at}": value}
    return variables


def copies_of(urls: Iterable[str], find_copy: FindCopy | None) -> list[tuple[str, str]]:
    """The repositories of which this computer has a copy, with the address of that."""
    found = ((url, find_copy(url)) for url in urls) if find_copy else ()
    return [(url, copy.as_uri()) for url, copy in found if copy is not None]


def git_urls(requirements: Iterable[str]) -> list[str]:
    """The addresses of repositories in pip requirements, such as `name @ git+https://host/a@tag`."""
    urls = [match[1] for text in requirements for match in GIT_URL.finditer(text)]
    return [re.sub(r"(?<=[^/:])@[^/@]*$", "", url) for url in urls]
