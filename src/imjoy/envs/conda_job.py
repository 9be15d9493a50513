"""A child process that solves and installs conda packages; its parent may kill it at any moment.

It reads one job as JSON from its standard input and answers with a line of JSON for each event. The
library it uses goes on writing after a cancelled call and may crash when Python ends, so it runs in
a process of its own, which leaves by `os._exit`.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from rattler import (
    Gateway,
    LockChannel,
    LockFile,
    LockPlatform,
    MatchSpec,
    RepoDataRecord,
    SourceConfig,
    Subdir,
    VirtualPackage,
    install,
    solve,
)

SOLVE_SECONDS = 120
INTERVAL = 0.1
CHUNK = 1024 * 1024
ENVIRONMENT = "default"
# What the library says when the stored index is still right: it does not know that answer.
NOT_MODIFIED = "304 Not Modified"
STORED_INDEXES = "*.shards-cache-v1"


def say(*event: Any) -> None:
    """Tell the parent; what it does not read any more is lost."""
    sys.stdout.write(json.dumps(event) + "\n")
    sys.stdout.flush()


async def solve_job(job: dict[str, Any]) -> None:
    """Choose packages for `specs` from `channels`; says ["solved", packages, lock]."""
    try:
        records = await chosen(job)
    except Exception as exc:
        if NOT_MODIFIED not in str(exc):
            raise
        for stored in Path(job["repodata"]).glob(STORED_INDEXES):
            stored.unlink(missing_ok=True)
        records = await chosen(job)
    say("solved", [facts_of(record) for record in records], lock_text(records, job["channels"]))


async def chosen(job: dict[str, Any]) -> list[RepoDataRecord]:
    """The packages that fit `specs`."""
    action: Any = "force-cache-only" if job["offline"] else "cache-or-fetch"
    gateway = Gateway(
        cache_dir=Path(job["repodata"]), default_config=SourceConfig(cache_action=action)
    )
    return await solve(
        job["channels"],
        [MatchSpec(spec) for spec in job["specs"]],
        gateway=gateway,
        virtual_packages=VirtualPackage.detect(),
        timeout=timedelta(seconds=SOLVE_SECONDS),
    )


async def read_job(job: dict[str, Any]) -> None:
    """Read a lock; says ["solved", packages, lock] as if it had just been made."""
    say("solved", [facts_of(record) for record in records_of(job["lock"])], job["lock"])


async def install_job(job: dict[str, Any]) -> None:
    """Install `lock` into `folder`, as if that were at `final`."""
    records = records_of(job["lock"])
    for record in records:
        check_local(record)
    await install(
        records,
        target_prefix=job["folder"],
        alternative_target_prefix=job["final"],
        cache_dir=Path(job["packages"]),
        show_progress=False,
        reporter=Teller(),
    )


def check_local(record: RepoDataRecord) -> None:
    """Compare a file of a channel on this computer with its checksum, as the library does not."""
    path = Path(url2pathname(urlsplit(record.url).path))
    if not record.url.startswith("file:") or not record.sha256 or not path.is_file():
        return
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    if digest.digest() != record.sha256:
        expected, got = record.sha256.hex(), digest.hexdigest()
        raise ValueError(
            f"failed to fetch {record.file_name}\nhash mismatch: expected {expected}, got {got}"
        )


async def machine_job(job: dict[str, Any]) -> None:
    """Say what this computer offers to packages, such as __cuda and __glibc."""
    found = [package.into_generic() for package in VirtualPackage.detect()]
    say("machine", [[package.name.normalized, str(package.version)] for package in found])


def facts_of(record: RepoDataRecord) -> dict[str, Any]:
    return {
        "name": record.name.normalized,
        "version": str(record.version),
        "build": str(record.build),
        "sha256": record.sha256.hex() if record.sha256 else "",
        "size": record.size or 0,
        "url": record.url,
        "file": record.file_name,
    }


def lock_text(records: list[RepoDataRecord], channels: list[str]) -> str:
    """The text of a pixi.lock for this platform."""
    lock = LockFile([LockPlatform(str(Subdir.current()))])
    platform = lock.platforms()[0]
    lock.set_channels(ENVIRONMENT, [LockChannel(channel) for channel in channels])
    for record in records:
        lock.add_conda_package(ENVIRONMENT, platform, record)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "pixi.lock")
        lock.to_path(path)
        return path.read_text("utf-8")


def records_of(text: str) -> list[RepoDataRecord]:
    """The packages of a pixi.lock for this platform."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "pixi.lock")
        path.write_text(text, "utf-8")
        lock = LockFile.from_path(path)
    here = [each for each in lock.platforms() if each.name == str(Subdir.current())]
    environment = lock.default_environment()
    if not here or environment is None:
        raise ValueError(f"The lock has no packages for {Subdir.current()}.")
    return environment.conda_repodata_records_for_platform(here[0]) or []


class Teller:
    """Tells the parent how far an installation is; the library calls these methods."""

    def __init__(self) -> None:
        self.names: dict[int, str] = {}
        self.said: dict[int, float] = {}

    def on_transaction_start(self, total: int) -> None:
        say("packages", total)

    def on_populate_cache_start(self, operation: int, name: str) -> int:
        self.names[operation] = name
        return operation

    def on_validate_start(self, entry: int) -> int:
        return entry

    def on_download_start(self, entry: int) -> int:
        return entry

    def on_download_progress(self, entry: int, done: int, total: int | None) -> None:
        now = time.monotonic()
        if done == total or now - self.said.get(entry, 0.0) > INTERVAL:
            self.said[entry] = now
            say("download", self.names.get(entry, ""), done, total or 0)

    def on_link_start(self, operation: int, name: str) -> int:
        self.names[operation] = name
        return operation

    def on_link_complete(self, operation: int) -> None:
        say("linked", self.names.get(operation, ""))

    def on_unlink_start(self, operation: int, name: str) -> int:
        return operation

    def on_post_link_start(self, name: str, script: str) -> int:
        return 0

    def on_pre_unlink_start(self, name: str, script: str) -> int:
        return 0

    def nothing(self, *_: object) -> None:
        """What needs no word to the parent."""

    on_transaction_operation_start = on_transaction_operation_complete = nothing
    on_populate_cache_complete = on_validate_complete = on_download_completed = nothing
    on_unlink_complete = on_transaction_complete = nothing
    on_post_link_complete = on_pre_unlink_complete = nothing


JOBS = {
    "solve": solve_job,
    "read": read_job,
    "install": install_job,
    "machine": machine_job,
}


def main() -> None:
    """Do the job on the standard input, then leave without cleaning up, which could crash."""
    code = 0
    try:
        job = json.loads(sys.stdin.read())
        asyncio.run(JOBS[job["do"]](job))
    except Exception as exc:  # noqa: BLE001  # the parent makes an error of it
        say("failed", type(exc).__name__, str(exc))
        code = 1
    sys.stdout.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
