"""Makes one environment in a temporary folder with uv, reporting bytes and packages as they come."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path

from imjoy.envs.children import run_on_screen, run_quietly
from imjoy.envs.failures import INSTALL, env_error, uv_failure
from imjoy.envs.lock import EnvLock
from imjoy.envs.progress import DownloadMeter, Reporter
from imjoy.envs.resolve import Tools
from imjoy.envs.screen import AllDownloaded, Downloaded, Event, Linked, Screen

READY = "READY.json"
PYTHON = Path("bin") / "python"
MIB = 1024 * 1024
UNPACKED = 3.5  # an installed wheel takes about this many times the room of its file


async def build(
    lock: EnvLock, tools: Tools, folder: Path, reporter: Reporter, keep: tuple[int, ...] = ()
) -> None:
    """Fill `folder` with the environment of `lock`. The caller removes it when this fails.

    `keep` are descriptors the installing process holds open. Raises EnvError and OSError.
    """
    check_disk(sum(lock.sizes_to_fetch(tools.cache).values()), folder.parent)
    reporter.report("install", f"Making an environment with Python {lock.python}")
    await _make_venv(lock, tools, folder)
    if lock.packages:
        (folder / "pylock.toml").write_text(lock.text)
        await _Installation(lock, tools, folder, reporter, keep).run()
    facts = {
        "key": lock.key,
        "python": lock.python,
        "packages": [[package.name, package.version] for package in lock.packages],
        "created": time.time(),
    }
    (folder / READY).write_text(json.dumps(facts, indent=1))


def check_disk(download: int, folder: Path) -> None:
    """Raise EnvError (`env.disk`) when packages of so many bytes will not fit when unpacked."""
    needed, free = int(download * UNPACKED), shutil.disk_usage(folder).free
    if needed > free:
        raise env_error(
            "env.disk",
            INSTALL,
            f"The packages need about {needed // MIB} MiB, and {free // MIB} MiB are free.",
            "Free some space, then start the plugin again.",
        )


async def _make_venv(lock: EnvLock, tools: Tools, folder: Path) -> None:
    command = [str(tools.uv), "venv", "-q", "--relocatable", "--no-project", "--prompt", "imjoy"]
    command += ["--python", lock.interpreter, str(folder)]
    code, _, errors = await run_quietly(command, tools.environment(retries=1), tools.folder)
    if code:
        raise uv_failure("Making the environment", errors, lock.python)


class _Installation:
    def __init__(
        self, lock: EnvLock, tools: Tools, folder: Path, reporter: Reporter, keep: tuple[int, ...]
    ) -> None:
        self.lock = lock
        self.tools = tools
        self.folder = folder
        self.reporter = reporter
        self.keep = keep
        self.meter = DownloadMeter(lock.sizes_to_fetch(tools.cache))

    async def run(self) -> None:
        """Install what has checksums, then what is pinned by a git commit."""
        for name, hashed in (("requirements.lock", True), ("requirements-git.lock", False)):
            text = self.lock.requirements(hashed)
            if text:
                path = self.folder / name
                path.write_text(text)
                await self.install(path, ["--require-hashes"] if hashed else [])

    async def install(self, requirements: Path, options: list[str]) -> None:
        command = [str(self.tools.uv), "pip", "install", "--no-deps", *options]
        command += ["-p", str(self.folder / PYTHON), "-r", str(requirements)]
        code, _ = await self.attempt([*command, "--offline"])
        if code:
            self.say_download("")
            code, output = await self.attempt(command)
        if code:
            raise uv_failure(INSTALL, output, self.lock.python)

    async def attempt(self, command: list[str]) -> tuple[int, str]:
        screen = Screen()

        def on_output(data: str) -> None:
            for event in screen.feed(data):
                self.show(event)

        env = self.tools.environment(retries=3)
        code = await run_on_screen(command, env, self.tools.folder, on_output, self.keep)
        return code, screen.message()

    def show(self, event: Event) -> None:
        if isinstance(event, Downloaded):
            self.meter.update(event.name, event.fraction, event.size)
            self.say_download(event.name)
        elif isinstance(event, Linked):
            message = f"Installing {event.name}"
            self.reporter.report("install", message, event.done, event.total, "packages")
        elif isinstance(event, AllDownloaded):
            self.meter.finish()
            self.say_download("")

    def say_download(self, name: str) -> None:
        if self.meter.total:
            message = f"Downloading {name}" if name else "Downloading packages"
            self.reporter.report("download", message, self.meter.done, self.meter.total, "bytes")
