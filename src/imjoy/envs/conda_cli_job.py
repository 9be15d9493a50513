"""A child process that does what conda_job does by the conda, mamba or micromamba of the user.

Its lock is a list of exact packages, as these programs cannot write a pixi.lock. They make an
environment only where it will stay, so it is made there and then put where the parent wants it.
"""

from __future__ import annotations

import ctypes
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

PR_SET_PDEATHSIG, SIGKILL = 1, 9
TITLE = "# Packages chosen by conda: name=version=build"
CHANNEL = "# channel: "
LINE = re.compile(r"([a-z0-9_.-]+)=([^=\s]+)=([^=\s]+)")


class Failed(Exception):
    """What the program says about its failure; `kind` as the class of an error of conda_job."""

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(text)
        self.kind = kind


def say(*event: Any) -> None:
    """Tell the parent."""
    sys.stdout.write(json.dumps(event) + "\n")
    sys.stdout.flush()


def solve_job(job: dict[str, Any]) -> None:
    """Choose packages for `specs` from `channels`; says ["solved", packages, lock]."""
    with tempfile.TemporaryDirectory() as folder:
        words = ["--dry-run", "-p", str(Path(folder, "env")), *channel_words(job["channels"])]
        words += ["--offline"] if job["offline"] else []
        answer = run(job["program"], [*words, *map(condensed, job["specs"])])
    actions = answer.get("actions") or {}
    sizes = {entry["name"]: int(entry.get("size") or 0) for entry in actions.get("FETCH") or ()}
    packages = [
        facts(entry["name"], entry["version"], build_of(entry), sizes.get(entry["name"], 0))
        for entry in actions.get("LINK") or ()
    ]
    if not packages:
        raise Failed("Error", "It chose no packages.")
    lines = [f"{each['name']}={each['version']}={each['build']}" for each in packages]
    channels = [CHANNEL + channel for channel in job["channels"]]
    say("solved", packages, "\n".join([TITLE, *channels, *sorted(lines)]) + "\n")


def read_job(job: dict[str, Any]) -> None:
    """Read a lock; says ["solved", packages, lock] as if it had just been made."""
    _, exact = read_lock(job["lock"])
    found = [match for match in map(LINE.fullmatch, exact) if match]
    packages = [facts(match[1], match[2], match[3], 0) for match in found]
    say("solved", packages, job["lock"])


def install_job(job: dict[str, Any]) -> None:
    """Install `lock` at `final`, then move it to `folder`."""
    channels, exact = read_lock(job["lock"])
    folder, final = Path(job["folder"]), Path(job["final"])
    say("packages", len(exact))
    try:
        words = ["-p", str(final), "--no-deps", *channel_words(channels)]
        run(job["program"], [*words, *exact])
        final.rename(folder)
    finally:
        shutil.rmtree(final, ignore_errors=True)
    for line in exact:
        say("linked", line.partition("=")[0])


def machine_job(job: dict[str, Any]) -> None:
    """Say what this computer offers to packages."""
    answer = ask([job["program"], "info", "--json"])
    found = answer.get("virtual_pkgs") or answer.get("virtual packages") or []
    pairs = [entry if isinstance(entry, list) else str(entry).split("=") for entry in found]
    say("machine", [[pair[0], pair[1]] for pair in pairs if len(pair) > 1])


def run(program: str, words: list[str]) -> dict[str, Any]:
    """The answer of `create`. Raises Failed."""
    return ask([program, "create", "--yes", "--json", *words])


def ask(command: list[str]) -> dict[str, Any]:
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        preexec_fn=die_with_parent if sys.platform.startswith("linux") else None,
    )
    answer = read_answer(done.stdout)
    problems = answer.get("solver_problems")
    if done.returncode == 0 and not problems and not answer.get("error"):
        return answer
    kind = str(answer.get("exception_name") or "")
    text = str(answer.get("message") or answer.get("error") or done.stderr.strip() or done.stdout)
    if kind in ("PackagesNotFoundError", "ResolvePackageNotFound"):
        names = answer.get("packages") or answer.get("bad_deps") or [text]
        raise Failed("SolverError", f"No candidates were found for {_first(names)} *.")
    if problems:
        raise Failed("SolverError", "\n".join(map(str, problems)))
    if "Unsatisfiable" in kind:
        raise Failed("SolverError", text)
    if "HTTP" in kind or "Connection" in kind:
        raise Failed(kind, f"Request failed after retries: {text}")
    raise Failed(kind or "Error", text[-2000:])


def die_with_parent() -> None:
    """When this process is killed, the program must not go on writing."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, SIGKILL)


def read_answer(text: str) -> dict[str, Any]:
    """The last object that was printed; those before it are progress."""
    for part in reversed(text.split("\0")):
        start = part.find("{")
        if start >= 0:
            try:
                answer = json.loads(part[start:])
            except ValueError:
                continue
            if isinstance(answer, dict):
                return answer
    return {}


def _first(names: Any) -> str:
    name = names[0] if isinstance(names, list) and names else names
    return str(name[0] if isinstance(name, list) and name else name).split("=")[0].split()[0]


def read_lock(text: str) -> tuple[list[str], list[str]]:
    """The channels and the exact packages of a lock. Raises Failed."""
    lines = text.splitlines()
    channels = [line.removeprefix(CHANNEL) for line in lines if line.startswith(CHANNEL)]
    exact = [line for line in lines if line.strip() and not line.startswith("#")]
    if lines[:1] != [TITLE] or not all(map(LINE.fullmatch, exact)):
        raise Failed("Error", "It is not a list of packages that conda has chosen.")
    return channels, exact


def channel_words(channels: list[str]) -> list[str]:
    return ["--override-channels", *(word for channel in channels for word in ("-c", channel))]


def condensed(spec: str) -> str:
    """A spec as one word for the command line: "numpy 1.21.*" is "numpy=1.21.*" there."""
    name, _, version = spec.strip().partition(" ")
    version = version.replace(" ", "")
    return f"{name}{version if version[:1] in '<>=!~[' else '=' + version}" if version else name


def build_of(entry: dict[str, Any]) -> str:
    return str(entry.get("build_string") or entry.get("build") or "")


def facts(name: str, version: str, build: str, size: int) -> dict[str, Any]:
    stem = f"{name}-{version}-{build}"
    return {"name": name, "version": version, "build": build, "sha256": "", "size": size,
            "url": "", "file": f"{stem}.conda"}  # fmt: skip


JOBS = {"solve": solve_job, "read": read_job, "install": install_job, "machine": machine_job}


def main() -> None:
    """Do the job on the standard input."""
    try:
        job = json.loads(sys.stdin.read())
        JOBS[job["do"]](job)
    except Failed as failed:
        say("failed", failed.kind, str(failed))
        sys.exit(1)
    except Exception as exc:  # noqa: BLE001  # the parent makes an error of it
        say("failed", type(exc).__name__, str(exc))
        sys.exit(1)


if __name__ == "__main__":
    main()
