"""Prepares the checkout for work: a locked Python environment and the built web app.

Runs on the bare `python3` of the machine, so it uses the standard library only. What has been done
is noted by content hash in `.venv`, and a second run that finds the same does nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
OLDEST_PYTHON = (3, 10)
LOCKS = {
    "engine": ("requirements/engine.lock",),
    "dev": ("requirements/engine.lock", "requirements/dev.lock"),
}


class SetupProblem(Exception):
    """Something the user has to know; the text names the step, the cause and the remedy."""


def main(arguments: list[str]) -> int:
    """`setup_env.py engine|dev [browser] [more-browsers]`; returns the exit code."""
    try:
        level = arguments[0] if arguments else "engine"
        check_python()
        ensure_environment(level)
        if "browser" in arguments:
            ensure_browser()
        if "more-browsers" in arguments:
            ensure_more_browsers()
        return run_web_build()
    except SetupProblem as problem:
        print(f"\nSetup stopped. {problem}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"\nSetup stopped. Writing a file failed: {explain(str(error))}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nSetup was interrupted. Run the same command again to go on.", file=sys.stderr)
        return 130


def check_python() -> None:
    """Raise unless this interpreter is new enough."""
    if sys.version_info < OLDEST_PYTHON:
        have = ".".join(map(str, sys.version_info[:3]))
        raise SetupProblem(
            f"ImJoy needs Python 3.10 or newer, and `{sys.executable}` is {have}. "
            "Install a newer Python, or name one: `make serve PYTHON=python3.12`."
        )


# ---- the Python environment -------------------------------------------------------------------


def ensure_environment(level: str) -> None:
    """Create `.venv`, install the locked packages and the project in place, unless done before."""
    if is_done(level):
        return
    if not works(PYTHON):
        create_environment()
    for lock in LOCKS[level][-1:]:
        print(f"Installing the locked packages of {lock} ...", flush=True)
        pip("Installing the Python packages", "--require-hashes", "-r", str(ROOT / lock))
    pip(
        "Installing the project in place",
        "--no-deps",
        "--no-index",
        "--no-build-isolation",
        "--editable",
        str(ROOT),
    )
    stamp_file(level).write_text(fingerprint(level), "utf-8")


def is_done(level: str) -> bool:
    """Whether this level, or the larger one, is what `.venv` holds now."""
    levels = ("engine", "dev") if level == "engine" else ("dev",)
    return works(PYTHON) and any(
        stamp_file(each).is_file() and stamp_file(each).read_text("utf-8") == fingerprint(each)
        for each in levels
    )


def stamp_file(level: str) -> Path:
    return VENV / f"imjoy-{level}.stamp"


def fingerprint(level: str) -> str:
    """A hash over everything that decides what is installed, and where."""
    digest = hashlib.sha256(json.dumps([str(ROOT), installed_version()]).encode())
    for name in (*LOCKS[level], "pyproject.toml"):
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def installed_version() -> str:
    """The Python version that `.venv` was made with, from its own note; empty without one."""
    try:
        lines = (VENV / "pyvenv.cfg").read_text("utf-8").splitlines()
    except OSError:
        return ""
    return next((line for line in lines if line.startswith("version")), "")


def works(python: Path) -> bool:
    """Whether `.venv` is whole and belongs to this folder (it does not when it was moved)."""
    code = "import sys, pip; print(sys.prefix)"
    try:
        done = subprocess.run([python, "-c", code], capture_output=True, text=True, timeout=60)
    except OSError:
        return False
    return done.returncode == 0 and done.stdout.strip() == str(VENV)


def create_environment() -> None:
    """Make a fresh `.venv`; installs Debian's package for it when it may."""
    print("Creating the Python environment in .venv ...", flush=True)
    shutil.rmtree(VENV, ignore_errors=True)
    if not has_venv():
        install_system_packages("The Python environment", [venv_package()])
    command = [sys.executable, "-m", "venv", str(VENV)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        reason = explain(done.stdout + done.stderr + full_disk())
        shutil.rmtree(VENV, ignore_errors=True)
        raise SetupProblem(f"Creating the Python environment failed: {reason}")


def full_disk() -> str:
    """The system's words for a full disk when there is one: `venv` does not say why it failed."""
    return "No space left on device" if shutil.disk_usage(ROOT).free < 30_000_000 else ""


def has_venv() -> bool:
    """Whether this Python can make environments; Debian keeps a part of that in another package."""
    code = "import ensurepip, venv; ensurepip.version()"
    return subprocess.run([sys.executable, "-c", code], capture_output=True).returncode == 0


def venv_package() -> str:
    """Debian's name of the missing part, of this very Python and not of the usual one."""
    return "python{}.{}-venv".format(*sys.version_info[:2])


def pip(step: str, *arguments: str) -> None:
    """Run `pip install`; raises SetupProblem with a plain reason."""
    command = [str(PYTHON), "-m", "pip", "install", "--quiet", "--no-input", "--retries=2"]
    environment = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    done = subprocess.run(
        [*command, *arguments], env=environment, stderr=subprocess.PIPE, text=True
    )
    if done.returncode != 0:
        raise SetupProblem(f"{step} failed: {explain(done.stderr)}")


def explain(output: str) -> str:
    """Cause and remedy in one or two sentences, out of what pip or npm printed."""
    lower = output.lower()
    if "no space left" in lower or "enospc" in lower:
        return "the disk is full. Make room and run the same command again."
    certificate = (
        "self_signed_cert",
        "unable_to_get_issuer",
        "unable_to_verify",
        "certificate_verify",
    )
    if any(word in lower for word in certificate):
        return (
            "the certificate of the package registry is not trusted here, as can be behind a proxy. "
            "Name the proxy's certificate file in the variables PIP_CERT and NODE_EXTRA_CA_CERTS "
            "and run the same command again."
        )
    network = ("connection", "resolve", "network", "timed out", "enotfound", "econn", "eai_again")
    if any(word in lower for word in network):
        return (
            "the package registry cannot be reached. "
            "Check your network connection and run the same command again."
        )
    if "hash" in lower and "match" in lower:
        return (
            "a package is not the one that the lock file names, so it was not installed. "
            "Try again; if it stays, tell us."
        )
    last, whole = last_line(output), output.strip()
    return last if last == whole else f"{last}\n{whole}"


def last_line(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return lines[-1] if lines else "no reason was given."


# ---- system packages --------------------------------------------------------------------------


def install_system_packages(what: str, packages: list[str]) -> None:
    """Install Debian packages when this is Debian and we may; otherwise say what to do."""
    names = " ".join(packages)
    may = shutil.which("apt-get") is not None and hasattr(os, "geteuid") and os.geteuid() == 0
    if not may:
        raise SetupProblem(
            f"{what} needs the system packages {names}, which are missing. "
            f"Install them (on Debian and Ubuntu: `sudo apt-get install {names}`) and try again."
        )
    print(f"Installing the system packages {names} ...", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages],
    ):
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        raise SetupProblem(f"`apt-get install {names}` failed: {last_line(done.stderr)}")


def find_browser() -> str | None:
    """The Chromium that the tests drive."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    chosen = os.environ.get("IMJOY_TEST_BROWSER")
    found = (shutil.which(name) for name in names)
    return chosen or next((path for path in found if path), None)


def ensure_browser() -> None:
    """Make sure that the journeys have a browser, and `ip` for the test of another host."""
    wanted = []
    if find_browser() is None:
        wanted += ["chromium", "fonts-dejavu-core"]
    if shutil.which("ip") is None and hasattr(os, "geteuid") and os.geteuid() == 0:
        wanted += ["iproute2"]
    if wanted:
        install_system_packages("The test of the page", wanted)


def ensure_more_browsers() -> None:
    """Firefox and the engine of Safari for `make test-all`, on Debian; elsewhere their tests are left out."""
    programs = {
        "firefox-esr": "firefox-esr",
        "WebKitWebDriver": "webkit2gtk-driver",
        "Xvfb": "xvfb",
    }
    wanted = [package for program, package in programs.items() if shutil.which(program) is None]
    try:
        if wanted:
            install_system_packages("The test of other browsers", wanted)
    except SetupProblem as problem:
        print(f"Other browsers are not tested. {problem}", file=sys.stderr)


# ---- the web app ------------------------------------------------------------------------------


def run_web_build() -> int:
    """Build the web app with the environment's own Python, which may bring Node along."""
    command = [str(PYTHON), str(ROOT / "scripts" / "build_web.py")]
    return subprocess.run(command).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
