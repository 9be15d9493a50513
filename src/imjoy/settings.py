"""Holds every choice of the user as one frozen value."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

DEFAULT_PORT = 8080
DEFAULT_HOME = Path("~/ImJoyApp")
LOOPBACK_HOSTS = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True)
class Settings:
    """The engine's settings; made once by the command line and passed down.

    `home` holds the token, the sessions and the plugins' environments; `workspaces` is the folder
    that plugins work in (`home/workspaces` when not given). `app_dir` names the folder of a built
    web app and switches the search for one off. `grace_seconds`: how long plugins work on for a page
    that is away, `idle_seconds`: how long they stay for it when they have no work. `limits`: what a
    worker may use at most, by name (engine/limits.py).
    `embed_in`: origins whose pages may show the workbench inside themselves and use it.
    `dev_file`: a plugin that is being written; pages open it and reload it on every change.
    `plugin_mirror`: a folder of plugin repositories that is asked before the network.
    `files`: the folders that pages may see; None: the workspaces and the user's own folder.
    """

    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    home: Path = DEFAULT_HOME
    serve: bool = False
    token: str | None = field(default=None, repr=False)
    token_file: Path | None = None
    workspaces: Path | None = None
    base_url: str | None = None
    debug: bool = False
    open_browser: bool = False
    exit_seconds: float = 3.0
    grace_seconds: float = 3 * 3600.0
    idle_seconds: float = 15 * 60.0
    app_dir: Path | None = None
    limits: tuple[tuple[str, str], ...] = ()
    dev_file: Path | None = None
    files: tuple[Path, ...] | None = None
    embed_in: tuple[str, ...] = ()
    plugin_mirror: Path | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "home", Path(self.home).expanduser().absolute())
        if self.host == "localhost":
            object.__setattr__(self, "host", "127.0.0.1")
        if self.workspaces is None:
            object.__setattr__(self, "workspaces", self.home / "workspaces")

    @property
    def workspace_dir(self) -> Path:
        """The folder that plugins work in."""
        return Path(self.workspaces or self.home / "workspaces").expanduser().absolute()

    @property
    def open_folders(self) -> list[tuple[str, Path]]:
        """The folders that pages may see, with the names that they are shown by."""
        if self.files is not None:
            return [(folder.name or str(folder), folder) for folder in self.files]
        return [("Workspaces", self.workspace_dir), ("Home", Path.home())]

    @property
    def vendor_dir(self) -> Path:
        """The folder of the library mirror."""
        return self.home / "vendor"

    @property
    def is_loopback(self) -> bool:
        """Whether only programs on this machine can reach the engine."""
        return self.host in LOOPBACK_HOSTS
