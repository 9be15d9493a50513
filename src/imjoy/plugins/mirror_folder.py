"""Finds plugin files in a folder of repositories, by the web addresses that they have on GitHub."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from imjoy.errors import ManifestError
from imjoy.plugins.parser import parse_plugin

__all__ = ["MirrorFolder"]

MANIFEST = "manifest.imjoy.json"
LIMIT = 16 * 1024 * 1024
GIT_SECONDS = 20
# Organisations that were renamed; a mirror may have the repository under either name.
ALIASES = {"oeway": "imjoy-team", "imjoy-team": "oeway"}
_USUAL = ("master", "main", "HEAD")
_PART = re.compile(r"[A-Za-z0-9][\w.-]*")
_USER = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*")
# Addresses that git copies from, with a scheme or as ssh writes them.
_SOURCE = re.compile(
    r"(?:(?:https?|git|ssh)://)?(?:[^/@]*@)?(?P<host>[\w.-]+)(?::\d+)?[/:](?P<path>[^?#]+?)(?:\.git)?/?"
)
_REVISION = re.compile(r"[A-Za-z0-9][\w./-]*")


class MirrorFolder:
    """`FOLDER/USER/REPOSITORY` is a checkout, a bare clone or plain files; `FOLDER/gist/ID` a gist.

    Plain files of one revision can lie in `FOLDER/USER/REPOSITORY@REVISION`. Anything else is
    looked for in `FOLDER/HOST/PATH`.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()

    def read(self, address: str) -> str | None:
        """The text behind a web address; None when the folder does not have it."""
        parts = urlsplit(address)
        path = [unquote(part) for part in parts.path.split("/") if part]
        if not all(
            part not in (".", "..") and "/" not in part and "\0" not in part for part in path
        ):
            return None
        host = (parts.hostname or "").lower()
        if host == "raw.githubusercontent.com" and len(path) > 3:
            return self._in_repository(path[0], path[1], path[2], path[3:])
        if host == "api.github.com" and len(path) == 2 and path[0] == "gists":
            return self._gist(path[1])
        if host == "gist.githubusercontent.com" and len(path) >= 3:
            return self._file(self.folder / "gist", [path[1], path[-1]])
        return self._file(self.folder, [host, *path]) if host else None

    def repository(self, address: str) -> Path | None:
        """The git repository behind the address that it is copied from; None when it is not here."""
        found = _SOURCE.fullmatch(address)
        if found is None:
            return None
        host, path = found["host"].lower(), unquote(found["path"]).split("/")
        if not all(_PART.fullmatch(part) for part in (host, *path)):
            return None
        at = [[host, *path]]
        if host.removeprefix("www.") == "github.com":
            at = [[owner, *path[1:]] for owner in (path[0], ALIASES.get(path[0].lower())) if owner]
        folders = (self._named(*each[:-1], each[-1] + end) for each in at for end in ("", ".git"))
        return next(
            (each for each in folders if each and (_is_bare(each) or _is_checkout(each))), None
        )

    def repositories(self) -> list[str]:
        """`USER/REPOSITORY` of each that lists plugins; the name of a user on GitHub has no dot."""
        try:
            users = [each for each in self.folder.iterdir() if _USER.fullmatch(each.name)]
            names = [
                f"{user.name}/{each.name.removesuffix('.git')}"
                for user in users
                if user.is_dir() and user.name != "gist"
                for each in user.iterdir()
                if "@" not in each.name
            ]
        except OSError:
            return []
        root = "https://raw.githubusercontent.com"
        return sorted(name for name in names if self.read(f"{root}/{name}/HEAD/{MANIFEST}"))

    def _in_repository(self, user: str, name: str, revision: str, path: list[str]) -> str | None:
        if not (_PART.fullmatch(user) and _PART.fullmatch(name) and _REVISION.fullmatch(revision)):
            return None
        for owner in (user, ALIASES.get(user.lower(), user)):
            plain = self._named(owner, f"{name}@{revision}")
            found = self._file(plain, path) if plain else None
            repository = self._named(owner, name) or self._named(owner, f"{name}.git")
            if found is None and repository is not None:
                found = self._at_revision(repository, revision, path)
            if found is not None:
                return found
        return None

    def _at_revision(self, repository: Path, revision: str, path: list[str]) -> str | None:
        is_usual = revision in _USUAL
        is_bare = _is_bare(repository)
        if not is_bare and is_usual and (text := self._file(repository, path)) is not None:
            return text
        if is_bare or _is_checkout(repository):
            wanted = ["HEAD"] if is_usual else [revision, f"origin/{revision}"]
            for each in wanted:
                if (text := _git_show(repository, each, "/".join(path))) is not None:
                    return text
        if path == [MANIFEST] and not is_bare and is_usual:
            return _made_manifest(repository)
        return None

    def _gist(self, identity: str) -> str | None:
        folder = self.folder / "gist" / identity
        if not _PART.fullmatch(identity) or not folder.is_dir():
            return None
        root = f"https://gist.githubusercontent.com/raw/{identity}/"
        files = {
            file.name: {"filename": file.name, "raw_url": root + quote(file.name)}
            for file in sorted(folder.iterdir())
            if file.is_file()
        }
        return json.dumps({"files": files})

    def _named(self, *names: str) -> Path | None:
        """The folder of a repository; as on GitHub, capitals make no difference."""
        here = self.folder
        for wanted in names:
            if not here.is_dir():
                return None
            found = {entry.name.lower(): entry for entry in here.iterdir() if entry.is_dir()}
            if wanted.lower() not in found:
                return None
            here = found[wanted.lower()]
        return here

    def _file(self, root: Path, path: list[str]) -> str | None:
        file = root.joinpath(*path)
        try:
            real = file.resolve(strict=True)
            if (
                not real.is_relative_to(self.folder)
                or ".git" in real.relative_to(root.resolve()).parts
            ):
                return None
            if not real.is_file() or real.stat().st_size > LIMIT:
                return None
            return real.read_text("utf-8", "replace")
        except (OSError, ValueError, RuntimeError):
            return None


def _is_bare(repository: Path) -> bool:
    return (repository / "HEAD").is_file() and (repository / "objects").is_dir()


def _is_checkout(repository: Path) -> bool:
    return (repository / ".git").exists()


def _git_show(repository: Path, revision: str, path: str) -> str | None:
    # What a repository says must not run: no hooks or filters take part in `cat-file`.
    command = ["git", "-C", str(repository), "cat-file", "blob", f"{revision}:{path}"]
    try:
        done = subprocess.run(command, capture_output=True, timeout=GIT_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    if done.returncode != 0 or len(done.stdout) > LIMIT:
        return None
    return done.stdout.decode("utf-8", "replace")


def _made_manifest(repository: Path) -> str:
    """The index of a repository that has none: its plugin files by their names."""
    plugins = []
    for file in sorted(repository.rglob("*.imjoy.html")):
        try:
            manifest = parse_plugin(file.read_text("utf-8", "replace")).manifest
        except (ManifestError, OSError):
            continue
        uri = quote(file.relative_to(repository).as_posix())
        facts = {"name": manifest.name, "type": manifest.type, "uri": uri}
        plugins.append({**facts, "version": manifest.version, "description": manifest.description})
    return json.dumps({"name": repository.name, "plugins": plugins})
