"""How far the installation of a lock is, from what its installers tell."""

from __future__ import annotations

from typing import Any

from imjoy.envs.lock import CONDA, EnvLock
from imjoy.envs.progress import DownloadMeter, Reporter
from imjoy.envs.resolve import Tools
from imjoy.envs.screen import AllDownloaded, Downloaded, Event, Linked


class InstallProgress:
    """Adds up bytes and packages of both installers, and reports them."""

    def __init__(self, lock: EnvLock, tools: Tools, reporter: Reporter) -> None:
        self.meter = DownloadMeter(lock.sizes_to_fetch(tools.cache, tools.conda))
        self.count, self.installed = lock.count, 0
        self.reporter = reporter

    def on_conda(self, event: list[Any]) -> None:
        if event[0] == "download":
            _, name, done, total = event
            self.meter.update(CONDA + name, done / total if total else 0.0, total)
            self.say_download(name)
        elif event[0] == "linked":
            self.meter.finish(CONDA)
            self.installed += 1
            self.say_installed(event[1])

    def show(self, event: Event, before: int) -> None:
        if isinstance(event, Downloaded):
            self.meter.update(event.name, event.fraction, event.size)
            self.say_download(event.name)
        elif isinstance(event, Linked):
            self.installed = before + event.done
            self.say_installed(event.name)
        elif isinstance(event, AllDownloaded):
            self.meter.finish()
            self.say_download("")

    def say_installed(self, name: str) -> None:
        total = self.count
        done = min(self.installed, total)
        self.reporter.report("install", f"Installing {name}", done, total, "packages")

    def say_download(self, name: str) -> None:
        if self.meter.total:
            message = f"Downloading {name}" if name else "Downloading packages"
            self.reporter.report("download", message, self.meter.done, self.meter.total, "bytes")
