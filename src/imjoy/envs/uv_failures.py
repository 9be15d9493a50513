"""Turns what uv says about a failed step into an error with cause and remedy."""

from __future__ import annotations

import re

from imjoy.envs.failures import (
    CERTIFICATE,
    DISK,
    DISK_FULL,
    NETWORK,
    crashed,
    env_error,
    redact,
    tail,
)
from imjoy.envs.interpreters import OLDEST
from imjoy.envs.suggestions import suggestion
from imjoy.errors import EnvError

PROXY = re.compile(r"407 Proxy|proxy authentication|tunnel error", re.IGNORECASE)
OFFLINE = re.compile(r"not found in the cache|wasn't found in the cache|network was disabled")
MISSING = re.compile(
    r"([\w.-]+) was not found in the (?:package registry|provided package locations)"
)
NO_VERSION = re.compile(r"there (?:is|are) no versions? of ([\w.-]+)([^\s,]*(?:,[<>=!~][^\s,]+)*)")
NO_WHEEL = re.compile(r"([\w.-]+?)(?:([=<>!~]=?[\w.,<>=!~*+-]+))? has no (?:usable )?wheels")
WHEELS_FOR = re.compile(r"we only found wheels for .*? tags?: (.+)")
PYTHON_TOO = re.compile(
    r"(?:current|requested) Python version \(([^)]*)\) does not satisfy Python(\S+) and ([\w.-]+)"
)
BUILD = re.compile(
    r"Failed to (?:build|prepare)\w* [`']?([\w.-]+)|build backend|Call to `", re.IGNORECASE
)
HASH = re.compile(r"Hash mismatch for [`']?([\w.=+-]+)")
CUT = re.compile(r"Failed to download [`']?([\w.=+-]+)[`']? cause: Failed to extract archive")
GIT = re.compile(r"Git operation failed")
GIT_SAID = re.compile(r"(?:fatal|ERROR): (.{1,300}?)\.?(?: fatal: | Caused by| cause: |$)")
NO_GIT = re.compile(r"Git executable not found|git.*not found in", re.IGNORECASE)


def uv_failure(step: str, output: str, python: str, status: int = 1) -> EnvError:
    """The error for a failed run of uv with this output and exit status, for this Python."""
    if status < 0:
        return crashed(step, "pip", status, output)
    code, cause, remedy = _explain(output, python)
    return env_error(code, step, redact(cause), redact(remedy), tail(output))


def names_not_stored(output: str) -> list[str]:
    """The packages that uv did not find while it was not to use the network."""
    return sorted(set(re.findall(r"([\w.-]+) was not found in the cache", output)))


def broken_file(output: str) -> str | None:
    """The package whose file is not the one that was chosen."""
    text = _short(output)
    match = None if NETWORK.search(text) else HASH.search(text) or CUT.search(text)
    return re.split(r"[=@]", match[1])[0] if match else None


def may_be_elsewhere(output: str) -> bool:
    """Whether it may help to ask the index where the files are now."""
    text = _short(output)
    return not any(pattern.search(text) for pattern in (DISK, HASH, BUILD))


_NO_NETWORK = (
    "The package index cannot be reached, and not all packages are stored on this computer.",
    "Check the network connection (and proxy or SSL_CERT_FILE; `imjoy doctor` names the index), then try again.",
)


def _explain(output: str, python: str) -> tuple[str, str, str]:
    text = _short(output)
    if DISK.search(text):
        return ("env.disk", *DISK_FULL)
    for pattern, explain in _EXPLANATIONS:
        if match := pattern.search(text):
            return explain(match, text, python)
    return (
        "env.build_failed",
        f"The package installer stopped with an error: {_first_error(output).rstrip('.')}.",
        "Read the details; the plugin's requirements may need a change.",
    )


def _short(output: str) -> str:
    """In one line, without what would take the patterns minutes."""
    words = [word if len(word) < 500 else f"{word[:200]}..." for word in output.split()]
    text = " ".join(words)
    return text if len(text) < 20_000 else f"{text[:10_000]} ... {text[-10_000:]}"


def _first_error(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith(("error", "cause", "×", "Caused by"))]
    return (errors or lines or ["it gave no reason"])[-1 if not errors else 0][:300]


def _hash(match: re.Match[str], text: str, python: str) -> tuple[str, str, str]:
    cause = f"The file of {match[1]} is not the one that was chosen, or it is damaged."
    return "env.checksum", cause, "Try again; if it stays, the package index is faulty."


def _no_git(match: re.Match[str], text: str, python: str) -> tuple[str, str, str]:
    return "env.build_failed", "The program git is not installed.", "Install git, then try again."


