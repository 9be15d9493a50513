"""Copies the source repositories of `repo:` requirements: one store, one working copy per plugin."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shlex
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from imjoy.envs.children import run_quietly
from imjoy.envs.failures import env_error, requirement_error, tail, without_secrets
from imjoy.envs.folder_lock import FolderLock
from imjoy.envs.git_settings import FindCopy, copies_of, git_settings
from imjoy.envs.progress import Reporter

STEP = "Copying the source repository"
URL = re.compile(
    r"(?:https?|ssh|git|file)://(?!-)[^\s$`\"'<>;\\|&]+|[\w.]+@[A-Za-z0-9][\w.-]*:[\w./~-]+"
)
BRANCH = re.compile(r"[A-Za-z0-9][\w./-]*")
PROTOCOLS = "https:http:ssh:git:file"
REMEDY = 'Write it like "repo: https://host/name.git folder".'
GIT_MISSING = "The program git is not installed."


@dataclass(frozen=True)
class Repository:
    """A repository to have in the plugin's folder, below `folder`."""

    url: str
    folder: str
    branch: str | None = None


def read_repository(text: str, written: str) -> Repository:
    """Read `URL [folder]`, with `--branch NAME` or `-b NAME` where one is wanted. Raises EnvError."""
    try:
        words = shlex.split(text)
    except ValueError as exc:
        raise requirement_error(written, "A quotation mark is not closed.", REMEDY) from exc
    branch, rest = None, []
    names = iter(words)
    for word in names:
        if word in ("-b", "--branch"):
            branch = next(names, "")
        elif not word.startswith(("--depth", "--progress", "--recursive")):
            rest.append(word)
    if not 1 <= len(rest) <= 2 or URL.fullmatch(rest[0]) is None:
        raise requirement_error(written, "It does not name one address to copy from.", REMEDY)
    if branch is not None and BRANCH.fullmatch(branch) is None:
        raise requirement_error(written, f'"{branch}" is not the name of a branch.', REMEDY)
    folder = rest[1] if len(rest) == 2 else re.split(r"[/:]", rest[0].rstrip("/"))[-1]
    return Repository(rest[0], _checked(folder.removesuffix(".git"), written), branch)


def _checked(folder: str, written: str) -> str:
    path = PurePosixPath(folder)
    if path.is_absolute() or not path.parts or {"..", ".git"} & set(path.parts) or "\\" in folder:
        cause = f'The folder "{folder}" is not one inside the plugin\'s own folder.'
        raise requirement_error(written, cause, REMEDY)
    return str(path)


class RepositoryStore:
    """The repositories below `home/repos`: a bare copy of each, shared by all plugins.

    Those of which `find_copy` knows a copy on this computer are taken from there.
    """

    def __init__(self, home: Path, find_copy: FindCopy | None = None) -> None:
        self.folder = home / "repos"
        self.locks = home / "locks"
        self.find_copy = find_copy

    def missing(self, wanted: Sequence[Repository], work: Path) -> list[Repository]:
        """Those that are not in the plugin's folder yet."""
        return [each for each in wanted if not (work / each.folder).exists()]

    async def check_out(
        self, wanted: Sequence[Repository], work: Path, reporter: Reporter
    ) -> dict[str, str]:
        """Put what is missing into `work`; what is there stays as it is. Gives folder -> commit.

        No network is used when all is there. Raises EnvError.
        """
        for repository in self.missing(wanted, work):
            reporter.report("download", f"Copying {without_secrets(repository.url)}")
            await self._fetch(repository)
            await self._copy(repository, work / repository.folder)
        return {each.folder: _commit(work / each.folder) for each in wanted}

    def _bare(self, repository: Repository) -> Path:
        return self.folder / hashlib.sha256(repository.url.encode()).hexdigest()[:20]

    async def _fetch(self, repository: Repository) -> None:
        bare = self._bare(repository)
        self.folder.mkdir(parents=True, exist_ok=True)
        url = repository.url
        async with FolderLock(self.locks / f"repo-{bare.name}"):
            if bare.exists():
                await self._update(bare, url)
                return
            begun = bare.with_name(f".{bare.name}.{os.getpid()}.{secrets.token_hex(4)}.tmp")
            try:
                await _git(
                    ["clone", "--quiet", "--bare", "--", _public(url), str(begun)], self, url
                )
                os.rename(begun, bare)
            finally:
                shutil.rmtree(begun, ignore_errors=True)

    async def _update(self, bare: Path, url: str) -> None:
        command = ["-C", str(bare), "fetch", "--quiet", "--prune", "--", _public(url)]
        code, _ = await _try_git([*command, "+refs/heads/*:refs/heads/*"], self, url)
        if code:  # without a network, what was copied before does
            return

    async def _copy(self, repository: Repository, folder: Path) -> None:
        folder.parent.mkdir(parents=True, exist_ok=True)
        begun = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}.tmp")
        branch = ["--branch", repository.branch] if repository.branch else []
        command = ["clone", "--quiet", *branch, "--", str(self._bare(repository)), str(begun)]
        try:
            await _git(command, self)
            origin = _public(repository.url)
            await _git(["-C", str(begun), "remote", "set-url", "origin", "--", origin], self)
            os.rename(begun, folder)
        finally:
            shutil.rmtree(begun, ignore_errors=True)


def _public(url: str) -> str:
    """The address without user and password, as it may be seen in the list of processes."""
    return re.sub(r"^(https?://)[^/]*@", r"\1", url)


async def _git(arguments: list[str], store: RepositoryStore, url: str = "") -> None:
    """Runs git; `url` is an address whose user and password it uses for the public one."""
    code, errors = await _try_git(arguments, store, url)
    if code == 0:
        return
    if "Could not resolve host" in errors or "unable to access" in errors:
        raise env_error(
            "env.network",
            STEP,
            "The host of the repository cannot be reached.",
            "Check the network connection and the address, then start the plugin again.",
            tail(errors, without_secrets),
        )
    lines = [line for line in errors.splitlines() if line.strip()] or ["git gave no reason"]
    said = next((line for line in lines if line.startswith("fatal: ")), lines[-1])
    cause = f"git cannot copy it: {without_secrets(said.removeprefix('fatal: ')).rstrip('.')}."
    remedy = "Check that the repository is public and the address and branch are right."
    raise env_error("env.not_found", STEP, cause, remedy, tail(errors, without_secrets))


async def _try_git(arguments: list[str], store: RepositoryStore, url: str = "") -> tuple[int, str]:
    program = shutil.which("git")
    if program is None:
        remedy = "Install git, then start the plugin again."
        raise env_error("env.build_failed", STEP, GIT_MISSING, remedy)
    env = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    env.update(GIT_TERMINAL_PROMPT="0", GIT_ALLOW_PROTOCOL=PROTOCOLS, GIT_ASKPASS="", LC_ALL="C")
    env["GIT_SSH_COMMAND"] = "ssh -o BatchMode=yes"
    public = _public(url)
    replaced = copies_of([public] if url else [], store.find_copy)
    if not replaced and public != url:
        replaced = [(public, url)]
    env.update(git_settings(replaced))
    code, _, errors = await run_quietly([program, *arguments], env, store.folder)
    return code, errors


def _commit(folder: Path) -> str:
    """The commit of a working copy, read without a process; empty when it is none."""
    try:
        head = (folder / ".git" / "HEAD").read_text().strip()
        if not head.startswith("ref: "):
            return head
        return (folder / ".git" / head[5:]).read_text().strip()
    except OSError:
        return ""
