"""Reads what plugins write after `pip:` into checked requirements that can be given to uv."""

from __future__ import annotations

import re
import shlex

from imjoy.envs.failures import requirement_error

NAME = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"
EXTRAS = r"(?:\s*\[\s*[A-Za-z0-9._,\s-]*\])?"
CLAUSE = r"(?:===|==|~=|!=|<=|>=|<|>)\s*[A-Za-z0-9][A-Za-z0-9._*+!-]*"
VERSIONS = rf"(?:\s*{CLAUSE}(?:\s*,\s*{CLAUSE})*)?"
URL = r"(?:git\+)?(?:https?|ssh|file)://[^\s$`\"'<>;\\]+"
MARKER = r"(?:\s*;\s*[A-Za-z0-9_.\s\"'=<>!()-]+)?"

REQUIREMENT = re.compile(rf"({NAME}{EXTRAS})(?:\s*@\s*({URL})|({VERSIONS}))(?=\s|$|;)")
WHOLE = re.compile(rf"(?:{NAME}{EXTRAS}(?:\s*@\s*{URL}|{VERSIONS})|{URL}){MARKER}")
PLAIN_URL = re.compile(rf"{URL}(?=\s|$)")
OPTION = re.compile(r"--?[A-Za-z][^\s]*")
HARMLESS_OPTIONS = frozenset(
    {"-U", "--upgrade", "--no-cache-dir", "--user", "-q", "--quiet", "-y", "--yes", "-I"}
)
LONGEST = 4000  # checking longer ones takes too long
FORMS = (
    'Known forms are "numpy", "numpy>=1.20", "pip: numpy scipy==1.10", "git+https://host/repo.git" '
    'and "conda: numpy".'
)


def read_pip_words(text: str, written: str) -> tuple[list[str], bool]:
    """Split `text` into requirements; the second value says whether pre-releases were asked for.

    `written` is the whole requirement, for the message. Raises EnvError (`env.requirement`).
    """
    if len(text) > LONGEST:
        raise requirement_error(written, f"It has more than {LONGEST} characters.", FORMS)
    if "\n" in text or "$" in text:
        raise requirement_error(written, "It has a line break or a $ in it.", FORMS)
    if WHOLE.fullmatch(text.strip()):
        return [_tidy(text.strip())], False
    return _scan(_unquote(text, written), written)


def _unquote(text: str, written: str) -> str:
    try:
        return " ".join(shlex.split(text))
    except ValueError as exc:
        raise requirement_error(written, "A quotation mark is not closed.", FORMS) from exc


def _scan(text: str, written: str) -> tuple[list[str], bool]:
    found: list[str] = []
    prerelease = False
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        if match := OPTION.match(text, at):
            prerelease = _read_option(match[0], written) or prerelease
        else:
            match = PLAIN_URL.match(text, at) or REQUIREMENT.match(text, at)
            if match is None:
                part = text[at:].split(None, 1)[0]
                raise requirement_error(written, f'"{part}" is not understood.', FORMS)
            found.append(_tidy(match[0]))
        at = match.end()
    return found, prerelease


def _read_option(option: str, written: str) -> bool:
    if option == "--pre":
        return True
    if option not in HARMLESS_OPTIONS:
        raise requirement_error(
            written,
            f'The option "{option}" is not supported.',
            "Remove it from the plugin's requirements.",
        )
    return False


def _tidy(requirement: str) -> str:
    """Write a requirement without spaces, and `URL#egg=name` as `name @ URL`."""
    if "://" not in requirement:
        head, mark, marker = requirement.partition(";")
        return re.sub(r"\s+", "", head) + (f"; {marker.strip()}" if mark else "")
    url, _, fragment = requirement.partition("#")
    egg = re.search(rf"(?:^|&)egg=({NAME})", fragment)
    if egg and " @" not in url:
        return f"{egg[1]} @ {url}"
    return url.strip() if egg or not fragment else requirement.strip()
