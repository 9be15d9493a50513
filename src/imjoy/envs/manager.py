"""What a person can do with environments: see, check, mend, remove, go back, export."""

from __future__ import annotations

import asyncio
import logging
import re
import shutil
from pathlib import Path
from typing import Any

from imjoy.envs.choices import Choice
from imjoy.envs.collect import collect, remove, running_environments
from imjoy.envs.exported import lock_files
from imjoy.envs.failures import INSTALL, env_error, os_failure
from imjoy.envs.health import check_health
from imjoy.envs.lock import EnvLock, lock_from_facts
from imjoy.envs.preview import preview_of
from imjoy.envs.progress import OnProgress, Reporter
from imjoy.envs.sizes import Size, sizes_of
from imjoy.envs.spec import EnvSpec
from imjoy.envs.store import EnvStore
from imjoy.envs.verify import Report, verify

logger = logging.getLogger(__name__)

STEP = "Looking for the environment"


class EnvManager:
    """Works on the environments of one store. Names are those of `list_all`, or of plugins."""

    def __init__(self, store: EnvStore) -> None:
        self.store = store

    async def list_all(self) -> list[dict[str, Any]]:
        """Each environment: key, python, number of packages, sizes, who uses it or did before."""
        found = await asyncio.to_thread(self.store.envs.all)
        sizes = await self._sizes([str(facts["key"]) for facts in found])
        running = await asyncio.to_thread(running_environments, self.store.envs.path)
        choices = self.store.choices.all()
        return [self._short(facts, sizes, running, choices) for facts in found]

    async def show(self, name: str) -> dict[str, Any]:
        """One environment with all its packages. Raises EnvError (`env.not_found`)."""
        key = self.find(name)
        listed = next((each for each in await self.list_all() if each["key"] == key), None)
        if listed is None:
            cause = f"The environment {key} is damaged: what is noted in it cannot be read."
            raise env_error("env.not_found", STEP, cause, "It is made anew when it is needed.")
        facts = self.store.envs.facts(key)
        commands = [each["text"] for each in facts.get("lock", {}).get("commands", [])]
        return {
            **listed,
            "packages": [_package(each) for each in facts.get("packages", [])],
            "path": str(self.store.envs.path / key),
            "variables": facts.get("variables", {}),
            "commands": commands,
        }

    async def preview(
        self,
        spec: EnvSpec,
        *,
        user: str | None = None,
        work: Path | None = None,
        update: bool = False,
    ) -> dict[str, Any]:
        """What `EnvStore.ensure` will do: the plan, and each package with size and whether stored.

        `update`: what `EnvStore.update` will do.
        Chooses the packages, so it may use the network; what it chose is what is installed later.
        Raises EnvError.
        """
        plan = self.store.plan(spec, user, work)
        lock = await self.store.choose(spec, user=user, work=work, anew=update)
        tools = self.store.tools()
        ready = self.store.envs.is_ready(lock.key)
        return {**plan, **await asyncio.to_thread(preview_of, spec, lock, tools, ready)}

    async def verify(self, name: str) -> Report:
        """Compare the files of an environment with their checksums. Raises EnvError."""
        folder = self.store.envs.path / self.find(name)
        return await asyncio.to_thread(verify, folder)

    async def repair(self, name: str, on_progress: OnProgress | None = None) -> Report:
        """Make a damaged environment anew; gives what was damaged. Raises EnvError."""
        key = self.find(name)
        report = await self.verify(key)
        if report.is_whole:
            return report
        lock = self._lock_of(key)
        if key in await asyncio.to_thread(running_environments, self.store.envs.path):
            raise env_error(
                "env.in_use",
                "Mending the environment",
                f"A program runs in the environment {key}.",
                "Stop the plugin that uses it, then mend it.",
            )
        reporter = Reporter(on_progress)
        try:
            await self._drop_stored(report.damaged)
            await self.store.rebuild(lock, reporter)
        except OSError as exc:
            raise os_failure(INSTALL, exc) from exc
        finally:
            reporter.close()
        return report

    async def rollback(self, user: str, on_progress: OnProgress | None = None) -> dict[str, Any]:
        """Let a plugin use the environment before; made again when it was removed. Raises EnvError."""
        choice = self.store.choices.go_back(user)
        if choice is None:
            raise env_error(
                "env.not_found",
                "Going back",
                f'There is no earlier environment of "{user}".',
                'See "imjoy env list"; an earlier one is there after an update.',
            )
        state = "reused"
        if not self.store.envs.is_ready(choice.keys[0]):
            reporter = Reporter(on_progress)
            try:
                state = await self.store.install(choice.lock, reporter)
            except OSError as exc:
                raise os_failure(INSTALL, exc) from exc
            finally:
                reporter.close()
        return {"user": user, "key": choice.keys[0], "before": choice.keys[1], "state": state}

    async def use(self, name: str, spec: EnvSpec, user: str, work: Path) -> dict[str, Any]:
        """Let a plugin use this environment from now on, if its packages are there. Raises EnvError."""
        key = self.find(name)
        await self.store.adopt(spec, key, self._lock_of(key), user=user, work=work)
        return {"user": user, "key": key}

    async def use_for_known(self, name: str, user: str) -> dict[str, Any]:
        """The same for a plugin of which only the name is at hand; its Python is tried, no more.

        Raises EnvError.
        """
        key, choice = self.find(name), self.store.choices.of(user)
        if choice is None:
            cause = f'The plugin "{user}" has not been started with this engine yet.'
            raise env_error("env.not_found", STEP, cause, "Start it once, then choose for it.")
        await check_health(self.store.envs.path / key, EnvSpec(), self.store.envs.path)
        self.store.choices.use(user, choice.digest, self._lock_of(key))
        return {"user": user, "key": key, "before": choice.keys[0]}

    async def remove(self, name: str) -> dict[str, Any]:
        """Remove an environment; gives its key and the bytes freed. Raises EnvError."""
        key = self.find(name)
        return {"key": key, "freed": await asyncio.to_thread(remove, self.store, key)}

    async def gc(
        self, days: float, previous: bool = False, dry_run: bool = False
    ) -> dict[str, Any]:
        """Remove what nothing uses; gives what and how many bytes. Raises EnvError."""
        try:
            result = await asyncio.to_thread(collect, self.store, days, previous, dry_run)
        except OSError as exc:
            raise os_failure("Removing environments", exc) from exc
        return result.facts()

    def export(self, name: str) -> dict[str, str]:
        """The lock files of an environment: name -> text. Raises EnvError."""
        return lock_files(self.store.envs.facts(self.find(name)))

    def find(self, name: str) -> str:
        """The key for a key, its beginning, or the name of a plugin. Raises EnvError."""
        choice = self.store.choices.of(name)
        if choice is not None:
            return choice.keys[0]
        folders = [path.name for path in self.store.envs.path.glob("*") if path.is_dir()]
        found = [key for key in folders if key.startswith(name)] if name.isalnum() else []
        if len(found) == 1:
            return found[0]
        cause = f'There is no environment "{name}".'
        if found:
            cause = f'Several environments begin with "{name}".'
        raise env_error("env.not_found", STEP, cause, 'See "imjoy env list" for their names.')

    async def _sizes(self, keys: list[str]) -> dict[str, Size]:
        folders = {key: self.store.envs.path / key for key in keys}
        return await asyncio.to_thread(sizes_of, folders)

    def _short(
        self,
        facts: dict[str, Any],
        sizes: dict[str, Size],
        running: set[str],
        choices: list[Choice],
    ) -> dict[str, Any]:
        key = str(facts["key"])
        return {
            "key": key,
            "python": facts.get("python", ""),
            "count": len(facts.get("packages", [])),
            "created": facts.get("created", 0),
            "size": sizes[key].total,
            "own": sizes[key].own,
            "share": sizes[key].share,
            "running": key in running,
            "users": [each.user for each in choices if each.keys[0] == key],
            "before": [each.user for each in choices if key in each.keys[1:]],
            "can_go_back": [
                each.user for each in choices if each.keys[0] == key and len(each.keys) > 1
            ],
        }

    def _lock_of(self, key: str) -> EnvLock:
        places = [self.store.envs.facts(key).get("lock")]
        for choice in self.store.choices.all():
            places += [
                lock for one, lock in zip(choice.keys, choice.locks, strict=True) if one == key
            ]
        for facts in places:
            try:
                if facts:
                    return lock_from_facts(facts)
            except (KeyError, TypeError, ValueError):
                continue
        raise env_error(
            "env.not_found",
            "Mending the environment",
            f"The lock of the environment {key} is lost.",
            "Remove it; it is made anew when its plugin starts.",
        )

    async def _drop_stored(self, packages: list[str]) -> None:
        """Forget the stored files of damaged packages: they are the same files on the disk."""
        tools = self.store.tools()
        names = [name for name in packages if re.fullmatch(r"[A-Za-z0-9._-]+", name)]
        await tools.forget(names)
        for name in names:
            for folder in tools.conda.packages.glob(f"{name}-*"):
                await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


def _package(entry: list[str]) -> dict[str, str]:
    name, version, source = (*entry, "pip")[:3]
    return {"name": name, "version": version, "source": source}
