"""Finds the uv program and the environment variables it runs with."""

from __future__ import annotations

import os
import shutil
import ssl
import sys
from collections.abc import Mapping
from pathlib import Path

from imjoy.envs.failures import RESOLVE, env_error

DROPPED = ("VIRTUAL_ENV", "CONDA_PREFIX", "IMJOY_TOKEN", "UV_PYTHON", "UV_TARGET", "UV_PREFIX")


def find_uv() -> Path:
    """The uv program beside this Python or on the PATH. Raises EnvError (`env.build_failed`)."""
    beside = Path(sys.executable).with_name("uv.exe" if os.name == "nt" else "uv")
    found = str(beside) if beside.exists() else _from_package() or shutil.which("uv")
    if not found:
        raise env_error(
            "env.build_failed",
            RESOLVE,
            "The program uv, which installs packages, is missing.",
            'Install it with "pip install uv" where ImJoy is installed, then start it again.',
        )
    return Path(found)


def _from_package() -> str | None:
    try:
        from uv import find_uv_bin
    except ImportError:
        return None
    try:
        return str(find_uv_bin())
    except FileNotFoundError:
        return None


def uv_environment(cache: Path, base: Mapping[str, str] | None = None) -> dict[str, str]:
    """The variables for uv: the user's own settings of uv, or else of pip, and our cache.

    `cache` must be on the file system of the environments, so that files are linked, not copied.
    """
    env = {
        key: value
        for key, value in (os.environ if base is None else base).items()
        if key not in DROPPED and not key.startswith("PYTHON")
    }
    if "UV_INDEX_URL" not in env and "UV_DEFAULT_INDEX" not in env and env.get("PIP_INDEX_URL"):
        env["UV_DEFAULT_INDEX"] = env["PIP_INDEX_URL"]
    if "UV_EXTRA_INDEX_URL" not in env and "UV_INDEX" not in env and env.get("PIP_EXTRA_INDEX_URL"):
        env["UV_INDEX"] = env["PIP_EXTRA_INDEX_URL"]
    if "SSL_CERT_FILE" not in env and env.get("PIP_CERT"):
        env["SSL_CERT_FILE"] = env["PIP_CERT"]
    if not {"UV_SYSTEM_CERTS", "UV_NATIVE_TLS"} & env.keys() and machine_has_certificates():
        # Those of an institute's proxy are among them; the ones that uv brings along know none.
        env["UV_SYSTEM_CERTS"] = "1"
    env.update(
        UV_CACHE_DIR=str(cache),
        UV_PYTHON_DOWNLOADS="never",
        UV_COMPILE_BYTECODE="0",
        UV_PREVIEW_FEATURES="pylock",
        NO_COLOR="1",
        TERM="xterm",
    )
    return env


def machine_has_certificates() -> bool:
    """Whether this machine has certificates of its own: a slim container may have none."""
    places = ssl.get_default_verify_paths()
    if sys.platform == "darwin" or places.cafile:
        return True
    return places.capath is not None and any(Path(places.capath).iterdir())
