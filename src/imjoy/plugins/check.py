"""Checks a plugin file without running it: what it is, what is wrong with it, and what to do."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator
from typing import Any

from imjoy.errors import ManifestError
from imjoy.plugins.api_names import used_in
from imjoy.plugins.blocks import normalize_text, split_blocks
from imjoy.plugins.capabilities import CAPABILITIES
from imjoy.plugins.check_dependencies import address_problems
from imjoy.plugins.check_result import CheckResult, Problem, Weight
from imjoy.plugins.check_scripts import script_problems
from imjoy.plugins.manifest_words import FORM_FIELDS
from imjoy.plugins.parser import PluginSource, parse_plugin

_ASKED = {name for name, entry in CAPABILITIES.items() if entry["default"] == "ask"}
# Names of older plugins that are understood or change nothing.
_OLD_PERMISSIONS = {"clipboard-read", "clipboard-write", "full-screen", "fullscreen"}
# Browsers give these to no closed-off frame, and ImJoy passes them on to none.
_NOT_GIVEN = {"midi", "geolocation", "encrypted-media", "payment-request"}
_WEB_REQUIREMENT = re.compile(
    r"(?:js|css|mjs|cache|package)\s*:.+|(?:https?:)?//.+|.+\.(?:m?js|css)(?:[?#].*)?", re.DOTALL
)
_NO_RUN = {"collection", "rpc-window"}
LIMIT = 16 << 20


def check_text(text: str, file: str) -> CheckResult:
    """The result for the text of a plugin file, checked for each of its tags."""
    result = CheckResult(file)
    if len(text) > LIMIT:
        said = f"It is larger than {LIMIT >> 20} MB, so it cannot be a plugin."
        result.parsed = False
        result.add(Problem(said, "Choose a plugin file; its name ends in .imjoy.html."))
        return result
    try:
        first = parse_plugin(text)
        variants = [first, *(parse_plugin(text, tag) for tag in first.manifest.tags[1:])]
    except ManifestError as error:
        result.parsed = False
        result.add(Problem.of(error))
        result.name, result.type = _guess(text, "name"), _guess(text, "type")
        return result
    result.name, result.type = first.manifest.name, first.manifest.type
    for problem in _block_problems(text):
        result.add(problem)
    for source in variants:
        for problem in _problems(source):
            result.add(problem)
    used = {
        name for source in variants for one in source.scripts for name, _ in used_in(one.content)
    }
    result.api = sorted(used)
    return result


def _problems(source: PluginSource) -> Iterator[Problem]:
    yield from _manifest_problems(source)
    yield from _requirement_problems(source)
    yield from address_problems(source)
    yield from _form_problems(source)
    for script in source.scripts:
        yield from script_problems(script)
    code = "\n".join(script.content for script in source.scripts)
    exports_nothing = source.manifest.type in _NO_RUN or source.manifest.fields.get("passive")
    if not exports_nothing and code.strip() and not _exports(code):
        yield Problem(
            "The script never calls api.export.",
            "End it with api.export(new ImJoyPlugin()), in Python api.export(ImJoyPlugin()).",
        )


def _guess(text: str, field: str) -> str:
    """A field of a config block that cannot be read as a whole."""
    found = re.search(r"<config\b[^>]*>(.*?)(?:</config|$)", text, re.DOTALL | re.IGNORECASE)
    pattern = rf"""(?:^|[\s{{,])["']?{field}["']?\s*:[ \t]*(?:"([^"\n]*)|'([^'\n]*)|([^\s"'{{\[][^\n,}}]*))"""
    given = re.search(pattern, found[1] if found else text)
    value = next((part for part in given.groups() if part), "") if given else ""
    return value.strip(" \t,")


def _block_problems(text: str) -> Iterator[Problem]:
    blocks = split_blocks(normalize_text(text))
    for name in ("config", "docs"):
        lines = [block.tag_line for block in blocks if block.type == name]
        if len(lines) > 1:
            yield Problem(
                f"There is a second <{name}> block, of which nothing is read.",
                "Put all of it into the first one.",
                lines[1],
                weight=Weight.WARNING,
            )


def _manifest_problems(source: PluginSource) -> Iterator[Problem]:
    manifest = source.manifest
    for name in ("version", "api_version", "description"):
        if not getattr(manifest, name):
            remedy = f'Add "{name}" to the <config> block.'
            yield Problem(f"There is no {name}.", remedy, weight=Weight.ADVICE)
    for name in manifest.permissions:
        line = source.line_of("permissions")
        if name in _NOT_GIVEN:
            text = f'The permission "{name}" is not given to plugins.'
            yield Problem(text, "Do without it.", line, weight=Weight.WARNING)
        elif name not in _ASKED | _OLD_PERMISSIONS:
            text = f'There is no permission "{name}".'
            remedy = f"Use one of: {', '.join(sorted(_ASKED))}."
            yield Problem(text, remedy, line, weight=Weight.WARNING)
    network = manifest.fields.get("network")
    if network is not None and network not in ("none", "any", False) and not _are_hosts(network):
        yield Problem(
            'The field "network" cannot be read.',
            'Write "none", "any", or a list of hosts such as ["example.org", "*.example.org"].',
            source.line_of("network"),
        )


def _form_problems(source: PluginSource) -> Iterator[Problem]:
    """Fields of a type that is only nearly one; any other name may be that of a plugin."""
    text = json.dumps(source.manifest.ui).replace("\\", "")
    for name in re.findall(r"""\btype["']?\s*:\s*["'](\w+)["']""", text):
        near = [] if name in FORM_FIELDS else difflib.get_close_matches(name, FORM_FIELDS, 1)
        if near:
            yield Problem(
                f'There is no form field of the type "{name}", so it is left out.',
                f'Did you mean "{near[0]}"?',
                source.line_of("ui"),
                weight=Weight.WARNING,
            )


def _requirement_problems(source: PluginSource) -> Iterator[Problem]:
    if source.manifest.type in ("native-python", "web-python", "web-python-window"):
        return
    line = source.line_of("requirements")
    for text in source.manifest.requirements:
        if not _WEB_REQUIREMENT.fullmatch(text.strip()):
            yield Problem(
                f'The requirement "{text}" is not known and is left out.',
                "Name a file that ends in .js, .mjs or .css, or an address on the web.",
                line,
                weight=Weight.WARNING,
            )
        elif text.strip().startswith("http://"):
            yield Problem(
                f"{text.strip()} is not loaded over a safe connection.",
                "Begin the address with https://.",
                line,
                weight=Weight.WARNING,
            )


def _exports(code: str) -> bool:
    return re.search(r"(?:\bexport|\binit)\s*\(|setupRPC", code) is not None


def _are_hosts(network: Any) -> bool:
    return isinstance(network, list) and all(
        isinstance(host, str) and re.fullmatch(r"(\*\.)?[\w-]+(\.[\w-]+)*(:\d+)?", host)
        for host in network
    )
