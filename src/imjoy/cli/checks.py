"""The checks of `imjoy doctor`: each looks at one thing and says what to do if it is not well."""

from __future__ import annotations

import base64
import os
import platform
import shutil
import socket
import ssl
import stat
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from imjoy import __version__
from imjoy.cli.other_engine import is_imjoy, who_uses
from imjoy.cli.terminal import size
from imjoy.envs.conda import find_program, has_library
from imjoy.envs.uv_tool import find_uv, machine_has_certificates
from imjoy.errors import ImJoyError
from imjoy.package_index import configured_index
from imjoy.rpc.transports.shared_memory import is_available
from imjoy.server.app_files import find_app
from imjoy.settings import Settings

OK, NOTE, PROBLEM = "ok", "note", "problem"
OLDEST = (3, 10)
# One environment with the usual scientific packages, and what is needed to make it.
LITTLE_DISK, TOO_LITTLE_DISK = 5 * 10**9, 10**9
NETWORK_SECONDS = 8.0


@dataclass(frozen=True)
class Check:
    """What was found; `remedy` says what to do when the state is not ok."""

    name: str
    state: str
    found: str
    remedy: str = ""


def checks(settings: Settings, network: bool) -> list[tuple[str, Callable[[], Check]]]:
    """All checks in their order, by name."""
    home = settings.home
    table: list[tuple[str, Callable[[], Check]]] = [
        ("Python", check_python),
        ("uv", check_uv),
        ("Conda packages", check_conda),
        ("Engine's folder", lambda: check_folder(home)),
        ("Token file", lambda: check_token(home)),
        ("Disk", lambda: check_disk(home)),
        ("Port", lambda: check_port(settings.port)),
        ("Browser page", lambda: check_page(settings)),
        ("GPU", check_gpu),
        ("Shared memory", check_shared_memory),
        ("Open files", check_open_files),
        ("Certificates", check_certificates),
    ]
    return [*table, ("Network", check_network)] if network else table


def check_python() -> Check:
    found = f"{platform.python_implementation()} {platform.python_version()} in {sys.executable}"
    found += f", ImJoy {__version__}"
    if sys.version_info < OLDEST:
        remedy = f"Install ImJoy in a Python of version {OLDEST[0]}.{OLDEST[1]} or newer."
        return Check("Python", PROBLEM, found, remedy)
    if sys.maxsize < 2**32:
        remedy = "Install a 64-bit Python; most scientific packages need it."
        return Check("Python", PROBLEM, f"{found} (32 bit)", remedy)
    return Check("Python", OK, found)


def check_uv() -> Check:
    remedy = "Run `pip install --upgrade uv` where ImJoy is installed."
    try:
        path = find_uv()
        text = subprocess.run(
            [str(path), "--version"], capture_output=True, text=True, timeout=20, check=True
        ).stdout.strip()
    except ImJoyError as error:
        return Check("uv", PROBLEM, error.message, remedy)
    except (OSError, subprocess.SubprocessError) as error:
        return Check("uv", PROBLEM, f"It is there but does not run: {error}.", remedy)
    return Check("uv", OK, f"{text} in {path}")


def check_conda() -> Check:
    if has_library():
        return Check("Conda packages", OK, "Plugins can ask for conda packages (py-rattler).")
    program = find_program()
    if program:
        return Check("Conda packages", OK, f"Plugins can ask for conda packages ({program}).")
    remedy = "Needed only by plugins with conda packages: run `pip install 'imjoy[conda]'`."
    return Check("Conda packages", NOTE, "There is no way to install conda packages.", remedy)


def check_folder(home: Path) -> Check:
    name, place = "Engine's folder", home
    while not place.exists() and place != place.parent:
        place = place.parent
    if not place.is_dir():
        return Check(name, PROBLEM, f"{place} is not a folder.", "Choose another one with --home.")
    try:
        with tempfile.TemporaryDirectory(prefix=".doctor-", dir=place) as folder:
            found = _try_folder(Path(folder))
    except OSError as error:
        reason = error.strerror or str(error)
        remedy = "Make it writable for your user, or choose another one with --home."
        where = "" if place == home else f" for {home}"
        return Check(name, PROBLEM, f"{place} cannot be written to{where}: {reason}.", remedy)
    if found:
        return Check(name, PROBLEM, f"{home}: {found}", "Choose another disk with --home.")
    if home.exists() and os.name == "posix" and stat.S_IMODE(home.stat().st_mode) & 0o077:
        found = f"Other users of this machine can look into {home}."
        return Check(name, PROBLEM, found, f"Run `chmod 700 {home}`.")
    made = "" if home.exists() else " (made at the first start)"
    return Check(name, OK, f"{home}{made}: writable, programs can run from it.")


def _try_folder(folder: Path) -> str:
    """What is wrong with the disk of a folder: programs that cannot run, files without links."""
    program = folder / "program"
    program.write_text("#!/bin/sh\nexit 0\n")
    program.chmod(0o700)
    try:
        os.link(program, folder / "link")
    except OSError:
        return "This disk cannot link files, so every environment would be a full copy."
    try:
        subprocess.run([str(program)], check=True, timeout=20)
    except (OSError, subprocess.SubprocessError):
        return "Programs cannot be run from this disk (noexec)."
    return ""


def check_token(home: Path) -> Check:
    path = home / "token"
    try:
        mode = stat.S_IMODE(path.lstat().st_mode)
    except FileNotFoundError:
        return Check("Token file", OK, "It is made at the first start.")
    except OSError as error:
        return Check("Token file", PROBLEM, f"{path}: {error.strerror}.", "Check the folder.")
    if os.name == "posix" and (path.is_symlink() or mode & 0o077):
        remedy = f"Delete {path}; the engine makes a new token, as others may know the old one."
        return Check("Token file", PROBLEM, f"Other users can read {path} ({mode:o}).", remedy)
    return Check("Token file", OK, f"Only you can read {path}.")