def _git(match: re.Match[str], text: str, python: str) -> tuple[str, str, str]:
    if NETWORK.search(text) or "Could not resolve host" in text:
        cause = "The host of a git repository cannot be reached."
        return "env.network", cause, "Check the network connection and the address, then try again."
    said = GIT_SAID.search(text)
    cause = f"A git repository cannot be copied: {said[1] if said else 'git gave no reason'}."
    remedy = "Check that the repository is public and that address and branch are right."
    return "env.not_found", cause, remedy


def _build(match: re.Match[str], text: str, python: str) -> tuple[str, str, str]:
    name = f"The package {match[1]}" if match[1] else "A package"
    cause = f"{name} has no ready-made file for Python {python} and could not be built from source."
    return (
        "env.build_failed",
        cause,
        "Ask for a version that has wheels for this Python, or install a compiler; see the details.",
    )


def _network(match: re.Match[str], text: str, python: str) -> tuple[str, str, str]:
    return ("env.network", *_NO_NETWORK)


def _unreadable(match: re.Match[str], text: str, python: str) -> tuple[str, str, str]:
    reason = text.split("cause:", 1)[-1].strip()[:300]
    cause = f"One of the requirements cannot be read. {reason}"
    return "env.requirement", cause, "Ask for packages by name, or by an address with https or git."


def _certificate(match: re.Match[str], text: str, python: str) -> tuple[str, str, str]:
    return (
        "env.network",
        "The certificate of the package index is not trusted by this computer.",
        "Set SSL_CERT_FILE to the file with the certificates of your organisation, and try again.",
    )


def _proxy(match: re.Match[str], text: str, python: str) -> tuple[str, str, str]:
    return (
        "env.network",
        "The proxy of this computer cannot be reached, or does not let the package installer through.",
        "Check the variables HTTPS_PROXY and NO_PROXY, with user and password if it wants them.",
    )


def _missing(match: re.Match[str], text: str, python: str) -> tuple[str, str, str]:
    cause = f'There is no package named "{match[1]}" in the package index.'
    remedy = f"{suggestion(match[1])}Check its spelling in the plugin's requirements."
    return "env.not_found", cause, remedy


def _no_version(match: re.Match[str], text: str, python: str) -> tuple[str, str, str]:
    cause = f'There is no version of "{match[1]}" that fits "{match[1]}{match[2].rstrip(".")}".'
    return "env.not_found", cause, "Ask for another version in the plugin's requirements."


def _no_wheel(match: re.Match[str], text: str, python: str) -> tuple[str, str, str]:
    cause = f"{match[1]}{match[2] or ''} has no build for Python {python} on this computer."
    found = WHEELS_FOR.search(text)
    pythons = sorted(
        {
            (int(m[1]), int(m[2]))
            for m in re.finditer(r"`cp(\d)(\d+)m?u?`", found[1] if found else "")
        }
    )
    usable = [each for each in pythons if each >= OLDEST]
    if usable:
        listed = ", ".join(f"{major}.{minor}" for major, minor in usable)
        remedy = f"It has builds for Python {listed}: ask for that Python, or for another version."
    elif pythons:
        remedy = (
            "It has builds for older Pythons only than plugins can run in: ask for a newer version."
        )
    else:
        remedy = "Ask for another version of it."
    return "env.no_wheel", cause, remedy


def _python_too(match: re.Match[str], text: str, python: str) -> tuple[str, str, str]:
    cause = f"{match[3]} needs Python {match[2]}, and this environment has Python {python}."
    return "env.no_wheel", cause, f"Ask for another version of {match[3]}, or another Python."


def _conflict(match: re.Match[str], text: str, python: str) -> tuple[str, str, str]:
    reason = text.split("cause:", 1)[-1].split("hint:")[0].strip()
    short = reason if len(reason) <= 600 else reason[:600] + " ..."
    return (
        "env.conflict",
        f"The requirements contradict each other. {short}",
        "Change or remove one of the versions asked for.",
    )


_EXPLANATIONS = (
    (HASH, _hash),
    (NO_GIT, _no_git),
    (GIT, _git),
    (OFFLINE, _network),
    (MISSING, _missing),
    (BUILD, _build),
    (CERTIFICATE, _certificate),
    (PROXY, _proxy),
    (NETWORK, _network),
    (CUT, _hash),
    (re.compile(r"Couldn't parse requirement"), _unreadable),
    (NO_WHEEL, _no_wheel),
    (PYTHON_TOO, _python_too),
    (re.compile(r"depends on .* unsatisfiable|conflict", re.DOTALL), _conflict),
    (NO_VERSION, _no_version),
    (re.compile(r"unsatisfiable|cannot be used"), _conflict),
)
