"""Finds the variables that conda packages want to be set, once, when their environment is made."""

from __future__ import annotations

import asyncio
import json
import logging
import os
from pathlib import Path

from imjoy.envs.children import run_quietly

logger = logging.getLogger(__name__)

SCRIPTS = Path("etc") / "conda" / "activate.d"
SETTINGS = Path("etc") / "conda" / "env_vars.d"
# Sources each file that is named after it, then prints all variables.
READ_ALL = 'for file in "$@"; do . "$file" >/dev/null; done; env -0'
SECONDS = 30.0
OWN = frozenset({"_", "PWD", "OLDPWD", "SHLVL", "CONDA_PREFIX", "PATH"})


async def activation_variables(folder: Path, final: Path) -> dict[str, str]:
    """The variables of an environment in `folder` for the time when it is at `final`."""
    found: dict[str, str] = {}
    for file in sorted((folder / SETTINGS).glob("*.json")):
        try:
            data = json.loads(file.read_text("utf-8"))
        except (OSError, ValueError):
            continue
        found.update({str(key): str(value) for key, value in dict(data).items()})
    scripts = sorted(str(file) for file in (folder / SCRIPTS).glob("*.sh"))
    if scripts:
        found.update(await _sourced(scripts, folder))
    return {key: value.replace(str(folder), str(final)) for key, value in found.items()}


async def _sourced(scripts: list[str], folder: Path) -> dict[str, str]:
    base = {
        "PATH": f"{folder / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "HOME": os.environ.get("HOME", "/"),
        "CONDA_PREFIX": str(folder),
    }
    command = ["/bin/sh", "-c", READ_ALL, "sh", *scripts]
    try:
        code, out, _ = await asyncio.wait_for(run_quietly(command, base, folder), SECONDS)
    except asyncio.TimeoutError:
        names = ", ".join(Path(script).name for script in scripts)
        logger.warning(
            "The activation scripts of conda packages (%s) did not end within %g s: the variables "
            "that they set are missing. Report it to the makers of the package.",
            names,
            SECONDS,
        )
        return {}
    if code:
        return {}
    pairs = (entry.partition("=") for entry in out.split("\0") if "=" in entry)
    return {key: value for key, _, value in pairs if key not in OWN and base.get(key) != value}
