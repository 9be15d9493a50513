"""Tries a new environment: its Python starts, and what the plugin asked for can be imported."""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections.abc import Iterable
from pathlib import Path

from imjoy.envs.children import run_quietly
from imjoy.envs.failures import env_error, tail
from imjoy.envs.layout import PYTHON
from imjoy.envs.requirements import NAME
from imjoy.envs.spec import EnvSpec
from imjoy.package_index import plain_name

STEP = "Trying the new environment"
SECONDS = 180.0
# Runs in the Python of the environment, which can be as old as 3.7.
TRY = """
import importlib, json, os, re, sys
required = set(sys.argv[1].split())
wanted, failed, there = set(sys.argv[2:]), {}, set()
for folder in [path for path in sys.path if path.endswith("site-packages")]:
    for info in os.listdir(folder):
        name = re.sub("[-_.]+", "-", info.split("-")[0]).lower()
        if info.endswith((".dist-info", ".egg-info")):
            there.add(name)
        record = os.path.join(folder, info, "RECORD")
        if not info.endswith(".dist-info") or name not in wanted or not os.path.exists(record):
            continue
        with open(record, encoding="utf-8") as file:
            paths = [line.split(",")[0] for line in file]
        tops = {path.split("/")[0] for path in paths if re.fullmatch(r"\\w+/__init__\\.py", path)}
        tops |= {path[:-3] for path in paths if re.fullmatch(r"\\w+\\.py", path)}
        for top in sorted(tops):
            try:
                importlib.import_module(top)
            except Exception as error:
                failed[top] = "%s: %s" % (type(error).__name__, error)
failed.update((name, "it is not there") for name in required - there)
print(json.dumps(failed))
"""


def _names(requirements: Iterable[str]) -> list[str]:
    found = (re.match(NAME, text) for text in requirements)
    return sorted({plain_name(match[0]) for match in found if match})


async def check_health(environment: Path, spec: EnvSpec, cwd: Path) -> None:
    """Raise EnvError (`env.unhealthy`) unless the packages asked for can be imported."""
    named = [text for text in spec.packages if "://" not in text or "@" in text.split("://")[0]]
    required, wanted = _names(named), _names([*named, *spec.conda])
    command = [str(environment / PYTHON), "-I", "-c", TRY, " ".join(required), *wanted]
    env = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    env["PATH"] = f"{environment / 'bin'}{os.pathsep}{env.get('PATH', os.defpath)}"
    try:
        code, out, errors = await asyncio.wait_for(run_quietly(command, env, cwd), SECONDS)
    except asyncio.TimeoutError:
        code, out, errors = -1, "", f"Importing them took longer than {SECONDS:.0f} seconds."
    failed = json.loads(out.splitlines()[-1]) if code == 0 and out.strip() else None
    if failed == {}:
        return
    cause = "its Python ended with an error"
    if failed:
        cause = "; ".join(f"{name} cannot be imported ({why})" for name, why in failed.items())
    raise env_error(
        "env.unhealthy",
        STEP,
        f"The new packages do not work: {cause[:600]}.",
        "The environment before is kept in use. Ask for other versions, or try again later.",
        tail(errors),
    )
