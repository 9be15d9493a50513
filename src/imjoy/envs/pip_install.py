"""Installs the pip packages of a lock with uv."""

from __future__ import annotations

from collections.abc import Sequence

from imjoy.envs.children import run_on_screen
from imjoy.envs.failures import INSTALL
from imjoy.envs.indexes import with_indexes
from imjoy.envs.install_progress import InstallProgress
from imjoy.envs.layout import PYTHON, Place
from imjoy.envs.lock import EnvLock
from imjoy.envs.resolve import Tools
from imjoy.envs.screen import Screen
from imjoy.envs.uv_failures import broken_file, may_be_elsewhere, uv_failure


class PipInstall:
    """Puts the pip packages of a lock into an environment that has its Python."""

    def __init__(
        self, lock: EnvLock, tools: Tools, place: Place, progress: InstallProgress
    ) -> None:
        self.lock, self.tools, self.place, self.progress = lock, tools, place, progress

    async def run(self) -> None:
        """Install the files of the lock; from where the index has them now if they have moved.

        Raises EnvError and OSError.
        """
        folder = self.place.folder
        (folder / "pylock.toml").write_text(self.lock.text)
        exact = folder / "pylock.exact.toml"
        exact.write_text(with_indexes(self.lock.text, self.tools.environment(retries=3)))
        code, output = await self.install(["-r", str(exact)])
        exact.unlink()
        if code > 0 and may_be_elsewhere(output):
            code, output = await self.install_from_index()
        if code:
            raise uv_failure(INSTALL, output, self.lock.python, code)

    async def install_from_index(self) -> tuple[int, str]:
        """Install what has checksums, then what is pinned by a git commit."""
        code, output = 0, ""
        for name, hashed in (("requirements.lock", True), ("requirements-git.lock", False)):
            text = self.lock.requirements(hashed)
            if text and not code:
                path = self.place.folder / name
                path.write_text(text)
                options = ["--no-deps", *(["--require-hashes"] if hashed else [])]
                code, output = await self.install([*options, "-r", str(path)])
                path.unlink()
        return code, output

    async def install(self, options: Sequence[str]) -> tuple[int, str]:
        command = [str(self.tools.uv), "pip", "install", *options]
        command += ["--break-system-packages"] if self.lock.conda.packages else []
        command += ["-p", str(self.place.folder / PYTHON)]
        self.progress.say_download("")
        before = self.progress.installed
        code, output = await self.attempt(command)
        if code and (broken := broken_file(output)):  # once more, with the file fetched anew
            await self.tools.forget([broken])
            code, output = await self.attempt(command)
        if code:
            self.progress.installed = before
        return code, output

    async def attempt(self, command: list[str]) -> tuple[int, str]:
        screen, before = Screen(), self.progress.installed

        def on_output(data: str) -> None:
            for event in screen.feed(data):
                self.progress.show(event, before)

        lines = [package.line for package in self.lock.packages]
        env = self.tools.environment(retries=3, requirements=lines)
        code = await run_on_screen(command, env, self.tools.folder, on_output, self.place.keep)
        return code, screen.message()
