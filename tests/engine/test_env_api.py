"""What a page does with the environments of its engine, through the engine's own peer."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from local_index import LocalIndex
from supervisor_harness import Page, with_page

from imjoy.engine.env_api import EnvApi
from imjoy.errors import ImJoyError

QUIET = "api.export({'run': lambda: None})"


class Caller:
    """Calls `env.*` as the page does."""

    def __init__(self, page: Page, pages: set[str]) -> None:
        self.page = page
        EnvApi(page.engine, page.supervisor, pages).export()  # type: ignore[arg-type]

    async def __call__(self, name: str, *args: Any) -> Any:
        return await self.page.peer.call(self.page.engine.address, f"env.{name}", *args)


def plugin(*requirements: str) -> dict[str, Any]:
    return {"name": "Demo", "config": {"requirements": list(requirements)}, "code": "", "tag": None}


def test_from_preview_to_going_back(index: LocalIndex, tmp_path: Path) -> None:
    index.add("tiny", "1.0", size=50_000)

    async def use(page: Page) -> None:
        env = Caller(page, {page.address})
        preview = await env("preview", plugin("tiny"))
        assert preview["download"] > 50_000 and not preview["ready"]
        assert preview["packages"][0]["asked"] == "tiny"
        started = await page.start(QUIET, requirements=["tiny"])
        key = started["environment"]["key"]
        assert key == preview["key"]
        listed = await env("list")
        assert [(each["key"], each["users"]) for each in listed] == [(key, ["Demo"])]
        assert listed[0]["running"]
        with pytest.raises(ImJoyError) as caught:
            await env("remove", key)
        assert caught.value.code == "env.in_use"
        assert (await env("verify", key))["whole"]
        assert "pylock.toml" in await env("export", key)
        index.add("tiny", "2.0")
        progress: list[dict[str, Any]] = []
        updated = await env("update", plugin("tiny"), progress.append)
        assert updated["key"] != key and progress
        assert (await env("list"))[0]["can_go_back"] == ["Demo"]
        assert (await env("rollback", "Demo"))["key"] == key
        assert (await env("show", "Demo"))["packages"][0]["version"] == "1.0"
        assert (await env("gc", 0, True, True))["environments"] == [updated["key"]]
        assert (await env("gc", 0, True, False))["freed"] > 0
        await page.supervisor.stop(page.address, "p")
        assert (await env("remove", key))["key"] == key
        assert await env("list") == []

    with_page(tmp_path, use)


def test_damage_is_told_in_the_log_of_the_plugin(index: LocalIndex, tmp_path: Path) -> None:
    index.add("tiny", "1.0")

    async def use(page: Page) -> None:
        started = await page.start(QUIET, requirements=["tiny"])
        await page.supervisor.stop(page.address, "p")
        assert not any("not as it was made" in line["text"] for line in page.log)
        folder = page.home / "envs" / started["environment"]["key"]
        next(folder.glob("lib/python*/site-packages")).joinpath("odd.pth").write_text("")
        await page.start(QUIET, requirements=["tiny"])
        while not (told := [line for line in page.log if "not as it was made" in line["text"]]):
            await asyncio.sleep(0.02)
        assert told[0]["level"] == "warning" and "odd.pth was added" in told[0]["text"]
        assert "env verify" in told[0]["text"]
        await page.supervisor.stop(page.address, "p")

    with_page(tmp_path, use)


def test_one_made_by_hand_is_given_to_a_plugin(index: LocalIndex, tmp_path: Path) -> None:
    index.add("tiny", "1.0")
    index.add("tiny", "2.0")

    async def use(page: Page) -> None:
        env = Caller(page, {page.address})
        wish = {**plugin("tiny==1.0"), "name": "older"}
        assert not (await env("preview", wish))["ready"]
        made = await env("create", wish)
        assert made["state"] == "built"
        [listed] = await env("list")
        assert listed["users"] == ["older"] and not listed["running"]
        assert await env("use", made["key"], plugin("tiny")) == {"user": "Demo", "key": made["key"]}
        started = await page.start(QUIET, requirements=["tiny"])
        assert started["environment"]["key"] == made["key"]
        with pytest.raises(ImJoyError) as caught:
            await env("use", made["key"], plugin("other"))
        assert caught.value.code == "env.unhealthy"
        await page.supervisor.stop(page.address, "p")

    with_page(tmp_path, use)


def test_commands_are_named_to_be_agreed_to(tmp_path: Path) -> None:
    async def use(page: Page) -> None:
        with pytest.raises(ImJoyError) as caught:
            await page.start(QUIET, requirements=["cmd: touch made"])
        assert caught.value.code == "env.consent"
        assert caught.value.data is not None
        assert caught.value.data["commands"] == ["touch made"]
        await page.start(QUIET, requirements=["cmd: touch made"], agreed=["touch made"])

    with_page(tmp_path, use)


def test_only_pages_may_and_bad_input_is_refused(tmp_path: Path) -> None:
    async def use(page: Page) -> None:
        env = Caller(page, {page.address})
        for name, args in (
            ("preview", ["no plugin"]),
            ("preview", [{"config": {}}]),
            ("gc", ["many"]),
            ("show", ["../.."]),
            ("remove", ["."]),
            ("export", [""]),
        ):
            with pytest.raises(ImJoyError):
                await env(name, *args)
        stranger = Caller(page, set())
        for name in ("list", "remove", "update", "gc"):
            with pytest.raises(ImJoyError) as caught:
                await stranger(name, "x")
            assert caught.value.code == "auth.forbidden"

    with_page(tmp_path, use)


def test_a_repair_tells_how_far_it_is(index: LocalIndex, tmp_path: Path) -> None:
    index.add("tiny", "1.0")

    async def use(page: Page) -> None:
        env = Caller(page, {page.address})
        made = await page.supervisor.store.ensure(page.supervisor.store.parse(None, "tiny"))
        next(made.python.parents[1].glob("lib/*/site-packages/tiny.py")).unlink()
        progress: list[dict[str, Any]] = []
        report = await env("repair", made.key, progress.append)
        assert "tiny" in report["missing"]
        await asyncio.sleep(0)
        assert any("packages" in each["unit"] or each["message"] for each in progress)
        assert (await env("verify", made.key))["whole"]

    with_page(tmp_path, use)
