"""Errors of environments, with step, cause and remedy, and what all kinds of them share."""

from __future__ import annotations

import errno
import re
import signal
from collections.abc import Callable
from urllib.parse import urlsplit

from imjoy.errors import EnvError
from imjoy.package_index import FILES_OF_PYPI, PYPI

READ, RESOLVE, INSTALL = (
    "Reading the requirements",
    "Finding the packages",
    "Installing the packages",
)
PUBLIC_HOSTS = frozenset({urlsplit(PYPI).hostname, FILES_OF_PYPI, "github.com"})
URL = re.compile(r"(?:https?|file|ssh|ftp)://[^\s`'\"<>)]+")
HIDDEN = "(a private address)"
ADDRESS = re.compile(r"(\w+://)(?:[^\s/]*@)?([^\s?'\"]*)(?:\?[^\s'\"]*)?")
DETAIL_LINES, LONGEST_LINE = 20, 2000

DISK = re.compile(r"No space left on device|os error 28|Disk quota exceeded|os error 122")
CERTIFICATE = re.compile(
    r"invalid peer certificate|certificate verify failed|UnknownIssuer|self-signed certificate",
    re.IGNORECASE,
)
NETWORK = re.compile(
    r"error sending request|dns error|Connection refused|Request failed after|timed out"
    r"|tcp connect error|Network is unreachable|HTTP status server error|unable to access"
    r"|failed to fetch|connection reset|network timeout|I/O operation failed during extraction",
    re.IGNORECASE,
)
DISK_FULL = (
    "There is no space left on the disk.",
    "Free some space, then start the plugin again.",
)


def env_error(code: str, step: str, cause: str, remedy: str, detail: str = "") -> EnvError:
    """An EnvError whose `data` holds step, cause, remedy and detail."""
    return EnvError(step, cause, remedy, {"detail": detail or None}, code)


def requirement_error(
    written: str, cause: str, remedy: str, code: str = "env.requirement"
) -> EnvError:
    """The error for a requirement that cannot be used as it is written."""
    cause = without_secrets(f'"{written.strip()[:200]}" cannot be used. {cause}')
    return env_error(code, READ, cause, remedy)


def redact(text: str) -> str:
    """Replace addresses that are not public, and the names of their hosts, in a text of uv."""
    hosts: set[str] = set()

    def shown(match: re.Match[str]) -> str:
        parts = urlsplit(match[0])
        if parts.hostname in PUBLIC_HOSTS and "@" not in parts.netloc:
            return match[0]
        hosts.update(host for host in (parts.hostname, parts.netloc) if host)
        return HIDDEN

    text = URL.sub(shown, text)
    for host in sorted(hosts, key=len, reverse=True):
        text = text.replace(host, HIDDEN)
    return text


def without_secrets(text: str) -> str:
    """A text with its addresses, but without the passwords and tokens in them."""
    return ADDRESS.sub(r"\1\2", text)


def tail(text: str, hide: Callable[[str], str] = redact) -> str:
    """The last lines of an output, none too long, without addresses of private indexes."""
    end = hide(text[-4 * DETAIL_LINES * LONGEST_LINE :])
    lines = [line.rstrip()[:LONGEST_LINE] for line in end.splitlines() if line.strip()]
    return "\n".join(lines[-DETAIL_LINES:])


def os_failure(step: str, exc: OSError) -> EnvError:
    """The error for a file operation of ours that failed."""
    if exc.errno in (errno.ENOSPC, errno.EDQUOT):
        return env_error("env.disk", step, *DISK_FULL)
    cause = f"The folder of the environments cannot be used: {exc.strerror or exc}."
    remedy = "Make it writable for your user, or choose another one with --home."
    if exc.errno in (errno.ENOTDIR, errno.EEXIST):
        remedy = "A file is in its place: choose a folder with --home."
    return env_error("env.folder", step, cause, remedy)


def crashed(step: str, program: str, code: int, output: str) -> EnvError:
    """The error for a program that ended by itself, with a signal when `code` is negative."""
    how = f"the signal {signal_name(-code)}" if code < 0 else f"exit code {code}"
    cause = f"The program that installs {program} packages ended by {how}."
    remedy = "Try again; if it stays, report it with the details."
    return env_error("env.build_failed", step, cause, remedy, tail(output))


def signal_name(number: int) -> str:
    """Such as SIGKILL."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return str(number)


def not_stored(failure: EnvError, names: list[str]) -> EnvError:
    """The failure for want of a network, with the packages that would have to be fetched."""
    if not names:
        return failure
    listed = ", ".join(names[:10]) + (f" and {len(names) - 10} others" if names[10:] else "")
    cause = f"{failure.cause} Not stored yet: {listed}."
    detail = str((failure.data or {}).get("detail") or "")
    return env_error(failure.code, failure.step, cause, failure.remedy, detail)
