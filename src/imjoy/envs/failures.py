"""Turns what uv and the system say about a failed step into errors with cause and remedy."""

from __future__ import annotations

import errno
import re
from urllib.parse import urlsplit

from imjoy.errors import EnvError

READ, RESOLVE, INSTALL = (
    "Reading the requirements",
    "Finding the packages",
    "Installing the packages",
)
PUBLIC_HOSTS = frozenset({"pypi.org", "files.pythonhosted.org", "github.com"})
URL = re.compile(r"(?:https?|file|ssh|ftp)://[^\s`'\"<>)]+")
INDEX = "the package index"
DETAIL_LINES = 20

DISK = re.compile(r"No space left on device|os error 28|Disk quota exceeded|os error 122")
NETWORK = re.compile(
    r"error sending request|dns error|Connection refused|Request failed after|timed out"
    r"|tcp connect error|Network is unreachable|HTTP status server error|unable to access"
    r"|certificate|failed to fetch|connection reset",
    re.IGNORECASE,
)
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
NO_GIT = re.compile(r"Git executable not found|git.*not found in", re.IGNORECASE)


def env_error(code: str, step: str, cause: str, remedy: str, detail: str = "") -> EnvError:
    """An EnvError whose `data` holds step, cause, remedy and detail."""
    return EnvError(step, cause, remedy, {"detail": detail or None}, code)


def requirement_error(
    written: str, cause: str, remedy: str, code: str = "env.requirement"
) -> EnvError:
    """The error for a requirement that cannot be used as it is written."""
    return env_error(code, READ, f'"{written.strip()[:200]}" cannot be used. {cause}', remedy)


def redact(text: str) -> str:
    """Replace addresses and host names of private package indexes in a text of uv."""
    hosts: set[str] = set()

    def shown(match: re.Match[str]) -> str:
        parts = urlsplit(match[0])
        if parts.hostname in PUBLIC_HOSTS and "@" not in parts.netloc:
            return match[0]
        hosts.update(host for host in (parts.hostname, parts.netloc) if host)
        return INDEX

    text = URL.sub(shown, text)
    for host in sorted(hosts, key=len, reverse=True):
        text = text.replace(host, INDEX)
    return text


def tail(text: str) -> str:
    """The last lines of an output, without addresses of private indexes."""
    lines = [line.rstrip() for line in redact(text).splitlines() if line.strip()]
    return "\n".join(lines[-DETAIL_LINES:])


def uv_failure(step: str, output: str, python: str) -> EnvError:
    """The error for a failed run of uv with this output; `python` is the version it ran for."""
    code, cause, remedy = _explain(output, python)
    return env_error(code, step, redact(cause), redact(remedy), tail(output))


def os_failure(step: str, exc: OSError) -> EnvError:
    """The error for a file operation of ours that failed."""
    if exc.errno in (errno.ENOSPC, errno.EDQUOT):
        return env_error("env.disk", step, *_DISK_FULL)
    cause = f"The folder of the environments cannot be used: {exc.strerror or exc}."
    return env_error("env.build_failed", step, cause, "Check that it can be written to.")


_DISK_FULL = (
    "There is no space left on the disk.",
    "Free some space, then start the plugin again.",
)
_NO_NETWORK = (
    "The package index cannot be reached, and not all packages are stored on this computer.",
    "Check the network connection (and proxy or SSL_CERT_FILE), then start the plugin again.",
)


def _explain(output: str, python: str) -> tuple[str, str, str]:
    text = " ".join(output.split())
    if DISK.search(text):
        return ("env.disk", *_DISK_FULL)
    for pattern, explain in _EXPLANATIONS:
        if match := pattern.search(text):
            return explain(match, text, python)
    return (
        "env.build_failed",
        "The package installer stopped with an error: " + _first_error(output),
        "Read the details; the plugin's requirements may need a change.",
    )


def _first_error(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith(("error", "cause", "×", "Caused by"))]
    return (errors or lines or ["it gave no reason"])[-1 if not errors else 0][:300]


def _hash(match: re.Match[str], text: str, python: str) -> tuple[str, str, str]:
    cause = f"The file of {match[1]} is not the one that was chosen (its checksum differs)."
    return "env.build_failed", cause, "Try again; if it stays, the package index is faulty."


def _no_git(match: re.Match[str], text: str, python: str) -> tuple[str, str, str]:
    return "env.build_failed", "The program git is not installed.", "Install git, then try again."


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


def _missing(match: re.Match[str], text: str, python: str) -> tuple[str, str, str]:
    cause = f'There is no package named "{match[1]}".'
    return "env.not_found", cause, "Check its spelling in the plugin's requirements."


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
    if pythons:
        listed = ", ".join(f"{major}.{minor}" for major, minor in pythons)
        remedy = f"It has builds for Python {listed}: ask for one of them or another version."
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
    (OFFLINE, _network),
    (MISSING, _missing),
    (BUILD, _build),
    (NETWORK, _network),
    (NO_WHEEL, _no_wheel),
    (PYTHON_TOO, _python_too),
    (re.compile(r"depends on .* unsatisfiable|conflict", re.DOTALL), _conflict),
    (NO_VERSION, _no_version),
    (re.compile(r"unsatisfiable|cannot be used"), _conflict),
)
