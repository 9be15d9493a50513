"""Checks a plugin file without running it: what it is, what is wrong with it, and what to do."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from imjoy.errors import ManifestError
from imjoy.plugins.api_names import used_in
from imjoy.plugins.blocks import normalize_text, split_blocks
from imjoy.plugins.capabilities import CAPABILITIES
from imjoy.plugins.check_scripts import Problem, script_problems
from imjoy.plugins.parser import PluginSource, parse_plugin

_ASKED = {name for name, entry in CAPABILITIES.items() if entry["default"] == "ask"}
# Names of older plugins that are understood or change nothing.
_OLD_PERMISSIONS = {"clipboard-read", "clipboard-write", "full-screen", "fullscreen"}
# Browsers give these to no closed-off frame, and ImJoy passes them on to none.
_NOT_GIVEN = {"midi", "geolocation", "encrypted-media", "payment-request"}
_DEPENDENCY = re.compile(r"https?://\S+|[\w.-]+/[\w.-]+(?:@[^:\s]+)?:[^/]+|[^/:]+", re.IGNORECASE)
_WEB_REQUIREMENT = re.compile(
    r"(?:js|css|mjs|cache|package)\s*:.+|(?:https?:)?//.+|.+\.(?:m?js|css)(?:[?#].*)?", re.DOTALL
)
_FIELDS = (
    "number", "integer", "slider", "choose", "select", "string", "text", "checkbox", "boolean",
    "color", "file", "region", "button", "ops",
)  # fmt: skip
_NO_RUN = {"collection", "rpc-window"}
LIMIT = 16 << 20


@dataclass
class CheckResult:
    """What `imjoy plugin check` says about one file."""

    file: str
    name: str = ""
    type: str = ""
    ok: bool = True
    problems: list[str] = field(default_factory=list)
    api: list[str] = field(default_factory=list)
    remedies: list[str] = field(default_factory=list)

    def add(self, problem: Problem) -> None:
        """Note a problem and its remedy, each once."""
        self.ok = self.ok and not problem.is_fatal
        if problem.text not in self.problems:
            self.problems.append(problem.text)
        if problem.remedy not in self.remedies:
            self.remedies.append(problem.remedy)


def check_text(text: str, file: str) -> CheckResult:
    """The result for the text of a plugin file, checked for each of its tags."""
    result = CheckResult(file)
    if len(text) > LIMIT:
        text_limit = f"It is larger than {LIMIT >> 20} MB, so it cannot be a plugin."
        result.add(Problem(text_limit, "Choose a plugin file; its name ends in .imjoy.html."))
        return result
    try:
        first = parse_plugin(text)
        variants = [first, *(parse_plugin(text, tag) for tag in first.manifest.tags[1:])]
    except ManifestError as error:
        data = error.data or {}
        place = f"Line {data['line']}: " if "line" in data else ""
        result.add(Problem(place + str(data.get("cause", error)), str(data.get("remedy", ""))))
        found = re.search(r"""["']?name["']?\s*:\s*["']([^"']+)["']""", text)
        result.name = found[1] if found else ""
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
    yield from _form_problems(source)
    for script in source.scripts:
        yield from script_problems(script)
    code = "\n".join(script.content for script in source.scripts)
    if source.manifest.type not in _NO_RUN and code.strip() and not _exports(code):
        yield Problem(
            "The script never calls api.export.",
            "End it with api.export(new ImJoyPlugin()), in Python api.export(ImJoyPlugin()).",
        )


def _block_problems(text: str) -> Iterator[Problem]:
    blocks = split_blocks(normalize_text(text))
    for name in ("config", "docs"):
        lines = [block.tag_line for block in blocks if block.type == name]
        if len(lines) > 1:
            yield Problem(
                f"Line {lines[1]}: there is a second <{name}> block, of which nothing is read.",
                "Put all of it into the first one.",
                False,
            )


def _manifest_problems(source: PluginSource) -> Iterator[Problem]:
    manifest = source.manifest
    for name in ("version", "api_version", "description"):
        if not getattr(manifest, name):
            yield Problem(f"There is no {name}.", f'Add "{name}" to the <config> block.', False)
    for name in manifest.permissions:
        if name in _NOT_GIVEN:
            text = f'The permission "{name}" is not given to plugins.'
            yield Problem(text, "Do without it.", False)
        elif name not in _ASKED | _OLD_PERMISSIONS:
            yield Problem(
                f'There is no permission "{name}".',
                f"Use one of: {', '.join(sorted(_ASKED))}.",
                False,
            )
    for address in manifest.dependencies:
        if not _DEPENDENCY.fullmatch(address.strip()):
            yield Problem(
                f'The dependency "{address}" is not the address of a plugin.',
                'Write it like "user/repository:Plugin name".',
                False,
            )
    network = manifest.fields.get("network")
    if network is not None and network not in ("none", "any", False) and not _are_hosts(network):
        yield Problem(
            'The field "network" cannot be read.',
            'Write "none", "any", or a list of hosts such as ["example.org", "*.example.org"].',
        )


def _form_problems(source: PluginSource) -> Iterator[Problem]:
    """Fields of a type that is only nearly one; any other name may be that of a plugin."""
    text = json.dumps(source.manifest.ui).replace("\\", "")
    for name in re.findall(r"""\btype["']?\s*:\s*["'](\w+)["']""", text):
        near = [] if name in _FIELDS else difflib.get_close_matches(name, _FIELDS, 1)
        if near:
            yield Problem(
                f'There is no form field of the type "{name}", so it is left out.',
                f'Did you mean "{near[0]}"?',
                False,
            )


def _requirement_problems(source: PluginSource) -> Iterator[Problem]:
    if source.manifest.type in ("native-python", "web-python", "web-python-window"):
        return
    for text in source.manifest.requirements:
        if not _WEB_REQUIREMENT.fullmatch(text.strip()):
            yield Problem(
                f'The requirement "{text}" is not known and is left out.',
                "Name a file that ends in .js, .mjs or .css, or an address on the web.",
                False,
            )
        elif text.strip().startswith("http://"):
            yield Problem(
                f"{text.strip()} is not loaded over a safe connection.",
                "Begin the address with https://.",
                False,
            )


def _exports(code: str) -> bool:
    return re.search(r"(?:\bexport|\binit)\s*\(|setupRPC", code) is not None


def _are_hosts(network: Any) -> bool:
    return isinstance(network, list) and all(
        isinstance(host, str) and re.fullmatch(r"(\*\.)?[\w-]+(\.[\w-]+)*(:\d+)?", host)
        for host in network
    )
