"""Turns what the conda library says about a failed step into errors with cause and remedy."""

from __future__ import annotations

import re
from collections.abc import Sequence

from imjoy.envs.failures import (
    CERTIFICATE,
    DISK,
    DISK_FULL,
    NETWORK,
    RESOLVE,
    env_error,
    redact,
    tail,
)
from imjoy.envs.suggestions import suggestion
from imjoy.errors import EnvError

MISSING = re.compile(r"No candidates were found for ([\w.-]+) ?([^\n]*?)\.?\s*$", re.MULTILINE)
MACHINE = re.compile(r"(__\w+)(?: ([^,\n]+))?, for which no candidates were found")
CHECKSUM = re.compile(r"checksum|hash mismatch|sha256", re.IGNORECASE)
FETCHED = re.compile(r"failed to fetch ([\w.+!-]+?)(?:\.conda|\.tar\.bz2)?$", re.MULTILINE)
GONE = re.compile(
    r"No such file or directory|os error 2\b|status client error \(404|does not exist"
)
READ_ONLY = re.compile(r"Permission denied|Read-only file system|os error (?:13|30)\b")
TREE = re.compile(r"[│├└─\s]+")
OFFERS = {
    "__cuda": "an NVIDIA graphics card with its driver",
    "__glibc": "a newer system library (glibc)",
    "__osx": "macOS",
    "__win": "Windows",
    "__unix": "a Unix system",
    "__linux": "Linux",
    "__archspec": "another kind of processor",
}


def no_conda(step: str = RESOLVE) -> EnvError:
    """The error for an engine without the part for conda packages."""
    return env_error(
        "env.conda",
        step,
        "The plugin needs conda packages, and this engine was installed without that part.",
        'Run `pip install "imjoy[conda]"` where ImJoy is installed, then start the engine again.',
    )


def conda_failure(step: str, kind: str, message: str, channels: Sequence[str]) -> EnvError:
    """The error for a failed job; `kind` is the class of the library's error."""
    code, cause, remedy = _explain(kind, message, channels)
    return env_error(code, step, redact(cause), remedy, tail(message))


def _explain(kind: str, message: str, channels: Sequence[str]) -> tuple[str, str, str]:
    named = ", ".join(map(_name_of, channels)) or "none"
    if DISK.search(message):
        return ("env.disk", *DISK_FULL)
    if READ_ONLY.search(message):
        cause = "The folder of the environments cannot be written to."
        return "env.folder", cause, "Change its permissions, or choose another with --home."
    if kind == "SolverError":
        return _explain_solver(message, named)
    fetched = FETCHED.search(message)
    if CHECKSUM.search(message) and not NETWORK.search(FETCHED.sub("", message)):
        name = f'the conda package "{fetched[1]}"' if fetched else "a conda package"
        cause = f"The file of {name} is not the one that was chosen (its checksum differs)."
        return "env.checksum", cause, "Try again; if it stays, the channel is faulty."
    if fetched and GONE.search(message):
        cause = f'The file of the conda package "{fetched[1]}" is not in its channel.'
        return "env.not_found", cause, "Choose the packages anew, or name another channel."
    if CERTIFICATE.search(message):
        cause = f"The certificate of one of the conda channels ({named}) is not trusted."
        remedy = "Set SSL_CERT_FILE to the file with the certificates of your organisation."
        return "env.network", cause, remedy
    if "no usable repodata cache" in message or NETWORK.search(message):
        cause = f"The conda channels ({named}) cannot be reached."
        if fetched and not channels:
            cause = f'The channel of the conda package "{fetched[1]}" cannot be reached.'
        remedy = (
            "Check the network connection (and proxy or SSL_CERT_FILE), "
            "or name a channel that can be reached with --channel."
        )
        return "env.network", cause, remedy
    if "could not find subdir" in message or "404" in message:
        cause = f"One of the conda channels ({named}) does not exist, or has no repodata.json."
        return "env.not_found", cause, "Check its name or address."
    if "The lock has no packages for" in message:
        return "env.not_found", message, "Make the environment from its requirements instead."
    cause = f"The conda packages could not be installed: {message.splitlines()[0][:300]}"
    return "env.build_failed", cause, "Read the details, then try again."


def _name_of(channel: str) -> str:
    """What a channel is called; its address may have a password in it."""
    return redact(channel) if "://" not in channel else channel.rstrip("/").rpartition("/")[2]


def _explain_solver(message: str, channels: str) -> tuple[str, str, str]:
    machine = MACHINE.search(message)
    if machine:
        asked = f"{machine[1]} {machine[2] or ''}".strip()
        offer = OFFERS.get(machine[1], "something")
        cause = f"A package needs {asked}, that is {offer}, which this computer does not have."
        return "env.machine", cause, "Ask for a build without it, or use another computer."
    missing = MISSING.search(message)
    if missing and "└" not in message and "├" not in message:
        asked = f"{missing[1]} {missing[2]}".replace("*", "").strip(" .")
        if missing[1] == "python":
            version = asked.removeprefix("python").strip()
            cause = f"There is no Python {version} in the conda channels {channels}."
            remedy = (
                "Ask for another Python, or add a channel that has it. Without conda packages one "
                f'on this computer does (for example from "uv python install {version}").'
            )
            return "env.python", cause, remedy
        cause = f'There is no conda package "{asked}" in the channels {channels}.'
        remedy = f"{suggestion(missing[1])}Check its spelling, or add the channel that has it."
        return "env.not_found", cause, remedy
    tree = "; ".join(TREE.sub(" ", line).strip() for line in message.splitlines()[:12])
    tree = tree.removeprefix("Cannot solve the request because of: ")
    return (
        "env.conflict",
        f"The conda packages cannot be had together. {tree[:600]}",
        "Change or remove one of the versions asked for, or add another channel.",
    )
