"""Finds out whether the plugins that a plugin depends on can be had."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator
from urllib.parse import unquote

from imjoy.plugins.check_result import Problem, Weight
from imjoy.plugins.manifest_words import RENAMED_REPOSITORIES
from imjoy.plugins.parser import SUFFIX, PluginSource

__all__ = ["Read", "address_problems", "missing_problems", "names_in", "plugin_name"]

# The text behind a web address; None: it is not there. Raises OSError when nobody answers.
Read = Callable[[str], "str | None"]

_ADDRESS = re.compile(r"https?://\S+|[\w.-]+/[\w.-]+(?:@[^:\s]+)?:[^/]+|[^/:]+", re.IGNORECASE)
_IN_REPOSITORY = re.compile(r"([\w.-]+/[\w.-]+)(?:@([^:]+))?:([^@]+)(?:@.+)?")
_PAGE = re.compile(r"https?://(?:www\.)?github\.com/([^/]+)/([^/]+)/(?:blob|raw)/([^?]+)")
_GIST = re.compile(r"https?://gist\.github\.com/(?:[^/]+/)?([0-9a-f]+)")
_RAW, _INDEX = "https://raw.githubusercontent.com", "manifest.imjoy.json"
_BRANCHES = ("master", "main")
# Where a bare name is looked for at last.
_USUAL = tuple(RENAMED_REPOSITORIES.values())


def address_problems(source: PluginSource) -> Iterator[Problem]:
    """Dependencies that are no addresses."""
    for address in source.manifest.dependencies:
        if not _ADDRESS.fullmatch(address.strip()):
            yield Problem(
                f'The dependency "{address}" is not the address of a plugin.',
                'Write it like "user/repository:Plugin name".',
                source.line_of("dependencies"),
                weight=Weight.WARNING,
            )


def missing_problems(source: PluginSource, near: Collection[str], read: Read) -> Iterator[Problem]:
    """Dependencies that nobody has; `near` has the names of the plugins at hand in small letters."""
    line = source.line_of("dependencies")
    for address in source.manifest.dependencies:
        name = plugin_name(address)
        if not _ADDRESS.fullmatch(address.strip()) or name.lower() in near:
            continue
        try:
            cause = _why_missing(address.strip(), name, read)
        except OSError as error:
            text = f'The plugin "{name}" that it depends on does not lie beside it, and {error}.'
            remedy = "Check again with a network, or put its file into the folder of this one."
            yield Problem(text, remedy, line, weight=Weight.WARNING)
            continue
        if cause:
            remedy = f'Correct "{address}", or put the file of "{name}" beside this one.'
            yield Problem(f'It depends on "{name}", and {cause}.', remedy, line)


def plugin_name(address: str) -> str:
    """The name in `user/repo:Name@tag`, in an address of a file, or the name alone."""
    text = re.sub(r"[?#].*$", "", address)
    found = re.search(rf"([^/]+){re.escape(SUFFIX)}(?:@.*)?$", text)
    if found:
        return unquote(found[1])
    return re.sub(r"@[^@]*$", "", text.rpartition(":")[2]).strip()


def _why_missing(address: str, name: str, read: Read) -> str | None:
    if re.match(r"https?:", address, re.IGNORECASE):
        return None if read(_raw(address)) is not None else f"there is nothing at {address}"
    found = _IN_REPOSITORY.fullmatch(address)
    if found is None:
        listed = [_lists(repository, None, name, read) for repository in _USUAL]
        return None if True in listed else "no plugin of that name lies beside it"
    repository = RENAMED_REPOSITORIES.get(found[1].lower(), found[1])
    listed_there = _lists(repository, found[2], name, read)
    if listed_there is None:
        return f"there is no repository {found[1]} with a list of plugins ({_INDEX})"
    return None if listed_there else f"the repository {found[1]} lists no plugin of that name"


def _lists(repository: str, revision: str | None, name: str, read: Read) -> bool | None:
    """Whether a repository lists a plugin; None when it has no list."""
    for branch in (revision,) if revision else _BRANCHES:
        text = read(f"{_RAW}/{repository}/{branch}/{_INDEX}")
        if text is not None:
            return name.lower() in names_in(text)
    return None


def names_in(index: str) -> set[str]:
    """The names of the plugins in an index, in small letters."""
    try:
        plugins = json.loads(index)["plugins"]
        return {str(entry["name"]).lower() for entry in plugins if "name" in entry}
    except (ValueError, KeyError, TypeError):
        return set()


def _raw(address: str) -> str:
    """The address of the text that a page of GitHub shows."""
    if page := _PAGE.match(address):
        return f"{_RAW}/{page[1]}/{page[2]}/{page[3]}"
    if gist := _GIST.match(address):
        return f"https://api.github.com/gists/{gist[1]}"
    return re.sub(rf"({re.escape(SUFFIX)}(?:\?[^@#]*)?)@[^@/]+$", r"\1", address)