def check_disk(home: Path) -> Check:
    place = home
    while not place.exists() and place != place.parent:
        place = place.parent
    free = shutil.disk_usage(place).free
    found = f"{size(free)} are free for environments."
    if free >= LITTLE_DISK:
        return Check("Disk", OK, found)
    state = NOTE if free >= TOO_LITTLE_DISK else PROBLEM
    remedy = "Run `python -m imjoy env gc`, or choose another disk with --home."
    return Check("Disk", state, found, remedy)


def check_port(port: int) -> Check:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
            return Check("Port", OK, f"Port {port} is free.")
        except OSError as error:
            reason = error.strerror or str(error)
    if is_imjoy(port):
        found = f"An ImJoy engine runs on port {port}."
        return Check("Port", OK, f"{found} `python -m imjoy link` prints its address.")
    program = who_uses(port)
    found = f"Port {port} cannot be used: {reason}{f' ({program})' if program else ''}."
    remedy = "Stop that program, or start ImJoy with another --port."
    return Check("Port", PROBLEM, found, remedy)


def check_page(settings: Settings) -> Check:
    app = find_app(Path.cwd(), settings.app_dir)
    if app.path is None:
        remedy = "Install ImJoy from a package, or run `make setup` in its source."
        return Check("Browser page", PROBLEM, app.note or "It was not found.", remedy)
    if app.note and not app.is_copy:
        remedy = "Write the copy anew with `python -m imjoy --serve`, or delete it."
        return Check("Browser page", NOTE, app.note, remedy)
    return Check("Browser page", OK, app.note or f"It is served from {app.path}.")


def check_gpu() -> Check:
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return Check("GPU", OK, "No NVIDIA driver; plugins use the processor.")
    query = ["--query-gpu=name,memory.total,driver_version", "--format=csv,noheader"]
    remedy = "Restart the machine or install the driver again; until then plugins have no GPU."
    try:
        done = subprocess.run(
            [tool, *query], capture_output=True, text=True, timeout=20, check=False
        )
    except (OSError, subprocess.SubprocessError) as error:
        return Check("GPU", PROBLEM, f"nvidia-smi does not answer: {error}.", remedy)
    lines = "; ".join(done.stdout.strip().splitlines())
    if done.returncode != 0 or not lines:
        return Check("GPU", PROBLEM, f"nvidia-smi says: {lines or done.stderr.strip()}", remedy)
    return Check("GPU", OK, lines)


def check_shared_memory() -> Check:
    if is_available():
        return Check("Shared memory", OK, "Plugins exchange large arrays with one copy.")
    found = "This system has none of the kind that is needed; arrays are copied more often."
    return Check("Shared memory", NOTE, found, "Nothing needs to be done.")


def check_open_files() -> Check:
    if os.name != "posix":
        return Check("Open files", OK, "This system has no limit.")
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 1024:
        remedy = "Raise it with `ulimit -n 4096` before the start, or ask your administrator."
        return Check("Open files", NOTE, f"At most {hard} files can be open.", remedy)
    return Check("Open files", OK, f"At most {soft} at once ({hard} if asked for).")


def check_certificates() -> Check:
    name = "Certificates"
    for variable in ("SSL_CERT_FILE", "PIP_CERT"):
        file = os.environ.get(variable)
        if file and not os.access(file, os.R_OK):
            found = f"The variable {variable} names {file}, which cannot be read."
            return Check(name, PROBLEM, found, f"Correct {variable}, or take it away.")
        if file:
            return Check(name, OK, f"Those in {file} ({variable}) are trusted.")
    if machine_has_certificates():
        return Check(name, OK, "Those of this machine are trusted.")
    remedy = "Needed only behind a proxy of your organisation: set SSL_CERT_FILE to its file."
    return Check(name, NOTE, "This machine has none; those that uv brings are trusted.", remedy)


def _request_of(url: str) -> urllib.request.Request:
    """Asks only whether it is there; user and password of the address go into a header."""
    parts = urlsplit(url)
    user, _, place = parts.netloc.rpartition("@")
    request = urllib.request.Request(urlunsplit(parts._replace(netloc=place)), method="HEAD")
    if user:
        told = base64.b64encode(unquote(user).encode()).decode()
        request.add_unredirected_header("Authorization", f"Basic {told}")
    return request


def check_network() -> Check:
    url = configured_index()
    host = urlsplit(url).hostname or url
    proxy = urllib.request.getproxies().get(urlsplit(url).scheme)
    via = " through the proxy of this machine" if proxy else ""
    offline = "Installed plugins work without a network. To install others, check cable and proxy."
    try:
        request = _request_of(url)
        urllib.request.urlopen(request, timeout=NETWORK_SECONDS).close()
    except urllib.error.HTTPError as error:
        error.close()
        if error.code in (401, 403, 407):
            found = f"The package index on {host} refuses access ({error.code})."
            return Check(
                "Network", PROBLEM, found, "Check the user and password of index and proxy."
            )
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        if isinstance(reason, ssl.SSLError):
            found = f"The certificate of {host} is not trusted: {reason.reason or reason}."
            remedy = "Set SSL_CERT_FILE to the file with your organisation's certificates."
            return Check("Network", PROBLEM, found, remedy)
        return Check("Network", NOTE, f"{host} cannot be reached{via}: {reason}.", offline)
    return Check("Network", OK, f"The package index on {host} answers{via}.")
